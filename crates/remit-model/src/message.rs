//! `MessageFact`: what the decision point finds out about a message itself, whatever its sender says. Knows no detector.

use crate::Ty;

/// A computed member of `message`. A request cannot set one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageFact {
    /// `findings`: records of `kind`, `score` (0 to 1), `start`, `end` (bytes within the part) and `part`
    Findings,
    /// `kinds`: the kinds of all findings
    Kinds,
    /// `keys`: the members of `metadata` that hold something: neither null, blank nor empty
    Keys,
    /// `links`: the links in every text of the message and of the properties of the action, each in canonical form
    Links,
    /// `hosts`: the hosts of these links, in lower case
    Hosts,
    /// `size`: bytes of every text and name that the message and the properties of the action hold, 8 for any other value
    Size,
    /// `injection`: how much it reads like instructions to a model, 0 to 1
    Injection,
    /// `markers`: the categories of such instructions
    Markers,
    /// `valid`: whether the content follows the JSON Schema that the bundle holds for the message's type; unknown where
    /// it holds none
    Valid,
}

impl MessageFact {
    /// All of them, in order of name.
    pub const ALL: [Self; 9] = [
        Self::Findings,
        Self::Hosts,
        Self::Injection,
        Self::Keys,
        Self::Kinds,
        Self::Links,
        Self::Markers,
        Self::Size,
        Self::Valid,
    ];

    /// The member's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Findings => "findings",
            Self::Hosts => "hosts",
            Self::Links => "links",
            Self::Keys => "keys",
            Self::Kinds => "kinds",
            Self::Size => "size",
            Self::Injection => "injection",
            Self::Markers => "markers",
            Self::Valid => "valid",
        }
    }

    /// The fact of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }

    /// The type of its values.
    #[must_use]
    pub fn ty(self) -> Ty {
        match self {
            Self::Findings => Ty::Any.set(),
            Self::Hosts | Self::Keys | Self::Kinds | Self::Links | Self::Markers => Ty::String.set(),
            Self::Size => Ty::Int,
            Self::Injection => Ty::Decimal,
            Self::Valid => Ty::Bool,
        }
    }

    /// True for what only a detector knows.
    #[must_use]
    pub fn is_detected(self) -> bool {
        match self {
            Self::Findings | Self::Kinds | Self::Injection | Self::Markers => true,
            Self::Hosts | Self::Keys | Self::Links | Self::Size | Self::Valid => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_found_by_its_name_and_no_other() {
        for fact in MessageFact::ALL {
            assert_eq!(MessageFact::named(fact.name()), Some(fact));
        }
        assert_eq!(MessageFact::named("content"), None);
        assert!(MessageFact::ALL.is_sorted_by_key(|fact| fact.name()));
    }
}
