//! Consents and signals in the state: what counts when, what a change in any order comes to, and what it ends.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "support code of tests fails loudly"
)]

use std::collections::{BTreeMap, BTreeSet};

use remit_model::{
    DelegationChain, EntityRef, Grant, Intent, Name, Risk, Scope, Signal, Status, Task, Timestamp,
};
use remit_state::{Applied, Change, Limits, Opening, Refused, State};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + second).unwrap()
}

fn user(id: &str) -> EntityRef {
    EntityRef::new(name("user"), id)
}

fn grant(id: &str, of: &str, from: i64) -> Grant {
    Grant {
        id: id.to_owned(),
        subject: user(of),
        category: "holdings".to_owned(),
        purpose: "advice".to_owned(),
        recipient: None,
        resource: None,
        from: at(from),
        expires: None,
        proof: None,
        withdrawn: None,
    }
}

fn signal(id: &str, of: &str, kind: &str, second: i64) -> Signal {
    Signal::new(id, user(of), name(kind), at(second))
}

fn opening(id: &str, of: &str) -> Opening {
    let task = Task {
        name: name("pay"),
        actions: [name("pay")].into(),
        resource: Scope::Any(name("account")),
        arguments: BTreeMap::new(),
        after: BTreeSet::new(),
        at_most: None,
        budgets: BTreeMap::new(),
        closed: false,
    };
    let intent = Intent {
        template: None,
        subject: user(of),
        tasks: vec![task],
        skills: None,
        hops_at_most: None,
        not_before: None,
        not_after: None,
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    };
    Opening { id: id.to_owned(), intent, expires: at(10_000), chain: None }
}

fn active(state: &State, of: &str, second: i64) -> Vec<String> {
    let all = state.consents(&user(of)).unwrap_or_default();
    all.iter().filter(|grant| grant.active(at(second))).map(|grant| grant.id.clone()).collect()
}

#[test]
fn a_consent_counts_once_it_is_committed_and_not_when_it_is_dropped() {
    let state = State::default();
    let held = state.grant(grant("c1", "ann", 0)).unwrap();
    assert!(active(&state, "ann", 1).is_empty(), "nothing counts before its record");
    assert!(matches!(state.grant(grant("c1", "bob", 0)), Err(Refused::Busy(_))));
    drop(held);
    assert!(active(&state, "ann", 1).is_empty());
    let held = state.grant(grant("c1", "ann", 0)).unwrap();
    let _none = held.commit();
    assert_eq!(active(&state, "ann", 1), ["c1"]);
    assert!(matches!(state.grant(grant("c1", "bob", 0)), Err(Refused::Taken(_))));
    let held = state.withdraw("c1", at(5)).unwrap();
    assert_eq!(active(&state, "ann", 9), ["c1"], "a withdrawal counts once it is recorded");
    let _none = held.commit();
    assert_eq!((active(&state, "ann", 4), active(&state, "ann", 5)), (vec!["c1".to_owned()], vec![]));
    assert!(matches!(state.withdraw("c1", at(6)), Err(Refused::Withdrawn(_))));
    assert!(matches!(state.withdraw("c2", at(6)), Err(Refused::NoConsent(_))));
    let backwards = Grant { expires: Some(at(0)), ..grant("c3", "ann", 0) };
    assert!(matches!(state.grant(backwards), Err(Refused::Malformed(_))));
}

#[test]
fn applying_a_change_twice_does_nothing_and_the_earlier_withdrawal_counts() {
    let granted = Change::Granted(Box::new(grant("c1", "ann", 0)));
    let withdrawn = |second| Change::Withdrawn { consent: "c1".to_owned(), at: at(second) };
    let observed = Change::Observed(Box::new(signal("s", "ann", "login", 1)));
    let state = State::default();
    assert_eq!(state.apply(&withdrawn(3)), Applied::Stranger);
    for (change, first, second) in [
        (&granted, Applied::Changed, Applied::Known),
        (&withdrawn(7), Applied::Changed, Applied::Known),
        (&withdrawn(4), Applied::Changed, Applied::Known),
        (&withdrawn(9), Applied::Known, Applied::Known),
        (&observed, Applied::Changed, Applied::Known),
    ] {
        assert_eq!((state.apply(change), state.apply(change)), (first, second), "{change:?}");
    }
    assert_eq!(state.consent("c1").unwrap().withdrawn, Some(at(4)));
    assert_eq!(state.seen(&user("ann")).unwrap().total(), 1);
    for change in [granted, withdrawn(4), observed] {
        assert_eq!(Change::from_json(&change.to_json().unwrap()).unwrap(), change);
    }
}

#[test]
fn a_snapshot_holds_consents_signals_and_ends() {
    let state = State::default();
    for (id, of) in [("c2", "ann"), ("c1", "ann"), ("c3", "bob")] {
        let _ = state.apply(&Change::Granted(Box::new(grant(id, of, 0))));
    }
    let _ = state.apply(&Change::Withdrawn { consent: "c1".to_owned(), at: at(5) });
    let _ = state.apply(&Change::Observed(Box::new(signal("s", "ann", "session_revoked", 1))));
    let bytes = state.snapshot().unwrap();
    let again = State::restore(&bytes, Limits::default()).unwrap();
    assert_eq!(again.snapshot().unwrap(), bytes);
    assert_eq!(again.consents(&user("ann")), state.consents(&user("ann")));
    assert_eq!(
        (active(&again, "ann", 9), active(&again, "bob", 9)),
        (vec!["c2".to_owned()], vec!["c3".to_owned()])
    );
    assert_eq!(again.seen(&user("ann")), state.seen(&user("ann")));
    assert_eq!(again.ended(&user("ann")), Some(at(1)));
}

#[test]
fn what_ends_sessions_stops_what_was_opened_by_then_in_either_order() {
    let end = |kind: &str, risk| Change::Observed(Box::new(Signal { risk, ..signal("e", "ann", kind, 10) }));
    let status = |state: &State, id: &str| state.get(id).unwrap().status;
    for (kind, risk, ends) in [
        ("session_revoked", None, true),
        ("credential_change", None, true),
        ("risk_level_change", Some(Risk::High), true),
        ("risk_level_change", Some(Risk::Medium), false),
        ("login_failed", None, false),
    ] {
        let state = State::default();
        for (id, of, second) in
            [("before", "ann", 9), ("then", "ann", 10), ("after", "ann", 11), ("other", "bob", 9)]
        {
            let _now = state.open(opening(id, of), at(second)).unwrap().commit();
        }
        let pending = state.open(opening("late", "ann"), at(9)).unwrap();
        let _ = state.apply(&end(kind, risk));
        let _now = pending.commit();
        let wanted = if ends { Status::Revoked } else { Status::Open };
        for (id, expected) in [
            ("before", wanted),
            ("then", wanted),
            ("late", wanted),
            ("after", Status::Open),
            ("other", Status::Open),
        ] {
            assert_eq!(status(&state, id), expected, "{kind} {id}");
        }
    }
}

#[test]
fn parties_that_are_quiet_make_room_and_what_is_over_stays_over() {
    let limits = Limits { parties: 16, ..Limits::default() };
    let state = State::new(limits);
    let _ = state.apply(&Change::Observed(Box::new(signal("s", "p0", "session_revoked", 0))));
    for number in 1..40 {
        let _ = state.apply(&Change::Observed(Box::new(signal("s", &format!("p{number}"), "login", number))));
    }
    assert_eq!(state.seen(&user("p0")), None);
    assert_eq!(state.ended(&user("p0")), Some(at(0)));
    assert_eq!(state.seen(&user("p39")).unwrap().total(), 1);
    let kept = (0..40).filter(|number| state.seen(&user(&format!("p{number}"))).is_some()).count();
    assert!((14..=16).contains(&kept), "{kept}");
}

#[test]
fn a_person_has_a_bound_of_consents() {
    let state = State::new(Limits { consents_of_one: 2, ..Limits::default() });
    for id in ["c1", "c2"] {
        let _none = state.grant(grant(id, "ann", 0)).unwrap().commit();
    }
    assert!(matches!(state.grant(grant("c3", "ann", 0)), Err(Refused::Full("consents"))));
    assert!(state.grant(grant("c3", "bob", 0)).is_ok());
}

#[test]
fn an_allowed_step_counts_once_whoever_else_reports_it() {
    let state = State::new(Limits::default());
    let step = |id: &str, minute| Signal { hops: Some(1), ..signal(id, "ann", "tool_used", minute) };
    let held = state.used(step("d1", 1));
    assert!(state.steps(&step("d1", 1).party).is_none(), "not before it is recorded");
    let _none = held.commit();
    drop(state.used(step("d2", 2)));
    let party = step("d1", 1).party;
    assert_eq!(state.steps(&party).map(|steps| steps.total()), Some(1), "what was not recorded is none");
    assert!(state.observe(step("d1", 1)).unwrap().is_none(), "the report of it is the same step");
    assert!(state.observe(step("other", 1)).unwrap().is_some());
    let _ = state.apply(&Change::Used(Box::new(step("d1", 1))));
    assert_eq!(state.steps(&party).map(|steps| steps.total()), Some(1));
    let restored = State::restore(&state.snapshot().unwrap(), Limits::default()).unwrap();
    assert_eq!(restored.steps(&party), state.steps(&party));
}

#[test]
fn what_an_agent_acts_in_ends_when_it_is_gone_and_goes_on_when_only_its_session_ends() {
    let agent = |id: &str| EntityRef::new(Name::new("agent").unwrap(), id);
    for (kind, who, status) in [
        ("entity_removed", "helper", Status::Revoked),
        ("entity_removed", "first", Status::Revoked),
        ("entity_removed", "other", Status::Open),
        ("session_revoked", "helper", Status::Open),
    ] {
        let state = State::default();
        let chain = Some(DelegationChain::new(agent("helper"), vec![agent("first")]));
        let _ = state.open(Opening { chain, ..opening("t", "ann") }, at(1)).unwrap().commit();
        let gone = Signal::new("s", agent(who), Name::new(kind).unwrap(), at(2));
        let _ = state.apply(&Change::Observed(Box::new(gone)));
        assert_eq!(state.get("t").unwrap().status, status, "{kind} {who}");
    }
}
