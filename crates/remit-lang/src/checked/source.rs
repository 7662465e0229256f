//! Sources outside: services that are asked for values before a question is decided.

use remit_model::{Duration, Field, Name};

use crate::source::Span;

use super::Expr;

/// Index of a source in [`Policies::sources`](super::Policies::sources).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u16);

/// `source shield "https://shield.example/v1/check" { … }`
#[derive(Debug, Clone)]
pub struct Source {
    /// Unique over all packages.
    pub name: Name,
    /// The package that declares it.
    pub package: Name,
    /// Its place.
    pub span: Span,
    /// Where it answers, unless whoever runs the decision point says otherwise.
    pub url: String,
    /// The members of an answer that rules may read; what is of another type is unknown.
    pub gives: Vec<Field>,
    /// What it is sent, each with the path under which it is sent.
    pub sends: Vec<(String, Expr)>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long an answer counts for a question that sends the same.
    pub cache: Option<Duration>,
}
