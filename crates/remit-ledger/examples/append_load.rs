//! Measures the ledger on the disk it would live on: appends in both durabilities beside the disk's own
//! `fdatasync`, then verification and questions.
//!
//! `cargo run --release -p remit-ledger --example append_load -- [DIR] [SECONDS]`

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use remit_ledger::{
    Body, Decision, DecisionRecord, Durability, Effect, Entity, EntityFilter, FactRead, Ledger,
    LedgerOptions, Mode, Query, Revision, RuleUse, Timestamp, verify,
};
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap_or_else(|| "data/append_load".to_owned());
    let seconds = arguments.next().map_or(Ok(3), |it| it.parse())?;
    let dir = Path::new(&dir);
    fs::create_dir_all(dir)?;
    let record = serde_json::to_vec(&decision(0))?.len() + 180;
    println!("records of about {record} bytes in `{}`", dir.display());
    let sync = fdatasync(dir, record)?;
    println!(
        "fdatasync after {record} bytes: p50 {} µs, p99 {} µs",
        sync.p50.as_micros(),
        sync.p99.as_micros()
    );
    idle(&dir.join("idle"))?;
    println!(
        "{:<8} {:>8} {:>11} {:>8} {:>8} {:>10} {:>9} {:>9} {:>9}",
        "", "clients", "records/s", "p50 µs", "p99 µs", "CPU µs/rec", "of bound", "p50/sync", "p99/sync"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for durability in [Durability::Strict, Durability::Relaxed] {
        for clients in [1, 16, 64, 256] {
            let load = Load { durability, clients, time: Duration::from_secs(seconds) };
            let at = dir.join(format!("{}-{clients}", durability.as_str()));
            fs::remove_dir_all(&at).or_else(absent)?;
            // The disk is measured anew before each: on a machine with others it is another disk each time.
            load.run(&runtime, &at, fdatasync(dir, record)?)?;
        }
    }
    questions(&dir.join("relaxed-256"))
}

fn absent(fault: std::io::Error) -> std::io::Result<()> {
    if fault.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(fault) }
}

/// A decision of usual size; users and orders repeat.
fn decision(n: u64) -> DecisionRecord {
    DecisionRecord {
        action: Some("refund".to_owned()),
        actor: None,
        aside: None,
        chain: vec![],
        context_hash: Some("0f".repeat(32)),
        decision: Some(if n.is_multiple_of(9) { Decision::Deny } else { Decision::Allow }),
        decision_id: format!("0198c0de-0000-7000-8000-{n:012x}"),
        engine: "0.1.0".into(),
        facts: vec![FactRead { name: "user.department".to_owned(), provenance: "graph".to_owned() }],
        failures: vec![],
        graph: Revision { digest: "ab".repeat(32).into(), revision: 7 },
        identity: None,
        intent: None,
        latency_us: 3,
        missing: vec![],
        mode: Mode::Evaluation,
        notes: Vec::new(),
        obligations: vec![],
        pep: "gateway".into(),
        policy: Revision { digest: "cd".repeat(32).into(), revision: 4 },
        reason: "permitted".into(),
        request_id: Some(format!("req-{n}")),
        resource: Some(Entity::new("order", format!("o-{}", n % 50_000))),
        rules: vec![RuleUse { effect: Effect::Permit, rule: "shop.refunds@1".to_owned() }],
        severity: None,
        shadow: None,
        subject: Some(Entity::new("user", format!("u-{}", n % 5_000))),
        task: None,
        tenant: None,
        time: Timestamp::from(SystemTime::now()),
        tokens: vec![],
        transaction: None,
    }
}

/// What a write and its `fdatasync` take on this disk.
#[derive(Clone, Copy)]
struct Disk {
    p50: Duration,
    p99: Duration,
}

/// What one append of this size and its `fdatasync` take here, of many.
fn fdatasync(dir: &Path, bytes: usize) -> Outcome<Disk> {
    let path = dir.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..1_000 {
        let start = Instant::now();
        file.write_all(&vec![b'x'; bytes])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(path)?;
    Ok(Disk { p50: quantile(&mut times, 50), p99: quantile(&mut times, 99) })
}

fn quantile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get(times.len() * percent / 100).copied().unwrap_or_default()
}

/// CPU time of this process so far, as the kernel counts it in ticks of 10 ms.
fn cpu() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// Memory of this process that is in use.
fn resident() -> Outcome<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.unwrap_or("unknown").trim().to_owned())
}

struct Load {
    durability: Durability,
    clients: u64,
    time: Duration,
}

impl Load {
    fn run(&self, runtime: &tokio::runtime::Runtime, at: &Path, sync: Disk) -> Outcome<()> {
        let now = Timestamp::from(SystemTime::now());
        let options = LedgerOptions { durability: self.durability, ..LedgerOptions::new("load", now) };
        let ledger = Arc::new(Ledger::open(at, options)?.0);
        let (began, before) = (Instant::now(), cpu()?);
        let end = began + self.time;
        let mut times = runtime.block_on(async {
            let clients: Vec<_> = (0..self.clients)
                .map(|client| tokio::spawn(appends(ledger.clone(), client << 32, end)))
                .collect();
            let mut times = Vec::new();
            for client in clients {
                times.extend(client.await??);
            }
            Outcome::Ok(times)
        })?;
        let (took, spent, records) = (began.elapsed(), cpu()?.saturating_sub(before), times.len());
        ledger.close()?;
        let rate = records as f64 / took.as_secs_f64();
        let bound = match self.durability {
            Durability::Strict => format!("{:.2}", rate * sync.p50.as_secs_f64() / self.clients as f64),
            Durability::Relaxed => "-".to_owned(),
        };
        let (p50, p99) = (quantile(&mut times, 50), quantile(&mut times, 99));
        let ratio = |time: Duration, of: Duration| format!("{:.2}", time.as_secs_f64() / of.as_secs_f64());
        println!(
            "{:<8} {:>8} {:>11.0} {:>8} {:>8} {:>10.2} {:>9} {:>9} {:>9}",
            self.durability.as_str(),
            self.clients,
            rate,
            p50.as_micros(),
            p99.as_micros(),
            spent.as_secs_f64() * 1e6 / records.max(1) as f64,
            bound,
            ratio(p50, sync.p50),
            ratio(p99, sync.p99),
        );
        Ok(())
    }
}

async fn appends(ledger: Arc<Ledger>, first: u64, end: Instant) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    let mut n = first;
    while Instant::now() < end {
        let body = Body::Decision(Box::new(decision(n)));
        let start = Instant::now();
        let _receipt = ledger.append(body).await?;
        times.push(start.elapsed());
        n += 1;
    }
    Ok(times)
}

/// What a ledger takes that nobody uses.
fn idle(at: &Path) -> Outcome<()> {
    let before = resident()?;
    fs::remove_dir_all(at).or_else(absent)?;
    let (ledger, _) = Ledger::open(at, LedgerOptions::new("load", Timestamp::from(SystemTime::now())))?;
    let _receipt = ledger.append_blocking(Body::Decision(Box::new(decision(0))))?;
    std::thread::sleep(Duration::from_secs(1));
    println!("resident before opening {before}, idle with an open ledger {}", resident()?);
    Ok(ledger.close()?)
}

/// Verifies and asks the largest of the logs.
fn questions(at: &Path) -> Outcome<()> {
    let (start, before) = (Instant::now(), cpu()?);
    let verified = verify(at)?;
    let records = verified.records.max(1) as f64;
    let say = |what: &str, start: Instant, before: Duration| -> Outcome<()> {
        let spent = cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / records;
        println!("{what}: {:.2} s, {spent:.2} CPU µs a record", start.elapsed().as_secs_f64());
        Ok(())
    };
    say(&format!("verify {records} records"), start, before)?;
    fs::remove_dir_all(at.join("index")).or_else(absent)?;
    let (start, before) = (Instant::now(), cpu()?);
    let (ledger, _) = Ledger::open(at, LedgerOptions::new("load", Timestamp::from(SystemTime::now())))?;
    say("open", start, before)?;
    let before = cpu()?;
    while ledger.health().index_lag >= 1_024 {
        std::thread::sleep(Duration::from_millis(5));
    }
    say("rebuild the index", start, before)?;
    let size = |name: &str| -> Outcome<u64> {
        fs::read_dir(at.join(name))?.map(|it| Ok(it?.metadata()?.len())).sum::<Outcome<u64>>()
    };
    let per_record = |bytes: u64| bytes as f64 / records;
    println!(
        "bytes a record: {:.0} in segments, {:.0} in the index",
        per_record(size("segments")?),
        per_record(size("index")?)
    );
    let all = Query { limit: 1_000, ..Query::default() };
    let subject = Some(EntityFilter::exactly("user", "u-77"));
    let table = [
        ("a subject, first 1,000", Query { subject: subject.clone(), ..all.clone() }),
        (
            "a subject's denials, newest 1,000",
            Query { subject, decision: Some(Decision::Deny), newest_first: true, ..all.clone() },
        ),
        ("an unknown action", Query { action: Some("fly".to_owned()), ..all.clone() }),
        ("the newest 1,000", Query { newest_first: true, ..all }),
    ];
    for (name, query) in table {
        let start = Instant::now();
        let page = ledger.decisions(&query)?;
        println!("{name}: {} records in {:.1} ms", page.records.len(), start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(ledger.close()?)
}
