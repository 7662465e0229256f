//! The issuer of probes: a token whose claims stand in a request is signed, so that it takes the way of every token.

use remit_identity::{IdentityConfig, IssuerConfig, KeySource, Mint, Profile};
use serde_json::{Map, Value, json};

use super::ProbeError;

/// Its name.
const ISSUER: &str = "https://issuer.probes.example";
/// Whom its tokens are for.
const AUDIENCE: &str = "https://pdp.probes.example";
/// Noon of the probes, in seconds.
const NOON_S: i64 = 1_780_315_200;
/// When tokens are issued, in seconds before noon.
const ISSUED_BEFORE_S: i64 = 60;
/// How long they are good for.
const LIFETIME_S: i64 = 600;

/// Signs the tokens of a run.
pub(super) struct Issuer(Mint);

impl Issuer {
    pub(super) fn new() -> Result<Self, ProbeError> {
        let mint = Mint::new();
        mint.map(Self).ok_or_else(|| ProbeError::Start("the system has no randomness to give".to_owned()))
    }

    /// The configuration that believes it, and nobody else.
    pub(super) fn config(&self) -> IdentityConfig {
        let keys = KeySource::Inline(self.0.keys());
        let issuer = IssuerConfig::new(ISSUER, &[Profile::AccessToken], &[AUDIENCE], keys);
        IdentityConfig { issuers: vec![issuer], ..IdentityConfig::default() }
    }

    /// The request with each token that is given by its `claims` as a signed one. What the claims do not say is issuer,
    /// audience, the subject of the request, a minute ago, ten minutes.
    pub(super) fn minted(&self, request: &Value) -> Value {
        let mut request = request.clone();
        let subject = request.pointer("/subject/id").cloned();
        let tokens = request.pointer_mut("/context/tokens").and_then(Value::as_array_mut);
        for token in tokens.into_iter().flatten().filter_map(Value::as_object_mut) {
            let Some(Value::Object(claims)) = token.remove("claims") else { continue };
            let issued = NOON_S - ISSUED_BEFORE_S;
            let usual = json!({
                "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "client_id": "probe", "jti": "probe-token",
                "iat": issued, "exp": issued + LIFETIME_S,
            });
            let mut all: Map<String, Value> = usual.as_object().cloned().unwrap_or_default();
            all.extend(claims);
            let signed = self.0.sign("at+jwt", &Value::Object(all).to_string()).unwrap_or_default();
            token.insert("token".to_owned(), signed.into());
        }
        request
    }
}
