//! For which nodes can a permit be true? Conditions are solved for the party searched for: always a superset of
//! the truth, or nothing when a condition does not narrow.

use std::cell::RefCell;
use std::ops::ControlFlow;

use remit_graph::NodeId;
use remit_model::TypeId;

use super::path::{Step, backwards};
use crate::bind::Bound;
use crate::eval::Eval;
use crate::limits::{MAX_SOLVED_ELEMENTS, SMALL_ENOUGH};
use crate::lower::{Comparison, Effect, Who};
use crate::program::{Ix, Node, Program, Rule, Run, Scope};
use crate::purpose::Word;
use crate::query::Query;
use crate::truth::Truth;
use crate::val::Val;

/// What is solved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// The party searched for.
    Party,
    /// The variable of a quantifier.
    Variable(u16),
}

/// Solves the permits of one program for one party.
pub(super) struct Solver<'a> {
    eval: Eval<'a>,
    who: Who,
    of: TypeId,
    /// Variables that stand for no value yet.
    open: RefCell<Vec<u16>>,
}

impl<'a> Solver<'a> {
    pub(super) fn new(bound: &'a Bound, query: &'a Query<'a>, who: Who, of: TypeId) -> Self {
        Self { eval: Eval::new(bound, query), who, of, open: RefCell::default() }
    }

    /// Every node for which a permit may be true; nothing when some permit does not narrow at all.
    pub(super) fn permitted(&self) -> Option<Vec<NodeId>> {
        let mut all = Vec::new();
        for rule in self.program().rules.iter().filter(|rule| rule.effect == Effect::Permit) {
            if self.eval.speaks_of_action(rule) && !self.eval.expired(rule) {
                all.extend(self.rule(rule)?);
            }
        }
        Some(all)
    }

    fn program(&self) -> &'a Program {
        self.eval.program
    }

    /// Whether the party is the one searched for; without an agent the actor is the subject.
    fn is_free(&self, who: Who) -> bool {
        who == self.who || (who == Who::Actor && self.who == Who::Subject && self.eval.query.actor.is_none())
    }

    fn rule(&self, rule: &Rule) -> Option<Vec<NodeId>> {
        self.eval.begin();
        let clauses =
            [(rule.subjects, Who::Subject), (rule.actors, Who::Actor), (rule.resources, Who::Resource)];
        for (run, who) in clauses {
            let possible = if self.is_free(who) {
                run.len == 0 || self.program().term_run(run).iter().any(|term| term.of == self.of)
            } else {
                self.eval.selects(run, who) == Truth::True
            };
            if !possible {
                return Some(Vec::new());
            }
        }
        let conjuncts = self.program().list(rule.conjuncts);
        let known = conjuncts.iter().filter(|ix| !self.refers(**ix));
        for ix in known {
            if self.eval.truth(*ix) != Truth::True {
                return Some(Vec::new());
            }
        }
        let mut best = self.smallest(conjuncts, Target::Party);
        for (run, who) in clauses {
            if self.is_free(who) && best.as_ref().is_none_or(|nodes| nodes.len() > SMALL_ENOUGH) {
                best = smaller(best, self.clause(run));
            }
        }
        best
    }

    /// The nodes a clause selects, when each of its terms names an entity.
    fn clause(&self, run: Run) -> Option<Vec<NodeId>> {
        if run.len == 0 {
            return None;
        }
        let mut nodes = Vec::new();
        for term in self.program().term_run(run).iter().filter(|term| term.of == self.of) {
            match term.scope {
                Scope::All => return None,
                Scope::Exact(constant) => nodes.extend(self.eval.bound.constant_node(constant)),
                Scope::Member(constant) => {
                    nodes.extend(self.members(self.eval.bound.constant_node(constant))?);
                }
            }
        }
        Some(nodes)
    }

    /// A node and everything that is a member of it; nothing when memberships may be asserted.
    fn members(&self, of: Option<NodeId>) -> Option<Vec<NodeId>> {
        let mut scratch = Vec::new();
        let now = self.eval.query.now;
        self.program()
            .recorded_membership
            .then(|| of.map(|of| self.eval.graph.members(of, now, &mut scratch).to_vec()).unwrap_or_default())
    }

    fn ancestors(&self, of: Option<NodeId>) -> Option<Vec<NodeId>> {
        let mut scratch = Vec::new();
        let now = self.eval.query.now;
        self.program().recorded_membership.then(|| {
            of.map(|of| self.eval.graph.ancestors(of, now, &mut scratch).to_vec()).unwrap_or_default()
        })
    }

    fn smallest(&self, parts: &[Ix], target: Target) -> Option<Vec<NodeId>> {
        parts.iter().fold(None, |best, part| {
            if best.as_ref().is_some_and(|nodes| nodes.len() <= SMALL_ENOUGH) {
                return best;
            }
            smaller(best, self.solve(*part, target))
        })
    }

    /// A superset of the nodes that, in place of the target, can make the condition true.
    fn solve(&self, ix: Ix, target: Target) -> Option<Vec<NodeId>> {
        match self.program().node(ix) {
            Node::And(run) => self.smallest(self.program().list(run), target),
            Node::Or(run) => {
                let mut all = Vec::new();
                for part in self.program().list(run) {
                    all.extend(self.solve(*part, target)?);
                }
                Some(all)
            }
            Node::Compare(Comparison::Equal, a, b) => {
                self.ends_in_value(a, b, target).or_else(|| self.ends_in_value(b, a, target))
            }
            Node::Contains { set, item } => {
                self.ends_in_value(set, item, target).or_else(|| self.ends_in_set(item, set, target))
            }
            Node::HasAny(a, b) => self.ends_in_set(a, b, target).or_else(|| self.ends_in_set(b, a, target)),
            Node::MemberOf(a, b) => self.membership(a, b, target),
            Node::AnyOf { depth, set, body } => self.quantified(depth, set, body, target),
            _ => None,
        }
    }

    /// `path == value`, `path has value`
    fn ends_in_value(&self, path: Ix, value: Ix, target: Target) -> Option<Vec<NodeId>> {
        let path = self.path(path, target)?;
        if self.refers(value) {
            return None;
        }
        Some(self.back(&path, self.entity_node(value).into_iter().collect()))
    }

    /// `path has any set`, `path in set`
    fn ends_in_set(&self, path: Ix, set: Ix, target: Target) -> Option<Vec<NodeId>> {
        let path = self.path(path, target)?;
        if self.refers(set) {
            return None;
        }
        let mut ends = Vec::new();
        self.eval.each(set, &mut |item| {
            if let Val::Entity(entity) = item {
                ends.extend(self.eval.node_of(entity));
            }
            ControlFlow::Continue(())
        });
        Some(self.back(&path, ends))
    }

    fn membership(&self, a: Ix, b: Ix, target: Target) -> Option<Vec<NodeId>> {
        if let Some(path) = self.path(a, target).filter(|_| !self.refers(b)) {
            return Some(self.back(&path, self.members(self.entity_node(b))?));
        }
        let path = self.path(b, target).filter(|_| !self.refers(a))?;
        Some(self.back(&path, self.ancestors(self.entity_node(a))?))
    }

    fn quantified(&self, depth: u16, set: Ix, body: Ix, target: Target) -> Option<Vec<NodeId>> {
        if let Some(path) = self.path(set, target) {
            self.open.borrow_mut().push(depth);
            let ends = self.solve(body, Target::Variable(depth));
            self.open.borrow_mut().pop();
            return Some(self.back(&path, ends?));
        }
        if self.refers(set) {
            return None;
        }
        let mut items = Vec::new();
        self.eval.each(set, &mut |item| {
            items.push(item);
            if items.len() > MAX_SOLVED_ELEMENTS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if items.len() > MAX_SOLVED_ELEMENTS {
            return None;
        }
        let mut all = Vec::new();
        for item in items {
            self.eval.assign(depth, item);
            all.extend(self.solve(body, target)?);
        }
        Some(all)
    }

    fn entity_node(&self, ix: Ix) -> Option<NodeId> {
        match self.eval.value(ix) {
            Val::Entity(entity) => self.eval.node_of(entity),
            _ => None,
        }
    }

    fn back(&self, path: &[Step], ends: Vec<NodeId>) -> Vec<NodeId> {
        backwards(self.eval.graph, self.eval.query.now, path, ends)
    }

    /// The steps from the target to what an expression names, when it is such a path over recorded relations.
    fn path(&self, ix: Ix, target: Target) -> Option<Vec<Step>> {
        match self.program().node(ix) {
            Node::Party(who) if target == Target::Party && self.is_free(who) => Some(Vec::new()),
            Node::Variable(depth) if target == Target::Variable(depth) => Some(Vec::new()),
            Node::Follow(follow) => {
                let follow = self.program().follow(follow);
                if !self.program().is_graph_only(follow.relation) {
                    return None;
                }
                let mut path = self.path(follow.base, target)?;
                let (relation, reach, inverse) = (follow.relation, follow.reach, follow.inverse);
                path.push(Step { relation, reach, inverse });
                Some(path)
            }
            _ => None,
        }
    }

    /// Whether an expression depends on the party searched for or on a variable without a value.
    fn refers(&self, ix: Ix) -> bool {
        let program = self.program();
        let any = |parts: &[Ix]| parts.iter().any(|part| self.refers(*part));
        match program.node(ix) {
            Node::Party(who) | Node::PartyAttribute(who, _) => self.is_free(who),
            Node::Variable(depth) => self.open.borrow().contains(&depth),
            // WHY: whether a set against direction is known to be empty can hang on the party being recorded, and
            // `is missing` is the one test that less knowledge can make true.
            Node::Present(a, _) => {
                let plain =
                    matches!(program.node(a), Node::PartyAttribute(..) | Node::Field(_) | Node::Member(..));
                !plain || self.refers(a)
            }
            Node::Follow(follow) => {
                let follow = program.follow(follow);
                self.refers(follow.base) || follow.filter.is_some_and(|filter| self.refers(filter))
            }
            Node::And(run) | Node::Or(run) | Node::Set(run) => any(program.list(run)),
            Node::If(a, b, c) => any(&[a, b, c]),
            Node::Compare(_, a, b)
            | Node::Contains { set: a, item: b }
            | Node::HasAny(a, b)
            | Node::HasAll(a, b)
            | Node::MemberOf(a, b)
            | Node::Within(a, b)
            | Node::Text(_, a, b)
            | Node::Arithmetic(_, a, b)
            | Node::AnyOf { set: a, body: b, .. }
            | Node::AllOf { set: a, body: b, .. } => any(&[a, b]),
            Node::Member(a, _)
            | Node::Attribute(a, _)
            | Node::Not(a)
            | Node::Is(a, _)
            | Node::Matches(a, _)
            | Node::Count(a) => self.refers(a),
            Node::Const(_)
            | Node::Entity(_)
            | Node::Now
            | Node::Pep
            | Node::ActionName
            | Node::Field(_)
            | Node::EdgeProperty(_) => false,
            Node::Word(word) => match program.word(word) {
                // A consent is of the subject, to who acts, with the resource: whoever is searched for is one of them.
                Some(Word::Consent(..)) => true,
                Some(Word::Signal(whose, fact)) => self.is_free(*whose) || any(&fact.parts()),
                _ => false,
            },
        }
    }
}

fn smaller(a: Option<Vec<NodeId>>, b: Option<Vec<NodeId>>) -> Option<Vec<NodeId>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.len() < a.len() { b } else { a }),
        (a, b) => a.or(b),
    }
}
