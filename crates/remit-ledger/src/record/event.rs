//! The records that are not decisions. Declared in the order of their JSON names.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A policy set or a graph went live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Who published it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// SHA-256 of the whole, in hex.
    pub digest: String,
    /// How large: rules of a policy set, nodes and relations of a graph.
    pub items: u64,
    /// The number by which decisions name it.
    pub revision: u64,
    /// Where it came from: a folder, a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When.
    pub time: Timestamp,
}

/// The service began to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// SHA-256 of the settings in force, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_digest: Option<String>,
    /// When.
    pub time: Timestamp,
    /// Version of the program.
    pub version: String,
}

/// The service stopped answering in good order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Why.
    pub cause: String,
    /// When.
    pub time: Timestamp,
}

/// Opening the log cut a torn tail that no answer rested on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    /// How many bytes were cut.
    pub bytes_cut: u64,
    /// The segment.
    pub file: String,
    /// Where the cut was made.
    pub offset: u64,
    /// When.
    pub time: Timestamp,
}

/// A setting changed while running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigChanged {
    /// Who changed it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// SHA-256 of the settings afterwards, in hex.
    pub digest: String,
    /// When.
    pub time: Timestamp,
    /// What changed, in words without secrets.
    pub what: String,
}

/// A question could not be decided; never counted as a denial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultNoted {
    /// The authenticated caller, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pep: Option<String>,
    /// `X-Request-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The tenant, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// When.
    pub time: Timestamp,
    /// What failed.
    pub what: String,
}

/// What stood beside records was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Who had it done, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Beside how many records; the ledger counts them.
    pub records: u64,
    /// When.
    pub time: Timestamp,
    /// Why: a request, a deadline. Names nobody.
    pub why: String,
}

/// A transaction changed outside a decision. The change itself stands beside the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionChanged {
    /// SHA-256 of what stands beside the record: the change, from which the state is rebuilt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// What was done: `open`, `narrow`, `report`, `revoke`, `close`.
    pub event: String,
    /// Who asked for it.
    pub pep: String,
    /// `X-Request-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When it happened.
    pub time: Timestamp,
    /// The transaction.
    pub transaction: String,
}
