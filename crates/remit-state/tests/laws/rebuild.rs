//! A state rebuilt from the changes that the ledger holds is the live one.

use std::sync::Mutex;

use remit_model::transaction::{FieldKind, Integrity, Outcome, Reported, Seen};
use remit_model::{DelegationChain, EntityRef};
use remit_state::{Change, Limits, Reservation, State};

use crate::random::Random;
use crate::trials;
use crate::world::{Flat, ask, at, intent, name, opening, take};

/// Records the change, then makes it real, as the decision point does.
fn record(ledger: &Mutex<Vec<String>>, reservation: Reservation) {
    ledger.lock().unwrap().push(reservation.change().to_json().unwrap());
    reservation.commit();
}

fn act(state: &State, ledger: &Mutex<Vec<String>>, random: &mut Random, who: usize, turn: usize) {
    let ids = ["a", "b", "a1", "a2", "a11"];
    let id = random.word(&ids);
    let parent = match id {
        "a1" | "a2" => Some("a"),
        "a11" => Some("a1"),
        _ => None,
    };
    match random.below(12) {
        0..3 => {
            let opening = opening(id, intent(20, None));
            let begun = match parent {
                Some(parent) => state.child(parent, opening, &Flat, at(0)),
                None => state.open(opening, at(0)),
            };
            if let Ok(begun) = begun {
                record(ledger, begun);
            }
        }
        3 => {
            if random.chance(20)
                && let Ok(change) = if random.chance(50) { state.revoke(id) } else { state.close(id) }
            {
                ledger.lock().unwrap().push(change.to_json().unwrap());
            }
        }
        4 => {
            if let Ok(change) = state.label(id, [name(random.word(&["seen", "untrusted"]))].into()) {
                ledger.lock().unwrap().push(change.to_json().unwrap());
            }
        }
        5 | 6 => {
            let Some(transaction) = state.get(id) else { return };
            if transaction.steps.is_empty() {
                return;
            }
            let step = random.pick(&transaction.steps);
            let value = Seen::Canonical(random.word(&["x", "y"]).to_owned());
            let field = Reported {
                path: "iban".to_owned(),
                value,
                integrity: Integrity::Trusted,
                kind: FieldKind::Structured,
                created: random.chance(50),
            };
            let outcome = Outcome {
                decision_id: step.decision_id.clone(),
                task: step.task.clone(),
                fields: vec![field],
            };
            if let Ok(report) = state.report(id, outcome) {
                record(ledger, report);
            }
        }
        _ => {
            let task = random.word(&["look", "pay"]);
            let mut ask = ask(task, random.below(5) as i64, format!("{who}.{turn}"));
            if random.chance(20) {
                ask.labels.insert(name(random.word(&["read", "untrusted"])));
            }
            if random.chance(20) {
                ask.unlabels.insert(name(random.word(&["read", "untrusted"])));
            }
            let agents = ["p", "q", "r"].map(|agent| EntityRef::new(name("agent"), agent));
            let depth = random.below(3);
            ask.chain = Some(DelegationChain::new(
                agents[depth].clone(),
                agents[..depth].iter().rev().cloned().collect(),
            ));
            if let Some(step) = take(state, id, &ask)
                && random.chance(85)
            {
                record(ledger, step);
            }
        }
    }
}

#[test]
fn rebuilt_is_live() {
    let mut steps = 0;
    for trial in 0..trials() / 4 {
        let mut random = Random::new(trial);
        let state = State::new(Limits::default());
        let ledger = Mutex::new(Vec::new());
        let mut middle = None;
        if random.chance(80) {
            record(&ledger, state.open(opening("a", intent(20, None)), at(0)).unwrap());
        }
        for turn in 0..30 {
            if turn == 10 {
                middle = Some((ledger.lock().unwrap().len(), state.snapshot().unwrap()));
            }
            act(&state, &ledger, &mut random, 0, turn);
        }
        let ledger = ledger.into_inner().unwrap();
        let (position, snapshot) = middle.unwrap();
        check(trial, &state, &ledger, position, &snapshot);
        steps += state.get("a").map_or(0, |transaction| transaction.steps.len());
    }
    assert!(steps as u64 > trials() / 4, "the trials did nothing: {steps}");
}

#[test]
fn rebuilt_is_live_when_threads_race() {
    for trial in 0..trials() / 10 {
        let state = State::new(Limits::default());
        let ledger = Mutex::new(Vec::new());
        let middle = Mutex::new(None);
        std::thread::scope(|scope| {
            for who in 0..2 {
                let (state, ledger, middle) = (&state, &ledger, &middle);
                scope.spawn(move || {
                    let mut random = Random::new(trial * 2 + who as u64);
                    for turn in 0..20 {
                        if (who, turn) == (0, 10) {
                            let position = ledger.lock().unwrap().len();
                            let mark = state.mark();
                            while !state.has_passed(mark) {
                                std::thread::yield_now();
                            }
                            *middle.lock().unwrap() = Some((position, state.snapshot().unwrap()));
                        }
                        act(state, ledger, &mut random, who, turn);
                    }
                });
            }
        });
        let (position, snapshot) = middle.into_inner().unwrap().unwrap();
        check(trial, &state, &ledger.into_inner().unwrap(), position, &snapshot);
    }
}

fn check(trial: u64, live: &State, ledger: &[String], position: usize, snapshot: &[u8]) {
    let text = |state: &State| String::from_utf8(state.snapshot().unwrap()).unwrap();
    let apply = |state: &State, from: usize| {
        for change in &ledger[from..] {
            let _ = state.apply(&Change::from_json(change).unwrap());
        }
    };
    let rebuilt = State::new(Limits::default());
    apply(&rebuilt, 0);
    assert_eq!(text(&rebuilt), text(live), "trial {trial}: rebuilt");
    apply(&rebuilt, 0);
    assert_eq!(text(&rebuilt), text(live), "trial {trial}: applied twice");
    let restored = State::restore(snapshot, Limits::default()).unwrap();
    apply(&restored, position);
    assert_eq!(text(&restored), text(live), "trial {trial}: snapshot and tail");
}
