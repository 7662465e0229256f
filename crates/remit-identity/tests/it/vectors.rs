//! Vectors of others: every token and signature comes out as its file says.

use std::sync::Arc;

use remit_identity::{
    AlgorithmName, IdentityConfig, IssuerConfig, KeySource, Offline, PresentedToken, Profile, TokenFault,
    TokenType, Unverified, Verifier, jws,
};
use serde_json::Value;

use crate::{at, data};

fn attacked() -> (Value, Verifier) {
    let file = data("jwt_attacks.json");
    let mut config = IdentityConfig::default();
    for (issuer, keys) in file["jwks"].as_object().unwrap() {
        let source = KeySource::Inline(keys.to_string());
        let mut entry = IssuerConfig::new(issuer, &[Profile::AccessToken], &["https://pdp.example"], source);
        entry.algorithms = vec![AlgorithmName::ES256, AlgorithmName::EdDSA, AlgorithmName::RS256];
        entry.typ = vec!["JWT".into()];
        entry.details_types = vec!["remit_task".into()];
        config.issuers.push(entry);
    }
    let verifier = Verifier::new(&config, Arc::new(Offline)).unwrap();
    (file, verifier)
}

#[tokio::test]
async fn every_attack_on_tokens_is_judged_as_expected() {
    let (file, verifier) = attacked();
    let now = at(file["verifier"]["now"].as_i64().unwrap());
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 110);
    for case in cases {
        let token = PresentedToken::new(TokenType::AccessToken.urn(), case["token"].as_str().unwrap());
        let verdict = verifier.verify(&[token], now).await;
        let shown = format!("{} {}: {verdict:?}", case["id"], case["comment"]);
        match case["expect"].as_str().unwrap() {
            "accept" => assert!(verdict.is_ok(), "{shown}"),
            "reject" => assert!(matches!(verdict, Err(Unverified::Token { .. })), "{shown}"),
            _ => assert!(!matches!(verdict, Err(Unverified::Fault(_))), "{shown}"),
        }
    }
}

/// The refusals carry the right code, not just any.
#[tokio::test]
async fn attacks_are_refused_for_what_they_are() {
    let (file, verifier) = attacked();
    let expected = [
        ("jwt-016", TokenFault::Malformed),
        ("jwt-028", TokenFault::AlgorithmNotAllowed),
        ("jwt-042", TokenFault::AlgorithmNotAllowed),
        ("jwt-044", TokenFault::KeyUnusable),
        ("jwt-046", TokenFault::KeyUnknown),
        ("jwt-048", TokenFault::AlgorithmMismatch),
        ("jwt-050", TokenFault::SignatureInvalid),
        ("jwt-056", TokenFault::KeyIdInvalid),
        ("jwt-060", TokenFault::SignatureInvalid),
        ("jwt-062", TokenFault::KeyUnknown),
        ("jwt-066", TokenFault::CriticalHeader),
        ("jwt-072", TokenFault::Compressed),
        ("jwt-074", TokenFault::TypMismatch),
        ("jwt-078", TokenFault::HeaderInvalid),
        ("jwt-088", TokenFault::TooLarge),
        ("jwt-104", TokenFault::Malformed),
        ("jwt-120", TokenFault::Expired),
        ("jwt-126", TokenFault::NotYetValid),
        ("jwt-134", TokenFault::IssuerUnknown),
        ("jwt-144", TokenFault::ClaimMissing),
        ("jwt-150", TokenFault::AudienceMismatch),
        ("jwt-164", TokenFault::PayloadInvalid),
        ("jwt-180", TokenFault::ActInvalid),
        ("jwt-186", TokenFault::PayloadInvalid),
        ("jwt-190", TokenFault::MayActMismatch),
        ("jwt-200", TokenFault::DetailsInvalid),
    ];
    for (id, fault) in expected {
        let case = file["cases"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
        let token = PresentedToken::new(TokenType::AccessToken.urn(), case["token"].as_str().unwrap());
        let verdict = verifier.verify(&[token], at(1_800_000_000)).await;
        assert_eq!(verdict, Err(Unverified::Token { index: 0, fault }), "{id} {}", case["comment"]);
    }
}

#[test]
fn every_signature_and_key_of_wycheproof_is_judged_as_expected() {
    let mut pinned = Vec::new();
    for file in ["wycheproof/wycheproof_jws.json", "wycheproof/wycheproof_jwk.json"] {
        for group in data(file)["testGroups"].as_array().unwrap() {
            let keys = group.get("public").unwrap_or(&group["private"]).to_string();
            for test in group["tests"].as_array().unwrap() {
                let token = test["jws"].as_str().map_or_else(|| test["jws"].to_string(), str::to_owned);
                let verdict = jws::check_compact(&token, &keys);
                match (test["result"].as_str().unwrap(), verdict) {
                    ("valid", Err(TokenFault::AlgorithmMismatch)) => pinned.push(test["tcId"].clone()),
                    ("valid", verdict) => assert_eq!(verdict, Ok(()), "{file} {}", test["tcId"]),
                    (_, verdict) => assert!(verdict.is_err(), "{file} {}", test["tcId"]),
                }
            }
        }
    }
    // Two tokens name another algorithm than their key is for: valid signatures, and still refused.
    assert_eq!(pinned, [346, 350]);
}

#[test]
fn every_bare_ed25519_signature_is_judged_as_expected() {
    let hex = |text: &Value| -> Vec<u8> {
        let digits = text.as_str().unwrap();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    };
    for group in data("wycheproof/wycheproof_ed25519.json")["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
            let verdict = jws::check_ed25519(&hex(&group["publicKey"]["pk"]), &message, &signature);
            assert_eq!(verdict.is_ok(), test["result"] == "valid", "{}", test["tcId"]);
        }
    }
}
