//! `kill -9` under load, two hundred times and half a million acknowledged records: what was acknowledged is in the log,
//! and the log is a prefix of what was appended.
//!
//! The test starts itself again as the process to be killed, with a directory in its environment.

#![expect(clippy::unwrap_used, reason = "clippy does not take helpers for tests")]

use remit_ledger::{
    Body, Durability, FaultNoted, Ledger, LedgerOptions, Receipt, Record, Timestamp, read, verify,
};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Half a million acknowledged records in all; on demand five times as many.
fn rounds() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 1_000 } else { 200 }
}

/// Records that a round acknowledges before it is killed; every tenth is killed while it still opens the log.
const ACKNOWLEDGED: usize = 2_900;
/// A fresh directory now and then keeps each verification short.
const ROUNDS_PER_DIRECTORY: u64 = 4;
const THREADS: u64 = 8;
/// Records that a thread appends at once.
const AT_ONCE: u64 = 16;
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
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (ledger, round) = (&ledger, &round);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                // Ends by itself should nobody kill it.
                for batch in 0..20_000_u64 {
                    // Alone and together, by turns.
                    let numbers = batch * AT_ONCE..(batch + 1) * AT_ONCE;
                    let whats: Vec<String> = numbers.map(|n| format!("{round}/{thread}/{n}")).collect();
                    let acknowledge = |receipts: &[Receipt], whats: &[String]| {
                        let lines = receipts.iter().zip(whats);
                        let lines = lines.map(|(it, what)| format!("ack {} {} {what}", it.seq, it.leaf_hash));
                        say(&lines.collect::<Vec<_>>().join("\n"));
                    };
                    if batch % 4 == 3 {
                        for what in &whats {
                            let receipt = ledger.append_blocking(note(what.clone())).unwrap();
                            acknowledge(&[receipt], std::slice::from_ref(what));
                        }
                    } else {
                        let bodies: Vec<Body> = whats.iter().map(|what| note(what.clone())).collect();
                        acknowledge(&runtime.block_on(ledger.append_all(bodies)).unwrap(), &whats);
                    }
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
    for round in 0..rounds() {
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
    let rounds = rounds();
    println!(
        "{rounds} rounds, {acknowledged} acknowledged, 0 lost, {unanswered} more written, {cut} tails cut"
    );
    assert!(acknowledged as u64 >= rounds * 2_500);
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
    let (enough, has_enough) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut acks = Vec::new();
        for line in out.split(b'\n').map_while(Result::ok).filter_map(|it| String::from_utf8(it).ok()) {
            let mut words = line.strip_prefix("ack ").into_iter().flat_map(|it| it.split(' '));
            if let (Some(seq), Some(leaf), Some(what)) = (words.next(), words.next(), words.next()) {
                acks.push((seq.parse().unwrap(), leaf.to_owned(), what.to_owned()));
                if acks.len() == ACKNOWLEDGED {
                    let _late = enough.send(());
                }
            }
        }
        acks
    });
    // Every tenth is killed while it still opens the log.
    if round % 10 == 7 {
        std::thread::sleep(Duration::from_millis(round % 13));
    } else {
        has_enough.recv_timeout(Duration::from_secs(60)).unwrap();
        std::thread::sleep(Duration::from_micros(round * 7_919 % 4_000));
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
