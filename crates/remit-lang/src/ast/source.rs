//! Sources outside as written: services that are asked for values before a question is decided.

use crate::source::{Span, Spanned};

use super::{Expr, Field, Trivia};

/// `source shield "https://shield.example/v1/check" { … }`
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub name: Spanned<String>,
    /// Where it answers.
    pub url: Spanned<String>,
    /// In written order; the checker refuses doubles.
    pub parts: Vec<SourcePart>,
}

/// A part with the comments before it.
#[derive(Debug, Clone)]
pub struct SourcePart {
    /// Its place.
    pub span: Span,
    /// Comments before it.
    pub trivia: Vec<Trivia>,
    /// What it is.
    pub kind: SourcePartKind,
    /// Text of a `//` comment on its last line.
    pub trailing: Option<String>,
}

/// The parts of a source.
#[derive(Debug, Clone)]
pub enum SourcePartKind {
    /// `gives verdict: string, score: decimal`
    Gives(Vec<Field>),
    /// `from message.content, message.type`
    Sends(Vec<Expr>),
    /// `timeout 300ms`: a duration as written.
    Timeout(Expr),
    /// `cache 60s`: a duration as written.
    Cache(Expr),
}
