//! A step against a task: each refusal has its reason and its field, and a neighbour that is permitted.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "support code of tests fails loudly")]

mod chain;
mod coverage;
mod hash;
mod history;
mod narrower;
mod origins;
mod world;
