//! Paths from the unknown, and walking them backwards from where they end.

use remit_graph::{NodeId, Snapshot};
use remit_model::{AttrId, Timestamp};
use rustc_hash::FxHashSet;

use crate::lower::Reach;

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub relation: AttrId,
    pub reach: Reach,
    pub inverse: bool,
}

/// Every node from which the path leads to one of `ends`; filters on the way are left to evaluation.
pub(super) fn backwards(graph: &Snapshot, now: Timestamp, path: &[Step], ends: Vec<NodeId>) -> Vec<NodeId> {
    path.iter().rev().fold(ends, |ends, step| one_back(graph, now, *step, ends))
}

fn one_back(graph: &Snapshot, now: Timestamp, step: Step, ends: Vec<NodeId>) -> Vec<NodeId> {
    let Step { relation, reach, inverse } = step;
    let mut starts = FxHashSet::default();
    let mut scratch = Vec::new();
    for end in ends {
        match (reach, inverse) {
            (Reach::One, false) => starts.extend(graph.into(end, relation, now).map(|edge| edge.node)),
            (Reach::One, true) => starts.extend(graph.out(end, relation, now).map(|edge| edge.node)),
            // WHY: what an earlier end has reached, with all behind it, is already there.
            _ if starts.contains(&end) => {}
            _ => starts.extend(graph.closure(end, relation, !inverse, now, &mut scratch)),
        }
    }
    starts.into_iter().collect()
}
