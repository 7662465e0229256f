//! Proofs of possession across requests: each counts once, and only when everything else holds.

use std::sync::Arc;

use remit_identity::{Offline, TokenFault, Unverified, Verifier};
use serde_json::Value;

use crate::drafts::{config, presented};
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
