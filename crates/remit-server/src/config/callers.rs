//! Those that may ask: how each proves who it is, and what it may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;

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
