//! What every parse function needs: where a pair stands in its file, and where errors go.

use std::cell::RefCell;

use pest::iterators::Pair;
use remit_model::Name;

use super::grammar::Rule;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span, Spanned};

/// Reads the pairs of one parsed text. A function returns `None` only after it has reported why, or when the pairs
/// are not what the grammar promises; the caller then refuses the item.
pub(super) struct Reader {
    file: FileId,
    places: Places,
    errors: RefCell<Vec<Diagnostic>>,
}

/// Where the bytes of the parsed text stand in the file.
pub(super) enum Places {
    /// In a row, from this offset.
    From(usize),
    /// One offset for each byte and one for the end: the text was unescaped.
    Each(Vec<usize>),
}

impl Reader {
    pub(super) fn new(file: FileId, places: Places) -> Self {
        Self { file, places, errors: RefCell::new(Vec::new()) }
    }

    pub(super) fn file(&self) -> FileId {
        self.file
    }

    /// The file's offset of an offset in the parsed text.
    pub(super) fn offset(&self, at: usize) -> usize {
        match &self.places {
            Places::From(start) => start + at,
            Places::Each(table) => table.get(at).or(table.last()).copied().unwrap_or(0),
        }
    }

    /// The file's span of a range of the parsed text.
    pub(super) fn range(&self, start: usize, end: usize) -> Span {
        crate::guard::span(self.file, self.offset(start), self.offset(end))
    }

    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        self.range(pair.as_span().start(), end(pair))
    }

    pub(super) fn report(&self, error: Diagnostic) {
        self.errors.borrow_mut().push(error);
    }

    pub(super) fn into_errors(self) -> Vec<Diagnostic> {
        self.errors.into_inner()
    }

    /// The pair's text, as it stands.
    pub(super) fn word(&self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        Spanned { node: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// A name, with or without quotes.
    pub(super) fn name(&self, pair: &Pair<'_, Rule>) -> Option<Spanned<String>> {
        let name = match quoted(pair) {
            Some(string) => self.string(&string)?,
            None => self.word(pair),
        };
        match Name::new(&name.node) {
            Ok(_) => Some(name),
            Err(why) => {
                self.report(Diagnostic::error("parse/name", why.to_string()).with_label(name.span, ""));
                None
            }
        }
    }

    /// All names among the pairs.
    pub(super) fn names<'i>(
        &self,
        pairs: impl Iterator<Item = Pair<'i, Rule>>,
    ) -> Option<Vec<Spanned<String>>> {
        pairs.map(|pair| self.name(&pair)).collect()
    }
}

/// Where the last token of a pair ends. The pair itself goes on over blanks and comments when its rule ends with
/// something optional. Every token is a pair.
fn end(pair: &Pair<'_, Rule>) -> usize {
    let mut last = pair.clone();
    while let Some(child) = last.clone().into_inner().next_back() {
        last = child;
    }
    last.as_span().end()
}

/// The quoted form below a name, if that is how it was written.
fn quoted<'i>(pair: &Pair<'i, Rule>) -> Option<Pair<'i, Rule>> {
    match pair.as_rule() {
        Rule::string => Some(pair.clone()),
        _ => pair.clone().into_inner().find(|child| child.as_rule() == Rule::string),
    }
}
