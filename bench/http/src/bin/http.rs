//! Remit over HTTP beside a bare axum server: same machine, same client, same run, in turn. `bench/http.sh` builds and
//! runs it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser;
use remit_bench_http::client::Load;
use remit_bench_http::{machine, percentile};

/// Starts the servers, drives them in turn, prints tables.
#[derive(Debug, Parser)]
struct Arguments {
    /// The `remit` binary
    #[arg(long, default_value = "target/release/remit")]
    remit: PathBuf,
    /// The bare server
    #[arg(long, default_value = "target/release/remit-bench-axum")]
    axum: PathBuf,
    /// The bundle to serve
    #[arg(long, default_value = "policies/certification")]
    bundle: PathBuf,
    /// Where ledgers go; the disk that is measured
    #[arg(long, default_value = "data/bench")]
    data: PathBuf,
    /// Rounds; in each, every server has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one turn
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Requests a second of the steady load
    #[arg(long, default_value_t = 2_000.0)]
    rate: f64,
    /// Client threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

const BODY: &str = r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"},"context":{"ip":"192.0.2.10"}}"#;

/// About what one decision takes in a segment.
const RECORD_BYTES: usize = 700;

struct Server {
    name: &'static str,
    address: SocketAddr,
    process: Child,
    idle: u64,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What one server did at one number of connections: rates and microseconds of its processor, by round.
#[derive(Default)]
struct Seen {
    rates: Vec<f64>,
    processor: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    others: u64,
}

impl Seen {
    fn middle(values: &[f64]) -> f64 {
        percentile(&mut values.to_vec(), 50)
    }

    fn rate(&self) -> f64 {
        Self::middle(&self.rates)
    }
}

fn main() -> anyhow::Result<()> {
    let it = Arguments::parse();
    std::fs::create_dir_all(&it.data)?;
    println!("machine: {}", machine::description());
    println!("load before: {}", machine::load_average());
    let servers = [start_axum(&it.axum)?, start_remit(&it, "relaxed")?, start_remit(&it, "strict")?];
    std::thread::sleep(Duration::from_secs(1));
    println!("\n| server | idle RSS MB |\n|---|--:|");
    for server in &servers {
        println!("| {} | {:.1} |", server.name, server.idle as f64 / (1 << 20) as f64);
    }
    for connections in [1, 16, 64, 256] {
        singles(&it, &servers, connections)?;
    }
    batches(&it, &servers)?;
    steady(&it, &servers)?;
    println!("\nload after: {}", machine::load_average());
    Ok(())
}

fn start_axum(binary: &Path) -> anyhow::Result<Server> {
    let address = free_address()?;
    start("bare axum", address, Command::new(binary).arg(address.to_string()))
}

fn start_remit(it: &Arguments, durability: &'static str) -> anyhow::Result<Server> {
    let address = free_address()?;
    let data = it.data.join(durability);
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let mut command = Command::new(&it.remit);
    command.arg("serve").arg("--insecure-loopback").args(["--log-level", "warn", "--durability", durability]);
    command.arg("--bundle").arg(&it.bundle).arg("--data").arg(&data).arg("--listen").arg(address.to_string());
    start(if durability == "strict" { "Remit strict" } else { "Remit relaxed" }, address, &mut command)
}

fn start(name: &'static str, address: SocketAddr, command: &mut Command) -> anyhow::Result<Server> {
    let process = command.stdout(Stdio::null()).spawn().with_context(|| format!("{command:?}"))?;
    let mut server = Server { name, address, process, idle: 0 };
    let patience = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_err() {
        anyhow::ensure!(server.process.try_wait()?.is_none(), "{name} ended before it answered");
        anyhow::ensure!(Instant::now() < patience, "{name} does not answer at {address}");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    server.idle = machine::resident(&server.process.id().to_string());
    Ok(server)
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// One turn of one server.
fn turn(it: &Arguments, server: &Server, load: &Load, seen: &mut Seen) -> anyhow::Result<()> {
    let process = server.process.id().to_string();
    let before = machine::processor_time(&process);
    let outcome = Load { address: server.address, threads: it.threads, ..load.clone() }.run()?;
    let spent = machine::processor_time(&process).saturating_sub(before);
    let answered = outcome.answers + outcome.others;
    anyhow::ensure!(outcome.answers > 0, "{} never answered 200", server.name);
    anyhow::ensure!(
        outcome.sample.contains("\"decision\":true"),
        "{} answered {}",
        server.name,
        outcome.sample
    );
    seen.rates.push(outcome.rate);
    seen.processor.push(spent.as_secs_f64() * 1e6 / answered as f64);
    seen.p50.push(outcome.p50.as_secs_f64() * 1e6);
    seen.p99.push(outcome.p99.as_secs_f64() * 1e6);
    seen.others += outcome.others;
    Ok(())
}

/// Every server in turn, round by round.
fn rounds(it: &Arguments, servers: &[Server], load: &Load) -> anyhow::Result<Vec<Seen>> {
    let mut all: Vec<Seen> = servers.iter().map(|_| Seen::default()).collect();
    for server in servers {
        let warm = Load { time: Duration::from_millis(300), ..load.clone() };
        turn(it, server, &warm, &mut Seen::default())?;
    }
    for _ in 0..it.rounds {
        for (server, seen) in servers.iter().zip(&mut all) {
            turn(it, server, load, seen)?;
        }
    }
    Ok(all)
}

fn singles(it: &Arguments, servers: &[Server], connections: usize) -> anyhow::Result<()> {
    let load = load(it, "/access/v1/evaluation", BODY.to_owned(), connections);
    let sync = || machine::fdatasync(&it.data, RECORD_BYTES, 200);
    let before = sync()?;
    let all = rounds(it, servers, &load)?;
    let after = sync()?;
    let sync = (before + after) / 2;
    println!(
        "\n{connections} connections; fdatasync p50 {} µs before, {} µs after\n",
        before.as_micros(),
        after.as_micros()
    );
    report(servers, &all);
    if let [axum, relaxed, strict] = all.as_slice() {
        let bound = axum.rate().min(connections as f64 / sync.as_secs_f64());
        println!(
            "\nbound of strict: {bound:.0} requests/s; strict reaches {:.0} % of it",
            strict.rate() * 100.0 / bound
        );
        let share = relaxed.rate() / axum.rate();
        if connections >= 64 {
            goal(&format!("relaxed, {connections} connections, of bare axum"), 0.6, share);
        }
        goal(&format!("strict, {connections} connections, of its bound"), 0.6, strict.rate() / bound);
    }
    Ok(())
}

fn batches(it: &Arguments, servers: &[Server]) -> anyhow::Result<()> {
    let questions: Vec<&str> = std::iter::repeat_n(BODY, 50).collect();
    let body = format!(r#"{{"evaluations":[{}]}}"#, questions.join(","));
    let all = rounds(it, servers, &load(it, "/access/v1/evaluations", body, 16))?;
    println!("\nbatches of 50, 16 connections\n");
    report(servers, &all);
    if let [axum, relaxed, _] = all.as_slice() {
        goal("batch of 50, relaxed, of bare axum", 0.4, relaxed.rate() / axum.rate());
    }
    Ok(())
}

/// What an answer takes when there is room: 64 connections ask at an even rate far below what the machine can do.
fn steady(it: &Arguments, servers: &[Server]) -> anyhow::Result<()> {
    let load = Load { rate: Some(it.rate), ..load(it, "/access/v1/evaluation", BODY.to_owned(), 64) };
    // WHY: at the rate of the load: a disk that is never idle is quicker than one that is asked now and then.
    let pace = Some(Duration::from_secs_f64(1.0 / it.rate));
    let disk = || machine::fdatasync_times(&it.data, RECORD_BYTES, 2_000, pace);
    let mut syncs = disk()?;
    let all = rounds(it, servers, &load)?;
    syncs.extend(disk()?);
    let [sync_p50, sync_p99] = [50, 99].map(|at| percentile(&mut syncs, at));
    println!(
        "\n64 connections at {:.0} requests a second; fdatasync at that rate p50 {sync_p50:.0} µs, p99 {sync_p99:.0} µs\n",
        it.rate
    );
    println!(
        "| server | requests/s | p50 µs | p99 µs (min–max of rounds) | server CPU µs a request | not 200 |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    for (server, seen) in servers.iter().zip(&all) {
        let low = seen.p99.iter().copied().fold(f64::MAX, f64::min);
        let high = seen.p99.iter().copied().fold(0.0, f64::max);
        println!(
            "| {} | {:.0} | {:.0} | {:.0} ({low:.0}–{high:.0}) | {:.1} | {} |",
            server.name,
            seen.rate(),
            Seen::middle(&seen.p50),
            Seen::middle(&seen.p99),
            Seen::middle(&seen.processor),
            seen.others,
        );
    }
    if let [_, relaxed, strict] = all.as_slice() {
        let added = Seen::middle(&strict.p99) - Seen::middle(&relaxed.p99);
        let verdict = match added {
            added if added < 0.0 => "nothing is shown: relaxed was the slower of the two",
            added if added <= 3.0 * sync_p99 => "met",
            _ => "MISSED",
        };
        println!(
            "goal: strict adds to p99: wanted at most 3 times the p99 of fdatasync, measured {:.1} times: {verdict}",
            added / sync_p99
        );
    }
    Ok(())
}

fn load(it: &Arguments, path: &str, body: String, connections: usize) -> Load {
    Load {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        path: path.to_owned(),
        body,
        connections,
        threads: it.threads,
        rate: None,
        time: Duration::from_secs_f64(it.seconds),
    }
}

fn report(servers: &[Server], all: &[Seen]) {
    println!("| server | requests/s (min–max) | of bare axum | server CPU µs a request | p99 µs | not 200 |");
    println!("|---|--:|--:|--:|--:|--:|");
    let bare = all.first().map_or(1.0, Seen::rate);
    for (server, seen) in servers.iter().zip(all) {
        let low = seen.rates.iter().copied().fold(f64::MAX, f64::min);
        let high = seen.rates.iter().copied().fold(0.0, f64::max);
        println!(
            "| {} | {:.0} ({low:.0}–{high:.0}) | {:.2} | {:.1} | {:.0} | {} |",
            server.name,
            seen.rate(),
            seen.rate() / bare,
            Seen::middle(&seen.processor),
            Seen::middle(&seen.p99),
            seen.others,
        );
    }
}

fn goal(what: &str, wanted: f64, found: f64) {
    let verdict = if found >= wanted { "met" } else { "MISSED" };
    println!("goal: {what}: wanted {:.0} %, measured {:.0} %: {verdict}", wanted * 100.0, found * 100.0);
}
