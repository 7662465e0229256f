//! Why a question has no answer.

use std::fmt;

use remit_lang::diagnostic::Diagnostic;
use remit_lang::diagnostic::render::{json, terminal};
use remit_lang::source::Sources;
use remit_ledger::QueryError;

/// An answer that a format has no place for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be written: {0}")]
pub struct Unwritten(pub(crate) String);

/// A text of a question that is not one: every error with its place, as in policies.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What was said, under a name for each text.
    sources: Sources,
    /// What is wrong.
    diagnostics: Vec<Diagnostic>,
}

impl Refusal {
    pub(crate) fn new(sources: Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self { sources, diagnostics }
    }

    /// What is wrong, error by error.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// For people: the text with carets under the places.
    #[must_use]
    pub fn for_people(&self) -> String {
        terminal(&self.diagnostics, &self.sources, false)
    }

    /// For programs.
    #[must_use]
    pub fn for_programs(&self) -> serde_json::Value {
        serde_json::from_str(&json(&self.diagnostics, &self.sources)).unwrap_or_default()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, one) in self.diagnostics.iter().enumerate() {
            let text = one.place().map(|span| self.sources.text(span)).unwrap_or_default();
            let before = if nth > 0 { "; " } else { "" };
            write!(f, "{before}{}", one.message)?;
            if !text.is_empty() && !one.message.contains(text) {
                write!(f, " at `{text}`")?;
            }
            for help in &one.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

/// Why a question has no answer; there is no partial one.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A condition or a value is not one.
    #[error("{0}")]
    Refused(Refusal),
    /// Two parts of the question do not fit, or a bound is exceeded.
    #[error("{0}")]
    Invalid(String),
    /// There is no such question.
    #[error("there is no question named `{name}`{}", nearest.as_ref().map(|it| format!(", did you mean `{it}`?")).unwrap_or_default())]
    UnknownName {
        /// What was asked for.
        name: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A parameter is missing, unknown or not of its type.
    #[error("{0}")]
    Parameter(String),
    /// The cursor is not of this question.
    #[error("the cursor is not one of this question")]
    Cursor,
    /// More groups than are kept.
    #[error("the question has more than {} groups", crate::limits::GROUPS)]
    Groups,
    /// The log cannot vouch for the answer.
    #[error(transparent)]
    Log(#[from] QueryError),
}

impl AskError {
    /// Whether the question is at fault, not the log.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Log(_))
    }
}
