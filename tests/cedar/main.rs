//! Remit against `cedar-policy` on what both can say: generated policies, worlds and questions, written twice from one tree that
//! knows neither engine; and the theorems that are proved of Cedar's authorizer, as properties of ours.
//!
//! The one intended difference: where a forbid cannot be evaluated, Cedar skips it and Remit denies.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on shall fail, and say where"
)]

mod agreement;
mod engines;
mod policy;
#[path = "../../bench/src/random.rs"]
mod random;
mod theorems;
mod world;
