//! How long it takes to verify a log, to open it, to sign a head over new records, and to prove one of them.
//!
//! `cargo run --release -p remit-ledger --example proof_speed -- [RECORDS]`
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people")]

use remit_ledger::{
    Body, Durability, FaultNoted, Inclusion, Keys, Ledger, LedgerOptions, Timestamp, Trust, export, read,
    verify_export, verify_with,
};
use std::time::Instant;

/// About what a decision takes.
const FILLER: usize = 350;
/// Records in one turn of the checkpointer.
const NEW: u64 = 10_000;

fn main() {
    let records: u64 = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::generate("log.example/speed").unwrap();
    let open = || {
        let options = LedgerOptions {
            durability: Durability::Relaxed,
            keys: Some(keys.clone()),
            ..LedgerOptions::new("speed", Timestamp::from_unix_ms(0))
        };
        Ledger::open(dir.path(), options).unwrap().0
    };
    let append = |ledger: &Ledger, until: u64| {
        while ledger.extent().size < until {
            let what = format!("{} {}", ledger.extent().size, "x".repeat(FILLER));
            let time = Timestamp::from_unix_ms(1);
            let note = FaultNoted { pep: None, request_id: None, tenant: None, time, what };
            let _receipt = ledger.append_blocking(Body::Fault(note)).unwrap();
        }
    };
    let ledger = open();
    timed(&format!("append {records} records"), || append(&ledger, records));
    ledger.close().unwrap();
    drop(ledger);
    let trust = Trust { keys: keys.vkeys(), heads: vec![] };
    timed("verify them all", || verify_with(dir.path(), &trust).map(drop).unwrap());
    let ledger = timed("open the ledger", open);
    append(&ledger, records + NEW);
    timed(&format!("sign a head over {NEW} new records, and close"), || ledger.close().unwrap());
    drop(ledger);
    let ledger = open();
    let leaf = read(dir.path(), 7, 7).next().unwrap().unwrap().leaf_hash;
    timed("prove 1,000 records", || {
        (0..1_000).for_each(|n| drop(ledger.inclusion(n * records / 1_000, None).unwrap()));
    });
    let proof = Inclusion::parse(&ledger.inclusion(7, None).unwrap().text()).unwrap();
    timed("check 1,000 proofs", || {
        (0..1_000).for_each(|_| drop(proof.verify(&leaf.0, &keys.vkeys()).unwrap()));
    });
    println!("a proof is {} bytes", proof.text().len());
    let out = dir.path().join("export");
    let last = (records - 1).min(99_999);
    timed(&format!("export {} records", last + 1), || {
        export(dir.path(), 0..=last, &keys, &out).map(drop).unwrap()
    });
    timed("verify the export", || verify_export(&out, &keys.vkeys()).map(drop).unwrap());
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (begin, cpu) = (Instant::now(), on_cpu());
    let made = work();
    let wall = begin.elapsed().as_secs_f64() * 1_000.0;
    // On a shared machine only the second number says what the work costs.
    let cpu = on_cpu().zip(cpu).map(|(now, then)| format!(", {:.1} ms on this thread", now - then));
    println!("{what}: {wall:.1} ms{}", cpu.unwrap_or_default());
    made
}

/// Milliseconds that this thread has run, where the system tells.
fn on_cpu() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse::<f64>().ok().map(|nanos| nanos / 1_000_000.0)
}
