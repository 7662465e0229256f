//! Rules that say what another says already: the same twice, or behind a forbid without a condition that speaks
//! of at least as much. Both searches are linear in the number of rules.

use std::collections::HashMap;

use remit_model::{ActionId, EntityRef, TypeId};

use crate::checked::{Effect, Rule, Selector, Term};

use super::super::findings::Findings;
use super::super::limits::{MAX_COMBINATIONS, MAX_COMPARED};
use super::super::rule::Ruled;
use super::super::world::World;
use super::{Warning, constant, identity};

/// Warns of rules that repeat another of their package. Gives the repeated ones.
fn duplicates(rules: &[Ruled], findings: &mut Findings) -> Vec<bool> {
    let mut seen: HashMap<String, &Ruled> = HashMap::new();
    let repeated = rules.iter().map(|ruled| {
        let rule = &ruled.rule;
        let key = format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?}",
            rule.id.package,
            rule.effect,
            sorted(rule.subjects.as_ref()),
            sorted(rule.actors.as_ref()),
            rule.actions,
            sorted(rule.resources.as_ref()),
            sorted(rule.via.as_ref()),
            rule.within,
            identity::of(&rule.condition),
            identity::of_duties(&rule.obligations),
            identity::of_duties(&rule.advice),
        );
        let first = *seen.entry(key).or_insert(ruled);
        if first.rule.id == rule.id {
            return false;
        }
        findings.warn(Warning::Duplicate {
            rule: rule.id.name.as_str().to_owned(),
            other: first.rule.id.name.as_str().to_owned(),
            at: ruled.name_at,
            other_at: first.name_at,
        });
        true
    });
    repeated.collect()
}

fn sorted(selector: Option<&Selector>) -> Vec<Key<'_>> {
    let mut keys: Vec<Key<'_>> = selector.into_iter().flat_map(|of| &of.terms).map(Key::of).collect();
    keys.sort_unstable();
    keys
}

/// A term, for look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key<'r> {
    /// No clause: anything.
    Any,
    Type(TypeId),
    Entity(TypeId, &'r EntityRef),
    MemberOf(TypeId, &'r EntityRef),
    Action(ActionId),
}

impl<'r> Key<'r> {
    fn of(term: &'r Term) -> Self {
        match term {
            Term::Type(id) => Self::Type(*id),
            Term::Entity(id, entity) => Self::Entity(*id, entity),
            Term::MemberOf(id, group) => Self::MemberOf(*id, group),
        }
    }

    /// The terms that select at least what this one selects.
    fn covering(self) -> Vec<Self> {
        match self {
            Self::Any => vec![Self::Any],
            Self::Action(_) | Self::Type(_) => vec![Self::Any, self],
            // A group is within itself.
            Self::Entity(id, entity) => {
                vec![Self::Any, Self::Type(id), self, Self::MemberOf(id, entity)]
            }
            Self::MemberOf(id, _) => vec![Self::Any, Self::Type(id), self],
        }
    }
}

/// Subject, actor, action, resource: the terms of each clause.
struct Shape<'r> {
    clauses: [Vec<Key<'r>>; 4],
}

impl<'r> Shape<'r> {
    fn of(world: &World, rule: &'r Rule) -> Self {
        let terms = |selector: &'r Option<Selector>| match selector {
            None => vec![Key::Any],
            Some(selector) => selector.terms.iter().map(Key::of).collect(),
        };
        let actions = match &rule.actions {
            None => vec![Key::Any],
            Some(ids) => ids.iter().map(|id| Key::Action(*id)).collect(),
        };
        // Without `on` the resource is of a type that the named actions apply to.
        let resources = match (&rule.resources, &rule.actions) {
            (None, Some(ids)) => {
                let actions = ids.iter().filter_map(|id| world.schema.action(*id));
                let types = actions.flat_map(|action| action.resources.iter().copied());
                types.map(Key::Type).collect()
            }
            (resources, _) => terms(resources),
        };
        Self { clauses: [terms(&rule.subjects), terms(&rule.actors), actions, resources] }
    }

    fn covered_by(&self, broad: &Shape<'_>) -> bool {
        self.clauses.iter().zip(&broad.clauses).all(|(narrow, broad)| {
            narrow.iter().all(|term| term.covering().iter().any(|wider| broad.contains(wider)))
        })
    }
}

/// One term of each clause.
type Combination<'r> = [Key<'r>; 4];

/// Every way to take one of each, or nothing when there are too many.
fn combinations<'r>(of: [&[Key<'r>]; 4]) -> Vec<Combination<'r>> {
    let [subjects, actors, actions, resources] = of;
    let count = [subjects, actors, actions, resources]
        .iter()
        .try_fold(1_usize, |product, terms| product.checked_mul(terms.len()));
    if count.is_none_or(|count| count > MAX_COMBINATIONS) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for subject in subjects {
        for actor in actors {
            for action in actions {
                all.extend(resources.iter().map(|resource| [*subject, *actor, *action, *resource]));
            }
        }
    }
    all
}

/// Warns of repeated rules, and of rules hidden behind a broader forbid.
pub(in crate::check) fn warn(world: &World, rules: &[Ruled], findings: &mut Findings) {
    let repeated = duplicates(rules, findings);
    let mut broad: HashMap<Combination<'_>, Vec<(usize, Shape<'_>)>> = HashMap::new();
    for (at, Ruled { rule, .. }) in rules.iter().enumerate() {
        if !is_broad(rule) {
            continue;
        }
        let shape = written_shape(world, rule);
        let [subjects, actors, actions, resources] = &shape.clauses;
        for combination in combinations([subjects, actors, actions, resources]) {
            let found = broad.entry(combination).or_default();
            if found.len() < MAX_COMPARED {
                found.push((at, written_shape(world, rule)));
            }
        }
    }
    if broad.is_empty() {
        return;
    }
    for (at, ruled) in rules.iter().enumerate() {
        if repeated.get(at).copied().unwrap_or(false) {
            continue;
        }
        let shape = Shape::of(world, &ruled.rule);
        let wider =
            shape.clauses.each_ref().map(|terms| terms.first().map_or(Vec::new(), |term| term.covering()));
        let hidden_by = combinations(wider.each_ref().map(Vec::as_slice))
            .iter()
            .filter_map(|combination| broad.get(combination))
            .flatten()
            .filter(|(by, forbid)| {
                // Of two that hide each other the first in order of names stays.
                let mutual = *by > at
                    && is_broad(&ruled.rule)
                    && forbid.covered_by(&written_shape(world, &ruled.rule));
                *by != at && !mutual && shape.covered_by(forbid)
            })
            .map(|(by, _)| *by)
            .min();
        if let Some(by) = hidden_by.and_then(|by| rules.get(by)) {
            findings.warn(Warning::Hidden {
                rule: ruled.rule.id.name.as_str().to_owned(),
                by: by.rule.id.to_string(),
                at: ruled.name_at,
                by_at: by.name_at,
            });
        }
    }
}

fn is_broad(rule: &Rule) -> bool {
    // One that holds under some tools or intents alone does not stand before everything else.
    let everywhere = rule.via.is_none() && rule.within.is_none();
    rule.effect != Effect::Permit && everywhere && constant::truth(&rule.condition) == Some(true)
}

/// The shape of a forbid as it was written: without `on` it speaks of anything.
fn written_shape<'r>(world: &World, rule: &'r Rule) -> Shape<'r> {
    let mut shape = Shape::of(world, rule);
    if rule.resources.is_none()
        && let [.., resources] = &mut shape.clauses
    {
        *resources = vec![Key::Any];
    }
    shape
}
