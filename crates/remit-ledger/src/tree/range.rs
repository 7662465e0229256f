//! Proves a run of leaves: that they stand side by side at their place, and that none is left out.
//!
//! The proof is the roots of everything left and right of the run, in the order in which a reader who splits the tree
//! as RFC 6962 does comes to them. It is as long as two audit paths, whatever the length of the run.

use super::edge::over;
use super::{Hash, ProofError, join, split};

/// The proof for the leaves from `from` up to, not including, `to`.
pub(crate) fn prove<E>(
    from: u64,
    to: u64,
    size: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    // INVARIANT: what is to come stands with the leftmost part on top.
    let mut parts = vec![(0, size)];
    while let Some((low, high)) = parts.pop() {
        if low >= high || (from <= low && high <= to) {
            continue;
        }
        if high <= from || to <= low {
            proof.push(over(low, high, node)?);
            continue;
        }
        let middle = low + split(high - low);
        parts.push((middle, high));
        parts.push((low, middle));
    }
    Ok(proof)
}

/// The root of the tree of this size in which these leaves stand from `from` on.
pub(crate) fn root_of(from: u64, leaves: &[Hash], size: u64, proof: &[Hash]) -> Result<Hash, ProofError> {
    let to = from.checked_add(leaves.len() as u64).ok_or(ProofError::Place)?;
    if leaves.is_empty() || to > size {
        return Err(ProofError::Place);
    }
    let mut rest = proof.iter();
    let root = root(0, size, from, leaves, &mut rest)?;
    if rest.next().is_some() { Err(ProofError::Length) } else { Ok(root) }
}

/// Recursion no deeper than the bits of a size.
fn root(
    low: u64,
    high: u64,
    from: u64,
    leaves: &[Hash],
    proof: &mut std::slice::Iter<'_, Hash>,
) -> Result<Hash, ProofError> {
    if high <= from || from + leaves.len() as u64 <= low {
        return proof.next().copied().ok_or(ProofError::Length);
    }
    if high - low == 1 {
        let at = usize::try_from(low - from).map_err(|_| ProofError::Place)?;
        return leaves.get(at).copied().ok_or(ProofError::Place);
    }
    let middle = low + split(high - low);
    let left = root(low, middle, from, leaves, proof)?;
    Ok(join(&left, &root(middle, high, from, leaves, proof)?))
}
