//! The engine against a slow, plain interpreter that shares no code with it, and the laws of the decision, on
//! generated policies, worlds and questions.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on shall fail, and say where"
)]

mod agreement;
mod case;
mod coverage;
mod doubt;
mod graph;
mod laws;
mod search;
mod shrink;
mod tally;
