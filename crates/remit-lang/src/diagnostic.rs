//! What the author of a policy sees: code, message, places, help. One value that the terminal, JSON and SARIF
//! render; it knows no grammar and no types.

use crate::source::Span;

pub mod codes;
mod nearest;
pub mod render;

pub use nearest::nearest;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The policy is refused.
    Error,
    /// The policy is accepted; the author should look again.
    Warning,
}

/// A place with a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is remarked there; may be empty.
    pub text: String,
    /// The place the message speaks of, rather than one that helps to understand it.
    pub primary: bool,
}

/// One error or warning about policy text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, for example `parse/unexpected`; listed in [`codes`].
    pub code: &'static str,
    /// Refused or only remarked.
    pub severity: Severity,
    /// What is wrong, without a dot at the end; the user's text in backticks.
    pub message: String,
    /// Places; the first primary one is where the diagnostic stands.
    pub labels: Vec<Label>,
    /// What the author can do.
    pub help: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// A refusal.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A remark that does not refuse.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    fn new(code: &'static str, severity: Severity, message: String) -> Self {
        debug_assert!(codes::find(code).is_some(), "`{code}` is missing in the table of codes");
        Self { code, severity, message, labels: Vec::new(), help: Vec::new(), notes: Vec::new() }
    }

    /// Adds the place the message speaks of.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: true });
        self
    }

    /// Adds a place that helps to understand the message.
    #[must_use]
    pub fn with_secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Adds what the author can do.
    #[must_use]
    pub fn with_help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds what else is worth knowing.
    #[must_use]
    pub fn with_note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Where the diagnostic stands: its first primary label, else its first label.
    #[must_use]
    pub fn place(&self) -> Option<Span> {
        let primary = self.labels.iter().find(|label| label.primary);
        primary.or(self.labels.first()).map(|label| label.span)
    }

    /// True when the policy is refused.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// True when any of them refuses the policy.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}

/// Orders by file and place, errors before warnings at one place; the order of equal ones is kept.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(|one| (one.place(), one.severity));
}
