//! Whether what the configuration points to outside can be reached, asked once and before anything runs.

use std::sync::Arc;

use remit_identity::Verifier;
use remit_pdp::Timestamp;

use crate::config::Config;
use crate::outbound::{Outbound, OutboundError};

/// Why nobody could be asked.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// There is no client to ask with.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The issuers are refused.
    #[error("the issuers cannot be used: {0}")]
    Identity(#[from] remit_identity::ConfigError),
}

/// Reads the key set of every issuer that has one; the issuer, and why its keys cannot be used.
///
/// # Errors
/// When the issuers or their authorities are refused before anybody is asked.
pub async fn issuers(
    config: &Config,
    now: Timestamp,
) -> Result<Vec<(String, Result<(), String>)>, ReachError> {
    if config.identity.issuers.is_empty() {
        return Ok(Vec::new());
    }
    let outbound = Outbound::new(config.issuer_ca_file.as_deref())?;
    let verifier = Verifier::new(&config.identity, Arc::new(outbound))?;
    let tried = verifier.try_keys(now).await;
    Ok(tried
        .into_iter()
        .map(|(issuer, outcome)| (issuer, outcome.map_err(|fault| fault.to_string())))
        .collect())
}
