//! An intent to pay invoices, and how a step is taken.

use std::collections::{BTreeMap, BTreeSet};

use remit_model::narrow::Containment;
use remit_model::transaction::{Attempt, fits_history};
use remit_model::{Argument, Bound, EntityRef, Intent, Name, Number, Scope, Task, Timestamp, Value};
use remit_state::{Ask, Limits, NotReserved, Opening, Reservation, State};

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + second).unwrap()
}

/// Nothing lies under anything.
pub struct Flat;

impl Containment for Flat {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, _: &Name) -> bool {
        inner == outer
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

pub fn invoice() -> EntityRef {
    EntityRef::new(name("invoice"), "7")
}

/// `look`, then `pay` at most `budget` in at most `count` steps.
pub fn intent(budget: i64, count: Option<u32>) -> Intent {
    let task = |called: &str| Task {
        name: name(called),
        actions: [name(called)].into(),
        resource: Scope::Any(name("invoice")),
        arguments: BTreeMap::new(),
        after: BTreeSet::new(),
        at_most: None,
        budgets: BTreeMap::new(),
        closed: false,
    };
    let pay = Task {
        arguments: [("amount".to_owned(), Argument::bound(Bound::Any))].into(),
        at_most: count,
        budgets: [("amount".to_owned(), Number::from(budget))].into(),
        ..task("pay")
    };
    Intent {
        template: None,
        subject: EntityRef::new(name("user"), "ann"),
        tasks: vec![task("look"), pay],
        skills: None,
        hops_at_most: None,
        not_before: None,
        not_after: None,
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    }
}

pub fn opening(id: &str, intent: Intent) -> Opening {
    Opening { id: id.to_owned(), intent, expires: at(1_000), chain: None }
}

pub fn opened(state: &State, id: &str, intent: Intent) {
    state.open(opening(id, intent), at(0)).expect("opens").commit().expect("is there");
}

pub fn with(id: &str, intent: Intent) -> State {
    let state = State::new(Limits::default());
    opened(&state, id, intent);
    state
}

pub fn ask(task: &str, amount: i64, decision_id: String) -> Ask {
    Ask {
        task: name(task),
        action: name(task),
        resource: invoice(),
        arguments: [("amount".to_owned(), Value::Number(Number::from(amount)))].into(),
        chain: None,
        decision_id,
        at: at(1),
        labels: BTreeSet::new(),
        unlabels: BTreeSet::new(),
    }
}

/// What a decision point does: read, decide, reserve; on a conflict, all of it again.
pub fn take(state: &State, id: &str, ask: &Ask) -> Option<Reservation> {
    loop {
        let transaction = state.get(id)?;
        let attempt = Attempt { action: &ask.action, resource: &ask.resource, arguments: &ask.arguments };
        let task = transaction.intent.task(ask.task.as_str())?;
        fits_history(&transaction, task, &attempt).ok()?;
        match state.reserve(id, transaction.version, ask.clone()) {
            Ok(reservation) => return Some(reservation),
            Err(NotReserved::Conflict(_)) => std::thread::yield_now(),
            Err(NotReserved::Refused(_)) => return None,
        }
    }
}

/// Committed total and count of `pay`.
pub fn paid(state: &State, id: &str) -> (Number, usize) {
    let transaction = state.get(id).expect("is there");
    assert!(transaction.steps.iter().all(|step| !step.pending), "nothing is pending any more");
    (transaction.sum("pay", "amount").expect("no overflow"), transaction.count("pay"))
}
