//! The use cases of the decision point: joins language, graph, engine and ledger. No axum, no sled, no sockets.

pub mod call;
pub mod clock;
pub mod fault;

pub use call::{Call, Detail, Pep, Reply, Rights};
pub use clock::Clock;
pub use fault::Fault;
