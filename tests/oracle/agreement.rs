//! Test 1: the compiled, indexed engine equals the plain interpreter.

use remit_testkit::generate::{Maker, PolicyText, Taste};
use remit_testkit::oracle::Oracle;
use remit_testkit::random::Random;

use crate::case::{Case, answer, bind, compile, verdict};
use crate::shrink::shrink;
use crate::tally::Tally;

const WORLDS: usize = 4;
const QUESTIONS: usize = 250;

/// 1,000,000 questions; ten times as many with `REMIT_FULL=1`.
fn policies() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 10_000 } else { 1_000 }
}

#[test]
fn the_engine_equals_the_plain_interpreter() {
    let mut tally = Tally::default();
    for seed in 0..policies() {
        one_policy(seed, &mut tally);
    }
    println!("{tally}");
    tally.assert_healthy();
}

fn one_policy(seed: u64, tally: &mut Tally) {
    let mut random = Random::new(seed);
    let mut tries = 0;
    let (policy, policies) = loop {
        tally.policies += 1;
        let policy = PolicyText::generate(&mut random, Taste { presence: true });
        match compile(&policy.files()) {
            Ok(policies) => break (policy, policies),
            Err(shown) if tries > 20 => panic!("seed {seed}: the checker refuses everything\n{shown:#?}"),
            Err(errors) => {
                tries += 1;
                if let Some(error) = errors.first() {
                    *tally.refusals.entry(error.code.to_string()).or_default() += 1;
                }
                tally.refused_policies += 1;
            }
        }
    };
    for _ in 0..WORLDS {
        let mut maker = Maker { random: random.fork(), schema: &policies.schema };
        let world = maker.world();
        let (bound, oracle) = (bind(&policies, &world), Oracle::new(&policies, &world));
        for _ in 0..QUESTIONS {
            let ask = maker.ask();
            let engine = answer(&verdict(&bound, &ask));
            let (plain, touched) = oracle.answer(&ask);
            tally.count(&plain, touched);
            if engine != plain {
                let case = Case { policy: policy.clone(), world: world.clone(), ask };
                report(seed, &case);
            }
        }
    }
}

/// Prints the smallest case that still differs, and fails.
fn report(seed: u64, case: &Case) {
    let small = shrink(case, |case| case.difference().is_some());
    let (engine, plain) = small.difference().expect("what was made smaller still differs");
    panic!("seed {seed}: two answers\n{small}\nengine: {engine:#?}\ninterpreter: {plain:#?}");
}
