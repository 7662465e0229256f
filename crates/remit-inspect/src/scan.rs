//! One tokenised text and the questions detectors ask of it.

use crate::Kind;
use crate::context::Context;
use crate::injection::Concept;
use crate::lexicon::Lexicon;
use crate::token::{Token, Tokens};

/// A text being looked at.
pub struct Scan<'a> {
    pub bytes: &'a [u8],
    pub tokens: &'a [Token],
    /// Places of known words, sentence beginnings and signs among them.
    pub seen: &'a Tokens,
    pub lexicon: &'a Lexicon,
    /// What the name of the place says (`"phone": "…"`).
    pub place: Context,
    /// Meanings of all words of the text together: most questions are answered by it alone.
    pub known: Context,
}

/// Steps of detectors, counted in tests alone: growth is judged by counts, not by clocks.
pub mod steps {
    #[cfg(test)]
    thread_local! {
        static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[cfg(test)]
    pub fn count(steps: usize) {
        STEPS.with(|it| it.set(it.get() + steps));
    }

    #[cfg(not(test))]
    pub const fn count(_: usize) {}

    /// The steps since the last call.
    #[cfg(test)]
    pub fn take() -> usize {
        STEPS.with(|it| it.replace(0))
    }
}

/// A finding in bytes of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub score: u16,
}

/// Tokens before a number in which a word may speak of it.
const BEFORE: usize = 7;
/// Tokens after it.
const AFTER: usize = 5;

impl<'a> Scan<'a> {
    /// The byte there, 0 outside.
    pub fn byte(&self, at: usize) -> u8 {
        steps::count(1);
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte before, 0 at the start.
    pub fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |it| self.byte(it))
    }

    pub fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        steps::count(1 + end.saturating_sub(start));
        self.bytes.get(start..end).unwrap_or_default()
    }

    pub fn token(&self, at: usize) -> Option<&'a Token> {
        steps::count(1);
        self.tokens.get(at)
    }

    pub fn text(&self, token: &Token) -> &'a [u8] {
        self.slice(token.start(), token.end())
    }

    /// What stands between the token before and this one.
    pub fn gap(&self, at: usize) -> &'a [u8] {
        let from = at.checked_sub(1).and_then(|it| self.tokens.get(it)).map_or(0, Token::end);
        let to = self.tokens.get(at).map_or(self.bytes.len(), Token::start);
        self.slice(from, to)
    }

    pub fn concept(&self, token: &Token) -> Concept {
        if token.word == 0 { 0 } else { self.lexicon.concept(token.word) }
    }

    pub fn context(&self, at: usize) -> Context {
        self.tokens.get(at).filter(|it| it.word != 0).map_or(0, |it| self.lexicon.context(it.word))
    }

    /// Whether a word of these meanings stands near tokens `first..=last`, or names the place.
    pub fn near(&self, first: usize, last: usize, meaning: Context) -> bool {
        self.place & meaning != 0 || self.near_within(first, last, meaning, BEFORE, AFTER)
    }

    /// Whether a word of these meanings stands that many tokens before.
    pub fn just_before(&self, first: usize, meaning: Context, tokens: usize) -> bool {
        self.near_within(first, first, meaning, tokens, 0)
    }

    pub fn near_within(
        &self,
        first: usize,
        last: usize,
        meaning: Context,
        before: usize,
        after: usize,
    ) -> bool {
        if self.known & meaning == 0 {
            return false;
        }
        let range =
            |from: usize, to: usize| self.tokens.get(from..to.min(self.tokens.len())).unwrap_or_default();
        let says = |token: &Token| token.word != 0 && self.lexicon.context(token.word) & meaning != 0;
        range(first.saturating_sub(before), first).iter().any(says)
            || range(last + 1, last + 1 + after).iter().any(says)
    }

    /// The meanings of all words near, for detectors that weigh several.
    pub fn meanings(&self, first: usize, last: usize) -> Context {
        let range =
            |from: usize, to: usize| self.tokens.get(from..to.min(self.tokens.len())).unwrap_or_default();
        let said = |set: Context, token: &Token| {
            set | if token.word == 0 { 0 } else { self.lexicon.context(token.word) }
        };
        let before = range(first.saturating_sub(BEFORE), first).iter().fold(self.place, said);
        range(last + 1, last + 1 + AFTER).iter().fold(before, said)
    }
}
