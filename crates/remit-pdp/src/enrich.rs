//! Drafts to queries: names are looked up in one published state.

use remit_engine::{Asked, Bound, Party, Query};
use remit_model::Timestamp;

use crate::intake::{Draft, Side};

/// Resolves every name of a draft.
#[must_use]
pub fn resolve<'a>(draft: &'a Draft<'a>, bound: &Bound, now: Timestamp, pep: &'a str) -> Query<'a> {
    Query {
        subject: party(&draft.subject, bound),
        actor: None,
        action: Asked::resolve(bound, draft.action.0),
        resource: party(&draft.resource, bound),
        action_properties: &draft.action.1,
        context: &draft.context,
        message: &draft.message,
        now,
        pep,
        unsupported: draft.unsupported,
        agency: None,
    }
}

/// Resolves a subject or resource.
#[must_use]
pub fn party<'a>(side: &'a Side<'a>, bound: &Bound) -> Party<'a> {
    Party::resolve(bound, side.kind, side.id).asserting(&side.asserted)
}
