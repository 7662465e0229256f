//! Names that lead nowhere, or to a package that is not used. Knows no schema; the caller brings the near name.

use remit_model::name;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// What a name should have named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Type,
    Action,
    Limit,
    Intent,
    Task,
    Label,
    Package,
    Rule,
    Reason,
    Source,
    Severity,
}

impl What {
    fn words(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Action => "action",
            Self::Limit => "limit",
            Self::Intent => "intent",
            Self::Task => "task",
            Self::Label => "label",
            Self::Package => "package",
            Self::Rule => "rule",
            Self::Reason => "reason code",
            Self::Source => "source",
            Self::Severity => "severity",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Type => "check/unknown-type",
            Self::Action => "check/unknown-action",
            Self::Limit => "check/unknown-limit",
            Self::Intent => "check/unknown-intent",
            Self::Task => "check/unknown-task",
            Self::Label => "check/unknown-label",
            Self::Package => "check/unknown-package",
            Self::Rule => "check/unknown-rule",
            Self::Reason => "check/unknown-reason",
            Self::Source => "check/unknown-source",
            Self::Severity => "check/unknown-severity",
        }
    }
}

/// Why a name cannot stand where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NameError {
    #[error("no {} is named `{name}`", what.words())]
    Unknown { what: What, name: String, at: Span, nearest: Option<String> },
    #[error("{kind} `{name}` is of package `{owner}`, which is not used here")]
    NotUsed { kind: &'static str, name: String, owner: String, at: Span },
    #[error("{reason}")]
    Malformed { reason: name::NameError, at: Span },
    #[error("{kind} name `{name}` stands in {packages}")]
    Ambiguous { kind: &'static str, name: String, packages: String, at: Span },
}

impl From<NameError> for Diagnostic {
    fn from(error: NameError) -> Self {
        let message = error.to_string();
        match error {
            NameError::Unknown { what, at, nearest, .. } => {
                let label = format!("unknown {}", what.words());
                did_you_mean(Diagnostic::error(what.code(), message).with_label(at, label), nearest)
            }
            NameError::NotUsed { owner, at, .. } => Diagnostic::error("check/package-not-used", message)
                .with_label(at, format!("declared in `{owner}`"))
                .with_help(format!("write `use {owner}` below the package line")),
            NameError::Malformed { at, .. } => {
                Diagnostic::error("check/malformed-name", message).with_label(at, "not a name")
            }
            NameError::Ambiguous { kind, at, .. } => {
                let code = if kind == "rule" { "check/ambiguous-rule" } else { "check/ambiguous-intent" };
                Diagnostic::error(code, message)
                    .with_label(at, "which one is meant?")
                    .with_help(format!("write the package before the name, as in `package.{kind}`"))
            }
        }
    }
}

/// Adds the near name as help, when there is one.
pub(super) fn did_you_mean(diagnostic: Diagnostic, nearest: Option<String>) -> Diagnostic {
    match nearest {
        Some(nearest) => diagnostic.with_help(format!("did you mean `{nearest}`?")),
        None => diagnostic,
    }
}
