//! How the ledger is written, signed and kept.

use std::path::PathBuf;

use remit_pdp::retention::Age;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;

/// When an answer may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// After its record is on disk.
    #[default]
    Strict,
    /// Once its record is queued; a power cut may lose the last ones.
    Relaxed,
}

/// How the ledger is signed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerConfig {
    /// File of the key that signs the heads; mode 600, best on another volume than `data`. Without one a key is made
    /// in `data`.
    pub key_file: Option<PathBuf>,
    /// Records older than this are dropped, such as `400d`; their hashes stay, and with them every proof. Without it
    /// nothing is ever dropped.
    pub retain: Option<String>,
    /// `retain` may be shorter than the 180 days that most keepers of such logs owe.
    pub retain_below_minimum: bool,
    /// Where heads are kept a second time.
    pub push: LedgerPush,
}

impl LedgerConfig {
    /// How long records are kept, when not for ever.
    #[must_use]
    pub fn retention(&self) -> Option<Age> {
        self.retain.as_deref().and_then(Age::parse)
    }
}

/// Where heads are kept a second time, so that nobody who can write the ledger's disk can change what it was.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerPush {
    /// A directory, best on another host.
    pub directory: Option<PathBuf>,
    /// An address that takes the signed note by POST.
    pub url: Option<String>,
    /// A C2SP witness: the prefix before `add-checkpoint`.
    pub witness: Option<String>,
    /// Each so-many-th head is sent.
    pub every: u32,
}

impl Default for LedgerPush {
    fn default() -> Self {
        Self { directory: None, url: None, witness: None, every: limits::PUSH_HEADS }
    }
}
