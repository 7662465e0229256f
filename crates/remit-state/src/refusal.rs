//! Why a change of the state is refused.

use std::sync::Arc;

use remit_model::transaction::Misfit;
use remit_model::{Reason, Transaction, Widening};

/// Why a step was not reserved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotReserved {
    /// The transaction has changed since it was read: decide again on what it is now.
    #[error("the transaction has changed to version {}", .0.version)]
    Conflict(Arc<Transaction>),
    /// The step does not fit, here or in a transaction that this one was narrowed from.
    #[error(transparent)]
    Refused(#[from] Misfit),
}

/// Why anything else was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No transaction has this id.
    #[error("no transaction `{0}`")]
    Unknown(String),
    /// The transaction does not allow it.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The child asks for more than its parent has.
    #[error("the intent widens `{}`", fields(.0))]
    Widened(Vec<Widening>),
    /// The id is in use, or was a short while ago.
    #[error("the id `{0}` is taken")]
    Taken(String),
    /// The same thing is being recorded at this moment.
    #[error("`{0}` is being recorded")]
    Busy(String),
    /// A part of the request cannot be used.
    #[error("{0}")]
    Malformed(&'static str),
    /// No permitted step of the transaction has this decision id.
    #[error("no step of the transaction was allowed by `{0}`")]
    UnknownStep(String),
    /// The step has another outcome already.
    #[error("the outcome of `{0}` is known and is another one")]
    OtherOutcome(String),
    /// No consent has this id.
    #[error("no consent `{0}`")]
    NoConsent(String),
    /// The consent was taken back before.
    #[error("the consent `{0}` is withdrawn already")]
    Withdrawn(String),
    /// A bound of the state is reached: a fault, not a deny.
    #[error("no more {0} can be held")]
    Full(&'static str),
}

impl Refused {
    /// The published reason, when the refusal is a deny. Anything else is a fault or a malformed request.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Unknown(_) => Some(Reason::TransactionUnknown),
            Self::Misfit(misfit) => Some(misfit.reason),
            Self::Widened(_) => Some(Reason::IntentWidened),
            Self::Taken(_)
            | Self::Busy(_)
            | Self::Malformed(_)
            | Self::UnknownStep(_)
            | Self::OtherOutcome(_)
            | Self::NoConsent(_)
            | Self::Withdrawn(_)
            | Self::Full(_) => None,
        }
    }
}

fn fields(widenings: &[Widening]) -> String {
    widenings.iter().map(|widening| widening.field.as_str()).collect::<Vec<_>>().join("`, `")
}
