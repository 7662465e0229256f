//! The package `governance`: what an `expect` line cannot say, and the profile that is not chosen by default. Each
//! refusal stands beside its permitted neighbour.

use std::path::Path;

use remit_pdp::bundle::{self, BundleError, Purpose};
use remit_pdp::enrich::Sight;
use remit_pdp::live::Live;
use remit_pdp::{expect, publish, revisions::Revisions, why};
use serde_json::{Value, json};

use crate::running::bundle as dir;

fn live(of: &Path) -> Live {
    let loaded = bundle::load(of, Purpose::Serve).unwrap_or_else(|error| panic!("{error}"));
    publish::compile(loaded, &Revisions::default()).expect("compiles")
}

/// Whether the rule denies this message, and is sure of it.
fn denies(live: &Live, rule: &str, message: &Value) -> bool {
    let asked = json!({
        "subject": { "type": "user", "id": "asha" },
        "action": { "name": "send" },
        "resource": { "type": "agent", "id": "chatter" },
        "context": { "message": message },
    });
    let now = remit_pdp::Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
    let sight = Sight { now, pep: "test", standing: None, outside: None };
    let why = why::why(live, asked.to_string().as_bytes(), &sight).expect("a question");
    let note = why.rules.iter().find(|note| note.rule == format!("governance.{rule}"));
    let note = note.unwrap_or_else(|| panic!("`{rule}` speaks of messages: {:?}", why.rules));
    assert_ne!(note.outcome, "unknown", "{rule}: {message}");
    note.outcome == "applies"
}

fn copied(to: &Path, from: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copied(&target, &entry.path());
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn a_message_may_have_as_many_bytes_as_the_limit_says_and_metadata_counts() {
    let live = live(&dir("governance"));
    let sized = |bytes: usize| {
        let empty = json!({ "type": "chat", "content": "", "metadata": { "note": "" } });
        let spent = "type".len() + "chat".len() + "content".len() + "metadata".len() + "note".len();
        let mut message = empty;
        message["metadata"]["note"] = "m".repeat(1_000).into();
        message["content"] = "c".repeat(bytes - spent - 1_000).into();
        message
    };
    assert!(!denies(&live, "too_long", &sized(262_144)));
    assert!(denies(&live, "too_long", &sized(262_145)));
    let elsewhere = json!({ "type": "chat", "content": "x", "metadata": { "note": "m".repeat(262_144) } });
    assert!(denies(&live, "too_long", &elsewhere));
}

#[test]
fn every_recommendation_says_why_in_words() {
    let live = live(&dir("governance"));
    let advice = |content: Value| json!({ "type": "advice", "content": content });
    let item = |rationale: Value| json!({ "instrument": "ACME", "rationale": rationale });
    let given = advice(json!({ "recommendations": [item(json!("rates fell")), item(json!("it is cheap"))] }));
    assert!(!denies(&live, "explained", &given));
    let blank = advice(json!({ "recommendations": [item(json!("rates fell")), item(json!("  "))] }));
    assert!(denies(&live, "explained", &blank));
    // Another list whose items are all explained does not stand in for the named one.
    let decoy = json!({ "decoys": [item(json!("rates fell"))], "recommendations": [item(json!(" "))] });
    assert!(denies(&live, "explained", &advice(decoy)));
    // Types that need no reasons are left alone.
    assert!(!denies(&live, "explained", &json!({ "type": "chat", "content": "buy" })));
}

#[test]
fn content_follows_the_schema_of_its_type() {
    let live = live(&dir("governance"));
    let advice = |content: Value| json!({ "type": "advice", "content": content });
    let good = json!({ "recommendations": [{ "instrument": "ACME", "rationale": "rates fell" }] });
    assert!(!denies(&live, "follows_schema", &advice(good)));
    for wrong in [
        json!([{ "instrument": "ACME" }]),
        json!({ "recommendations": [{ "instrument": "ACME", "note": "x" }] }),
        json!({ "recommendations": [{ "instrument": "acme" }] }),
        json!({ "recommendations": vec![json!({ "instrument": "A" }); 21] }),
        json!("buy"),
    ] {
        assert!(denies(&live, "follows_schema", &advice(wrong.clone())), "{wrong}");
    }
    assert!(!denies(&live, "follows_schema", &json!({ "type": "chat", "content": "buy" })));
}

#[test]
fn the_starter_profile_masks_where_the_strict_one_stops() {
    let work = tempfile::tempdir().expect("a temporary folder");
    copied(work.path(), &dir("governance"));
    std::fs::write(work.path().join("bundle.toml"), "profile = \"starter\"\n").expect("written");
    let loaded = bundle::load(work.path(), Purpose::Test).unwrap_or_else(|error| panic!("{error}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let policies = loaded.policies.clone();
    let report = expect::run(&policies, &publish::compile(loaded, &Revisions::default()).expect("compiles"));
    let failures: Vec<_> = report.outcomes.iter().filter(|outcome| outcome.failure.is_some()).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(report.outcomes.iter().any(|outcome| outcome.what.contains("by redacted obliging redact")));
    assert!(!report.untested_rules.iter().any(|rule| rule == "governance.redacted"));
}

#[test]
fn of_several_profiles_one_is_chosen_by_name() {
    let work = tempfile::tempdir().expect("a temporary folder");
    copied(work.path(), &dir("governance"));
    for description in ["", "profile = \"lax\"\n"] {
        std::fs::write(work.path().join("bundle.toml"), description).expect("written");
        let refused = bundle::load(work.path(), Purpose::Serve).expect_err("no profile is chosen");
        let BundleError::Profile { known } = &refused else { panic!("{refused}") };
        assert_eq!(known, &["starter", "strict"]);
    }
    std::fs::remove_dir_all(work.path().join("profiles/starter")).expect("removed");
    std::fs::remove_file(work.path().join("bundle.toml")).expect("removed");
    assert!(bundle::load(work.path(), Purpose::Serve).is_ok(), "the only profile needs no choice");
}
