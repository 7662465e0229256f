//! Tokens that only their issuer can read: active, not active, and no answer at all.

use std::sync::Arc;

use remit_identity::{
    IdentityConfig, IdentityFault, Introspection, IssuerConfig, KeySource, PresentedToken, Profile,
    TokenFault, TokenType, Unverified, Verifier,
};
use serde_json::{Value, json};

use crate::issuer::{Loopback, Reply, Server, Signer};
use crate::{NOW, at};

async fn asked(answer: Reply) -> (Server, Verifier) {
    let server = Server::start(answer).await;
    let source = KeySource::Inline(String::new());
    let mut entry =
        IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], source);
    entry.keys = None;
    entry.introspection = Some(Introspection {
        endpoint: server.url.clone(),
        authorization: Some("Bearer SECRET".into()),
        authorization_file: None,
        ttl_s: 30,
        opaque: true,
    });
    let config = IdentityConfig { issuers: vec![entry], allow_private_addresses: true };
    let verifier = Verifier::new(&config, Arc::new(Loopback::default())).unwrap();
    (server, verifier)
}

fn answer(value: &Value) -> Reply {
    Reply::Json(value.to_string())
}

fn opaque() -> PresentedToken {
    PresentedToken::new(TokenType::AccessToken.urn(), "mF_9.B5f+4/1Jq==")
}

#[tokio::test]
async fn an_active_token_proves_what_the_answer_says_and_is_believed_for_a_while() {
    let active = json!({"active": true, "sub": "alice", "client_id": "agent-1", "scope": "read",
        "act": {"sub": "agent-1"}, "exp": NOW + 600, "aud": "https://pdp.example", "iss": "https://as.example"});
    let (server, verifier) = asked(answer(&active)).await;
    let evidence = verifier.verify(&[opaque()], at(NOW)).await.unwrap();
    assert_eq!(evidence.pattern.as_str(), "user+agent");
    assert_eq!(evidence.expires, at(NOW + 600));
    let request = server.last.lock().unwrap().clone();
    assert!(request.contains("token=mF_9.B5f%2B4%2F1Jq%3D%3D&token_type_hint=access_token"), "{request}");
    assert!(request.contains("authorization: Bearer SECRET"), "{request}");
    verifier.verify(&[opaque()], at(NOW + 29)).await.unwrap();
    assert_eq!(server.hits(), 1);
    server.now_answers(answer(&json!({"active": false})));
    let revoked = verifier.verify(&[opaque()], at(NOW + 30)).await;
    assert_eq!(revoked, Err(Unverified::Token { index: 0, fault: TokenFault::Inactive }));
    assert_eq!(server.hits(), 2);
    // Not asked again within the time for which an answer is believed, and asked again after it.
    assert!(verifier.verify(&[opaque()], at(NOW + 59)).await.is_err());
    assert_eq!(server.hits(), 2);
    server.now_answers(answer(&active));
    verifier.verify(&[opaque()], at(NOW + 61)).await.unwrap();
    assert_eq!(server.hits(), 3);
}

#[tokio::test]
async fn an_answer_without_an_end_is_asked_for_again_and_again() {
    let (server, verifier) = asked(answer(&json!({"active": true, "sub": "alice"}))).await;
    for (seconds, hits) in [(0, 1), (29, 1), (30, 2), (61, 3), (600, 4)] {
        let evidence = verifier.verify(&[opaque()], at(NOW + seconds)).await.unwrap();
        assert!(evidence.expires > at(NOW + seconds));
        assert_eq!(server.hits(), hits, "{seconds}");
    }
}

#[tokio::test]
async fn an_active_token_of_the_wrong_kind_is_refused() {
    let table = [
        (json!({"active": true}), TokenFault::ClaimMissing),
        (json!({"active": true, "sub": "a", "aud": "https://other.example"}), TokenFault::AudienceMismatch),
        (json!({"active": true, "sub": "a", "iss": "https://other.example"}), TokenFault::IssuerUnknown),
        (json!({"active": true, "sub": "a", "exp": NOW - 40}), TokenFault::Expired),
        (json!({"active": true, "sub": "a", "exp": "soon"}), TokenFault::ClaimInvalid),
        (json!({"active": true, "sub": "a", "cnf": {"jkt": "x"}}), TokenFault::BindingInvalid),
    ];
    for (body, fault) in table {
        let (_server, verifier) = asked(answer(&body)).await;
        let verdict = verifier.verify(&[opaque()], at(NOW)).await;
        assert_eq!(verdict, Err(Unverified::Token { index: 0, fault }), "{body}");
    }
    let (_server, verifier) = asked(answer(&json!({"active": true, "sub": "a"}))).await;
    assert!(verifier.verify(&[opaque()], at(NOW)).await.is_ok());
}

/// SPEC: CHECKLIST D11: unreachable, or an answer without `active`, is a fault and never a denial.
#[tokio::test]
async fn no_answer_is_a_fault() {
    let faults = [
        answer(&json!({"sub": "alice"})),
        answer(&json!({"active": "true", "sub": "alice"})),
        answer(&json!([])),
        Reply::Raw(b"HTTP/1.1 503 Busy\r\n\r\n".to_vec()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n{\"active\":false}".to_vec()),
        Reply::Trickle,
        Reply::Endless,
    ];
    for reply in faults {
        let (_server, verifier) = asked(reply).await;
        let verdict = verifier.verify(&[opaque()], at(NOW)).await;
        let fault = verdict.err().unwrap();
        assert!(
            matches!(fault, Unverified::Fault(IdentityFault::IntrospectionUnavailable { .. })),
            "{fault}"
        );
        assert!(!fault.to_string().contains("mF_9"), "{fault}");
    }
}

#[tokio::test]
async fn a_jwt_of_an_introspected_issuer_is_asked_about_too_and_only_there() {
    let (server, verifier) = asked(answer(&json!({"active": true, "sub": "alice"}))).await;
    let signer = Signer::new("k");
    assert!(verifier.verify(&[signer.access(&json!({}))], at(NOW)).await.is_ok());
    assert_eq!(server.hits(), 1);
    let stranger = signer.access(&json!({"iss": "https://other.example"}));
    let refused = verifier.verify(&[stranger], at(NOW)).await;
    assert_eq!(refused, Err(Unverified::Token { index: 0, fault: TokenFault::IssuerUnknown }));
    let text = PresentedToken::new(TokenType::AccessToken.urn(), "not a token");
    let refused = verifier.verify(&[text], at(NOW)).await;
    assert_eq!(refused, Err(Unverified::Token { index: 0, fault: TokenFault::Malformed }));
    assert_eq!(server.hits(), 1);
}
