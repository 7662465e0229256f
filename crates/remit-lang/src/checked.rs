//! The checked tree: names resolved, types known, limits and literals in place. What the engine lowers and the
//! plain interpreter of the test kit walks. Nothing in it depends on the order of files or rules.

use std::sync::Arc;

use remit_model::{ActionId, AttrId, EntityRef, Name, Schema, Timestamp, Ty, TypeId, Value};

use crate::source::Span;

mod expect;
mod intent;
mod source;
mod standing;

pub use expect::{Asked, Expect, Sighting, StepTaken};
pub use intent::{
    ArgumentOrigins, Budget, ChainPart, IntentPart, IntentTemplate, LabelRule, Link, Origin, TaskPart,
    TaskTemplate, TransactionPart, Within,
};
pub use source::{Source, SourceId};
pub use standing::Fact;

/// A whole policy set that passed every check.
#[derive(Debug, Clone)]
pub struct Policies {
    /// Everything declared.
    pub schema: Arc<Schema>,
    /// Packages, in order of their names.
    pub packages: Vec<Package>,
    /// Named thresholds with their current values; index = [`LimitId`].
    pub limits: Vec<Limit>,
    /// Services that are asked for values; index = [`SourceId`].
    pub sources: Vec<Source>,
    /// All rules of all packages, ordered by id.
    pub rules: Vec<Rule>,
    /// All declared intents, ordered by id.
    pub intents: Vec<IntentTemplate>,
    /// All rules that label transactions, ordered by package, label and place.
    pub labels: Vec<LabelRule>,
    /// All `expect` lines.
    pub expects: Vec<Expect>,
}

/// `package payments version "2026.2" approved by "…" on … until …`
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name; dots are part of it.
    pub name: Name,
    /// The version text.
    pub version: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When it was approved.
    pub approved_on: Option<Timestamp>,
    /// After this instant its permits no longer apply (its forbids and requires still do).
    pub valid_until: Option<Timestamp>,
}

/// Index of a limit in [`Policies::limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitId(pub u16);

/// `limit wire_max = 50_000`
#[derive(Debug, Clone)]
pub struct Limit {
    /// Unique over all packages a rule can see.
    pub name: Name,
    /// The package that declares it.
    pub package: Name,
    /// Its value.
    pub value: Value,
    /// Its type.
    pub ty: Ty,
}

/// Package and name of a rule: what stands in every record. Shown as `package.name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId {
    /// The package.
    pub package: Name,
    /// The rule's name, unique in its package.
    pub name: Name,
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.package, self.name)
    }
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Applies only when its condition is true.
    Permit,
    /// Denies when its condition is true or unknown.
    Forbid,
    /// Written `require … that C`; held here as a forbid whose condition is `… and not C`.
    Require,
}

/// How grave a firing forbid or require is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[allow(missing_docs)]
pub enum Severity {
    Informational,
    #[default]
    Low,
    Medium,
    High,
    Critical,
}

/// One rule. A clause that was not written is `None` and selects everything.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Package and name.
    pub id: RuleId,
    /// The whole rule.
    pub span: Span,
    /// What it says.
    pub effect: Effect,
    /// `for`: the original subject.
    pub subjects: Option<Selector>,
    /// `as`: the current actor (the subject itself when no agent acts).
    pub actors: Option<Selector>,
    /// `to`: sorted, without duplicates.
    pub actions: Option<Vec<ActionId>>,
    /// `on`.
    pub resources: Option<Selector>,
    /// `via`: the tool that is asked for, or a skill of the current actor that uses it.
    pub via: Option<Selector>,
    /// `within`: the intent the step belongs to.
    pub within: Option<Within>,
    /// All `when` and not any `unless`; for [`Effect::Require`] also not the `that`. Type bool, or [`Ty::Any`] where
    /// an undeclared value is the condition or a part of it: what turns out to be no bool is unknown.
    pub condition: Expr,
    /// Shown to people when the rule decides: `because`, else the doc comment.
    pub because: Option<Template>,
    /// `oblige`.
    pub obligations: Vec<Duty>,
    /// `advise`.
    pub advice: Vec<Duty>,
    /// `severity`.
    pub severity: Severity,
    /// `on_request`: the template by which a denial may be turned into an access request.
    pub on_request: Option<Name>,
    /// The doc comment, joined lines.
    pub doc: Option<String>,
}

/// Any of the terms selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Never empty.
    pub terms: Vec<Term>,
}

/// One alternative of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// `user`: every entity of the type.
    Type(TypeId),
    /// `user:"alice"`: exactly this entity. Its type is declared; the entity may be absent from the graph.
    Entity(TypeId, EntityRef),
    /// `user in group:treasury`: of the type, and the group itself or a member of it, transitively, over
    /// membership relations.
    MemberOf(TypeId, EntityRef),
}

/// `"Treasury staff may transfer up to {limits.wire_max}"`
#[derive(Debug, Clone)]
pub struct Template {
    /// Text and holes in order.
    pub parts: Vec<Part>,
}

/// A piece of a [`Template`].
#[derive(Debug, Clone)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// An expression whose value is shown; unknown is shown as `?`.
    Hole(Expr),
}

/// `step-up { acr_value: "urn:bank:loa:3" }`: an obligation or a piece of advice.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Its type on the wire.
    pub kind: Name,
    /// Its properties in written order.
    pub properties: Vec<(Name, Expr)>,
    /// Its place.
    pub span: Span,
}

/// A typed expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Where it was written.
    pub span: Span,
    /// Its type.
    pub ty: Ty,
    /// What it is.
    pub kind: ExprKind,
}

/// How far a navigation step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// `a.b`
    One,
    /// `a.b*`: zero or more steps; the start belongs to the result.
    ZeroOrMore,
    /// `a.b+`: one or more steps.
    OneOrMore,
}

/// `<`, `<=`, `>`, `>=`, `==`, `!=`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Tests on text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// Checked arithmetic; overflow and what cannot be held exactly are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
}

/// Which party an expression speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Party {
    /// Who everybody acts for.
    Subject,
    /// The current agent, or the subject when there is none.
    Actor,
    /// What is acted upon.
    Resource,
}

/// Nodes of the typed tree. Every sub-expression that cannot be evaluated is unknown; see DECISION law 3.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A constant.
    Literal(Value),
    /// `limits.x`
    Limit(LimitId),
    /// `subject`, `actor`, `resource`: an entity.
    Party(Party),
    /// `now`: a time.
    Now,
    /// `pep`: the caller's name, a string.
    Pep,
    /// `action` where a value is meant, or `action.name`: the action's name, a string.
    ActionName,
    /// `action.amount`: a declared property of the action, from the request.
    ActionProperty(Name),
    /// `context.a` (declared or [`Ty::Any`]); deeper members are [`ExprKind::Member`].
    Context(Name),
    /// `message.a`, that is `context.message.a`, of type [`Ty::Any`] unless declared.
    Message(Name),
    /// A member of a value of type [`Ty::Any`].
    Member(Box<Expr>, Name),
    /// The variable of the enclosing quantifier with that depth (0 = outermost).
    Variable(u16),
    /// `a.b` where `b` is a property: base is an entity, or a set of entities (maps and unites).
    Attribute(Box<Expr>, AttrId),
    /// `a.b`, `a.b*`, `a.b+`, `a.^b` and `[filter]` where `b` is a relation. Base is an entity or a set of
    /// entities. The result is an entity for a forward single step over a to-one relation from a single
    /// entity, else a set.
    Follow {
        /// Where it starts.
        base: Box<Expr>,
        /// The relation.
        relation: AttrId,
        /// How far.
        reach: Reach,
        /// `^`: edges are walked against their direction.
        inverse: bool,
        /// Evaluated per edge with [`ExprKind::EdgeProperty`] in scope; an edge counts when it is true; when
        /// unknown the result set is incomplete.
        filter: Option<Box<Expr>>,
    },
    /// `chain`, `chain.current`, `chain.origin`: entities.
    Chain(ChainPart),
    /// `chain matches [agent:a, any*, agent in group:x]`
    ChainMatches(Vec<Link>),
    /// `transaction.id`, `transaction.done(pay)` …
    Transaction(TransactionPart),
    /// `intent.name` …
    Intent(IntentPart),
    /// `token.acr`: a verified claim of the token that speaks for the subject; unknown without one.
    Token(Name),
    /// `token`: stands only under `is present` and `is missing`.
    AnyToken,
    /// `look_up.resource`, `look_up.action.amount`: only in conditions of tasks.
    Task {
        /// The earlier task.
        task: Name,
        /// What is read of its step.
        part: TaskPart,
    },
    /// `consent.given(category, purpose)`: the subject has agreed that the actor does so with the resource.
    Consent(Box<Expr>, Box<Expr>),
    /// `signals.subject.new_device` …: of the subject or the actor; unknown when no agent acts.
    Signal(Party, Fact),
    /// `sources.shield.score`: what a service says; unknown unless it was asked and has answered.
    Outside(SourceId, Name),
    /// A property of the edge under test in a [`ExprKind::Follow`] filter.
    EdgeProperty(Name),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b …`, flattened, at least two; or empty, which is true.
    And(Vec<Expr>),
    /// `a or b …`, flattened, at least two.
    Or(Vec<Expr>),
    /// `if c then a else b`; an unknown condition gives unknown unless both branches are equal booleans.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A comparison. Types were checked to be comparable, or one side is [`Ty::Any`]. A string against a level
    /// compares as that level's member; against time, duration and ip as the parsed value.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `item in set`, `set has item`.
    Contains {
        /// The set.
        set: Box<Expr>,
        /// The element looked for.
        item: Box<Expr>,
    },
    /// `a has any b`
    HasAny(Box<Expr>, Box<Expr>),
    /// `a has all b`
    HasAll(Box<Expr>, Box<Expr>),
    /// `entity in group`: the group itself or a member, transitively, over membership relations.
    MemberOf(Box<Expr>, Box<Expr>),
    /// `address in network`
    Within(Box<Expr>, Box<Expr>),
    /// `a is T`
    Is(Box<Expr>, TypeId),
    /// `a is present` (true), `a is missing` (false): never unknown.
    Present(Box<Expr>, bool),
    /// `starts with`, `ends with`, `contains` on text.
    Text(TextTest, Box<Expr>, Box<Expr>),
    /// `matches r"…"`: the pattern was compiled once to prove it valid; matches anywhere unless anchored.
    Matches(Box<Expr>, Arc<str>),
    /// `+ - *`
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// `[a, b]`
    Set(Vec<Expr>),
    /// `any x in S: C`; the variable's depth is `depth`.
    AnyOf {
        /// Depth of the variable.
        depth: u16,
        /// The set.
        set: Box<Expr>,
        /// The condition.
        body: Box<Expr>,
    },
    /// `all x in S: C`
    AllOf {
        /// Depth of the variable.
        depth: u16,
        /// The set.
        set: Box<Expr>,
        /// The condition.
        body: Box<Expr>,
    },
    /// `count(S)`: the number of distinct elements.
    Count(Box<Expr>),
}
