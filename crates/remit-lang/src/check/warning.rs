//! What is accepted, yet worth a second look. One value per remark, and the searches that need all rules.

pub(super) mod constant;
pub(super) mod cover;
mod identity;
pub(super) mod presence;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

use super::names::did_you_mean;

/// A remark that does not refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Warning {
    #[error("{kind} `{name}` is never used by a rule")]
    Unused { kind: &'static str, name: String, at: Span },
    #[error("no `context` block declares `{name}`")]
    UnknownContext { name: String, at: Span, nearest: Option<String> },
    #[error("no `message` block declares `{name}`, and it is not computed")]
    UnknownMessage { name: String, at: Span, nearest: Option<String> },
    #[error("no `token` block declares `{name}`, and no standard knows it")]
    UnknownClaim { name: String, at: Span, nearest: Option<String> },
    #[error("this is always {value}")]
    Constant { value: bool, at: Span },
    #[error("a permit raises no incident, so its severity says nothing")]
    SeverityOfPermit { at: Span },
    #[error("no action that is meant here applies to `{name}`")]
    SelectsInVain { name: String, at: Span },
    #[error("rule `{rule}` says the same as `{other}`")]
    Duplicate { rule: String, other: String, at: Span, other_at: Span },
    #[error("rule `{rule}` never decides anything: `{by}` forbids all it speaks of")]
    Hidden { rule: String, by: String, at: Span, by_at: Span },
    #[error("rule `{rule}` speaks of every request, and denies those that have no `{path}`")]
    MayBeMissing { rule: String, path: String, at: Span, rule_at: Span },
}

impl From<Warning> for Diagnostic {
    fn from(warning: Warning) -> Self {
        use Warning as W;
        let message = warning.to_string();
        let remark = |code, at, label: &str| Diagnostic::warning(code, message).with_label(at, label);
        match warning {
            W::Unused { at, .. } => remark("check/unused", at, "never used"),
            W::UnknownContext { at, nearest, .. } => {
                did_you_mean(remark("check/unknown-context", at, "not declared"), nearest)
            }
            W::UnknownMessage { at, nearest, .. } => {
                did_you_mean(remark("check/unknown-message", at, "not declared"), nearest)
            }
            W::UnknownClaim { at, nearest, .. } => {
                did_you_mean(remark("check/unknown-claim", at, "not declared"), nearest)
            }
            W::Constant { at, .. } => {
                remark("check/constant-condition", at, "does not depend on the request")
            }
            W::SeverityOfPermit { at } => remark("check/severity-of-permit", at, "has no effect"),
            W::SelectsInVain { at, .. } => remark("check/selects-in-vain", at, "selects it in vain"),
            W::Duplicate { at, other_at, .. } => {
                remark("check/duplicate-rule", at, "the second one").with_secondary(other_at, "the first one")
            }
            W::Hidden { at, by_at, .. } => remark("check/hidden-rule", at, "has no effect")
                .with_secondary(by_at, "forbids it without a condition"),
            W::MayBeMissing { path, at, rule_at, .. } => {
                remark("check/missing-denies", at, "may be missing, and what is missing denies")
                    .with_secondary(rule_at, "no `for`, `as`, `to` or `on`")
                    .with_help(format!(
                        "narrow the rule with `for`, `as`, `to` or `on`, or add `when {path} is present`"
                    ))
            }
        }
    }
}
