//! Questions with chains, tools, intents, tokens and transactions; and the way of a question to the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_engine::{Agency, Bound, Goal, History, Party, Query, Tool, Verdict, evaluate};
use remit_model::{
    Argument, Bound as Within, DelegationChain, Duration, EntityRef, Intent, Origin, Scope, Status, Step,
    Task, Timestamp, Transaction, Value,
};
use remit_testkit::oracle::{Acting, Ask, Asked, Past};
use remit_testkit::random::Random;

use crate::world::{entity, name, number, some};

pub fn now() -> Timestamp {
    Timestamp::parse("2026-09-01T12:00:00Z").expect("a time")
}

fn later(by: &str) -> Timestamp {
    Duration::parse(by).and_then(|by| now().checked_add(by)).expect("in range")
}

/// A question that agents may ask.
pub fn draw(random: &mut Random, bound: &Bound) -> Ask {
    let subject = if random.chance(97) { some(random, "user", 2) } else { some(random, "agent", 4) };
    let acting = acting(random, bound, &subject);
    let (action, resource) = match random.below(6) {
        0 => ("call", some(random, "tool", 4)),
        1 | 2 => ("read", some(random, "doc", 5)),
        _ => ("send", some(random, "doc", 4)),
    };
    let mut action_properties = Vec::new();
    if random.chance(85) {
        action_properties.push(("n".to_owned(), few(random)));
    }
    if random.chance(30) {
        action_properties.push(("s".to_owned(), Value::string(random.word(&["a", "b", "d0"]))));
    }
    let asked = |entity: EntityRef| Asked { entity, asserted: vec![] };
    Ask {
        subject: asked(subject),
        actor: acting.chain.first().cloned().map(asked),
        action: action.to_owned(),
        action_properties,
        resource: asked(resource),
        context: vec![],
        now: now(),
        pep: "app".to_owned(),
        unsupported: None,
        standing: None,
        acting: Some(acting),
    }
}

fn few(random: &mut Random) -> Value {
    number(i64::try_from(random.below(6)).unwrap_or(0))
}

fn acting(random: &mut Random, bound: &Bound, subject: &EntityRef) -> Acting {
    let long = [0, 1, 1, 1, 2, 2, 3, 4].get(random.below(8)).copied().unwrap_or(0);
    let chain: Vec<EntityRef> = (0..long).map(|_| some(random, "agent", 4)).collect();
    let tool = random.chance(25).then(|| {
        let hash = random.chance(50).then(|| random.word(&["h0", "h1"]).to_owned());
        (some(random, "tool", 4), hash)
    });
    let past = match random.below(20) {
        0 => Past::Unknown,
        1..=7 => Past::None,
        _ => Past::Known(lineage(random, bound, subject, &chain)),
    };
    let goal = random.chance(40).then(|| {
        let root = match &past {
            Past::Known(lineage) => lineage.last().filter(|_| random.chance(50)),
            Past::None | Past::Unknown => None,
        };
        let goal =
            root.map_or_else(|| Arc::new(intent(random, bound, subject)), |root| Arc::clone(&root.intent));
        (goal, random.chance(70))
    });
    let claims =
        random.chance(50).then(|| vec![("acr".to_owned(), Value::string(random.word(&["high", "low"])))]);
    let known = if random.chance(60) { chain.len() + 1 } else { random.below(2) };
    let levels = [Some(1), Some(2), Some(3), Some(3), Some(3), None];
    let assured = (0..known).map(|_| levels.get(random.below(6)).copied().flatten()).collect();
    Acting { chain, tool, goal, past, service: random.chance(3), claims, assured }
}

/// A declared intent as it is opened, or quads.
pub fn intent(random: &mut Random, bound: &Bound, subject: &EntityRef) -> Intent {
    let whose = if random.chance(95) { subject.clone() } else { some(random, "user", 2) };
    if random.chance(55) {
        let name = random.word(&["p.pay", "p.pay", "p.look"]);
        let mut intent = bound.program().open(name, &whose, now()).expect("declared");
        if random.chance(3) {
            intent.template = Some(crate::world::name("p.gone"));
        }
        return intent;
    }
    let earlier = Timestamp::parse("2026-08-01").expect("a time");
    let tasks = ["t0", "t1"].iter().take(1 + random.below(2)).map(|of| task(random, of)).collect();
    Intent {
        template: None,
        subject: whose,
        tasks,
        skills: random.chance(15).then(|| [some(random, "skill", 3), some(random, "skill", 3)].into()),
        hops_at_most: random.chance(20).then(|| u32::try_from(1 + random.below(3)).unwrap_or(1)),
        not_before: random.chance(5).then(|| later("1s")),
        not_after: random.chance(20).then(|| if random.chance(20) { earlier } else { later("1h") }),
        records: BTreeSet::new(),
        links: BTreeSet::new(),
    }
}

fn task(random: &mut Random, of: &str) -> Task {
    let action = random.word(&["read", "send", "send", "call"]);
    let kind = if action == "call" { "tool" } else { "doc" };
    let resource = match random.below(4) {
        0 | 1 => Scope::Any(name(kind)),
        2 => Scope::OneOf((0..3).map(|_| some(random, kind, 4)).collect()),
        _ => Scope::Under(some(random, "doc", 4), name("next")),
    };
    let mut arguments = BTreeMap::new();
    if random.chance(40) {
        let bound = match random.below(3) {
            0 => Within::Exactly(few(random)),
            1 => Within::Between { low: None, high: Some(few(random)) },
            _ => Within::OneOf([few(random), few(random)].into()),
        };
        arguments.insert("n".to_owned(), Argument::bound(bound));
    }
    Task {
        name: name(of),
        actions: [name(action)].into(),
        resource,
        arguments,
        after: if of == "t1" && random.chance(50) { [name("t0")].into() } else { BTreeSet::new() },
        at_most: random.chance(30).then(|| u32::try_from(random.below(4)).unwrap_or(0)),
        budgets: if random.chance(25) { [("n".to_owned(), 6.into())].into() } else { BTreeMap::new() },
        closed: random.chance(10),
    }
}

fn lineage(
    random: &mut Random,
    bound: &Bound,
    subject: &EntityRef,
    chain: &[EntityRef],
) -> Vec<Arc<Transaction>> {
    let root = Arc::new(intent(random, bound, subject));
    let mut lineage = vec![transaction(random, &root, chain)];
    if random.chance(30) {
        let child = if random.chance(50) { Arc::new(narrower(random, &root)) } else { Arc::clone(&root) };
        lineage.insert(0, transaction(random, &child, chain));
    }
    if random.chance(20)
        && let Some(own) = lineage.first_mut().map(Arc::make_mut)
        && let Some(argument) =
            Arc::make_mut(&mut own.intent).tasks.iter_mut().find_map(|task| task.arguments.get_mut("n"))
    {
        let origins = [Origin::Literal, Origin::OneOf([number(1), number(2)].into())];
        argument.origins = Some(random.pick(&origins).cloned().into_iter().collect());
    }
    lineage
}

/// An intent inside another one.
pub fn narrower(random: &mut Random, of: &Intent) -> Intent {
    let mut child = of.clone();
    if random.chance(30) {
        child.tasks.truncate(1);
    }
    for task in &mut child.tasks {
        if random.chance(40) {
            task.at_most = Some(task.at_most.unwrap_or(3).min(u32::try_from(random.below(4)).unwrap_or(0)));
        }
        if random.chance(30) && matches!(&task.resource, Scope::Any(kind) if kind.as_str() == "doc") {
            task.resource = Scope::OneOf([entity("doc", "d0"), entity("doc", "d1")].into());
        }
        if random.chance(20) {
            task.closed = true;
        }
    }
    if random.chance(20) {
        child.hops_at_most = Some(child.hops_at_most.unwrap_or(2).min(2));
    }
    child
}

fn transaction(random: &mut Random, intent: &Arc<Intent>, chain: &[EntityRef]) -> Arc<Transaction> {
    let steps = (0..random.below(4)).map(|at| Arc::new(step(random, at))).collect();
    let inherited = (0..random.below(2)).map(|at| Arc::new(step(random, at))).collect();
    let seen = match random.below(10) {
        0 => vec![some(random, "agent", 4)],
        1..=3 => chain.get(chain.len().saturating_sub(1)..).unwrap_or(&[]).to_vec(),
        _ => vec![],
    };
    Arc::new(Transaction {
        id: "t".to_owned(),
        parent: None,
        hash: intent.hash(),
        named: Arc::new(intent.named()),
        subject: if random.chance(97) { intent.subject.clone() } else { some(random, "user", 2) },
        intent: Arc::clone(intent),
        status: match random.below(40) {
            0 => Status::Revoked,
            1 => Status::Closed,
            _ => Status::Open,
        },
        opened: now(),
        expires: if random.chance(97) { later("1h") } else { now() },
        chain: seen.split_first().map(|(first, rest)| DelegationChain::new(first.clone(), rest.to_vec())),
        inherited,
        steps,
        labels: ["l0", "l1"].iter().filter(|_| random.chance(20)).map(|label| name(label)).collect(),
        created: Arc::default(),
        outcomes: vec![],
        version: 1,
    })
}

fn step(random: &mut Random, at: usize) -> Step {
    let mut arguments = BTreeMap::new();
    if random.chance(80) {
        arguments.insert("n".to_owned(), few(random));
    }
    Step {
        number: u64::try_from(at).unwrap_or(0),
        task: name(random.word(&["t0", "t0", "t1"])),
        action: name("read"),
        resource: some(random, "doc", 4),
        arguments,
        via: None,
        chain: None,
        decision_id: "d".to_owned(),
        at: now(),
        pending: random.chance(15),
    }
}

/// The engine's verdict.
pub fn verdict(bound: &Bound, ask: &Ask) -> Verdict {
    with(bound, ask, evaluate)
}

/// Gives the question in the form that the engine takes.
pub fn with<T>(bound: &Bound, ask: &Ask, run: impl FnOnce(&Bound, &Query<'_>) -> T) -> T {
    let none = Acting::default();
    let acting = ask.acting.as_ref().unwrap_or(&none);
    let party = |entity| {
        let entity: &EntityRef = entity;
        Party::resolve(bound, entity.kind.as_str(), &entity.id)
    };
    let chain: Vec<Party<'_>> = acting.chain.iter().map(party).collect();
    let members = |of: &'_ [(String, Value)]| -> Vec<(String, Value)> { of.to_vec() };
    let claims = acting.claims.as_deref().map(members);
    let claims: Option<Vec<(&str, Value)>> =
        claims.as_ref().map(|all| all.iter().map(|(key, value)| (key.as_str(), value.clone())).collect());
    let agency = Agency {
        chain: &chain,
        tool: acting
            .tool
            .as_ref()
            .map(|(tool, hash)| Tool { party: party(tool), fingerprint: hash.as_deref() }),
        goal: acting.goal.as_ref().map(|(intent, signed)| Goal { intent, signed: *signed }),
        history: match &acting.past {
            Past::None => History::None,
            Past::Unknown => History::Unknown,
            Past::Known(lineage) => History::Known(lineage),
        },
        service: acting.service,
        claims: claims.as_deref(),
        assured: &acting.assured,
        ..Agency::default()
    };
    let names = |of: &'_ EntityRef| (of.kind.to_string(), of.id.to_string());
    let (subject, resource) = (names(&ask.subject.entity), names(&ask.resource.entity));
    let properties: Vec<(&str, Value)> =
        ask.action_properties.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let plain = Query {
        action_properties: &properties,
        ..Query::new(bound, (&subject.0, &subject.1), &ask.action, (&resource.0, &resource.1), ask.now)
    };
    if ask.acting.is_some() { run(bound, &plain.through(&agency)) } else { run(bound, &plain) }
}
