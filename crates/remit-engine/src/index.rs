//! Which rules can apply to a query, without looking at the others. A superset: `eval` has the last word.
//!
//! Every rule lives in one home, the narrowest it offers: the entities its clauses name for one party, the texts
//! one of its conditions demands, or — for the rest — its actions and resource types.

mod bound;
mod choose;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

pub(crate) use bound::BoundIndex;

use crate::eval::Eval;
use crate::limits::MAX_MERGED_ENTRIES;
use crate::lower::Who;
use crate::program::{Ix, Program, Rule, Run, Scope};
use crate::val::Val;
use choose::{Choice, Home};

/// Rules that may apply, in order of id, each once.
pub(crate) type Candidates = SmallVec<[u32; 32]>;

/// Stands for any action or any resource type.
const ANY: u32 = u32::MAX;

pub(crate) const PARTIES: [Who; 3] = [Who::Subject, Who::Actor, Who::Resource];

/// Rules by action: sorted pairs of action (or [`ANY`]) and rule.
#[derive(Debug, Default)]
pub(crate) struct Postings(Vec<(u32, u32)>);

impl Postings {
    fn add(&mut self, program: &Program, rule: u32) {
        self.0.extend(actions(program, program.rule(rule)).map(|action| (action, rule)));
    }

    fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
    }
}

/// Pushes the rules of one action, and those of any action, from a sorted run of postings.
fn push_action(postings: &[(u32, u32)], action: u32, out: &mut Candidates) {
    for wanted in [action, ANY] {
        let from = postings.partition_point(|(of, _)| *of < wanted);
        let rest = postings.get(from..).unwrap_or(&[]);
        out.extend(rest.iter().take_while(|(of, _)| *of == wanted).map(|(_, rule)| *rule));
    }
}

/// Rules whose clause for one party names entities: by constant.
#[derive(Debug, Default)]
struct Scoped {
    exact: FxHashMap<u32, Postings>,
    member: FxHashMap<u32, Postings>,
    /// Every rule that asks for membership: for parties whose memberships are not known.
    member_all: Postings,
}

/// Rules that demand one of certain texts of one value.
#[derive(Debug)]
struct Guard {
    /// The node that reads the value.
    node: Ix,
    by_text: FxHashMap<Arc<str>, Postings>,
    /// Every rule of this guard: for values that are missing or no text.
    all: Postings,
}

/// The index of a program.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Rules by action and resource type, each declared or [`ANY`].
    general: FxHashMap<(u32, u32), Vec<u32>>,
    /// The lists above already include those of any action and any type.
    merged: bool,
    scoped: [Scoped; 3],
    guards: Vec<Guard>,
}

impl Index {
    /// Gives every rule its home.
    pub(crate) fn build(program: &Program) -> Self {
        let choice = Choice::new(program);
        let empty = |node| Guard { node, by_text: FxHashMap::default(), all: Postings::default() };
        let mut index = Self { guards: choice.guards().map(empty).collect(), ..Self::default() };
        for ix in 0..u32::try_from(program.rules.len()).unwrap_or(u32::MAX) {
            match choice.home(program, ix) {
                Home::General => index.add_general(program, ix),
                Home::Party(party) => index.add_scoped(program, party, ix),
                Home::Guard(guard, texts) => index.add_guarded(program, guard, &texts, ix),
            }
        }
        index.sort();
        index.merge(program);
        index
    }

    fn add_general(&mut self, program: &Program, ix: u32) {
        let rule = program.rule(ix);
        let mut types: Vec<u32> =
            program.term_run(rule.resources).iter().map(|term| u32::from(term.of.0)).collect();
        if types.is_empty() {
            types.push(ANY);
        }
        types.sort_unstable();
        types.dedup();
        for action in actions(program, rule) {
            for of in &types {
                self.general.entry((action, *of)).or_default().push(ix);
            }
        }
    }

    fn add_scoped(&mut self, program: &Program, party: usize, ix: u32) {
        let Some(scoped) = self.scoped.get_mut(party) else { return };
        for term in program.term_run(terms(program.rule(ix), party)) {
            match term.scope {
                Scope::Exact(constant) => scoped.exact.entry(constant).or_default().add(program, ix),
                Scope::Member(constant) => {
                    scoped.member.entry(constant).or_default().add(program, ix);
                    scoped.member_all.add(program, ix);
                }
                Scope::All => {}
            }
        }
    }

    fn add_guarded(&mut self, program: &Program, guard: usize, texts: &[Arc<str>], ix: u32) {
        let Some(guard) = self.guards.get_mut(guard) else { return };
        for text in texts {
            guard.by_text.entry(Arc::clone(text)).or_default().add(program, ix);
        }
        guard.all.add(program, ix);
    }

    /// Folds the lists of any action and any type into every declared pair, unless that would take too much room.
    fn merge(&mut self, program: &Program) {
        let ids = |count: usize| (0..u32::try_from(count).unwrap_or(0)).chain([ANY]);
        let (actions, types) = (program.schema.actions().len(), program.schema.types().len());
        let broad: usize = self
            .general
            .iter()
            .filter(|((action, of), _)| *action == ANY || *of == ANY)
            .map(|(_, rules)| rules.len())
            .sum();
        if (broad + 1).saturating_mul((actions + 1).saturating_mul(types + 1)) > MAX_MERGED_ENTRIES {
            return;
        }
        let mut merged: FxHashMap<(u32, u32), Vec<u32>> = FxHashMap::default();
        for action in ids(actions) {
            for of in ids(types) {
                let mut rules: Vec<u32> = Vec::new();
                for key in keys(action, of) {
                    rules.extend(self.general.get(&key).into_iter().flatten());
                }
                rules.sort_unstable();
                rules.dedup();
                if !rules.is_empty() {
                    merged.insert((action, of), rules);
                }
            }
        }
        self.general = merged;
        self.merged = true;
    }

    fn sort(&mut self) {
        for scoped in &mut self.scoped {
            scoped.exact.values_mut().chain(scoped.member.values_mut()).for_each(Postings::sort);
            scoped.member_all.sort();
        }
        for guard in &mut self.guards {
            guard.by_text.values_mut().for_each(Postings::sort);
            guard.all.sort();
        }
        self.guards.retain(|guard| !guard.all.0.is_empty());
    }
}

/// The rules that may apply to the query, in order of id.
pub(crate) fn candidates(eval: &Eval<'_>) -> Candidates {
    let mut out = Candidates::new();
    let index = &eval.program.index;
    let action = eval.query.action.id.map_or(ANY, |id| u32::from(id.0));
    let resource = eval.query.resource.type_id.map_or(ANY, |id| u32::from(id.0));
    let wanted = keys(action, resource);
    for key in if index.merged { wanted.get(..1).unwrap_or(&[]) } else { &wanted } {
        if let Some(rules) = index.general.get(key) {
            out.extend_from_slice(rules);
        }
    }
    let general = out.len();
    for (at, who) in PARTIES.into_iter().enumerate() {
        eval.bound.index().push_scoped(eval, at, who, action, &mut out);
    }
    for guard in &index.guards {
        match eval.value(guard.node) {
            Val::Str(text) => {
                if let Some(postings) = guard.by_text.get(text) {
                    push_action(&postings.0, action, &mut out);
                }
            }
            _ => push_action(&guard.all.0, action, &mut out),
        }
    }
    if !index.merged || out.len() > general {
        out.sort_unstable();
        out.dedup();
    }
    out
}

/// An action and a type, and both widened to any.
fn keys(action: u32, of: u32) -> [(u32, u32); 4] {
    [(action, of), (action, ANY), (ANY, of), (ANY, ANY)]
}

/// The clause of a rule for one of [`PARTIES`].
fn terms(rule: &Rule, party: usize) -> Run {
    match PARTIES.get(party) {
        Some(Who::Subject) => rule.subjects,
        Some(Who::Actor) => rule.actors,
        Some(Who::Resource) => rule.resources,
        None => Run::default(),
    }
}

fn actions<'p>(program: &'p Program, rule: &Rule) -> impl Iterator<Item = u32> + use<'p> {
    let named = program.actions_of(rule);
    let any = named.is_none().then_some(ANY);
    named.unwrap_or(&[]).iter().map(|action| u32::from(action.0)).chain(any)
}
