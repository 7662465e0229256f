//! Policy text to tokens: just enough to know words, texts, comments and brackets. Knows no grammar.

/// A token: what it is and where, in bytes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, digits and `_`, beginning with a letter or `_`.
    Word,
    /// Letters, digits and `_`, beginning with a digit.
    Number,
    /// `"…"` or `r"…"` with its quotes.
    Text,
    /// A quote that is not closed on its line.
    OpenText,
    /// `// …` without the line's end.
    Comment,
    /// `/// …`
    Doc,
    /// `(`, `[` or `{`
    Open,
    /// `)`, `]` or `}`
    Close,
    /// Any other single character.
    Symbol,
}

impl Token {
    pub(crate) fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }

    pub(crate) fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::Comment | Kind::Doc)
    }
}

/// All tokens in order. Blanks are left out.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = Token> + Clone + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let token = token(text, at)?;
        at = token.end;
        Some(token)
    })
}

fn token(text: &str, start: usize) -> Option<Token> {
    let rest = text.get(start..)?;
    let first = rest.chars().next()?;
    let (kind, length) = match first {
        '"' => quoted(rest, true),
        'r' if rest.starts_with("r\"") => {
            let (kind, length) = quoted(rest.get(1..)?, false);
            (kind, length + 1)
        }
        '/' if rest.starts_with("//") => comment(rest),
        '(' | '[' | '{' => (Kind::Open, 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        _ if is_word(first) => {
            let kind = if first.is_ascii_digit() { Kind::Number } else { Kind::Word };
            (kind, rest.find(|c| !is_word(c)).unwrap_or(rest.len()))
        }
        _ => (Kind::Symbol, first.len_utf8()),
    };
    Some(Token { kind, start, end: start + length })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn comment(rest: &str) -> (Kind, usize) {
    let line = rest.split('\n').next().unwrap_or(rest).trim_end();
    let doc = line.starts_with("///") && !line.starts_with("////");
    (if doc { Kind::Doc } else { Kind::Comment }, line.len())
}

/// Kind and length of the text that begins at the quote.
fn quoted(rest: &str, escapes: bool) -> (Kind, usize) {
    let mut bytes = rest.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return (Kind::Text, at + 1),
            b'\n' => return (Kind::OpenText, at),
            // WHY: a line's end stays one, so that an open text ends with its line whatever stands before.
            b'\\' if escapes && rest.as_bytes().get(at + 1) != Some(&b'\n') => {
                bytes.next();
            }
            _ => {}
        }
    }
    (Kind::OpenText, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(Kind, &str)> {
        tokens(text).map(|token| (token.kind, token.text(text))).collect()
    }

    #[test]
    fn texts_hide_what_looks_like_something_else() {
        use Kind::{Close, Comment, Doc, Number, Open, Symbol, Text, Word};
        assert_eq!(
            shown("for_x \"a // { \\\" \" r\"\\\" } // c \"\n/// d\n//// e\n(ü 12m"),
            vec![
                (Word, "for_x"),
                (Text, "\"a // { \\\" \""),
                (Text, "r\"\\\""),
                (Close, "}"),
                (Comment, "// c \""),
                (Doc, "/// d"),
                (Comment, "//// e"),
                (Open, "("),
                (Symbol, "ü"),
                (Number, "12m"),
            ]
        );
    }

    #[test]
    fn an_open_text_ends_with_its_line() {
        use Kind::{OpenText, Word};
        assert_eq!(shown("\"ab\\\nword"), vec![(OpenText, "\"ab\\"), (Word, "word")]);
        assert_eq!(shown("r\"x"), vec![(OpenText, "r\"x")]);
    }
}
