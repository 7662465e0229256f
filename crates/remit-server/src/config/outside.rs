//! What goes to others and comes from them: sources, incidents, keyed outcomes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConfigError, reference};
use crate::limits;

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
