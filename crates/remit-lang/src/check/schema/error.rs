//! What is wrong with declarations.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Why a declaration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::check) enum DeclarationError {
    #[error("{kind} `{name}` is declared twice")]
    Twice { kind: &'static str, name: String, at: Span, first: Span },
    #[error("{kind} `{name}` is declared with another type elsewhere")]
    Disagrees { kind: &'static str, name: String, at: Span, first: Span },
    #[error("`{name}` is a type of the language")]
    Reserved { name: String, at: Span },
    #[error("a {kind} cannot be named `{name}`, which every expression knows")]
    RootName { kind: &'static str, name: String, at: Span },
    #[error("a level has at least one member")]
    EmptyLevel { at: Span },
    #[error("an attribute holds values of one type, or entities; `{name}` is neither")]
    Union { name: String, at: Span },
    #[error("`any` is a type for what a request brings, not for what the graph knows")]
    AnyAttribute { at: Span },
    #[error("`membership` stands before a relation, and `{name}` is none")]
    MembershipOfProperty { name: String, at: Span },
    #[error("properties of edges stand after a relation, and `{name}` is none")]
    EdgePropertiesOfProperty { name: String, at: Span },
    #[error("a relation comes from the graph alone")]
    RelationSource { at: Span },
    #[error("source `{name}` is named twice")]
    SourceTwice { name: String, at: Span },
    #[error("action `{name}` says on no type of resource")]
    NoResource { name: String, at: Span },
    #[error("action `{name}` has other properties in another declaration")]
    PropertiesDiffer { name: String, at: Span, first: Span },
    #[error("too many {what}: {count}, at most {limit}")]
    TooMany { what: &'static str, count: usize, limit: usize, at: Span },
    #[error("claim `{name}` has a type of its own, which every token follows")]
    StandardClaim { name: String, at: Span },
    #[error("`message.{name}` is computed and has a type of its own")]
    ComputedMember { name: String, at: Span },
    #[error("source `{name}` says no `{part}`")]
    SourceLacks { name: String, part: &'static str, at: Span },
    #[error("`{part}` stands twice in one source")]
    SourcePartTwice { part: &'static str, at: Span, first: Span },
    #[error("`{url}` is no URL that can be asked")]
    SourceUrl { url: String, at: Span },
    #[error("`{part}` is a duration from 1 ms to {most}")]
    SourceTime { part: &'static str, most: &'static str, at: Span },
    #[error("a source is sent what the question or the graph says of it, and this is none of it")]
    SourceSends { at: Span },
    #[error("`{name}` is an entity, and a source gives values")]
    SourceGivesEntity { name: String, at: Span },
    #[error("a limit is a literal value or a set of them")]
    LimitNotLiteral { at: Span },
}

impl From<DeclarationError> for Diagnostic {
    fn from(error: DeclarationError) -> Self {
        use DeclarationError as E;
        let message = error.to_string();
        let refuse = |code, at, label: &str| Diagnostic::error(code, message).with_label(at, label);
        match error {
            E::Twice { at, first, .. } => {
                refuse("check/declared-twice", at, "the second one").with_secondary(first, "the first one")
            }
            E::Disagrees { at, first, .. } => {
                refuse("check/declared-twice", at, "differs").with_secondary(first, "the other declaration")
            }
            E::Reserved { at, .. } => refuse("check/reserved-name", at, "taken"),
            E::RootName { at, .. } => refuse("check/reserved-name", at, "taken"),
            E::EmptyLevel { at } => refuse("check/empty-level", at, "no members"),
            E::Union { at, .. } => refuse("check/type-union", at, "not an entity type")
                .with_help("join only entity types with `|`, as in `user | agent`"),
            E::AnyAttribute { at } => refuse("check/any-attribute", at, "not here"),
            E::MembershipOfProperty { at, .. } => refuse("check/not-a-relation", at, "a property")
                .with_help("give it an entity type or a set of one, or drop `membership`"),
            E::EdgePropertiesOfProperty { at, .. } => refuse("check/not-a-relation", at, "a property"),
            E::RelationSource { at } => {
                refuse("check/relation-source", at, "cannot bring edges").with_help("drop the `from` part")
            }
            E::SourceTwice { at, .. } => refuse("check/source-twice", at, "named before"),
            E::NoResource { at, .. } => refuse("check/action-without-resource", at, "on what?")
                .with_help("write `on` and the types of resource it applies to"),
            E::PropertiesDiffer { at, first, .. } => refuse("check/properties-differ", at, "declared here")
                .with_secondary(first, "and with other properties here")
                .with_help("give one action the same properties everywhere, or another name"),
            E::TooMany { at, .. } => refuse("check/too-many", at, "in this set of files"),
            E::StandardClaim { at, .. } => refuse("check/standard-claim", at, "has another type")
                .with_help("leave it out, for it is always declared"),
            E::ComputedMember { at, .. } => refuse("check/computed-member", at, "has another type")
                .with_help(
                    "leave it out, for it is always declared, or give the sender's value another name",
                ),
            E::SourceLacks { name, part, at } => {
                let help = format!("write `{part} …` between the braces of `{name}`");
                refuse("check/source-incomplete", at, "says too little").with_help(help)
            }
            E::SourcePartTwice { at, first, .. } => refuse("check/source-part-twice", at, "the second one")
                .with_secondary(first, "the first one")
                .with_help("join them with commas"),
            E::SourceUrl { at, .. } => refuse("check/source-url", at, "not an address")
                .with_help("write an https URL without user, query or fragment; http only on loopback"),
            E::SourceTime { at, .. } => refuse("check/source-time", at, "out of its range"),
            E::SourceSends { at } => refuse("check/source-sends", at, "not sent").with_help(
                "name paths such as `message.content`, `action.amount`, `subject`, `resource.region`",
            ),
            E::SourceGivesEntity { at, .. } => refuse("check/source-gives", at, "an entity")
                .with_help("give a text, a number, a level … and compare it with the graph in the rule"),
            E::LimitNotLiteral { at } => refuse("check/limit-not-literal", at, "not a literal"),
        }
    }
}
