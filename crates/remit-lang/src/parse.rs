//! Text to tree: the file is guarded, cut into items, and each item parsed on its own, so that every error of a
//! file is reported. Names are not resolved here; that is the checker's business.

use pest::Parser;

use crate::ast::{self, File, Item, ItemKind, Label};
use crate::diagnostic::{Diagnostic, sort};
use crate::guard;
use crate::limits::MAX_ERRORS;
use crate::scan::Token;
use crate::source::{FileId, Sources};
use crate::split::{self, Piece};

mod bare;
mod comment;
mod declaration;
mod error;
mod expect;
mod expr;
mod grammar;
mod intent;
mod literal;
mod reader;
mod rule;
mod source;
mod template;

pub use bare::expression;
use grammar::{Grammar, Rule, inner};
use reader::{Places, Reader};

/// Parses one file of the sources. The tree holds the items that were read; when any diagnostic is an error, the
/// file is refused, however much of it was read. A file that is not of the sources is empty.
#[must_use]
pub fn parse(file: FileId, sources: &Sources) -> (File, Vec<Diagnostic>) {
    let text = sources.file(file).map_or("", |file| file.text.as_str());
    let mut tree = File::default();
    if let Some(refusal) = guard::file(file, text) {
        return (tree, vec![refusal]);
    }
    let pieces = split::cut(file, text);
    let mut errors: Vec<Diagnostic> = pieces.fault.into_iter().collect();
    for piece in pieces.items {
        if let Some(item) = item(file, text, piece, &mut errors) {
            tree.items.push(item);
        }
    }
    (tree.closing, _) = comment::leading(text, &pieces.closing, None);
    match tree.items.first_mut() {
        Some(first) => comment::drop_first_blank(&mut first.trivia),
        None => comment::drop_first_blank(&mut tree.closing),
    }
    sort(&mut errors);
    if errors.len() > MAX_ERRORS {
        let message = format!("{} further errors of this file are not shown", errors.len() - MAX_ERRORS);
        errors.truncate(MAX_ERRORS);
        errors.push(Diagnostic::error("parse/too-many-errors", message));
    }
    (tree, errors)
}

fn item(file: FileId, text: &str, piece: Piece, errors: &mut Vec<Diagnostic>) -> Option<Item> {
    if let Some(fault) = piece.fault {
        errors.push(fault);
        return None;
    }
    let (first, last) = (piece.tokens.first()?, piece.tokens.last()?);
    let span = guard::span(file, first.start, last.end);
    let mut kind = kind(file, text.get(first.start..last.end)?, first, errors)?;
    let (mut trivia, doc) = comment::leading(text, &piece.leading, Some(first.start));
    let comments: Vec<Token> = piece.tokens.iter().filter(|token| token.is_comment()).copied().collect();
    let (before, closing) = comment::inside(text, &comments, &mut kind);
    trivia.extend(before);
    let mut trailing = piece.trailing.map(|token| comment::text_of(text, &token));
    if let ItemKind::Rule(ast::Rule { clauses, .. }) | ItemKind::Label(Label { clauses, .. }) = &mut kind
        && let Some(last) = clauses.last_mut()
    {
        last.trailing = trailing.take();
    }
    let spread = is_spread(text, &piece.tokens);
    Some(Item { span, doc, trivia, kind, closing, spread, trailing })
}

/// True when a line ends directly after the first opening brace.
fn is_spread(text: &str, tokens: &[Token]) -> bool {
    let brace = tokens.iter().position(|token| token.text(text) == "{");
    let Some([brace, next]) = brace.and_then(|at| tokens.get(at..at + 2)) else { return false };
    text.get(brace.end..next.start).is_some_and(|gap| gap.contains('\n'))
}

fn kind(file: FileId, text: &str, first: &Token, errors: &mut Vec<Diagnostic>) -> Option<ItemKind> {
    let head = text.get(..first.end - first.start)?;
    let reader = Reader::new(file, Places::From(first.start));
    let kind = match Grammar::parse(Rule::item, text) {
        Ok(mut pairs) => pairs.next().and_then(|pair| reader.item(inner(pair).next()?)),
        Err(failure) => {
            reader.report(error::unexpected(&reader, text, &failure));
            None
        }
    };
    let found = reader.into_errors();
    let sound = found.is_empty();
    errors.extend(found);
    // INVARIANT: an item that was not read leaves an error; otherwise a rule could vanish.
    if kind.is_none() && sound {
        let message = format!("this `{head}` could not be read");
        let at = guard::span(file, first.start, first.end);
        errors.push(Diagnostic::error("parse/unexpected", message).with_label(at, ""));
    }
    kind.filter(|_| sound)
}

impl Reader {
    /// `item = { SOI ~ (package | use_item | …) ~ EOI }`
    fn item(&self, pair: pest::iterators::Pair<'_, Rule>) -> Option<ItemKind> {
        match pair.as_rule() {
            Rule::package => self.package(pair),
            Rule::use_item => Some(ItemKind::Use(self.name(&inner(pair).next()?)?)),
            Rule::level => self.level(pair),
            Rule::limit => self.limit(pair),
            Rule::entity => self.entity_item(pair),
            Rule::action => self.action(pair),
            Rule::context => Some(ItemKind::Context(self.fields(inner(pair).next()?)?)),
            Rule::message => Some(ItemKind::Message(self.fields(inner(pair).next()?)?)),
            Rule::token => Some(ItemKind::Token(self.fields(inner(pair).next()?)?)),
            Rule::source => self.source(pair).map(ItemKind::Source),
            Rule::intent => self.intent(pair).map(ItemKind::Intent),
            Rule::label => self.label(pair).map(ItemKind::Label),
            Rule::rule_item => self.rule(pair).map(ItemKind::Rule),
            Rule::expect => self.expect(pair).map(ItemKind::Expect),
            _ => None,
        }
    }
}
