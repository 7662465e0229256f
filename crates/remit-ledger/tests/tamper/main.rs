//! Attacks on a signed log (A1 to A8): each is found, at the record it touched, and a good log is never blamed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy does not take helpers for tests"
)]

mod backup;
mod bits;
mod edits;
mod heads;
mod proofs;
mod prune;
mod python;
mod world;
