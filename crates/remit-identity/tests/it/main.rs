//! The verifier from outside: tokens of every standard, vectors of others, key servers that misbehave.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets something unforeseen has failed, and says so by ending"
)]

mod binding;
mod config;
mod drafts;
mod events;
mod introspection;
mod issuer;
mod key_server;
mod memory;
mod vectors;

use remit_model::Timestamp;
use serde_json::Value;

/// A file of `tests/data` as JSON.
fn data(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    serde_json::from_slice(&std::fs::read(path).expect("test data is there")).expect("test data is JSON")
}

/// The instant at which most test data was made.
const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("a plain instant")
}
