//! `Role`: what people may do on the admin listener. One table says which role opens which address; what is not in it, nobody
//! may. Who has which role is the configuration's to say.

use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::route::Route;

/// What somebody is here for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Proposes policies and graphs.
    Author,
    /// Reads what others propose, and publishes it or turns it down.
    Approver,
    /// Keeps the service running and follows incidents.
    Operator,
    /// Reads everything that was decided and recorded, and changes nothing.
    Auditor,
}

impl Role {
    /// All, in the order of the table in the README.
    pub const ALL: [Self; 4] = [Self::Author, Self::Approver, Self::Operator, Self::Auditor];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Approver => "approver",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }
}

/// How an address is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Verb {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

use Role::{Approver, Auditor, Author, Operator};
use Verb::{Get, Post};

/// Who may do what. Probes, numbers and the description of the API are open on that listener as well.
pub(crate) const TABLE: [(Verb, Route, &[Role]); 26] = [
    (Get, Route::AdminStatus, &[Author, Approver, Operator, Auditor]),
    (Post, Route::AdminReload, &[Operator]),
    (Get, Route::Proposals, &[Author, Approver, Operator, Auditor]),
    (Post, Route::Proposals, &[Author]),
    (Get, Route::Proposal, &[Author, Approver, Auditor]),
    (Post, Route::ProposalApprove, &[Approver]),
    (Post, Route::ProposalWithdraw, &[Author, Approver]),
    (Get, Route::Incidents, &[Operator, Auditor]),
    (Post, Route::Incidents, &[Operator]),
    (Get, Route::Incident, &[Operator, Auditor]),
    (Post, Route::IncidentEvents, &[Operator]),
    (Get, Route::Reviews, &[Approver, Auditor]),
    (Post, Route::Reviews, &[Approver]),
    (Get, Route::Decisions, &[Auditor]),
    (Get, Route::Queries, &[Auditor]),
    (Get, Route::NamedQuery, &[Auditor]),
    (Post, Route::NamedQuery, &[Auditor]),
    (Get, Route::Query, &[Auditor]),
    (Post, Route::Query, &[Auditor]),
    (Get, Route::Tail, &[Auditor]),
    (Get, Route::Consents, &[Auditor]),
    (Get, Route::LogCheckpoint, &[Operator, Auditor]),
    (Get, Route::LogVkeys, &[Operator, Auditor]),
    (Get, Route::LogTile, &[Auditor]),
    (Get, Route::LogProof, &[Auditor]),
    (Get, Route::LogConsistency, &[Auditor]),
];

/// Whether one of these roles opens the address to this method.
pub(crate) fn may(roles: &[Role], route: Route, method: &Method) -> bool {
    let verb = match *method {
        Method::GET | Method::HEAD => Get,
        Method::POST => Post,
        _ => return false,
    };
    let rows = TABLE.iter().filter(|(used, of, _)| (*used, *of) == (verb, route));
    rows.flat_map(|(_, _, open_to)| *open_to).any(|role| roles.contains(role))
}
