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
}
