//! The well-known document (AuthZEN 1.0 §9): where the endpoints are and what else is spoken.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::evaluation::without_nulls;

#[cfg(test)]
mod tests;

/// Path of the evaluation endpoint under the base URL.
pub const EVALUATION: &str = "/access/v1/evaluation";
/// Path of the evaluations endpoint under the base URL.
pub const EVALUATIONS: &str = "/access/v1/evaluations";
/// Path of the subject search under the base URL.
pub const SEARCH_SUBJECT: &str = "/access/v1/search/subject";
/// Path of the resource search under the base URL.
pub const SEARCH_RESOURCE: &str = "/access/v1/search/resource";
/// Path of the action search under the base URL.
pub const SEARCH_ACTION: &str = "/access/v1/search/action";
/// Path of the metadata document of an identifier without a path.
pub const WELL_KNOWN: &str = "/.well-known/authzen-configuration";

/// The URL that names a decision point, character by character as clients are configured with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    url: String,
    path_at: usize,
}

/// Why a URL cannot name a decision point.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Another scheme than https.
    #[error("`{0}` must be an https URL (http is for loopback only, where it is allowed)")]
    Scheme(String),
    /// A query or a fragment.
    #[error("`{0}` must have neither query nor fragment")]
    Suffix(String),
    /// A slash at the end.
    #[error("`{0}` must not end with a slash")]
    TrailingSlash(String),
    /// No host, user information, or characters that a URL does not hold.
    #[error("`{0}` is not a plain URL of host and path")]
    Authority(String),
}

impl Identifier {
    /// Checks a configured URL. `loopback_http` permits `http` for this machine's own addresses.
    pub fn parse(url: &str, loopback_http: bool) -> Result<Self, IdentifierError> {
        let (rest, plain) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (rest, false),
            (None, Some(rest)) => (rest, true),
            (None, None) => return Err(IdentifierError::Scheme(url.into())),
        };
        if url.contains(['?', '#']) {
            return Err(IdentifierError::Suffix(url.into()));
        }
        if url.ends_with('/') {
            return Err(IdentifierError::TrailingSlash(url.into()));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if !is_authority(authority) || !url.bytes().all(is_url_byte) {
            return Err(IdentifierError::Authority(url.into()));
        }
        if plain && !(loopback_http && is_loopback(authority)) {
            return Err(IdentifierError::Scheme(url.into()));
        }
        Ok(Self { url: url.into(), path_at: url.len() - rest.len() + authority.len() })
    }

    /// The URL as configured.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Where the document is served: the well-known segment stands between host and path (§9.2).
    pub fn well_known_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.path())
    }

    /// Where clients look that append the segment instead; the same path when there is no tenant.
    pub fn appended_path(&self) -> String {
        format!("{}{WELL_KNOWN}", self.path())
    }

    fn path(&self) -> &str {
        self.url.get(self.path_at..).unwrap_or_default()
    }
}

fn is_authority(authority: &str) -> bool {
    !host(authority).is_empty() && !authority.contains('@')
}

/// The authority without its port.
fn host(authority: &str) -> &str {
    match authority.split_once(']') {
        Some((address, _)) => address.trim_start_matches('['),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = host(authority);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

/// Which endpoints are switched on; the single evaluation always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoints {
    /// Batches.
    pub evaluations: bool,
    /// Subject search.
    pub search_subject: bool,
    /// Resource search.
    pub search_resource: bool,
    /// Action search.
    pub search_action: bool,
}

impl Endpoints {
    /// Everything.
    pub const ALL: Self =
        Self { evaluations: true, search_subject: true, search_resource: true, search_action: true };
}

/// The document. It has no member that is null or empty; what is off is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metadata {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_evaluations_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_subject_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_resource_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_action_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capabilities: Vec<String>,
    #[serde(flatten)]
    extensions: Map<String, Value>,
}

impl Metadata {
    /// The document of a decision point whose endpoints stand at their default paths.
    pub fn new(identifier: &Identifier, endpoints: Endpoints) -> Self {
        let base = identifier.as_str();
        let endpoint = |on: bool, path: &str| on.then(|| format!("{base}{path}"));
        Self {
            policy_decision_point: base.into(),
            access_evaluation_endpoint: format!("{base}{EVALUATION}"),
            access_evaluations_endpoint: endpoint(endpoints.evaluations, EVALUATIONS),
            search_subject_endpoint: endpoint(endpoints.search_subject, SEARCH_SUBJECT),
            search_resource_endpoint: endpoint(endpoints.search_resource, SEARCH_RESOURCE),
            search_action_endpoint: endpoint(endpoints.search_action, SEARCH_ACTION),
            capabilities: Vec::new(),
            extensions: Map::new(),
        }
    }

    /// Lists a capability by its name, once.
    #[must_use]
    pub fn with_capability(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !name.is_empty() && !self.capabilities.contains(&name) {
            self.capabilities.push(name);
        }
        self
    }

    /// Adds a member that a profile defines. Empty and null values are left out, and so is a name
    /// that the core specification defines: those have their own ways in.
    #[must_use]
    pub fn with_extension(mut self, name: &str, value: Value) -> Self {
        let mut member = without_nulls(Map::from_iter([(name.to_owned(), value)]));
        member.retain(|name, value| !CORE.contains(&name.as_str()) && !is_empty(value));
        self.extensions.extend(member);
        self
    }
}

/// Members that the core specification defines and this document writes itself.
const CORE: [&str; 7] = [
    "policy_decision_point",
    "access_evaluation_endpoint",
    "access_evaluations_endpoint",
    "search_subject_endpoint",
    "search_resource_endpoint",
    "search_action_endpoint",
    "capabilities",
];

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
