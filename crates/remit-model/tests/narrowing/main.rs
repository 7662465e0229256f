//! The narrowing calculus against sampled membership: what is found inside admits nothing that the parent refuses,
//! and what only tightens is found inside.
//!
//! 100,000 chains of up to four intents, or a million when `REMIT_FULL` is 1.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "support code of tests fails loudly")]

mod fields;
mod random;
mod world;

use remit_model::Intent;
use remit_model::narrow::widenings;

use random::Random;
use world::{admits, history, intent, loosen, request, tighten, tree};

/// Requests tried for each chain that is found to be inside.
const REQUESTS: usize = 6;

#[expect(clippy::disallowed_methods, reason = "how many cases is a matter of patience")]
fn pairs() -> u64 {
    if std::env::var("REMIT_FULL").is_ok_and(|full| full == "1") { 1_000_000 } else { 100_000 }
}

/// A hop: mostly tighter, sometimes wider in one field, sometimes something else altogether.
fn narrowed(parent: &Intent, random: &mut Random) -> Intent {
    let mut child = if random.chance(10) { intent(random) } else { parent.clone() };
    for _ in 0..random.below(4) {
        tighten(&mut child, random);
    }
    if random.chance(40) {
        loosen(&mut child, random);
    }
    child
}

#[test]
fn a_child_without_widenings_admits_nothing_that_its_ancestors_refuse() {
    let graph = tree();
    let (mut inside, mut admitted) = (0_u64, 0_u64);
    for seed in 0..pairs() {
        let mut random = Random::new(seed);
        // Root last, as in a lineage.
        let mut chain = vec![intent(&mut random)];
        for _ in 0..1 + random.below(3) {
            let next = narrowed(&chain[0], &mut random);
            if widenings(&next, &chain[0], &graph).is_empty() {
                chain.insert(0, next);
            }
        }
        if chain.len() == 1 {
            continue;
        }
        inside += 1;
        let history = history(&mut random, &chain[chain.len() - 1]);
        for _ in 0..REQUESTS {
            let request = request(&mut random, &chain[0], &history);
            if admits(&chain, &history, &request, &graph) {
                admitted += 1;
                for above in 1..chain.len() {
                    assert!(
                        admits(&chain[above..], &history, &request, &graph),
                        "seed {seed}\nchild  {}\nparent {}\nrequest {request:?}\nhistory {history:?}",
                        chain[above - 1].canonical(),
                        chain[above].canonical()
                    );
                }
            }
        }
    }
    // The law says nothing when nothing is inside or nothing is admitted.
    assert!(inside * 100 > pairs() * 40, "only {inside} chains were inside");
    assert!(admitted > pairs() / 8, "only {admitted} requests were admitted");
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
