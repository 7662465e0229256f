//! One thread, one case each: opening, children, outcomes, labels, ends, memory.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "support code of tests fails loudly"
)]

#[path = "laws/world.rs"]
mod world;

use std::collections::BTreeSet;

use remit_model::transaction::{FieldKind, Integrity, Outcome, Reported, Seen};
use remit_model::{Argument, Bound, DelegationChain, EntityRef, Number, Reason, Status, Value};
use remit_state::{Applied, Change, Limits, NotReserved, Refused, SnapshotFault, State};

use world::{Flat, ask, at, intent, name, opened, opening, paid, take, with};

fn step(state: &State, id: &str, task: &str, amount: i64, decision: &str) -> Option<()> {
    take(state, id, &ask(task, amount, decision.to_owned())).map(|it| drop(it.commit()))
}

fn child(state: &State, parent: &str, id: &str, budget: i64) -> Result<(), Refused> {
    state.child(parent, opening(id, intent(budget, None)), &Flat, at(0)).map(|it| drop(it.commit()))
}

fn outcome(decision: &str, value: &str) -> Outcome {
    let field = Reported {
        path: "iban".to_owned(),
        value: Seen::Canonical(value.to_owned()),
        integrity: Integrity::Trusted,
        kind: FieldKind::Structured,
        created: true,
    };
    Outcome { decision_id: decision.to_owned(), task: name("look"), fields: vec![field] }
}

fn reason(refusal: NotReserved) -> Reason {
    match refusal {
        NotReserved::Refused(misfit) => misfit.reason,
        NotReserved::Conflict(now) => panic!("a conflict with version {}", now.version),
    }
}

#[test]
fn a_step_decided_on_an_older_version_is_decided_again() {
    let state = with("t", intent(10, None));
    let read = state.get("t").unwrap().version;
    let first = state.reserve("t", read, ask("pay", 6, "1".to_owned())).unwrap();
    let Err(NotReserved::Conflict(now)) = state.reserve("t", read, ask("pay", 6, "2".to_owned())) else {
        panic!("the version has moved");
    };
    let refused = state.reserve("t", now.version, ask("pay", 6, "2".to_owned())).unwrap_err();
    assert_eq!(reason(refused), Reason::BudgetExceeded, "what is reserved is spent");
    drop(first);
    let again = state.get("t").unwrap().version;
    assert!(
        state.reserve("t", again, ask("pay", 6, "2".to_owned())).is_ok(),
        "a dropped reservation is released"
    );
}

#[test]
fn a_decision_is_taken_once() {
    let state = with("t", intent(10, None));
    step(&state, "t", "pay", 1, "same").unwrap();
    let version = state.get("t").unwrap().version;
    assert_eq!(
        reason(state.reserve("t", version, ask("pay", 1, "same".to_owned())).unwrap_err()),
        Reason::TaskRepeated
    );
    assert!(state.reserve("t", version, ask("pay", 1, "other".to_owned())).is_ok());
}

#[test]
fn an_id_is_opened_once_and_rests_after_its_end() {
    let state = with("t", intent(1, None));
    let again = |now| state.open(opening("t", intent(1, None)), at(now)).map(|_| ());
    assert_eq!(again(0), Err(Refused::Taken("t".to_owned())));
    let begun = state.open(opening("u", intent(1, None)), at(0)).unwrap();
    assert_eq!(state.open(opening("u", intent(1, None)), at(0)).unwrap_err(), Refused::Busy("u".to_owned()));
    drop(begun);
    assert!(state.get("u").is_none() && state.open(opening("u", intent(1, None)), at(0)).is_ok());

    assert_eq!(state.sweep(at(1_000)), 0, "kept for a while, so that a late step is told that it is late");
    let late = remit_state::Ask { at: at(1_000), ..ask("look", 1, "x".to_owned()) };
    assert_eq!(reason(state.reserve("t", 0, late).unwrap_err()), Reason::TransactionExpired);
    assert_eq!(state.sweep(at(1_000 + 3_600)), 1);
    assert_eq!(
        reason(state.reserve("t", 0, ask("look", 1, "x".to_owned())).unwrap_err()),
        Reason::TransactionUnknown
    );
    assert_eq!(again(900), Err(Refused::Taken("t".to_owned())), "the id rests");
    state.sweep(at(1_000 + 48 * 3_600));
    assert!(again(0).is_ok());
}

#[test]
fn no_more_than_the_limit_is_held() {
    let state = State::new(Limits { transactions: 2, ..Limits::default() });
    opened(&state, "a", intent(1, None));
    opened(&state, "b", intent(1, None));
    let more = |id: &str, now| state.open(opening(id, intent(1, None)), at(now)).map(|_| ());
    assert_eq!(more("c", 0), Err(Refused::Full("transactions")));
    assert_eq!(more("c", 0).unwrap_err().reason(), None, "a fault, not a deny");
    state.sweep(at(1_000 + 48 * 3_600));
    assert_eq!(more("c", 0), Ok(()));
}

#[test]
fn what_cannot_be_used_is_not_opened() {
    let state = State::default();
    let refuse = |change: fn(&mut remit_state::Opening)| {
        let mut wrong = opening("t", intent(1, None));
        change(&mut wrong);
        matches!(state.open(wrong, at(0)), Err(Refused::Malformed(_)))
    };
    assert!(!refuse(|_| {}));
    assert!(refuse(|it| it.id = String::new()));
    assert!(refuse(|it| it.id = "a\nb".to_owned()));
    assert!(refuse(|it| it.expires = at(0)));
    assert!(refuse(|it| it.intent.tasks.extend(it.intent.tasks.clone())));
}

#[test]
fn a_child_that_raises_an_amount_is_refused_by_field() {
    let amount = |most: i64| {
        let mut intent = intent(5_000, None);
        let high = Some(Value::Number(Number::from(most)));
        let bound = Argument::bound(Bound::Between { low: None, high });
        intent.tasks[1].arguments.insert("amount".to_owned(), bound);
        intent
    };
    let state = with("hop1", amount(100));
    let wider = state.child("hop1", opening("hop2", amount(1_000)), &Flat, at(0)).unwrap_err();
    assert_eq!(wider.reason(), Some(Reason::IntentWidened));
    let Refused::Widened(fields) = &wider else { panic!("{wider}") };
    assert_eq!(fields.len(), 1);
    assert_eq!(fields[0].field, "tasks.pay.arguments.amount");
    state.child("hop1", opening("hop2", amount(50)), &Flat, at(0)).unwrap().commit();
    assert!(
        state.child("hop2", opening("hop3", amount(100)), &Flat, at(0)).is_err(),
        "against its own parent"
    );
    assert!(state.child("hop2", opening("hop3", amount(50)), &Flat, at(0)).is_ok());
}

#[test]
fn a_child_draws_on_its_parent() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 8).unwrap();
    child(&state, "c", "g", 8).unwrap();
    step(&state, "g", "pay", 5, "1").unwrap();
    for id in ["t", "c", "g"] {
        assert_eq!(paid(&state, id).0, Number::from(5), "{id}");
    }
    assert!(step(&state, "c", "pay", 4, "2").is_none(), "the child's own budget");
    step(&state, "t", "pay", 4, "3").unwrap();
    let version = state.get("c").unwrap().version;
    let refused = state.reserve("c", version, ask("pay", 2, "4".to_owned())).unwrap_err();
    assert_eq!(reason(refused), Reason::BudgetExceeded, "the parent has 1 left");
    step(&state, "c", "pay", 1, "5").unwrap();
    assert_eq!(state.get("t").unwrap().steps[0].via.as_deref(), Some("g"));
}

#[test]
fn a_child_begins_where_its_parent_stands() {
    let mut ordered = intent(10, None);
    ordered.tasks[1].after = [name("look")].into();
    let state = with("t", ordered.clone());
    step(&state, "t", "look", 0, "1").unwrap();
    state.report("t", outcome("1", "x")).unwrap().commit();
    let _ = state.label("t", [name("untrusted")].into()).unwrap();
    ordered.tasks.remove(0);
    state.child("t", opening("c", ordered), &Flat, at(0)).unwrap().commit();
    let begun = state.get("c").unwrap();
    assert!(begun.done("look") && begun.carries("untrusted") && begun.steps.is_empty());
    assert_eq!((begun.outcomes.len(), begun.created.len()), (1, 1));
    step(&state, "c", "pay", 1, "2").expect("what came first is done");
    assert!(state.lineage("c").iter().map(|it| it.id.as_str()).eq(["c", "t"]));
}

#[test]
fn generations_and_their_end_are_bounded() {
    let state = State::new(Limits { generations: 1, ..Limits::default() });
    opened(&state, "t", intent(1, None));
    child(&state, "t", "c", 1).unwrap();
    assert_eq!(child(&state, "c", "g", 1), Err(Refused::Full("generations")));
    let mut late = opening("d", intent(1, None));
    late.expires = at(9_999);
    state.child("t", late, &Flat, at(0)).unwrap().commit();
    assert_eq!(state.get("d").unwrap().expires, at(1_000), "with the parent at the latest");
    assert_eq!(state.children("t"), ["c", "d"]);
    assert_eq!(child(&state, "nobody", "x", 1), Err(Refused::Unknown("nobody".to_owned())));
}

#[test]
fn an_outcome_belongs_to_a_step_that_was_allowed_here() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 10).unwrap();
    let pending = take(&state, "c", &ask("look", 0, "1".to_owned())).unwrap();
    let report = |id: &str, decision: &str, value: &str| {
        state.report(id, outcome(decision, value)).map(|it| it.commit())
    };
    let unknown = Err(Refused::UnknownStep("1".to_owned()));
    assert_eq!(report("c", "1", "x"), unknown, "not yet done");
    pending.commit();
    assert_eq!(report("t", "1", "x"), unknown, "done by the child");
    assert!(report("c", "1", "x").is_ok() && report("c", "1", "x").is_ok(), "the same again is the same");
    assert_eq!(report("c", "1", "y"), Err(Refused::OtherOutcome("1".to_owned())));
    for id in ["c", "t"] {
        assert_eq!(state.get(id).unwrap().outcomes.len(), 1, "{id} knows it once");
    }
    step(&state, "c", "pay", 1, "2").unwrap();
    assert!(matches!(report("c", "2", "x"), Err(Refused::Malformed(_))), "another task");
}

#[test]
fn labels_are_the_familys() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 10).unwrap();
    child(&state, "t", "d", 10).unwrap();
    opened(&state, "stranger", intent(1, None));
    let reading = remit_state::Ask { labels: [name("untrusted")].into(), ..ask("look", 0, "1".to_owned()) };
    let step = take(&state, "c", &reading).unwrap();
    assert!(!state.get("d").unwrap().carries("untrusted"), "not before it is done");
    step.commit();
    for id in ["t", "c", "d"] {
        assert!(state.get(id).unwrap().carries("untrusted"), "{id}");
    }
    assert!(!state.get("stranger").unwrap().carries("untrusted"));
    let many: BTreeSet<_> = (0..64).map(|it| name(&format!("l{it}"))).collect();
    assert_eq!(state.label("t", many), Err(Refused::Full("labels")));
}

fn labelling(decision: &str, labels: &[&str], unlabels: &[&str]) -> remit_state::Ask {
    let names = |of: &[&str]| of.iter().map(|it| name(it)).collect();
    remit_state::Ask {
        labels: names(labels),
        unlabels: names(unlabels),
        ..ask("look", 0, decision.to_owned())
    }
}

#[test]
fn a_step_takes_away_the_labels_it_has_seen_and_no_other() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 10).unwrap();
    let carries = |id: &str| state.get(id).unwrap().carries("untrusted");
    take(&state, "c", &labelling("1", &["untrusted"], &[])).unwrap().commit();
    // Decided while one mark stands; another comes before it is recorded.
    let review = take(&state, "t", &labelling("2", &[], &["untrusted"])).unwrap();
    let seen = review.change().clone();
    take(&state, "c", &labelling("3", &["untrusted"], &[])).unwrap().commit();
    review.commit();
    assert!((carries("t"), carries("c")) == (true, true), "the third step was not seen");
    take(&state, "t", &labelling("4", &[], &["untrusted"])).unwrap().commit();
    assert_eq!((carries("t"), carries("c")), (false, false));
    // Applied again, the first mark does not come back, and what was taken is taken once.
    let _ = state.apply(&seen);
    assert!(!carries("t"));
    take(&state, "c", &labelling("5", &["untrusted"], &[])).unwrap().commit();
    let _ = state.apply(&seen);
    assert!(carries("t"), "a later mark stays");
}

#[test]
fn what_no_step_put_there_and_what_a_step_puts_there_itself_stays() {
    let state = with("t", intent(10, None));
    let _ = state.label("t", [name("held")].into()).unwrap();
    take(&state, "t", &labelling("1", &["read"], &[])).unwrap().commit();
    take(&state, "t", &labelling("2", &["both"], &["held", "read", "both"])).unwrap().commit();
    assert_eq!(state.get("t").unwrap().labels, [name("both"), name("held")].into());
}

#[test]
fn a_decision_on_fewer_marks_is_made_anew() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 10).unwrap();
    take(&state, "c", &labelling("1", &["untrusted"], &[])).unwrap().commit();
    let version = state.get("t").unwrap().version;
    take(&state, "c", &labelling("2", &["untrusted"], &[])).unwrap().commit();
    let late = state.reserve("t", version, labelling("3", &[], &["untrusted"]));
    assert!(matches!(late, Err(NotReserved::Conflict(_))));
}

#[test]
fn a_child_is_opened_with_the_labels_that_stand_when_it_is_there() {
    let state = with("t", intent(10, None));
    take(&state, "t", &labelling("1", &["untrusted"], &[])).unwrap().commit();
    let opening = state.child("t", opening("c", intent(10, None)), &Flat, at(0)).unwrap();
    take(&state, "t", &labelling("2", &[], &["untrusted"])).unwrap().commit();
    opening.commit();
    assert!(!state.get("c").unwrap().carries("untrusted"));
    take(&state, "c", &labelling("3", &["untrusted"], &[])).unwrap().commit();
    assert!(state.get("t").unwrap().carries("untrusted"));
}

#[test]
fn an_end_is_the_familys_and_never_goes_back() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 10).unwrap();
    let begun = state.child("t", opening("late", intent(1, None)), &Flat, at(0)).unwrap();
    let _ = state.close("t").unwrap();
    begun.commit();
    for id in ["t", "c", "late"] {
        assert_eq!(state.get(id).unwrap().status, Status::Closed, "{id}");
    }
    let _ = state.revoke("c").unwrap();
    let _ = state.close("c").unwrap();
    assert_eq!(state.get("c").unwrap().status, Status::Revoked);
    assert_eq!(state.get("t").unwrap().status, Status::Closed, "a parent outlives its child");
    assert_eq!(child(&state, "t", "x", 1).unwrap_err().reason(), Some(Reason::TransactionClosed));
    assert_eq!(state.revoke("nobody"), Err(Refused::Unknown("nobody".to_owned())));
}

#[test]
fn the_chain_of_a_committed_step_is_remembered() {
    let agent = |id: &str| EntityRef::new(name("agent"), id);
    let by = |decision: &str, current: &str, earlier: &[&str]| remit_state::Ask {
        chain: Some(DelegationChain::new(agent(current), earlier.iter().map(|id| agent(id)).collect())),
        ..ask("look", 0, decision.to_owned())
    };
    let state = with("t", intent(10, None));
    take(&state, "t", &by("1", "b", &["a"])).unwrap().commit();
    let version = state.get("t").unwrap().version;
    let refused = |ask| reason(state.reserve("t", version, ask).unwrap_err());
    assert_eq!(refused(by("2", "a", &[])), Reason::ChainShrunk);
    assert_eq!(refused(by("3", "a", &["b"])), Reason::ChainReordered);
    assert!(state.reserve("t", version, by("4", "c", &["b", "a"])).is_ok());
}

#[test]
fn a_mark_is_passed_when_what_was_open_is_over() {
    let state = with("t", intent(10, None));
    let (first, second) = (
        take(&state, "t", &ask("look", 0, "1".to_owned())),
        take(&state, "t", &ask("look", 0, "2".to_owned())),
    );
    let mark = state.mark();
    let later = take(&state, "t", &ask("look", 0, "3".to_owned()));
    first.unwrap().commit();
    assert!(!state.has_passed(mark));
    drop(second);
    assert!(state.has_passed(mark) && later.is_some());
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let state = with("t", intent(10, None));
    child(&state, "t", "c", 10).unwrap();
    let bytes = state.snapshot().unwrap();
    assert_eq!(State::restore(&bytes, Limits::default()).unwrap().snapshot().unwrap(), bytes);
    let text = String::from_utf8(bytes).unwrap();
    let restore = |text: String| State::restore(text.as_bytes(), Limits::default()).map(|_| ());
    assert!(matches!(restore(text[1..].to_owned()), Err(SnapshotFault::Unreadable(_))));
    assert!(matches!(restore(text.replace("\"format\":4", "\"format\":1")), Err(SnapshotFault::Format(1))));
    let orphan = text.replace("\"parent\":\"t\"", "\"parent\":\"z\"");
    assert!(matches!(restore(orphan), Err(SnapshotFault::Orphan(id)) if id == "c"));
}

#[test]
fn a_change_about_a_stranger_changes_nothing() {
    let state = State::default();
    assert_eq!(state.apply(&Change::Revoked { transaction: "t".to_owned() }), Applied::Stranger);
    let other = with("t", intent(10, None));
    let step = take(&other, "t", &ask("look", 0, "1".to_owned())).unwrap();
    assert_eq!(state.apply(step.change()), Applied::Stranger);
    assert!(state.is_empty());
}
