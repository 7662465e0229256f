//! The `options` member: how much detail the caller wants in decision contexts.

use remit_json::{Json, Object};

use crate::error::RequestError;
use crate::read;

/// How much a decision's `context` tells. Our own option; the specification leaves `options` open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detail {
    /// The decision and only what the caller must act on.
    Minimal,
    /// Also why, by reason code.
    Reason,
    /// Also which rules, facts and paths led to it.
    Full,
}

/// What the caller may choose for one request; unknown members are ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// `options.detail`; without it the deployment's default holds.
    pub detail: Option<Detail>,
    /// `options.receipt` is `"jws"`: the answer is to carry a signed receipt of its record.
    pub receipt: bool,
}

impl Detail {
    const ALL: [Self; 3] = [Self::Minimal, Self::Reason, Self::Full];
    const WORDS: &'static [&'static str] = &["minimal", "reason", "full"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Reason => "reason",
            Self::Full => "full",
        }
    }
}

impl Options {
    /// Reads the `options` member of a request.
    pub(crate) fn of(request: &Object<'_>) -> Result<Self, RequestError> {
        let read = |json: &Json<'_>| {
            let detail = read::optional_choice(read::object(json)?, "detail", &Detail::ALL, Detail::WORDS)?;
            let receipt = read::optional_choice(read::object(json)?, "receipt", &[true], &["jws"])?;
            Ok(Self { detail, receipt: receipt.unwrap_or_default() })
        };
        Ok(read::optional(request, "options", read)?.unwrap_or_default())
    }
}
