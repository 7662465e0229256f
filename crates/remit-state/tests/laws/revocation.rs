//! Revocation in every order: against steps, children, commits, labels, a restart from a snapshot and from the ledger.

use std::sync::atomic::{AtomicBool, Ordering};

use remit_model::Reason;
use remit_state::{Change, Limits, NotReserved, Reservation, State};

use crate::random::Random;
use crate::trials;
use crate::world::{Flat, ask, at, intent, name, opening, take, with};

/// `t` has the child `c`, which has the child `g`.
const FAMILY: [&str; 3] = ["t", "c", "g"];

#[test]
fn a_revoked_transaction_never_allows_again() {
    let (mut allowed, mut refused) = (0, 0);
    for trial in 0..trials() {
        let mut random = Random::new(trial);
        let mut state = State::new(Limits::default());
        let mut ledger: Vec<Change> = Vec::new();
        let mut open: Vec<Reservation> = Vec::new();
        // The model: how far up the family has been revoked.
        let mut revoked = usize::MAX;
        if random.chance(80) {
            for (which, id) in FAMILY.iter().enumerate() {
                let begin = opening(id, intent(1_000, None));
                let begun = match which.checked_sub(1) {
                    None => state.open(begin, at(0)),
                    Some(parent) => state.child(FAMILY[parent], begin, &Flat, at(0)),
                };
                let begun = begun.unwrap();
                ledger.push(begun.change().clone());
                begun.commit();
            }
        }
        for turn in 0..24 {
            let which = random.below(3);
            let id = FAMILY[which];
            match random.below(10) {
                0 | 1 => {
                    let begun = if which == 0 {
                        state.open(opening(id, intent(1_000, None)), at(0))
                    } else {
                        let child = opening(id, intent(1_000, None));
                        state.child(FAMILY[which - 1], child, &Flat, at(0))
                    };
                    if let Ok(begun) = begun {
                        ledger.push(begun.change().clone());
                        open.push(begun);
                    }
                }
                2 if random.chance(60) => {
                    if let Ok(change) = state.revoke(id) {
                        ledger.push(change);
                        revoked = revoked.min(which);
                    }
                }
                3 => ledger.extend(state.label(id, [name("untrusted")].into()).ok()),
                4 => {
                    if !open.is_empty() {
                        let at = random.below(open.len());
                        open.swap_remove(at).commit();
                    }
                }
                5 if random.chance(30) => {
                    // What is open is recorded already; it is real after the restart.
                    open.drain(..).for_each(|it| drop(it.commit()));
                    state = if random.chance(50) {
                        State::restore(&state.snapshot().unwrap(), Limits::default()).unwrap()
                    } else {
                        let rebuilt = State::new(Limits::default());
                        for change in &ledger {
                            let _ = rebuilt.apply(change);
                        }
                        rebuilt
                    };
                }
                _ => match take(&state, id, &ask("look", 1, turn.to_string())) {
                    Some(step) => {
                        assert!(which < revoked, "trial {trial}: `{id}` allowed although revoked");
                        allowed += 1;
                        ledger.push(step.change().clone());
                        open.push(step);
                    }
                    None if which >= revoked && state.get(id).is_some() => {
                        let version = state.get(id).unwrap().version;
                        let refusal = state.reserve(id, version, ask("look", 1, "x".to_owned()));
                        let Err(NotReserved::Refused(misfit)) = refusal else { panic!("trial {trial}") };
                        assert_eq!(misfit.reason, Reason::TransactionRevoked, "trial {trial}");
                        refused += 1;
                    }
                    None => {}
                },
            }
        }
    }
    assert!(allowed as u64 > trials() && refused as u64 > trials() / 2, "{allowed} {refused}");
}

#[test]
fn revocation_holds_from_the_next_decision_on_in_real_threads() {
    for trial in 0..trials() / 10 {
        let state = with("t", intent(1_000, None));
        state.child("t", opening("c", intent(1_000, None)), &Flat, at(0)).unwrap().commit();
        let revoked = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for id in ["t", "c"] {
                let (state, revoked) = (&state, &revoked);
                scope.spawn(move || {
                    for turn in 0..20 {
                        let late = revoked.load(Ordering::SeqCst);
                        let step = take(state, id, &ask("look", 1, format!("{id}{turn}")));
                        assert!(!(late && step.is_some()), "trial {trial}: `{id}` allowed after revocation");
                        step.map(Reservation::commit);
                    }
                });
            }
            scope.spawn(|| {
                let _ = state.revoke("t").unwrap();
                revoked.store(true, Ordering::SeqCst);
            });
        });
    }
}
