//! Decision records, chained and durable; the only crate that sees sled.
//!
//! A [`Body`] goes in, a [`Receipt`] comes out once the record is safe: `Body → Prepared` on the caller's
//! thread, then over a bounded queue to the one writer, which numbers, writes, syncs and answers. Segments are
//! the truth; over their leaf hashes stands a Merkle tree whose signed heads show what was cut or rewritten, with
//! proofs that anybody can check; [`verify()`] needs nothing but the directory.

pub mod limits;
pub mod raw;

mod answer;
mod aside;
mod backup;
mod base;
mod chain;
mod checkpoint;
mod checkpointer;
mod desk;
mod erase;
mod errors;
mod export;
mod hash;
mod head;
mod inclusion;
mod index;
mod keeper;
mod key;
mod ledger;
mod levels;
mod note;
mod options;
mod packed;
mod proofs;
mod proved;
mod prune;
mod pseudonym;
mod query;
mod queue;
mod record;
mod recovery;
mod row;
mod scan;
mod segment;
mod shared;
mod signed;
mod storage;
mod tail;
mod tile;
mod time;
mod tree;
mod turn;
mod verify;
mod walk;
mod watch;
mod writer;

pub use aside::{Aside, Beside, Entry};
pub use backup::{BackupError, copy_log};
pub use base::pruned;
pub use chain::Extent;
pub use checkpoint::Checkpoint;
pub use errors::{AppendError, Fault, FaultKind, LedgerError, QueryError, TreeError};
pub use export::{ExportError, ExportFault, Exported, export, verify_export};
pub use hash::LeafHash;
pub use inclusion::{Inclusion, InclusionError};
pub use key::{KeyError, Keys};
pub use ledger::{Health, Ledger, Receipt};
pub use note::{NoteError, Vkey, open as open_note};
pub use options::{Durability, LedgerOptions};
pub use proved::Proved;
pub use prune::{Prunable, PruneError, PruneNote};
pub use pseudonym::{PSEUDONYM_MARK, PseudonymError, Pseudonyms};
pub use query::{EntityFilter, Page, Query};
pub use record::{
    Body, ClockStepped, ConfigChanged, ConsentChanged, Decision, DecisionRecord, Disclosure, Effect, Entity,
    Erased, FactRead, FaultNoted, Incident, IncidentEvent, KeyChanged, Link, Mode, ObligationNote, Plain,
    Pruned, Published, Record, Recovered, Review, ReviewedAt, Revision, RuleUse, SearchKind, Shadow,
    SignalSeen, Started, Stopped, TransactionChanged,
};
pub use recovery::Recovery;
pub use row::{Column, Row, Shape};
pub use scan::{Reading, Scan, Scanned, Step};
pub use signed::Signed;
pub use tile::{Kind, Tile};
pub use time::Timestamp;
pub use tree::{Hash, ProofError, consistent, included};
pub use verify::{Records, Trust, Verified, WholeRecords, read, read_whole, verify, verify_with};
