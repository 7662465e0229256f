//! Test 2: a search finds exactly what the plain interpreter allows, asked about one candidate after the other.

use std::collections::BTreeSet;

use remit_engine::{Bound, search};
use remit_model::{EntityRef, Schema, TypeId};
use remit_testkit::generate::{Maker, PolicyText, Taste};
use remit_testkit::oracle::{Ask, Asked, Oracle, World};
use remit_testkit::random::Random;

use crate::case::{Asking, Case, bind, compile};
use crate::shrink::shrink;

const SEARCHES_PER_WORLD: usize = 100;

/// 100,000 searches; ten times as many with `REMIT_FULL=1`.
fn policies() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 10_000 } else { 1_000 }
}

#[derive(Debug, Clone, Copy)]
enum What {
    Subjects,
    Resources,
    Actions,
}

#[test]
fn search_finds_what_evaluation_allows() {
    let (mut searches, mut found_some, mut found_part) = (0, 0, 0);
    for seed in 0..policies() {
        let mut random = Random::new(seed ^ 0x5EA6);
        let policy = PolicyText::generate(&mut random, Taste { presence: true });
        let Ok(policies) = compile(&policy.files()) else { continue };
        let mut maker = Maker { random: random.fork(), schema: &policies.schema };
        let world = maker.world();
        let (bound, oracle) = (bind(&policies, &world), Oracle::new(&policies, &world));
        for at in 0..SEARCHES_PER_WORLD {
            let ask = maker.ask();
            let what = [What::Subjects, What::Resources, What::Resources, What::Actions][at % 4];
            let engine = searched(&bound, &ask, what);
            let (plain, universe) = tried(&oracle, &policies.schema, &world, &ask, what);
            searches += 1;
            found_some += usize::from(!plain.is_empty());
            found_part += usize::from(!plain.is_empty() && plain.len() < universe);
            if engine.as_ref() != Some(&plain) {
                report(seed, Case { policy: policy.clone(), world: world.clone(), ask }, what);
            }
        }
    }
    println!("{searches} searches: {found_some} found something, {found_part} found some and not all");
    assert!(found_some * 10 > searches && found_part * 20 > searches, "too few searches find anything");
}

/// What the engine finds: names, sorted; nothing when they came unsorted or twice.
fn searched(bound: &Bound, ask: &Ask, what: What) -> Option<Vec<String>> {
    let asking = Asking::new(ask);
    let query = asking.query(bound);
    let of = |party: &Asked| bound.snapshot().schema().type_id(party.entity.kind.as_str());
    let outcome = match what {
        What::Subjects => search::subjects(bound, &query, of(&ask.subject)?),
        What::Resources => search::resources(bound, &query, of(&ask.resource)?),
        What::Actions => {
            let schema = bound.snapshot().schema();
            let name = |id| schema.action(id).map(|action| action.name.to_string());
            return search::actions(bound, &query).into_iter().map(name).collect();
        }
    };
    let found: Vec<String> =
        outcome.found.iter().map(|node| bound.snapshot().entity(*node).to_string()).collect();
    let in_order = found.iter().zip(found.iter().skip(1)).all(|(a, b)| a < b);
    (in_order && outcome.total == found.len()).then_some(found)
}

/// What the interpreter allows among all candidates, and how many those are.
fn tried(oracle: &Oracle<'_>, schema: &Schema, world: &World, ask: &Ask, what: What) -> (Vec<String>, usize) {
    let named = world.placeholders().into_iter().chain(world.nodes.keys());
    let of_type = |of: Option<TypeId>| -> BTreeSet<&EntityRef> {
        named.filter(|entity| of.is_some() && schema.type_id(entity.kind.as_str()) == of).collect()
    };
    let type_of = |party: &Asked| schema.type_id(party.entity.kind.as_str());
    let candidates: Vec<(String, Ask)> = match what {
        What::Subjects => of_type(type_of(&ask.subject))
            .into_iter()
            .map(|entity| {
                let subject = Asked { entity: entity.clone(), ..ask.subject.clone() };
                (entity.to_string(), Ask { subject, ..ask.clone() })
            })
            .collect(),
        What::Resources => of_type(type_of(&ask.resource))
            .into_iter()
            .map(|entity| {
                let resource = Asked { entity: entity.clone(), ..ask.resource.clone() };
                (entity.to_string(), Ask { resource, ..ask.clone() })
            })
            .collect(),
        What::Actions => {
            let mut names: Vec<String> =
                schema.actions().iter().map(|action| action.name.to_string()).collect();
            names.sort();
            names.into_iter().map(|name| (name.clone(), Ask { action: name, ..ask.clone() })).collect()
        }
    };
    let universe = candidates.len();
    let allowed = candidates.into_iter().filter(|(_, ask)| oracle.answer(ask).0.decision);
    (allowed.map(|(name, _)| name).collect(), universe)
}

/// Both results, when they differ.
fn difference(case: &Case, what: What) -> Option<(Option<Vec<String>>, Vec<String>)> {
    let policies = compile(&case.policy.files()).ok()?;
    let engine = searched(&bind(&policies, &case.world), &case.ask, what);
    let (plain, _) =
        tried(&Oracle::new(&policies, &case.world), &policies.schema, &case.world, &case.ask, what);
    (engine.as_ref() != Some(&plain) && !(engine.is_none() && plain.is_empty())).then_some((engine, plain))
}

fn report(seed: u64, case: Case, what: What) {
    if difference(&case, what).is_none() {
        return;
    }
    let small = shrink(&case, |case| difference(case, what).is_some());
    let (engine, plain) = difference(&small, what).expect("what was made smaller still differs");
    panic!("seed {seed}: a search for {what:?} differs\n{small}\nengine: {engine:?}\ninterpreter: {plain:?}");
}
