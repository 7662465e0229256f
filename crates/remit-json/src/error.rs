//! Why a text is refused, and where; knows nothing of who sent it.

use crate::number::NumberFault;
use crate::place::{At, line_column};

/// Why a text is not accepted as JSON here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The text is longer than allowed.
    #[error("text is larger than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// Containers nest deeper than allowed.
    #[error("more than {limit} levels of nesting")]
    TooDeep {
        /// The bound.
        limit: usize,
        /// The container that is one too deep.
        at: At,
    },
    /// More values than allowed.
    #[error("more than {limit} values")]
    TooMany {
        /// The bound.
        limit: usize,
        /// The value that is one too many.
        at: At,
    },
    /// Bytes that are not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8 {
        /// The first byte that belongs to no character.
        at: At,
    },
    /// A byte order mark in front of the text.
    #[error("text starts with a byte order mark")]
    ByteOrderMark,
    /// Something else stands where the grammar wants `expected`.
    #[error("expected {expected}, found `{found}`")]
    Unexpected {
        /// What may stand here.
        expected: &'static str,
        /// What does.
        found: char,
        /// Where it stands.
        at: At,
    },
    /// The text ends too early.
    #[error("expected {expected}, found the end of the text")]
    UnexpectedEnd {
        /// What is missing.
        expected: &'static str,
        /// The end of the text.
        at: At,
    },
    /// More text behind the value.
    #[error("text goes on after the value")]
    Trailing {
        /// The first byte that is too much.
        at: At,
    },
    /// A control character inside a string.
    #[error("control character U+{code:04X} must be escaped in a string")]
    ControlCharacter {
        /// The character's code.
        code: u8,
        /// Where it stands.
        at: At,
    },
    /// A backslash with nothing known behind it.
    #[error("unknown escape sequence")]
    Escape {
        /// The backslash.
        at: At,
    },
    /// Half of a surrogate pair.
    #[error("surrogate escape without its other half")]
    LoneSurrogate {
        /// The backslash.
        at: At,
    },
    /// A zero in front of another digit.
    #[error("number has a leading zero")]
    LeadingZero {
        /// The number.
        at: At,
    },
    /// A number that not every peer would hold exactly.
    #[error("{fault}")]
    Number {
        /// What is wrong with it.
        fault: NumberFault,
        /// The number.
        at: At,
    },
    /// Two members of one object with the same name once escapes are resolved.
    #[error("duplicate member `{key}`")]
    Duplicate {
        /// The name, cut after 64 characters.
        key: String,
        /// The second of them.
        at: At,
    },
}

impl JsonError {
    /// Where the fault stands.
    pub fn at(&self) -> At {
        match self {
            Self::TooLarge { .. } | Self::ByteOrderMark => At(0),
            Self::TooDeep { at, .. }
            | Self::TooMany { at, .. }
            | Self::NotUtf8 { at }
            | Self::Unexpected { at, .. }
            | Self::UnexpectedEnd { at, .. }
            | Self::Trailing { at }
            | Self::ControlCharacter { at, .. }
            | Self::Escape { at }
            | Self::LoneSurrogate { at }
            | Self::LeadingZero { at }
            | Self::Number { at, .. }
            | Self::Duplicate { at, .. } => *at,
        }
    }

    /// Line and column of the fault in the text that was parsed, both from 1.
    pub fn place(&self, text: &[u8]) -> (usize, usize) {
        line_column(text, &self.at())
    }

    /// The name is cut so that a hostile member cannot fill a log line.
    pub(crate) fn duplicate(key: &str, at: At) -> Self {
        Self::Duplicate { key: key.chars().take(64).collect(), at }
    }
}
