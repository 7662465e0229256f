//! The records that are not decisions. Declared in the order of their JSON names.

use super::decision::{Entity, Revision};
use crate::{LeafHash, Timestamp};
use serde::{Deserialize, Serialize};

/// A policy set or a graph went live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The packages with their approvals, of a policy set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<String>,
    /// Who approved it, where somebody had to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// Who published it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What is different from the policies before: rules by name, limits with their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
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

/// A key began or ceased to sign the heads of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChanged {
    /// How it signs: `ed25519`.
    pub algorithm: String,
    /// Its name, which is the origin of the log.
    pub name: String,
    /// When.
    pub time: Timestamp,
    /// The public key, as auditors pin it.
    pub vkey: String,
    /// `created`, `added` or `retired`.
    pub what: String,
}

/// The wall clock went another way than time did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStepped {
    /// How far it jumped, in milliseconds; below zero is back.
    pub by_ms: i64,
    /// What it shows now.
    pub time: Timestamp,
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

/// Something happened to an incident; the record holds the whole form as it stands afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// On whose behalf, under a pseudonym when it is a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affected: Option<Entity>,
    /// The agent that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Entity>,
    /// The decision in which it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_id: Option<String>,
    /// The rules that denied, with their versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied_by: Vec<String>,
    /// What happened.
    pub description: String,
    /// Whether an authority is to be told, and was.
    pub disclosure: Disclosure,
    /// What this record is about.
    pub event: IncidentEvent,
    /// What went wrong, in the words of the form.
    pub failure_mode: String,
    /// The form whose fields these are.
    pub form: String,
    /// `informational`, `low`, `medium`, `high` or `critical`.
    pub grade: String,
    /// The incident.
    pub id: String,
    /// What it did, as JSON.
    pub impact: String,
    /// The model, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What is said about it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it happened.
    pub occurred: Timestamp,
    /// Who wrote this record.
    pub pep: String,
    /// The policies at that time.
    pub policy: Revision,
    /// The reason code of the denial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which one of its kind within the days that count.
    pub recurrence: u32,
    /// Who found it.
    pub reporter: String,
    /// What was done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// Why it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<String>,
    /// `low`, `moderate` or `high`, as on the form.
    pub severity: String,
    /// `internal`, `external` or `both`.
    pub stakeholders: String,
    /// When it was found, or this was said of it.
    pub time: Timestamp,
    /// The transaction it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// What the system was used for.
    pub use_case: String,
    /// The vendor, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
}

/// What a record says of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentEvent {
    /// A decision was one.
    Detected,
    /// Somebody reported it.
    Reported,
    /// More is known.
    Noted,
    /// An authority was told.
    Disclosed,
    /// It is over.
    Resolved,
}

/// Whether an authority is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// No.
    None,
    /// Yes, and it was not yet.
    Due,
    /// It was.
    Made,
}

impl Disclosure {
    /// Reads the spelling of records.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "due" => Some(Self::Due),
            "made" => Some(Self::Made),
            _ => None,
        }
    }
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

/// Old records are dropped. Their hashes stay, so that every proof about them stays valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// Who had it done, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The first record that is left.
    pub first: u64,
    /// The graph that was live where the records that are left begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Revision>,
    /// The leaf hash of the last record that is dropped.
    pub leaf: LeafHash,
    /// The policies that were live where the records that are left begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Revision>,
    /// How many records are dropped.
    pub records: u64,
    /// The root of the tree over everything before the records that are left.
    pub root: LeafHash,
    /// When.
    pub time: Timestamp,
    /// The latest time that a dropped record carries.
    pub until: Timestamp,
    /// Why: an age, a duty. Names nobody.
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

/// A consent was given or withdrawn. The change itself stands beside the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentChanged {
    /// SHA-256 of what stands beside the record: the change, from which the state is rebuilt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// What kind of data or step it is about.
    pub category: String,
    /// The consent.
    pub consent: String,
    /// `grant` or `withdraw`.
    pub event: String,
    /// From when on it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Who asked for it.
    pub pep: String,
    /// What it may be used for.
    pub purpose: String,
    /// Who may do so; anybody when it names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Entity>,
    /// `X-Request-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// With what; anything when it names nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Entity>,
    /// Whose consent it is, under a pseudonym.
    pub subject: Entity,
    /// From when on the change counts.
    pub time: Timestamp,
}

/// Something was seen of a party. What exactly stands beside the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalSeen {
    /// SHA-256 of what stands beside the record: the signal, from which the state is rebuilt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// Up to then everything that the party had begun is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Who signed it, when it came in a security event token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Who sent it.
    pub pep: String,
    /// `X-Request-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Its kind: `login_failed`, `session_revoked` …
    pub signal: String,
    /// Whom it is about, under a pseudonym when it is a person.
    pub subject: Entity,
    /// When it came in.
    pub time: Timestamp,
}

/// A named person certified rights: which are to stay, to go, to be looked into. What was certified stands beside the
/// record, row by row, because rows name persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// SHA-256 of what stands beside the record: the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// When the next review of the same scope is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The graph that was live.
    pub graph: Revision,
    /// The end of the log that the reviewed answer was computed at.
    pub head: ReviewedAt,
    /// How many rows are to stay.
    pub kept: u32,
    /// Who recorded it.
    pub pep: String,
    /// The policies that were live.
    pub policy: Revision,
    /// How many rows are in question.
    pub questioned: u32,
    /// `X-Request-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Who certified.
    pub reviewer: String,
    /// How many rows are to go.
    pub revoked: u32,
    /// What was reviewed, in words that the next review repeats.
    pub scope: String,
    /// When.
    pub time: Timestamp,
    /// What the reviewer adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The end of a log as an answer states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedAt {
    /// The leaf hash of the last record, in hex.
    pub hash: String,
    /// How many records there were.
    pub size: u64,
}
