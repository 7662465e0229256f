//! Consents and signals over HTTP: given, read and taken back by those who may; reported and pushed.

use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_identity::{IdentityConfig, IssuerConfig, KeySource, Profile};
use remit_pdp::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::fixture::{POWERLESS, Running};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://as.example";
const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

/// The key of an issuer.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .expect("a key");
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key"))
    }

    fn keys(&self) -> String {
        let point = self.0.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y }] }).to_string()
    }

    fn sign(&self, typ: &str, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "ES256", "typ": typ, "kid": "k" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).expect("signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// An access token of alice, issued so many seconds ago.
    fn access(&self, ago: i64) -> String {
        let claims = json!({ "iss": ISSUER, "aud": "https://pdp.example", "sub": "alice", "iat": NOW - ago,
            "exp": NOW + 3_600 });
        self.sign("at+jwt", &claims)
    }

    /// The end of alice's sessions, so many seconds ago.
    fn revoked(&self, ago: i64) -> Value {
        json!({ "iss": ISSUER, "aud": "https://pdp.example", "jti": "e1", "iat": NOW,
            "sub_id": { "format": "iss_sub", "iss": ISSUER, "sub": "alice" },
            "events": { REVOKED: { "event_timestamp": NOW - ago } } })
    }
}

async fn server(signer: &Signer) -> Running {
    let accepts = [Profile::AccessToken, Profile::SecurityEvent];
    let issuer =
        IssuerConfig::new(ISSUER, &accepts, &["https://pdp.example"], KeySource::Inline(signer.keys()));
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tokens");
    let clock = Clock::Fixed(Timestamp::from_unix_seconds(NOW).expect("a time"));
    Running::with(
        &bundle,
        |options| {
            options.clock = clock;
            options.identity = IdentityConfig { issuers: vec![issuer], ..IdentityConfig::default() };
        },
        |_| {},
    )
    .await
}

async fn post(server: &Running, path: &str, body: &Value) -> Answer {
    server.ask(Ask::post(path, &body.to_string())).await
}

async fn push(server: &Running, token: &str) -> Answer {
    let ask =
        Ask::new("POST", "/signals/v1/security-events").header("content-type", "application/secevent+jwt");
    server.ask(ask.body(token)).await
}

/// Whether alice may read with this token, and why not.
async fn reads(server: &Running, token: &str) -> (bool, String) {
    let body = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "read" },
        "resource": { "type": "account", "id": "a1" }, "options": { "detail": "reason" },
        "context": { "tokens": [{ "type": "urn:ietf:params:oauth:token-type:access_token", "token": token }] } });
    let told = post(server, "/access/v1/evaluation", &body).await.json();
    (told["decision"] == true, told["context"]["reason"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_consent_is_given_read_and_taken_back_by_who_may() {
    let server = Running::start(|_| {}).await;
    let grant = json!({ "id": "c-1", "subject": { "type": "user", "id": "alice" }, "category": "records",
        "purpose": "care", "recipient": { "type": "user", "id": "bob" } });
    let given = post(&server, "/governance/v1/consents", &grant).await;
    assert_eq!((given.status, &given.json()["active"]), (201, &json!(true)), "{}", given.text());
    assert_eq!(post(&server, "/governance/v1/consents", &grant).await.status, 409, "the id is taken");
    let list = "/governance/v1/consents?subject=user%3Aalice";
    let all = server.ask(Ask::get(list)).await.json();
    assert_eq!(
        (&all["consents"][0]["purpose"], all["consents"].as_array().map(Vec::len)),
        (&json!("care"), Some(1))
    );
    let empty = server.ask(Ask::get(&format!("{list}&at=2020-01-01T00:00:00Z"))).await.json();
    assert_eq!(empty["consents"], json!([]), "as of then");
    let withdraw = "/governance/v1/consents/c-1/withdraw";
    let gone = post(&server, withdraw, &json!({})).await;
    assert_eq!((gone.status, &gone.json()["active"]), (200, &json!(false)));
    assert_eq!(post(&server, withdraw, &json!({})).await.status, 409);
    assert_eq!(post(&server, "/governance/v1/consents/c-2/withdraw", &json!({})).await.status, 404);
    for (odd, pointer) in [
        (json!({ "category": "records", "purpose": "care" }), ""),
        (json!({ "subject": { "type": "user", "id": "a" }, "category": "records" }), ""),
        (json!({ "subject": { "type": "user", "id": "a" }, "category": "", "purpose": "x" }), "/category"),
        (
            json!({ "subject": { "type": "user", "id": "a" }, "category": "c", "purpose": "x", "expires_at": "2020-01-01T00:00:00Z" }),
            "/expires_at",
        ),
        (
            json!({ "subject": { "type": "user", "id": "a" }, "category": "c", "purpose": "x", "until": 1 }),
            "/until",
        ),
    ] {
        let refused = post(&server, "/governance/v1/consents", &odd).await;
        assert_eq!((refused.status, &refused.json()["pointer"]), (400, &json!(pointer)), "{odd}");
    }
    for path in [
        list,
        "/governance/v1/consents?subject=alice",
        "/governance/v1/consents?who=user%3Aalice",
        "/governance/v1/consents",
    ] {
        let nobody = Ask::get(path).header("authorization", format!("Bearer {POWERLESS}"));
        assert_eq!(server.ask_openly(nobody).await.status, 403, "{path}");
        assert_eq!(server.ask(Ask::get(path)).await.status, if path == list { 200 } else { 400 }, "{path}");
    }
    let nobody = Ask::post("/governance/v1/consents", &grant.to_string());
    let nobody = nobody.header("authorization", format!("Bearer {POWERLESS}"));
    assert_eq!(server.ask_openly(nobody).await.status, 403);
}

#[tokio::test]
async fn signals_are_taken_whole_or_not_at_all() {
    let server = Running::start(|_| {}).await;
    let event = |more: Value| {
        let mut event = json!({ "subject": { "type": "user", "id": "alice" }, "type": "login" });
        event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        event
    };
    let good = json!({ "events": [event(json!({ "id": "e1", "at": "2026-01-01T00:00:00Z", "device": "d1", "latitude": 19.1, "longitude": -72 }))] });
    let taken = post(&server, "/signals/v1/events", &good).await;
    assert_eq!((taken.status, taken.json()), (202, json!({ "accepted": 1, "known": 0 })));
    assert_eq!(post(&server, "/signals/v1/events", &good).await.json(), json!({ "accepted": 0, "known": 1 }));
    for (odd, pointer) in [
        (json!({ "latitude": 91, "longitude": 0 }), "/events/1/latitude"),
        (json!({ "latitude": 9 }), "/events/1"),
        (json!({ "at": "2999-01-01T00:00:00Z" }), "/events/1/at"),
        (json!({ "at": "yesterday" }), "/events/1/at"),
        (json!({ "risk": "huge" }), "/events/1/risk"),
        (json!({ "failed": 1 }), "/events/1/failed"),
        (json!({ "type": "" }), "/events/1/type"),
        (json!({ "devise": "d1" }), "/events/1/devise"),
    ] {
        let both = json!({ "events": [event(json!({ "id": "e2" })), event(odd)] });
        let refused = post(&server, "/signals/v1/events", &both).await;
        assert_eq!((refused.status, &refused.json()["pointer"]), (400, &json!(pointer)), "{both}");
    }
    let alone = json!({ "events": [event(json!({ "id": "e2" }))] });
    assert_eq!(
        post(&server, "/signals/v1/events", &alone).await.json()["accepted"],
        1,
        "no part was taken before"
    );
    assert_eq!(post(&server, "/signals/v1/events", &json!({ "events": [] })).await.status, 400);
    let nobody = Ask::post("/signals/v1/events", &good.to_string());
    assert_eq!(
        server.ask_openly(nobody.header("authorization", format!("Bearer {POWERLESS}"))).await.status,
        403
    );
}

#[tokio::test]
async fn a_pushed_end_of_a_session_stops_earlier_tokens_at_once() {
    let signer = Signer::new();
    let server = server(&signer).await;
    let (old, new) = (signer.access(600), signer.access(5));
    assert_eq!(reads(&server, &old).await, (true, "permitted".to_owned()));
    let pushed = push(&server, &signer.sign("secevent+jwt", &signer.revoked(60))).await;
    assert_eq!((pushed.status, pushed.body.len()), (202, 0), "{}", pushed.text());
    assert_eq!(reads(&server, &old).await, (false, "session_revoked".to_owned()));
    assert_eq!(reads(&server, &new).await, (true, "permitted".to_owned()), "a session from after it");
    let at_once = signer.access(60);
    assert_eq!(reads(&server, &at_once).await.1, "session_revoked", "issued at that very second");
    // The same again is no second event.
    assert_eq!(push(&server, &signer.sign("secevent+jwt", &signer.revoked(60))).await.status, 202);
    let exchange = json!({ "subject_token": old, "audience": "https://shop.example",
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token" });
    let told = post(&server, "/ibac/v1/token-exchange", &exchange).await.json();
    assert_eq!((&told["decision"], &told["error_description"]), (&json!(false), &json!("session_revoked")));
}

#[tokio::test]
async fn a_security_event_is_refused_with_the_code_of_the_rfc() {
    let signer = Signer::new();
    let server = server(&signer).await;
    let with = |path: &str, value: Value| {
        let mut claims = signer.revoked(60);
        *claims.pointer_mut(path).expect("there") = value;
        signer.sign("secevent+jwt", &claims)
    };
    let stranger = Signer::new();
    for (token, code) in [
        ("x".to_owned(), "invalid_request"),
        (signer.sign("at+jwt", &signer.revoked(60)), "invalid_request"),
        (with("/events", json!({})), "invalid_request"),
        (with("/iss", json!("https://other.example")), "invalid_issuer"),
        (with("/aud", json!("https://other.example")), "invalid_audience"),
        (stranger.sign("secevent+jwt", &signer.revoked(60)), "invalid_key"),
    ] {
        let refused = push(&server, &token).await;
        assert_eq!((refused.status, &refused.json()["err"]), (400, &json!(code)), "{}", refused.text());
    }
    assert!(reads(&server, &signer.access(600)).await.0, "nothing came of it");
    let token = signer.sign("secevent+jwt", &signer.revoked(60));
    let json = Ask::post("/signals/v1/security-events", &token);
    assert_eq!(server.ask(json).await.status, 400, "another media type");
    let ask =
        Ask::new("POST", "/signals/v1/security-events").header("content-type", "application/secevent+jwt");
    assert_eq!(server.ask_openly(ask.clone().body(&token)).await.status, 401);
    let nobody = ask.header("authorization", format!("Bearer {POWERLESS}")).body(&token);
    assert_eq!(server.ask_openly(nobody).await.status, 403);
}

const AGENTS: &str = r#"
package desk

entity user {}
entity agent { enabled: bool, skills: set<skill> }
entity skill { tools: set<tool> }
entity tool  {}

action call on tool

permit calls
  for user
  to  call
  on  tool

forbid often
  as   agent
  to   call
  when signals.actor.count("tool_used", 10m) >= 3

forbid longer
  as   agent
  to   call
  when signals.actor.hops(1h) > 0 and count(chain) > signals.actor.hops(1h)
"#;

const AGENTS_GRAPH: &str = r#"{"nodes":[{"type":"user","id":"ann"},{"type":"tool","id":"mail"},{"type":"tool","id":"post"},
    {"type":"skill","id":"writing","relations":{"tools":["tool:mail","tool:post"]}},
    {"type":"agent","id":"scribe","properties":{"enabled":true},"relations":{"skills":["skill:writing"]}},
    {"type":"agent","id":"desk","properties":{"enabled":true},"relations":{"skills":["skill:writing"]}}]}"#;

/// Whether the agent may call the tool, why not, and the id of the evaluation.
async fn calls(server: &Running, act: Value) -> (bool, Value, String) {
    let body = json!({ "subject": { "type": "user", "id": "ann" }, "action": { "name": "call" },
        "resource": { "type": "tool", "id": "mail" }, "options": { "detail": "full" }, "context": { "act": act } });
    let answer = post(server, "/access/v1/evaluation", &body).await;
    let told = answer.json();
    (
        told["decision"] == true,
        told["context"]["reason_admin"]["rules"].clone(),
        answer.header("remit-evaluation-id").to_owned(),
    )
}

#[tokio::test]
async fn an_allowed_step_of_an_agent_counts_as_tool_use_once_and_is_replayed() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("desk.ibac"), AGENTS).expect("written");
    std::fs::write(dir.path().join("graph.json"), AGENTS_GRAPH).expect("written");
    let server = Running::over(dir.path(), |_| {}).await;
    let alone = || json!({ "sub": "scribe" });
    let (allowed, _, id) = calls(&server, alone()).await;
    assert!(allowed);
    let report = json!({ "events": [{ "id": id, "subject": { "type": "agent", "id": "scribe" }, "type": "tool_used", "tool": "mail" }] });
    let told = post(&server, "/signals/v1/events", &report).await.json();
    assert_eq!(told, json!({ "accepted": 0, "known": 1 }), "the report of a step is the step");
    let (allowed, rules, _) = calls(&server, json!({ "sub": "scribe", "act": { "sub": "desk" } })).await;
    assert!(!allowed && rules[0]["rule"] == "desk.longer", "{rules}");
    assert!(calls(&server, alone()).await.0);
    assert!(calls(&server, json!({ "sub": "desk" })).await.0, "another agent's steps are its own");
    assert!(calls(&server, alone()).await.0);
    let (allowed, rules, _) = calls(&server, alone()).await;
    assert!(!allowed && rules[0]["rule"] == "desk.often", "{rules}");
    let report = remit_pdp::replay::Replay::of(server.data()).run(|_| {}).expect("the log is whole");
    assert_eq!((report.replayed, report.same), (6, 6), "{:?} {:?}", report.changes, report.not_replayable);
}
