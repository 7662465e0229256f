//! The narrowing calculus against sampled membership: what is found inside admits nothing that the parent refuses,
//! and what only tightens is found inside.
//!
//! 100,000 pairs, or a million when `REMIT_FULL` is 1.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "support code of tests fails loudly")]

mod random;
mod world;

use remit_model::narrow::widenings;

use random::Random;
use world::{admits, history, intent, loosen, request, tighten, tree};

/// Requests tried for each pair that is found to be inside.
const REQUESTS: usize = 12;

#[expect(clippy::disallowed_methods, reason = "how many cases is a matter of patience")]
fn pairs() -> u64 {
    if std::env::var("REMIT_FULL").is_ok_and(|full| full == "1") { 1_000_000 } else { 100_000 }
}

#[test]
fn a_child_without_widenings_admits_nothing_that_its_parent_refuses() {
    let graph = tree();
    let (mut inside, mut admitted) = (0_u64, 0_u64);
    for seed in 0..pairs() {
        let mut random = Random::new(seed);
        let parent = intent(&mut random);
        let mut child = if random.chance(15) { intent(&mut random) } else { parent.clone() };
        for _ in 0..random.below(4) {
            tighten(&mut child, &mut random);
        }
        if random.chance(50) {
            loosen(&mut child, &mut random);
        }
        if !widenings(&child, &parent, &graph).is_empty() {
            continue;
        }
        inside += 1;
        let history = history(&mut random, &parent);
        for _ in 0..REQUESTS {
            let request = request(&mut random, &child, &history);
            if admits(&child, Some(&parent), &history, &request, &graph) {
                admitted += 1;
                assert!(
                    admits(&parent, None, &history, &request, &graph),
                    "seed {seed}\nchild  {}\nparent {}\nrequest {request:?}\nhistory {history:?}",
                    child.canonical(),
                    parent.canonical()
                );
            }
        }
    }
    // The law says nothing when nothing is inside or nothing is admitted.
    assert!(inside * 100 > pairs() * 25, "only {inside} pairs were inside");
    assert!(admitted > pairs() / 4, "only {admitted} requests were admitted");
}

#[test]
fn what_only_tightens_is_inside() {
    let graph = tree();
    for seed in 0..pairs() / 4 {
        let mut random = Random::new(seed ^ 0x5EED);
        let parent = intent(&mut random);
        let mut child = parent.clone();
        let mut done = Vec::new();
        for _ in 0..random.below(5) {
            done.push(tighten(&mut child, &mut random));
        }
        let found = widenings(&child, &parent, &graph);
        assert!(
            found.is_empty(),
            "seed {seed} {done:?} {found:?}\nchild  {}\nparent {}",
            child.canonical(),
            parent.canonical()
        );
    }
}

#[test]
fn each_loosened_field_is_named() {
    let graph = tree();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..pairs() / 4 {
        let mut random = Random::new(seed ^ 0xF1E1D);
        let parent = intent(&mut random);
        let mut child = parent.clone();
        let Some((kind, field)) = loosen(&mut child, &mut random) else { continue };
        seen.insert(kind);
        let found = widenings(&child, &parent, &graph);
        let fields: Vec<&str> = found.iter().map(|widening| widening.field.as_str()).collect();
        assert!(
            !fields.is_empty() && fields.iter().all(|found| found.starts_with(&field)),
            "seed {seed} {kind} {field} {fields:?}\nchild  {}\nparent {}",
            child.canonical(),
            parent.canonical()
        );
    }
    assert_eq!(seen.len(), world::LOOSENINGS, "some kind of widening was never tried: {seen:?}");
}
