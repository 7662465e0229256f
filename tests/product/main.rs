//! The product as its users meet it: shipped bundles, the API over HTTP, the README, and the binary under `kill -9`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "support code of tests fails loudly"
)]

mod binary;
mod bundles;
mod canbank;
mod conformance;
mod full_disk;
mod governance;
mod governance_rules;
mod imports;
mod incidents;
mod log;
mod operations;
mod overload;
mod probes;
mod propose;
mod readme;
mod reload;
mod replay;
mod requirements;
mod running;
mod secrets;
mod shadow;
mod standing;
mod weaknesses;
