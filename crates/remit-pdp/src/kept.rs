//! What is kept beside the record of a decision, so that the question can be decided again.

use std::borrow::Cow;
use std::sync::Arc;

use remit_ledger::Aside;
use remit_model::Transaction;
use remit_model::transaction::Status;
use remit_state::Change;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::acting::Acting;
use crate::denial::Denial;
use crate::fault::Fault;
use crate::sources::Told;
use crate::standing::Witness;

/// The question and what surrounded it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept<'a> {
    /// An access evaluation request without tokens.
    pub question: Cow<'a, RawValue>,
    /// Who acted, for what, in which transaction, by what was said and proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<Cow<'a, Acting>>,
    /// Why it was denied before any policy was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<Cow<'a, Denied>>,
    /// What the transaction and its ancestors held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lineage: Vec<Seen>,
    /// What consents and signals it saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standing: Vec<Witness>,
    /// What services outside said.
    #[serde(default, skip_serializing_if = "slice_is_empty")]
    pub outside: Cow<'a, [Told]>,
    /// What the allowed step changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Cow<'a, Change>>,
}

fn slice_is_empty(of: &[Told]) -> bool {
    of.is_empty()
}

/// As much of it as deciding again needs, borrowed.
#[derive(Debug, Deserialize)]
pub(crate) struct Question<'a> {
    #[serde(borrow)]
    pub question: &'a RawValue,
    #[serde(default)]
    pub acting: Option<Acting>,
    #[serde(default)]
    pub denied: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    pub lineage: Vec<Seen>,
    #[serde(default)]
    pub standing: Vec<Witness>,
    #[serde(default)]
    pub outside: Vec<Told>,
    #[serde(borrow, default)]
    pub change: Option<&'a RawValue>,
}

/// A denial that rests on tokens or on a race, neither of which is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    reason: String,
    field: String,
    detail: String,
}

impl From<&Denial> for Denied {
    fn from(denial: &Denial) -> Self {
        Self {
            reason: denial.reason.code().to_owned(),
            field: denial.field.clone(),
            detail: denial.detail.clone(),
        }
    }
}

/// As much of a transaction as tells whether it is the same one again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The transaction.
    pub id: String,
    /// How many steps it had.
    pub steps: usize,
    /// How many outcomes.
    pub outcomes: usize,
    /// How many labels.
    pub labels: usize,
    /// Whether it was open.
    pub status: Status,
}

impl Seen {
    /// Of this transaction.
    #[must_use]
    pub fn of(transaction: &Arc<Transaction>) -> Self {
        Self {
            id: transaction.id.clone(),
            steps: transaction.steps.len(),
            outcomes: transaction.outcomes.len(),
            labels: transaction.labels.len(),
            status: transaction.status,
        }
    }
}

/// This content, salted.
///
/// # Errors
/// [`Fault::Internal`]: it has no JSON form.
pub fn aside(content: &impl Serialize) -> Result<Aside, Fault> {
    // 122 random bits: a salt only has to make guessing useless.
    let salt = uuid::Uuid::new_v4().into_bytes();
    Aside::new(content, salt).map_err(|error| Fault::Internal { message: error.to_string() })
}

/// A question as raw JSON.
///
/// # Errors
/// [`Fault::Internal`]: the text is no JSON.
pub fn raw(question: String) -> Result<Box<RawValue>, Fault> {
    RawValue::from_string(question).map_err(|error| Fault::Internal { message: error.to_string() })
}
