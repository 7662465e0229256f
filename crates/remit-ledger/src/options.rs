//! How a ledger is to be run.

use crate::key::Keys;
use crate::limits::{QUEUE_APPENDS, QUEUE_BYTES, SEGMENT_BYTES};
use crate::time::Timestamp;

/// When a record counts as taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When it is on disk. Survives everything the disk survives.
    #[default]
    Strict,
    /// When the operating system has it; it goes to disk within 100 ms. Survives the death of the process;
    /// a power loss may take that window.
    Relaxed,
}

impl Durability {
    /// As in settings and health.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Relaxed => "relaxed",
        }
    }
}

/// How to open a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerOptions {
    /// When a record counts as taken.
    pub durability: Durability,
    /// The name of this process in its records.
    pub instance: String,
    /// The time of a recovery record, should one be needed.
    pub now: Timestamp,
    /// How many appends may wait.
    pub queue_appends: usize,
    /// How many bytes of records may wait.
    pub queue_bytes: usize,
    /// At which size the next segment begins.
    pub segment_bytes: u64,
    /// What signs the heads; without keys the ledger keeps an unsigned one.
    pub keys: Option<Keys>,
}

impl LedgerOptions {
    /// The defaults, for this instance and opened at this time.
    #[must_use]
    pub fn new(instance: impl Into<String>, now: Timestamp) -> Self {
        Self {
            durability: Durability::default(),
            instance: instance.into(),
            now,
            queue_appends: QUEUE_APPENDS,
            queue_bytes: QUEUE_BYTES,
            segment_bytes: SEGMENT_BYTES,
            keys: None,
        }
    }
}
