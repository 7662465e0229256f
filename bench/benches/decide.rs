//! Decisions in process, beside Cedar and regorus: `cargo bench -p remit-bench [-- [--quick] [SECTION…]]`.
//!
//! Every section runs in a process of its own, so that memory is its own. All engines must give the same answer to
//! every question before any of them is timed.
#![expect(clippy::panic, clippy::expect_used, reason = "a measurement that cannot run shall stop")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use remit_bench::measure::{self, Plan};
use remit_bench::peer::cedar::Cedar;
use remit_bench::peer::rego::Rego;
use remit_bench::peer::{Peer, cedar, rego, remit};
use remit_bench::table;
use remit_bench::world::{World, gdrive, github, scoped, search, todo};
use remit_bench_http::machine;
use remit_engine::Query;

/// Name and work.
type Section = (&'static str, fn(Plan));

/// Each section, and what it measures.
const SECTIONS: [Section; 14] = [
    ("todo", |plan| world("todo", &todo::world(), plan)),
    ("github-100", |plan| world("github-like", &github::world(100), plan)),
    ("github-100k", |plan| world("github-like", &github::world(100_000), plan)),
    ("github-1m", |plan| world("github-like", &github::world(1_000_000), plan)),
    ("gdrive-100", |plan| world("gdrive-like", &gdrive::world(100), plan)),
    ("gdrive-100k", |plan| world("gdrive-like", &gdrive::world(100_000), plan)),
    ("gdrive-1m", |plan| world("gdrive-like", &gdrive::world(1_000_000), plan)),
    ("scoped-10", |plan| world("scoped", &scoped::world(10), plan)),
    ("scoped-100", |plan| world("scoped", &scoped::world(100), plan)),
    ("scoped-1k", |plan| world("scoped", &scoped::world(1_000), plan)),
    ("scoped-10k", |plan| world("scoped", &scoped::world(10_000), plan)),
    ("body", body),
    ("compile", compile),
    ("search", search_rows),
];

/// Sections whose rows share a table with the section before them have no head of their own.
const HEADS: [&str; 4] = ["todo", "body", "compile", "search"];

/// Memory that must be free before a peer is loaded with a world of this many entities.
const BYTES_AN_ENTITY: u64 = 8 << 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let quick = arguments.iter().any(|it| it == "--quick");
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|it| !it.starts_with("--")).collect();
    let alone = arguments.iter().any(|it| it == "--alone");
    let (rounds, turn) = if quick { (3, 40) } else { (11, 150) };
    let plan = Plan { rounds, turn: Duration::from_millis(turn), alone };
    if let ["section", name] = named.as_slice() {
        let (_, run) = SECTIONS.iter().find(|(of, _)| of == name).expect("sections call themselves by name");
        return run(plan);
    }
    let wanted = |name: &str| {
        named.is_empty()
            || named
                .iter()
                .any(|it| name == *it || name.strip_prefix(it).is_some_and(|rest| rest.starts_with('-')))
    };
    println!("machine: {}", machine::description());
    println!("clock: {:.0} ns for two readings, taken off single calls", measure::clock_cost());
    println!("load before: {}\n\n{}", machine::load_average(), table::HEAD);
    let mut goals = Vec::new();
    for (name, _) in SECTIONS.iter().filter(|(name, _)| wanted(name)) {
        if HEADS.contains(name) && *name != "todo" {
            println!();
        }
        goals.extend(section(name, &arguments));
    }
    println!("\n| goal of the first landing | wanted | measured | |\n|---|--:|--:|---|");
    growth(&mut goals);
    for goal in goals.iter().filter(|goal| !goal.starts_with("growth")) {
        println!("| {} |", goal.replace('\t', " | "));
    }
    println!("\nload after: {}", machine::load_average());
}

/// Runs a section in a process of its own; shows its rows and gives back its goals.
fn section(name: &str, arguments: &[String]) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().expect("this is a file"));
    command.args(["section", name]).args(arguments.iter().filter(|it| it.starts_with("--")));
    command.stdout(Stdio::piped());
    let output = command.spawn().and_then(std::process::Child::wait_with_output).expect("it runs");
    let mut goals = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match line.strip_prefix("goal\t") {
            Some(goal) => goals.push(goal.to_owned()),
            None => println!("{line}"),
        }
    }
    if !output.status.success() {
        println!("{name}: the section failed, {}", output.status);
    }
    goals
}

/// From the p50 of the scoped worlds to the goal of growth with rules.
fn growth(goals: &mut Vec<String>) {
    let of = |rules: &str| {
        let line = goals
            .iter()
            .find_map(|goal| goal.strip_prefix("growth\t")?.strip_prefix(rules)?.strip_prefix('\t'));
        line.and_then(|text| text.parse::<f64>().ok())
    };
    if let (Some(few), Some(many)) = (of("10"), of("10000")) {
        let found = format!("{:.2}×", many / few);
        goals.push(format!(
            "scoped: growth of p50 from 10 to 10,000 rules\t≤ 2×\t{found}\t{}",
            if many / few <= 2.0 { "met" } else { "**missed**" }
        ));
    }
}

fn loading<'w>(name: &'static str, load: impl FnOnce() -> Box<dyn FnMut(usize) -> bool + 'w>) -> Peer<'w> {
    let (before, began) = (machine::resident("self"), Instant::now());
    let ask = load();
    let load = began.elapsed().as_secs_f64();
    Peer { name, ask, memory: machine::resident("self").saturating_sub(before), load }
}

fn remit_peer(world: &World) -> Peer<'_> {
    let asked: Vec<_> = world.asks.iter().map(|ask| remit::Asked::of(world, ask)).collect();
    loading("Remit", || {
        let bound = remit::load(world);
        Box::new(move |at| {
            asked.get(at).is_some_and(|asked| std::hint::black_box(remit::decide(&bound, asked)).decision)
        })
    })
}

fn cedar_peer(world: &World) -> Peer<'_> {
    loading("Cedar", || {
        let cedar = Cedar::load(world);
        let requests: Vec<_> = world.asks.iter().map(|ask| cedar.request(world, ask)).collect();
        Box::new(move |at| requests.get(at).is_some_and(|request| cedar.decide(request)))
    })
}

fn rego_peer(world: &World) -> Result<Peer<'_>, String> {
    let mut refused = None;
    let peer = loading("regorus VM", || match Rego::load(world) {
        Ok(mut rego) => {
            let inputs: Vec<_> = world.asks.iter().map(|ask| Rego::input(world, ask)).collect();
            Box::new(move |at| inputs.get(at).is_some_and(|input| rego.decide(input)))
        }
        Err(error) => {
            refused = Some(error.to_string());
            Box::new(|_| false)
        }
    });
    refused.map_or(Ok(peer), Err)
}

/// Loads a world into every engine, checks that they agree, times them in turn, prints rows and goals.
fn world(name: &str, world: &World, plan: Plan) {
    let mut peers = vec![remit_peer(world)];
    let skipped = if plan.alone { Vec::new() } else { others(world, &mut peers) };
    let allow = agree(world, &mut peers);
    let timings = measure::run(&mut peers, world.asks.len(), plan);
    let scenario = format!("{name} | {} | {} | {allow:.0} %", world.entities.len(), world.rules);
    let remit = timings.first().expect("Remit is first").p50;
    for (peer, timing) in peers.iter().zip(&timings) {
        println!("{}", table::row(&scenario, peer, timing, remit));
    }
    for (peer, cause) in skipped {
        println!("| {scenario} | {peer} | {cause} | | | | | |");
    }
    let label = format!("{name}, {} entities, {} rules", world.entities.len(), world.rules);
    table::goal(
        &format!("{label}: p50"),
        "≤ 1 µs",
        &format!("{} µs", table::microseconds(remit)),
        remit <= 1_000.0,
    );
    for (peer, timing) in peers.iter().zip(&timings).skip(1) {
        let (wanted, factor) = if peer.name == "Cedar" { (5.0, "≥ 5×") } else { (4.0, "≥ 4×") };
        let times = timing.p50 / remit;
        table::goal(
            &format!("{label}: beside {}", peer.name),
            factor,
            &format!("{times:.1}×"),
            times >= wanted,
        );
    }
    if name == "scoped" {
        println!("goal\tgrowth\t{}\t{remit}", world.rules);
    }
}

/// Loads the peers; gives those that cannot be, with the cause.
fn others<'w>(world: &'w World, peers: &mut Vec<Peer<'w>>) -> Vec<(&'static str, String)> {
    let mut skipped = Vec::new();
    let needed = world.entities.len() as u64 * BYTES_AN_ENTITY;
    let room = || machine::available_memory() == 0 || machine::available_memory() > needed;
    let full = || format!("not loaded: {} MB of memory wanted and not free", needed >> 20);
    if room() {
        peers.push(cedar_peer(world));
    } else {
        skipped.push(("Cedar", full()));
    }
    if !room() {
        skipped.push(("regorus VM", full()));
        return skipped;
    }
    match rego_peer(world) {
        Ok(peer) => peers.push(peer),
        Err(error) => {
            let cause: String = error.lines().next_back().unwrap_or_default().chars().take(160).collect();
            skipped.push(("regorus VM", format!("refuses: {cause}")));
        }
    }
    skipped
}

/// Asks everybody everything once; gives the percentage of allows.
fn agree(world: &World, peers: &mut [Peer<'_>]) -> f64 {
    let mut allows = 0_usize;
    for (at, ask) in world.asks.iter().enumerate() {
        let answers: Vec<bool> = peers.iter_mut().map(|peer| (peer.ask)(at)).collect();
        let first = answers.first().copied().unwrap_or_default();
        if answers.iter().any(|answer| *answer != first) {
            let names: Vec<_> = peers.iter().map(|peer| peer.name).zip(&answers).collect();
            panic!("{}: {names:?} to {}", world.name, world.body(ask));
        }
        allows += usize::from(first);
    }
    assert!(allows > 0 && allows < world.asks.len(), "{}: {allows} allows say nothing", world.name);
    allows as f64 * 100.0 / world.asks.len() as f64
}

/// From the bytes of an AuthZEN evaluation to the answer.
fn body(plan: Plan) {
    println!("JSON body to verdict (Remit: strict JSON of its own; peers: serde_json)\n\n{}", table::HEAD);
    for (name, world) in [
        ("body: todo", todo::world()),
        ("body: github-like", github::world(100_000)),
        ("body: gdrive-like", gdrive::world(100)),
    ] {
        let world = &world;
        let bodies: Vec<String> = world.asks.iter().map(|ask| world.body(ask)).collect();
        let bytes = |at: usize| bodies.get(at).map(String::as_bytes).unwrap_or_default();
        let mut peers = vec![loading("Remit", || {
            let bound = remit::load(world);
            Box::new(move |at| std::hint::black_box(remit::decide_body(&bound, bytes(at))).decision)
        })];
        peers.push(loading("serde_json + Cedar", || {
            let cedar = Cedar::load(world);
            Box::new(move |at| cedar.decide_body(bytes(at)))
        }));
        peers.push(loading("serde_json + regorus VM", || {
            let mut rego = Rego::load(world).expect("small worlds are accepted");
            Box::new(move |at| rego.decide_body(bytes(at)))
        }));
        let allow = agree(world, &mut peers);
        peers.push(loading("serde_json alone", || {
            Box::new(move |at| {
                let body: cedar::Body<'_> = serde_json::from_slice(bytes(at)).expect("it is an evaluation");
                std::hint::black_box(body).resource.properties.is_some()
            })
        }));
        let timings = measure::run(&mut peers, world.asks.len(), plan);
        let scenario = format!("{name} | {} | {} | {allow:.0} %", world.entities.len(), world.rules);
        let remit = timings.first().expect("Remit is first").p50;
        for (peer, timing) in peers.iter().zip(&timings) {
            println!("{}", table::row(&scenario, peer, timing, remit));
        }
        let found = format!("{} µs", table::microseconds(remit));
        table::goal(&format!("{name}: JSON body to verdict, p50"), "≤ 3 µs", &found, remit <= 3_000.0);
    }
}

/// From the text of 10,000 rules to something that can decide.
fn compile(plan: Plan) {
    println!("10,000 rules from text to program, seconds\n\n| engine | median (min–max) |\n|---|--:|");
    let world = scoped::world(10_000);
    let rounds = plan.rounds.min(5);
    let row = |name: &str, (middle, low, high): (f64, f64, f64)| {
        println!("| {name} | {middle:.2} ({low:.2}–{high:.2}) |");
    };
    let remit = measure::seconds(rounds, || {
        std::hint::black_box(remit::program(&world.remit));
    });
    row("Remit: parse, check, lower, index", remit);
    row(
        "Cedar: parse",
        measure::seconds(rounds, || {
            std::hint::black_box(cedar::policies(&world.cedar));
        }),
    );
    let mut refusal = String::new();
    let rego = measure::seconds(1, || {
        if let Err(error) = rego::program(&world.rego) {
            refusal = error.to_string();
        }
    });
    if refusal.is_empty() {
        row("regorus: parse, compile, lower to its VM", rego);
    } else {
        println!("| regorus | refuses: {} |", refusal.lines().next_back().unwrap_or_default());
    }
    let found = format!("{:.2} s", remit.0);
    table::goal("parse, check, compile 10,000 rules", "≤ 2 s", &found, remit.0 <= 2.0);
}

/// The question turned around; no peer has it.
fn search_rows(plan: Plan) {
    println!("100 resources among 1,000,000 that a user may view, milliseconds\n");
    println!("| search | found | examined | median (min–max) |\n|---|--:|--:|--:|");
    let world = search::world();
    let bound = remit::load(&world);
    let of = bound.program().schema().type_id("document").expect("declared");
    let (mut found, mut examined, mut user) = (0, 0, 0_usize);
    let (middle, low, high) = measure::seconds(plan.rounds * 3, || {
        user += 37;
        let id = format!("user-{user}");
        let query = Query::new(&bound, ("user", &id), "view", ("document", ""), remit::now());
        let outcome = remit_engine::search::resources(&bound, &query, of);
        (found, examined) = (outcome.total, outcome.examined);
    });
    assert_eq!(found, 100, "the world is made so");
    let ms = |seconds: f64| format!("{:.3}", seconds * 1_000.0);
    println!("| Remit | {found} | {examined} | {} ({}–{}) |", ms(middle), ms(low), ms(high));
    let shown = format!("{} ms", ms(middle));
    table::goal("search: 100 results among 1 M resources", "≤ 50 ms", &shown, middle <= 0.05);
}
