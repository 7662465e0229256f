//! The load client by itself: `remit-bench-load 127.0.0.1:8181 BODY.json --connections 64 --seconds 5`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use remit_bench_http::client::Load;

/// Sends one request again and again over keep-alive connections.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address and port of the server
    address: SocketAddr,
    /// A file with the JSON body
    body: PathBuf,
    /// The path
    #[arg(long, default_value = "/access/v1/evaluation")]
    path: String,
    /// Connections
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Client threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Requests a second at even distances, instead of as fast as the answers come
    #[arg(long)]
    rate: Option<f64>,
    /// Seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

fn main() -> anyhow::Result<()> {
    let it = Arguments::parse();
    let body = std::fs::read_to_string(&it.body)?;
    let time = Duration::from_secs(it.seconds);
    let load = Load {
        address: it.address,
        path: it.path,
        body,
        connections: it.connections,
        threads: it.threads,
        rate: it.rate,
        time,
    };
    let seen = load.run()?;
    println!(
        "{:.0} requests/s, p50 {} µs, p99 {} µs, {} with status 200, {} others",
        seen.rate,
        seen.p50.as_micros(),
        seen.p99.as_micros(),
        seen.answers,
        seen.others
    );
    Ok(())
}
