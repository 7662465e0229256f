//! How callers prove who they are and what they may do: keys that replace each other, access tokens, rates, tenants.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_identity::{IdentityConfig, IssuerConfig, KeySource, Profile};
use remit_pdp::{Clock, Timestamp};
use remit_server::config::{KeyEntry, PepEntry, TokenEntry};
use remit_server::keyring::sha256_hex;
use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running, bundle, pep};

const ISSUER: &str = "https://as.example";
const AUDIENCE: &str = "https://pdp.example/callers";
const NOW: i64 = 1_800_000_000;

async fn asked(server: &Running, header: &str) -> Answer {
    Ask::post(ENDPOINTS[0], QUESTION).header("authorization", header).send(server.address).await
}

#[tokio::test]
async fn one_key_replaces_another_while_both_are_good_and_an_expired_one_is_401() {
    let key = |text: &str, from: Option<&str>, until: Option<&str>| KeyEntry {
        sha256: sha256_hex(text.as_bytes()),
        not_before: from.map(str::to_owned),
        expires_at: until.map(str::to_owned),
    };
    let keys = vec![
        key("spent", None, Some("2026-06-01T12:00:00Z")),
        key("old", None, Some("2026-06-01T12:00:01Z")),
        key("new", Some("2026-06-01T12:00:00Z"), None),
        key("later", Some("2026-06-01T12:00:01Z"), None),
    ];
    let noon = Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
    let server = Running::with(
        &bundle(),
        |options| options.clock = Clock::Fixed(noon),
        |config| {
            let lasting = Some(sha256_hex(b"lasting"));
            config.peps.push(PepEntry { keys, key_sha256: lasting, ..PepEntry::new("turns") });
        },
    )
    .await;
    for (key, status) in [("spent", 401), ("old", 200), ("new", 200), ("later", 401), ("lasting", 200)] {
        assert_eq!(asked(&server, &format!("Bearer {key}")).await.status, status, "{key}");
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("turns:{key}"));
        assert_eq!(asked(&server, &format!("Basic {basic}")).await.status, status, "{key} as a secret");
    }
}

/// An issuer of access tokens.
struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    fn config(&self) -> IdentityConfig {
        let point = self.0.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        let key = json!({ "kty": "EC", "crv": "P-256", "x": part(1..33), "y": part(33..65), "alg": "ES256" });
        let keys = KeySource::Inline(json!({ "keys": [key] }).to_string());
        let issuer = IssuerConfig::new(ISSUER, &[Profile::AccessToken], &["https://pdp.example"], keys);
        IdentityConfig { issuers: vec![issuer], ..IdentityConfig::default() }
    }

    fn token(&self, typ: &str, change: Value) -> String {
        let mut claims = json!({ "iss": ISSUER, "sub": "gateway", "client_id": "gateway", "aud": AUDIENCE,
            "iat": NOW - 10, "exp": NOW + 300, "jti": "1" });
        for (name, value) in change.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        let encoded = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encoded(json!({ "alg": "ES256", "typ": typ })), encoded(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).expect("signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[tokio::test]
async fn an_access_token_of_its_own_is_a_callers_credential_and_nobody_elses_token_is() {
    let issuer = Issuer::new();
    let now = Timestamp::from_unix_seconds(NOW).expect("a time");
    let identity = issuer.config();
    let same = identity.clone();
    let server = Running::with(
        &bundle(),
        |options| (options.clock, options.identity) = (Clock::Fixed(now), identity),
        |config| {
            config.identity = same;
            let token = TokenEntry {
                issuer: ISSUER.to_owned(),
                audience: AUDIENCE.to_owned(),
                client_id: Some("gateway".to_owned()),
                subject: None,
            };
            config.peps.push(PepEntry { token: Some(token), ..PepEntry::new("by token") });
        },
    )
    .await;
    let status = async |token: &str| asked(&server, &format!("Bearer {token}")).await.status;
    let good = issuer.token("at+jwt", json!({}));
    assert_eq!(status(&good).await, 200);
    assert_eq!(status(&issuer.token("at+jwt", json!({ "aud": ["https://x", AUDIENCE] }))).await, 200);
    let azp = json!({ "client_id": null, "azp": "gateway" });
    assert_eq!(status(&issuer.token("at+jwt", azp)).await, 200, "an issuer that writes azp");
    let refused = [
        ("meant for another", json!({ "aud": "https://pdp.example" })),
        ("expired", json!({ "exp": NOW - 60 })),
        ("not yet", json!({ "nbf": NOW + 60 })),
        ("another client", json!({ "client_id": "shop", "sub": "shop" })),
        ("a user of the client", json!({ "sub": "alice" })),
        ("a user called like the client", json!({ "client_id": "shop" })),
        ("on behalf of another", json!({ "act": { "sub": "agent" } })),
        ("bound to a key", json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } })),
        ("another issuer", json!({ "iss": "https://other.example" })),
        ("no end", json!({ "exp": null })),
    ];
    for (why, change) in refused {
        let answer = asked(&server, &format!("Bearer {}", issuer.token("at+jwt", change))).await;
        assert_eq!(answer.status, 401, "{why}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"remit\"", "{why}");
    }
    assert_eq!(status(&issuer.token("JWT", json!({}))).await, 401, "an ID token, by its type");
    assert_eq!(status(&Issuer::new().token("at+jwt", json!({}))).await, 401, "signed by somebody else");
    assert_eq!(status(&good[..good.len() - 1]).await, 401, "cut");
    assert_eq!(status(KEY).await, 200, "keys go on beside tokens");
}

#[tokio::test]
async fn r24_a_caller_that_asks_too_much_is_429_and_others_are_not() {
    let server = Running::start(|config| {
        let slow = PepEntry { rate: Some(0.5), burst: Some(4), ..pep("slow", "slow", true) };
        config.peps.push(slow);
    })
    .await;
    let ask = async |path: &str, body: &str| {
        Ask::post(path, body).header("authorization", "Bearer slow").send(server.address).await
    };
    let item = json!({ "resource": { "type": "record", "id": "record-1" } });
    let batch = |items: usize| {
        let mut body: Value = serde_json::from_str(QUESTION).expect("JSON");
        body["evaluations"] = json!(vec![item.clone(); items]);
        body.to_string()
    };
    let never = ask(ENDPOINTS[1], &batch(9)).await;
    assert_eq!(never.status, 400, "more than ever fits: {}", never.text());
    assert_eq!(ask(ENDPOINTS[1], &batch(2)).await.status, 200, "1 for the refused call, 2 for this one");
    assert_eq!(ask(ENDPOINTS[0], QUESTION).await.status, 200, "and the last one");
    for path in ENDPOINTS {
        let refused = ask(path, QUESTION).await;
        assert_eq!(refused.status, 429, "{path}");
        assert!(refused.json().get("decision").is_none(), "no decision");
        let wait: u32 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=2).contains(&wait), "{wait}");
    }
    assert_eq!(server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 200, "another caller");
    let recorded = server.ask(Ask::get("/governance/v1/decisions?pep=slow")).await.json();
    assert_eq!(recorded["decisions"].as_array().map(Vec::len), Some(3), "what was refused is no decision");
    let metrics = server.ask_openly(Ask::get("/metrics")).await;
    assert!(metrics.text().contains("remit_throttled_total 5"), "{}", metrics.text());
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(ask(ENDPOINTS[0], QUESTION).await.status, 200, "after the wait that was named");
}

#[tokio::test]
async fn a_caller_of_one_tenant_asks_about_that_tenant_alone() {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tenants");
    let server = Running::over(&bundle, |config| {
        let north = PepEntry {
            key_sha256: Some(sha256_hex(b"north")),
            assert_identity: true,
            tenant: Some("north".to_owned()),
            ..PepEntry::new("north")
        };
        config.peps.push(north);
    })
    .await;
    let ask = async |path: &str, body: Value| {
        Ask::post(path, &body.to_string()).header("authorization", "Bearer north").send(server.address).await
    };
    let question = |user: &str, order: &str| {
        json!({ "subject": { "type": "user", "id": user }, "action": { "name": "read" },
            "resource": { "type": "order", "id": order } })
    };
    assert_eq!(ask(ENDPOINTS[0], question("nora", "n-1")).await.json()["decision"], true);
    let mut asserted = question("sam", "n-1");
    asserted["subject"]["properties"] = json!({ "tenant": "north" });
    let foreign = [
        question("sam", "n-1"),
        question("nora", "s-1"),
        question("root", "n-1"),
        question("nora", "lost"),
        question("nora", "nowhere"),
        asserted,
    ];
    let mut told = Vec::new();
    for body in foreign {
        let refused = ask(ENDPOINTS[0], body.clone()).await;
        assert_eq!(refused.status, 403, "{body}");
        told.push(refused.text().to_owned());
        let full = server.ask(Ask::post(ENDPOINTS[0], &body.to_string())).await;
        assert_eq!(full.status, 200, "a caller of none may: {body}");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "absent and foreign look alike");
    let mut batch = question("nora", "n-1");
    batch["evaluations"] = json!([{}, { "resource": { "type": "order", "id": "s-1" } }]);
    assert_eq!(ask(ENDPOINTS[1], batch.clone()).await.status, 403);
    batch["evaluations"] = json!([{}, { "resource": { "type": "order", "id": "n-2" } }]);
    assert_eq!(ask(ENDPOINTS[1], batch).await.status, 200);

    let found = async |path: &str, body: Value| {
        let answer = ask(path, body).await.json();
        let results = answer["results"].as_array().expect("results").clone();
        results.iter().map(|it| it["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(ENDPOINTS[2], question("", "n-1")).await, ["nils", "nora"]);
    assert_eq!(found(ENDPOINTS[3], question("nora", "")).await, ["n-1", "n-2"]);
    for (path, body) in [
        (ENDPOINTS[2], question("", "s-1")),
        (ENDPOINTS[3], question("sam", "")),
        (ENDPOINTS[4], question("sam", "n-1")),
    ] {
        assert_eq!(ask(path, body).await.status, 403, "{path}");
    }
    assert_eq!(ask(ENDPOINTS[4], question("nora", "n-1")).await.json()["results"][0]["name"], "read");

    let records = server.ask(Ask::get("/governance/v1/decisions?pep=north")).await.json();
    let records = records["decisions"].as_array().expect("a list").clone();
    assert!(!records.is_empty() && records.iter().all(|it| it["body"]["tenant"] == "north"), "{records:?}");
}

#[tokio::test]
async fn transactions_of_another_tenant_are_not_there() {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tenants");
    let server = Running::over(&bundle, |config| {
        for tenant in ["north", "south"] {
            config.peps.push(PepEntry {
                key_sha256: Some(sha256_hex(tenant.as_bytes())),
                assert_identity: true,
                tenant: Some(tenant.to_owned()),
                ..PepEntry::new(tenant)
            });
        }
    })
    .await;
    let send = async |whose: &str, ask: Ask| {
        ask.header("authorization", format!("Bearer {whose}")).send(server.address).await
    };
    let quad = json!({ "type": "authzen_evaluation", "request": { "subject": { "type": "user", "id": "nora" },
        "action": { "name": "read" }, "resource": { "type": "order", "id": "n-1" } } });
    let body = json!({ "subject": { "type": "user", "id": "nora" }, "authorization_details": [quad],
        "txn": "t-1" });
    let open = || Ask::post("/ibac/v1/transactions", &body.to_string());
    assert_eq!(send("south", open()).await.status, 403);
    let opened = send("north", open()).await;
    assert!(opened.status < 300, "{}", opened.text());
    let at = "/ibac/v1/transactions/t-1";
    for (whose, status) in [("south", 404), ("north", 200)] {
        assert_eq!(send(whose, Ask::get(at)).await.status, status, "{whose} reads");
    }
    for end in ["revoke", "close"] {
        let ask = || Ask::new("POST", &format!("{at}/{end}"));
        assert_eq!(send("south", ask()).await.status, 404, "{end}");
    }
    assert_eq!(send("north", Ask::new("POST", &format!("{at}/close"))).await.status, 204);
}
