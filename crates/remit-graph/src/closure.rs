//! Precomputed reachability of one relation: which nodes are reached in zero or more steps.
//!
//! Nodes that reach each other share one list; lists are sorted, so a test is a binary search. Building gives
//! up when the lists would grow past their bound; the caller then walks.

use crate::NodeId;
use crate::limits::{CLOSURE_PAIRS_FREE, CLOSURE_PAIRS_PER_EDGE, CLOSURE_WORK_PER_PAIR};
use crate::rows::Rows;

const NONE: u32 = u32::MAX;

/// Everything reached from each node that has edges.
#[derive(Debug)]
pub(crate) struct Closure {
    /// By node, from `first`: which list, or `NONE`.
    list_of: Box<[u32]>,
    first: u32,
    offsets: Box<[u32]>,
    reached: Box<[NodeId]>,
}

impl Closure {
    /// Builds the index, or nothing when it would be too large to keep.
    pub(crate) fn build(rows: &Rows, nodes: usize) -> Option<Self> {
        let pairs = rows.len().checked_mul(CLOSURE_PAIRS_PER_EDGE)?.checked_add(CLOSURE_PAIRS_FREE)?;
        let mut build = Build::new(rows, nodes, pairs);
        for (root, far) in rows.iter() {
            if !far.is_empty() && build.order(root) == 0 {
                build.component_of(root)?;
            }
        }
        Some(build.finish())
    }

    /// What `node` reaches, itself included, sorted; nothing when it has no edges and reaches only itself.
    pub(crate) fn list(&self, node: NodeId) -> Option<&[NodeId]> {
        let list = *self.list_of.get(node.0.checked_sub(self.first)? as usize)?;
        let (from, to) = (self.offsets.get(list as usize)?, self.offsets.get(list as usize + 1)?);
        self.reached.get(*from as usize..*to as usize)
    }

    /// Whether `to` is reached from `from` in zero or more steps.
    pub(crate) fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        from == to || self.list(from).is_some_and(|list| list.binary_search(&to).is_ok())
    }
}

/// Tarjan's strongly connected components without recursion. Components complete in reverse topological
/// order, so the lists of all successors are ready when a component needs them.
struct Build<'r> {
    rows: &'r Rows,
    pairs_left: usize,
    work_left: usize,
    /// By node: when it was first seen, from 1; 0 is not yet.
    order: Vec<u32>,
    low: Vec<u32>,
    list_of: Vec<u32>,
    seen: u32,
    stack: Vec<NodeId>,
    /// By node: the list that last took it in, plus one.
    taken: Vec<u32>,
    offsets: Vec<u32>,
    reached: Vec<NodeId>,
}

#[expect(clippy::indexing_slicing, reason = "dense tables over all nodes; rows only name nodes of the graph")]
impl<'r> Build<'r> {
    fn new(rows: &'r Rows, nodes: usize, pairs: usize) -> Self {
        Self {
            rows,
            pairs_left: pairs,
            work_left: pairs.saturating_mul(CLOSURE_WORK_PER_PAIR),
            order: vec![0; nodes],
            low: vec![0; nodes],
            list_of: vec![NONE; nodes],
            seen: 0,
            stack: Vec::new(),
            taken: vec![0; nodes],
            offsets: vec![0],
            reached: Vec::new(),
        }
    }

    fn order(&self, node: NodeId) -> u32 {
        self.order[node.index()]
    }

    fn enter(&mut self, node: NodeId) {
        self.seen += 1;
        self.order[node.index()] = self.seen;
        self.low[node.index()] = self.seen;
        self.stack.push(node);
    }

    /// Completes the components of everything reached from `root`; nothing when a bound is hit.
    fn component_of(&mut self, root: NodeId) -> Option<()> {
        let mut frames = vec![(root, 0_usize)];
        self.enter(root);
        while let Some((node, next)) = frames.last_mut() {
            let node = *node;
            if let Some(to) = self.rows.far(node).get(*next).copied() {
                *next += 1;
                if self.rows.far(to).is_empty() {
                    continue;
                }
                if self.order(to) == 0 {
                    self.enter(to);
                    frames.push((to, 0));
                } else if self.list_of[to.index()] == NONE {
                    self.low[node.index()] = self.low[node.index()].min(self.order(to));
                }
                continue;
            }
            frames.pop();
            if let Some((parent, _)) = frames.last() {
                self.low[parent.index()] = self.low[parent.index()].min(self.low[node.index()]);
            }
            if self.low[node.index()] == self.order(node) {
                self.close(node)?;
            }
        }
        Some(())
    }

    /// The component whose first node is `first` is complete: writes its list.
    fn close(&mut self, first: NodeId) -> Option<()> {
        let start = self.stack.iter().rposition(|node| *node == first)?;
        let members = self.stack.split_off(start);
        let list = u32::try_from(self.offsets.len() - 1).ok()?;
        let begin = self.reached.len();
        for member in &members {
            self.list_of[member.index()] = list;
            self.take(*member, list)?;
        }
        for member in &members {
            let rows = self.rows;
            for to in rows.far(*member) {
                let theirs = self.list_of[to.index()];
                if theirs == NONE {
                    self.take(*to, list)?;
                } else if theirs != list {
                    for at in self.offsets[theirs as usize]..self.offsets[theirs as usize + 1] {
                        self.take(self.reached[at as usize], list)?;
                    }
                }
            }
        }
        self.reached[begin..].sort_unstable();
        self.offsets.push(u32::try_from(self.reached.len()).ok()?);
        Some(())
    }

    fn take(&mut self, node: NodeId, list: u32) -> Option<()> {
        self.work_left = self.work_left.checked_sub(1)?;
        if self.taken[node.index()] != list + 1 {
            self.taken[node.index()] = list + 1;
            self.pairs_left = self.pairs_left.checked_sub(1)?;
            self.reached.push(node);
        }
        Some(())
    }

    fn finish(self) -> Closure {
        let first = self.list_of.iter().position(|list| *list != NONE).unwrap_or(0);
        let end = self.list_of.iter().rposition(|list| *list != NONE).map_or(first, |last| last + 1);
        Closure {
            list_of: self.list_of[first..end].into(),
            first: u32::try_from(first).unwrap_or(NONE),
            offsets: self.offsets.into_boxed_slice(),
            reached: self.reached.into_boxed_slice(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: u32) -> Rows {
        let pairs: Vec<_> = (1..length).map(|n| (NodeId(n - 1), NodeId(n))).collect();
        Rows::new(pairs.iter().copied())
    }

    #[test]
    fn cycles_share_one_list_and_leaves_have_none() {
        let pairs = [(0, 1), (1, 2), (2, 1), (2, 3)].map(|(near, far)| (NodeId(near), NodeId(far)));
        let closure = Closure::build(&Rows::new(pairs.iter().copied()), 5).unwrap();
        assert_eq!(closure.list(NodeId(1)), Some(&[1, 2, 3].map(NodeId)[..]));
        assert_eq!(closure.list(NodeId(1)), closure.list(NodeId(2)));
        assert_eq!(closure.list(NodeId(0)).map(<[_]>::len), Some(4));
        assert_eq!((closure.list(NodeId(3)), closure.list(NodeId(4))), (None, None));
        assert!(closure.reaches(NodeId(3), NodeId(3)) && !closure.reaches(NodeId(3), NodeId(0)));
        assert_eq!(closure.reached.len(), 7, "two lists in all");
    }

    #[test]
    fn an_index_that_would_be_too_large_is_not_built() {
        assert!(Closure::build(&chain(300), 300).is_some());
        assert!(Closure::build(&chain(2000), 2000).is_none(), "two million pairs for two thousand edges");
    }

    #[test]
    fn work_is_bounded_where_lists_overlap() {
        // Layers, each fully joined to the next: lists stay small, but each is gathered from every node of a layer.
        let (layers, width) = (40_u32, 60_u32);
        let mut pairs = Vec::new();
        for node in 0..(layers - 1) * width {
            let next = (node / width + 1) * width;
            pairs.extend((next..next + width).map(|far| (NodeId(node), NodeId(far))));
        }
        let rows = Rows::new(pairs.iter().copied());
        assert!(Closure::build(&rows, (layers * width) as usize).is_none());
    }
}
