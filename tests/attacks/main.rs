//! Attacks and faults: the table of what must be withstood, hostile requests against the served binary, and what breaks
//! underneath it, each run ending with the same four checks.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "support code of tests fails loudly"
)]

mod aftermath;
mod clock;
mod disk;
mod files;
mod hostile;
mod http2;
mod load;
mod served;
mod signals;
mod table;
mod tls;
mod words;
