//! Compressed rows: the far ends of each node, one direction of one relation.

use std::ops::Range;

use crate::NodeId;

/// Far ends by near end. Rows exist only for the span of nodes that have edges: nodes of one type are
/// neighbours, so a relation of one small type costs little in a large graph.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    first: u32,
    offsets: Box<[u32]>,
    far: Box<[NodeId]>,
}

impl Rows {
    /// `pairs` of near and far end, sorted.
    pub(crate) fn new(pairs: impl ExactSizeIterator<Item = (NodeId, NodeId)> + Clone) -> Self {
        let mut near = pairs.clone().map(|(near, _)| near.0);
        let Some(first) = near.next() else { return Self::default() };
        let last = near.last().unwrap_or(first);
        let mut offsets = Vec::with_capacity((last - first) as usize + 2);
        let mut far = Vec::with_capacity(pairs.len());
        for (near, to) in pairs {
            offsets.resize((near.0 - first) as usize + 1, position(far.len()));
            far.push(to);
        }
        offsets.push(position(far.len()));
        Self { first, offsets: offsets.into_boxed_slice(), far: far.into_boxed_slice() }
    }

    /// The same edges by their far ends, and for each entry the edge it is. `pairs` is sorted as for
    /// [`Self::new`]; counting keeps that order within each row, so no sort is needed.
    pub(crate) fn reversed(
        pairs: impl ExactSizeIterator<Item = (NodeId, NodeId)> + Clone,
    ) -> (Self, Box<[u32]>) {
        let span = pairs.clone().fold(None, |span: Option<(u32, u32)>, (_, to)| {
            Some(span.map_or((to.0, to.0), |(first, last)| (first.min(to.0), last.max(to.0))))
        });
        let Some((first, last)) = span else { return Default::default() };
        let mut offsets = vec![0_u32; (last - first) as usize + 2];
        let row = |to: NodeId| (to.0 - first) as usize;
        for (_, to) in pairs.clone() {
            if let Some(count) = offsets.get_mut(row(to) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for offset in &mut offsets {
            sum += *offset;
            *offset = sum;
        }
        let mut next = offsets.clone();
        let mut far = vec![NodeId(0); pairs.len()].into_boxed_slice();
        let mut edges = vec![0_u32; pairs.len()].into_boxed_slice();
        for (edge, (from, to)) in (0..).zip(pairs) {
            let Some(at) = next.get_mut(row(to)) else { continue };
            if let (Some(far), Some(held)) = (far.get_mut(*at as usize), edges.get_mut(*at as usize)) {
                (*far, *held) = (from, edge);
            }
            *at += 1;
        }
        (Self { first, offsets: offsets.into_boxed_slice(), far }, edges)
    }

    /// Where the row of `near` stands among all far ends.
    pub(crate) fn row(&self, near: NodeId) -> Range<usize> {
        let bounds = || {
            let at = near.0.checked_sub(self.first)? as usize;
            Some((*self.offsets.get(at)?, *self.offsets.get(at + 1)?))
        };
        bounds().map_or(0..0, |(from, to)| from as usize..to as usize)
    }

    /// The far ends of `near`, sorted; parallel edges repeat theirs.
    pub(crate) fn far(&self, near: NodeId) -> &[NodeId] {
        self.far.get(self.row(near)).unwrap_or_default()
    }

    /// Every near end in the span, with its far ends (perhaps none).
    pub(crate) fn iter(&self) -> impl Iterator<Item = (NodeId, &[NodeId])> {
        let rows = position(self.offsets.len().saturating_sub(1));
        (self.first..self.first + rows).map(|near| (NodeId(near), self.far(NodeId(near))))
    }

    /// How many edges there are.
    pub(crate) fn len(&self) -> usize {
        self.far.len()
    }
}

/// Edges and nodes are bounded by `limits` below `u32::MAX`, so a position always fits.
fn position(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pairs: &[(u32, u32)]) -> Rows {
        Rows::new(pairs.iter().map(|(near, far)| (NodeId(*near), NodeId(*far))))
    }

    #[test]
    fn gaps_and_both_ends_have_empty_rows() {
        let rows = rows(&[(3, 1), (3, 9), (6, 2)]);
        assert_eq!(rows.far(NodeId(3)), [NodeId(1), NodeId(9)]);
        assert_eq!(rows.far(NodeId(6)), [NodeId(2)]);
        for none in [0, 2, 4, 5, 7, u32::MAX] {
            assert!(rows.far(NodeId(none)).is_empty(), "{none}");
        }
        assert_eq!(rows.iter().count(), 4);
        assert_eq!((rows.len(), rows.row(NodeId(6))), (3, 2..3));
        assert!(Rows::default().far(NodeId(0)).is_empty());
    }

    #[test]
    fn reversed_rows_are_sorted_and_know_their_edges() {
        let pairs = [(1, 7), (1, 9), (2, 7), (2, 7), (4, 6)].map(|(near, far)| (NodeId(near), NodeId(far)));
        let (rows, edges) = Rows::reversed(pairs.iter().copied());
        assert_eq!(rows.far(NodeId(7)), [1, 2, 2].map(NodeId));
        assert_eq!((rows.far(NodeId(6)), rows.far(NodeId(8)).len()), (&[NodeId(4)][..], 0));
        assert_eq!(*edges, [4, 0, 2, 3, 1]);
        assert_eq!(Rows::reversed([].into_iter()).0.len(), 0);
    }
}
