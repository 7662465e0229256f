//! How large a log is and how fast it is decided again: `cargo run --release -p remit-pdp --example replay_load -- [N]`.
//!
//! Makes N decisions of the starter bundle through the decision point, relaxed, half of them by agents and one in eight
//! in a transaction; then verifies and replays, and prints sizes and rates. Every answer must come out as it was.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "an example speaks to people and may give up")]

use std::path::Path;
use std::time::Instant;

use remit_pdp::ledger::{self, Durability};
use remit_pdp::replay::Replay;
use remit_pdp::{Call, Options, Pdp, Pep, Rights};
use serde_json::{Value, json};

fn main() {
    let wanted: u64 = std::env::args().nth(1).map_or(100_000, |text| text.parse().expect("a number"));
    let data = std::env::temp_dir().join(format!("remit-replay-load-{}", std::process::id()));
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/starter");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let began = Instant::now();
    runtime.block_on(fill(&bundle, &data, wanted));
    println!("{wanted} decisions made in {:.1} s", began.elapsed().as_secs_f64());
    report(&data);
    std::fs::remove_dir_all(&data).expect("the folder can be removed");
}

async fn fill(bundle: &Path, data: &Path, wanted: u64) {
    let options = Options { durability: Durability::Relaxed, ..Options::new(bundle, data) };
    let pdp = Pdp::start(options).expect("starts");
    // As a service without a webhook: nobody waits to be told of incidents.
    pdp.incidents().tell_nobody();
    let pep = Pep::new("gateway", Rights::all());
    let call = Call { pep: &pep, request_id: None };
    for nth in 0..wanted {
        if nth % 1_024 == 0 {
            let open = json!({ "subject": { "type": "user", "id": "imani" }, "txn": format!("t-{nth}"),
                "intent": { "tasks": [{ "name": "see", "actions": ["read"], "resource": { "type": "record" } }] } });
            let opened = pdp.open_transaction(&call, open.to_string().as_bytes()).await;
            opened.map(drop).expect("a transaction opens");
        }
        let asked = question(nth);
        pdp.evaluation(&call, asked.to_string().as_bytes()).await.map(drop).expect("an answer");
    }
    pdp.stop("filled").await;
}

/// Traffic of all kinds: users, refunds of every size, agents with messages, steps of a transaction.
fn question(nth: u64) -> Value {
    let user = match nth % 3 {
        0 => "imani",
        1 => "noor",
        _ => "bea",
    };
    let context = json!({ "ip": format!("198.51.100.{}", nth % 250), "session": format!("s-{}", nth / 16) });
    match nth % 8 {
        0 => json!({ "subject": { "type": "user", "id": "imani" }, "action": { "name": "read" },
            "resource": { "type": "record", "id": "ecg-7" },
            "context": { "act": { "sub": "scribe" }, "txn": format!("t-{}", nth / 1_024 * 1_024) } }),
        1 | 5 => json!({ "subject": { "type": "agent", "id": "scribe" }, "action": { "name": "call" },
            "resource": { "type": "tool", "id": "transcriber" },
            "context": { "message": { "classification": "internal" }, "session": format!("s-{}", nth / 16) } }),
        2 => {
            json!({ "subject": { "type": "user", "id": "bea" }, "resource": { "type": "invoice", "id": "inv-1" },
            "action": { "name": "refund", "properties": { "amount": nth % 1_500 } }, "context": context })
        }
        _ => json!({ "subject": { "type": "user", "id": user }, "action": { "name": "read" },
            "resource": { "type": "record", "id": if nth % 16 < 8 { "ecg-7" } else { "plan-7" } },
            "context": context }),
    }
}

fn report(data: &Path) {
    let bytes = size(&data.join("ledger/segments"));
    let all = size(data);
    let began = Instant::now();
    let verified = ledger::verify(&data.join("ledger")).expect("the log is whole");
    let seconds = began.elapsed().as_secs_f64();
    let records = verified.records;
    let each = |bytes: u64| bytes as f64 / records as f64;
    println!("{records} records; segments {:.0} bytes each, everything {:.0}", each(bytes), each(all));
    println!("verified in {seconds:.2} s, {:.0} records a second", records as f64 / seconds);
    let (began, before) = (Instant::now(), cpu());
    let report = Replay::of(data).run(|_| {}).expect("the log is whole");
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "replayed {} decisions in {seconds:.2} s, {:.0} a second, {:.1} µs of processor each: {} the same",
        report.replayed,
        report.replayed as f64 / seconds,
        (cpu() - before) * 1e6 / report.replayed as f64,
        report.same
    );
    assert_eq!(report.replayed, report.same, "{report:#?}");
    assert!(report.not_replayable.is_empty(), "{report:#?}");
}

/// Processor seconds of this process so far, as the kernel counts them in ticks of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux");
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2).map(|it| it.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() / 100.0
}

fn size(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else {
        return std::fs::metadata(path).map_or(0, |it| it.len());
    };
    entries.filter_map(Result::ok).map(|entry| size(&entry.path())).sum()
}
