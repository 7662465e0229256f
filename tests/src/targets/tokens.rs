//! Tokens and key sets: nothing that is not in the file of tokens is ever believed.

use std::sync::{Arc, OnceLock};

use remit_identity::{
    AlgorithmName, IdentityConfig, IssuerConfig, KeySource, Offline, PresentedToken, Profile, TokenType,
    Verifier, jws,
};
use remit_model::Timestamp;
use serde_json::Value;

const TOKENS: &str = include_str!("../../../crates/remit-identity/tests/data/jwt_attacks.json");

struct World {
    verifier: Verifier,
    now: Timestamp,
    /// What may be accepted: the signed part of each token that is not to be refused.
    signed: Vec<String>,
    runtime: tokio::runtime::Runtime,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let file: Value = serde_json::from_str(TOKENS).expect("JSON");
        let mut config = IdentityConfig::default();
        for (issuer, keys) in file.get("jwks").and_then(Value::as_object).expect("key sets") {
            let source = KeySource::Inline(keys.to_string());
            let mut entry =
                IssuerConfig::new(issuer, &[Profile::AccessToken], &["https://pdp.example"], source);
            entry.algorithms = vec![AlgorithmName::ES256, AlgorithmName::EdDSA, AlgorithmName::RS256];
            entry.typ = vec!["JWT".into()];
            entry.details_types = vec!["remit_task".into()];
            config.issuers.push(entry);
        }
        let verifier = Verifier::new(&config, Arc::new(Offline)).expect("a configuration");
        let now = file.get("verifier").and_then(|it| it.get("now")?.as_i64()).expect("a time");
        let cases = file.get("cases").and_then(Value::as_array).expect("cases");
        let good = cases.iter().filter(|case| case.get("expect").is_some_and(|it| it != "reject"));
        let signed = good.filter_map(|case| signed_part(case.get("token")?.as_str()?)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        World { verifier, now: Timestamp::from_unix_seconds(now).expect("in range"), signed, runtime }
    })
}

fn signed_part(token: &str) -> Option<String> {
    token.rsplit_once('.').map(|(signed, _)| signed.to_owned())
}

/// A token: what is accepted was signed by an issuer.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let world = world();
    let presented = PresentedToken::new(TokenType::AccessToken.urn(), text);
    let verdict = world.runtime.block_on(world.verifier.verify(&[presented], world.now));
    if verdict.is_ok() {
        let signed = signed_part(text.trim()).expect("a token has a signed part");
        assert!(world.signed.contains(&signed), "believed: {text}");
    }
}

/// A key set, and a token that is checked with it: refused, or really signed by one of the keys.
pub fn keys(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (token, keys) = text.split_once('\n').unwrap_or(("eyJhbGciOiJFUzI1NiJ9.e30.AAAA", text));
    if jws::check_compact(token, keys).is_ok() {
        assert!(
            jws::check_compact(&format!("{token}A"), keys).is_err(),
            "a longer signature is believed too"
        );
        let (head, rest) = token.split_once('.').expect("three parts");
        assert!(
            jws::check_compact(&format!("{head}.x{rest}"), keys).is_err(),
            "another payload is believed too"
        );
    }
}
