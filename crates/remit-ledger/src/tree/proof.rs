//! Makes inclusion and consistency proofs. SPEC: RFC 6962 §2.1.1 and §2.1.2.

use super::edge::over;
use super::{Hash, split};

/// The audit path of leaf `index` in the tree of this size; empty where there is no such leaf.
pub(crate) fn inclusion<E>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut path = Vec::new();
    let (mut low, mut high) = (0, size);
    while index < size && high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            path.push(over(middle, high, &mut node)?);
            high = middle;
        } else {
            path.push(over(low, middle, &mut node)?);
            low = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of size `old` is a beginning of the one of size `new`; empty where nothing is to be proved.
pub(crate) fn consistency<E>(
    old: u64,
    new: u64,
    mut node: impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    let (mut low, mut high) = (0, new);
    while old != high {
        let middle = low + split(high - low);
        if old <= middle {
            proof.push(over(middle, high, &mut node)?);
            high = middle;
        } else {
            proof.push(over(low, middle, &mut node)?);
            low = middle;
        }
    }
    // The verifier knows the old root; it needs the last subtree only where that is not the whole old tree.
    if low > 0 {
        proof.push(over(low, high, &mut node)?);
    }
    proof.reverse();
    Ok(proof)
}
