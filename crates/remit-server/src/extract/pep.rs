//! Who asks. SPEC: AuthZEN 1.0 §11.2 leaves the means open; ours are an API key as bearer token or as Basic secret.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use remit_pdp::{Pep, Workload};

use crate::app::App;
use crate::keyring::Keyring;
use crate::limits;
use crate::problem::Problem;
use crate::request_id;
use crate::svid::Svid;

/// The caller, known by its key.
#[derive(Debug, Clone)]
pub struct AuthenticatedPep(pub Arc<Pep>);

impl FromRequestParts<Arc<App>> for AuthenticatedPep {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let pep = identify(&parts.headers, &app.keyring).ok_or(Problem::Unauthenticated)?;
        let known = connected(pep, parts.extensions.get::<Svid>());
        known.map(Self).ok_or(Problem::Unauthenticated)
    }
}

/// The caller with the workload that its connection proves, where that is asked for; nobody when it is missing.
fn connected(pep: &Arc<Pep>, peer: Option<&Svid>) -> Option<Arc<Pep>> {
    if pep.workload == Workload::Unasked {
        return Some(Arc::clone(pep));
    }
    let peer = peer.filter(|peer| peer.holds())?;
    Some(Arc::new(Pep { workload: Workload::Proved(peer.id.clone()), ..Pep::clone(pep) }))
}

/// `X-Request-ID` of this request, when it is UTF-8.
#[derive(Debug, Clone)]
pub struct RequestId(Option<http::HeaderValue>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_ref().and_then(|id| std::str::from_utf8(id.as_bytes()).ok())
    }
}

impl FromRequestParts<Arc<App>> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get(&request_id::NAME).cloned()))
    }
}

/// The caller that the headers prove; nobody when the header is missing, doubled, malformed or unknown.
fn identify<'a>(headers: &HeaderMap, keyring: &'a Keyring) -> Option<&'a Arc<Pep>> {
    if let Some(open) = keyring.open() {
        return Some(open);
    }
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let credential = sent.next().map(http::HeaderValue::as_bytes)?;
    if sent.next().is_some() || credential.len() > limits::CREDENTIAL_BYTES {
        return None;
    }
    let at = credential.iter().position(|byte| *byte == b' ')?;
    let (scheme, value) = credential.split_at_checked(at)?;
    let value = value.trim_ascii();
    if scheme.eq_ignore_ascii_case(b"bearer") {
        keyring.holder(value)
    } else if scheme.eq_ignore_ascii_case(b"basic") {
        basic(value, keyring)
    } else {
        None
    }
}

/// Client id and secret, each form-urlencoded before they were joined and encoded (RFC 6749 §2.3.1).
fn basic<'a>(value: &[u8], keyring: &'a Keyring) -> Option<&'a Arc<Pep>> {
    let joined = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
    let at = joined.iter().position(|byte| *byte == b':')?;
    let (id, secret) = (joined.get(..at)?, joined.get(at + 1..)?);
    let pep = keyring.holder(form_decoded(secret)?.as_bytes())?;
    (pep.name == form_decoded(id)?).then_some(pep)
}

/// One form-urlencoded word. A raw `&` or `=` never comes out of that encoding, so it is left as it is.
fn form_decoded(word: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(word).ok()?;
    if text.contains(['&', '=']) {
        return Some(text.to_owned());
    }
    Some(
        form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::config::{Config, Detail, PepEntry};
    use crate::keyring::sha256_hex;

    fn ring() -> Keyring {
        let entry = |name: &str, key: &str| PepEntry {
            name: name.to_owned(),
            key_sha256: sha256_hex(key.as_bytes()),
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
        };
        Keyring::of(&Config {
            peps: vec![entry("gate", "k1"), entry("my shop", "a:b+c%")],
            ..Config::default()
        })
    }

    fn who(headers: &[&str]) -> Option<String> {
        let map = headers
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_str(value).expect("header")))
            .collect::<HeaderMap>();
        identify(&map, &ring()).map(|pep| pep.name.clone())
    }

    fn encoded(text: &str) -> String {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    }

    #[test]
    fn keys_identify_their_holder() {
        for header in ["Bearer k1", "bearer k1", "BEARER  k1"] {
            assert_eq!(who(&[header]).as_deref(), Some("gate"), "{header}");
        }
        assert_eq!(who(&[&encoded("gate:k1")]).as_deref(), Some("gate"));
        assert_eq!(who(&[&encoded("my+shop:a%3Ab%2Bc%25")]).as_deref(), Some("my shop"));
    }

    #[test]
    fn everything_else_is_nobody() {
        let wrong = [
            String::from("undefined"),
            String::from("Bearer"),
            String::from("Bearer "),
            String::from("Bearer k2"),
            String::from("Bearer k1 k1"),
            String::from("Digest k1"),
            String::from("Basic !!!"),
            encoded("gate"),
            encoded("gate:k2"),
            encoded("shop:k1"),
            encoded(":k1"),
        ];
        for header in &wrong {
            assert_eq!(who(&[header]), None, "{header}");
        }
        assert_eq!(who(&[]), None, "no header");
        assert_eq!(who(&["Bearer k1", "Bearer k1"]), None, "two headers");
        assert_eq!(who(&[&format!("Bearer {}", "k".repeat(limits::CREDENTIAL_BYTES))]), None, "too long");
    }

    #[test]
    fn an_open_loopback_ring_takes_anything() {
        let ring = Keyring::of(&Config { insecure_loopback: true, ..Config::default() });
        for header in ["undefined", "Bearer x", "Basic !!!"] {
            let map = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(header))]);
            assert_eq!(identify(&map, &ring).map(|pep| pep.name.as_str()), Some("loopback"), "{header}");
        }
        assert!(identify(&HeaderMap::new(), &ring).is_some());
    }
}
