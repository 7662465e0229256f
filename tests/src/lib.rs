//! Tests across crates: the binary they run, and what the fuzzers do with their input, so that a stable test can do the same.

pub mod binary;
pub mod targets;
