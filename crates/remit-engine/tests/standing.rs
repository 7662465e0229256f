//! Consents and signals: the engine equals the plain interpreter on random parties, grants and signals; without a
//! standing everything is unknown.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "support code of tests fails loudly"
)]

use std::sync::Arc;

use remit_engine::{Agency, Bound, Party, Program, Query, Standing, evaluate, lower, search};
use remit_graph::{GraphBuilder, NodeId};
use remit_lang::checked::Policies;
use remit_lang::compile;
use remit_lang::source::Sources;
use remit_model::signal::Position;
use remit_model::{EntityRef, Grant, Name, Number, Reason, Risk, Seen, Signal, Timestamp, Value};
use remit_testkit::oracle::{Acting, Ask, Asked, Oracle, World};
use remit_testkit::random::Random;

const POLICY: &str = r#"
package p
entity user  {}
entity agent { enabled: bool }
entity doc   {}
action show, pay on doc { purpose: string }
permit agreed for user to show when consent.given("holdings", action.purpose)
permit pays for user to pay
forbid failures to pay when signals.subject.count("login_failed", 15m) >= 3
forbid devices to pay when signals.subject.devices(1h) > 2 and not signals.subject.new_address
forbid travel to pay when signals.subject.travel(24h) > 1_000
forbid denials as agent to pay, show when signals.actor.count("denial", 10m) >= 2 or signals.actor.tools(1h) > 1
forbid risky to pay when signals.subject.risk is present and signals.subject.risk == "high"
forbid new_things to pay when signals.subject.new_device or signals.subject.new_region
forbid new_tools as agent to pay when signals.actor.new_tool
"#;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn entity(kind: &str, id: &str) -> EntityRef {
    EntityRef::new(name(kind), id)
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + minute * 60).unwrap()
}

fn policies() -> Policies {
    let mut sources = Sources::default();
    sources.add("p.ibac", POLICY);
    compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}")).0
}

fn world() -> World {
    let mut world = World::default();
    for node in ["user:u0", "user:u1", "doc:d0", "doc:d1", "agent:a0", "agent:a1"] {
        let (kind, id) = node.split_once(':').unwrap();
        let enabled = (kind == "agent").then(|| ("enabled".to_owned(), Value::Bool(true)));
        world.nodes.insert(entity(kind, id), enabled.into_iter().collect());
    }
    world
}

fn bind(policies: &Policies, world: &World) -> Bound {
    let program = Arc::new(lower(policies).unwrap());
    let schema = Arc::clone(program.schema());
    let mut builder = GraphBuilder::new(Arc::clone(&schema));
    for (node, held) in &world.nodes {
        let handle = builder.add_node(schema.type_id(node.kind.as_str()).unwrap(), &node.id);
        for (attribute, value) in held {
            builder.set_property(handle, schema.attr_id(attribute).unwrap(), value.clone(), None);
        }
    }
    Program::bind(program, Arc::new(builder.freeze(1)))
}

/// What the question's standing is told.
#[derive(Debug)]
struct Told(Vec<Grant>, Vec<Signal>);

impl Standing for Told {
    fn consents(&self, kind: &str, id: &str) -> Option<Arc<Vec<Grant>>> {
        let party = EntityRef::new(Name::new(kind).ok()?, id);
        let theirs = |grant: &&Grant| grant.subject == party;
        Some(Arc::new(self.0.iter().filter(theirs).cloned().collect()))
    }

    fn signals(&self, kind: &str, id: &str) -> Option<Arc<Seen>> {
        let party = EntityRef::new(Name::new(kind).ok()?, id);
        let mut seen = Seen::default();
        for signal in self.1.iter().filter(|signal| signal.party == party) {
            seen.take_in(Arc::new(signal.clone()));
        }
        Some(Arc::new(seen))
    }
}

fn grant(random: &mut Random) -> Grant {
    let from = i64::try_from(random.below(60)).unwrap() - 50;
    let later = |random: &mut Random, percent| {
        random.chance(percent).then(|| at(from + 1 + i64::try_from(random.below(70)).unwrap()))
    };
    Grant {
        id: format!("c{}", random.below(1_000_000)),
        subject: entity("user", random.word(&["u0", "u1"])),
        category: random.word(&["holdings", "holdings", "other"]).to_owned(),
        purpose: random.word(&["advice", "resale"]).to_owned(),
        recipient: random.chance(40).then(|| entity("agent", random.word(&["a0", "a1"]))),
        resource: random.chance(40).then(|| entity("doc", random.word(&["d0", "d1"]))),
        from: at(from),
        expires: later(random, 40),
        proof: None,
        withdrawn: later(random, 30),
    }
}

fn signal(random: &mut Random, id: usize) -> Signal {
    let party = random.word(&["user:u0", "user:u0", "user:u1", "agent:a0", "agent:a1"]);
    let (kind, of) = party.split_once(':').unwrap();
    let what =
        random.word(&["login", "login_failed", "login_failed", "denial", "token_used", "risk_level_change"]);
    let minute = i64::try_from(random.below(1_500)).unwrap() - 1_450;
    let minute = if random.chance(70) { minute % 30 } else { minute };
    let places = [("19.07", "72.87"), ("40.71", "-74.00"), ("19.21", "72.97")];
    let some = |random: &mut Random, percent, words: &[&str]| {
        random.chance(percent).then(|| random.word(words).to_owned())
    };
    Signal {
        device: some(random, 40, &["d1", "d2", "d3", "d4"]),
        address: some(random, 30, &["x", "y"]),
        region: some(random, 20, &["in", "us"]),
        tool: some(random, 30, &["t1", "t2"]),
        position: random.chance(20).then(|| {
            let (latitude, longitude) = *random.pick(&places).unwrap();
            Position::new(Number::parse(latitude).unwrap(), Number::parse(longitude).unwrap()).unwrap()
        }),
        risk: (what == "risk_level_change")
            .then(|| *random.pick(&[Risk::Low, Risk::Medium, Risk::High]).unwrap()),
        ..Signal::new(&format!("s{id}"), entity(kind, of), name(what), at(minute))
    }
}

fn question(random: &mut Random) -> Ask {
    let asked = |entity: EntityRef| Asked { entity, asserted: vec![] };
    let actor = random.chance(60).then(|| entity("agent", random.word(&["a0", "a1"])));
    let acting = actor.clone().map(|actor| Acting { chain: vec![actor], ..Acting::default() });
    let grants = (0..random.below(5)).map(|_| grant(random)).collect();
    let many = random.below(12);
    let signals = (0..many).map(|id| signal(random, id)).collect();
    Ask {
        subject: asked(entity("user", random.word(&["u0", "u1"]))),
        actor: actor.map(asked),
        action: random.word(&["show", "pay", "pay"]).to_owned(),
        action_properties: vec![("purpose".to_owned(), Value::string(random.word(&["advice", "resale"])))],
        resource: asked(entity("doc", random.word(&["d0", "d1"]))),
        context: vec![],
        now: at(0),
        pep: "app".to_owned(),
        unsupported: None,
        standing: random.chance(95).then_some((grants, signals)),
        acting,
    }
}

fn with<T>(bound: &Bound, ask: &Ask, run: impl FnOnce(&Query<'_>) -> T) -> T {
    let told = ask.standing.clone().map(|(grants, signals)| Told(grants, signals));
    let chain: Vec<Party<'_>> =
        ask.actor.iter().map(|it| Party::resolve(bound, "agent", &it.entity.id)).collect();
    let properties: Vec<(&str, Value)> =
        ask.action_properties.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let agency = Agency { chain: &chain, ..Agency::default() };
    let (subject, resource) = (("user", &*ask.subject.entity.id), ("doc", &*ask.resource.entity.id));
    let plain = Query {
        action_properties: &properties,
        standing: told.as_ref().map(|told| -> &dyn Standing { told }),
        ..Query::new(bound, subject, &ask.action, resource, ask.now)
    };
    if ask.acting.is_some() { run(&plain.through(&agency)) } else { run(&plain) }
}

#[test]
fn the_engine_equals_the_plain_interpreter_on_consents_and_signals() {
    let (policies, world) = (policies(), world());
    let (bound, oracle) = (bind(&policies, &world), Oracle::new(&policies, &world));
    let mut fired: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for seed in 0..20_000 {
        let ask = question(&mut Random::new(seed));
        let verdict = with(&bound, &ask, |query| evaluate(&bound, query));
        let (plain, _) = oracle.answer(&ask);
        let rules = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<String>>();
        let (own, other) = (
            rules(&mut verdict.determining.iter().map(|hit| hit.id.to_string())),
            rules(&mut plain.determining.iter().map(|hit| hit.id.clone())),
        );
        assert_eq!(
            (verdict.decision, verdict.reason, &own),
            (plain.decision, plain.reason, &other),
            "seed {seed} {ask:#?}"
        );
        own.into_iter().for_each(|rule| *fired.entry(rule).or_default() += 1);
    }
    println!("{fired:#?}");
    assert_eq!(fired.len(), policies.rules.len(), "every rule decides now and then");
    assert!(fired.values().all(|count| *count >= 50), "{fired:#?}");
}

#[test]
fn a_search_finds_who_has_agreed() {
    let (policies, world) = (policies(), world());
    let bound = bind(&policies, &world);
    let mut found_any = 0;
    for seed in 0..2_000 {
        let ask = Ask { action: "show".to_owned(), ..question(&mut Random::new(seed)) };
        let of = bound.program().type_id("user").unwrap();
        let found = with(&bound, &ask, |query| search::subjects(&bound, query, of)).found;
        let allowed = |node: &NodeId| {
            let subject = Asked { entity: bound.snapshot().entity(*node), asserted: vec![] };
            with(&bound, &Ask { subject, ..ask.clone() }, |query| evaluate(&bound, query)).decision
        };
        let all: Vec<NodeId> = bound.snapshot().nodes_of(of).map(NodeId).filter(allowed).collect();
        assert_eq!(found, all, "seed {seed}");
        found_any += usize::from(!found.is_empty());
    }
    assert!(found_any > 200, "{found_any} searches found somebody");
}

#[test]
fn a_search_finds_with_what_somebody_has_agreed_to() {
    let (policies, world) = (policies(), world());
    let bound = bind(&policies, &world);
    let mut found_any = 0;
    for seed in 0..2_000 {
        let ask = Ask { action: "show".to_owned(), ..question(&mut Random::new(seed)) };
        let of = bound.program().type_id("doc").unwrap();
        let found = with(&bound, &ask, |query| search::resources(&bound, query, of)).found;
        let allowed = |node: &NodeId| {
            let resource = Asked { entity: bound.snapshot().entity(*node), asserted: vec![] };
            with(&bound, &Ask { resource, ..ask.clone() }, |query| evaluate(&bound, query)).decision
        };
        let all: Vec<NodeId> = bound.snapshot().nodes_of(of).map(NodeId).filter(allowed).collect();
        assert_eq!(found, all, "seed {seed}");
        found_any += usize::from(!found.is_empty());
    }
    assert!(found_any > 200, "{found_any} searches found something");
}

#[test]
fn without_a_standing_nothing_is_known_and_nothing_is_allowed() {
    let (policies, world) = (policies(), world());
    let bound = bind(&policies, &world);
    for (action, reason) in [("show", Reason::PermitUnknown), ("pay", Reason::ForbidUnknown)] {
        let mut ask = Ask { action: action.to_owned(), ..question(&mut Random::new(1)) };
        (ask.acting, ask.actor) = (None, None);
        ask.standing = None;
        let verdict = with(&bound, &ask, |query| evaluate(&bound, query));
        assert_eq!((verdict.decision, verdict.reason), (false, reason));
        // The neighbour: of a party of which nothing is recorded it is known that nothing is.
        ask.standing = Some((Vec::new(), Vec::new()));
        let verdict = with(&bound, &ask, |query| evaluate(&bound, query));
        assert_eq!(verdict.decision, action == "pay", "{:?}", verdict.reason);
    }
}
