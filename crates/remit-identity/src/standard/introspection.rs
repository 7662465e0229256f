//! Token introspection (RFC 7662): the issuer is asked whether a token is active. No answer is a fault, not a no.

use remit_json::{Limits, Object};
use remit_model::Timestamp;

use crate::claims::{Claims, Times, seconds};
use crate::config::{ConfigError, Introspection, IssuerConfig, Profile};
use crate::fault::{IdentityFault, TokenFault};
use crate::fetch::{Fetch, FetchRequest};
use crate::limits;
use crate::proved::{Case, Failure, Proved};
use crate::standard::access_token::prove_subject;
use crate::token::Secret;
use crate::url::AddressRule;

/// Where and how an issuer is asked.
pub(crate) struct Endpoint {
    issuer: String,
    url: String,
    authorization: Option<Secret>,
    ttl_s: u32,
    /// Whether tokens that are no JWT are asked about here.
    pub opaque: bool,
}

impl Endpoint {
    pub(crate) fn new(config: &IssuerConfig, introspection: &Introspection) -> Result<Self, ConfigError> {
        let from_file = match &introspection.authorization_file {
            None => None,
            Some(path) => {
                let unreadable = |_| ConfigError::File { issuer: config.issuer.clone(), path: path.clone() };
                Some(std::fs::read_to_string(path).map_err(unreadable)?.trim().to_owned())
            }
        };
        Ok(Self {
            issuer: config.issuer.clone(),
            url: introspection.endpoint.clone(),
            authorization: from_file.or(introspection.authorization.clone()).map(|it| Secret::new(&it)),
            ttl_s: introspection.ttl_s,
            opaque: introspection.opaque,
        })
    }

    /// Asks about one token.
    pub(crate) async fn ask(
        &self,
        fetch: &dyn Fetch,
        addresses: AddressRule,
        token: &str,
    ) -> Result<Claims, Failure> {
        let form = format!("token={}&token_type_hint=access_token", encode(token));
        let request = FetchRequest {
            url: &self.url,
            form: Some(&form),
            json: None,
            headers: &[],
            authorization: self.authorization.as_ref().map(Secret::reveal),
            max_bytes: limits::INTROSPECTION_BYTES,
            deadline_ms: limits::FETCH_MS,
            addresses,
        };
        let reply = fetch.fetch(request).await.map_err(|error| self.unavailable(&error.to_string()))?;
        if !reply.is_json() || reply.body.len() > limits::INTROSPECTION_BYTES {
            return Err(self.unavailable("the answer is not bounded JSON").into());
        }
        let answer = read(&reply.body).ok_or_else(|| self.unavailable("the answer is not strict JSON"))?;
        // SPEC: RFC 7662 §2.2: `active` is required; an answer without it says nothing.
        match answer.get("active").and_then(remit_json::Json::as_bool) {
            Some(true) => Ok(Claims(answer)),
            Some(false) => Err(TokenFault::Inactive.into()),
            None => Err(self.unavailable("the answer does not say whether the token is active").into()),
        }
    }

    /// How long an answer given now is believed.
    pub(crate) fn believed_until(&self, now: Timestamp) -> Timestamp {
        now.checked_add(seconds(self.ttl_s)).unwrap_or(now)
    }

    fn unavailable(&self, cause: &str) -> IdentityFault {
        IdentityFault::IntrospectionUnavailable { issuer: self.issuer.clone(), cause: cause.into() }
    }

    /// What an active token proves. `iss`, `aud` and `exp` are optional in an answer, and binding where given.
    pub(crate) fn prove(&self, case: &Case<'_>) -> Result<Proved, TokenFault> {
        let claims = case.claims;
        if claims.text("iss")?.is_some_and(|named| named != case.issuer.name) {
            return Err(TokenFault::IssuerUnknown);
        }
        if claims.0.get("aud").is_some() {
            claims.check_audience(case.issuer)?;
        }
        let believed = self.believed_until(case.now);
        let expires = claims.time("exp")?.unwrap_or(believed);
        let times = Times { issued: claims.time("iat")?, not_before: claims.time("nbf")?, expires };
        times.check(case.issuer.leeway_s, case.now)?;
        let mut proved = prove_subject(Profile::AccessToken, case, times)?;
        proved.believed_until = proved.believed_until.min(believed);
        proved.claims.remove("active");
        Ok(proved)
    }
}

fn read(body: &[u8]) -> Option<Object<'static>> {
    let bounds = Limits {
        bytes: limits::INTROSPECTION_BYTES,
        depth: limits::JSON_DEPTH,
        members: limits::JSON_VALUES,
    };
    let json = remit_json::parse(body, &bounds).ok()?;
    json.as_object().cloned().map(Object::into_owned)
}

/// `application/x-www-form-urlencoded`, with every reserved character escaped.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Whether a text can be a bearer token at all (RFC 6750, section 2.1).
pub(crate) fn is_bearer_text(token: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    !token.is_empty() && token.len() <= limits::TOKEN_BYTES && token.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_break_out_of_the_form() {
        assert_eq!(encode("a-b._~"), "a-b._~");
        assert_eq!(encode("a&active=true b+/="), "a%26active%3Dtrue%20b%2B%2F%3D");
        assert!(is_bearer_text("mF_9.B5f-4.1JqM"));
        for bad in ["", "a b", "a\n", "a&b", "ä"] {
            assert!(!is_bearer_text(bad), "{bad}");
        }
    }
}
