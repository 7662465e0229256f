//! How long questions take: `cargo run --release -p remit-audit --example figures -- 1000000 [DIRECTORY]`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example that is run by hand")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use remit_audit::{Given, Question, ask};
use remit_ledger::Reading;
use support::{BEGIN_MS, SPAN_MS, fill, open, settle, time};

fn bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
    entries.map(|it| if it.path().is_dir() { bytes(&it.path()) } else { it.metadata().unwrap().len() }).sum()
}

/// The best and the median of five.
fn timed(mut work: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort();
    (times.first().copied().unwrap(), times.get(2).copied().unwrap())
}

fn main() {
    let mut args = std::env::args().skip(1);
    let records: u64 = args.next().map_or(1_000_000, |text| text.parse().unwrap());
    let kept = tempfile::tempdir().unwrap();
    let dir = args.next().map_or_else(|| kept.path().to_owned(), PathBuf::from);
    let ledger = open(&dir);
    if ledger.extent().size == 0 {
        let begun = Instant::now();
        fill(&ledger, records);
        println!("{records} records written in {:.1?}", begun.elapsed());
        settle(&ledger);
        println!("indexed after {:.1?}", begun.elapsed());
    }
    settle(&ledger);
    println!(
        "segments {} MB, index {} MB",
        bytes(&dir.join("segments")) >> 20,
        bytes(&dir.join("index")) >> 20
    );
    let now = remit_model::Timestamp::from_unix_nanos(i128::from(BEGIN_MS + SPAN_MS) * 1_000_000).unwrap();
    let since = time(records / 2, records).to_string();
    let given = |parameters: &[(&str, &str)]| Given {
        proof: false,
        parameters: parameters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
        ..Given::at(now)
    };
    for query in remit_audit::named() {
        let value = |name: &str| match name {
            "agent" => "agent:agent-7",
            "person" => "user:user-42",
            "object" => "invoice:invoice-7",
            "since" | "at" => since.as_str(),
            "until" => "2027-01-01",
            "done" => "transfer",
            "rule" => "bank.read_invoice@2",
            "id" if query.name == "transaction" => "t-5",
            "id" => "0198-000000000bb8",
            "size" => "25",
            _ => "x",
        };
        let parameters: Vec<(&str, &str)> = query
            .parameters
            .iter()
            .filter(|it| it.required)
            .map(|it| (it.name.as_str(), value(&it.name)))
            .collect();
        let mut rows = 0;
        let (best, median) = timed(|| {
            let replies = query.ask(&ledger, &given(&parameters), None, None).unwrap();
            rows = replies.answers.iter().map(|it| it.answer.rows.len()).sum();
        });
        println!("{:18} {best:>10.1?} {median:>10.1?}  {rows} rows", query.name);
    }
    for text in [
        "decision == deny and severity >= high",
        "reason matches r\"^chain\" and count(chain) > 1",
        "request_id == \"req-77\"",
    ] {
        let question = Question { order: vec!["-time".into()], ..Question::of(text) };
        let (best, median) = timed(|| drop(ask(&ledger, &question, &given(&[])).unwrap()));
        println!("{text:50} {best:>10.1?} {median:>10.1?}");
    }
    ledger.close().unwrap();
    drop(ledger);
    let begun = Instant::now();
    let log = Reading::open(&dir).unwrap();
    println!("opened offline with the index in {:.1?}", begun.elapsed());
    let question = Question { group: vec!["reason".into()], ..Question::of("decision == deny") };
    let (best, median) = timed(|| drop(ask(&log, &question, &given(&[])).unwrap()));
    println!("offline, denials by reason: {best:.1?} {median:.1?}");
    drop(log);
    std::fs::rename(dir.join("index"), dir.join("index.aside")).unwrap();
    let begun = Instant::now();
    let log = Reading::open(&dir).unwrap();
    let opened = begun.elapsed();
    let answer = ask(&log, &question, &given(&[])).unwrap();
    println!(
        "offline without an index: opened {opened:.1?}, answered after {:.1?}, {:?}",
        begun.elapsed(),
        answer.matched
    );
    std::fs::rename(dir.join("index.aside"), dir.join("index")).unwrap();
}
