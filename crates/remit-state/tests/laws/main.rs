//! The laws of the state: budgets are never overspent, a revoked transaction never allows again, a rebuilt state is
//! the live one.
//!
//! 10,000 trials of each, or 100,000 when `REMIT_FULL` is 1.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "support code of tests fails loudly"
)]

mod races;
mod random;
mod rebuild;
mod revocation;
mod world;

#[expect(clippy::disallowed_methods, reason = "how many cases is a matter of patience")]
fn trials() -> u64 {
    if std::env::var("REMIT_FULL").is_ok_and(|full| full == "1") { 100_000 } else { 10_000 }
}
