//! `Verifier`: presented tokens to evidence, or why not.

use std::sync::Arc;

use remit_model::Timestamp;

use crate::config::{ConfigError, IdentityConfig};
use crate::evidence::Evidence;
use crate::fault::{TokenFault, Unverified};
use crate::fetch::Fetch;
use crate::token::{PresentedToken, TokenHash};

/// Verifies the tokens of requests. One per process; it holds the key sets and what was verified before.
pub struct Verifier {
    fetch: Arc<dyn Fetch>,
}

impl Verifier {
    /// Checks the configuration and prepares one entry per issuer. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`ConfigError`] says which entry is wrong.
    pub fn new(config: &IdentityConfig, fetch: Arc<dyn Fetch>) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self { fetch })
    }

    /// Verifies every token and joins what they prove.
    ///
    /// # Errors
    /// [`Unverified::Token`] when a token is at fault, [`Unverified::Fault`] when we cannot tell.
    pub async fn verify(
        &self,
        tokens: &[PresentedToken],
        now: Timestamp,
    ) -> Result<Arc<Evidence>, Unverified> {
        let _ = (tokens, now, &self.fetch);
        Err(Unverified::Token { index: 0, fault: TokenFault::TypeUnsupported })
    }

    /// Refuses a token from now on, until it would have expired anyway.
    pub fn revoke(&self, token: TokenHash, until: Timestamp) {
        let _ = (token, until);
    }

    /// Reads the key sets that are due; a server calls it now and then, so that no decision waits for an issuer.
    pub async fn refresh_due(&self, now: Timestamp) {
        let _ = now;
    }
}
