//! Subject and chain across the steps of one transaction.

use std::sync::Arc;

use remit_model::transaction::{Step, follows};
use remit_model::{DelegationChain, EntityRef, Reason, Transaction};

use crate::world::*;

/// Written origin first, as people tell it.
fn chain(agents: &[&str]) -> Option<DelegationChain> {
    let mut all: Vec<EntityRef> = agents.iter().rev().map(|id| entity("agent", id)).collect();
    (!all.is_empty()).then(|| DelegationChain::new(all.remove(0), all))
}

fn seen(agents: &[&str]) -> Transaction {
    Transaction { chain: chain(agents), ..transaction(intent(vec![task("pay")])) }
}

fn reason(
    transaction: &Transaction,
    subject: Option<EntityRef>,
    service: bool,
    agents: &[&str],
) -> Option<Reason> {
    follows(transaction, subject.as_ref(), service, chain(agents).as_ref()).err().map(|misfit| misfit.reason)
}

#[test]
fn a_chain_never_loses_anybody_nor_changes_their_order() {
    let ann = || Some(entity("user", "ann"));
    for (before, now, expected) in [
        (&["a", "b"][..], &["a", "b"][..], None),
        (&["a", "b"], &["a", "b", "c"], None),
        (&[], &["a"], None),
        (&["a", "b"], &["a"], Some(Reason::ChainShrunk)),
        (&["a", "b"], &[], Some(Reason::ChainShrunk)),
        (&["a", "b"], &["a", "c"], Some(Reason::ChainShrunk)),
        (&["a", "b"], &["b", "a"], Some(Reason::ChainReordered)),
        (&["a", "b"], &["c", "a", "b"], Some(Reason::ChainReordered)),
    ] {
        assert_eq!(reason(&seen(before), ann(), false, now), expected, "{before:?} {now:?}");
    }
}

#[test]
fn the_person_stays_the_person() {
    let open = seen(&["a"]);
    for (subject, service, expected) in [
        (Some(entity("user", "ann")), false, None),
        (None, false, Some(Reason::AttributionLost)),
        (Some(entity("service", "batch")), false, Some(Reason::AttributionLost)),
        (Some(entity("user", "robot")), true, Some(Reason::AttributionLost)),
        (Some(entity("user", "bob")), false, Some(Reason::TransactionForeign)),
    ] {
        assert_eq!(reason(&open, subject.clone(), service, &["a"]), expected, "{subject:?}");
    }
}

#[test]
fn pending_steps_count_as_seen_but_those_of_children_do_not() {
    let pending = |via: Option<&str>| {
        let mut open = seen(&["a"]);
        let made = Step {
            chain: chain(&["a", "b"]),
            via: via.map(str::to_owned),
            ..(*step("pay", 0, true)).clone()
        };
        open.steps.push(Arc::new(made));
        open
    };
    let ann = || Some(entity("user", "ann"));
    assert_eq!(reason(&pending(None), ann(), false, &["a"]), Some(Reason::ChainShrunk));
    assert_eq!(reason(&pending(Some("child")), ann(), false, &["a"]), None);
}

#[test]
fn hops_are_counted() {
    let mut bounded = intent(vec![task("pay")]);
    bounded.hops_at_most = Some(1);
    let open = transaction(bounded);
    let ann = || Some(entity("user", "ann"));
    assert_eq!(reason(&open, ann(), false, &["a"]), None);
    assert_eq!(reason(&open, ann(), false, &["a", "b"]), Some(Reason::ChainTooDeep));
}
