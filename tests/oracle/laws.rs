//! The laws of the decision as properties over generated policies, worlds and questions.

use std::sync::Arc;

use remit_engine::{Bound, LayerOutcome, Program};
use remit_lang::checked::Policies;
use remit_model::{Duration, IpNet, Number, Reason, Timestamp, Value};
use remit_testkit::generate::{Maker, PolicyText, Taste, record};
use remit_testkit::oracle::{Ask, World};
use remit_testkit::random::Random;

use crate::case::{Asking, Case, answer, bind, compile, verdict};
use crate::graph::snapshot;
use crate::shrink::shrink;

const QUESTIONS: usize = 150;

/// A million questions for each law with `REMIT_FULL=1`.
fn policies() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 6_700 } else { 60 }
}

/// A policy that passes the checker, its world and questions.
struct Scene {
    policy: PolicyText,
    policies: Policies,
    world: World,
    asks: Vec<Ask>,
    random: Random,
}

impl Scene {
    fn new(seed: u64, taste: Taste) -> Self {
        let mut random = Random::new(seed ^ 0x5EED);
        let (policy, policies) = (0..20)
            .find_map(|_| {
                let policy = PolicyText::generate(&mut random, taste);
                compile(&policy.files()).ok().map(|policies| (policy, policies))
            })
            .expect("the checker takes one of twenty");
        let mut maker = Maker { random: random.fork(), schema: &policies.schema };
        let world = maker.world();
        let asks = (0..QUESTIONS).map(|_| maker.ask()).collect();
        Self { policy, world, asks, random, policies }
    }

    fn all() -> impl Iterator<Item = Self> {
        (0..policies()).map(|seed| Self::new(seed, Taste { presence: true }))
    }

    fn case(&self, ask: &Ask) -> Case {
        Case { policy: self.policy.clone(), world: self.world.clone(), ask: ask.clone() }
    }
}

/// Law 1: a forbid, a require or a chain can turn an allow into a deny and never the reverse.
#[test]
fn what_is_added_only_narrows() {
    let (mut allowed, mut narrowed) = (0, 0);
    for mut scene in Scene::all() {
        let effect = if scene.random.chance(60) { "forbid" } else { "require" };
        let rule = scene.policy.rule(99, effect, &mut scene.random, Taste { presence: true });
        let mut more = scene.policy.clone();
        more.rules.push(rule);
        let Ok(stricter) = compile(&more.files()) else { continue };
        let (before, after) = (bind(&scene.policies, &scene.world), bind(&stricter, &scene.world));
        for ask in &scene.asks {
            let (was, is) = (verdict(&before, ask).decision, verdict(&after, ask).decision);
            assert!(
                was || !is,
                "a {effect} made an allow of a deny\n{}",
                Case { policy: more, ..scene.case(ask) }
            );
            let mut chained = ask.clone();
            chained.unsupported = Some("delegation chain");
            assert!(!verdict(&before, &chained).decision, "a chain is allowed\n{}", scene.case(ask));
            allowed += usize::from(was);
            narrowed += usize::from(was && !is);
        }
    }
    assert!(
        allowed > 500 && narrowed > 50,
        "too few allows ({allowed}) or narrowings ({narrowed}) to mean anything"
    );
}

/// Law 2: rules, files, nodes, edges and members stand in no particular order.
#[test]
fn order_is_free() {
    for mut scene in Scene::all() {
        let mut policy = scene.policy.clone();
        scene.random.shuffle(&mut policy.rules);
        let mut files = policy.files();
        scene.random.shuffle(&mut files);
        let shuffled = compile(&files).expect("order is free");
        let program = remit_engine::lower(&shuffled).expect("lowers");
        let graph = snapshot(&shuffled.schema, &scene.world, Some(&mut scene.random));
        let (before, after) =
            (bind(&scene.policies, &scene.world), Program::bind(Arc::new(program), Arc::new(graph)));
        for ask in &scene.asks {
            let mut other = ask.clone();
            let Ask { subject, resource, action_properties, context, .. } = &mut other;
            for members in [&mut subject.asserted, &mut resource.asserted, action_properties, context] {
                scene.random.shuffle(members);
                members.iter_mut().for_each(|(_, value)| *value = shuffle(value, &mut scene.random));
            }
            let (was, is) = (answer(&verdict(&before, ask)), answer(&verdict(&after, &other)));
            assert_eq!(was, is, "{}", scene.case(ask));
        }
    }
}

fn shuffle(value: &Value, random: &mut Random) -> Value {
    match value {
        Value::Set(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| shuffle(item, random)).collect();
            random.shuffle(&mut items);
            Value::Set(items.into())
        }
        Value::Record(members) => {
            let mut members: Vec<_> = members.iter().map(|(n, v)| (n.clone(), shuffle(v, random))).collect();
            random.shuffle(&mut members);
            Value::Record(members.into())
        }
        plain => plain.clone(),
    }
}

/// Law 3: an allow stays an allow under every way of filling in what was missing.
#[test]
fn missing_is_not_false() {
    let (mut filled_allows, mut from_unknown) = (0, 0);
    for seed in 0..policies() {
        // A test for presence is meant to see the difference, so it has no place here.
        let scene = Scene::new(seed, Taste { presence: false });
        let bound = bind(&scene.policies, &scene.world);
        let mut maker = Maker { random: Random::new(seed), schema: &scene.policies.schema };
        for ask in &scene.asks {
            let before = verdict(&bound, ask);
            if !before.decision && before.reason != Reason::PermitUnknown {
                continue;
            }
            for percent in [30, 100] {
                let (world, filled) = maker.fill(&scene.world, ask, percent);
                let after = verdict(&bind(&scene.policies, &world), &filled);
                from_unknown += usize::from(!before.decision && after.decision);
                if before.decision {
                    filled_allows += 1;
                    if !after.decision {
                        lost(&scene.case(ask), seed);
                    }
                }
            }
        }
    }
    assert!(
        filled_allows > 1_000 && from_unknown > 10,
        "too few allows ({filled_allows}) or unknowns that became allows ({from_unknown}) to mean anything"
    );
}

/// Shows the smallest question whose allow does not survive.
fn lost(case: &Case, seed: u64) -> ! {
    let survives = |case: &Case| {
        let Ok(policies) = compile(&case.policy.files()) else { return true };
        let mut maker = Maker { random: Random::new(seed), schema: &policies.schema };
        let before = verdict(&bind(&policies, &case.world), &case.ask).decision;
        !before
            || (0..60).all(|_| {
                let (world, ask) = maker.fill(&case.world, &case.ask, 70);
                verdict(&bind(&policies, &world), &ask).decision
            })
    };
    let small = shrink(case, |case| !survives(case));
    panic!("an allow is lost when what was missing is filled in\n{small}");
}

/// Law 4: every question has an answer, however odd its values.
#[test]
fn every_question_is_answered() {
    let odd = [
        Value::Number(Number::parse("170000000000000000000").expect("fits")),
        Value::Number(Number::parse("-0.000000000000000001").expect("fits")),
        Value::string(&"x".repeat(100_000)),
        Value::string("\u{0}\u{10FFFF}"),
        Value::string("9999-12-31T23:59:59.999999999Z"),
        Value::string("0001-01-01"),
        Value::Time(Timestamp::parse("9999-12-31").expect("a date")),
        Value::Duration(Duration::from_nanos(i128::MAX)),
        Value::Ip(IpNet::parse("::/0").expect("a network")),
        Value::Set(Vec::new().into()),
        Value::Record(Vec::new().into()),
        record(&[("type", Value::string("")), ("id", Value::string(""))]),
        (0..500).fold(Value::Bool(true), |inner, _| Value::Set([inner].into())),
        (0..500).fold(Value::Bool(true), |inner, _| record(&[("inner", inner)])),
    ];
    for mut scene in Scene::all() {
        let bound = bind(&scene.policies, &scene.world);
        for ask in &scene.asks {
            let mut other = ask.clone();
            let Ask { subject, resource, action_properties, context, .. } = &mut other;
            for members in [&mut subject.asserted, &mut resource.asserted, action_properties, context] {
                for (_, value) in members.iter_mut() {
                    if scene.random.chance(50) {
                        *value = scene.random.pick(&odd).cloned().unwrap_or(Value::Bool(true));
                    }
                }
            }
            let verdict = verdict(&bound, &other);
            assert_eq!(verdict.decision, verdict.reason == Reason::Permitted, "{}", scene.case(ask));
            let layers = [verdict.layers.subject_may, verdict.layers.nothing_forbids];
            let hold = layers.iter().all(|layer| *layer == LayerOutcome::Holds);
            assert_eq!(verdict.decision, hold, "{}", scene.case(ask));
            if scene.random.chance(10) {
                let asking = Asking::new(&other);
                let explained = remit_engine::explain(&bound, &asking.query(&bound));
                assert_eq!(explained.verdict.decision, verdict.decision, "{}", scene.case(ask));
            }
        }
    }
}

/// Law 5: the same question has the same answer, byte for byte, also over a graph that was built in another order.
#[test]
fn the_answer_is_the_same_anywhere() {
    for mut scene in Scene::all() {
        let text = |bound: &Bound, ask: &Ask| format!("{:?}", verdict(bound, ask));
        let first = bind(&scene.policies, &scene.world);
        let policies = compile(&scene.policy.files()).expect("compiled before");
        let program = remit_engine::lower(&policies).expect("lowers");
        let graph = snapshot(&policies.schema, &scene.world, Some(&mut scene.random));
        let again = Program::bind(Arc::new(program), Arc::new(graph));
        for ask in &scene.asks {
            let answer = text(&first, ask);
            let asking = Asking::new(ask);
            let (query, decision) = (asking.query(&first), verdict(&first, ask).decision);
            assert_eq!(remit_engine::decides(&first, &query), decision, "{}", scene.case(ask));
            assert_eq!(answer, text(&first, ask), "{}", scene.case(ask));
            assert_eq!(answer, text(&again, ask), "{}", scene.case(ask));
        }
    }
}
