//! Cuts a file into items, so that the parser takes one at a time and an error in one leaves the others readable.
//! Knows the words that begin an item and brackets; what stands inside an item is the parser's business.

use crate::diagnostic::{Diagnostic, nearest};
use crate::guard;
use crate::scan::{self, Kind, Token};
use crate::source::FileId;
use crate::words;

/// The text of one item, with its comments.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Comments between the item before and this one.
    pub(crate) leading: Vec<Token>,
    /// From the first to the last token of the item, comments inside it included. Never empty.
    pub(crate) tokens: Vec<Token>,
    /// A comment after the last token, on its line.
    pub(crate) trailing: Option<Token>,
    /// Why the item is not parsed.
    pub(crate) fault: Option<Diagnostic>,
}

/// A whole file, cut.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pub(crate) items: Vec<Piece>,
    /// Comments after the last item.
    pub(crate) closing: Vec<Token>,
    /// Why the rest of the file was not cut.
    pub(crate) fault: Option<Diagnostic>,
}

/// Cuts the text. Every token lands in exactly one piece or in the closing comments.
pub(crate) fn cut(file: FileId, text: &str) -> Pieces {
    let mut cutter =
        Cutter { file, text, pieces: Pieces::default(), open: Vec::new(), last: None, before: None };
    let mut tokens = scan::tokens(text);
    let mut pending = Vec::new();
    while let Some(token) = tokens.next() {
        if token.is_comment() {
            pending.push(token);
            continue;
        }
        let mut ahead = tokens.clone();
        let next = if token.kind == Kind::Word { ahead.find(|token| !token.is_comment()) } else { None };
        if cutter.starts_item(&token, next.as_ref()) {
            if let Some(fault) = guard::items(file, cutter.pieces.items.len(), &token) {
                cutter.pieces.fault = Some(fault);
                break;
            }
            cutter.begin(&token, std::mem::take(&mut pending));
        }
        cutter.take(token, &mut pending);
    }
    cutter.finish(pending)
}

struct Cutter<'t> {
    file: FileId,
    text: &'t str,
    pieces: Pieces,
    /// Brackets not closed yet.
    open: Vec<Token>,
    /// The last token that is no comment.
    last: Option<Token>,
    /// The one before it.
    before: Option<Token>,
}

impl Cutter<'_> {
    fn starts_item(&self, token: &Token, next: Option<&Token>) -> bool {
        let Some(last) = self.last else { return true };
        let gap = self.text.get(last.end..token.start).unwrap_or("");
        if !gap.contains('\n') {
            return false;
        }
        let at_margin = gap.ends_with('\n');
        let word = token.text(self.text);
        if words::ITEMS.contains(&word) {
            let fits = self.open.is_empty() || at_margin && self.is_sure(next);
            let heads =
                self.heads_item(word, next) || at_margin && self.open.is_empty() && self.can_end(&last);
            fits && heads && !self.goes_on(&last, at_margin)
        } else {
            at_margin && self.open.is_empty() && self.is_foreign(token) && self.can_end(&last)
        }
    }

    /// The word after tells an item from an expression that goes on with a name such as `action`.
    fn heads_item(&self, word: &str, next: Option<&Token>) -> bool {
        let Some(next) = next else { return true };
        let follower = next.text(self.text);
        match word {
            "context" | "message" | "token" => follower == "{",
            "action" | "intent" | "source" => next.kind == Kind::Text || self.is_name(next),
            _ => next.kind != Kind::Symbol || follower == "=",
        }
    }

    fn is_sure(&self, next: Option<&Token>) -> bool {
        next.is_some_and(|next| next.text(self.text) == "{" || next.kind == Kind::Text || self.is_name(next))
    }

    fn is_name(&self, token: &Token) -> bool {
        let word = token.text(self.text);
        token.kind == Kind::Word && words::is_free(word) && !words::SOFT_OPERATORS.contains(&word)
    }

    /// `expect` is followed by `permit`; a list or a path goes on, unless the line begins at the margin.
    fn goes_on(&self, last: &Token, at_margin: bool) -> bool {
        let word = last.text(self.text);
        word == "expect" || (!at_margin && matches!(word, "," | "." | ":" | "^" | "|"))
    }

    /// A word at the margin that nothing of an item begins a line with: most likely a misspelt item.
    fn is_foreign(&self, token: &Token) -> bool {
        let word = token.text(self.text);
        match token.kind {
            Kind::Word => {
                let known = [
                    words::CLAUSES,
                    words::EXPECT_CLAUSES,
                    words::OPERATORS,
                    words::SOFT_OPERATORS,
                    words::INTENT_PARTS,
                    words::TASK_CLAUSES,
                    words::SOURCE_PARTS,
                ];
                !known.iter().any(|list| list.contains(&word))
                    && !["version", "approved", "until", "from"].contains(&word)
            }
            Kind::Symbol => matches!(word, "#" | "/" | ";" | "@"),
            _ => false,
        }
    }

    fn can_end(&self, last: &Token) -> bool {
        match last.kind {
            Kind::Word => {
                let word = last.text(self.text);
                let alone = self.pieces.items.last().is_some_and(|piece| piece.tokens.len() == 1);
                // Where only a name can stand, any word is one: `use staff.for`, `action read on for`.
                let named = self.before.is_some_and(|before| {
                    matches!(before.text(self.text), "." | "," | "on" | "by" | "package" | "use")
                });
                words::is_free(word) && !alone || named || matches!(word, "any" | "true" | "false")
            }
            Kind::Symbol => self.before.is_some_and(|before| before.end == last.start),
            _ => true,
        }
    }

    fn begin(&mut self, token: &Token, mut comments: Vec<Token>) {
        self.close_piece();
        if let (Some(piece), Some(last)) = (self.pieces.items.last_mut(), self.last) {
            piece.trailing = take_trailing(self.text, &last, &mut comments);
        }
        let fault = self.unknown(token);
        self.pieces.items.push(Piece { leading: comments, tokens: Vec::new(), trailing: None, fault });
    }

    fn unknown(&self, token: &Token) -> Option<Diagnostic> {
        let word = token.text(self.text);
        if words::ITEMS.contains(&word) {
            return None;
        }
        let span = guard::span(self.file, token.start, token.end);
        let found = Diagnostic::error("parse/unknown-item", format!("no item begins with `{word}`"))
            .with_label(span, "expected an item such as `permit` or `entity`");
        let clauses = words::CLAUSES.iter().chain(words::ITEMS).copied();
        Some(match word {
            "#" | "/" => found.with_help("a comment begins with `//` and reaches to the end of the line"),
            ";" => found.with_help("nothing ends with `;`: remove it"),
            _ if words::CLAUSES.contains(&word) => {
                found.with_help("a clause stands inside a rule: `permit name`, then its clauses")
            }
            _ => match nearest(word, clauses) {
                Some(near) => found.with_help(format!("did you mean `{near}`?")),
                None => found.with_help(format!("items are {}", list(words::ITEMS))),
            },
        })
    }

    fn take(&mut self, token: Token, comments: &mut Vec<Token>) {
        let fault = match token.kind {
            Kind::Open => {
                self.open.push(token);
                None
            }
            Kind::Close => self.closed(&token),
            Kind::OpenText => Some(unclosed(self.file, self.text, &token, None)),
            _ => None,
        };
        if let Some(piece) = self.pieces.items.last_mut() {
            piece.tokens.append(comments);
            piece.tokens.push(token);
            piece.fault = piece.fault.take().or(fault);
        }
        self.before = self.last.replace(token);
    }

    fn closed(&mut self, token: &Token) -> Option<Diagnostic> {
        let word = token.text(self.text);
        let Some(open) = self.open.pop() else {
            let at = guard::span(self.file, token.start, token.end);
            let message = format!("this `{word}` closes nothing");
            return Some(Diagnostic::error("parse/unopened", message).with_label(at, "nothing is open here"));
        };
        let fits = matches!((open.text(self.text), word), ("(", ")") | ("[", "]") | ("{", "}"));
        (!fits).then(|| unclosed(self.file, self.text, &open, Some(token)))
    }

    /// Ends the piece in work: what is still open there is never closed.
    fn close_piece(&mut self) {
        let open = std::mem::take(&mut self.open);
        if let (Some(piece), Some(open)) = (self.pieces.items.last_mut(), open.last()) {
            piece.fault = piece.fault.take().or_else(|| Some(unclosed(self.file, self.text, open, None)));
        }
        if let Some(piece) = self.pieces.items.last_mut()
            && piece.fault.is_none()
        {
            piece.fault = guard::item(self.file, self.text, &piece.tokens);
        }
    }

    fn finish(mut self, mut comments: Vec<Token>) -> Pieces {
        self.close_piece();
        if let (Some(piece), Some(last)) = (self.pieces.items.last_mut(), self.last) {
            piece.trailing = take_trailing(self.text, &last, &mut comments);
        }
        self.pieces.closing = comments;
        self.pieces
    }
}

/// Takes the first comment when it stands on the line on which the token ends.
fn take_trailing(text: &str, last: &Token, comments: &mut Vec<Token>) -> Option<Token> {
    let first = comments.first()?;
    let same_line = !text.get(last.end..first.start)?.contains('\n');
    same_line.then(|| comments.remove(0))
}

fn unclosed(file: FileId, text: &str, open: &Token, closer: Option<&Token>) -> Diagnostic {
    let span = |token: &Token| guard::span(file, token.start, token.end);
    if open.kind == Kind::OpenText {
        return Diagnostic::error("parse/unclosed", "this text has no closing quote on its line")
            .with_label(span(open), "opened here")
            .with_help("a line's end inside a text is written `\\n`, a quote `\\\"`");
    }
    let found = Diagnostic::error("parse/unclosed", format!("this `{}` is never closed", open.text(text)))
        .with_label(span(open), "opened here");
    match closer {
        Some(closer) => {
            found.with_secondary(span(closer), format!("`{}` does not close it", closer.text(text)))
        }
        None => found,
    }
}

/// "`a`, `b` and `c`"
fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
