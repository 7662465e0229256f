//! What is wrong with an intent around the expressions of its tasks.

use crate::check::names::did_you_mean;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Why an intent is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum IntentError {
    #[error("`{clause}` stands twice")]
    Twice { clause: &'static str, at: Span, first: Span },
    #[error("an intent cannot be named `none`, which stands for no intent")]
    NamedNone { at: Span },
    #[error("a task cannot be named `{name}`, which every expression knows")]
    RootName { name: String, at: Span },
    #[error("intent `{name}` has no task")]
    NoTask { name: String, at: Span },
    #[error("task `{name}` must be done before itself")]
    Cycle { name: String, at: Span },
    #[error("this is not {what}")]
    BadAmount { what: &'static str, at: Span },
    #[error("`{argument}` is {found}, and only numbers have a total")]
    NoTotal { argument: String, found: String, at: Span },
    #[error("{what} of `{argument}` stands twice")]
    ArgumentTwice { what: &'static str, argument: String, at: Span, first: Span },
    #[error("`result({task})` is read, and nothing says that `{task}` is done before")]
    NotBefore { task: String, at: Span },
    #[error("`{of}` has no attribute `{name}`")]
    UnknownAttribute { of: String, name: String, at: Span, nearest: Option<String> },
    #[error("a value of type {argument} never comes from {origin}")]
    NeverFrom { argument: String, origin: String, at: Span },
    #[error("`one of` names literal values")]
    NotLiteral { at: Span },
}

impl From<IntentError> for Diagnostic {
    fn from(error: IntentError) -> Self {
        use IntentError as E;
        let message = error.to_string();
        let refuse = |code, at, label: &str| Diagnostic::error(code, message).with_label(at, label);
        match error {
            E::Twice { clause, at, first } => {
                let diagnostic =
                    refuse("check/clause-twice", at, "the second one").with_secondary(first, "the first one");
                match clause {
                    "for" | "using" | "after" => diagnostic.with_help("join the names with a comma"),
                    _ => diagnostic,
                }
            }
            E::ArgumentTwice { what, at, first, .. } => {
                let diagnostic =
                    refuse("check/clause-twice", at, "the second one").with_secondary(first, "the first one");
                if what == "the origin" {
                    diagnostic.with_help("join the origins with `or`")
                } else {
                    diagnostic
                }
            }
            E::NamedNone { at } | E::RootName { at, .. } => refuse("check/reserved-name", at, "taken"),
            E::NoTask { at, .. } => refuse("check/intent-without-task", at, "allows no step")
                .with_help("add at least one task, as in `task look_up: read on invoice`"),
            E::Cycle { at, .. } => refuse("check/task-cycle", at, "can never be done")
                .with_help("remove one of the `after` that lead back to it"),
            E::BadAmount { what, at } => refuse("check/bad-amount", at, &format!("should be {what}")),
            E::NoTotal { at, .. } => refuse("check/bad-budget", at, "cannot be added up"),
            E::NotBefore { task, at } => refuse("check/task-not-before", at, "may not be done yet")
                .with_help(format!("write `after {task}`")),
            E::UnknownAttribute { at, nearest, .. } => {
                did_you_mean(refuse("check/unknown-attribute", at, "unknown attribute"), nearest)
            }
            E::NeverFrom { at, .. } => refuse("check/impossible-origin", at, "never the origin"),
            E::NotLiteral { at } => refuse("check/origin-not-literal", at, "not a literal"),
        }
    }
}
