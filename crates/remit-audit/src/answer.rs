//! What a question is answered with: rows, and how far they can be relied on.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows with their titles, and the stretch of the log they were taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Answer {
    /// Titles, in order.
    pub columns: Vec<String>,
    /// A value for each title.
    pub rows: Vec<Vec<Value>>,
    /// The `after` of the next page; none when this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many records the condition selects, where all were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<u64>,
    /// What the rows rest on.
    pub evidence: Evidence,
    /// The records themselves with their proofs, when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// First and last record that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(u64, u64)>,
    /// How it is known that no record is missing between them; an answer that cannot say so is not given.
    pub no_gap: NoGap,
    /// The first record that the log still has, when older ones were dropped: no answer speaks of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pruned_below: Option<u64>,
    /// How far the log reached.
    pub head: Head,
}

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many records it holds.
    pub size: u64,
    /// The leaf hash of the last one, in hex.
    pub hash: String,
}

/// The records of a range, by how each was found to follow the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoGap {
    /// Read from the log: each carries its number and the hash of the one before it, and both were checked.
    pub read: u64,
    /// Taken from the index, in chunks of 1,024: each chunk begins with the hash that the one before it ends with.
    pub indexed: u64,
}

/// What proves an answer to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The records of the rows, in the order of the log; of groups none.
    pub records: Vec<Proved>,
    /// How many rows have no record here because there are too many.
    pub left_out: u64,
    /// The first and the last record of the range.
    pub ends: Vec<Proved>,
}

/// A record as it stands in the log, with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// Its place.
    pub seq: u64,
    /// Its leaf hash, in hex.
    pub leaf_hash: String,
    /// Its canonical JSON, exactly as hashed.
    pub record: String,
    /// That it is in the log, as a C2SP tlog-proof under the last signed head; none while no head has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

impl From<remit_ledger::Proved> for Proved {
    fn from(it: remit_ledger::Proved) -> Self {
        Self {
            seq: it.seq,
            leaf_hash: it.leaf_hash.to_string(),
            record: it.record,
            proof: it.inclusion.map(|it| it.text()),
        }
    }
}
