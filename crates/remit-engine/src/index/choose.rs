//! The narrowest home of a rule: counted over the whole set, so that a group everybody names is nobody's home.

use std::sync::Arc;

use remit_model::Value;
use rustc_hash::FxHashMap;

use super::{PARTIES, terms};
use crate::limits::MIN_INDEXED_RULES;
use crate::lower::{Comparison, Who};
use crate::program::{Ix, Node, Program, Scope, Term};

/// Where the index keeps a rule.
pub(super) enum Home {
    General,
    /// Position in [`PARTIES`].
    Party(usize),
    /// A guard and the texts under which the rule stands.
    Guard(usize, Vec<Arc<str>>),
}

/// What a guard reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Slot {
    Party(Who, remit_model::AttrId),
    Field(u32),
}

/// How often each possible key occurs.
pub(super) struct Choice {
    parties: [FxHashMap<(bool, u32), usize>; 3],
    scoped_rules: [usize; 3],
    slots: FxHashMap<Slot, usize>,
    readers: Vec<Ix>,
    texts: FxHashMap<(usize, Arc<str>), usize>,
    guarded_rules: Vec<usize>,
}

impl Choice {
    pub(super) fn new(program: &Program) -> Self {
        let mut choice = Self {
            parties: Default::default(),
            scoped_rules: [0; 3],
            slots: FxHashMap::default(),
            readers: Vec::new(),
            texts: FxHashMap::default(),
            guarded_rules: Vec::new(),
        };
        for ix in 0..u32::try_from(program.rules.len()).unwrap_or(u32::MAX) {
            choice.count(program, ix);
        }
        choice
    }

    fn count(&mut self, program: &Program, ix: u32) {
        let rule = program.rule(ix);
        for (at, (keys, rules)) in self.parties.iter_mut().zip(&mut self.scoped_rules).enumerate() {
            if let Some(scoped) = scoped_keys(program, program.term_run(terms(rule, at))) {
                *rules += 1;
                scoped.into_iter().for_each(|key| *keys.entry(key).or_default() += 1);
            }
        }
        for conjunct in program.list(rule.conjuncts) {
            let Some((slot, reader, texts)) = guard(program, *conjunct) else { continue };
            let next = self.readers.len();
            let at = *self.slots.entry(slot).or_insert(next);
            if at == next {
                self.readers.push(reader);
                self.guarded_rules.push(0);
            }
            if let Some(rules) = self.guarded_rules.get_mut(at) {
                *rules += 1;
            }
            for text in texts {
                *self.texts.entry((at, text)).or_default() += 1;
            }
        }
    }

    /// The node that each guard reads.
    pub(super) fn guards(&self) -> impl Iterator<Item = Ix> {
        self.readers.iter().copied()
    }

    pub(super) fn home(&self, program: &Program, ix: u32) -> Home {
        let rule = program.rule(ix);
        let (mut best, mut home) = (program.rules.len(), Home::General);
        for (at, _) in PARTIES.iter().enumerate() {
            let scoped = scoped_keys(program, program.term_run(terms(rule, at)));
            let (Some(keys), Some(counts), Some(rules)) =
                (scoped, self.parties.get(at), self.scoped_rules.get(at))
            else {
                continue;
            };
            let price: usize = keys.iter().filter_map(|key| counts.get(key)).sum();
            if *rules >= MIN_INDEXED_RULES && price < best {
                (best, home) = (price, Home::Party(at));
            }
        }
        for conjunct in program.list(rule.conjuncts) {
            let Some((slot, _, texts)) = guard(program, *conjunct) else { continue };
            let Some(at) = self.slots.get(&slot).copied() else { continue };
            let price: usize = texts.iter().filter_map(|text| self.texts.get(&(at, Arc::clone(text)))).sum();
            let many = self.guarded_rules.get(at).is_some_and(|rules| *rules >= MIN_INDEXED_RULES);
            if many && price < best {
                (best, home) = (price, Home::Guard(at, texts));
            }
        }
        home
    }
}

/// The entities a clause names, when each of its terms names one.
fn scoped_keys(program: &Program, terms: &[Term]) -> Option<Vec<(bool, u32)>> {
    let keys: Option<Vec<_>> = terms
        .iter()
        .map(|term| match term.scope {
            Scope::All => None,
            Scope::Exact(constant) => Some((false, constant)),
            // WHY: the index looks memberships up in the graph; where they may be asserted it would miss some.
            Scope::Member(constant) => program.recorded_membership.then_some((true, constant)),
        })
        .collect();
    keys.filter(|keys| !keys.is_empty())
}

/// A condition that is false unless one value is one of some texts.
fn guard(program: &Program, conjunct: Ix) -> Option<(Slot, Ix, Vec<Arc<str>>)> {
    match program.node(conjunct) {
        Node::Compare(Comparison::Equal, a, b) => {
            let (reader, text) = text_of(program, b)
                .map(|text| (a, text))
                .or_else(|| text_of(program, a).map(|text| (b, text)))?;
            Some((slot(program, reader)?, reader, vec![text]))
        }
        Node::Contains { set, item } => Some((slot(program, item)?, item, texts_of(program, set)?)),
        _ => None,
    }
}

fn slot(program: &Program, ix: Ix) -> Option<Slot> {
    match program.node(ix) {
        Node::PartyAttribute(who, attr) => Some(Slot::Party(who, attr)),
        Node::Field(field) => Some(Slot::Field(field)),
        _ => None,
    }
}

fn text_of(program: &Program, ix: Ix) -> Option<Arc<str>> {
    match program.node(ix) {
        Node::Const(at) => match program.value(at) {
            Value::String(text) => Some(Arc::clone(text)),
            _ => None,
        },
        _ => None,
    }
}

fn texts_of(program: &Program, set: Ix) -> Option<Vec<Arc<str>>> {
    match program.node(set) {
        Node::Set(run) => program.list(run).iter().map(|item| text_of(program, *item)).collect(),
        Node::Const(at) => match program.value(at) {
            Value::Set(items) => items
                .iter()
                .map(|item| match item {
                    Value::String(text) => Some(Arc::clone(text)),
                    _ => None,
                })
                .collect(),
            _ => None,
        },
        _ => None,
    }
}
