//! The right edge of a growing tree: the roots of its perfect subtrees, from which its own root follows.

use super::{Hash, empty, join};

/// A tree of which only the right edge is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edge {
    size: u64,
    /// One for each bit of the size, the largest first.
    peaks: Vec<Hash>,
}

impl Edge {
    /// The edge of the tree of this size, from the roots of perfect subtrees by height and place.
    pub(crate) fn at<E>(size: u64, mut node: impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Self, E> {
        Ok(Self { size, peaks: peaks(0, size, &mut node)? })
    }

    /// How many leaves the tree has.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = join(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root of the tree.
    pub(crate) fn root(&self) -> Hash {
        bag(&self.peaks)
    }
}

/// The root over perfect subtrees that stand side by side, the largest first.
fn bag(peaks: &[Hash]) -> Hash {
    let mut upwards = peaks.iter().rev();
    let Some(last) = upwards.next() else { return empty() };
    upwards.fold(*last, |right, left| join(left, &right))
}

fn peaks<E>(low: u64, high: u64, node: &mut impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let mut at = low;
    let mut found = Vec::new();
    while at < high {
        let height = (high - at).ilog2();
        found.push(node(height, at >> height)?);
        at += 1 << height;
    }
    Ok(found)
}

/// The root over the leaves from `low` up to `high`, where `low` begins a subtree that is large enough.
pub(super) fn over<E>(
    low: u64,
    high: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    Ok(bag(&peaks(low, high, node)?))
}
