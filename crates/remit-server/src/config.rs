//! `Config`: what the operator sets, read once from file, environment and command line, and checked as a whole.
//!
//! Later sources win: defaults, the TOML file, `REMIT_…` variables (`REMIT_LIMITS__BODY_BYTES`), the command line.

mod callers;
mod check;
mod error;
mod ledger;
mod listener;
mod load;
mod outside;
mod people;
pub mod reference;
mod telling;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use remit_identity::IdentityConfig;
use remit_pdp::{OutcomeKey, Proposals};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use callers::{Detail, KeyEntry, PepEntry, TokenEntry};
pub use error::ConfigError;
pub use ledger::{Durability, LedgerConfig, LedgerPush};
pub use listener::{Endpoints, Limits, Tls, TlsClients};
pub use load::{LogOverrides, Overrides};
pub use outside::{Incidents, SourceEntry, Transactions, Webhook};
pub use people::{Admin, PersonEntry};
pub use telling::{Log, LogFormat, Telemetry};

/// The format of the file that this build writes about and reads; it grows when a key changes its meaning.
pub const FORMAT: u32 = 1;

/// The whole configuration of one server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The format that the file is written in. Every earlier one is read; a later one is refused.
    pub format: u32,
    /// Address and port to listen on. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Folder with policies, graph documents and settings.
    pub bundle: PathBuf,
    /// A candidate that decides in the shadow; nothing it decides is ever answered.
    pub shadow: Option<Shadow>,
    /// Folder of the ledger. One process at a time.
    pub data: PathBuf,
    /// The identifier of this decision point as callers know it; by default made from `listen`. With a path
    /// (`https://pdp.example/t1`) every endpoint is served below that path too.
    pub public_url: Option<String>,
    /// Certificate and key; without them the server speaks plain HTTP, which only a loopback listener may.
    pub tls: Option<Tls>,
    /// Allows plain HTTP on other addresses than loopback, for a proxy in front that ends TLS.
    pub allow_plain_http: bool,
    /// Answers without any credential; only on a loopback listener.
    pub insecure_loopback: bool,
    /// The callers that may ask, each with its key.
    pub peps: Vec<PepEntry>,
    /// A listener of its own for people: records, incidents, audit, numbers, and changes of policies. Once there is one,
    /// the first listener does not serve these.
    pub admin: Option<Admin>,
    /// The issuers whose tokens are believed.
    #[serde(skip_serializing)]
    pub identity: IdentityConfig,
    /// PEM file of the authorities that issuers' certificates are checked against, instead of the system's.
    pub issuer_ca_file: Option<PathBuf>,
    /// The services outside that policies may read, by the names they have there.
    pub sources: BTreeMap<String, SourceEntry>,
    /// What transactions are told with.
    pub transactions: Transactions,
    /// What counts as an incident, and who is told.
    pub incidents: Incidents,
    /// When an answer may leave: after its record is on disk, or once it is queued.
    pub durability: Durability,
    /// How the ledger is signed.
    pub ledger: LedgerConfig,
    /// Which optional endpoints exist; one switched off answers 404 and vanishes from the metadata.
    pub endpoints: Endpoints,
    /// Bounds of the listener.
    pub limits: Limits,
    /// What is written to standard error, and how.
    pub log: Log,
    /// Where is told how long requests take.
    pub telemetry: Telemetry,
    /// Reads the bundle again when its files change. `SIGHUP` always does.
    pub watch: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            format: FORMAT,
            listen: SocketAddr::from(([127, 0, 0, 1], 8181)),
            bundle: PathBuf::from("policies/starter"),
            shadow: None,
            data: PathBuf::from("data"),
            public_url: None,
            tls: None,
            allow_plain_http: false,
            insecure_loopback: false,
            peps: Vec::new(),
            admin: None,
            identity: IdentityConfig::default(),
            issuer_ca_file: None,
            sources: BTreeMap::new(),
            transactions: Transactions::default(),
            incidents: Incidents::default(),
            durability: Durability::default(),
            ledger: LedgerConfig::default(),
            endpoints: Endpoints::default(),
            limits: Limits::default(),
            log: Log::default(),
            telemetry: Telemetry::default(),
            watch: true,
        }
    }
}

/// A candidate that decides in the shadow of the live policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shadow {
    /// Its folder: policies, and a graph of its own or none; without one it decides on the live graph.
    pub bundle: PathBuf,
}

impl Config {
    /// How policies change, where that is by proposals alone.
    #[must_use]
    pub fn proposals(&self) -> Option<Proposals> {
        let admin = self.admin.as_ref().filter(|admin| admin.proposals)?;
        Some(Proposals { four_eyes: admin.four_eyes })
    }

    /// The identifier of this decision point: `public_url`, or one made from the bound address. It never
    /// ends with a slash.
    #[must_use]
    pub fn identifier(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.tls.is_none() && bound.ip().is_loopback() => format!("http://{bound}"),
            // WHY: whatever ends TLS in front, callers come over https (AuthZEN 1.0 §9.1.1).
            None => format!("https://{bound}"),
        }
    }

    /// The key of keyed outcomes, when a file of it is named.
    ///
    /// # Errors
    /// The file cannot be read or holds no key.
    pub fn outcome_key(&self) -> Result<Option<OutcomeKey>, ConfigError> {
        let Some(file) = &self.transactions.outcome_key_file else { return Ok(None) };
        let refused = |message: String| ConfigError::OutcomeKey { path: file.display().to_string(), message };
        let content = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
        OutcomeKey::new(&content).map(Some).map_err(|error| refused(error.to_string()))
    }

    /// SHA-256 over all settings in force, for the record of the start. Keys are in it as digests only.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut settings = serde_json::to_vec(self).unwrap_or_default();
        // The issuers' own form shows no credential.
        settings.extend_from_slice(format!("{:?}", self.identity).as_bytes());
        crate::keyring::sha256_hex(&settings)
    }

    /// The path of `public_url` without a trailing slash: empty, or `/t1`.
    #[must_use]
    pub fn base_path(&self) -> &str {
        let url = self.public_url.as_deref().unwrap_or_default();
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().trim_end_matches('/')
    }
}

fn yes() -> bool {
    true
}
