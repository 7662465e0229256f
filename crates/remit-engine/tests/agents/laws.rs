//! Narrow only: agents, purpose and history deny and never allow; what is narrowed, stopped or longer allows no more.

use std::sync::Arc;

use remit_engine::Bound;
use remit_model::{Status, Transaction};
use remit_testkit::oracle::{Acting, Ask, Past};
use remit_testkit::random::Random;

use crate::question::{self, narrower, verdict};
use crate::world::some;
use crate::{policy, world};

/// 100,000 questions; a million with `REMIT_FULL=1`.
fn policies() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 5_000 } else { 500 }
}

/// Asks `check` of generated questions; policies speak of no agent, purpose or history, so that the layers alone differ.
fn each(check: impl Fn(&mut Random, &Bound, &Ask) -> Option<bool>) {
    let mut allowed = 0_u32;
    for seed in 0..policies() {
        let mut random = Random::new(seed);
        let policies = policy::draw(&mut random, false);
        let world = world::draw(&mut random);
        let bound = world::bind(&policies, &world);
        for _ in 0..200 {
            let ask = question::draw(&mut random, &bound);
            match check(&mut random, &bound, &ask) {
                Some(true) => allowed += 1,
                Some(false) => panic!("seed {seed}: more is allowed for\n{ask:#?}"),
                None => {}
            }
        }
    }
    assert!(allowed > 1_000, "only {allowed} questions could have broken the law");
}

fn allows(bound: &Bound, ask: &Ask) -> bool {
    verdict(bound, ask).decision
}

fn acting(ask: &Ask, change: impl FnOnce(&mut Acting)) -> Ask {
    let mut ask = ask.clone();
    change(ask.acting.get_or_insert_default());
    ask
}

#[test]
fn what_agents_may_do_the_subject_may_do_alone() {
    each(|_, bound, ask| {
        let alone = Ask { acting: None, actor: None, ..ask.clone() };
        allows(bound, ask).then(|| allows(bound, &alone))
    });
}

#[test]
fn without_its_intent_a_question_is_allowed_no_less() {
    each(|_, bound, ask| {
        let aimless = acting(ask, |acting| {
            acting.goal = None;
            acting.past = Past::None;
        });
        allows(bound, ask).then(|| allows(bound, &aimless))
    });
}

#[test]
fn one_more_hop_at_the_origin_allows_no_more() {
    each(|random, bound, ask| {
        // Where subjects delegate by name, another origin is another delegation and not one hop more.
        let schema = bound.program().schema();
        let of = schema.type_id(ask.subject.entity.kind.as_str()).and_then(|of| schema.entity_type(of))?;
        if of.attributes.iter().any(|attribute| attribute.name.as_str() == "delegates") {
            return None;
        }
        let longer = acting(ask, |acting| {
            if !acting.chain.is_empty() {
                acting.chain.push(some(random, "agent", 4));
            }
            acting.past = Past::None;
        });
        let shorter = acting(ask, |acting| acting.past = Past::None);
        allows(bound, &longer).then(|| allows(bound, &shorter))
    });
}

#[test]
fn what_a_child_may_do_its_parent_may_do() {
    each(|random, bound, ask| {
        let lineage = ask.acting.as_ref().map(|acting| acting.lineage().to_vec()).unwrap_or_default();
        let parent = lineage.first()?;
        let mut child =
            Transaction { intent: Arc::new(narrower(random, &parent.intent)), ..(**parent).clone() };
        child.hash = child.intent.hash();
        let below = [&[Arc::new(child)], lineage.as_slice()].concat();
        let asked = |lineage| {
            acting(ask, |acting| {
                acting.past = Past::Known(lineage);
                acting.goal = None;
            })
        };
        let (child, parent) = (asked(below), asked(lineage.clone()));
        allows(bound, &child).then(|| allows(bound, &parent))
    });
}

#[test]
fn a_stopped_or_fuller_transaction_allows_no_more() {
    each(|random, bound, ask| {
        let lineage = ask.acting.as_ref().map(|acting| acting.lineage().to_vec()).unwrap_or_default();
        let at = random.below(lineage.len());
        let changed = |change: &dyn Fn(&mut Transaction)| {
            let mut lineage = lineage.clone();
            lineage.get_mut(at).map(Arc::make_mut).into_iter().for_each(change);
            acting(ask, |acting| acting.past = Past::Known(lineage))
        };
        if lineage.is_empty() {
            return None;
        }
        let stopped = changed(&|of| of.status = Status::Revoked);
        assert!(!allows(bound, &stopped), "a revoked transaction allows");
        // What is reserved spends, and is not yet done.
        let fuller = changed(&|of| {
            let pending = of.steps.first().map(|step| {
                let mut step = (**step).clone();
                step.pending = true;
                Arc::new(step)
            });
            of.steps.extend(pending);
        });
        allows(bound, &fuller).then(|| allows(bound, ask))
    });
}
