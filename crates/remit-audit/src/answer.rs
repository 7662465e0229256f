//! What a question is answered with: rows, and how far they can be relied on.

use serde::Serialize;
use serde_json::Value;

/// Rows with their titles, and the stretch of the log they were taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// First and last record that was looked at. Each carries the hash of the one before it, up to the head: none is
    /// missing between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(u64, u64)>,
    /// How far the log reached.
    pub head: Head,
}

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// How many records it holds.
    pub size: u64,
    /// The leaf hash of the last one, in hex.
    pub hash: String,
}
