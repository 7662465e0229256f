//! Scans: a record has the same cells whether it comes from the index or from the log, and a damaged index never makes
//! an answer other than that of the log.

#![expect(clippy::unwrap_used, reason = "clippy does not take helpers for tests")]

use remit_ledger::{
    Body, Column, Decision, DecisionRecord, Durability, Effect, Entity, FaultNoted, Ledger, LedgerOptions,
    Link, Mode, Reading, Record, Revision, Row, RuleUse, Scan, Shape, Step, Timestamp, read,
};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const RECORDS: u64 = 3_500;

fn body(n: u64) -> Body {
    let time = Timestamp::from_unix_ms(1_764_000_000_000 + i64::try_from(n).unwrap() * 1_000);
    if n % 97 == 5 {
        let what = format!("fault {n}");
        return Body::Fault(FaultNoted { pep: None, request_id: None, tenant: Some("t".into()), time, what });
    }
    let link = |id: String| Link { id, issuer: Some("https://issuer.example".into()), kind: "agent".into() };
    let long = n % 2_000 == 1_999;
    Body::Decision(Box::new(DecisionRecord {
        action: Some(format!("act-{}", n % 7)),
        actor: n.is_multiple_of(3).then(|| Entity::new("agent", format!("a{}", n % 300))),
        chain: (0..n % 4).map(|hop| link(format!("a{}", (n + hop) % 300))).collect(),
        aside: None,
        context_hash: Some("00".repeat(32)),
        decision: (!n.is_multiple_of(5)).then_some(if n % 5 == 1 { Decision::Deny } else { Decision::Allow }),
        decision_id: format!("d-{n}"),
        engine: "1".into(),
        facts: vec![],
        failures: if n.is_multiple_of(11) {
            vec![format!("é \"{}\"", n % 13), String::new()]
        } else {
            vec![]
        },
        graph: Revision { digest: "ab".repeat(32).into(), revision: n / 1_000 },
        identity: None,
        intent: None,
        latency_us: 3,
        missing: vec![],
        mode: Mode::Evaluation,
        notes: Vec::new(),
        obligations: vec![],
        pep: "gateway".into(),
        policy: Revision { digest: "cd".repeat(32).into(), revision: 1 },
        reason: "permitted".into(),
        request_id: None,
        resource: Some(if n.is_multiple_of(9) {
            Entity::any("file")
        } else {
            Entity::new("file", format!("f{n}"))
        }),
        severity: None,
        shadow: None,
        rules: vec![RuleUse { effect: Effect::Permit, rule: "p.r@1".into() }],
        // A chunk with these is too large for a block of the index.
        subject: Some(Entity::new("user", if long { "u".repeat(61_000) } else { format!("u{}", n % 40) })),
        task: None,
        tenant: None,
        time,
        tokens: vec!["ef".repeat(32)],
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

fn filled() -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bodies: Vec<_> = (0..RECORDS).map(body).collect();
    for part in bodies.chunks(1_000) {
        assert_eq!(runtime.block_on(ledger.append_all(part.to_vec())).unwrap().len(), part.len());
    }
    indexed(&ledger);
    (dir, ledger)
}

fn indexed(ledger: &Ledger) {
    let begun = Instant::now();
    while ledger.health().index_lag >= 1_024 && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(ledger.health().index_lag < 1_024);
}

/// The cells of a row in some columns, as one text.
fn spelled(row: &Row<'_>, columns: &[Column]) -> String {
    let cell = |column: &Column| match column.shape() {
        Shape::Text => format!("{:?}", row.text(*column)),
        Shape::Number => format!("{:?}", row.number(*column)),
        Shape::Texts => {
            let texts: Vec<_> = (0..row.count(*column)).map(|at| row.one_of(*column, at)).collect();
            format!("{texts:?}")
        }
    };
    columns.iter().map(|column| format!("{}={} ", column.path(), cell(column))).collect()
}

fn kept() -> Vec<Column> {
    Column::ALL.iter().copied().filter(|column| column.is_kept()).collect()
}

type Cells = (Vec<String>, u64);

/// Every row as text, and how many came from the index.
fn cells(ledger: &Ledger, scan: &Scan, columns: &[Column]) -> (Cells, Option<(u64, u64)>) {
    let scanned = ledger
        .scan(
            scan,
            || (Vec::new(), 0),
            |(rows, indexed): &mut Cells, row| {
                *indexed += u64::from(!row.is_whole());
                rows.push(format!("{} {}", row.seq(), spelled(row, columns)));
                Step::Next
            },
        )
        .unwrap();
    assert_eq!(scanned.head, ledger.extent());
    (scanned.outcome, scanned.range)
}

fn of(columns: &[Column]) -> Scan {
    Scan { columns: columns.to_vec(), ..Scan::default() }
}

#[test]
fn cells_from_the_index_are_those_of_the_log() {
    let (_dir, ledger) = filled();
    let few =
        [Column::Kind, Column::Time, Column::ActorId, Column::ChainIds, Column::Failures, Column::ResourceId];
    let ((from_log, none), _) = cells(&ledger, &Scan { from_log: true, ..of(&few) }, &few);
    assert_eq!((from_log.len() as u64, none), (RECORDS, 0));
    let ((from_index, many), range) = cells(&ledger, &of(&few), &few);
    assert_eq!((from_index, range), (from_log, Some((0, RECORDS - 1))));
    assert_eq!(many, 3 * 1_024);
    // All kept columns: the chunks with a block that is too large are read from the log.
    let ((all_log, _), _) = cells(&ledger, &Scan { from_log: true, ..of(&kept()) }, &kept());
    let ((all_index, many), _) = cells(&ledger, &of(&kept()), &kept());
    assert_eq!(all_index, all_log);
    assert_eq!(many, 2 * 1_024);
}

#[test]
fn a_scan_keeps_to_its_range_and_skips_only_what_lies_outside_its_times() {
    let (_dir, ledger) = filled();
    let columns = [Column::Seq];
    for range in [0..1, 1_000..1_100, 1_023..2_049, 3_100..3_499, 2_000..99_999, 7..7] {
        let ((rows, _), seen) =
            cells(&ledger, &Scan { range: Some(range.clone()), ..of(&columns) }, &columns);
        let end = range.end.min(RECORDS);
        assert_eq!(rows.len() as u64, end - range.start, "{range:?}");
        assert_eq!(seen, (end > range.start).then(|| (range.start, end - 1)), "{range:?}");
    }
    let at = |n: i64| Some(Timestamp::from_unix_ms(1_764_000_000_000 + n * 1_000));
    let ((rows, _), seen) =
        cells(&ledger, &Scan { from: at(2_100), to: at(2_200), ..of(&columns) }, &columns);
    assert_eq!((rows.len(), seen), (1_024 + 3_500 - 3_072, Some((0, RECORDS - 1))));
}

#[test]
fn a_visitor_may_read_the_whole_and_may_stop() {
    let (dir, ledger) = filled();
    let scan = of(&[Column::Kind]);
    let scanned = ledger
        .scan(&scan, Vec::new, |ids: &mut Vec<String>, row| match (row.is_whole(), row.seq()) {
            (false, seq) if seq % 10 == 0 => Step::Read,
            (false, _) => Step::Next,
            (true, seq) => {
                ids.push(row.text(Column::DecisionId).unwrap_or_default().to_owned());
                if seq >= 500 { Step::Stop } else { Step::Next }
            }
        })
        .unwrap();
    let records: Vec<Record> = read(dir.path(), 0, 500).map(Result::unwrap).collect();
    let ids: Vec<String> = records
        .iter()
        .step_by(10)
        .map(|it| it.body.decision().map(|it| it.decision_id.clone()).unwrap_or_default())
        .collect();
    assert_eq!((scanned.outcome, scanned.range), (ids, Some((0, 500))));
}

#[test]
fn a_damaged_index_changes_no_answer() {
    let (dir, ledger) = filled();
    let (expected, _) = cells(&ledger, &Scan { from_log: true, ..of(&kept()) }, &kept());
    ledger.close().unwrap();
    drop(ledger);
    let db = dir.path().join("index").join("db");
    let sound = fs::read(&db).unwrap();
    for round in 0..24_usize {
        let mut bad = sound.clone();
        for hit in 0..16 {
            let at = (round * 7_919 + hit * 104_729 + round * round * 31) % bad.len();
            if let Some(byte) = bad.get_mut(at) {
                *byte ^= 1 << (hit % 8);
            }
        }
        fs::write(&db, bad).unwrap();
        let reading = Reading::open(dir.path()).unwrap();
        let scanned = reading
            .scan(&of(&kept()), Vec::new, |rows: &mut Vec<String>, row| {
                rows.push(format!("{} {}", row.seq(), spelled(row, &kept())));
                Step::Next
            })
            .unwrap();
        assert_eq!(scanned.outcome, expected.0, "round {round}");
    }
}

#[test]
fn a_damaged_log_gives_no_answer() {
    let (dir, ledger) = filled();
    ledger.close().unwrap();
    drop(ledger);
    let last = fs::read_dir(dir.path().join("segments"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "seg"))
        .max();
    let Some(last) = last else { panic!("there is no segment") };
    let mut bytes = fs::read(&last).unwrap();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    fs::write(&last, bytes).unwrap();
    let outcome = Reading::open(dir.path()).map(|reading| {
        reading.scan(&Scan { from_log: true, ..Scan::default() }, || (), |(), _| Step::Next).map(|_| ())
    });
    assert!(!matches!(outcome, Ok(Ok(()))));
}
