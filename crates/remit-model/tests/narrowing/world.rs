//! A small world: six documents, three folders, three tasks, four arguments. Small enough that chance meets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_model::transaction::{
    Attempt, FieldKind, Integrity, Outcome, Records, Reported, Seen, Status, Step, Transaction, fits,
};
use remit_model::{
    Argument, Bound, Containment, EntityRef, Intent, Name, Number, Origin, Scope, Task, Timestamp, Value,
    origin,
};

use crate::random::Random;

const TASKS: [&str; 3] = ["look", "pay", "tell"];
const ACTIONS: [&str; 3] = ["read", "send", "move"];
const PATHS: [&str; 5] = ["a", "b", "b.c", "b.d", "e"];

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn n(of: i64) -> Value {
    Value::Number(Number::from(of))
}

pub fn at(day: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + day * 86_400).unwrap()
}

pub fn document(index: usize) -> EntityRef {
    EntityRef::new(name("document"), &format!("d{index}"))
}

pub fn folder(index: usize) -> EntityRef {
    EntityRef::new(name("folder"), &format!("f{index}"))
}

/// `d0 d1` in `f0`, `d2 d3` in `f1`, `d4` in `f2`; `f1` in `f0`; `d5` nowhere.
pub struct Tree;

pub fn tree() -> Tree {
    Tree
}

impl Containment for Tree {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, relation: &Name) -> bool {
        let parent = |of: &EntityRef| match &*of.id {
            "d0" | "d1" | "f1" => Some(folder(0)),
            "d2" | "d3" => Some(folder(1)),
            "d4" => Some(folder(2)),
            _ => None,
        };
        inner == outer
            || relation.as_str() == "parent"
                && parent(inner).is_some_and(|above| self.is_under(&above, outer, relation))
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

impl Records for Tree {
    fn attributes(&self, entity: &EntityRef, wanted: Option<&str>) -> Vec<Value> {
        let size = ("size", n(i64::from(entity.id.as_bytes()[1] - b'0')));
        let owner = ("owner", Value::string("Ann"));
        [size, owner]
            .into_iter()
            .filter(|(own, _)| wanted.is_none_or(|wanted| wanted == *own))
            .map(|(_, value)| value)
            .collect()
    }
}

fn value(random: &mut Random) -> Value {
    match random.below(10) {
        0..4 => n(random.below(6) as i64),
        4 => Value::Time(at(random.below(4) as i64)),
        5 => Value::string(&at(random.below(4) as i64).to_string()),
        6..9 => Value::string(random.word(&["ann", "Ann", "ann@x.example", "/a/b", "/a/c", "/a/../c", "d0"])),
        _ => Value::Bool(random.chance(50)),
    }
}

fn argument_value(random: &mut Random, depth: usize) -> Value {
    match random.below(12) {
        0 if depth > 0 => {
            let count = random.below(3);
            Value::Set((0..count).map(|_| argument_value(random, depth - 1)).collect())
        }
        1..3 if depth > 0 => {
            let mut members = BTreeMap::new();
            for _ in 0..random.below(3) {
                let key = random.word(&["c", "d", "c.d", "x"]);
                members.insert(Arc::<str>::from(key), argument_value(random, depth - 1));
            }
            Value::Record(members.into_iter().collect())
        }
        _ => value(random),
    }
}

fn bound(random: &mut Random) -> Bound {
    let point = |random: &mut Random, dated: bool| {
        random.chance(80).then(|| {
            let day = random.below(5) as i64;
            match (dated, random.chance(50)) {
                (false, _) => n(day),
                (true, false) => Value::Time(at(day)),
                (true, true) => Value::string(&at(day).to_string()),
            }
        })
    };
    match random.below(8) {
        0..2 => Bound::Any,
        2 => Bound::Exactly(argument_value(random, 1)),
        3 => Bound::OneOf((0..random.below(5)).map(|_| value(random)).collect()),
        4..7 => {
            let dated = random.chance(30);
            Bound::Between { low: point(random, dated), high: point(random, dated) }
        }
        _ => Bound::Prefix(random.word(&["", "/a", "/a/", "/a/b", "an", "2027"]).to_owned()),
    }
}

fn an_origin(random: &mut Random) -> Origin {
    match random.below(8) {
        0 => Origin::Literal,
        1 => Origin::OneOf((0..random.below(4)).map(|_| value(random)).collect()),
        2 => Origin::RecordOf(
            name(random.word(&["document", "folder"])),
            random.chance(60).then(|| random.word(&["size", "owner"]).to_owned()),
        ),
        3 => Origin::Created,
        4..7 => Origin::Result {
            task: name(random.word(&TASKS)),
            path: (*random.pick(&["", "x", "y[*]", "y[0]"])).to_owned(),
        },
        _ => Origin::Text { source: random.word(&["mail", "web"]).to_owned() },
    }
}

fn origins(random: &mut Random) -> Option<BTreeSet<Origin>> {
    random.chance(35).then(|| (0..1 + random.below(3)).map(|_| an_origin(random)).collect())
}

fn an_argument(random: &mut Random) -> Argument {
    Argument { bound: bound(random), origins: origins(random), optional: random.chance(50) }
}

fn scope(random: &mut Random) -> Scope {
    match random.below(5) {
        4 => Scope::AnyOf((0..2).map(|_| name(random.word(&["document", "folder"]))).collect()),
        0..2 => Scope::Any(name(random.word(&["document", "folder"]))),
        2 => Scope::Under(folder(random.below(3)), name(random.word(&["parent", "parent", "likes"]))),
        _ => Scope::OneOf((0..1 + random.below(4)).map(|_| document(random.below(6))).collect()),
    }
}

fn names(random: &mut Random, of: &[&str], most: usize) -> BTreeSet<Name> {
    (0..random.below(most + 1)).map(|_| name(random.word(of))).collect()
}

fn task(random: &mut Random, called: &str) -> Task {
    let arguments = (0..random.below(4)).map(|_| (random.word(&PATHS).to_owned(), an_argument(random)));
    let arguments = arguments.collect();
    let budgets = if random.chance(30) {
        [(random.word(&PATHS).to_owned(), Number::from(random.below(9) as i64))].into()
    } else {
        BTreeMap::new()
    };
    let mut actions = names(random, &ACTIONS, 2);
    actions.insert(name(random.word(&ACTIONS)));
    Task {
        name: name(called),
        actions,
        resource: scope(random),
        arguments,
        after: if random.chance(30) { names(random, &TASKS, 1) } else { BTreeSet::new() },
        at_most: random.chance(40).then(|| random.below(4) as u32),
        budgets,
        closed: random.chance(40),
    }
}

pub fn intent(random: &mut Random) -> Intent {
    let count = 1 + random.below(3);
    Intent {
        template: random.chance(20).then(|| name("core.t")),
        subject: EntityRef::new(name("user"), random.word(&["ann", "ann", "bob"])),
        tasks: TASKS.iter().take(count).map(|called| task(random, called)).collect(),
        skills: random.chance(30).then(|| (0..1 + random.below(3)).map(|_| skill(random)).collect()),
        hops_at_most: random.chance(30).then(|| random.below(4) as u32),
        not_before: random.chance(30).then(|| at(random.below(4) as i64)),
        not_after: random.chance(30).then(|| at(2 + random.below(4) as i64)),
        records: (0..random.below(3)).map(|_| document(random.below(6))).collect(),
        links: Default::default(),
    }
}

fn skill(random: &mut Random) -> EntityRef {
    EntityRef::new(name("skill"), random.word(&["s0", "s1", "s2"]))
}

/// What both intents look back on.
#[derive(Debug)]
pub struct History {
    steps: Vec<Arc<Step>>,
    outcomes: Vec<Arc<Outcome>>,
    created: BTreeSet<Seen>,
}

pub fn history(random: &mut Random, parent: &Intent) -> History {
    let mut history = History { steps: Vec::new(), outcomes: Vec::new(), created: BTreeSet::new() };
    for number in 0..random.below(4) as u64 {
        let task = random.pick(&parent.tasks).name.clone();
        let decision_id = number.to_string();
        let fields = (0..random.below(4)).map(|_| reported(random)).collect::<Vec<_>>();
        history.created.extend(fields.iter().filter(|it| it.created).map(|it| it.value.clone()));
        history.outcomes.push(Arc::new(Outcome {
            decision_id: decision_id.clone(),
            task: task.clone(),
            fields,
        }));
        history.steps.push(Arc::new(Step {
            number,
            task,
            action: name("read"),
            resource: document(0),
            arguments: PATHS.iter().map(|path| ((*path).to_owned(), n(random.below(3) as i64))).collect(),
            via: None,
            chain: None,
            decision_id,
            at: at(0),
            pending: random.chance(20),
        }));
    }
    history
}

fn reported(random: &mut Random) -> Reported {
    let kind = if random.chance(70) {
        FieldKind::Structured
    } else {
        FieldKind::Text { source: random.word(&["mail", "web"]).to_owned() }
    };
    Reported {
        path: (*random.pick(&["x", "y[0]", "y[1]"])).to_owned(),
        value: Seen::Canonical(origin::canonical(&value(random))),
        integrity: if random.chance(85) { Integrity::Trusted } else { Integrity::Untrusted },
        kind,
        created: random.chance(20),
    }
}

#[derive(Debug)]
pub struct Request {
    task: Name,
    action: Name,
    resource: EntityRef,
    arguments: BTreeMap<String, Value>,
    now: Timestamp,
    skill: EntityRef,
    hops: u32,
    subject: EntityRef,
}

/// A request that often fits the intent.
pub fn request(random: &mut Random, like: &Intent, history: &History) -> Request {
    let task = random.pick(&like.tasks);
    let mut arguments: BTreeMap<String, Value> = BTreeMap::new();
    for (path, argument) in &task.arguments {
        if random.chance(85) {
            put(&mut arguments, path, a_value_for(random, argument, history));
        }
    }
    if random.chance(if task.closed { 10 } else { 40 }) {
        let key = random.word(&["a", "b", "e", "b.c", "x"]);
        arguments.entry(key.to_owned()).or_insert_with(|| argument_value(random, 2));
    }
    let resource = match &task.resource {
        Scope::OneOf(all) => random.pick(&all.iter().cloned().collect::<Vec<_>>()).clone(),
        Scope::Any(_) | Scope::AnyOf(_) | Scope::Under(..) => {
            if random.chance(70) {
                document(random.below(6))
            } else {
                folder(random.below(3))
            }
        }
    };
    Request {
        task: task.name.clone(),
        action: random.pick(&task.actions.iter().cloned().collect::<Vec<_>>()).clone(),
        resource,
        arguments,
        now: at(random.below(6) as i64),
        skill: skill(random),
        hops: random.below(4) as u32,
        subject: if random.chance(95) { like.subject.clone() } else { EntityRef::new(name("user"), "eve") },
    }
}

fn put(arguments: &mut BTreeMap<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((head, rest)) => {
            let mut members: BTreeMap<Arc<str>, Value> = match arguments.get(head) {
                Some(Value::Record(members)) => members.iter().cloned().collect(),
                _ => BTreeMap::new(),
            };
            members.insert(rest.into(), value);
            arguments.insert(head.to_owned(), Value::Record(members.into_iter().collect()));
        }
        None => {
            arguments.insert(path.to_owned(), value);
        }
    }
}

fn a_value_for(random: &mut Random, argument: &Argument, history: &History) -> Value {
    if argument.origins.is_some() && random.chance(50) {
        let fields: Vec<_> = history.outcomes.iter().flat_map(|it| &it.fields).collect();
        if !fields.is_empty()
            && let Seen::Canonical(form) = &random.pick(&fields).value
        {
            return Number::parse(form).map_or_else(|| Value::string(form), Value::Number);
        }
    }
    match &argument.bound {
        Bound::Exactly(only) if random.chance(80) => only.clone(),
        Bound::OneOf(all) if !all.is_empty() && random.chance(80) => {
            random.pick(&all.iter().cloned().collect::<Vec<_>>()).clone()
        }
        Bound::Between { low: Some(end), .. } | Bound::Between { high: Some(end), .. }
            if random.chance(50) =>
        {
            end.clone()
        }
        _ => argument_value(random, 2),
    }
}

/// Membership in the first intent of a lineage, by the code that decides; the others only say what it may name.
pub fn admits(lineage: &[Intent], history: &History, request: &Request, graph: &Tree) -> bool {
    let intent = &lineage[0];
    let named = lineage[1..].iter().fold(intent.named(), |named, above| named.and(&above.named()));
    let transaction = Transaction {
        id: "t".to_owned(),
        parent: None,
        hash: intent.hash(),
        named: Arc::new(named),
        status: Status::Open,
        opened: at(-1),
        expires: at(99),
        subject: intent.subject.clone(),
        chain: None,
        inherited: Vec::new(),
        steps: history.steps.clone(),
        labels: BTreeSet::new(),
        created: Arc::new(history.created.clone()),
        outcomes: history.outcomes.clone(),
        version: 0,
        intent: Arc::new(intent.clone()),
    };
    let attempt =
        Attempt { action: &request.action, resource: &request.resource, arguments: &request.arguments };
    request.subject == intent.subject
        && intent.skills.as_ref().is_none_or(|skills| skills.contains(&request.skill))
        && intent.hops_at_most.is_none_or(|most| request.hops <= most)
        && intent
            .task(request.task.as_str())
            .is_some_and(|task| fits(&transaction, task, &attempt, request.now, graph).is_ok())
}

/// Makes the intent admit less, or the same, in one field; says which.
pub fn tighten(intent: &mut Intent, random: &mut Random) -> &'static str {
    match random.below(5) {
        0 => {
            let at = random.below(intent.tasks.len());
            if intent.tasks.len() > 1 {
                intent.tasks.remove(at);
            }
            intent.tasks.reverse();
            "fewer tasks"
        }
        1 => {
            intent.hops_at_most = Some(intent.hops_at_most.map_or(2, |most| most.saturating_sub(1)));
            intent.not_after = Some(intent.not_after.map_or(at(5), |last| last.min(at(3))));
            intent.not_before = Some(intent.not_before.map_or(at(0), |first| first.max(at(1))));
            match &mut intent.skills {
                None => intent.skills = Some([skill(random)].into()),
                Some(all) if all.len() > 1 => drop(all.pop_first()),
                Some(_) => {}
            }
            "hops, window, skills"
        }
        _ => {
            let at = random.below(intent.tasks.len());
            tighten_task(&mut intent.tasks[at], random)
        }
    }
}

fn tighten_task(task: &mut Task, random: &mut Random) -> &'static str {
    match random.below(7) {
        0 => {
            if task.actions.len() > 1 {
                task.actions.pop_first();
            }
            task.after.insert(name(random.word(&TASKS)));
            task.at_most = Some(task.at_most.map_or(3, |most| most.saturating_sub(1)));
            "actions, order, count"
        }
        1 => {
            task.resource = match &task.resource {
                Scope::Any(kind) if kind.as_str() == "document" => {
                    Scope::OneOf([document(random.below(6))].into())
                }
                Scope::AnyOf(kinds) if !kinds.is_empty() => Scope::Any(kinds.first().unwrap().clone()),
                Scope::Under(root, by) if *root == folder(0) && by.as_str() == "parent" => {
                    if random.chance(50) {
                        Scope::Under(folder(1), by.clone())
                    } else {
                        Scope::OneOf([document(random.below(4)), folder(1)].into())
                    }
                }
                Scope::OneOf(all) => Scope::OneOf(all.iter().take(1).cloned().collect()),
                same => same.clone(),
            };
            "scope"
        }
        2 => {
            task.closed = task.closed || task.arguments.values().all(|it| it.allows_absence());
            "closed"
        }
        3 => {
            for total in task.budgets.values_mut() {
                *total = total.checked_sub(Number::from(1)).unwrap();
            }
            if !task.arguments.contains_key("a") {
                task.budgets.entry("a".to_owned()).or_insert(Number::from(5));
            }
            "budgets"
        }
        4 if !task.closed => {
            let path = random.word(&["a", "e"]).to_owned();
            if !task.budgets.contains_key(&path) {
                task.arguments.entry(path).or_insert_with(|| an_argument(random));
            }
            "another argument"
        }
        _ => {
            let all: Vec<String> = task.arguments.keys().cloned().collect();
            if let Some(argument) =
                (!all.is_empty()).then(|| random.pick(&all)).and_then(|path| task.arguments.get_mut(path))
            {
                tighten_argument(argument, random);
            }
            "argument"
        }
    }
}

fn tighten_argument(argument: &mut Argument, random: &mut Random) {
    match random.below(4) {
        0 if !argument.is_free() => argument.optional = false,
        1 => match &mut argument.origins {
            None => argument.origins = Some([an_origin(random)].into()),
            Some(all) if all.len() > 1 => drop(all.pop_first()),
            Some(all) => {
                if let Some(Origin::Result { path, .. }) = &all.first().cloned()
                    && path == "y[*]"
                {
                    let task = all.pop_first().and_then(|it| match it {
                        Origin::Result { task, .. } => Some(task),
                        _ => None,
                    });
                    all.extend(task.map(|task| Origin::Result { task, path: "y[1]".to_owned() }));
                }
            }
        },
        _ => {
            let tighter = match &argument.bound {
                Bound::Any => bound(random),
                Bound::OneOf(all) => Bound::OneOf(all.iter().skip(1).cloned().collect()),
                Bound::Between { low: Some(Value::Number(low)), high } => Bound::Between {
                    low: low.checked_add(Number::from(1)).map(Value::Number),
                    high: high.clone(),
                },
                Bound::Between { low: Some(Value::Time(low)), high: None } => {
                    Bound::Exactly(Value::string(&low.to_string()))
                }
                Bound::Between { low: None, high: Some(high) } => Bound::Exactly(high.clone()),
                Bound::Prefix(start) => Bound::Prefix(format!("{start}/")),
                same => same.clone(),
            };
            // A value must still be there when it had to be.
            argument.optional &= tighter != Bound::Any;
            argument.bound = tighter;
        }
    }
}

/// How many kinds of [`loosen`] there are.
pub const LOOSENINGS: usize = 17;

/// Makes the intent admit more in one field, when it can; says which kind and where the widening must be named.
pub fn loosen(intent: &mut Intent, random: &mut Random) -> Option<(&'static str, String)> {
    match random.below(8) {
        0 => {
            intent.subject = EntityRef::new(name("user"), "carol");
            Some(("subject", "subject".to_owned()))
        }
        1 => intent.skills.as_mut().map(|all| {
            all.insert(EntityRef::new(name("skill"), "s9"));
            ("skills", "skills".to_owned())
        }),
        2 => intent.hops_at_most.take().map(|_| ("hops", "hops_at_most".to_owned())),
        3 => intent.not_after.as_mut().map(|last| {
            *last = at(50);
            ("not_after", "not_after".to_owned())
        }),
        4 => intent.not_before.take().map(|_| ("not_before", "not_before".to_owned())),
        5 => intent.template.take().map(|_| ("template", "template".to_owned())),
        _ => {
            let at = random.below(intent.tasks.len());
            let task = &mut intent.tasks[at];
            let called = task.name.clone();
            loosen_task(task, random).map(|(kind, field)| match field {
                field if field.is_empty() => (kind, format!("tasks.{}", task.name)),
                field => (kind, format!("tasks.{called}.{field}")),
            })
        }
    }
}

fn loosen_task(task: &mut Task, random: &mut Random) -> Option<(&'static str, String)> {
    let named = |path: &str| format!("arguments.{path}");
    match random.below(11) {
        0 => {
            task.name = name("other");
            Some(("task", String::new()))
        }
        1 => {
            task.actions.insert(name("drop"));
            Some(("action", "actions.drop".to_owned()))
        }
        2 => {
            task.resource = Scope::Any(name("vault"));
            Some(("scope", "resource".to_owned()))
        }
        3 => task.after.pop_first().map(|first| ("order", format!("after.{first}"))),
        4 => task.at_most.as_mut().map(|most| {
            *most += 1;
            ("count", "at_most".to_owned())
        }),
        5 => task.budgets.pop_first().map(|(path, _)| ("budget", format!("budgets.{path}"))),
        6 => (task.closed).then(|| {
            task.closed = false;
            // What was kept out by being unnamed is let in by the same stroke.
            ("closed", String::new())
        }),
        7 => (task.closed && task.arguments.keys().all(|path| path != "z")).then(|| {
            task.arguments.insert("z".to_owned(), Argument::any());
            ("named", named("z"))
        }),
        8 => task.arguments.iter_mut().find(|(_, it)| !it.allows_absence()).map(|(path, argument)| {
            argument.optional = true;
            ("absence", named(path))
        }),
        9 => task.arguments.iter_mut().find(|(_, it)| matches!(it.bound, Bound::Prefix(_))).map(
            |(path, argument)| {
                argument.bound = Bound::Any;
                ("bound", named(path))
            },
        ),
        _ => task
            .arguments
            .iter_mut()
            .find(|(_, it)| it.origins.as_ref().is_some_and(|all| !all.contains(&Origin::Created)))
            .map(|(path, argument)| {
                argument.bound = Bound::Any;
                argument.origins.as_mut().unwrap().insert(Origin::Created);
                ("origin", named(path))
            }),
    }
}
