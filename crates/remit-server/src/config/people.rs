//! The listener of people, and who they are.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyEntry, Tls, TokenEntry, yes};
use crate::role::Role;

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
