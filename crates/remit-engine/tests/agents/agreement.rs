//! The engine, compiled and indexed, equals the plain interpreter; a search equals brute force.

use std::collections::BTreeMap;

use remit_engine::{decides, search};
use remit_graph::NodeId;
use remit_model::Reason;
use remit_testkit::oracle::{Ask, Asked, Oracle};
use remit_testkit::random::Random;

use crate::question::{self, verdict, with};
use crate::{policy, world};

/// 100,000 questions; a million with `REMIT_FULL=1`.
fn policies() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 5_000 } else { 500 }
}

#[test]
fn the_engine_equals_the_plain_interpreter() {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..policies() {
        let mut random = Random::new(seed);
        let policies = policy::draw(&mut random, true);
        for _ in 0..4 {
            let world = world::draw(&mut random);
            let (bound, oracle) = (world::bind(&policies, &world), Oracle::new(&policies, &world));
            for _ in 0..50 {
                let ask = question::draw(&mut random, &bound);
                let (engine, (plain, _)) = (verdict(&bound, &ask), oracle.answer(&ask));
                let fired: Vec<String> = engine.determining.iter().map(|hit| hit.id.to_string()).collect();
                let wanted: Vec<String> = plain.determining.iter().map(|hit| hit.id.clone()).collect();
                assert_eq!(
                    (engine.decision, engine.reason, fired),
                    (plain.decision, plain.reason, wanted),
                    "seed {seed}: {:#?}\n{ask:#?}\n{world:#?}\n{:#?}",
                    engine.failures,
                    policies.intents
                );
                assert_eq!(with(&bound, &ask, decides), engine.decision);
                *reasons.entry(engine.reason.code()).or_default() += 1;
            }
        }
    }
    println!("{reasons:#?}");
    for reason in [
        Reason::Permitted,
        Reason::AttributionLost,
        Reason::TransactionForeign,
        Reason::TransactionRevoked,
        Reason::ChainNotDelegated,
        Reason::ChainShrunk,
        Reason::AssuranceTooLow,
        Reason::ToolFingerprintChanged,
        Reason::ToolNotInSkill,
        Reason::LabelForbids,
        Reason::IntentRequired,
        Reason::IntentUnknown,
        Reason::IntentExpired,
        Reason::IntentWidened,
        Reason::IntentNotCovering,
        Reason::ArgumentNotAllowed,
        Reason::ArgumentOriginUnknown,
        Reason::SkillMissing,
        Reason::SkillNotNeeded,
        Reason::TaskOutOfOrder,
        Reason::TaskRepeated,
        Reason::BudgetExceeded,
    ] {
        assert!(reasons.get(reason.code()).is_some_and(|count| *count >= 5), "{reason} is hardly tried");
    }
}

#[test]
fn a_search_finds_what_evaluation_allows() {
    let mut found_any = 0;
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let policies = policy::draw(&mut random, true);
        let world = world::draw(&mut random);
        let bound = world::bind(&policies, &world);
        for _ in 0..20 {
            let ask = question::draw(&mut random, &bound);
            let docs = bound.program().type_id("doc").expect("declared");
            let found = with(&bound, &ask, |bound, query| search::resources(bound, query, docs)).found;
            let all = bound.snapshot().nodes_of(docs).map(NodeId);
            let allowed: Vec<NodeId> = all
                .filter(|node| {
                    let resource = Asked { entity: bound.snapshot().entity(*node), asserted: vec![] };
                    verdict(&bound, &Ask { resource, ..ask.clone() }).decision
                })
                .collect();
            assert_eq!(found, allowed, "seed {seed}");
            found_any += usize::from(!found.is_empty());
        }
    }
    assert!(found_any > 50, "{found_any} searches found something");
}
