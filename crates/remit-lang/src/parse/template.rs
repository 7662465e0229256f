//! Texts with `{expression}` holes. `{{` and `}}` stand for braces; inside a hole a quote is written `\"`.

use pest::Parser;
use pest::iterators::Pair;

use super::error;
use super::grammar::{Grammar, Rule, inner};
use super::literal::Char;
use super::reader::{Places, Reader};
use crate::ast::{Expr, Template, TemplatePart};
use crate::diagnostic::Diagnostic;
use crate::{guard, scan};

impl Reader {
    /// `string`, read as a template.
    pub(super) fn template(&self, pair: &Pair<'_, Rule>) -> Option<Template> {
        let chars = self.characters(pair)?;
        let (mut parts, mut text) = (Vec::new(), String::new());
        let mut rest = chars.as_slice();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            let doubled = after.first().is_some_and(|next| next.char == first.char && !next.escaped);
            match first.char {
                '{' | '}' if doubled && !first.escaped => {
                    text.push(first.char);
                    rest = after.get(1..).unwrap_or(&[]);
                }
                '{' if !first.escaped => {
                    let Some(length) = hole_length(after) else {
                        self.brace(first, "this `{` opens a hole that is never closed");
                        return None;
                    };
                    if !text.is_empty() {
                        parts.push(TemplatePart::Text(std::mem::take(&mut text)));
                    }
                    let (hole, end) = after.split_at_checked(length)?;
                    parts.push(TemplatePart::Hole(self.hole(hole, end.first()?)?));
                    rest = end.get(1..).unwrap_or(&[]);
                }
                '}' if !first.escaped => {
                    self.brace(first, "this `}` closes no hole");
                    return None;
                }
                char => text.push(char),
            }
        }
        if !text.is_empty() {
            parts.push(TemplatePart::Text(text));
        }
        Some(Template { span: self.span(pair), parts })
    }

    fn brace(&self, at: &Char, message: &str) {
        let error = Diagnostic::error("parse/template", message)
            .with_label(self.range(at.at, at.at + 1), "")
            .with_help("a brace that is only text is doubled: `{{` or `}}`");
        self.report(error);
    }

    /// `hole = { SOI ~ expr ~ EOI }`
    fn hole(&self, chars: &[Char], end: &Char) -> Option<Expr> {
        let mut text = String::new();
        let mut table = Vec::new();
        for one in chars {
            table.extend(std::iter::repeat_n(self.offset(one.at), one.char.len_utf8()));
            text.push(one.char);
        }
        table.push(self.offset(end.at));
        let reader = Reader::new(self.file(), Places::Each(table));
        let expr = read_hole(&reader, &text);
        for error in reader.into_errors() {
            self.report(error);
        }
        expr
    }
}

fn read_hole(reader: &Reader, text: &str) -> Option<Expr> {
    let tokens: Vec<_> = scan::tokens(text).collect();
    if let Some(comment) = tokens.iter().find(|token| token.is_comment()) {
        let error = Diagnostic::error("parse/template", "a hole has no comments")
            .with_label(reader.range(comment.start, comment.end), "");
        reader.report(error);
        return None;
    }
    if let Some(deep) = guard::nesting(text, &tokens, |token| reader.range(token.start, token.end)) {
        reader.report(deep);
        return None;
    }
    match Grammar::parse(Rule::hole, text) {
        Ok(mut pairs) => reader.condition(inner(pairs.next()?).next()?),
        Err(failure) => {
            reader.report(error::unexpected(reader, text, &failure));
            None
        }
    }
}

/// Characters before the `}` that closes the hole; braces and quotes inside are skipped.
fn hole_length(chars: &[Char]) -> Option<usize> {
    let (mut depth, mut inside, mut skip) = (0_usize, Inside::Code, false);
    for (at, one) in chars.iter().enumerate() {
        match (one.char, inside) {
            _ if skip => skip = false,
            ('\\', Inside::Text) => skip = true,
            ('"', Inside::Code) => inside = if is_raw(chars, at) { Inside::Raw } else { Inside::Text },
            ('"', _) => inside = Inside::Code,
            ('{', Inside::Code) => depth += 1,
            ('}', Inside::Code) if depth == 0 => return Some(at),
            ('}', Inside::Code) => depth -= 1,
            _ => {}
        }
    }
    None
}

#[derive(Clone, Copy)]
enum Inside {
    Code,
    Text,
    Raw,
}

/// True when the quote belongs to `r"…"`.
fn is_raw(chars: &[Char], quote: usize) -> bool {
    let before = |by| quote.checked_sub(by).and_then(|at| chars.get(at)).map(|one| one.char);
    before(1) == Some('r') && !before(2).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}
