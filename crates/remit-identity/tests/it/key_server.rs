//! Key servers that are attacked, slow, broken or rotated: T5, T8, T31 to T34 of the attack list.

use std::sync::Arc;

use remit_identity::{
    IdentityConfig, IdentityFault, IssuerConfig, KeySource, Note, PresentedToken, Profile, TokenType,
    Unverified, Verifier,
};
use serde_json::json;

use crate::issuer::{Loopback, Reply, Server, Signer, key_set};
use crate::{NOW, at};

fn entry(url: &str) -> IssuerConfig {
    let source = KeySource::Url(url.into());
    IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], source)
}

fn verifier(entries: Vec<IssuerConfig>) -> Arc<Verifier> {
    let config = IdentityConfig { issuers: entries, allow_private_addresses: true };
    Arc::new(Verifier::new(&config, Arc::new(Loopback::default())).unwrap())
}

async fn code(verifier: &Verifier, token: PresentedToken, seconds: i64) -> Result<(), &'static str> {
    match verifier.verify(&[token], at(NOW + seconds)).await {
        Ok(_) => Ok(()),
        Err(Unverified::Token { fault, .. }) => Err(fault.code()),
        Err(Unverified::Fault(IdentityFault::KeysUnavailable { .. })) => Err("FAULT"),
        Err(Unverified::Fault(fault)) => panic!("{fault}"),
    }
}

const KEY_UNKNOWN: Result<(), &str> = Err("key_unknown");

#[tokio::test]
async fn t5_urls_and_keys_in_a_token_lead_nowhere() {
    let signer = Signer::new("good");
    let trap = Server::start(Reply::Json(key_set(&[&Signer::new("evil")]))).await;
    let keys = Server::start(Reply::Json(key_set(&[&signer]))).await;
    let verifier = verifier(vec![entry(&keys.url)]);
    let evil = Signer::new("evil");
    let claims = json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "alice",
        "iat": NOW, "exp": NOW + 600, "jku": trap.url});
    for name in ["jku", "x5u", "jwk", "x5c"] {
        let mut header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "evil"});
        header[name] = if name == "jwk" { evil.jwk() } else { trap.url.clone().into() };
        let token = PresentedToken::new(TokenType::AccessToken.urn(), &evil.sign(&header, &claims));
        assert_eq!(code(&verifier, token, 0).await, KEY_UNKNOWN, "{name}");
    }
    assert_eq!(code(&verifier, signer.access(&json!({})), 0).await, Ok(()));
    assert_eq!(trap.hits(), 0);
    assert_eq!(keys.hits(), 1);
}

#[tokio::test]
async fn t5_an_unknown_issuer_is_not_asked() {
    let keys = Server::start(Reply::Json(key_set(&[&Signer::new("k")]))).await;
    let verifier = verifier(vec![entry(&keys.url)]);
    let token = Signer::new("k").access(&json!({"iss": keys.url}));
    assert_eq!(code(&verifier, token, 0).await, Err("issuer_unknown"));
    assert_eq!(keys.hits(), 0);
}

#[tokio::test]
async fn t8_bad_keys_are_left_out_and_the_good_one_works() {
    let (good, twice) = (Signer::new("good"), Signer::new("twice"));
    let weak = json!({"kty": "RSA", "kid": "weak", "e": "AQ", "n": "3nkszzP99UTumZbMgshxxUtigpdmJFBbsKxq2uIlNgTX4j5yalX4GpQv3-3EW82w_gddG5spg-mFGF5IeXf-MAhv85GsJ5GmEyqTVMnYyY2I5hMnVIKz3dN5Xlsw2ptf1I9W2VH6U7bkkOi5MdM4j-Ju7sYTzQYih-IPaxAMkiU"});
    let secret = json!({"kty": "oct", "kid": "secret", "k": "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"});
    let mut encrypts = Signer::new("enc").jwk();
    encrypts["use"] = "enc".into();
    let mut derives = Signer::new("ops").jwk();
    derives["key_ops"] = json!(["deriveKey"]);
    let keys =
        [good.jwk(), twice.jwk(), Signer::new("twice").jwk(), weak, secret, encrypts, derives, json!(7)];
    let server = Server::start(Reply::Json(json!({"keys": keys}).to_string())).await;
    let verifier = verifier(vec![entry(&server.url)]);
    assert_eq!(code(&verifier, good.access(&json!({})), 0).await, Ok(()));
    assert_eq!(code(&verifier, twice.access(&json!({})), 0).await, Err("key_unusable"));
    for kid in ["secret", "enc", "ops"] {
        assert_eq!(
            code(&verifier, Signer::new(kid).access(&json!({})), 0).await,
            Err("key_unusable"),
            "{kid}"
        );
    }
}

#[tokio::test]
async fn t31_a_flood_of_unknown_keys_costs_one_read_and_known_keys_go_on() {
    let signer = Signer::new("good");
    let server = Server::start(Reply::Json(key_set(&[&signer]))).await;
    let verifier = verifier(vec![entry(&server.url)]);
    let evil = Signer::new("evil");
    let claims = json!({"iss": "https://as.example", "aud": "https://pdp.example", "sub": "alice",
        "iat": NOW, "exp": NOW + 600});
    let mut tasks = Vec::new();
    for index in 0..1000 {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": format!("random-{index}")});
        let token = PresentedToken::new(TokenType::AccessToken.urn(), &evil.sign(&header, &claims));
        let verifier = Arc::clone(&verifier);
        tasks.push(tokio::spawn(async move { code(&verifier, token, 0).await }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), KEY_UNKNOWN);
    }
    assert_eq!(server.hits(), 1);
    assert_eq!(code(&verifier, signer.access(&json!({})), 1).await, Ok(()));
    // After the cooldown one more read is made, and no second one.
    for second in [31, 32, 33] {
        assert_eq!(code(&verifier, evil.access(&json!({})), second).await, KEY_UNKNOWN);
    }
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_after_the_cooldown_without_waiting_for_the_interval() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let server = Server::start(Reply::Json(key_set(&[&old]))).await;
    let verifier = verifier(vec![entry(&server.url)]);
    assert_eq!(code(&verifier, old.access(&json!({})), 0).await, Ok(()));
    server.now_answers(Reply::Json(key_set(&[&old, &new])));
    assert_eq!(code(&verifier, new.access(&json!({})), 29).await, KEY_UNKNOWN);
    assert_eq!(code(&verifier, new.access(&json!({})), 30).await, Ok(()));
    assert_eq!(server.hits(), 2);
}

fn answers() -> Vec<(&'static str, Reply)> {
    let raw = |text: &str| Reply::Raw(text.as_bytes().to_vec());
    let json = |body: String| Reply::Json(body);
    vec![
        (
            "redirect",
            raw("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/keys\r\ncontent-length: 0\r\n\r\n"),
        ),
        ("error", raw("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n")),
        ("html", raw("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>")),
        ("wrong type", raw("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n{\"keys\":[]}")),
        ("garbage", raw("\u{1}\u{2}\u{3}")),
        ("empty", json(r#"{"keys":[]}"#.into())),
        ("not a set", json(r#"{"key":[]}"#.into())),
        ("deep", json("[".repeat(100_000))),
        ("too many", json(format!("{{\"keys\":[{}{{}}]}}", "{},".repeat(60)))),
        ("huge", Reply::Endless),
        ("slow", Reply::Trickle),
    ]
}

#[tokio::test]
async fn t32_whatever_a_key_server_answers_old_keys_work_until_the_stale_limit() {
    let signer = Signer::new("good");
    for (name, answer) in answers() {
        let server = Server::start(Reply::Json(key_set(&[&signer]))).await;
        let mut entry = entry(&server.url);
        entry.stale_s = 1000;
        let verifier = verifier(vec![entry]);
        let token = || signer.access(&json!({}));
        assert_eq!(code(&verifier, token(), 0).await, Ok(()), "{name}");
        server.now_answers(answer);
        assert_eq!(code(&verifier, token(), 301).await, Ok(()), "{name}");
        let evidence = verifier.verify(&[token()], at(NOW + 302)).await.unwrap();
        assert!(evidence.notes.contains(&Note::StaleKeys), "{name}");
        assert_eq!(server.hits(), 2, "{name}: one attempt in the cooldown");
        assert_eq!(code(&verifier, token(), 1000).await, Ok(()), "{name}");
        // INVARIANT: no keys is a fault, never a deny and never an allow.
        assert_eq!(code(&verifier, token(), 1001).await, Err("FAULT"), "{name}");
        server.now_answers(Reply::Json(key_set(&[&signer])));
        assert_eq!(code(&verifier, token(), 1031).await, Ok(()), "{name}");
    }
}

#[tokio::test]
async fn t32_without_any_keys_there_is_a_fault_and_other_issuers_go_on() {
    let (signer, other) = (Signer::new("good"), Signer::new("other"));
    for (name, answer) in answers() {
        let broken = Server::start(answer).await;
        let fine = Server::start(Reply::Json(key_set(&[&other]))).await;
        let second = IssuerConfig { issuer: "https://as2.example".into(), ..entry(&fine.url) };
        let verifier = verifier(vec![entry(&broken.url), second]);
        assert_eq!(code(&verifier, signer.access(&json!({})), 0).await, Err("FAULT"), "{name}");
        assert_eq!(code(&verifier, signer.access(&json!({})), 1).await, Err("FAULT"), "{name}");
        assert_eq!(broken.hits(), 1, "{name}");
        let token = other.access(&json!({"iss": "https://as2.example"}));
        assert_eq!(code(&verifier, token, 0).await, Ok(()), "{name}");
    }
}

#[tokio::test]
async fn t32_known_keys_do_not_wait_for_a_slow_server() {
    let signer = Signer::new("good");
    let server = Server::start(Reply::Json(key_set(&[&signer]))).await;
    let verifier = verifier(vec![entry(&server.url)]);
    assert_eq!(code(&verifier, signer.access(&json!({})), 0).await, Ok(()));
    server.now_answers(Reply::Trickle);
    let reading = {
        let verifier = Arc::clone(&verifier);
        tokio::spawn(async move { verifier.refresh_due(at(NOW + 301)).await })
    };
    while server.hits() < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        let asked = std::time::Instant::now();
        assert_eq!(code(&verifier, signer.access(&json!({})), 301).await, Ok(()));
        assert!(asked.elapsed().as_millis() < 200, "waited for the slow server");
        assert!(!reading.is_finished());
    }
    reading.await.unwrap();
}

#[tokio::test]
async fn t34_a_removed_key_is_refused_after_the_interval_even_for_a_remembered_token() {
    let (kept, removed) = (Signer::new("kept"), Signer::new("removed"));
    let server = Server::start(Reply::Json(key_set(&[&kept, &removed]))).await;
    let verifier = verifier(vec![entry(&server.url)]);
    let (one, two) = (kept.access(&json!({})), removed.access(&json!({})));
    assert_eq!(code(&verifier, one.clone(), 0).await, Ok(()));
    assert_eq!(code(&verifier, two.clone(), 0).await, Ok(()));
    server.now_answers(Reply::Json(key_set(&[&kept])));
    assert_eq!(code(&verifier, two.clone(), 299).await, Ok(()));
    assert_eq!(code(&verifier, two, 300).await, KEY_UNKNOWN);
    assert_eq!(code(&verifier, one, 300).await, Ok(()));
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn t34_a_removed_key_names_no_caller_even_by_a_remembered_token() {
    let (kept, removed) = (Signer::new("kept"), Signer::new("removed"));
    let server = Server::start(Reply::Json(key_set(&[&kept, &removed]))).await;
    let verifier = verifier(vec![entry(&server.url)]);
    let (one, two) = (kept.access_text(&json!({})), removed.access_text(&json!({})));
    let named = async |token: &String, seconds| {
        verifier.caller(token, at(NOW + seconds)).await.map_err(|refused| match refused {
            Unverified::Token { fault, .. } => fault.code(),
            Unverified::Fault(_) => "FAULT",
        })
    };
    let first = named(&one, 0).await.unwrap();
    assert!(named(&two, 0).await.is_ok());
    server.now_answers(Reply::Json(key_set(&[&kept])));
    assert!(named(&two, 299).await.is_ok());
    assert_eq!(named(&two, 300).await, Err("key_unknown"));
    assert!(Arc::ptr_eq(&first, &named(&one, 300).await.unwrap()), "its key is still there");
}

#[tokio::test]
async fn keys_are_read_ahead_of_time_so_that_no_decision_waits() {
    let signer = Signer::new("good");
    let server = Server::start(Reply::Json(key_set(&[&signer]))).await;
    let verifier = verifier(vec![entry(&server.url)]);
    verifier.refresh_due(at(NOW)).await;
    assert_eq!(server.hits(), 1);
    verifier.refresh_due(at(NOW + 239)).await;
    assert_eq!(server.hits(), 1);
    verifier.refresh_due(at(NOW + 240)).await;
    assert_eq!(server.hits(), 2);
    assert_eq!(code(&verifier, signer.access(&json!({})), 530).await, Ok(()));
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn keys_in_a_file_follow_the_same_rules() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    std::fs::write(&path, key_set(&[&old])).unwrap();
    let entry = IssuerConfig { keys: Some(KeySource::File(path.clone())), ..entry("http://127.0.0.1:9/") };
    let verifier = verifier(vec![entry]);
    assert_eq!(code(&verifier, old.access(&json!({})), 0).await, Ok(()));
    std::fs::write(&path, key_set(&[&new])).unwrap();
    assert_eq!(code(&verifier, new.access(&json!({})), 31).await, Ok(()));
    assert_eq!(code(&verifier, old.access(&json!({})), 31).await, KEY_UNKNOWN);
    std::fs::write(&path, "half a fi").unwrap();
    assert_eq!(code(&verifier, new.access(&json!({})), 400).await, Ok(()));
}

#[tokio::test]
async fn an_empty_bundle_revokes_a_trust_domain() {
    let signer = Signer::new("svid");
    let mut jwk = signer.jwk();
    jwk["use"] = "jwt-svid".into();
    let server = Server::start(Reply::Json(json!({"keys": [jwk]}).to_string())).await;
    let entry = IssuerConfig {
        issuer: "spiffe://example.org".into(),
        accepts: vec![Profile::JwtSvid],
        ..entry(&server.url)
    };
    let verifier = verifier(vec![entry]);
    let header = json!({"alg": "ES256", "kid": "svid"});
    let claims = json!({"sub": "spiffe://example.org/a", "aud": ["https://pdp.example"], "exp": NOW + 3000});
    let token = PresentedToken::new(TokenType::Jwt.urn(), &signer.sign(&header, &claims));
    assert_eq!(code(&verifier, token.clone(), 0).await, Ok(()));
    server.now_answers(Reply::Json(r#"{"keys":[]}"#.into()));
    assert_eq!(code(&verifier, token, 300).await, KEY_UNKNOWN);
}

#[test]
fn t33_urls_that_lead_inside_are_refused_at_start() {
    for url in [
        "file:///etc/keys",
        "http://as.example/keys",
        "https://as.example@127.0.0.1/keys",
        "https://[::ffff:10.0.0.1]/keys",
        "https://169.254.169.254/keys",
    ] {
        let config = IdentityConfig { issuers: vec![entry(url)], allow_private_addresses: false };
        assert!(Verifier::new(&config, Arc::new(Loopback::default())).is_err(), "{url}");
    }
    let config =
        IdentityConfig { issuers: vec![entry("https://as.example/keys")], allow_private_addresses: false };
    assert!(Verifier::new(&config, Arc::new(Loopback::default())).is_ok());
}
