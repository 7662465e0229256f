//! The labels of a family of transactions: which step put each there, and which of them were taken away again. Merges
//! in any order: a step's mark that was taken stays taken, and nothing but what was seen is ever taken.

use std::collections::{BTreeMap, BTreeSet};

use remit_model::Name;
use serde::{Deserialize, Serialize};

/// Steps by label. A step is known by its number in the root, which every step of the family has.
pub(crate) type Steps = BTreeMap<Name, BTreeSet<u64>>;

/// Who put which label there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// Labels that no step put there: no step takes them away.
    fixed: BTreeSet<Name>,
    /// Steps whose mark stands.
    put: Steps,
    /// Steps whose mark was taken away, whether it was there already or not.
    // WHY: a record may be applied again on a snapshot that holds it; then its mark must not come back.
    taken: Steps,
}

impl Marks {
    /// Labels that stay. Says whether something is new.
    pub(crate) fn fix(&mut self, labels: &BTreeSet<Name>) -> bool {
        let before = self.fixed.len();
        self.fixed.extend(labels.iter().cloned());
        self.fixed.len() > before
    }

    /// A step puts labels there. Says whether something is new.
    pub(crate) fn put(&mut self, labels: &BTreeSet<Name>, step: u64) -> bool {
        let mut new = false;
        for label in labels {
            if !has(&self.taken, label, step) {
                new |= self.put.entry(label.clone()).or_default().insert(step);
            }
        }
        new
    }

    /// Takes away the marks of these steps and of no other. Says whether something is new.
    pub(crate) fn take(&mut self, steps: &Steps) -> bool {
        let mut new = false;
        for (label, steps) in steps {
            if let Some(standing) = self.put.get_mut(label) {
                standing.retain(|step| !steps.contains(step));
                if standing.is_empty() {
                    self.put.remove(label);
                }
            }
            let taken = self.taken.entry(label.clone()).or_default();
            steps.iter().for_each(|step| new |= taken.insert(*step));
        }
        new
    }

    /// The marks that stand for these labels now: what a step that takes them away has seen.
    pub(crate) fn seen(&self, labels: &BTreeSet<Name>) -> Steps {
        let standing = |label: &Name| Some((label.clone(), self.put.get(label)?.clone()));
        labels.iter().filter_map(standing).collect()
    }

    /// What the family is labelled with.
    pub(crate) fn labels(&self) -> BTreeSet<Name> {
        self.fixed.iter().chain(self.put.keys()).cloned().collect()
    }
}

fn has(steps: &Steps, label: &Name, step: u64) -> bool {
    steps.get(label).is_some_and(|steps| steps.contains(&step))
}
