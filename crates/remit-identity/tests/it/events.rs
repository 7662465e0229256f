//! Security event tokens: what a good one says, and the code of each single fault.

use std::sync::Arc;

use remit_identity::{
    IdentityConfig, IssuerConfig, KeySource, Offline, PresentedToken, Profile, TokenType, Unverified,
    Verifier,
};
use serde_json::{Value, json};

use crate::issuer::{Signer, key_set};
use crate::{NOW, at};

const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const RISK: &str = "https://schemas.openid.net/secevent/caep/event-type/risk-level-change";

fn verifier(signer: &Signer) -> Verifier {
    let keys = KeySource::Inline(key_set(&[signer]));
    let accepts = [Profile::SecurityEvent, Profile::AccessToken];
    let issuer = IssuerConfig::new("https://as.example", &accepts, &["https://pdp.example"], keys);
    let config = IdentityConfig { issuers: vec![issuer], allow_private_addresses: false };
    Verifier::new(&config, Arc::new(Offline)).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "https://as.example", "aud": "https://pdp.example", "jti": "e1", "iat": NOW,
        "sub_id": { "format": "iss_sub", "iss": "https://as.example", "sub": "alice" },
        "events": { REVOKED: { "event_timestamp": NOW - 20 } },
    })
}

fn signed(signer: &Signer, claims: &Value) -> String {
    signer.sign(&json!({ "alg": "ES256", "typ": "secevent+jwt", "kid": "k" }), claims)
}

fn with(path: &str, value: Value) -> Value {
    let mut changed = claims();
    *changed.pointer_mut(path).unwrap() = value;
    changed
}

#[tokio::test]
async fn an_event_says_what_happened_to_whom_and_when() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let event = verifier.security_event(&signed(&signer, &claims()), at(NOW)).await.unwrap();
    assert_eq!((event.issuer.as_str(), event.jti.as_str()), ("https://as.example", "e1"));
    let [change] = event.changes.as_slice() else { panic!("one change") };
    assert_eq!((change.kind, change.at, &change.level), ("session_revoked", at(NOW - 20), &None));
    assert_eq!(change.party.to_string(), r#"user:"alice""#);
    // A user inside a complex subject; a level; a time that lies ahead is now.
    let risk = json!({
        "iss": "https://as.example", "aud": ["https://pdp.example"], "jti": "e2", "iat": NOW,
        "sub_id": { "format": "complex", "user": { "format": "opaque", "id": "bob" }, "session": { "format": "opaque", "id": "s" } },
        "events": { RISK: { "current_level": "HIGH", "principal": "USER", "event_timestamp": NOW + 900 } },
    });
    let event = verifier.security_event(&signed(&signer, &risk), at(NOW)).await.unwrap();
    let change = &event.changes[0];
    assert_eq!(
        (change.kind, change.level.as_deref(), change.at),
        ("risk_level_change", Some("HIGH"), at(NOW))
    );
    assert_eq!(change.party.to_string(), r#"user:"bob""#);
    // Kinds that mean nothing here are no reason to refuse.
    let other = with(
        "/events",
        json!({ "https://schemas.openid.net/secevent/ssf/event-type/verification": { "state": "x" } }),
    );
    assert!(verifier.security_event(&signed(&signer, &other), at(NOW)).await.unwrap().changes.is_empty());
}

#[tokio::test]
async fn each_fault_of_an_event_has_its_code() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let foreign = json!({ "format": "iss_sub", "iss": "https://other.example", "sub": "alice" });
    for (claims, code) in [
        (with("/iss", json!("https://other.example")), "issuer_unknown"),
        (with("/aud", json!("https://other.example")), "audience_mismatch"),
        (with("/iat", json!(NOW + 31)), "not_yet_valid"),
        (with("/iat", Value::Null), "claim_invalid"),
        (with("/jti", json!("")), "claim_invalid"),
        (with("/events", json!({})), "claim_missing"),
        (with("/events", json!({ REVOKED: 1 })), "claim_invalid"),
        (with("/sub_id", foreign), "issuer_unknown"),
        (with("/sub_id", json!({ "format": "phone_number", "phone_number": "+1" })), "claim_invalid"),
        (with("/sub_id", json!({ "format": "complex", "device": {} })), "claim_invalid"),
    ] {
        let verdict = verifier.security_event(&signed(&signer, &claims), at(NOW)).await;
        let Err(Unverified::Token { fault, .. }) = verdict else { panic!("{code}: {verdict:?}") };
        assert_eq!(fault.code(), code, "{claims}");
    }
    let stranger = Signer::new("k");
    let verdict = verifier.security_event(&signed(&stranger, &claims()), at(NOW)).await;
    assert!(matches!(verdict, Err(Unverified::Token { fault, .. }) if fault.code() == "signature_invalid"));
}

#[tokio::test]
async fn an_event_is_no_token_and_a_token_is_no_event() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let mut both = claims();
    (both["sub"], both["exp"]) = (json!("alice"), json!(NOW + 600));
    let event = signed(&signer, &both);
    let presented = PresentedToken::new(TokenType::AccessToken.urn(), &event);
    let Err(Unverified::Token { fault, .. }) = verifier.verify(&[presented], at(NOW)).await else {
        panic!("an event was taken for an access token")
    };
    assert_eq!(fault.code(), "typ_mismatch");
    let token = signer.sign(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k" }), &both);
    let verdict = verifier.security_event(&token, at(NOW)).await;
    assert!(matches!(verdict, Err(Unverified::Token { fault, .. }) if fault.code() == "typ_mismatch"));
}

#[tokio::test]
async fn evidence_says_since_when_the_subject_is_named() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let evidence = verifier.verify(&[signer.access(&json!({}))], at(NOW)).await.unwrap();
    assert_eq!(evidence.subject_issued, Some(at(NOW)));
}
