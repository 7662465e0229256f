//! Writes the small ledger that later releases must still open: `cargo run -p remit-ledger --example small_ledger -- DIR`.
//!
//! Its result is kept under `tests/data/format-N`, N being the version of the segments that wrote it. Everything but the
//! key is the same each time; the key is made for this and signs nothing else.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "an example speaks to people and may give up")]

use remit_ledger::{
    Aside, Body, Decision, DecisionRecord, Effect, Entity, Entry, Erased, FaultNoted, Keys, Ledger,
    LedgerOptions, Link, Mode, Revision, RuleUse, Stopped, Timestamp, TransactionChanged, verify,
};
use std::path::PathBuf;

const TEXTS: [&str; 6] = [
    "plain",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "a \"quoted\" word, a \\ and a line\nbreak",
    "Grüße, 東京, 🦀",
    "01a21679-d0db-767a-bddf-70b9d57a987d",
    "\u{1}\u{2}\u{1f}\u{7f}",
];

fn main() {
    let dir = PathBuf::from(std::env::args().nth(1).expect("a directory"));
    std::fs::create_dir_all(&dir).expect("the directory");
    let keys = Keys::create(&dir.join("ledger.key"), "log.example/format").expect("a key");
    let time = |ms| Timestamp::from_unix_ms(1_767_225_600_000 + ms);
    let options =
        LedgerOptions { keys: Some(keys), segment_bytes: 20_000, ..LedgerOptions::new("format", time(0)) };
    let log = dir.join("ledger");
    let (ledger, _) = Ledger::open(&log, options).expect("opens");
    for nth in 0..40_u8 {
        let text = TEXTS.get(usize::from(nth) % TEXTS.len()).copied().unwrap_or_default();
        let content =
            serde_json::json!({ "asked": text, "nth": nth, "of": ["ab".repeat(32), "cd".repeat(16)] });
        let aside = Aside::new(&content, [nth; 16]).expect("JSON");
        let at = time(i64::from(nth) * 1_000);
        let body = match nth % 10 {
            8 => Body::Fault(FaultNoted {
                pep: None,
                request_id: None,
                tenant: None,
                time: at,
                what: text.to_owned(),
            }),
            9 => Body::Transaction(TransactionChanged {
                aside: None,
                event: "open".to_owned(),
                pep: "gateway".to_owned(),
                request_id: None,
                time: at,
                transaction: format!("t-{nth}"),
            }),
            _ => Body::Decision(Box::new(decision(nth, text, at))),
        };
        let _receipt = ledger.append_blocking(Entry::new(body, aside)).expect("room");
    }
    let why = Erased { time: time(50_000), ..erased() };
    let gone = ledger.erase((0, u64::MAX), why, |record, _| record.seq % 7 == 3).expect("erased");
    let stopped = Stopped { cause: "written".to_owned(), time: time(60_000) };
    let _receipt = ledger.append_blocking(Body::Stopped(stopped)).expect("room");
    ledger.close().expect("closes");
    std::fs::remove_dir_all(log.join("index")).expect("an index");
    std::fs::remove_file(log.join("index.size")).expect("the length of the index");
    let verified = verify(&log).expect("is whole");
    println!("{} records, {gone} erased, root {}", verified.records, hex(&verified.root));
}

fn erased() -> Erased {
    serde_json::from_value(serde_json::json!({
        "author": "somebody", "records": 0, "time": "2026-01-01T00:00:00.000Z", "why": "asked for" }))
    .expect("as declared")
}

fn decision(nth: u8, text: &str, time: Timestamp) -> DecisionRecord {
    let text = text.to_owned();
    DecisionRecord {
        action: Some("read".to_owned()),
        actor: Some(Entity::new("agent", "scribe")),
        aside: None,
        chain: vec![Link { id: "scribe".to_owned(), issuer: None, kind: "agent".to_owned() }],
        context_hash: Some(hex(&[nth; 32])),
        decision: Some(if nth.is_multiple_of(3) { Decision::Deny } else { Decision::Allow }),
        decision_id: format!("01a21679-d0db-767a-bddf-70b9d57a98{nth:02x}"),
        engine: "0.1.0".into(),
        facts: Vec::new(),
        failures: vec![text.clone()],
        graph: Revision { digest: "a0".repeat(32).into(), revision: 3 },
        identity: None,
        intent: None,
        latency_us: u32::from(nth),
        missing: Vec::new(),
        mode: Mode::Evaluation,
        notes: Vec::new(),
        obligations: Vec::new(),
        pep: "gateway".into(),
        policy: Revision { digest: "00".repeat(32).into(), revision: 4 },
        reason: "permitted".into(),
        request_id: Some(text),
        resource: Some(Entity::new("record", format!("r-{nth}"))),
        rules: vec![RuleUse { effect: Effect::Permit, rule: "shop.read@1".to_owned() }],
        severity: None,
        shadow: None,
        subject: Some(Entity::new("user", "~1.bfa60fb38d1bff93e041281af816c099")),
        task: None,
        tenant: None,
        time,
        tokens: Vec::new(),
        transaction: None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
