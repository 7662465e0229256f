//! Who asks. SPEC: AuthZEN 1.0 §11.2 leaves the means open; ours are an API key as bearer token or as Basic secret, an
//! access token of a configured issuer, and the workload of the connection's certificate.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use remit_pdp::{Pep, Timestamp, Unverified, Workload};

use crate::app::{App, Side};
use crate::keyring::{Keyring, Known};
use crate::limits;
use crate::problem::Problem;
use crate::request_id;
use crate::role;
use crate::route::Route;
use crate::svid::Svid;

/// The caller, known by what it presents.
#[derive(Debug, Clone)]
pub struct AuthenticatedPep(pub Arc<Pep>);

impl FromRequestParts<Arc<App>> for AuthenticatedPep {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let now = app.pdp.now()?;
        let peer = parts.extensions.get::<Svid>().filter(|peer| peer.holds());
        let known = match identify(&parts.headers, peer, &app.keyring, now) {
            Told::Known(known) => Some(known),
            Told::Token(token) => by_token(token, app, now).await?,
            Told::Nobody => None,
        };
        let known = known.ok_or(Problem::Unauthenticated)?;
        let pep = connected(&known.pep, peer).ok_or(Problem::Unauthenticated)?;
        if app.side == Side::People {
            let route = Route::of(parts.uri.path(), app.config.base_path());
            if !role::may(&known.roles, route, &parts.method) {
                return Err(Problem::Forbidden(String::from("none of your roles opens this")));
            }
        }
        if let Err(refused) = pep.take(1) {
            app.pdp.counts().throttled.up();
            return Err(refused.into());
        }
        Ok(Self(pep))
    }
}

/// The caller that an access token names; nobody when it does not verify.
async fn by_token<'a>(token: &str, app: &'a App, now: Timestamp) -> Result<Option<&'a Known>, Problem> {
    match app.pdp.caller(token, now).await {
        Ok(caller) => Ok(app.keyring.named(&caller)),
        Err(Unverified::Token { fault, .. }) => {
            tracing::debug!(code = fault.code(), "the token of a caller is refused");
            Ok(None)
        }
        Err(Unverified::Fault(fault)) => {
            tracing::warn!(%fault, "the token of a caller cannot be verified");
            Err(Problem::Unavailable(String::from("who calls cannot be verified now")))
        }
    }
}

/// The caller with the workload that its connection proves, where that is asked for; nobody when it is missing.
fn connected(pep: &Arc<Pep>, peer: Option<&Svid>) -> Option<Arc<Pep>> {
    if pep.workload == Workload::Unasked {
        return Some(Arc::clone(pep));
    }
    Some(Arc::new(Pep { workload: Workload::Proved(peer?.id.clone()), ..Pep::clone(pep) }))
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

/// What a request tells of its caller.
enum Told<'a> {
    Known(&'a Known),
    /// Who this names is still to be verified.
    Token(&'a str),
    Nobody,
}

impl<'a> Told<'a> {
    fn of(known: Option<&'a Known>) -> Self {
        known.map_or(Self::Nobody, Self::Known)
    }
}

/// The caller that the header proves; nobody when it is doubled, malformed or unknown. Without one the connection speaks.
fn identify<'a>(
    headers: &'a HeaderMap,
    peer: Option<&Svid>,
    keyring: &'a Keyring,
    now: Timestamp,
) -> Told<'a> {
    if let Some(open) = keyring.open() {
        return Told::Known(open);
    }
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(credential) = sent.next().map(http::HeaderValue::as_bytes) else {
        return Told::of(peer.and_then(|peer| keyring.workload(peer.id.as_str())));
    };
    if sent.next().is_some() || credential.len() > limits::CREDENTIAL_BYTES {
        return Told::Nobody;
    }
    presented(credential, keyring, now).unwrap_or(Told::Nobody)
}

fn presented<'a>(credential: &'a [u8], keyring: &'a Keyring, now: Timestamp) -> Option<Told<'a>> {
    let at = credential.iter().position(|byte| *byte == b' ')?;
    let (scheme, value) = credential.split_at_checked(at)?;
    let value = value.trim_ascii();
    if scheme.eq_ignore_ascii_case(b"bearer") {
        let holder = keyring.holder(value, now);
        if holder.is_none() && keyring.takes_tokens() {
            return std::str::from_utf8(value).ok().map(Told::Token);
        }
        Some(Told::of(holder))
    } else if scheme.eq_ignore_ascii_case(b"basic") {
        basic(value, keyring, now).map(Told::Known)
    } else {
        None
    }
}

/// Client id and secret, each form-urlencoded before they were joined and encoded (RFC 6749 §2.3.1).
fn basic<'a>(value: &[u8], keyring: &'a Keyring, now: Timestamp) -> Option<&'a Known> {
    let joined = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
    let at = joined.iter().position(|byte| *byte == b':')?;
    let (id, secret) = (joined.get(..at)?, joined.get(at + 1..)?);
    let known = keyring.holder(form_decoded(secret)?.as_bytes(), now)?;
    (*known.pep.name == *form_decoded(id)?).then_some(known)
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
    use crate::config::{Config, PepEntry};
    use crate::keyring::sha256_hex;

    fn ring() -> Keyring {
        let entry = |name: &str, key: &str| PepEntry {
            key_sha256: Some(sha256_hex(key.as_bytes())),
            ..PepEntry::new(name)
        };
        Keyring::of(&Config {
            peps: vec![entry("gate", "k1"), entry("my shop", "a:b+c%")],
            ..Config::default()
        })
    }

    fn told(headers: &HeaderMap, ring: &Keyring) -> Option<String> {
        match identify(headers, None, ring, Timestamp::from_unix_seconds(0).expect("a time")) {
            Told::Known(known) => Some(known.pep.name.to_string()),
            Told::Token(_) | Told::Nobody => None,
        }
    }

    fn who(headers: &[&str]) -> Option<String> {
        let map = headers
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_str(value).expect("header")))
            .collect::<HeaderMap>();
        told(&map, &ring())
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
            assert_eq!(told(&map, &ring).as_deref(), Some("loopback"), "{header}");
        }
        assert!(told(&HeaderMap::new(), &ring).is_some());
    }
}
