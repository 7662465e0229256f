//! What can go wrong: opening, appending, verifying, asking. One enum per stage.

use std::fmt;
use std::io;

/// Why a record was not taken. Whoever sees one must not let an answer out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Too many appends wait already; nothing was written. Try later.
    #[error("the ledger has more waiting records than it may hold")]
    Overloaded,
    /// The disk is full; nothing was written, and appends succeed again once there is room.
    #[error("the disk that holds the ledger is full")]
    DiskFull,
    /// The record is over the limit and was not cut to fit.
    #[error("the record would take up to {bytes} bytes, more than {}", crate::limits::RECORD_BYTES)]
    TooLarge {
        /// What it would take.
        bytes: usize,
    },
    /// What stands beside the record is over the limit and was not cut to fit.
    #[error("{bytes} bytes beside the record are more than {}", crate::limits::ASIDE_BYTES)]
    AsideTooLarge {
        /// What it would take.
        bytes: usize,
    },
    /// More records at once than the writer takes in one turn.
    #[error("{records} records at once are more than {}", crate::limits::BATCH_RECORDS)]
    TooMany {
        /// How many came.
        records: usize,
    },
    /// The record holds a value without a canonical spelling.
    #[error("the record cannot be written: {0}")]
    Unwritable(String),
    /// A write or a sync failed once; the ledger takes nothing more until it is opened again.
    #[error("the ledger stopped taking records: {0}")]
    Poisoned(String),
    /// The ledger was closed.
    #[error("the ledger is closed")]
    Closed,
}

/// A place in the log that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}` is damaged at offset {offset}, record {seq}: {kind}")]
pub struct Fault {
    /// The segment, or the side file.
    pub file: String,
    /// The first byte of the bad frame or header.
    pub offset: u64,
    /// The first record that cannot be vouched for.
    pub seq: u64,
    /// What is wrong there.
    pub kind: FaultKind,
}

/// What is wrong at the place of a [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The header of a segment is not one.
    Header,
    /// The segment was written by a version this one does not know.
    Version(u32),
    /// The segment does not begin where the one before it ends.
    Gap,
    /// The frame ends beyond the end of the file.
    Torn,
    /// The length of the frame cannot be.
    Length,
    /// The checksum of the frame does not match.
    Checksum,
    /// The bytes are not a record.
    Format,
    /// The record carries another number than its place.
    Sequence(u64),
    /// The record does not name the hash of the one before it.
    Chain,
    /// The log ends before the size recorded in its head.
    Missing {
        /// How many records there should be, at least.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The record at the recorded head has another hash.
    Head,
    /// What stands beside the record is not what the record commits to.
    Aside,
    /// The records have another root than the signed head.
    Root,
    /// The signed head, or what else is signed, is not believed.
    Signature(String),
    /// The stored hash is not the one of the record.
    Hash,
    /// No signed record says that the records before were dropped.
    Base,
    /// The segment was dropped while it was being read.
    Dropped,
    /// The file cannot be read.
    Unreadable(String),
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("the header of the segment is not one"),
            Self::Version(found) => write!(f, "format version {found} is not one this program knows"),
            Self::Gap => f.write_str("the segment does not begin where the one before it ends"),
            Self::Torn => f.write_str("the record ends beyond the end of the file"),
            Self::Length => f.write_str("the length of the record cannot be"),
            Self::Checksum => f.write_str("the checksum does not match"),
            Self::Format => f.write_str("the bytes are not a record"),
            Self::Sequence(found) => write!(f, "the record carries number {found}"),
            Self::Chain => f.write_str("the record does not continue the chain"),
            Self::Missing { expected, found } => {
                write!(f, "{} of {expected} recorded records are missing", expected.saturating_sub(*found))
            }
            Self::Aside => f.write_str("what stands beside the record is not what it commits to"),
            Self::Head => f.write_str("the record has another hash than the recorded head"),
            Self::Root => f.write_str("the records have another root than the signed head"),
            Self::Signature(cause) => write!(f, "it is not believed: {cause}"),
            Self::Hash => f.write_str("the stored hash is not the one of the record"),
            Self::Base => f.write_str("no signed record says that the records before were dropped"),
            Self::Dropped => f.write_str("the segment was dropped while it was read; read again"),
            Self::Unreadable(cause) => write!(f, "it cannot be read: {cause}"),
        }
    }
}

/// Why a ledger could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process holds the directory.
    #[error("`{0}` is in use by another process")]
    InUse(String),
    /// The log is damaged; nothing was changed.
    #[error(transparent)]
    Damaged(#[from] Fault),
    /// The disk refused.
    #[error("`{path}` cannot be used as a ledger")]
    Disk {
        /// What was to be used.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The record of a recovery, an erasure, a prune or a change of keys could not be written.
    #[error("it could not be recorded")]
    Unrecorded(#[source] AppendError),
}

/// Why the tree gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The ledger has no key, so it signs nothing.
    #[error("the ledger has no key and signs no heads")]
    NoKey,
    /// No head was signed yet.
    #[error("no head was signed yet")]
    NoHead,
    /// What was asked for is not below the last signed head.
    #[error("the last signed head has {size} records; `{asked}` is beyond it")]
    Beyond {
        /// What was asked for.
        asked: u64,
        /// The size of the last signed head.
        size: u64,
    },
    /// The records were pruned.
    #[error("records below {first} were pruned")]
    Pruned {
        /// The first record that is left.
        first: u64,
    },
    /// The log or its stored hashes are damaged where the answer would be.
    #[error(transparent)]
    Damaged(#[from] Fault),
    /// The stored hashes cannot be read.
    #[error("the stored hashes cannot be read")]
    Hashes(#[from] io::Error),
    /// The stored hashes prove nothing.
    #[error("the stored hashes are damaged: {0}")]
    Proof(#[from] crate::tree::ProofError),
}

/// Why a query has no answer; there is no partial one.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The page is larger than allowed, or empty.
    #[error("a page of {records} records is not between 1 and {}", crate::limits::PAGE_RECORDS)]
    PageSize {
        /// How many were asked for.
        records: usize,
    },
    /// A record is there and cannot be proved.
    #[error(transparent)]
    Unproved(#[from] TreeError),
    /// The cursor is not one of this log.
    #[error("the cursor is beyond the end of the log")]
    Cursor,
    /// The log is damaged where the answer would be.
    #[error(transparent)]
    Damaged(#[from] Fault),
}
