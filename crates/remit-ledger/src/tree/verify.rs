//! Checks inclusion and consistency proofs. SPEC: RFC 9162 §2.1.3.2 and §2.1.4.2.

use super::{Hash, empty, join};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the size, or the old size not below the new one.
    #[error("the proof is for a place that the tree does not have")]
    Place,
    /// It has more or fewer hashes than such a proof has.
    #[error("the proof has another number of hashes than its place asks for")]
    Length,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Whether the leaf stands at this index of the tree with this size and root.
///
/// # Errors
/// When the path does not prove it.
pub fn included(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Place);
    }
    let (mut place, mut last) = (index, size - 1);
    let mut node = *leaf;
    for hash in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            node = join(hash, &node);
            climb(&mut place, &mut last);
        } else {
            node = join(&node, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if node == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Whether the tree with the old size and root is a beginning of the one with the new size and root.
///
/// # Errors
/// When the proof does not prove it.
pub fn consistent(
    (old, old_root): (u64, &Hash),
    (new, new_root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Place);
    }
    if old == 0 || old == new {
        let nothing_to_prove = if old == 0 { *old_root == empty() } else { old_root == new_root };
        return match (proof.is_empty(), nothing_to_prove) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    // A whole old tree that is one perfect subtree is its own first hash.
    let (first, rest) = match proof {
        [] => return Err(ProofError::Length),
        all if old.is_power_of_two() => (old_root, all),
        [first, rest @ ..] => (first, rest),
    };
    let (mut place, mut last) = (old - 1, new - 1);
    let shift = place.trailing_ones();
    place = place.checked_shr(shift).unwrap_or(0);
    last = last.checked_shr(shift).unwrap_or(0);
    let (mut before, mut after) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            before = join(hash, &before);
            after = join(hash, &after);
            climb(&mut place, &mut last);
        } else {
            after = join(&after, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if before == *old_root && after == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// From the last node of its height up to where it becomes a right child.
fn climb(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}
