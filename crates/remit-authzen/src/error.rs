//! Why a well-formed JSON body is not the message its endpoint wants.

use std::fmt;

/// What is wrong and where; its text becomes the body of the 400 answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    /// RFC 6901 pointer into the body; empty for the body itself.
    pub pointer: String,
    /// What is wrong there.
    pub fault: RequestFault,
}

/// What can be wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    /// A required member is absent or null.
    #[error("is missing")]
    Missing,
    /// A member has another kind of value than the specification says.
    #[error("must be {expected}, not {found}")]
    Kind {
        /// The kind that may stand here, with its article.
        expected: &'static str,
        /// The kind that does.
        found: &'static str,
    },
    /// A word outside a closed list.
    #[error("must be one of {}, not `{found}`", Listed(allowed))]
    Choice {
        /// The word, cut after 64 characters.
        found: String,
        /// The list.
        allowed: &'static [&'static str],
    },
    /// A count that is negative, a fraction, or no number at all.
    #[error("must be a non-negative integer")]
    Count,
    /// More items than one batch may hold.
    #[error("has more than {limit} items")]
    TooMany {
        /// The bound.
        limit: usize,
    },
}

struct Listed<'a>(&'a [&'static str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}`{word}`")?;
        }
        Ok(())
    }
}

impl RequestError {
    pub(crate) fn new(pointer: impl Into<String>, fault: RequestFault) -> Self {
        Self { pointer: pointer.into(), fault }
    }

    /// The same fault seen from further out.
    pub(crate) fn under(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            return write!(f, "the body {}", self.fault);
        }
        write!(f, "`{}` {}", self.pointer, self.fault)
    }
}

impl std::error::Error for RequestError {}
