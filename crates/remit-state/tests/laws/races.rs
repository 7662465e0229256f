//! Threads that race for the last unit.

use remit_model::Number;

use crate::random::Random;
use crate::trials;
use crate::world::{Flat, ask, at, intent, opening, paid, take, with};

#[test]
fn budgets_are_never_overspent() {
    let (mut exhausted, mut committed) = (0, 0);
    for trial in 0..trials() {
        let mut random = Random::new(trial);
        let budget = 1 + random.below(20) as i64;
        let count = random.chance(50).then(|| 1 + random.below(4) as u32);
        let state = with("t", intent(budget, count));
        let own = random.below(20) as i64;
        let child = opening("child", intent(own.min(budget), count));
        state.child("t", child, &Flat, at(0)).expect("is narrower").commit();
        let plans: Vec<Vec<(&str, i64, bool)>> = (0..3)
            .map(|_| {
                let step = |random: &mut Random| {
                    let id = if random.chance(30) { "child" } else { "t" };
                    (id, 1 + random.below(8) as i64, random.chance(85))
                };
                (0..3).map(|_| step(&mut random)).collect()
            })
            .collect();
        std::thread::scope(|scope| {
            for (thread, plan) in plans.iter().enumerate() {
                let state = &state;
                scope.spawn(move || {
                    for (turn, (id, amount, succeeds)) in plan.iter().enumerate() {
                        let Some(reservation) =
                            take(state, id, &ask("pay", *amount, format!("{thread}.{turn}")))
                        else {
                            continue;
                        };
                        if *succeeds {
                            reservation.commit();
                        }
                    }
                });
            }
        });
        let (sum, steps) = paid(&state, "t");
        assert!(sum <= Number::from(budget), "trial {trial}: {sum} of {budget}");
        assert!(steps <= count.map_or(usize::MAX, |count| count as usize), "trial {trial}: {steps} steps");
        let (below, _) = paid(&state, "child");
        assert!(below <= Number::from(own) && below <= sum, "trial {trial}: {below} of {own}");
        committed += steps;
        // Nothing is lost either: what is left can still be spent, and not one unit more.
        let left = Number::from(budget).checked_sub(sum).and_then(Number::to_i64).unwrap();
        if count.is_none_or(|count| steps < count as usize) {
            assert!(take(&state, "t", &ask("pay", left + 1, "more".to_owned())).is_none(), "trial {trial}");
            assert!(take(&state, "t", &ask("pay", left, "left".to_owned())).is_some(), "trial {trial}");
        } else {
            exhausted += 1;
        }
    }
    assert!(exhausted > 0 && committed as u64 > trials(), "the trials did not race: {committed}");
}

#[test]
fn the_last_unit_is_taken_once() {
    for trial in 0..trials() / 10 {
        let state = with("t", intent(1, None));
        let taken = std::sync::atomic::AtomicUsize::new(0);
        let barrier = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let (state, taken, barrier) = (&state, &taken, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    if let Some(reservation) = take(state, "t", &ask("pay", 1, thread.to_string())) {
                        taken.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        reservation.commit();
                    }
                });
            }
        });
        assert_eq!(taken.into_inner(), 1, "trial {trial}");
    }
}
