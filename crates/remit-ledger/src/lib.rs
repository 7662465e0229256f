//! Decision records, chained and durable; the only crate that sees sled.
//!
//! A [`Body`] goes in, a [`Receipt`] comes out once the record is safe: `Body → Prepared` on the caller's
//! thread, then over a bounded queue to the one writer, which numbers, writes, syncs and answers. Segments are
//! the truth; the head beside them shows a missing tail; [`verify()`] needs nothing but the directory.

pub mod limits;

mod answer;
mod aside;
mod chain;
mod desk;
mod erase;
mod errors;
mod hash;
mod head;
mod index;
mod keeper;
mod ledger;
mod options;
mod pseudonym;
mod query;
mod queue;
mod record;
mod recovery;
mod row;
mod scan;
mod segment;
mod shared;
mod storage;
mod tail;
mod time;
mod verify;
mod walk;
mod writer;

pub use aside::{Aside, Beside, Entry};
pub use chain::Extent;
pub use errors::{AppendError, Fault, FaultKind, LedgerError, QueryError};
pub use hash::LeafHash;
pub use ledger::{Health, Ledger, Receipt};
pub use options::{Durability, LedgerOptions};
pub use pseudonym::{PSEUDONYM_MARK, PseudonymError, Pseudonyms};
pub use query::{EntityFilter, Page, Query};
pub use record::{
    Body, ConfigChanged, Decision, DecisionRecord, Disclosure, Effect, Entity, Erased, FactRead, FaultNoted,
    Incident, IncidentEvent, Link, Mode, ObligationNote, Plain, Published, Record, Recovered, Revision,
    RuleUse, SearchKind, Started, Stopped, TransactionChanged,
};
pub use recovery::Recovery;
pub use row::{Column, Row, Shape};
pub use scan::{Reading, Scan, Scanned, Step};
pub use time::Timestamp;
pub use verify::{Records, Verified, WholeRecords, read, read_whole, verify};
