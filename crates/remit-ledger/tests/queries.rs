//! Questions: every filter equals a brute-force reading of the log, whatever became of the index.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy does not take helpers for tests")]

use remit_ledger::{
    Body, Decision, DecisionRecord, Durability, Effect, Entity, EntityFilter, FaultNoted, Ledger,
    LedgerOptions, Link, Mode, Query, QueryError, Record, Revision, RuleUse, SearchKind, Timestamp, read,
};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const RECORDS: u64 = 2_600;

fn pick<'a>(seed: u64, from: &[&'a str]) -> &'a str {
    from[usize::try_from(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33).unwrap() % from.len()]
}

/// A world in which values repeat at different rates, times are out of order and some records are no decisions.
fn body(n: u64) -> Body {
    let time = Timestamp::from_unix_ms(1_764_000_000_000 + i64::try_from(n * 10 + (n * 7919) % 500).unwrap());
    if n % 97 == 5 {
        let what = "a fault is no decision".to_owned();
        return Body::Fault(FaultNoted {
            pep: Some("gateway".into()),
            request_id: None,
            tenant: None,
            time,
            what,
        });
    }
    let search = n % 31 == 3;
    let actor = (n % 5 == 1).then(|| Entity::new("agent", format!("agent-{}", n % 11)));
    let chain =
        actor.iter().map(|it| Link { id: it.id.clone().unwrap(), issuer: None, kind: it.kind.clone() });
    let planner = Link { id: "planner".into(), issuer: None, kind: "service".into() };
    Body::Decision(Box::new(DecisionRecord {
        action: (!search).then(|| pick(n, &["read", "write", "refund", "delete"]).to_owned()),
        aside: None,
        chain: chain.chain((n % 10 == 1).then_some(planner)).collect(),
        actor,

        context_hash: None,
        decision: (!search).then_some(if n.is_multiple_of(3) { Decision::Deny } else { Decision::Allow }),
        decision_id: format!("d-{n}"),
        engine: "0".into(),
        facts: vec![],
        failures: vec![],
        graph: Revision::default(),
        identity: None,
        intent: None,
        latency_us: 1,
        missing: vec![],
        mode: if search { Mode::Search { query: SearchKind::Action, results: 2 } } else { Mode::Evaluation },
        notes: Vec::new(),
        obligations: vec![],
        pep: pick(n / 7, &["gateway", "console"]).into(),
        policy: Revision::default(),
        reason: pick(n / 3, &["permitted", "forbidden", "no_rule"]).into(),
        request_id: None,
        resource: (n % 13 != 4).then(|| Entity::new(pick(n, &["order", "file"]), format!("r{}", n % 70))),
        rules: (0..n % 3)
            .map(|r| RuleUse { effect: Effect::Permit, rule: format!("shop.r{}@{}", r, 1 + n % 2) })
            .collect(),
        severity: None,
        shadow: None,
        subject: Some(Entity::new(pick(n, &["user", "robot"]), format!("s \"{}\"", n % 40))),
        task: None,
        tenant: None,
        time,
        tokens: vec![],
        transaction: None,
    }))
}

fn open(dir: &Path) -> Ledger {
    let options = LedgerOptions {
        durability: Durability::Relaxed,
        segment_bytes: 300_000,
        ..LedgerOptions::new("test", Timestamp::MIN)
    };
    Ledger::open(dir, options).unwrap().0
}

fn fill(ledger: &Ledger, numbers: std::ops::Range<u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bodies: Vec<_> = numbers.map(body).collect();
    for part in bodies.chunks(1_000) {
        assert_eq!(runtime.block_on(ledger.append_all(part.to_vec())).unwrap().len(), part.len());
    }
}

fn filled() -> (TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    fill(&ledger, 0..RECORDS);
    (dir, ledger)
}

fn indexed(ledger: &Ledger) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while ledger.health().index_lag >= 1_024 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    ledger.health().index_lag < 1_024
}

/// The questions, each with what it means for a record.
type Case = (&'static str, Query, fn(&DecisionRecord) -> bool);

fn cases() -> Vec<Case> {
    let text = |it: &str| Some(it.to_owned());
    let time = |ms: i64| Timestamp::from_unix_ms(1_764_000_000_000 + ms);
    let kind = |it: &str| Some(EntityFilter { kind: Some(it.to_owned()), ..EntityFilter::default() });
    let id = |it: &str| Some(EntityFilter { id: Some(it.to_owned()), ..EntityFilter::default() });
    let all = Query::default;
    vec![
        ("all", all(), |_| true),
        ("from", Query { from: Some(time(20_000)), ..all() }, |it| {
            it.time >= Timestamp::from_unix_ms(1_764_000_020_000)
        }),
        ("to", Query { to: Some(time(9_000)), ..all() }, |it| {
            it.time < Timestamp::from_unix_ms(1_764_000_009_000)
        }),
        ("never", Query { to: Some(time(-1)), ..all() }, |_| false),
        ("subject", Query { subject: Some(EntityFilter::exactly("user", "s \"4\"")), ..all() }, |it| {
            it.subject == Some(Entity::new("user", "s \"4\""))
        }),
        ("subject type", Query { subject: kind("robot"), ..all() }, |it| {
            it.subject.as_ref().unwrap().kind == "robot"
        }),
        ("subject id", Query { subject: id("s \"4\""), ..all() }, |it| {
            it.subject.as_ref().unwrap().id.as_deref() == Some("s \"4\"")
        }),
        (
            "either subject",
            Query {
                subject: Some(EntityFilter {
                    also: vec!["s \"5\"".to_owned()],
                    ..EntityFilter::exactly("user", "s \"4\"")
                }),
                ..all()
            },
            |it| {
                let id = it.subject.as_ref().filter(|it| it.kind == "user").and_then(|it| it.id.as_deref());
                matches!(id, Some("s \"4\"" | "s \"5\""))
            },
        ),
        ("action", Query { action: text("refund"), ..all() }, |it| it.action.as_deref() == Some("refund")),
        ("resource", Query { resource: Some(EntityFilter::exactly("file", "r18")), ..all() }, |it| {
            it.resource == Some(Entity::new("file", "r18"))
        }),
        ("actor", Query { actor: id("agent-3"), ..all() }, |it| {
            it.actor.as_ref().is_some_and(|it| it.id.as_deref() == Some("agent-3"))
        }),
        ("in the chain", Query { actor: kind("service"), ..all() }, |it| {
            it.chain.iter().any(|it| it.kind == "service")
        }),
        ("allow", Query { decision: Some(Decision::Allow), ..all() }, |it| {
            it.decision == Some(Decision::Allow)
        }),
        ("deny", Query { decision: Some(Decision::Deny), ..all() }, |it| it.decision == Some(Decision::Deny)),
        ("rule", Query { rule: text("shop.r1"), ..all() }, |it| {
            it.rules.iter().any(|it| it.rule.starts_with("shop.r1@"))
        }),
        ("rule version", Query { rule: text("shop.r0@2"), ..all() }, |it| {
            it.rules.iter().any(|it| it.rule == "shop.r0@2")
        }),
        ("reason", Query { reason: text("no_rule"), ..all() }, |it| it.reason == "no_rule"),
        ("pep", Query { pep: text("console"), ..all() }, |it| it.pep == "console".into()),
        ("id", Query { decision_id: text("d-1500"), ..all() }, |it| it.decision_id == "d-1500"),
        ("unknown", Query { action: text("fly"), ..all() }, |_| false),
        (
            "together",
            Query {
                from: Some(time(5_000)),
                to: Some(time(30_000)),
                action: text("read"),
                decision: Some(Decision::Deny),
                subject: kind("user"),
                ..all()
            },
            |it| {
                (5_000..30_000).contains(&(it.time.unix_ms() - 1_764_000_000_000))
                    && it.action.as_deref() == Some("read")
                    && it.decision == Some(Decision::Deny)
                    && it.subject.as_ref().unwrap().kind == "user"
            },
        ),
    ]
}

/// All pages of an answer.
fn ask(ledger: &Ledger, query: &Query) -> Vec<Record> {
    let mut query = query.clone();
    let mut records: Vec<Record> = Vec::new();
    let mut covered: Option<u64> = None;
    loop {
        let page = ledger.decisions(&query).unwrap();
        let (first, last) = page.range.unwrap();
        if let Some(before) = covered {
            assert_eq!(if query.newest_first { last + 1 } else { first - 1 }, before, "pages meet");
        }
        covered = Some(if query.newest_first { first } else { last });
        records.extend(page.records);
        let Some(next) = page.next else {
            assert_eq!(covered, Some(if query.newest_first { 0 } else { page.head.size - 1 }));
            return records;
        };
        assert_eq!(next, records.last().unwrap().seq);
        query.after = Some(next);
    }
}

/// Every question against reading the whole log.
fn check_all(dir: &Path, ledger: &Ledger, limit: usize) {
    let everything: Vec<Record> = read(dir, 0, u64::MAX).map(Result::unwrap).collect();
    for (name, query, means) in cases() {
        let expected: Vec<u64> =
            everything.iter().filter(|it| it.body.decision().is_some_and(means)).map(|it| it.seq).collect();
        assert_ne!(expected.is_empty(), !matches!(name, "never" | "unknown"), "{name} finds nothing");
        let found = ask(ledger, &Query { limit, ..query.clone() });
        assert!(found.iter().all(|it| *it == everything[usize::try_from(it.seq).unwrap()]));
        assert_eq!(found.iter().map(|it| it.seq).collect::<Vec<_>>(), expected, "{name}");
        let mut found = ask(ledger, &Query { limit, newest_first: true, ..query });
        found.reverse();
        assert_eq!(found.iter().map(|it| it.seq).collect::<Vec<_>>(), expected, "{name}, newest first");
    }
}

#[test]
fn every_filter_equals_brute_force_with_and_without_index() {
    let (dir, ledger) = filled();
    check_all(dir.path(), &ledger, 1_000);
    assert!(indexed(&ledger));
    check_all(dir.path(), &ledger, 1_000);
    check_all(dir.path(), &ledger, 130);
    // Records that no chunk holds yet are in the answer.
    fill(&ledger, RECORDS..RECORDS + 300);
    check_all(dir.path(), &ledger, 1_000);
}

#[test]
fn an_index_that_is_deleted_or_damaged_changes_no_answer() {
    let (dir, ledger) = filled();
    assert!(indexed(&ledger));
    ledger.close().unwrap();
    let index = dir.path().join("index");
    let good = fs::read(index.join("db")).unwrap();
    let zeroed = |at: usize, length: usize| {
        let mut bad = good.clone();
        let end = bad.len().min(at + length);
        bad[at..end].fill(0);
        bad
    };
    let flipped = |seed: usize| {
        let mut bad = good.clone();
        for n in 0..16 {
            let at = (seed * 7_919 + n * 104_729 + seed * n) % bad.len();
            bad[at] ^= 0x55;
        }
        bad
    };
    let mut damages: Vec<(String, Option<Vec<u8>>)> = vec![
        ("deleted".to_owned(), None),
        ("empty".to_owned(), Some(vec![])),
        ("cut by half".to_owned(), Some(good[..good.len() / 2].to_vec())),
        ("cut by a byte".to_owned(), Some(good[..good.len() - 1].to_vec())),
        ("zero at the start".to_owned(), Some(zeroed(0, 4_096))),
    ];
    damages.extend(
        (0..3).map(|n| (format!("zero at {n}"), Some(zeroed(good.len() * n / 3 + good.len() / 10, 4_096)))),
    );
    damages.extend((0..4).map(|seed| (format!("flips {seed}"), Some(flipped(seed)))));
    for (case, bytes) in damages {
        match bytes {
            Some(bytes) => fs::write(index.join("db"), bytes).unwrap(),
            None => fs::remove_dir_all(&index).unwrap(),
        }
        let ledger = open(dir.path());
        assert!(indexed(&ledger), "{case}: the index is not rebuilt");
        check_some(&ledger, &case);
        ledger.close().unwrap();
    }
    fs::write(index.join("snap.0000000000000000.generating"), "").unwrap();
    let ledger = open(dir.path());
    assert!(indexed(&ledger));
    check_some(&ledger, "left-over snapshot");
}

/// A few questions that touch every chunk, with answers known from the numbers alone.
fn check_some(ledger: &Ledger, case: &str) {
    for number in (0..RECORDS).step_by(301) {
        let query = Query { decision_id: Some(format!("d-{number}")), ..Query::default() };
        let found: Vec<u64> = ledger.decisions(&query).unwrap().records.iter().map(|it| it.seq).collect();
        assert_eq!(found, if number % 97 == 5 { vec![] } else { vec![number] }, "{case}");
    }
    let denied = Query { decision: Some(Decision::Deny), limit: 1_000, ..Query::default() };
    let expected = (0..RECORDS).filter(|n| n % 3 == 0 && n % 97 != 5 && n % 31 != 3).count();
    assert_eq!(ask(ledger, &denied).len(), expected, "{case}");
}

#[test]
fn an_index_of_another_log_is_not_believed() {
    let (dir, ledger) = filled();
    assert!(indexed(&ledger));
    ledger.close().unwrap();
    let other = tempfile::tempdir().unwrap();
    let ledger = open(other.path());
    fill(&ledger, 100..100 + RECORDS);
    ledger.close().unwrap();
    fs::remove_dir_all(other.path().join("index")).unwrap();
    fs::rename(dir.path().join("index"), other.path().join("index")).unwrap();
    fs::rename(dir.path().join("index.size"), other.path().join("index.size")).unwrap();
    let ledger = open(other.path());
    assert!(indexed(&ledger));
    check_all(other.path(), &ledger, 1_000);
}

#[test]
fn a_damaged_log_gives_no_answer_rather_than_a_shorter_one() {
    let (dir, ledger) = filled();
    assert!(indexed(&ledger));
    let query = Query { decision_id: Some("d-500".to_owned()), ..Query::default() };
    assert_eq!(ledger.decisions(&query).unwrap().records.len(), 1);
    let segments = fs::read_dir(dir.path().join("segments")).unwrap();
    for segment in segments.map(|it| it.unwrap().path()) {
        let mut bytes = fs::read(&segment).unwrap();
        // As it stands in its short form: a word of the format follows the id.
        let wanted = b"d-500\x0c";
        if let Some(at) = bytes.windows(wanted.len()).position(|it| it == wanted) {
            bytes[at + 3] ^= 1;
            fs::write(&segment, bytes).unwrap();
        }
    }
    let Err(QueryError::Damaged(fault)) = ledger.decisions(&query) else {
        panic!("an answer from a damaged log")
    };
    assert_eq!(fault.seq, 500);
}

#[test]
fn a_page_has_bounds_and_a_cursor_a_place() {
    let (_dir, ledger) = filled();
    for limit in [0, 1_001] {
        let refused = ledger.decisions(&Query { limit, ..Query::default() });
        assert!(matches!(refused, Err(QueryError::PageSize { records }) if records == limit));
    }
    let at = |after| ledger.decisions(&Query { after: Some(after), ..Query::default() });
    assert!(at(RECORDS - 1).unwrap().records.is_empty());
    assert!(matches!(at(RECORDS), Err(QueryError::Cursor)));
    let dir = tempfile::tempdir().unwrap();
    let empty = open(dir.path()).decisions(&Query::default()).unwrap();
    assert_eq!((empty.records.len(), empty.next, empty.range), (0, None, None));
}
