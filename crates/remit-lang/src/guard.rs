//! Refuses text that is too large, too deep or deceptive before the parser sees it.

use crate::diagnostic::Diagnostic;
use crate::limits::{MAX_FILE_BYTES, MAX_ITEM_BYTES, MAX_ITEMS, MAX_NESTING};
use crate::scan::{Kind, Token};
use crate::source::{FileId, Span};
use crate::words;

/// A span from byte offsets.
pub(crate) fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: offset(start), end: offset(end) }
}

/// Refuses a file by its bytes alone: too many of them, or characters that make text read otherwise than it is.
pub(crate) fn file(file: FileId, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes, at most {MAX_FILE_BYTES} are read", text.len());
        return Some(
            Diagnostic::error("parse/file-too-large", message)
                .with_label(span(file, 0, 0), "")
                .with_help("cut it into several files"),
        );
    }
    let (at, hidden) = text.char_indices().find(|(_, c)| is_hidden(*c))?;
    let message = format!("the invisible character U+{:04X} may not stand in a policy", u32::from(hidden));
    Some(
        Diagnostic::error("parse/hidden-character", message)
            .with_label(span(file, at, at + hidden.len_utf8()), "it changes how the text around it is shown")
            .with_help(format!("in a text write it as `\\u{{{:x}}}`", u32::from(hidden))),
    )
}

/// Direction marks and the byte order mark: shown text would differ from read text.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

/// Refuses an item that is too large or nested too deep.
pub(crate) fn item(file: FileId, text: &str, tokens: &[Token]) -> Option<Diagnostic> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    if last.end - first.start > MAX_ITEM_BYTES {
        let message =
            format!("this item has {} bytes, at most {MAX_ITEM_BYTES} are read", last.end - first.start);
        return Some(
            Diagnostic::error("parse/item-too-large", message)
                .with_label(span(file, first.start, first.end), "begins here")
                .with_help("cut it into several items"),
        );
    }
    nesting(text, tokens, |deep| span(file, deep.start, deep.end))
}

/// Refuses text that nests too deep; `place` says where a token stands.
pub(crate) fn nesting(text: &str, tokens: &[Token], place: impl Fn(&Token) -> Span) -> Option<Diagnostic> {
    let deep = deepest(text, tokens)?;
    let message = format!("more than {MAX_NESTING} brackets, quantifiers and `if`s stand inside one another");
    Some(
        Diagnostic::error("parse/too-deep", message)
            .with_label(place(deep), "one too many")
            .with_help("cut the condition into several rules or clauses"),
    )
}

/// Refuses the rest of a file that has too many items.
pub(crate) fn items(file: FileId, count: usize, next: &Token) -> Option<Diagnostic> {
    let message = format!("a file has at most {MAX_ITEMS} items");
    (count >= MAX_ITEMS).then(|| {
        Diagnostic::error("parse/too-many-items", message)
            .with_label(span(file, next.start, next.end), "one too many")
            .with_help("cut it into several files")
    })
}

/// The first token that nests too deep. Quantifiers and `if`s reach to the end of what they stand in, so those of
/// one bracket, clause or list member are taken to stand inside one another.
fn deepest<'t>(text: &str, tokens: &'t [Token]) -> Option<&'t Token> {
    let mut open: Vec<usize> = vec![0];
    let mut depth = 0;
    // The conditions of an intent stand inside its braces, those of a rule in none.
    let level = if tokens.first().is_some_and(|token| token.text(text) == "intent") { 2 } else { 1 };
    for (at, token) in tokens.iter().enumerate() {
        let after = |by: usize| tokens.get(at + by).map_or("", |token| token.text(text));
        let word = token.text(text);
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |token| token.text(text));
        let member = matches!(before, "." | "^");
        match token.kind {
            Kind::Open => {
                open.push(0);
                depth += 1;
            }
            Kind::Close => {
                let inner = open.pop().unwrap_or(0);
                depth -= (inner + 1).min(depth);
            }
            Kind::Word if word == "if" || (matches!(word, "any" | "all") && after(2) == "in") => {
                if let Some(inner) = open.last_mut() {
                    *inner += 1;
                }
                depth += 1;
            }
            Kind::Word if words::CLAUSES.contains(&word) && open.len() == level && !member => {
                reset(&mut open, &mut depth);
            }
            Kind::Symbol if word == "," => reset(&mut open, &mut depth),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Some(token);
        }
    }
    None
}

fn reset(open: &mut [usize], depth: &mut usize) {
    if let Some(inner) = open.last_mut() {
        *depth -= (*inner).min(*depth);
        *inner = 0;
    }
}
