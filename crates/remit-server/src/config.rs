//! `Config`: what the operator sets, read once from file, environment and command line, and checked as a whole.
//!
//! Later sources win: defaults, the TOML file, `REMIT_…` variables (`REMIT_LIMITS__BODY_BYTES`), the command line.

mod check;
mod error;
mod load;
pub mod reference;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use remit_identity::IdentityConfig;
use remit_pdp::retention::Age;
use remit_pdp::{OutcomeKey, Proposals};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use error::ConfigError;
pub use load::{LogOverrides, Overrides};

use crate::limits;
use crate::role::Role;

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

/// Files of the listener's certificate. They are read again on `SIGHUP`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain in PEM, leaf first.
    pub cert_file: PathBuf,
    /// Private key in PEM.
    pub key_file: PathBuf,
    /// Whose client certificates are believed; without it none is asked for.
    #[serde(default)]
    pub clients: Option<TlsClients>,
}

/// The workloads that may prove themselves by a client certificate (X.509-SVID).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsClients {
    /// Authorities of the trust domain in PEM, and of no other.
    pub ca_file: PathBuf,
    /// The trust domain: `example.org`.
    pub trust_domain: String,
}

/// How a service outside, which policies declare with `source`, may be asked. One without an entry is never asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SourceEntry {
    /// Where it is asked, instead of where the policy says; an https URL, http only on loopback.
    pub url: Option<String>,
    /// Hosts that the policy's own URL may have; needed where `url` is not set.
    pub hosts: Vec<String>,
    /// Headers of every call.
    pub headers: BTreeMap<String, String>,
    /// File whose content is sent as `Authorization`, such as `Bearer …`; read at the start.
    pub authorization_file: Option<PathBuf>,
    /// Allows addresses that are not public.
    pub private_addresses: bool,
}

impl SourceEntry {
    /// As the decision point takes it.
    ///
    /// # Errors
    /// The file with the secret cannot be read.
    pub fn access(&self, name: &str) -> Result<remit_pdp::sources::Access, ConfigError> {
        let refused = |message: String| ConfigError::Source { name: name.to_owned(), message };
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path)
                .map_err(|error| refused(format!("`{}`: {error}", path.display())))?;
            let text = text.trim_end().to_owned();
            if text.is_empty() || text.chars().any(char::is_control) {
                return Err(refused(format!("`{}` holds no header", path.display())));
            }
            Ok(text)
        };
        Ok(remit_pdp::sources::Access {
            url: self.url.clone(),
            hosts: self.hosts.clone(),
            headers: self.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            authorization: self.authorization_file.as_ref().map(read).transpose()?,
            private_addresses: self.private_addresses,
        })
    }
}

/// How values that steps returned are reported.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Transactions {
    /// File of the key under which callers report keyed hashes instead of values: 32 bytes or more, read at the start.
    pub outcome_key_file: Option<PathBuf>,
}

/// What counts as an incident, and who is told.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Incidents {
    /// From which grade on a denial is an incident: `medium` unless said otherwise.
    #[schemars(schema_with = "reference::grades")]
    pub from: Option<remit_pdp::incident::Grade>,
    /// Where incidents are told.
    pub webhook: Option<Webhook>,
}

/// Where incidents are told: a POST with JSON, signed in the header `remit-signature`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// An https URL; http only on loopback.
    pub url: String,
    /// File of the secret under which the body is signed: 32 bytes or more.
    pub secret_file: PathBuf,
    /// Allows addresses that are not public.
    #[serde(default)]
    pub private_addresses: bool,
}

impl Webhook {
    /// The secret; line ends at the end of the file are no part of it.
    ///
    /// # Errors
    /// The file cannot be read, or is too short.
    pub fn secret(&self) -> Result<Vec<u8>, ConfigError> {
        let refused =
            |message: String| ConfigError::Webhook { path: self.secret_file.display().to_string(), message };
        let mut content = std::fs::read(&self.secret_file).map_err(|error| refused(error.to_string()))?;
        content.truncate(content.trim_ascii_end().len());
        if content.len() < limits::WEBHOOK_SECRET_BYTES {
            return Err(refused(format!("it has less than {} bytes", limits::WEBHOOK_SECRET_BYTES)));
        }
        Ok(content)
    }
}

/// One caller, how it proves who it is, and what it may do. Each of its credentials is enough.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PepEntry {
    /// Its name, as it stands in every record; also the client id of HTTP Basic.
    pub name: String,
    /// SHA-256 of an API key that is always good, in hexadecimal. The key itself is stored nowhere.
    #[serde(default)]
    pub key_sha256: Option<String>,
    /// API keys with the times at which they are good, so that one can replace another without a gap.
    #[serde(default)]
    pub keys: Vec<KeyEntry>,
    /// The access token by which it may say who it is: client credentials of a configured issuer.
    #[serde(default)]
    pub token: Option<TokenEntry>,
    /// The workload that the client certificate of its connection proves (X.509-SVID): `spiffe://example.org/gateway`.
    #[serde(default)]
    pub spiffe_id: Option<String>,
    /// May ask for evaluations.
    #[serde(default = "yes")]
    pub evaluate: bool,
    /// May search.
    #[serde(default = "yes")]
    pub search: bool,
    /// How much of an explanation it may see: `minimal`, `reason` or `full`.
    #[serde(default)]
    pub detail: Detail,
    /// May read recorded decisions.
    #[serde(default)]
    pub governance: bool,
    /// May read the signed log: heads, tiles, records and proofs.
    #[serde(default)]
    pub audit: bool,
    /// May administer.
    #[serde(default)]
    pub admin: bool,
    /// May give and withdraw consents of persons.
    #[serde(default)]
    pub consents: bool,
    /// May report what was seen of parties, and push security event tokens.
    #[serde(default)]
    pub signals: bool,
    /// May state who acts, for what and in which transaction, without a token that proves it; may open, report on
    /// and end transactions.
    #[serde(default)]
    pub assert_identity: bool,
    /// Its calls are those of a workload that the client certificate of the connection proves (X.509-SVID); without
    /// one it is not let in, whatever its key.
    #[serde(default)]
    pub workload: bool,
    /// It may ask only about subjects and resources whose property `tenant` in the graph is this; stands in its records.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Questions a second that it may ask over time; each item of a batch is one. Without it there is no bound.
    #[serde(default)]
    pub rate: Option<f64>,
    /// Questions that it may ask at once after a silence: as many as it may in a second, unless said otherwise.
    #[serde(default)]
    pub burst: Option<u32>,
}

impl PepEntry {
    /// A caller that may evaluate and search and has no credential yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            key_sha256: None,
            keys: Vec::new(),
            token: None,
            spiffe_id: None,
            evaluate: true,
            search: true,
            detail: Detail::Minimal,
            governance: false,
            audit: false,
            admin: false,
            consents: false,
            signals: false,
            assert_identity: false,
            workload: false,
            tenant: None,
            rate: None,
            burst: None,
        }
    }
}

impl PepEntry {
    /// How many questions it may ask at once.
    #[must_use]
    pub fn burst(&self) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what fits just before"
        )]
        let second = self.rate.unwrap_or_default().ceil().clamp(1.0, f64::from(u32::MAX)) as u32;
        self.burst.unwrap_or(second)
    }
}

/// One API key and when it is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// SHA-256 of the key, in hexadecimal.
    pub sha256: String,
    /// From when on it is good, RFC 3339.
    #[serde(default)]
    pub not_before: Option<String>,
    /// When it ceases to be good, RFC 3339.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// By which access tokens (RFC 9068) a caller is known. `client_id` or `subject` is given; both must fit where both are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// Who issues them: an entry of `identity.issuers` that accepts `access_token`.
    pub issuer: String,
    /// Who we are in `aud`. Best a value that no token of another purpose carries.
    pub audience: String,
    /// The client that the token was issued to (`client_id`, or `azp`).
    #[serde(default)]
    pub client_id: Option<String>,
    /// Whom the token names (`sub`). Without it the client itself, so that no token of a user of that client will do.
    #[serde(default)]
    pub subject: Option<String>,
}

/// The listener of people.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Address and port, other than those of decisions.
    pub listen: SocketAddr,
    /// Certificate and key; without them it speaks plain HTTP, which only a loopback listener may.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// Allows plain HTTP on other addresses than loopback, for a proxy in front that ends TLS.
    #[serde(default)]
    pub allow_plain_http: bool,
    /// Policies and graph change only by proposals: then `bundle` is only what the service begins with, and neither its
    /// files nor a restart change what is live.
    #[serde(default = "yes")]
    pub proposals: bool,
    /// Who proposes something may not approve it.
    #[serde(default = "yes")]
    pub four_eyes: bool,
    /// Who may do something there.
    #[serde(default)]
    pub people: Vec<PersonEntry>,
}

impl Admin {
    /// A listener for these people, with proposals and four eyes.
    #[must_use]
    pub fn new(listen: SocketAddr, people: Vec<PersonEntry>) -> Self {
        Self { listen, tls: None, allow_plain_http: false, proposals: true, four_eyes: true, people }
    }
}

/// A person, how it proves who it is, and what it is here for. Each of its credentials is enough.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// Its name, as it stands in the records of what it changes; no caller has the same.
    pub name: String,
    /// `author`, `approver`, `operator`, `auditor`; more than one may be given.
    pub roles: Vec<Role>,
    /// SHA-256 of an API key that is always good, in hexadecimal.
    #[serde(default)]
    pub key_sha256: Option<String>,
    /// API keys with the times at which they are good.
    #[serde(default)]
    pub keys: Vec<KeyEntry>,
    /// The access token by which it may say who it is, usually with `subject` set.
    #[serde(default)]
    pub token: Option<TokenEntry>,
}

/// How much of an explanation a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// The decision, and what the caller must do.
    #[default]
    Minimal,
    /// Also the reason.
    Reason,
    /// Everything.
    Full,
}

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

/// The optional endpoints of AuthZEN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoints {
    /// `POST /access/v1/evaluations`.
    pub evaluations: bool,
    /// `POST /access/v1/search/subject`.
    pub search_subject: bool,
    /// `POST /access/v1/search/resource`.
    pub search_resource: bool,
    /// `POST /access/v1/search/action`.
    pub search_action: bool,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self { evaluations: true, search_subject: true, search_resource: true, search_action: true }
    }
}

/// Bounds of the listener.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest request body.
    pub body_bytes: usize,
    /// Largest request head.
    pub header_bytes: usize,
    /// Time for a whole request head, and for an idle connection to send its next one.
    pub header_timeout_ms: u64,
    /// Time for a whole body, and for a client that stalls to take some more of its answer.
    pub body_timeout_ms: u64,
    /// Time for a whole request; past it the answer is 503, never a decision.
    pub request_timeout_ms: u64,
    /// Open connections; further ones are closed at once.
    pub max_connections: usize,
    /// Requests worked on at once; further ones are answered 503.
    pub max_in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: limits::BODY_BYTES,
            header_bytes: limits::HEADER_BYTES,
            header_timeout_ms: limits::HEADER_TIMEOUT_MS,
            body_timeout_ms: limits::BODY_TIMEOUT_MS,
            request_timeout_ms: limits::REQUEST_TIMEOUT_MS,
            max_connections: limits::MAX_CONNECTIONS,
            max_in_flight: limits::MAX_IN_FLIGHT,
        }
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `json` for machines, `pretty` for people.
    pub format: LogFormat,
    /// A level (`error`, `warn`, `info`, `debug`, `trace`) or a filter such as `info,remit_server=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: String::from("info") }
    }
}

/// Where is told how long requests take: a span for each, with route, status and the id of the decision, and nothing of what
/// was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// An OTLP receiver over HTTP, such as `http://127.0.0.1:4318`: https, or http on loopback. Spans are posted to
    /// `/v1/traces` below it as protobuf. Without it none are made.
    pub otlp_endpoint: Option<String>,
    /// Of requests whose caller has not decided that (`traceparent`), so many in a hundred are traced.
    pub sample_percent: u8,
    /// The name of this service in traces.
    pub service_name: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_percent: 100, service_name: String::from("remit") }
    }
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Text for a terminal.
    #[default]
    Pretty,
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
