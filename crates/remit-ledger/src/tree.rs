//! The Merkle tree of RFC 6962 over the leaf hashes of the records. Pure: knows no file and no record.
//!
//! A proof is made from a function that gives the root of any perfect subtree (its height, its place among those of
//! that height); where it gets it from is its own affair.

mod edge;
mod proof;
mod range;
mod verify;

#[cfg(test)]
pub(crate) mod naive;
#[cfg(test)]
mod tests;

pub(crate) use edge::Edge;
pub(crate) use proof::{consistency, inclusion};
pub(crate) use range::{prove as prove_range, root_of as root_of_range};
pub use verify::{ProofError, consistent, included};

use sha2::{Digest, Sha256};

/// The hash of a leaf, an inner node, or a whole tree.
pub type Hash = [u8; 32];

/// The hash of an inner node.
pub(crate) fn join(left: &Hash, right: &Hash) -> Hash {
    let mut state = Sha256::new();
    state.update([1_u8]);
    state.update(left);
    state.update(right);
    state.finalize().into()
}

/// The root of the tree without leaves.
pub(crate) fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// The root of a perfect tree over these hashes, whose number is a power of two.
pub(crate) fn fold(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => join(left, right),
                [alone] => *alone,
                _ => empty(),
            })
            .collect();
    }
    hashes.first().copied().unwrap_or_else(empty)
}

/// The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}
