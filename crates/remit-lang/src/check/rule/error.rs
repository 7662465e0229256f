//! What is wrong with a rule around its expressions.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::check) enum RuleError {
    #[error("a rule has one `{clause}` clause")]
    ClauseTwice { clause: &'static str, at: Span, first: Span },
    #[error("a `require` says what it requires with `that`")]
    NoThat { at: Span },
    #[error("`that` stands only in a `require`")]
    ThatElsewhere { at: Span },
    #[error("{what} never applies: {why}")]
    NeverApplies { what: String, why: String, at: Span },
    #[error("`{name}` is not the type of {}", if *tools { "skills or tools" } else { "skills" })]
    NotASkill { name: String, tools: bool, at: Span },
    #[error("anybody could take the label `{name}` away")]
    UnlabelForAnyone { name: String, at: Span },
    #[error("{member} can never be a member of {group}")]
    NeverMember { member: String, group: String, at: Span },
    #[error("property `{name}` stands twice")]
    PropertyTwice { name: String, at: Span, first: Span },
    #[error("a record holds only literal values")]
    RecordNotLiteral { at: Span },
}

impl From<RuleError> for Diagnostic {
    fn from(error: RuleError) -> Self {
        use RuleError as E;
        let message = error.to_string();
        let refuse = |code, at, label: &str| Diagnostic::error(code, message).with_label(at, label);
        match error {
            E::ClauseTwice { clause, at, first } => {
                let diagnostic =
                    refuse("check/clause-twice", at, "the second one").with_secondary(first, "the first one");
                match clause {
                    "for" | "as" | "to" | "on" | "via" | "within" => {
                        diagnostic.with_help("join the alternatives with a comma")
                    }
                    "that" => diagnostic.with_help("join the conditions with `and`"),
                    _ => diagnostic,
                }
            }
            E::NoThat { at } => refuse("check/require-without-that", at, "requires nothing")
                .with_help("add `that` and a condition"),
            E::ThatElsewhere { at } => refuse("check/that-outside-require", at, "not here")
                .with_help("write `when`, or make the rule a `require`"),
            E::NotASkill { at, .. } => refuse("check/not-a-skill", at, "neither")
                .with_help("the type of skills is named `skill`, that of tools `tool`"),
            E::UnlabelForAnyone { at, .. } => refuse("check/unlabel-for-anyone", at, "who may?")
                .with_help("say who may with `for`, `as` or `via`"),
            E::NeverApplies { at, .. } => refuse("check/rule-never-applies", at, "selects nothing"),
            E::NeverMember { at, .. } => refuse("check/never-a-member", at, "no membership leads there")
                .with_help("declare a relation `member_of`, or one with `membership` before its name"),
            E::PropertyTwice { at, first, .. } => {
                refuse("check/property-twice", at, "the second one").with_secondary(first, "the first one")
            }
            E::RecordNotLiteral { at } => refuse("check/record-not-literal", at, "not a literal"),
        }
    }
}
