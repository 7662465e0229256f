//! How much of the corpora the detectors find and how often they cry wolf, by kind and category; held-out cases apart.
//!
//! `cargo test -p remit-inspect --test corpus -- --nocapture` prints the tables and every miss among the cases that
//! were used for tuning. Held-out cases are counted only.
#![expect(clippy::unwrap_used, reason = "a test that cannot run shall stop")]

use std::collections::BTreeMap;

use remit_inspect::{Category, Inspector, Kind, Options, SourceTrust};
use serde_json::Value;

const PERSONAL: &str = include_str!("../corpus/personal.jsonl");
const HARMLESS: &str = include_str!("../corpus/harmless.jsonl");
const INJECTION: &str = include_str!("../corpus/injection.jsonl");

/// The score from which a message counts as injected.
const INJECTED: u16 = 500;

fn inspector() -> Inspector {
    Inspector::new(&Options::default()).unwrap()
}

fn cases(lines: &'static str) -> impl Iterator<Item = Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}

/// Good and all, for tuning and held out.
#[derive(Default, Clone, Copy)]
struct Row {
    tune: (usize, usize),
    held: (usize, usize),
}

#[derive(Default)]
struct Table {
    rows: BTreeMap<String, Row>,
    all: Row,
}

impl Table {
    fn count(&mut self, name: &str, held: bool, good: bool) {
        for row in [self.rows.entry(name.to_owned()).or_default(), &mut self.all] {
            let cell = if held { &mut row.held } else { &mut row.tune };
            cell.0 += usize::from(good);
            cell.1 += 1;
        }
    }

    fn print(&self, title: &str) {
        let percent = |(good, all): (usize, usize)| 100.0 * good as f64 / all.max(1) as f64;
        println!("\n{title:<34} {:>16} {:>16}", "tuning", "held out");
        let rows = self.rows.iter().map(|(name, row)| (name.as_str(), row));
        for (name, row) in rows.chain([("all", &self.all)]) {
            let cell = |it: (usize, usize)| format!("{:>4}/{:<4} {:>5.1}%", it.0, it.1, percent(it));
            println!("{name:<34} {:>16} {:>16}", cell(row.tune), cell(row.held));
        }
    }
}

/// At least so many in a thousand are good.
fn at_least((good, all): (usize, usize), least: usize) -> bool {
    good * 1000 >= all * least
}

#[test]
fn personal_data_is_found_by_kind_and_span() {
    let inspector = inspector();
    let mut table = Table::default();
    for case in cases(PERSONAL) {
        let (kind, message, value) = (text(&case, "kind"), text(&case, "text"), text(&case, "value"));
        let held = case["held_out"].as_bool().unwrap();
        let findings = inspector.inspect(message, SourceTrust::User);
        let places: Vec<usize> = message.match_indices(value).map(|it| it.0).collect();
        let good = findings.items.iter().any(|it| {
            it.kind.name() == kind && places.iter().any(|at| it.start <= *at && at + value.len() <= it.end)
        });
        if !good && !held {
            println!("missed {kind}: {message:?} {:?}", findings.items);
        }
        table.count(kind, held, good);
    }
    table.print("recall by kind");
    assert!(table.all.tune.1 + table.all.held.1 >= 1000 && table.rows.len() >= 25);
    assert!(at_least(table.all.tune, 980), "tuning");
    assert!(at_least(table.all.held, 980), "held out");
}

#[test]
fn harmless_texts_are_nothing() {
    let inspector = inspector();
    let mut table = Table::default();
    for case in cases(HARMLESS) {
        let (shape, message) = (text(&case, "shape"), text(&case, "text"));
        let held = case["held_out"].as_bool().unwrap();
        let findings = inspector.inspect(message, SourceTrust::User);
        if !findings.items.is_empty() && !held {
            println!("wolf {shape}: {message:?} {:?}", findings.items);
        }
        table.count(shape, held, findings.items.is_empty());
    }
    table.print("silence by shape");
    assert!(table.all.tune.1 + table.all.held.1 >= 1000);
    assert!(at_least(table.all.tune, 990), "tuning");
    assert!(at_least(table.all.held, 990), "held out");
}

#[test]
fn injections_score_high_and_texts_about_them_low() {
    let inspector = inspector();
    let (mut attacks, mut named, mut benign) = (Table::default(), Table::default(), Table::default());
    for case in cases(INJECTION) {
        let (category, message) = (text(&case, "category"), text(&case, "text"));
        let held = case["held_out"].as_bool().unwrap();
        let source = match text(&case, "source") {
            "user" => SourceTrust::User,
            "document" => SourceTrust::Document,
            _ => SourceTrust::ToolOutput,
        };
        let injection = inspector.inspect(message, source).injection;
        let high = injection.score >= INJECTED;
        let attack = text(&case, "label") == "attack";
        if attack != high && !held {
            println!(
                "{} {category} {source:?} {}: {message:?} {:?}",
                if attack { "missed" } else { "wolf" },
                injection.score,
                injection.signals
            );
        }
        if attack {
            attacks.count(category, held, high);
            named.count(category, held, injection.categories().iter().any(|it| it.name() == category));
        } else {
            benign.count(text(&case, "source"), held, !high);
        }
    }
    attacks.print("injections found by category");
    named.print("the category itself fired");
    benign.print("benign texts passed by source");
    assert!(attacks.all.tune.1 + attacks.all.held.1 >= 600 && attacks.rows.len() == 14);
    assert!(benign.all.tune.1 + benign.all.held.1 >= 600);
    assert!(at_least(attacks.all.tune, 990) && at_least(attacks.all.held, 950), "injections");
    assert!(at_least(benign.all.tune, 990) && at_least(benign.all.held, 950), "benign texts");
}

#[test]
fn the_readme_names_every_kind_and_category() {
    let readme = include_str!("../README.md");
    let names = Kind::ALL.iter().map(|it| it.name()).chain(Category::ALL.iter().map(|it| it.name()));
    for name in names {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
