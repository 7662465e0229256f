//! What one step costs: read the lineage, place the step in an intent of ten tasks, reserve, commit.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement, run by hand")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use remit_model::narrow::Containment;
use remit_model::transaction::{Attempt, Records, place};
use remit_model::{Argument, Bound, EntityRef, Intent, Name, Number, Origin, Scope, Task, Timestamp, Value};
use remit_state::{Ask, Limits, Opening, State};

struct Flat;

impl Containment for Flat {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, _: &Name) -> bool {
        inner == outer
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

impl Records for Flat {
    fn attributes(&self, _: &EntityRef, _: Option<&str>) -> Vec<Value> {
        Vec::new()
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn main() {
    let at = |second: i64| Timestamp::from_unix_seconds(1_800_000_000 + second).unwrap();
    let tasks = (0..10).map(|index| Task {
        name: name(&format!("task{index}")),
        actions: [name(&format!("act{index}"))].into(),
        resource: Scope::Any(name("account")),
        arguments: BTreeMap::from([
            (
                "amount".to_owned(),
                Argument::bound(Bound::Between { low: None, high: Some(Value::Number(Number::from(500))) }),
            ),
            (
                "to".to_owned(),
                Argument::from_origins([
                    Origin::Literal,
                    Origin::OneOf([Value::string("GB82WEST12345698765432")].into()),
                ]),
            ),
        ]),
        after: BTreeSet::new(),
        at_most: Some(100_000),
        budgets: [("amount".to_owned(), Number::from(1_000_000))].into(),
        closed: true,
    });
    let subject = EntityRef::new(name("user"), "ann");
    let intent = Intent {
        template: None,
        subject,
        tasks: tasks.collect(),
        skills: None,
        hops_at_most: None,
        not_before: None,
        not_after: None,
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    };
    let (action, resource) = (name("act7"), EntityRef::new(name("account"), "x"));
    let arguments = BTreeMap::from([
        ("amount".to_owned(), Value::Number(Number::from(3))),
        ("to".to_owned(), Value::string("GB82 WEST 1234 5698 7654 32")),
    ]);
    let (mut deciding, mut taking) = (Vec::new(), Vec::new());
    for round in 0..2_000 {
        let state = State::new(Limits::default());
        let opening = Opening { id: "t".to_owned(), intent: intent.clone(), expires: at(1_000), chain: None };
        state.open(opening, at(0)).unwrap().commit();
        for step in 0..10 {
            let begun = Instant::now();
            let lineage = state.lineage("t");
            let attempt = Attempt { action: &action, resource: &resource, arguments: &arguments };
            let task = place(&lineage, &attempt, at(1), &Flat).unwrap();
            deciding.push(begun.elapsed());
            let ask = Ask {
                task,
                action: action.clone(),
                resource: resource.clone(),
                arguments: arguments.clone(),
                chain: None,
                decision_id: format!("{round}.{step}"),
                at: at(1),
                labels: BTreeSet::new(),
                unlabels: BTreeSet::new(),
            };
            let version = lineage.first().unwrap().version;
            drop(lineage);
            let begun = Instant::now();
            state.reserve("t", version, ask).unwrap().commit();
            taking.push(begun.elapsed());
        }
    }
    for (what, mut times) in [("read and place", deciding), ("reserve and commit", taking)] {
        times.sort_unstable();
        let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
        println!("{what}: p50 {:?}, p99 {:?}", at(50), at(99));
    }
}
