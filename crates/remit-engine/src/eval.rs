//! One condition, three-valued, against one query and one snapshot. No I/O, no clock; recursion is bounded by
//! [`crate::limits::MAX_DEPTH`], work by [`crate::limits::MAX_STEPS`]; nothing is allocated unless a walk needs it.

mod compare;
mod lead;
mod lookup;
mod membership;
mod navigate;
mod select;
mod sets;
mod skill;
mod standing;
mod word;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};

use remit_graph::{EdgeId, NodeId, Snapshot};
use remit_model::Step;
use smallvec::SmallVec;

use crate::bind::Bound;
use crate::limits::MAX_STEPS;
use crate::lower::{Comparison, TextTest, Who};
use crate::program::{Ix, Node, Program, Shape};
use crate::query::{Party, Query};
use crate::truth::Truth;
use crate::val::{Ent, Val};
use crate::verdict::FactRead;

pub(crate) use word::ent;

/// How many fields of the request are remembered, the first of the program.
const KEPT_FIELDS: usize = 32;

/// No node: nothing was missing.
pub(crate) const NOTHING: Ix = Ix::MAX;

/// Evaluates nodes of one program for one query.
pub(crate) struct Eval<'a> {
    pub bound: &'a Bound,
    pub program: &'a Program,
    pub graph: &'a Snapshot,
    pub query: &'a Query<'a>,
    variables: RefCell<SmallVec<[Val<'a>; 4]>>,
    edge: Cell<Option<EdgeId>>,
    steps: Cell<u32>,
    /// The last node that read something and found nothing.
    missing: Cell<Ix>,
    scratch: RefCell<Vec<Vec<NodeId>>>,
    /// Fields of the request that were read: every rule that reads one would look it up and convert it again.
    fields: [Cell<Option<Val<'a>>>; KEPT_FIELDS],
    reads: Option<RefCell<Vec<FactRead>>>,
    /// Steps of earlier tasks for which a condition is tried, by task.
    chosen: RefCell<SmallVec<[(&'a str, &'a Step); 2]>>,
    /// Everybody is taken for surely known: what would be then?
    assured: Cell<bool>,
}

impl<'a> Eval<'a> {
    pub(crate) fn new(bound: &'a Bound, query: &'a Query<'a>) -> Self {
        Self {
            bound,
            program: bound.program(),
            graph: bound.snapshot(),
            query,
            variables: RefCell::default(),
            edge: Cell::new(None),
            steps: Cell::new(MAX_STEPS),
            missing: Cell::new(NOTHING),
            scratch: RefCell::default(),
            fields: std::array::from_fn(|_| Cell::new(None)),
            reads: None,
            chosen: RefCell::default(),
            assured: Cell::new(false),
        }
    }

    /// Runs as if everybody were known as surely as can be.
    pub(crate) fn assuming_assurance<T>(&self, run: impl FnOnce() -> T) -> T {
        self.assured.set(true);
        let result = run();
        self.assured.set(false);
        result
    }

    pub(crate) fn assumes_assurance(&self) -> bool {
        self.assured.get()
    }

    /// Keeps a record of what is read.
    pub(crate) fn recording(mut self) -> Self {
        self.reads = Some(RefCell::default());
        self
    }

    /// What was read, each path once, by path.
    pub(crate) fn take_reads(&self) -> Vec<FactRead> {
        let mut reads = self.reads.as_ref().map(RefCell::take).unwrap_or_default();
        reads.sort_by(|a, b| (&a.path, a.provenance).cmp(&(&b.path, b.provenance)));
        reads.dedup();
        reads
    }

    /// Makes ready for the next rule: budget and memory of what was missing start anew.
    pub(crate) fn begin(&self) {
        self.steps.set(MAX_STEPS);
        self.missing.set(NOTHING);
    }

    /// The node whose value was missing last since [`Self::begin`], when there is one.
    pub(crate) fn missing(&self) -> Option<Ix> {
        Some(self.missing.get()).filter(|ix| *ix != NOTHING)
    }

    /// The party as asked; the actor is the subject itself when no agent acts.
    pub(crate) fn party(&self, who: Who) -> &'a Party<'a> {
        match who {
            Who::Subject => &self.query.subject,
            Who::Actor => self.query.actor.as_ref().unwrap_or(&self.query.subject),
            Who::Resource => &self.query.resource,
        }
    }

    pub(crate) fn party_entity(&self, who: Who) -> Ent<'a> {
        let party = self.party(who);
        match party.node {
            Some(node) => Ent::Node(node),
            None => Ent::Named { kind: party.type_name, id: party.id },
        }
    }

    /// The value of a condition.
    pub(crate) fn truth(&self, ix: Ix) -> Truth {
        match self.program.node(ix) {
            Node::Not(of) => self.truth(of).negate(),
            Node::And(run) => {
                let mut all = Truth::True;
                for part in self.program.list(run) {
                    all = all.and(self.truth(*part));
                    if all == Truth::False {
                        break;
                    }
                }
                all
            }
            Node::Or(run) => {
                let mut any = Truth::False;
                for part in self.program.list(run) {
                    any = any.or(self.truth(*part));
                    if any == Truth::True {
                        break;
                    }
                }
                any
            }
            Node::If(test, then, other) => match self.truth(test) {
                Truth::True => self.truth(then),
                Truth::False => self.truth(other),
                Truth::Unknown => {
                    let then = self.truth(then);
                    if then == self.truth(other) { then } else { Truth::Unknown }
                }
            },
            Node::Compare(op, a, b) => self.compare(op, a, b),
            Node::Contains { set, item } => self.contains(set, item),
            Node::HasAny(a, b) => self.has_any(a, b),
            Node::HasAll(a, b) => self.has_all(a, b),
            Node::MemberOf(a, b) => match (self.value(a), self.value(b)) {
                (Val::Entity(entity), Val::Entity(b)) => {
                    let party = if let Node::Party(who) = self.program.node(a) { Some(who) } else { None };
                    self.is_member(entity, party, b)
                }
                _ => Truth::Unknown,
            },
            Node::Within(a, b) => compare::within(self.value(a), self.value(b)),
            Node::Is(of, kind) => match self.value(of) {
                Val::Entity(entity) => Truth::from(self.is_of(entity, kind)),
                _ => Truth::Unknown,
            },
            Node::Present(of, wanted) => Truth::from(self.present(of) == wanted),
            Node::Text(test, a, b) => match (self.value(a), self.value(b)) {
                (Val::Str(a), Val::Str(b)) => Truth::from(match test {
                    TextTest::StartsWith => a.starts_with(b),
                    TextTest::EndsWith => a.ends_with(b),
                    TextTest::Contains => a.contains(b),
                }),
                _ => Truth::Unknown,
            },
            Node::Matches(of, pattern) => match self.value(of) {
                Val::Str(text) => Truth::from(self.program.pattern(pattern).is_match(text)),
                _ => Truth::Unknown,
            },
            Node::AnyOf { depth, set, body } => self.any_of(depth, set, body),
            Node::AllOf { depth, set, body } => self.all_of(depth, set, body),
            Node::Word(word) => match self.program.word(word) {
                Some(word) => {
                    let truth = self.word_truth(word);
                    if truth == Truth::Unknown {
                        self.missing.set(ix);
                    }
                    truth
                }
                None => Truth::Unknown,
            },
            Node::Const(_)
            | Node::Entity(_)
            | Node::Party(_)
            | Node::Now
            | Node::Pep
            | Node::ActionName
            | Node::Field(_)
            | Node::Member(..)
            | Node::Variable(_)
            | Node::Attribute(..)
            | Node::PartyAttribute(..)
            | Node::Follow(_)
            | Node::EdgeProperty(_)
            | Node::Arithmetic(..)
            | Node::Set(_)
            | Node::Count(_) => match self.value(ix) {
                Val::Bool(value) => Truth::from(value),
                _ => Truth::Unknown,
            },
        }
    }

    /// The value of an expression that is not a set; a set held as one value comes out too, others are unknown.
    pub(crate) fn value(&self, ix: Ix) -> Val<'a> {
        match self.program.node(ix) {
            Node::Const(at) => Val::from(self.program.value(at)),
            Node::Entity(at) => Val::Entity(self.bound.entity(at)),
            Node::Party(who) => Val::Entity(self.party_entity(who)),
            Node::Now => Val::Time(self.query.now),
            Node::Pep => Val::Str(self.query.pep),
            Node::ActionName => Val::Str(self.query.action.name),
            Node::Field(field) => self.seen(ix, self.field(ix, field)),
            Node::Member(base, name) => match self.value(base) {
                Val::Record(members) => {
                    self.seen(ix, lookup::record_member(members, self.program.name(name)))
                }
                _ => self.seen(ix, Val::Unknown),
            },
            Node::Variable(depth) => self.variable(depth),
            Node::Attribute(base, attr) => match self.value(base) {
                Val::Entity(entity) => self.seen(ix, self.attribute(ix, entity, attr)),
                _ => Val::Unknown,
            },
            Node::PartyAttribute(who, attr) => self.seen(ix, self.party_attribute(ix, who, attr)),
            Node::Follow(follow) => self.seen(ix, self.follow_one(follow)),
            Node::EdgeProperty(name) => self.seen(ix, self.edge_property(name)),
            Node::Arithmetic(op, a, b) => compare::arithmetic(op, self.value(a), self.value(b)),
            Node::Count(of) => self.count(of),
            Node::Word(word) => {
                self.seen(ix, self.program.word(word).map_or(Val::Unknown, |word| self.word_value(word)))
            }
            Node::If(test, then, other) if self.program.shape(ix) != Shape::Bool => match self.truth(test) {
                Truth::True => self.value(then),
                Truth::False => self.value(other),
                Truth::Unknown => self.either(then, other),
            },
            Node::Set(_) => Val::Unknown,
            Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::If(..)
            | Node::Compare(..)
            | Node::Contains { .. }
            | Node::HasAny(..)
            | Node::HasAll(..)
            | Node::MemberOf(..)
            | Node::Within(..)
            | Node::Is(..)
            | Node::Present(..)
            | Node::Text(..)
            | Node::Matches(..)
            | Node::AnyOf { .. }
            | Node::AllOf { .. } => match self.truth(ix) {
                Truth::True => Val::Bool(true),
                Truth::False => Val::Bool(false),
                Truth::Unknown => Val::Unknown,
            },
        }
    }

    /// Which branch is unknown: a value only when both are the same truth.
    fn either(&self, then: Ix, other: Ix) -> Val<'a> {
        match (self.value(then), self.value(other)) {
            (Val::Bool(a), Val::Bool(b)) if a == b => Val::Bool(a),
            _ => Val::Unknown,
        }
    }

    /// Whether an expression has a value; the one test that is never unknown.
    fn present(&self, ix: Ix) -> bool {
        if self.program.shape(ix) == Shape::Set {
            return self.set_present(ix);
        }
        !self.value(ix).is_unknown() || (self.is_mapped(ix) && self.set_present(ix))
    }

    /// A member of a value that may turn out to be a set, over which it maps.
    fn is_mapped(&self, ix: Ix) -> bool {
        matches!(self.program.node(ix), Node::Member(..))
    }

    fn compare(&self, op: Comparison, a: Ix, b: Ix) -> Truth {
        if self.program.shape(a) == Shape::Set || self.program.shape(b) == Shape::Set {
            return match op {
                Comparison::Equal => self.equal_sets(a, b),
                Comparison::NotEqual => self.equal_sets(a, b).negate(),
                _ => Truth::Unknown,
            };
        }
        let (left, right) = (a, b);
        let (a, b) = (self.value(a), self.value(b));
        let equal = || {
            let may_be_set =
                |ix, value| matches!(value, Val::Set(..)) || (value == Val::Unknown && self.is_mapped(ix));
            if may_be_set(left, a) && may_be_set(right, b) {
                self.equal_sets(left, right)
            } else {
                self.equal(a, b)
            }
        };
        match op {
            Comparison::Equal => equal(),
            Comparison::NotEqual => equal().negate(),
            Comparison::Less => self.ordered(a, b, |order| order.is_lt()),
            Comparison::LessOrEqual => self.ordered(a, b, |order| order.is_le()),
            Comparison::Greater => self.ordered(a, b, |order| order.is_gt()),
            Comparison::GreaterOrEqual => self.ordered(a, b, |order| order.is_ge()),
        }
    }

    /// Notes a value that was read and not found.
    fn seen(&self, ix: Ix, value: Val<'a>) -> Val<'a> {
        if value.is_unknown() {
            self.missing.set(ix);
        }
        value
    }

    pub(super) fn variable(&self, depth: u16) -> Val<'a> {
        self.variables.borrow().get(usize::from(depth)).copied().unwrap_or(Val::Unknown)
    }

    /// Sets the variable of a quantifier.
    pub(crate) fn assign(&self, depth: u16, value: Val<'a>) {
        let mut variables = self.variables.borrow_mut();
        let at = usize::from(depth);
        if variables.len() <= at {
            variables.resize(at + 1, Val::Unknown);
        }
        if let Some(slot) = variables.get_mut(at) {
            *slot = value;
        }
    }

    /// Takes one step of the budget; false when there is none left.
    pub(super) fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    /// Lends an empty list of nodes; lists go back for the next walk.
    pub(super) fn with_scratch<T>(&self, work: impl FnOnce(&mut Vec<NodeId>) -> T) -> T {
        let mut list = self.scratch.borrow_mut().pop().unwrap_or_default();
        list.clear();
        let result = work(&mut list);
        // WHY: most walks are answered from an index and never grow the list; such a list is not worth keeping.
        if list.capacity() > 0 {
            self.scratch.borrow_mut().push(list);
        }
        result
    }
}
