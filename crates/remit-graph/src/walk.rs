//! Walks over edges, breadth first: safe on cycles, each node at most once, so bounded by the graph itself.

use std::cell::Cell;

use crate::NodeId;
use crate::limits::WALK_SCAN;

thread_local! {
    /// WHY: marks over all nodes are megabytes in a large graph; a thread keeps one table and tells walks apart
    /// by a number, instead of clearing it each time. Nothing of one walk is visible to the next.
    static WALKER: Cell<Walker> = Cell::default();
}

/// Where a walk has been.
#[derive(Default)]
struct Walker {
    marks: Vec<u32>,
    epoch: u32,
    queue: Vec<NodeId>,
}

/// Everything reached from `start` in zero or more steps, in the order found, into `found`.
pub(crate) fn collect<I>(start: NodeId, nodes: usize, found: &mut Vec<NodeId>, next: impl Fn(NodeId) -> I)
where
    I: Iterator<Item = NodeId>,
{
    let mut walker = WALKER.take();
    walker.run(start, None, nodes, found, next);
    WALKER.set(walker);
}

/// Whether `goal` is reached from `start` in zero or more steps; stops when it is.
pub(crate) fn reaches<I>(start: NodeId, goal: NodeId, nodes: usize, next: impl Fn(NodeId) -> I) -> bool
where
    I: Iterator<Item = NodeId>,
{
    if start == goal {
        return true;
    }
    let mut walker = WALKER.take();
    let mut queue = std::mem::take(&mut walker.queue);
    let reached = walker.run(start, Some(goal), nodes, &mut queue, next);
    walker.queue = queue;
    WALKER.set(walker);
    reached
}

impl Walker {
    fn run<I>(
        &mut self,
        start: NodeId,
        goal: Option<NodeId>,
        nodes: usize,
        found: &mut Vec<NodeId>,
        next: impl Fn(NodeId) -> I,
    ) -> bool
    where
        I: Iterator<Item = NodeId>,
    {
        found.clear();
        found.push(start);
        let mut at = 0;
        while let Some(node) = found.get(at).copied() {
            at += 1;
            for far in next(node) {
                if Some(far) == goal {
                    return true;
                }
                if self.is_new(far, nodes, found) {
                    found.push(far);
                }
            }
        }
        false
    }

    fn is_new(&mut self, node: NodeId, nodes: usize, found: &[NodeId]) -> bool {
        if found.len() < WALK_SCAN {
            return !found.contains(&node);
        }
        if found.len() == WALK_SCAN {
            // WHY: at exactly this length marks may be missing for what was found by scanning; writing them
            // again for each edge tried at this length costs less than remembering whether it was done.
            self.begin(nodes);
            found.iter().for_each(|known| self.mark(*known));
        }
        let known = self.marks.get(node.index()).is_none_or(|mark| *mark == self.epoch);
        if !known {
            self.mark(node);
        }
        !known
    }

    fn begin(&mut self, nodes: usize) {
        if self.marks.len() < nodes {
            self.marks.resize(nodes, 0);
        }
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            self.marks.fill(0);
            self.epoch = 1;
        }
    }

    fn mark(&mut self, node: NodeId) {
        if let Some(mark) = self.marks.get_mut(node.index()) {
            *mark = self.epoch;
        }
    }
}
