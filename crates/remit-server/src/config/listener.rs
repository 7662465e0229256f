//! The listener of decisions: its certificate, what it offers, its bounds.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;

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
