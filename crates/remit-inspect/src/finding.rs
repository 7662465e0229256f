//! What an inspection says.

use crate::injection::Category;
use crate::{Kind, SourceTrust};

/// One thing found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// First byte, in the text as given.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// How sure, per mille.
    pub score: u16,
    /// Which part of the message, counted from 0.
    pub part: usize,
}

/// One sign of injection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal {
    /// What kind of sign.
    pub category: Category,
    /// Its weight after trust and allowance, per mille.
    pub weight: u16,
    /// First byte, in the text as given.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Which part of the message, counted from 0.
    pub part: usize,
}

/// The signs of injection of a whole message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Injection {
    /// All signs together, per mille. The formula is in the crate's README.
    pub score: u16,
    /// The signs, in order of part and place; of each category and part the heaviest.
    pub signals: Vec<Signal>,
}

impl Injection {
    /// The categories that fired, each once, in their order.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        let mut fired: Vec<Category> = self.signals.iter().map(|signal| signal.category).collect();
        fired.sort_unstable();
        fired.dedup();
        fired
    }
}

/// What an inspection says of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Findings {
    /// In order of part and place; no two overlap, except [`Kind::Keyword`] with others.
    pub items: Vec<Finding>,
    /// Signs of injection.
    pub injection: Injection,
    /// A limit was hit, so that something was not looked at: treat as unknown.
    pub truncated: bool,
}

impl Findings {
    /// How many of that kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.items.iter().filter(|it| it.kind == kind).count()
    }

    /// Each kind found and how often, in the order of kinds.
    #[must_use]
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        let mut counts: Vec<(Kind, usize)> = Vec::new();
        let mut kinds: Vec<Kind> = self.items.iter().map(|it| it.kind).collect();
        kinds.sort_unstable();
        for kind in kinds {
            match counts.last_mut() {
                Some((last, count)) if *last == kind => *count += 1,
                _ => counts.push((kind, 1)),
            }
        }
        counts
    }
}

/// One part of a message: where it stands, what it says, who wrote it.
pub type Part<'a> = (&'a str, &'a str, SourceTrust);
