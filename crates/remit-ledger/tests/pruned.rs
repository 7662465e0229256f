//! Questions to a log whose oldest records were dropped: the index and the log answer alike, from the first record that
//! is left on, also when the index is built anew.

#![expect(clippy::unwrap_used, reason = "clippy does not take helpers for tests")]

use remit_ledger::{
    Body, Column, Decision, DecisionRecord, Durability, Entity, Keys, Ledger, LedgerOptions, Mode, PruneNote,
    Query, Reading, Revision, Row, Scan, Step, Timestamp,
};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const RECORDS: u64 = 5_000;

fn body(n: u64) -> Body {
    let revision = Revision { digest: "ab".repeat(32).into(), revision: 1 };
    Body::Decision(Box::new(DecisionRecord {
        action: Some("read".into()),
        actor: None,
        aside: None,
        chain: vec![],
        context_hash: None,
        decision: Some(if n.is_multiple_of(10) { Decision::Deny } else { Decision::Allow }),
        decision_id: format!("d-{n}"),
        engine: "1".into(),
        facts: vec![],
        failures: vec![],
        graph: revision.clone(),
        identity: None,
        intent: None,
        latency_us: 1,
        missing: vec![],
        mode: Mode::Evaluation,
        notes: vec![],
        obligations: vec![],
        pep: "gate".into(),
        policy: revision,
        reason: "permitted".into(),
        request_id: None,
        resource: None,
        rules: vec![],
        severity: None,
        shadow: None,
        subject: Some(Entity::new("user", format!("u{}", n % 7))),
        task: None,
        tenant: None,
        time: Timestamp::from_unix_ms(1_764_000_000_000 + i64::try_from(n).unwrap()),
        tokens: vec![],
        transaction: None,
    }))
}

fn open(dir: &Path) -> Ledger {
    let key = dir.join("k/ledger.key");
    let keys = if key.is_file() { Keys::read(&key) } else { Keys::create(&key, "log.example/pruned") };
    let options = LedgerOptions {
        durability: Durability::Relaxed,
        segment_bytes: 100_000,
        keys: Some(keys.unwrap()),
        ..LedgerOptions::new("test", Timestamp::MIN)
    };
    Ledger::open(&dir.join("ledger"), options).unwrap().0
}

/// Waits until so little is not indexed that no chunk is missing.
fn indexed(ledger: &Ledger) {
    let begun = Instant::now();
    while ledger.health().index_lag >= 1_024 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", ledger.health());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Numbers of all records that a scan shows, with what it says of itself.
fn shown(
    scan: impl FnOnce(&Scan) -> (Vec<u64>, Option<(u64, u64)>, u64, u64),
) -> (Vec<u64>, Option<(u64, u64)>, u64) {
    let (seqs, range, first, indexed) = scan(&Scan { columns: vec![Column::Decision], ..Scan::default() });
    assert_eq!(range.map(|it| it.0), Some(first));
    (seqs, range, indexed)
}

fn collect(seqs: &mut Vec<u64>, row: &Row<'_>) -> Step {
    seqs.push(row.seq());
    Step::Next
}

fn all_of(ledger: &Ledger) -> (Vec<u64>, Option<(u64, u64)>, u64) {
    shown(|scan| {
        let it = ledger.scan(scan, Vec::new, collect).unwrap();
        (it.outcome, it.range, it.first, it.indexed)
    })
}

fn denials(ledger: &Ledger, newest_first: bool) -> Vec<u64> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let query =
            Query { decision: Some(Decision::Deny), after, newest_first, limit: 60, ..Query::default() };
        let page = ledger.decisions(&query).unwrap();
        assert_eq!(page.first, ledger.first());
        found.extend(page.records.iter().map(|it| it.seq));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

#[test]
fn what_is_left_is_answered_for_whole_whatever_the_index_holds() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bodies: Vec<_> = (1..=RECORDS).map(body).collect();
    for part in bodies.chunks(70) {
        assert_eq!(runtime.block_on(ledger.append_all(part.to_vec())).unwrap().len(), part.len());
    }
    indexed(&ledger);
    // Everything is there before; the key's own record is number 0.
    assert_eq!(all_of(&ledger).0, (0..=RECORDS).collect::<Vec<_>>());
    std::thread::sleep(Duration::from_millis(1_500));
    let what = ledger.prunable(2_900).unwrap().unwrap();
    let note = PruneNote { author: None, graph: None, policy: None, time: Timestamp::MIN, why: "age".into() };
    let first = ledger.prune(what.first, note).unwrap().first;
    assert!((2_049..2_900).contains(&first) && !first.is_multiple_of(1_024), "{first}");
    let expected: Vec<u64> = (first..=RECORDS + 1).collect();
    let denied: Vec<u64> = (first..=RECORDS).filter(|n| n.is_multiple_of(10)).collect();
    let check = |ledger: &Ledger, vouched: u64| {
        let (seqs, range, by_index) = all_of(ledger);
        assert_eq!((&seqs, range), (&expected, Some((first, RECORDS + 1))));
        assert_eq!(by_index, vouched);
        assert_eq!(denials(ledger, false), denied);
        assert_eq!(denials(ledger, true), denied.iter().rev().copied().collect::<Vec<_>>());
        let cursor = Query { after: Some(5), limit: 1, decision: Some(Decision::Deny), ..Query::default() };
        assert_eq!(
            ledger.decisions(&cursor).unwrap().records[0].seq,
            denied[0],
            "a cursor into what is gone"
        );
    };
    // Chunks from before, the one in the midst of which records were dropped among them.
    check(&ledger, 4_096 - first);
    ledger.close().unwrap();
    drop(ledger);

    // The same after a restart, and with the index gone: it begins with the first whole chunk.
    let ledger = open(dir.path());
    indexed(&ledger);
    check(&ledger, 4_096 - first);
    ledger.close().unwrap();
    drop(ledger);
    fs::remove_dir_all(dir.path().join("ledger/index")).unwrap();
    let ledger = open(dir.path());
    let begun = Instant::now();
    while all_of(&ledger).2 == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no chunk was built");
        std::thread::sleep(Duration::from_millis(20));
    }
    check(&ledger, 4_096 - first.next_multiple_of(1_024));
    ledger.close().unwrap();
    drop(ledger);

    let reading = Reading::open(&dir.path().join("ledger")).unwrap();
    assert_eq!(reading.first(), first);
    let found = reading.scan(&Scan::default(), Vec::new, collect).unwrap();
    assert_eq!((found.outcome, found.first), (expected.clone(), first));
    let early = Scan { range: Some(3..9), ..Scan::default() };
    let found = reading.scan(&early, Vec::new, collect).unwrap();
    assert_eq!((found.outcome, found.range), (vec![], None), "what was dropped is not answered for");
}
