//! What is remembered of a verified token, and what never is.

use std::sync::Arc;

use remit_identity::{
    IdentityConfig, IssuerConfig, KeySource, Offline, PresentedToken, Profile, TokenFault, TokenType,
    Unverified, Verifier,
};
use serde_json::json;

use crate::issuer::{Signer, key_set};
use crate::{NOW, at};

fn verifier(signer: &Signer) -> Verifier {
    let source = KeySource::Inline(key_set(&[signer]));
    let entry =
        IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], source);
    let config = IdentityConfig { issuers: vec![entry], allow_private_addresses: false };
    Verifier::new(&config, Arc::new(Offline)).unwrap()
}

fn refused(fault: TokenFault) -> Unverified {
    Unverified::Token { index: 0, fault }
}

#[tokio::test]
async fn a_remembered_token_ends_when_it_ends() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let token = signer.access(&json!({"iat": NOW, "nbf": NOW, "exp": NOW + 100}));
    let judge = async |seconds: i64| verifier.verify(std::slice::from_ref(&token), at(NOW + seconds)).await;
    assert_eq!(judge(-31).await, Err(refused(TokenFault::NotYetValid)));
    assert!(judge(0).await.is_ok());
    assert!(judge(129).await.is_ok());
    assert_eq!(judge(130).await, Err(refused(TokenFault::Expired)));
    assert_eq!(judge(-31).await, Err(refused(TokenFault::NotYetValid)));
}

#[tokio::test]
async fn a_revoked_token_is_refused_from_the_next_request_on() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let (one, other) = (signer.access(&json!({})), signer.access(&json!({})));
    assert!(verifier.verify(std::slice::from_ref(&one), at(NOW)).await.is_ok());
    verifier.revoke(one.hash(), at(NOW + 80_000), at(NOW)).unwrap();
    assert_eq!(verifier.verify(&[one], at(NOW)).await, Err(refused(TokenFault::Revoked)));
    assert!(verifier.verify(&[other], at(NOW)).await.is_ok());
}

#[tokio::test]
async fn a_token_remembered_as_one_type_is_not_another() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"});
    let claims =
        json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "a", "exp": NOW + 60});
    let text = signer.sign(&header, &claims);
    let access = PresentedToken::new(TokenType::AccessToken.urn(), &text);
    assert!(verifier.verify(&[access], at(NOW)).await.is_ok());
    let id = PresentedToken::new(TokenType::IdToken.urn(), &text);
    assert_eq!(verifier.verify(&[id], at(NOW)).await, Err(refused(TokenFault::IssuerUnknown)));
}

/// One changed character is another token: nothing remembered stands in for it.
#[tokio::test]
async fn a_changed_token_is_verified_anew() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"});
    let claims =
        json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "a", "exp": NOW + 60});
    let text = signer.sign(&header, &claims);
    let kind = TokenType::AccessToken.urn();
    assert!(verifier.verify(&[PresentedToken::new(kind, &text)], at(NOW)).await.is_ok());
    for at_byte in (0..text.len()).step_by(7) {
        let mut bytes = text.clone().into_bytes();
        bytes[at_byte] = if bytes[at_byte] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let verdict = verifier.verify(&[PresentedToken::new(kind, &changed)], at(NOW)).await;
        assert!(matches!(verdict, Err(Unverified::Token { .. })), "byte {at_byte}");
    }
}

#[tokio::test]
async fn the_number_of_tokens_is_bounded() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let many = vec![signer.access(&json!({})); 6];
    let fault = TokenFault::TooManyTokens;
    assert_eq!(verifier.verify(&many, at(NOW)).await, Err(Unverified::Token { index: 5, fault }));
    assert!(verifier.verify(&many[..5], at(NOW)).await.is_ok());
    assert_eq!(verifier.verify(&[], at(NOW)).await, Err(Unverified::Token { index: 0, fault }));
}

fn signed(signer: &Signer, more: &serde_json::Value) -> String {
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"});
    let mut claims = json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "gateway",
        "iat": NOW, "exp": NOW + 100});
    more.as_object().into_iter().flatten().for_each(|(name, value)| claims[name] = value.clone());
    signer.sign(&header, &claims)
}

#[tokio::test]
async fn a_caller_is_verified_once_and_its_token_still_ends_when_it_ends() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let token = signed(&signer, &json!({}));
    let judge = async |seconds: i64| verifier.caller(&token, at(NOW + seconds)).await;
    let first = judge(0).await.unwrap();
    assert_eq!(
        (first.subject.as_str(), &first.audience),
        ("gateway", &vec!["https://pdp.example".to_owned()])
    );
    assert!(Arc::ptr_eq(&first, &judge(129).await.unwrap()), "not read again");
    assert_eq!(judge(130).await, Err(refused(TokenFault::Expired)));
    assert_eq!(judge(-31).await, Err(refused(TokenFault::NotYetValid)));
    // Whom the same issuer means by another token is another matter, and so is a token of one who acts for another.
    let other = verifier.caller(&signed(&signer, &json!({"sub": "other"})), at(NOW)).await.unwrap();
    assert_eq!(other.subject, "other");
    for _ in 0..2 {
        let acting = verifier.caller(&signed(&signer, &json!({"act": {"sub": "a"}})), at(NOW)).await;
        assert_eq!(acting, Err(refused(TokenFault::ActInvalid)));
    }
    let mut changed = token.clone().into_bytes();
    let last = changed.last_mut().unwrap();
    *last = if *last == b'A' { b'Q' } else { b'A' };
    assert!(verifier.caller(std::str::from_utf8(&changed).unwrap(), at(NOW)).await.is_err());
}

#[tokio::test]
async fn a_revoked_token_names_no_caller_from_the_next_request_on() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let (one, other) = (signed(&signer, &json!({})), signed(&signer, &json!({"sub": "other"})));
    assert!(verifier.caller(&one, at(NOW)).await.is_ok());
    let hash = PresentedToken::new(TokenType::AccessToken.urn(), &one).hash();
    verifier.revoke(hash, at(NOW + 200), at(NOW)).unwrap();
    assert_eq!(verifier.caller(&one, at(NOW)).await, Err(refused(TokenFault::Revoked)));
    assert!(verifier.caller(&other, at(NOW)).await.is_ok());
}

/// A remembered token costs a hash and a look-up: below a hundredth of its signature check.
#[tokio::test]
async fn a_remembered_token_is_cheap() {
    let signer = Signer::new("k");
    let verifier = verifier(&signer);
    let token = [signer.access(&json!({"act": {"sub": "b", "act": {"sub": "a"}}}))];
    verifier.verify(&token, at(NOW)).await.unwrap();
    let rounds = 20_000;
    let begun = std::time::Instant::now();
    for _ in 0..rounds {
        assert!(verifier.verify(&token, at(NOW)).await.is_ok());
    }
    let each = begun.elapsed() / rounds;
    println!("a remembered token: {each:?}");
    assert!(each.as_micros() < 500, "{each:?}");
}

/// A check that one caller switches off for all would let some of these through: threads ask at once with tokens for us
/// and tokens for others.
#[test]
fn a_wrong_audience_is_refused_however_many_ask_at_once() {
    let signer = Signer::new("k");
    let verifier = Arc::new(verifier(&signer));
    let right = signer.access(&json!({}));
    let wrong: Vec<_> = (0..64)
        .map(|nth| signer.access(&json!({ "aud": "https://other.example", "jti": nth.to_string() })))
        .collect();
    let wrong = Arc::new(wrong);
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let (verifier, right, wrong) = (Arc::clone(&verifier), right.clone(), Arc::clone(&wrong));
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                for nth in 0..500 {
                    let stranger = &wrong[(nth * 7 + thread) % wrong.len()];
                    let verdict = runtime.block_on(verifier.verify(std::slice::from_ref(stranger), at(NOW)));
                    assert_eq!(verdict, Err(refused(TokenFault::AudienceMismatch)));
                    assert!(runtime.block_on(verifier.verify(std::slice::from_ref(&right), at(NOW))).is_ok());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
