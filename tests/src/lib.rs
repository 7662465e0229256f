//! Tests across crates; and what the fuzzers do with their input, so that a stable test can do the same.

pub mod targets;
