//! The definitions of RFC 6962 §2.1, word for word and slow: what the tree is held against.

use super::Hash;
use sha2::{Digest, Sha256};

fn hash(parts: &[&[u8]]) -> Hash {
    let mut state = Sha256::new();
    parts.iter().for_each(|part| state.update(part));
    state.finalize().into()
}

fn k(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// `MTH(D[n])`, over leaf hashes.
pub(crate) fn mth(d: &[Hash]) -> Hash {
    match d {
        [] => hash(&[]),
        [only] => *only,
        _ => {
            let (left, right) = d.split_at(k(d.len()));
            hash(&[&[1], &mth(left), &mth(right)])
        }
    }
}

/// `PATH(m, D[n])`.
pub(crate) fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
    if d.len() <= 1 {
        return Vec::new();
    }
    let k = k(d.len());
    let (mut found, last) =
        if m < k { (path(m, &d[..k]), mth(&d[k..])) } else { (path(m - k, &d[k..]), mth(&d[..k])) };
    found.push(last);
    found
}

/// `SUBPROOF(m, D[n], b)`.
pub(crate) fn subproof(m: usize, d: &[Hash], b: bool) -> Vec<Hash> {
    if m == d.len() {
        return if b { Vec::new() } else { vec![mth(d)] };
    }
    let k = k(d.len());
    let (mut found, last) = if m <= k {
        (subproof(m, &d[..k], b), mth(&d[k..]))
    } else {
        (subproof(m - k, &d[k..], false), mth(&d[..k]))
    };
    found.push(last);
    found
}
