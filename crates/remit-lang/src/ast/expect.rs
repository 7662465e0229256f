//! Expectations as written.

use crate::source::{Span, Spanned};

use super::{Entity, Expr};

/// An `expect` line as written.
#[derive(Debug, Clone)]
pub struct Expect {
    /// `permit` rather than `deny`.
    pub permit: Spanned<bool>,
    /// The subject and its asserted properties.
    pub subject: (Entity, Vec<(Spanned<String>, Expr)>),
    /// The action's name and properties.
    pub action: (Spanned<String>, Vec<(Spanned<String>, Expr)>),
    /// The resource and its asserted properties.
    pub resource: (Entity, Vec<(Spanned<String>, Expr)>),
    /// `given { … }`
    pub given: Vec<(Spanned<String>, Expr)>,
    /// `bearing { … }`
    pub bearing: Vec<(Spanned<String>, Expr)>,
    /// `answering { shield: { … } }`
    pub answering: Vec<(Spanned<String>, Expr)>,
    /// `at …`: a time literal as written.
    pub at: Option<Spanned<String>>,
    /// `by a, b`: rule names, with or without package.
    pub by: Vec<Spanned<String>>,
    /// `because "code"`
    pub because: Option<Spanned<String>>,
    /// `obliging a, b`; `obliging none` is empty.
    pub obliging: Option<Vec<Spanned<String>>>,
    /// `as agent:"x"`
    pub actor: Option<Entity>,
    /// `via agent:"a", agent:"b"`
    pub through: Vec<Entity>,
    /// `within intent`, with or without package
    pub within: Option<Spanned<String>>,
    /// `after [ … ]`
    pub after: Vec<StepTaken>,
    /// `consenting [ { … } ]`
    pub consenting: Vec<Vec<(Spanned<String>, Expr)>>,
    /// `observing [ … ]`
    pub observing: Vec<Sighting>,
}

/// `user:"tara" login_failed { ago: 5m }`
#[derive(Debug, Clone)]
pub struct Sighting {
    /// Its place.
    pub span: Span,
    /// Of whom.
    pub party: Entity,
    /// The kind.
    pub kind: Spanned<String>,
    /// What is said of it.
    pub properties: Vec<(Spanned<String>, Expr)>,
}

/// `read invoice:"i1" returning { pays_to: "x" }`
#[derive(Debug, Clone)]
pub struct StepTaken {
    /// Its place.
    pub span: Span,
    /// The action's name and properties.
    pub action: (Spanned<String>, Vec<(Spanned<String>, Expr)>),
    /// The resource and its asserted properties.
    pub resource: (Entity, Vec<(Spanned<String>, Expr)>),
    /// `returning { … }`
    pub returning: Vec<(Spanned<String>, Expr)>,
}
