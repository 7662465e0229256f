//! The tokens of patterns, each with the number of characters before it.

use std::fmt;

use super::{Fault, fault};

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    Number(String),
    /// `$name`
    Parameter(String),
    Sign(&'static str),
}

/// Signs, the longer before those they begin with. `<-` and `->` are none: a comparison may end where a number begins.
const SIGNS: [&str; 21] = [
    "<>", "<=", ">=", "=~", "..", "(", ")", "[", "]", "{", "}", ":", "|", "*", ".", ",", "<", ">", "=", "-",
    "+",
];

pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or(&[]);
        let (token, length) = match c {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '\'' | '"' => quoted(rest, *c, at)?,
            '`' => {
                let Some(length) = rest.iter().skip(1).position(|c| *c == '`') else {
                    return Err(fault(at, "this name is never closed"));
                };
                (Token::Word(rest.iter().skip(1).take(length).collect()), length + 2)
            }
            '$' => {
                let name: String = rest.iter().skip(1).take_while(|c| in_word(**c)).collect();
                let length = name.chars().count() + 1;
                (Token::Parameter(name), length)
            }
            c if c.is_ascii_digit() => number(rest),
            c if c.is_alphabetic() || *c == '_' => {
                let word: String = rest.iter().take_while(|c| in_word(**c)).collect();
                let length = word.chars().count();
                (Token::Word(word), length)
            }
            other => {
                let sign = SIGNS.into_iter().find(|sign| {
                    rest.iter().zip(sign.chars()).filter(|(a, b)| *a == b).count() == sign.len()
                });
                match sign {
                    Some(sign) => (Token::Sign(sign), sign.len()),
                    None => return Err(fault(at, format!("`{other}` has no meaning here"))),
                }
            }
        };
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A text; what a backslash means is not guessed.
fn quoted(rest: &[char], quote: char, at: usize) -> Result<(Token, usize), Fault> {
    let Some(length) = rest.iter().skip(1).position(|c| *c == quote) else {
        return Err(fault(at, "this text is never closed"));
    };
    let text: String = rest.iter().skip(1).take(length).collect();
    if text.contains('\\') {
        return Err(fault(at, "escapes in texts are not carried over"));
    }
    Ok((Token::Text(text), length + 2))
}

/// Digits, and a fraction when a digit follows the dot: `1..3` are two numbers.
fn number(rest: &[char]) -> (Token, usize) {
    let whole = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let dot = rest.get(whole) == Some(&'.') && rest.get(whole + 1).is_some_and(char::is_ascii_digit);
    let fraction =
        if dot { 1 + rest.iter().skip(whole + 1).take_while(|c| c.is_ascii_digit()).count() } else { 0 };
    (Token::Number(rest.iter().take(whole + fraction).collect()), whole + fraction)
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) | Self::Number(text) => write!(f, "`{text}`"),
            Self::Text(text) => write!(f, "`'{text}'`"),
            Self::Parameter(name) => write!(f, "`${name}`"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
        }
    }
}
