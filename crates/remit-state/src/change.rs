//! What happened, as it travels in a record of the ledger.

use std::collections::{BTreeMap, BTreeSet};

use remit_model::{Grant, Name, Outcome, Signal, Step, Timestamp, Transaction};
use serde::{Deserialize, Serialize};

/// One change of the state. Applying it twice changes nothing the second time, and changes that did not see each
/// other may be applied in either order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum Change {
    /// A transaction as it was at its opening.
    Opened(Box<Transaction>),
    /// A permitted step.
    Stepped {
        /// The transaction it was asked for in, then its parent, and so on to the root.
        bookings: Vec<Booking>,
        /// The step.
        step: Box<Step>,
        /// Labels that it puts on the whole family.
        #[serde(default)]
        labels: BTreeSet<Name>,
        /// Labels that it takes from the whole family: of each the marks that it has seen, by the numbers that their
        /// steps have in the root. Marks of other steps stay, and so do labels that no step put there.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        unlabels: BTreeMap<Name, BTreeSet<u64>>,
    },
    /// What a step returned; its ancestors learn it too.
    Reported {
        /// The transaction that the step was asked for in.
        transaction: String,
        /// The values.
        outcome: Box<Outcome>,
    },
    /// Labels on a transaction and its whole family that no step takes away.
    Labelled {
        /// The transaction.
        transaction: String,
        /// The labels.
        labels: BTreeSet<Name>,
    },
    /// The transaction and its children are stopped.
    Revoked {
        /// The transaction.
        transaction: String,
    },
    /// The transaction and its children are finished.
    Closed {
        /// The transaction.
        transaction: String,
    },
    /// A person has agreed to something.
    Granted(Box<Grant>),
    /// A person has taken a consent back.
    Withdrawn {
        /// The consent.
        consent: String,
        /// From then on it does not count.
        at: Timestamp,
    },
    /// Something was seen of a party.
    Observed(Box<Signal>),
    /// An agent was allowed a step.
    Used(Box<Signal>),
}

impl Change {
    /// The transaction that changes; a consent and a signal are of none.
    #[must_use]
    pub fn transaction(&self) -> Option<&str> {
        match self {
            Self::Opened(transaction) => Some(&transaction.id),
            Self::Stepped { bookings, .. } => bookings.first().map(|booking| booking.transaction.as_str()),
            Self::Reported { transaction, .. }
            | Self::Labelled { transaction, .. }
            | Self::Revoked { transaction }
            | Self::Closed { transaction } => Some(transaction),
            Self::Granted(_) | Self::Withdrawn { .. } | Self::Observed(_) | Self::Used(_) => None,
        }
    }

    /// JSON, as it travels.
    ///
    /// # Errors
    /// None in practice: every member has a JSON form.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads what [`Change::to_json`] wrote.
    ///
    /// # Errors
    /// The text is not a change.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// Where a step stands in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The transaction.
    pub transaction: String,
    /// The step's number in it.
    pub number: u64,
}

/// What applying a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applied {
    /// It is about a transaction that is not held: long expired, or its opening was pruned.
    Stranger,
    /// It was known already.
    Known,
    /// The state is another one now.
    Changed,
}
