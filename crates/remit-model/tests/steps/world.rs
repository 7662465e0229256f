//! Ann pays invoices; the supplier `acme` has an account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_model::transaction::{
    Attempt, FieldKind, Integrity, Misfit, Outcome, Records, Reported, Seen, Status, Step, Transaction, fits,
    place,
};
use remit_model::{
    Argument, Bound, Containment, EntityRef, Intent, Name, Number, Reason, Scope, Task, Timestamp, Value,
    origin,
};

pub const IBAN: &str = "GB82 WEST 1234 5698 7654 32";

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn entity(kind: &str, id: &str) -> EntityRef {
    EntityRef::new(name(kind), id)
}

pub fn n(of: i64) -> Value {
    Value::Number(Number::from(of))
}

pub fn s(of: &str) -> Value {
    Value::string(of)
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + second).unwrap()
}

/// `invoice:7` lies under `folder:in`; suppliers have an `iban`.
pub struct World;

impl Containment for World {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, relation: &Name) -> bool {
        inner == outer || (relation.as_str() == "parent" && (&*inner.id, &*outer.id) == ("7", "in"))
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

impl Records for World {
    fn attributes(&self, entity: &EntityRef, wanted: Option<&str>) -> Vec<Value> {
        let known = entity.kind.as_str() == "supplier" && &*entity.id == "acme";
        let all = [("iban", s(IBAN)), ("phones", Value::Set([s("+44 1"), s("+44 2")].into()))];
        let asked = all.into_iter().filter(|(own, _)| known && wanted.is_none_or(|wanted| wanted == *own));
        asked.map(|(_, value)| value).collect()
    }

    fn keyed(&self, canonical: &str) -> Option<String> {
        Some(format!("keyed {canonical}"))
    }
}

pub fn task(called: &str) -> Task {
    Task {
        name: name(called),
        actions: [name(called)].into(),
        resource: Scope::Any(name("invoice")),
        arguments: BTreeMap::new(),
        after: BTreeSet::new(),
        at_most: None,
        budgets: BTreeMap::new(),
        closed: false,
    }
}

pub fn arguments(of: &[(&str, Argument)]) -> BTreeMap<String, Argument> {
    of.iter().map(|(path, argument)| ((*path).to_owned(), argument.clone())).collect()
}

pub fn exactly(value: Value) -> Argument {
    Argument::bound(Bound::Exactly(value))
}

pub fn intent(tasks: Vec<Task>) -> Intent {
    Intent {
        template: None,
        subject: entity("user", "ann"),
        tasks,
        skills: None,
        hops_at_most: None,
        not_before: None,
        not_after: None,
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    }
}

pub fn transaction(intent: Intent) -> Transaction {
    Transaction {
        id: "t".to_owned(),
        parent: None,
        hash: intent.hash(),
        named: Arc::new(intent.named()),
        status: Status::Open,
        opened: at(0),
        expires: at(100),
        subject: intent.subject.clone(),
        chain: None,
        inherited: Vec::new(),
        steps: Vec::new(),
        labels: BTreeSet::new(),
        created: Arc::default(),
        outcomes: Vec::new(),
        version: 0,
        intent: Arc::new(intent),
    }
}

pub fn step(task: &str, amount: i64, pending: bool) -> Arc<Step> {
    Arc::new(Step {
        number: 0,
        task: name(task),
        action: name(task),
        resource: entity("invoice", "7"),
        arguments: given(&[("amount", n(amount))]),
        via: None,
        chain: None,
        decision_id: "d".to_owned(),
        at: at(1),
        pending,
    })
}

pub fn given(of: &[(&str, Value)]) -> BTreeMap<String, Value> {
    of.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

pub fn record(members: &[(&str, Value)]) -> Value {
    Value::Record(members.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

/// What step `task` returned.
pub fn returned(task: &str, fields: Vec<Reported>) -> Arc<Outcome> {
    Arc::new(Outcome { decision_id: "d".to_owned(), task: name(task), fields })
}

pub fn field(path: &str, value: &str) -> Reported {
    Reported {
        path: path.to_owned(),
        value: Seen::Canonical(origin::text(value)),
        integrity: Integrity::Trusted,
        kind: FieldKind::Structured,
        created: false,
    }
}

/// The first task of the intent, asked for `invoice:7` with these arguments.
pub fn ask(
    transaction: &Transaction,
    task: usize,
    arguments: &BTreeMap<String, Value>,
) -> Result<(), Misfit> {
    let task = &transaction.intent.tasks[task];
    let resource = entity("invoice", "7");
    let attempt = Attempt { action: task.actions.first().unwrap(), resource: &resource, arguments };
    fits(transaction, task, &attempt, at(1), &World)
}

pub fn find(transaction: &Transaction, action: &str, resource: &EntityRef) -> Result<Name, Misfit> {
    let (action, arguments) = (name(action), BTreeMap::new());
    let attempt = Attempt { action: &action, resource, arguments: &arguments };
    place(&[Arc::new(transaction.clone())], &attempt, at(1), &World)
}

pub fn refused(result: Result<(), Misfit>) -> (Reason, String) {
    let misfit = result.unwrap_err();
    (misfit.reason, misfit.field)
}
