//! `Fault`: why there is no decision. A fault is an error to the caller and never recorded as a deny.

/// Why a call has no answer. The server maps each to a status code; nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The request is malformed.
    #[error("{message}")]
    BadRequest {
        /// What is wrong.
        message: String,
        /// JSON pointer to the place, when there is one.
        pointer: Option<String>,
    },
    /// The PEP is known but lacks the right.
    #[error("{message}")]
    Forbidden {
        /// Which right is missing.
        message: String,
    },
    /// The policies, the intent or the transaction do not allow it.
    #[error("{message}")]
    Refused {
        /// The published reason.
        reason: &'static str,
        /// What it is about.
        field: Option<String>,
        /// What is wrong with it.
        message: String,
    },
    /// It is there already, or is being made at this moment.
    #[error("{message}")]
    Conflict {
        /// What is in the way.
        message: String,
    },
    /// What it is about is not what the caller has seen.
    #[error("{message}")]
    Stale {
        /// What it is.
        message: String,
    },
    /// It changes something and does not say what it has seen.
    #[error("the header `If-Match` must name what is to be changed")]
    Unconditional,
    /// There is nothing at this address.
    #[error("{message}")]
    NotFound {
        /// What is missing.
        message: String,
    },
    /// More questions than this caller may ask; nothing was decided.
    #[error("this caller asks more than it may; nothing was decided")]
    TooMany {
        /// Seconds to wait before another try.
        retry_after_s: u32,
    },
    /// More requests than can be recorded; nothing was decided.
    #[error("the decision point is overloaded")]
    Overloaded {
        /// Seconds to wait before another try.
        retry_after_s: u32,
    },
    /// The decision point cannot decide until an operator acts.
    #[error("{message}")]
    Unavailable {
        /// What is down.
        message: String,
    },
    /// A defect or an unforeseen failure.
    #[error("{message}")]
    Internal {
        /// What happened; safe to show.
        message: String,
    },
}
