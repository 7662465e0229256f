//! Intents, labels and chain patterns as written.

use crate::source::{Span, Spanned};

use super::{Clause, Entity, Expr, Selector, Trivia};

/// `intent pay_invoice "Pay an approved supplier invoice" { … }`
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its name.
    pub name: Spanned<String>,
    /// The goal in words.
    pub goal: Option<Spanned<String>>,
    /// Parts in written order.
    pub parts: Vec<IntentPart>,
}

/// A part of an intent with the comments before it.
#[derive(Debug, Clone)]
pub struct IntentPart {
    /// Its place; of a task, up to its last clause.
    pub span: Span,
    /// Doc comment lines.
    pub doc: Vec<String>,
    /// Comments before it.
    pub trivia: Vec<Trivia>,
    /// What it is.
    pub kind: IntentPartKind,
    /// Text of a `//` comment on its last line; that of a task's last clause stands with the clause.
    pub trailing: Option<String>,
}

/// The parts of an intent.
#[derive(Debug, Clone)]
pub enum IntentPartKind {
    /// `for user in group:finance`
    For(Vec<Selector>),
    /// `task …`
    Task(Task),
    /// `using skill:invoicing`
    Using(Vec<Entity>),
    /// `hops at most 2`
    Hops(Amount),
    /// `lasts 15m`
    Lasts(Amount),
}

/// `pay: transfer on account after look_up`
#[derive(Debug, Clone)]
pub struct Task {
    /// Its name.
    pub name: Spanned<String>,
    /// At least one.
    pub actions: Vec<Spanned<String>>,
    /// `on`, when it is written.
    pub resources: Option<Vec<Selector>>,
    /// The place of everything before the clauses.
    pub head: Span,
    /// Clauses in written order.
    pub clauses: Vec<TaskClause>,
}

/// A clause of a task with the comments before it.
#[derive(Debug, Clone)]
pub struct TaskClause {
    /// Its place.
    pub span: Span,
    /// Comments before it.
    pub trivia: Vec<Trivia>,
    /// What it is.
    pub kind: TaskClauseKind,
    /// Text of a `//` comment on its last line.
    pub trailing: Option<String>,
}

/// The clauses of a task.
#[derive(Debug, Clone)]
pub enum TaskClauseKind {
    /// `after look_up, vet`
    After(Vec<Spanned<String>>),
    /// `at most 2 times`
    Times(Amount),
    /// `at most 500 of action.amount`
    Budget(Amount, Argument),
    /// `when C`
    When(Expr),
    /// `unless C`
    Unless(Expr),
    /// `when action.to from literal or created`
    From(Argument, Vec<Spanned<Origin>>),
    /// `closed`
    Closed,
}

/// `action.order.total`
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its place.
    pub span: Span,
    /// The members after `action`; never empty.
    pub path: Vec<Spanned<String>>,
}

/// `5`, `15m`, `limits.most`: as written.
#[derive(Debug, Clone)]
pub struct Amount {
    /// Its place.
    pub span: Span,
    /// A number, a duration, or `limits` and a step.
    pub value: Expr,
}

/// Where a value may come from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// `literal`
    Literal,
    /// `one of [a, b]`
    OneOf(Expr),
    /// `record of supplier`, `record of supplier.iban`
    RecordOf(Spanned<String>, Option<Spanned<String>>),
    /// `created`
    Created,
    /// `result(look_up).pays_to`
    Result(Spanned<String>, Vec<Spanned<String>>),
    /// `text("mail")`
    Text(Spanned<String>),
}

/// One place of a chain pattern.
#[derive(Debug, Clone)]
pub enum Link {
    /// `any*`
    AnyNumber(Span),
    /// `any`, `agent:a`, `agent in group:x`
    One(Selector),
}

/// `label untrusted after read on email unless …`
#[derive(Debug, Clone)]
pub struct Label {
    /// `unlabel` rather than `label`.
    pub removes: bool,
    /// The label.
    pub name: Spanned<String>,
    /// `after read, fetch`; `after any` is empty.
    pub after: Vec<Spanned<String>>,
    /// Clauses in written order.
    pub clauses: Vec<Clause>,
}
