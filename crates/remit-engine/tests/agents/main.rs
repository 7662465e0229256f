//! Agents, purpose and history on generated policies, worlds and questions: the engine equals the plain interpreter,
//! and the laws hold.

#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod agreement;
mod laws;
mod policy;
mod question;
mod world;
