//! One expression by itself, outside of any item: the condition of a question to the log.

use pest::Parser;

use super::error;
use super::grammar::{Grammar, Rule, inner};
use super::reader::{Places, Reader};
use crate::ast::Expr;
use crate::diagnostic::Diagnostic;
use crate::guard;
use crate::scan::{self, Token};
use crate::source::{FileId, Sources};

/// Parses a file that holds one expression and nothing else.
///
/// # Errors
/// Everything that is wrong with it; an expression never comes with an error.
pub fn expression(file: FileId, sources: &Sources) -> Result<Expr, Vec<Diagnostic>> {
    let text = sources.file(file).map_or("", |file| file.text.as_str());
    let tokens: Vec<Token> = scan::tokens(text).collect();
    if let Some(refusal) = guard::file(file, text).or_else(|| guard::item(file, text, &tokens)) {
        return Err(vec![refusal]);
    }
    let reader = Reader::new(file, Places::From(0));
    let expr = match Grammar::parse(Rule::hole, text) {
        Ok(mut pairs) => {
            pairs.next().and_then(|pair| inner(pair).next()).and_then(|pair| reader.condition(pair))
        }
        Err(failure) => {
            reader.report(error::unexpected(&reader, text, &failure));
            None
        }
    };
    let mut errors = reader.into_errors();
    match expr {
        Some(expr) if errors.is_empty() => Ok(expr),
        _ => {
            // INVARIANT: an expression that was not read leaves an error.
            if errors.is_empty() {
                let at = guard::span(file, 0, text.len());
                let unread = Diagnostic::error("parse/unexpected", "this expression could not be read");
                errors.push(unread.with_label(at, ""));
            }
            Err(errors)
        }
    }
}
