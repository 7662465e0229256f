//! A question as it is asked: texts, not yet read.

use serde::{Deserialize, Serialize};

use crate::error::AskError;
use crate::limits::{COLUMNS, DEFAULT_ROWS, ROWS, SAMPLE};

/// A question to the log. Without `group` it lists records, with it it counts them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Question {
    /// Which records; all without.
    #[serde(rename = "where", skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// What to show of each record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub select: Vec<String>,
    /// What to count by; a record counts for each element of a set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<String>,
    /// In which order; `-` before a value turns it round. Groups know also `count`, `first` and `last`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// How many rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Only a random sample, which anybody can draw again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// Whether the log itself is read, not its index, and the records of the answer are proved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub proof: bool,
}

/// A random sample: the records with the smallest SHA-256 of seed and number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// How many.
    pub size: usize,
    /// What makes it another sample.
    pub seed: String,
}

/// What a list shows when the question does not say.
const SHOWN: [&str; 9] =
    ["seq", "time", "decision", "reason", "subject", "actor", "action", "resource", "rules"];

impl Question {
    /// Records under this condition.
    #[must_use]
    pub fn of(condition: impl Into<String>) -> Self {
        Self { condition: condition.into(), ..Self::default() }
    }

    /// What each row shows.
    pub(crate) fn shown(&self) -> Vec<String> {
        if self.select.is_empty() { SHOWN.map(str::to_owned).to_vec() } else { self.select.clone() }
    }

    /// How many rows a page has; refuses what cannot be asked together.
    pub(crate) fn rows(&self) -> Result<usize, AskError> {
        let invalid = |message: String| Err(AskError::Invalid(message));
        if !self.group.is_empty() && !self.select.is_empty() {
            return invalid("a question with `group` shows what it groups by: leave `select` out".to_owned());
        }
        if [self.select.len(), self.group.len(), self.order.len()].into_iter().any(|count| count > COLUMNS) {
            return invalid(format!("a question has at most {COLUMNS} columns"));
        }
        if let Some(sample) = &self.sample {
            if !self.group.is_empty() || !self.order.is_empty() {
                return invalid("a sample is neither grouped nor ordered".to_owned());
            }
            if !(1..=SAMPLE).contains(&sample.size) {
                return invalid(format!("a sample has between 1 and {SAMPLE} records, not {}", sample.size));
            }
        }
        let limit =
            self.limit.unwrap_or_else(|| self.sample.as_ref().map_or(DEFAULT_ROWS, |it| it.size.min(ROWS)));
        if !(1..=ROWS).contains(&limit) {
            return invalid(format!("`limit` is between 1 and {ROWS}, not {limit}"));
        }
        Ok(limit)
    }
}
