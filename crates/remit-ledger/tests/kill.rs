//! `kill -9` under load: what was acknowledged is in the log, and the log is a prefix of what was appended.
//!
//! The test starts itself again as the process to be killed, with a directory in its environment.

#![expect(clippy::unwrap_used, reason = "clippy does not take helpers for tests")]

use remit_ledger::{Body, Durability, FaultNoted, Ledger, LedgerOptions, Record, Timestamp, read, verify};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ROUNDS: u64 = 50;
/// A fresh directory now and then keeps each verification short.
const ROUNDS_PER_DIRECTORY: u64 = 5;
const THREADS: u64 = 8;
const DIRECTORY: &str = "REMIT_LEDGER_KILL_DIRECTORY";
const ROUND: &str = "REMIT_LEDGER_KILL_ROUND";

/// The process to be killed: appends from eight threads and says so, line by line, after each receipt.
#[test]
fn worker() {
    let (Ok(dir), Ok(round)) = (std::env::var(DIRECTORY), std::env::var(ROUND)) else { return };
    let even = round.parse::<u64>().unwrap().is_multiple_of(2);
    let durability = if even { Durability::Strict } else { Durability::Relaxed };
    let options = LedgerOptions {
        durability,
        segment_bytes: 200_000,
        ..LedgerOptions::new("worker", Timestamp::from_unix_ms(0))
    };
    let (ledger, _) = Ledger::open(Path::new(&dir), options).unwrap();
    say("ready");
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (ledger, round) = (&ledger, &round);
            scope.spawn(move || {
                // Ends by itself should nobody kill it.
                for n in 0..200_000_u64 {
                    let what = format!("{round}/{thread}/{n}");
                    let receipt = ledger.append_blocking(note(what.clone())).unwrap();
                    say(&format!("ack {} {} {what}", receipt.seq, receipt.leaf_hash));
                }
            });
        }
    });
}

fn note(what: String) -> Body {
    Body::Fault(FaultNoted {
        pep: None,
        request_id: None,
        tenant: None,
        time: Timestamp::from_unix_ms(1),
        what,
    })
}

/// One line in one write, so that a kill leaves no half of it.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}

#[test]
fn acknowledged_records_survive_kill_and_the_log_is_a_prefix() {
    let (mut acknowledged, mut cut, mut unanswered) = (0, 0, 0);
    let mut dir = tempfile::tempdir().unwrap();
    let mut before = 0;
    for round in 0..ROUNDS {
        if round.is_multiple_of(ROUNDS_PER_DIRECTORY) {
            dir = tempfile::tempdir().unwrap();
            before = 0;
        }
        let acks = killed(dir.path(), round);
        let options = LedgerOptions::new("parent", Timestamp::from_unix_ms(2));
        let (ledger, recovery) = Ledger::open(dir.path(), options).unwrap();
        ledger.close().unwrap();
        cut += recovery.cuts.len();
        let records: Vec<Record> = read(dir.path(), before, u64::MAX).map(Result::unwrap).collect();
        for (seq, leaf, what) in &acks {
            let record = seq.checked_sub(before).and_then(|nth| records.get(usize::try_from(nth).unwrap()));
            let record = record.unwrap_or_else(|| panic!("round {round}: acknowledged record {seq} is lost"));
            assert_eq!((record.leaf_hash.to_string(), said(record)), (leaf.clone(), Some(what.as_str())));
        }
        before += records.len() as u64;
        if (round + 1).is_multiple_of(ROUNDS_PER_DIRECTORY) {
            assert_eq!(verify(dir.path()).unwrap().records, before);
        }
        unanswered += prefix(round, &records) - acks.len();
        acknowledged += acks.len();
    }
    println!("{acknowledged} acknowledged, {unanswered} more written, {cut} tails cut");
    assert!(acknowledged > 1_000);
}

/// Lets a worker run for a while and kills it; gives what it acknowledged.
fn killed(dir: &Path, round: u64) -> Vec<(u64, String, String)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["worker", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (ready, is_ready) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut acks = Vec::new();
        for line in out.split(b'\n').map_while(Result::ok).filter_map(|it| String::from_utf8(it).ok()) {
            if line == "ready" {
                ready.send(()).unwrap();
            }
            let mut words = line.strip_prefix("ack ").into_iter().flat_map(|it| it.split(' '));
            if let (Some(seq), Some(leaf), Some(what)) = (words.next(), words.next(), words.next()) {
                acks.push((seq.parse().unwrap(), leaf.to_owned(), what.to_owned()));
            }
        }
        acks
    });
    // Every tenth is killed while it still opens the log.
    if round % 10 == 7 {
        std::thread::sleep(Duration::from_millis(round % 13));
    } else {
        is_ready.recv_timeout(Duration::from_secs(20)).unwrap();
        std::thread::sleep(Duration::from_millis(40 + round * 7_919 % 110));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn said(record: &Record) -> Option<&str> {
    if let Body::Fault(it) = &record.body { Some(&it.what) } else { None }
}

/// Of each thread of the round, the first so many appends and no others are there, in order; gives how many.
fn prefix(round: u64, records: &[Record]) -> usize {
    let mut next: HashMap<&str, u64> = HashMap::new();
    for what in records.iter().filter_map(said) {
        let mut parts = what.split('/');
        if parts.next() == Some(round.to_string().as_str()) {
            let count = next.entry(parts.next().unwrap()).or_default();
            assert_eq!(parts.next().unwrap().parse(), Ok(*count), "a gap before {what}");
            *count += 1;
        }
    }
    next.values().map(|count| usize::try_from(*count).unwrap()).sum()
}
