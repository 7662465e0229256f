//! Trees of every size against the recursive definition, and proofs that were tampered with.

use super::*;
use std::convert::Infallible;

/// Every tree up to this size is tried.
const SIZES: usize = 2_000;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| crate::LeafHash::of(&n.to_be_bytes()).0).collect()
}

/// The perfect subtrees over these leaves, by height.
struct Perfect(Vec<Vec<Hash>>);

impl Perfect {
    fn over(leaves: &[Hash]) -> Self {
        let mut heights = vec![leaves.to_vec()];
        while heights.last().is_some_and(|it| it.len() > 1) {
            let below = heights.last().unwrap();
            heights.push(below.chunks_exact(2).map(|pair| join(&pair[0], &pair[1])).collect());
        }
        Self(heights)
    }

    fn node(&self, height: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.0[height as usize][index as usize])
    }
}

/// A generator that needs no crate: xorshift, seeded.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn every_size_has_the_root_and_the_proofs_of_the_definition() {
    let all = leaves(SIZES);
    let perfect = Perfect::over(&all);
    let mut edge = Edge::default();
    let mut random = Random(0x5eed_1234);
    let mut roots = vec![];
    for size in 0..=SIZES {
        let root = naive::mth(&all[..size]);
        assert_eq!((edge.size(), edge.root()), (size as u64, root), "size {size}");
        let restored = Edge::at(size as u64, |height, index| perfect.node(height, index)).unwrap();
        assert_eq!(restored, edge, "size {size}");
        roots.push(root);
        // Small trees whole, larger ones at some place: the slow definition takes all the time.
        let places: Vec<usize> =
            if size <= 40 { (0..size).collect() } else { vec![random.below(size as u64) as usize] };
        for index in places {
            let path = inclusion(index as u64, size as u64, |h, i| perfect.node(h, i)).unwrap();
            assert_eq!(path, naive::path(index, &all[..size]), "leaf {index} of {size}");
            assert_eq!(included(&all[index], index as u64, size as u64, &path, &root), Ok(()));
            let old = index;
            let proof = consistency(old as u64, size as u64, |h, i| perfect.node(h, i)).unwrap();
            if old > 0 {
                assert_eq!(proof, naive::subproof(old, &all[..size], true), "{old} in {size}");
            }
            assert_eq!(consistent((old as u64, &roots[old]), (size as u64, &root), &proof), Ok(()));
            let to = index + 1 + random.below((size - index) as u64) as usize;
            let proof =
                prove_range(index as u64, to as u64, size as u64, &mut |h, i| perfect.node(h, i)).unwrap();
            let found = root_of_range(index as u64, &all[index..to], size as u64, &proof);
            assert_eq!(found, Ok(root), "{index}..{to} of {size}");
        }
        assert_eq!(consistent((size as u64, &root), (size as u64, &root), &[]), Ok(()));
        let beyond = inclusion(size as u64, size as u64, |h, i| perfect.node(h, i)).unwrap();
        assert!(beyond.is_empty(), "a path to a leaf that is not there");
        if size < SIZES {
            edge.push(all[size]);
        }
    }
}

#[test]
fn the_cloudflare_port_of_sumdb_makes_and_takes_the_same_proofs() {
    use tlog_tiles::tlog::{self, HashReader};
    struct Stored(Vec<tlog::Hash>);
    impl HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
            Ok(indexes.iter().map(|at| self.0[*at as usize]).collect())
        }
    }
    let all = leaves(600);
    let perfect = Perfect::over(&all);
    let mut stored = Stored(vec![]);
    for (n, leaf) in all.iter().enumerate() {
        let more = tlog::stored_hashes_for_record_hash(n as u64, tlog::Hash(*leaf), &stored).unwrap();
        stored.0.extend(more);
        let size = n as u64 + 1;
        let root = tlog::tree_hash(size, &stored).unwrap();
        assert_eq!(root.0, naive::mth(&all[..=n]));
        let index = size / 3;
        let path = inclusion(index, size, |h, i| perfect.node(h, i)).unwrap();
        let theirs = tlog::prove_record(size, index, &stored).unwrap();
        assert_eq!(theirs.iter().map(|hash| hash.0).collect::<Vec<_>>(), path);
        let old = size / 2;
        if old > 0 {
            let proof = consistency(old, size, |h, i| perfect.node(h, i)).unwrap();
            let theirs = tlog::prove_tree(size, old, &stored).unwrap();
            assert_eq!(theirs.iter().map(|hash| hash.0).collect::<Vec<_>>(), proof);
        }
    }
}

/// How many forged proofs are tried.
fn forgeries() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 1_000_000 } else { 20_000 }
}

/// A root that no head ever had.
const UNSIGNED: Hash = [0xff; 32];

#[test]
fn no_changed_proof_is_taken() {
    let all = leaves(300);
    let perfect = Perfect::over(&all);
    let roots: Vec<Hash> = (0..=all.len()).map(|size| naive::mth(&all[..size])).collect();
    // The sizes and roots that a verifier takes come from signed heads, so a forger can only choose among them.
    let signed = |size: u64| usize::try_from(size).ok().and_then(|size| roots.get(size)).copied();
    let mut random = Random(0xfeed_beef);
    let mut refused = 0;
    while refused < forgeries() {
        let size = 2 + random.below(299);
        let index = random.below(size);
        let forgery = random.below(9);
        let mut at = (index, size);
        let mut leaf = all[index as usize];
        let mut root = roots[size as usize];
        let (taken, changed, claim, truth);
        if random.below(2) == 0 {
            let good = inclusion(index, size, |h, i| perfect.node(h, i)).unwrap();
            let mut path = good.clone();
            forge(forgery, &mut random, [&mut leaf, &mut root], &mut path, &mut at);
            if at.1 != size {
                root = signed(at.1).unwrap_or(UNSIGNED);
            }
            taken = included(&leaf, at.0, at.1, &path, &root).is_ok();
            changed = path != good;
            claim = (leaf, at, root) != (all[index as usize], (index, size), roots[size as usize]);
            truth = all.get(at.0 as usize) == Some(&leaf) && signed(at.1) == Some(root);
        } else {
            let old = index.max(1);
            at.0 = old;
            let good = consistency(old, size, |h, i| perfect.node(h, i)).unwrap();
            let (mut proof, mut old_root) = (good.clone(), roots[old as usize]);
            forge(forgery, &mut random, [&mut old_root, &mut root], &mut proof, &mut at);
            if at != (old, size) {
                (old_root, root) = (signed(at.0).unwrap_or(UNSIGNED), signed(at.1).unwrap_or(UNSIGNED));
            }
            taken = consistent((at.0, &old_root), (at.1, &root), &proof).is_ok();
            changed = proof != good;
            claim = (old_root, at, root) != (roots[old as usize], (old, size), roots[size as usize]);
            truth = signed(at.0) == Some(old_root) && signed(at.1) == Some(root);
        }
        if changed || claim {
            assert!(!taken || (claim && truth), "{index} of {size}, forgery {forgery}, {at:?}");
            refused += u64::from(!taken);
        }
    }
}

fn forge(kind: u64, random: &mut Random, ends: [&mut Hash; 2], path: &mut Vec<Hash>, at: &mut (u64, u64)) {
    let place = random.below(path.len().max(1) as u64) as usize;
    match kind {
        0 => ends[random.below(2) as usize][random.below(32) as usize] ^= 1 << random.below(8),
        1 if !path.is_empty() => path[place][random.below(32) as usize] ^= 1 << random.below(8),
        2 if !path.is_empty() => drop(path.remove(place)),
        3 => path.insert(place, leaves(1)[0]),
        4 => at.0 = random.below(at.1),
        5 => at.1 = [0, 1, at.0, at.1 + 1, at.1 * 2, u64::MAX, 1 << 63][random.below(7) as usize],
        6 => at.0 = [at.1, at.1 + 1, u64::MAX, 1 << 63][random.below(4) as usize],
        7 => path.clear(),
        _ => path.reverse(),
    }
}

#[test]
fn proofs_about_nothing_are_refused() {
    let leaf = leaves(1)[0];
    assert_eq!(included(&leaf, 0, 0, &[], &leaf), Err(ProofError::Place));
    assert_eq!(included(&leaf, 0, 1, &[], &leaf), Ok(()));
    assert_eq!(included(&leaf, u64::MAX, u64::MAX, &[leaf; 64], &leaf), Err(ProofError::Place));
    assert_eq!(included(&leaf, 0, u64::MAX, &[leaf; 65], &leaf), Err(ProofError::Length));
    assert_eq!(included(&leaf, 0, u64::MAX, &[leaf; 64], &leaf), Err(ProofError::Root));
    assert_eq!(consistent((0, &empty()), (1, &leaf), &[]), Ok(()));
    assert_eq!(consistent((0, &leaf), (1, &leaf), &[]), Err(ProofError::Root));
    assert_eq!(consistent((0, &empty()), (1, &leaf), &[leaf]), Err(ProofError::Length));
    assert_eq!(consistent((2, &leaf), (1, &leaf), &[]), Err(ProofError::Place));
    assert_eq!(consistent((1, &leaf), (1, &empty()), &[]), Err(ProofError::Root));
    assert_eq!(consistent((1, &leaf), (2, &empty()), &[]), Err(ProofError::Length));
    assert_eq!(consistent((1 << 63, &leaf), (u64::MAX, &leaf), &[leaf]), Err(ProofError::Root));
    assert_eq!(root_of_range(0, &[], 1, &[]), Err(ProofError::Place));
    assert_eq!(root_of_range(u64::MAX, &[leaf], u64::MAX, &[]), Err(ProofError::Place));
    assert_eq!(root_of_range(0, &[leaf], 1, &[leaf]), Err(ProofError::Length));
}
