//! Conditions of Genie's rules: text to tree. `or` binds weakest, then `and`, then `not`, then one comparison; words in
//! capitals or not. Two words are ours, for what the language of Genie cannot ask: `is present` and `is missing`.

use std::fmt;

use crate::limits;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Compare { left: Term, operator: Operator, right: Term },
    Presence { of: Term, present: bool },
}

/// One side of a comparison, and where it begins, in characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) at: usize,
    pub(super) kind: TermKind,
}

/// The kinds of term.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TermKind {
    Text(String),
    /// As written; digits with at most one dot.
    Number(String),
    Field(Field),
}

/// What a rule can read of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Classification,
    Type,
    From,
    To,
    Role,
    Content,
    Metadata(String),
}

/// The comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    StartsWith,
}

/// Why a condition is not read, and at which character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// The names of fields, without those of metadata.
pub(super) const FIELDS: [&str; 7] =
    ["classification", "type", "from", "to", "role", "content", "metadata.key"];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(String),
    Operator(Operator),
    Open,
    Close,
}

/// Reads a condition.
pub(super) fn read(text: &str) -> Result<Expr, Fault> {
    if text.len() > limits::CONDITION_BYTES {
        let message = format!("a condition has at most {} bytes", limits::CONDITION_BYTES);
        return Err(Fault { at: 0, message, help: None });
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.chars().count(), depth: 0 };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(expr),
        Some((at, token)) => Err(fault(*at, format!("{} is too much here", shown(token)))),
    }
}

fn fault(at: usize, message: impl Into<String>) -> Fault {
    Fault { at, message: message.into(), help: None }
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let start = at;
        let rest = chars.get(at..).unwrap_or(&[]);
        let token = match c {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '(' => Token::Open,
            ')' => Token::Close,
            '"' | '\'' => {
                let Some(length) = rest.iter().skip(1).position(|other| other == c) else {
                    return Err(fault(at, "this text is never closed"));
                };
                at += length + 1;
                Token::Text(rest.iter().skip(1).take(length).collect())
            }
            '=' | '!' | '<' | '>' | '~' | '&' | '|' => {
                let sign: String = rest.iter().take_while(|c| "=!<>~&|".contains(**c)).collect();
                at += sign.chars().count() - 1;
                Token::Operator(operator(&sign).ok_or_else(|| Fault {
                    at: start,
                    message: format!("`{sign}` is no operator"),
                    help: Some(
                        "there are ==, !=, <, <=, >, >=, contains, startsWith; and, or, not".to_owned(),
                    ),
                })?)
            }
            c if c.is_ascii_digit() || *c == '-' => {
                let digits: String =
                    rest.iter().take_while(|c| c.is_alphanumeric() || "-._".contains(**c)).collect();
                at += digits.chars().count() - 1;
                if !is_number(&digits) {
                    return Err(fault(start, format!("`{digits}` is no number")));
                }
                Token::Number(digits)
            }
            c if c.is_alphabetic() || *c == '_' => {
                let word: String =
                    rest.iter().take_while(|c| c.is_alphanumeric() || "-._".contains(**c)).collect();
                at += word.chars().count() - 1;
                match operator(&word) {
                    Some(operator) => Token::Operator(operator),
                    None => Token::Word(word),
                }
            }
            other => return Err(fault(at, format!("`{other}` has no meaning here"))),
        };
        tokens.push((start, token));
        at += 1;
    }
    Ok(tokens)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        && whole.len() + fraction.len() <= 30
}

fn operator(text: &str) -> Option<Operator> {
    Some(match text {
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "contains" => Operator::Contains,
        "startsWith" => Operator::StartsWith,
        _ => return None,
    })
}

struct Parser<'t> {
    tokens: &'t [(usize, Token)],
    next: usize,
    end: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t (usize, Token)> {
        self.tokens.get(self.next)
    }

    fn is_word(&self, words: &[&str]) -> bool {
        matches!(self.peek(), Some((_, Token::Word(word))) if words.contains(&word.as_str()))
    }

    fn take_word(&mut self, words: &[&str]) -> bool {
        let found = self.is_word(words);
        self.next += usize::from(found);
        found
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        let at = self.peek().map_or(self.end, |(at, _)| *at);
        if self.depth > limits::CONDITION_DEPTH {
            Err(fault(at, "the condition is nested too deep"))
        } else {
            Ok(())
        }
    }

    fn or(&mut self) -> Result<Expr, Fault> {
        let mut all = vec![self.and()?];
        while self.take_word(&["or", "OR"]) {
            all.push(self.and()?);
        }
        Ok(only(all, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, Fault> {
        let mut all = vec![self.unary()?];
        while self.take_word(&["and", "AND"]) {
            all.push(self.unary()?);
        }
        Ok(only(all, Expr::And))
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        if self.take_word(&["not", "NOT"]) {
            self.deeper()?;
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Expr::Not(Box::new(inner)));
        }
        if matches!(self.peek(), Some((_, Token::Open))) {
            self.next += 1;
            self.deeper()?;
            let inner = self.or()?;
            self.depth -= 1;
            return match self.peek() {
                Some((_, Token::Close)) => {
                    self.next += 1;
                    Ok(inner)
                }
                Some((at, token)) => Err(fault(*at, format!("expected `)`, found {}", shown(token)))),
                None => Err(fault(self.end, "expected `)`, found the end")),
            };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, Fault> {
        let left = self.term()?;
        if self.take_word(&["is", "IS"]) {
            return if self.take_word(&["present", "PRESENT"]) {
                Ok(Expr::Presence { of: left, present: true })
            } else if self.take_word(&["missing", "MISSING"]) {
                Ok(Expr::Presence { of: left, present: false })
            } else {
                Err(fault(self.peek().map_or(self.end, |(at, _)| *at), "expected `present` or `missing`"))
            };
        }
        match self.peek() {
            Some((_, Token::Operator(operator))) => {
                self.next += 1;
                let right = self.term()?;
                Ok(Expr::Compare { left, operator: *operator, right })
            }
            Some((at, token)) => Err(fault(*at, format!("expected an operator, found {}", shown(token)))),
            None => Err(fault(self.end, "expected an operator, found the end")),
        }
    }

    fn term(&mut self) -> Result<Term, Fault> {
        let Some((at, token)) = self.peek() else {
            return Err(fault(self.end, "expected a field or a value, found the end"));
        };
        self.next += 1;
        let kind = match token {
            Token::Text(text) => TermKind::Text(text.clone()),
            Token::Number(text) => TermKind::Number(text.clone()),
            Token::Word(word) => TermKind::Field(field(word, *at)?),
            other => return Err(fault(*at, format!("expected a field or a value, found {}", shown(other)))),
        };
        Ok(Term { at: *at, kind })
    }
}

fn field(word: &str, at: usize) -> Result<Field, Fault> {
    Ok(match word {
        "classification" => Field::Classification,
        "type" => Field::Type,
        "from" => Field::From,
        "to" => Field::To,
        "role" => Field::Role,
        "content" => Field::Content,
        other => match other.strip_prefix("metadata.") {
            Some(key) if !key.is_empty() && !key.contains('.') => Field::Metadata(key.to_owned()),
            Some(_) => {
                let message = format!("`{other}` reaches into metadata, which Genie reads as an empty text");
                return Err(fault(at, message));
            }
            None => {
                let nearest = remit_lang::diagnostic::nearest(other, FIELDS.into_iter());
                let help = match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("there are {}; a text stands in quotes", FIELDS.join(", ")),
                };
                return Err(Fault { at, message: format!("`{other}` is no field"), help: Some(help) });
            }
        },
    })
}

fn only(mut all: Vec<Expr>, joined: fn(Vec<Expr>) -> Expr) -> Expr {
    match (all.len(), all.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            all.push(last);
            joined(all)
        }
        (_, None) => joined(all),
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Number(text) => format!("`{text}`"),
        Token::Text(text) => format!("`\"{text}\"`"),
        Token::Operator(operator) => format!("`{operator}`"),
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "contains",
            Self::StartsWith => "startsWith",
        })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Classification => f.write_str("classification"),
            Self::Type => f.write_str("type"),
            Self::From => f.write_str("from"),
            Self::To => f.write_str("to"),
            Self::Role => f.write_str("role"),
            Self::Content => f.write_str("content"),
            Self::Metadata(key) => write!(f, "metadata.{key}"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TermKind::Text(text) if text.contains('"') => write!(f, "'{text}'"),
            TermKind::Text(text) => write!(f, "\"{text}\""),
            TermKind::Number(text) => f.write_str(text),
            TermKind::Field(field) => field.fmt(f),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |one: &Self, f: &mut fmt::Formatter<'_>| match one {
            Self::Or(_) | Self::And(_) => write!(f, "({one})"),
            _ => write!(f, "{one}"),
        };
        match self {
            Self::Or(all) | Self::And(all) => {
                let word = if matches!(self, Self::Or(_)) { " OR " } else { " AND " };
                for (at, one) in all.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { word })?;
                    part(one, f)?;
                }
                Ok(())
            }
            Self::Not(inner) => {
                f.write_str("NOT ")?;
                part(inner, f)
            }
            Self::Compare { left, operator, right } => write!(f, "{left} {operator} {right}"),
            Self::Presence { of, present } => {
                write!(f, "{of} is {}", if *present { "present" } else { "missing" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_binds_weaker_than_and_and_not_strongest() {
        let grouped = |text: &str| match read(text).unwrap() {
            Expr::Or(all) => all.iter().map(|one| format!("[{one}]")).collect::<String>(),
            other => format!("{other}"),
        };
        assert_eq!(
            grouped(r#"NOT type == "a" AND to == "b" or from=="c""#),
            r#"[NOT type == "a" AND to == "b"][from == "c"]"#
        );
        assert_eq!(
            grouped(r#"(type == "a" OR type == 'b') AND metadata.n > 5"#),
            r#"(type == "a" OR type == "b") AND metadata.n > 5"#
        );
    }

    #[test]
    fn what_genie_only_finds_at_run_time_is_refused_with_its_place() {
        for (text, at, part) in [
            ("colour == \"a\"", 0, "`colour` is no field"),
            ("type =~ \"a\"", 5, "`=~` is no operator"),
            ("content contains \"DROP", 17, "never closed"),
            ("type == pii", 8, "`pii` is no field"),
            ("metadata.n > inf", 13, "`inf` is no field"),
            ("metadata.n > 1e5", 13, "no number"),
            ("type == \"a\" type", 12, "too much"),
            ("type == \"a\" AND", 15, "found the end"),
            ("(type == \"a\"", 12, "expected `)`"),
            ("metadata.user.roles == \"a\"", 0, "reaches into metadata"),
            ("type", 4, "expected an operator"),
            ("NOT", 3, "expected a field"),
            ("type == \"a\" && to == \"b\"", 12, "`&&` is no operator"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.at == at && fault.message.contains(part), "{text}: {fault:?}");
        }
        let deep = format!("{}type == \"a\"", "not ".repeat(100));
        assert!(read(&deep).unwrap_err().message.contains("too deep"));
    }
}
