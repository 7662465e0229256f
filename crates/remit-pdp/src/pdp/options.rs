//! `Options`: how a decision point is to be run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use remit_identity::{Fetch, IdentityConfig, Offline};
use remit_ledger::Durability;

use crate::clock::Clock;
use crate::incident::Grade;
use crate::keyed::OutcomeKey;
use crate::limits::Limits;
use crate::proposals::Proposals;
use crate::sources::Access;

/// How a decision point is to be run.
#[derive(Clone)]
pub struct Options {
    /// The folder with policies and graph.
    pub bundle: PathBuf,
    /// The folder with a candidate that decides in the shadow, if there is one.
    pub shadow: Option<PathBuf>,
    /// The folder of the ledger; exclusive to one process.
    pub data: PathBuf,
    /// The key that signs the heads of the ledger, which must be there. Without one a key is made in the data
    /// directory at the first start.
    pub ledger_key: Option<PathBuf>,
    /// When a record counts as taken.
    pub durability: Durability,
    /// At which size the ledger begins its next segment; old records go by whole segments.
    pub segment_bytes: u64,
    /// Where `now` comes from.
    pub clock: Clock,
    /// The name of this process in its records.
    pub instance: String,
    /// The issuers whose tokens are believed.
    pub identity: IdentityConfig,
    /// How their keys are read.
    pub fetch: Arc<dyn Fetch>,
    /// How the services outside that policies read may be asked.
    pub sources: BTreeMap<String, Access>,
    /// The key under which values that steps returned may be reported instead of the values.
    pub outcome_key: Option<OutcomeKey>,
    /// From which grade on a denial is an incident.
    pub incidents_from: Grade,
    /// How proposals become live, where they are the only way: then the folder is only what it begins with.
    pub proposals: Option<Proposals>,
    /// SHA-256 of the settings in force, for the record of the start.
    pub config_digest: Option<String>,
    /// Bounds of one call.
    pub limits: Limits,
    /// Bounds of the wire.
    pub wire: remit_authzen::Limits,
    /// Bounds of request bodies.
    pub json: remit_json::Limits,
}

impl Options {
    /// The defaults, for this bundle and data directory.
    #[must_use]
    pub fn new(bundle: impl Into<PathBuf>, data: impl Into<PathBuf>) -> Self {
        Self {
            bundle: bundle.into(),
            shadow: None,
            data: data.into(),
            ledger_key: None,
            durability: Durability::default(),
            segment_bytes: remit_ledger::limits::SEGMENT_BYTES,
            clock: Clock::System,
            instance: format!("remit-{}", std::process::id()),
            identity: IdentityConfig::default(),
            fetch: Arc::new(Offline),
            sources: BTreeMap::new(),
            outcome_key: None,
            incidents_from: Grade::Medium,
            proposals: None,
            config_digest: None,
            limits: Limits::default(),
            wire: remit_authzen::Limits::default(),
            json: remit_json::Limits::default(),
        }
    }
}
