//! The tree as written: names are text, nothing is resolved. `format(parse(x))` reads only this.

use crate::source::{Span, Spanned};

mod expect;
mod intent;
mod same;
mod source;

pub use expect::{Expect, Sighting, StepTaken};
pub use intent::{
    Amount, Argument, Intent, IntentPart, IntentPartKind, Label, Link, Origin, Task, TaskClause,
    TaskClauseKind,
};
pub use same::{outline, same};
pub use source::{Source, SourcePart, SourcePartKind};

/// A parsed file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Items in written order.
    pub items: Vec<Item>,
    /// Comments after the last item.
    pub closing: Vec<Trivia>,
}

/// A top-level item with its doc comment and the plain comments before it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The whole item, comments excluded.
    pub span: Span,
    /// Text of `///` lines, without the slashes, in order.
    pub doc: Vec<String>,
    /// `//` comments and blank lines kept by the formatter.
    pub trivia: Vec<Trivia>,
    /// What it is.
    pub kind: ItemKind,
    /// Comments of a body in braces that stand after its last member.
    pub closing: Vec<Trivia>,
    /// The members of a body in braces begin on a line of their own: layout that the formatter respects and that
    /// [`same()`] ignores.
    pub spread: bool,
    /// Text of a `//` comment on the item's last line; that of a rule's last clause stands with the clause.
    pub trailing: Option<String>,
}

/// What stands between items and clauses and must survive formatting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trivia {
    /// `// text`, on its own line.
    Comment(String),
    /// One or more blank lines.
    Blank,
}

/// The kinds of item.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a file has few items, and they live in one vector")]
pub enum ItemKind {
    /// `package …`
    Package(Package),
    /// `use core.finance`
    Use(Spanned<String>),
    /// `level classification { public < internal }`
    Level {
        /// Its name.
        name: Spanned<String>,
        /// Weakest first.
        members: Vec<Spanned<String>>,
    },
    /// `limit wire_max = 50_000`
    Limit {
        /// Its name.
        name: Spanned<String>,
        /// Its value.
        value: Expr,
    },
    /// `entity user { … }`
    Entity {
        /// Its name.
        name: Spanned<String>,
        /// Its attributes.
        attributes: Vec<Attribute>,
    },
    /// `action transfer, pay on account { … }`
    Action {
        /// One or more names.
        names: Vec<Spanned<String>>,
        /// Resource types.
        on: Vec<Spanned<String>>,
        /// Its properties.
        properties: Vec<Field>,
    },
    /// `context { trace_id: string? }`
    Context(Vec<Field>),
    /// `permit`, `forbid`, `require`
    Rule(Rule),
    /// `expect …`
    Expect(Expect),
    /// `message { classification: classification }`
    Message(Vec<Field>),
    /// `token { acr: string }`
    Token(Vec<Field>),
    /// `source shield "https://…" { … }`
    Source(Source),
    /// `intent …`
    Intent(Intent),
    /// `label …`, `unlabel …`
    Label(Label),
}

/// `package payments version "2026.2" approved by "Board" on 2026-04-30 until 2027-04-30`
#[derive(Debug, Clone)]
pub struct Package {
    /// Dotted name.
    pub name: Spanned<String>,
    /// Version text.
    pub version: Option<Spanned<String>>,
    /// Approver.
    pub approved_by: Option<Spanned<String>>,
    /// Date or time literal as written.
    pub approved_on: Option<Spanned<String>>,
    /// Date or time literal as written.
    pub until: Option<Spanned<String>>,
}

/// `name: type from request or graph`
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Doc comment lines.
    pub doc: Vec<String>,
    /// `membership` was written before the name.
    pub membership: bool,
    /// Its name.
    pub name: Spanned<String>,
    /// Its type.
    pub ty: TypeExpr,
    /// `from a or b`; empty means graph.
    pub sources: Vec<Spanned<String>>,
    /// `{ workflow: string }` after a relation's type.
    pub edge_properties: Vec<Field>,
    /// Comments before it.
    pub trivia: Vec<Trivia>,
    /// Text of a `//` comment on its last line.
    pub trailing: Option<String>,
}

/// `name: type`
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: Spanned<String>,
    /// Its type.
    pub ty: TypeExpr,
    /// Comments before it.
    pub trivia: Vec<Trivia>,
    /// Text of a `//` comment on its last line.
    pub trailing: Option<String>,
}

/// `string`, `user?`, `set<user | group>`
#[derive(Debug, Clone)]
pub struct TypeExpr {
    /// Its place.
    pub span: Span,
    /// Inside `set<…>`.
    pub set: bool,
    /// One name, or several entity types joined by `|`.
    pub names: Vec<Spanned<String>>,
    /// `?`
    pub optional: bool,
}

/// A rule as written.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `permit`, `forbid`, `require`.
    pub effect: Spanned<crate::checked::Effect>,
    /// Its name.
    pub name: Spanned<String>,
    /// Clauses in written order; the checker refuses doubles where only one makes sense.
    pub clauses: Vec<Clause>,
}

/// A clause with the comments before it.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Its place.
    pub span: Span,
    /// Comments before it.
    pub trivia: Vec<Trivia>,
    /// What it is.
    pub kind: ClauseKind,
    /// Text of a `//` comment on its last line.
    pub trailing: Option<String>,
}

/// The clauses of a rule.
#[derive(Debug, Clone)]
pub enum ClauseKind {
    /// `for user in group:treasury, agent`
    For(Vec<Selector>),
    /// `as agent`
    As(Vec<Selector>),
    /// `to transfer, read`; `to any` is empty.
    To(Vec<Spanned<String>>),
    /// `on account`
    On(Vec<Selector>),
    /// `when C`
    When(Expr),
    /// `unless C`
    Unless(Expr),
    /// `that C`
    That(Expr),
    /// `because "text {hole}"`
    Because(Template),
    /// `oblige kind { … }, …`
    Oblige(Vec<Duty>),
    /// `advise kind { … }, …`
    Advise(Vec<Duty>),
    /// `severity high`
    Severity(Spanned<String>),
    /// `via skill:invoicing, tool`
    Via(Vec<Selector>),
    /// `within pay_invoice, none`: names with or without package.
    Within(Vec<Spanned<String>>),
    /// `on_request manager_approval`
    OnRequest(Spanned<String>),
}

/// `user`, `user:"alice"`, `user in group:treasury`, `any`
#[derive(Debug, Clone)]
pub struct Selector {
    /// Its place.
    pub span: Span,
    /// What it selects.
    pub kind: SelectorKind,
}

/// The forms of a selector.
#[derive(Debug, Clone)]
pub enum SelectorKind {
    /// `any`
    Any,
    /// `user`
    Type(Spanned<String>),
    /// `user:"alice"`
    Entity(Entity),
    /// `user in group:treasury`
    MemberOf(Spanned<String>, Entity),
}

/// `user:"alice"`, `group:finance`
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its place.
    pub span: Span,
    /// The type's name.
    pub kind: Spanned<String>,
    /// The id, unescaped.
    pub id: Spanned<String>,
}

/// Text with `{expression}` holes.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its place, quotes included.
    pub span: Span,
    /// Text and holes in order.
    pub parts: Vec<TemplatePart>,
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub enum TemplatePart {
    /// Text, unescaped.
    Text(String),
    /// `{expression}`
    Hole(Expr),
}

/// `step-up { acr_value: "…" }`
#[derive(Debug, Clone)]
pub struct Duty {
    /// Its place.
    pub span: Span,
    /// Its kind.
    pub kind: Spanned<String>,
    /// Its properties.
    pub properties: Vec<(Spanned<String>, Expr)>,
}

/// An expression as written. Parentheses are not kept; the formatter writes those that precedence needs.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// Binary operators by their spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Has,
    HasAny,
    HasAll,
    StartsWith,
    EndsWith,
    Contains,
    Add,
    Subtract,
    Multiply,
}

/// The forms of an expression.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// `50_000`, `0.75`, `-3`: as written.
    Number(String),
    /// `"text"`, unescaped.
    String(String),
    /// `15m`: as written.
    Duration(String),
    /// `2026-04-30` or `2026-04-30T20:15:00Z`: as written.
    Time(String),
    /// `ip"10.0.0.0/8"`: the text inside.
    Ip(String),
    /// `[a, b]`
    Set(Vec<Expr>),
    /// `{ a: 1, b: { c: "x" } }`: stands only as the value of a property (of a duty, or in `expect`).
    Record(Vec<(Spanned<String>, Expr)>),
    /// `user:"alice"`
    Entity(Entity),
    /// A bare name: a root, a variable, a level member.
    Name(String),
    /// `a.b`, `a.^b`, `a.b*`, `a.b+`, `a.b[filter]`
    Step {
        /// Where it starts.
        base: Box<Expr>,
        /// The member.
        name: Spanned<String>,
        /// `^`
        inverse: bool,
        /// `*`, `+` or neither.
        reach: crate::checked::Reach,
        /// `[…]`
        filter: Option<Box<Expr>>,
    },
    /// `not a`
    Not(Box<Expr>),
    /// `a op b`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a is T`
    Is(Box<Expr>, Spanned<String>),
    /// `a is present` (true), `a is missing` (false)
    Presence(Box<Expr>, bool),
    /// `a matches r"…"`
    Matches(Box<Expr>, Spanned<String>),
    /// `a matches [agent:a, any*]`
    MatchesLinks(Box<Expr>, Vec<Link>),
    /// `a.b(c, d)`
    Call {
        /// What it is asked of.
        base: Box<Expr>,
        /// The function.
        name: Spanned<String>,
        /// In written order.
        arguments: Vec<Expr>,
    },
    /// `any x in S: C` (true), `all x in S: C` (false)
    Quantifier {
        /// `any` rather than `all`.
        any: bool,
        /// The variable.
        variable: Spanned<String>,
        /// The set.
        set: Box<Expr>,
        /// The condition.
        body: Box<Expr>,
    },
    /// `count(S)`
    Count(Box<Expr>),
}
