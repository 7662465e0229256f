//! Proofs of possession across requests: each counts once, and only when everything else holds.

use std::sync::Arc;

use remit_identity::{Offline, TokenFault, Unverified, Verifier};
use serde_json::{Value, json};

use crate::drafts::{config, presented};
use crate::issuer::{Signer, key_set};
use crate::{NOW, at, data};

fn first(file: &Value, title: &str) -> Value {
    let cases = file["cases"].as_array().unwrap();
    cases.iter().find(|case| case["title"] == title).unwrap()["tokens"][0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_with_one_proof_exactly_one_comes_through() {
    let file = data("drafts/drafts.json");
    let verifier = Arc::new(Verifier::new(&config(&file), Arc::new(Offline)).unwrap());
    let token = presented(&first(&file, "seen for the first time"));
    let mut tasks = Vec::new();
    for _ in 0..64 {
        let (verifier, token) = (Arc::clone(&verifier), token.clone());
        tasks.push(tokio::spawn(async move { verifier.verify(&[token], at(NOW)).await }));
    }
    let (mut passed, mut replayed) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => passed += 1,
            Err(Unverified::Token { fault: TokenFault::ProofReplayed, .. }) => replayed += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((passed, replayed), (1, 63));
}

#[tokio::test]
async fn a_request_that_is_refused_uses_no_proof_up() {
    let file = data("drafts/drafts.json");
    let verifier = Verifier::new(&config(&file), Arc::new(Offline)).unwrap();
    let bound = presented(&first(&file, "seen for the first time"));
    let stranger = presented(&first(&file, "a grant across domains"));
    let refused = verifier.verify(&[bound.clone(), stranger], at(NOW)).await;
    assert_eq!(refused, Err(Unverified::Token { index: 1, fault: TokenFault::SubjectMismatch }));
    assert!(verifier.verify(std::slice::from_ref(&bound), at(NOW)).await.unwrap().sender_bound);
    let again = verifier.verify(&[bound], at(NOW + 60)).await;
    assert_eq!(again, Err(Unverified::Token { index: 0, fault: TokenFault::ProofReplayed }));
}

#[tokio::test]
async fn an_issuer_can_be_made_to_bind_every_token() {
    let file = data("drafts/drafts.json");
    let mut config = config(&file);
    config.issuers[0].require_binding = true;
    let verifier = Verifier::new(&config, Arc::new(Offline)).unwrap();
    let bearer = presented(&first(&file, "a user alone"));
    let refused = verifier.verify(&[bearer], at(NOW)).await;
    assert_eq!(refused, Err(Unverified::Token { index: 0, fault: TokenFault::ProofMissing }));
    let bound = presented(&first(&file, "the right certificate"));
    assert!(verifier.verify(&[bound], at(NOW)).await.is_ok());
}

#[tokio::test]
async fn a_nonce_that_was_asked_for_must_be_in_the_proof() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use remit_identity::{IdentityConfig, IssuerConfig, KeySource, PresentedToken, Profile, TokenType};
    let (issuer, holder) = (Signer::new("i"), Signer::new("h"));
    let hash = |text: &str| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.as_ref())
    };
    let jwk = holder.jwk();
    let member = |name: &str| jwk[name].as_str().unwrap();
    let jkt = hash(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, member("x"), member("y")));
    let claims = json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "alice",
        "iat": NOW, "exp": NOW + 600, "cnf": {"jkt": jkt}});
    let token = issuer.sign(&json!({"alg": "ES256", "typ": "at+jwt", "kid": "i"}), &claims);
    let proof = |jti: &str, nonce: Option<&str>| {
        let mut claims = json!({"jti": jti, "htm": "GET", "htu": "https://api.example/x", "iat": NOW, "ath": hash(&token)});
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        holder.sign(&json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk}), &claims)
    };
    let keys = KeySource::Inline(key_set(&[&issuer]));
    let entry =
        IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], keys);
    let config = IdentityConfig { issuers: vec![entry], ..IdentityConfig::default() };
    let verifier = Verifier::new(&config, Arc::new(Offline)).unwrap();
    let refused = Err(Unverified::Token { index: 0, fault: TokenFault::ProofNonce });
    for (jti, asked, carried, holds) in [
        ("1", None, None, true),
        ("2", Some("n-1"), Some("n-1"), true),
        ("3", Some("n-1"), Some("n-0"), false),
        ("4", Some("n-1"), None, false),
        // Nobody asked: what it carries is not ours to judge.
        ("5", None, Some("n-0"), true),
    ] {
        let presented = PresentedToken::new(TokenType::AccessToken.urn(), &token);
        let presented = presented.with_proof(&proof(jti, carried), "GET", "https://api.example/x");
        let presented = asked.into_iter().fold(presented, PresentedToken::with_nonce);
        let verdict = verifier.verify(&[presented], at(NOW)).await.map(|evidence| evidence.sender_bound);
        assert_eq!(verdict, if holds { Ok(true) } else { refused.clone() }, "{jti}");
    }
}
