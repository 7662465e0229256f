//! Numbers, durations, times and texts: what the grammar takes as one token is told apart and checked here.

use pest::iterators::Pair;
use remit_model::{Duration, Number, Timestamp};

use super::grammar::Rule;
use super::reader::Reader;
use crate::ast::ExprKind;
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

/// A character of a text, after escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Char {
    pub(super) char: char,
    /// Where it begins in the parsed text.
    pub(super) at: usize,
    /// Written as `\u{…}`, `\n`, `\t`: never a brace or quote that means something.
    pub(super) escaped: bool,
}

impl Reader {
    /// `number = @{ … }`: a number or a duration.
    pub(super) fn number(&self, pair: &Pair<'_, Rule>) -> Option<ExprKind> {
        let text = pair.as_str();
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.bytes().all(|b| b.is_ascii_digit() || b == b'_' || b == b'.') {
            let grouped = digits.split('.').all(|part| part.split('_').all(|group| !group.is_empty()));
            if grouped && Number::parse(&text.replace('_', "")).is_some() {
                return Some(ExprKind::Number(text.to_owned()));
            }
            self.refuse(
                pair,
                "parse/number",
                format!("`{text}` is not a number"),
                "numbers are written `42`, `50_000` or `0.75`, with at most 38 digits",
            );
            return None;
        }
        if Duration::parse(text).is_some() {
            return Some(ExprKind::Duration(text.to_owned()));
        }
        let exponent = digits.split_once(['e', 'E']).is_some_and(|(before, after)| {
            let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            digits(before) && digits(after)
        });
        if exponent {
            let message = format!("`{text}` has an exponent, and numbers are written out");
            self.refuse(pair, "parse/number", message, "write all digits, grouped with `_`: `1_000_000`");
        } else if digits.bytes().any(|b| b == b'.' || b == b'_')
            || !digits.bytes().any(|b| b"wdhms".contains(&b))
        {
            let help = "a name begins with a letter; numbers are written `42`, `50_000` or `0.75`";
            self.refuse(pair, "parse/number", format!("`{text}` is neither a number nor a name"), help);
        } else {
            let message = format!("`{text}` is not a duration");
            let help =
                "durations are written `15m`, `90d` or `1h30m`: units w, d, h, m, s, ms, largest first";
            self.refuse(pair, "parse/duration", message, help);
        }
        None
    }

    /// `time = @{ … }`: a date or an instant that exists.
    pub(super) fn time(&self, pair: &Pair<'_, Rule>) -> Option<Spanned<String>> {
        if Timestamp::parse(pair.as_str()).is_some() {
            return Some(self.word(pair));
        }
        let message = format!("`{}` is not a date or time that exists", pair.as_str());
        let help =
            "dates are written `2026-04-30`, times `2026-04-30T20:15:00Z` or with a zone such as `+05:30`";
        self.refuse(pair, "parse/time", message, help);
        None
    }

    fn refuse(&self, pair: &Pair<'_, Rule>, code: &'static str, message: String, help: &str) {
        self.report(Diagnostic::error(code, message).with_label(self.span(pair), "").with_help(help));
    }

    /// `string = @{ … }`, unescaped.
    pub(super) fn string(&self, pair: &Pair<'_, Rule>) -> Option<Spanned<String>> {
        let chars = self.characters(pair)?;
        Some(Spanned { node: chars.iter().map(|one| one.char).collect(), span: self.span(pair) })
    }

    /// `raw_string = @{ … }`: what stands between the quotes.
    pub(super) fn raw_string(&self, pair: &Pair<'_, Rule>) -> Option<Spanned<String>> {
        let inside = pair.as_str().strip_prefix("r\"")?.strip_suffix('"')?;
        let start = pair.as_span().start() + 2;
        self.refuse_control(inside, start)?;
        Some(Spanned { node: inside.to_owned(), span: self.span(pair) })
    }

    fn refuse_control(&self, inside: &str, start: usize) -> Option<()> {
        let Some((at, found)) = inside.char_indices().find(|(_, c)| c.is_control() && *c != '\t') else {
            return Some(());
        };
        let code = u32::from(found);
        let message = format!("the control character U+{code:04X} may not stand in a text");
        let error = Diagnostic::error("parse/control-character", message)
            .with_label(self.range(start + at, start + at + found.len_utf8()), "")
            .with_help(format!("write it as `\\u{{{code:x}}}`"));
        self.report(error);
        None
    }

    /// The characters of a quoted text; every wrong escape is reported.
    pub(super) fn characters(&self, pair: &Pair<'_, Rule>) -> Option<Vec<Char>> {
        let inside = pair.as_str().strip_prefix('"')?.strip_suffix('"')?;
        let start = pair.as_span().start() + 1;
        self.refuse_control(inside, start)?;
        let mut chars = Vec::with_capacity(inside.len());
        let (mut rest, mut sound) = (inside, true);
        while let Some(first) = rest.chars().next() {
            let at = start + inside.len() - rest.len();
            let (read, length) = match first {
                '\\' => escape(rest),
                _ => (Some((first, false)), first.len_utf8()),
            };
            match read {
                Some((char, escaped)) => chars.push(Char { char, at, escaped }),
                None => {
                    sound = false;
                    let text = rest.get(..length).unwrap_or("\\");
                    let error = Diagnostic::error("parse/escape", format!("`{text}` is not an escape"))
                        .with_label(self.range(at, at + length), "")
                        .with_help("escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}` with a code point");
                    self.report(error);
                }
            }
            rest = rest.get(length..).unwrap_or("");
        }
        sound.then_some(chars)
    }
}

/// The character an escape stands for, whether it is one that means nothing but itself, and the escape's length.
fn escape(rest: &str) -> (Option<(char, bool)>, usize) {
    let Some(kind) = rest.chars().nth(1) else { return (None, 1) };
    let length = 1 + kind.len_utf8();
    match kind {
        '"' | '\\' => (Some((kind, false)), length),
        'n' => (Some(('\n', true)), length),
        't' => (Some(('\t', true)), length),
        'u' => match rest.get(2..).and_then(|rest| rest.strip_prefix('{')?.split_once('}')) {
            Some((digits, _)) if digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                (code.map(|char| (char, true)), digits.len() + 4)
            }
            _ => (None, length),
        },
        _ => (None, length),
    }
}
