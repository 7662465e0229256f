//! `Program`: rules as compact data — flat arrays, indices, constants and patterns made once. Knows no graph.

use std::sync::Arc;

use regex::Regex;
use remit_model::{
    ActionId, AttrId, Duration, EntityRef, MessageFact, Name, Schema, Timestamp, Ty, TypeId, Value,
};
use rustc_hash::FxHashMap;

use crate::cast::Cast;
use crate::index::Index;
use crate::lower::{Arithmetic, Comparison, Effect, Reach, RuleId, Severity, Span, TextTest, Who};
use crate::purpose::{Beyond, LabelPlan, Template, Word};

/// Index of a rule in its program; rules are ordered by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIndex(pub u32);

/// Index of a node in [`Program::nodes`].
pub(crate) type Ix = u32;

/// A run in one of the program's pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Run {
    pub start: u32,
    pub len: u32,
}

/// One operation; operands are indices of earlier nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node {
    Const(u32),
    Entity(u32),
    Party(Who),
    Now,
    Pep,
    ActionName,
    Field(u32),
    Member(Ix, u32),
    Variable(u16),
    Attribute(Ix, AttrId),
    PartyAttribute(Who, AttrId),
    Follow(u32),
    EdgeProperty(u32),
    Not(Ix),
    And(Run),
    Or(Run),
    If(Ix, Ix, Ix),
    Compare(Comparison, Ix, Ix),
    Contains {
        set: Ix,
        item: Ix,
    },
    HasAny(Ix, Ix),
    HasAll(Ix, Ix),
    MemberOf(Ix, Ix),
    Within(Ix, Ix),
    Is(Ix, TypeId),
    Present(Ix, bool),
    Text(TextTest, Ix, Ix),
    Matches(Ix, u32),
    Arithmetic(Arithmetic, Ix, Ix),
    Set(Run),
    AnyOf {
        depth: u16,
        set: Ix,
        body: Ix,
    },
    AllOf {
        depth: u16,
        set: Ix,
        body: Ix,
    },
    Count(Ix),
    /// In [`Program::words`].
    Word(u32),
}

/// What the checker knows about the kind of a node's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Scalar,
    Entity,
    Set,
    Any,
}

/// Where a [`Field`] of the request is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    Action,
    Context,
    Message,
    /// A [`MessageFact`]: the sender's word is not taken.
    Computed,
    Token,
    /// What a service outside says: index in [`Program::sources`].
    Outside(u16),
}

/// A member of the request, with the type the policy expects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub source: Source,
    pub name: Arc<str>,
    pub ty: Ty,
}

/// A navigation step over a relation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follow {
    pub base: Ix,
    pub relation: AttrId,
    pub reach: Reach,
    pub inverse: bool,
    pub filter: Option<Ix>,
    /// The base, when it is a party: its relations may be asserted.
    pub party: Option<Who>,
}

/// An entity named in a policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Constant {
    pub of: TypeId,
    pub entity: EntityRef,
}

/// One alternative of a selector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term {
    pub of: TypeId,
    pub scope: Scope,
}

/// How a [`Term`] narrows its type; numbers are indices of [`Program::entities`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope {
    All,
    Exact(u32),
    Member(u32),
}

/// What deciding needs of a rule. A run of no terms selects everything.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub effect: Effect,
    pub subjects: Run,
    pub actors: Run,
    pub resources: Run,
    /// In [`Program::lists`], cheapest first; all must hold.
    pub conjuncts: Run,
    /// In [`Program::actions`], sorted; `None` is any.
    pub actions: Option<Run>,
    /// From then on a permit no longer applies.
    pub valid_until: Option<Timestamp>,
    /// In [`Program::beyond`]; most rules say nothing beyond.
    pub beyond: Option<u32>,
}

/// What people see of a rule.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub id: RuleId,
    pub text: Arc<str>,
    pub span: Span,
    pub selectors: Selectors,
    pub version: Option<Arc<str>>,
    pub approved_by: Option<Arc<str>>,
    pub severity: Severity,
    pub on_request: Option<Name>,
    pub because: Option<Vec<Part>>,
    pub obligations: Vec<Duty>,
    pub advice: Vec<Duty>,
}

/// The clauses of a rule in words, for explanations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selectors {
    pub subjects: String,
    pub actors: String,
    pub resources: String,
    pub via: String,
    pub within: String,
}

/// A piece of a text with holes.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Text(Arc<str>),
    Hole(Ix),
}

/// An obligation or a piece of advice.
#[derive(Debug, Clone)]
pub(crate) struct Duty {
    pub kind: Name,
    pub properties: Vec<(Name, Ix)>,
}

/// A service outside that rules read.
#[derive(Debug, Clone)]
pub struct OutsidePlan {
    /// Its name.
    pub name: Name,
    /// Where it answers, unless whoever runs the decision point says otherwise.
    pub url: Arc<str>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long an answer counts for a question that sends the same.
    pub cache: Option<Duration>,
    /// The members of an answer that are read.
    pub gives: Vec<Name>,
    /// What it is sent: path and node.
    pub(crate) sends: Vec<(Arc<str>, Ix)>,
}

impl OutsidePlan {
    /// What tells whether a source is the same in two programs: name, place, and what it is sent.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let paths: Vec<&str> = self.sends.iter().map(|(path, _)| &**path).collect();
        format!("{} {} {}", self.name, self.url, paths.join(" "))
    }
}

/// A checked policy set made ready to decide. Immutable; bound to a graph snapshot by [`Program::bind`].
#[derive(Debug)]
pub struct Program {
    pub(crate) schema: Arc<Schema>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) spans: Vec<Span>,
    /// The path a node reads, in policy notation; present for nodes that read something.
    pub(crate) paths: Vec<Option<Arc<str>>>,
    pub(crate) lists: Vec<Ix>,
    pub(crate) actions: Vec<ActionId>,
    pub(crate) terms: Vec<Term>,
    pub(crate) consts: Vec<Value>,
    pub(crate) entities: Vec<Constant>,
    pub(crate) fields: Vec<Field>,
    /// Those that some field reads, in order.
    pub(crate) message_facts: Vec<MessageFact>,
    pub(crate) names: Vec<Arc<str>>,
    pub(crate) patterns: Vec<Regex>,
    pub(crate) follows: Vec<Follow>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) cards: Vec<Card>,
    /// By attribute: every type that declares it takes it from the graph alone.
    pub(crate) graph_only: Vec<bool>,
    /// Every membership relation is taken from the graph alone.
    pub(crate) recorded_membership: bool,
    pub(crate) limits: Vec<(Name, Value)>,
    pub(crate) words: Vec<Word>,
    pub(crate) beyond: Vec<Beyond>,
    /// In order of name.
    pub(crate) templates: Vec<Template>,
    pub(crate) labels: Vec<LabelPlan>,
    pub(crate) sources: Vec<OutsidePlan>,
    pub(crate) cast: Cast,
    // WHY: the schema's own tables resist chosen keys; these hold the policy's names only, and are asked each time.
    pub(crate) type_ids: FxHashMap<Name, TypeId>,
    pub(crate) action_ids: FxHashMap<Name, ActionId>,
    pub(crate) index: Index,
}

impl Program {
    /// The schema the policies were checked against.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How many rules there are.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// The declared type of that name.
    #[must_use]
    pub fn type_id(&self, name: &str) -> Option<TypeId> {
        self.type_ids.get(name).copied()
    }

    /// The declared action of that name.
    #[must_use]
    pub fn action_id(&self, name: &str) -> Option<ActionId> {
        self.action_ids.get(name).copied()
    }

    /// What the rules want to know about messages; nothing else needs to be found out.
    #[must_use]
    pub fn message_facts(&self) -> &[MessageFact] {
        &self.message_facts
    }

    /// The services outside that rules may read; [`Outside`](crate::Outside) is asked by their index.
    #[must_use]
    pub fn sources(&self) -> &[OutsidePlan] {
        &self.sources
    }

    /// Whether any rule looks at consents or signals.
    #[must_use]
    pub fn reads_standing(&self) -> bool {
        self.words.iter().any(|word| matches!(word, Word::Consent(..) | Word::Signal(..)))
    }

    /// Named thresholds with their values.
    #[must_use]
    pub fn limits(&self) -> &[(Name, Value)] {
        &self.limits
    }

    /// The id of a rule, when the index is of this program.
    #[must_use]
    pub fn rule_id(&self, rule: RuleIndex) -> Option<&RuleId> {
        self.cards.get(rule.0 as usize).map(|card| &card.id)
    }

    /// Every rule with what it says, in order of id.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &RuleId, Effect)> {
        self.cards.iter().zip(&self.rules).enumerate().map(|(at, (card, rule))| {
            (RuleIndex(u32::try_from(at).unwrap_or(u32::MAX)), &card.id, rule.effect)
        })
    }

    pub(crate) fn list(&self, run: Run) -> &[Ix] {
        slice(&self.lists, run)
    }

    pub(crate) fn term_run(&self, run: Run) -> &[Term] {
        slice(&self.terms, run)
    }

    /// The actions a rule speaks of; `None` is any.
    pub(crate) fn actions_of(&self, rule: &Rule) -> Option<&[ActionId]> {
        rule.actions.map(|run| slice(&self.actions, run))
    }
}

#[expect(clippy::indexing_slicing, reason = "indices are made by `lower` for the arrays of the same program")]
impl Program {
    pub(crate) fn node(&self, ix: Ix) -> Node {
        self.nodes[ix as usize]
    }

    pub(crate) fn shape(&self, ix: Ix) -> Shape {
        self.shapes[ix as usize]
    }

    pub(crate) fn rule(&self, ix: u32) -> &Rule {
        &self.rules[ix as usize]
    }

    pub(crate) fn card(&self, ix: u32) -> &Card {
        &self.cards[ix as usize]
    }

    pub(crate) fn follow(&self, ix: u32) -> &Follow {
        &self.follows[ix as usize]
    }

    pub(crate) fn constant(&self, ix: u32) -> &Constant {
        &self.entities[ix as usize]
    }

    pub(crate) fn field(&self, ix: u32) -> &Field {
        &self.fields[ix as usize]
    }

    pub(crate) fn name(&self, ix: u32) -> &str {
        &self.names[ix as usize]
    }

    pub(crate) fn value(&self, ix: u32) -> &Value {
        &self.consts[ix as usize]
    }

    pub(crate) fn pattern(&self, ix: u32) -> &Regex {
        &self.patterns[ix as usize]
    }

    pub(crate) fn is_graph_only(&self, attr: AttrId) -> bool {
        self.graph_only[attr.index()]
    }

    pub(crate) fn span(&self, ix: Ix) -> Span {
        self.spans[ix as usize]
    }

    pub(crate) fn path(&self, ix: Ix) -> Option<&Arc<str>> {
        self.paths[ix as usize].as_ref()
    }
}

#[expect(clippy::indexing_slicing, reason = "runs are made by `lower` for the pools of the same program")]
fn slice<T>(pool: &[T], run: Run) -> &[T] {
    &pool[run.start as usize..(run.start + run.len) as usize]
}
