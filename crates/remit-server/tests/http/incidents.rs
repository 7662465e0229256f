//! Incidents over HTTP: read, reported, followed; told to a webhook until it takes them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use axum::body::Bytes;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use remit_server::config::{Incidents, Webhook};
use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::fixture::{POWERLESS, Running};

const SECRET: &[u8] = b"a secret of more than thirty-two bytes";

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/starter")
}

fn leak() -> Value {
    json!({ "subject": { "type": "agent", "id": "outreach" }, "action": { "name": "call" },
        "resource": { "type": "tool", "id": "mailer" }, "context": { "message": { "classification": "health" } } })
}

async fn send(server: &Running, path: &str, body: &Value) -> Answer {
    server.ask(Ask::post(path, &body.to_string())).await
}

#[tokio::test]
async fn incidents_are_read_reported_and_resolved_by_those_who_may() {
    let server = Running::over(&starter(), |_| {}).await;
    assert_eq!(send(&server, "/access/v1/evaluation", &leak()).await.json()["decision"], false);
    let all = server.ask(Ask::get("/governance/v1/incidents?grade=critical")).await;
    assert_eq!(all.status, 200, "{}", all.text());
    let id = all.json()["incidents"][0]["id"].as_str().expect("an id").to_owned();
    let one = server.ask(Ask::get(&format!("/governance/v1/incidents/{id}"))).await.json();
    assert_eq!(one["failure_mode"], "policy_denied");
    let resolve = json!({ "event": "resolve", "response": "the tool is gone" });
    let path = format!("/governance/v1/incidents/{id}/events");
    assert_eq!(send(&server, &path, &resolve).await.json()["status"], "resolved");
    assert_eq!(send(&server, &path, &resolve).await.status, 409);
    let report = json!({ "use_case": "chat", "description": "It made a promise." });
    assert_eq!(send(&server, "/governance/v1/incidents", &report).await.status, 201);
    let none = server.ask(Ask::get("/governance/v1/incidents/none")).await;
    let odd = server.ask(Ask::get("/governance/v1/incidents?state=open")).await;
    assert_eq!((none.status, odd.status), (404, 400));
    let refused = Ask::get("/governance/v1/incidents").header("authorization", format!("Bearer {POWERLESS}"));
    assert_eq!(server.ask_openly(refused).await.status, 403);
}

/// Refuses the first call, takes the others.
#[derive(Default)]
struct Hook {
    calls: AtomicUsize,
    taken: Mutex<Vec<(HeaderMap, Bytes)>>,
}

#[tokio::test]
async fn a_webhook_is_told_again_until_it_takes_the_incident_and_can_check_who_tells() {
    let hook = Arc::new(Hook::default());
    let held = Arc::clone(&hook);
    let app = axum::Router::new().route(
        "/incidents",
        post(async move |headers: HeaderMap, body: Bytes| {
            if held.calls.fetch_add(1, Ordering::SeqCst) == 0 {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            held.taken.lock().expect("a lock").push((headers, body));
            StatusCode::NO_CONTENT
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/incidents", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), [SECRET, b"\n"].concat()).expect("writes");
    let webhook = Webhook { url, secret_file: secret.path().to_owned(), private_addresses: true };
    let server = Running::over(&starter(), |config| {
        config.incidents = Incidents { from: None, webhook: Some(webhook) };
    })
    .await;
    assert_eq!(send(&server, "/access/v1/evaluation", &leak()).await.json()["decision"], false);

    let begun = Instant::now();
    while hook.taken.lock().expect("a lock").is_empty() && begun.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let taken = hook.taken.lock().expect("a lock").clone();
    let [(headers, body)] = taken.as_slice() else { panic!("it was told {} times", taken.len()) };
    let told: Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!(told["incident"]["grade"], "critical");
    assert_eq!(told["actions"].as_array().map(Vec::len), Some(5));
    let signature = headers["remit-signature"].to_str().expect("text");
    let (seconds, tag) =
        signature.strip_prefix("t=").and_then(|it| it.split_once(",v1=")).expect("a signature");
    let signed = [seconds.as_bytes(), b".", body].concat();
    let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), &signed);
    let expected: String = expected.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(tag, expected);
    let metrics = server.ask(Ask::get("/metrics")).await;
    let metrics = metrics.text();
    assert!(
        metrics.contains("remit_escalations_total 1") && metrics.contains("remit_escalations_failed_total 1")
    );
}

#[tokio::test]
async fn a_webhook_without_a_good_secret_is_no_start() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = remit_pdp::Pdp::start(remit_pdp::Options::new(starter(), data.path())).expect("starts");
    let short = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(short.path(), "short").expect("writes");
    let webhook = Webhook {
        url: "https://hook.example".to_owned(),
        secret_file: short.path().to_owned(),
        private_addresses: false,
    };
    let config = remit_server::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        insecure_loopback: true,
        incidents: Incidents { from: None, webhook: Some(webhook) },
        ..remit_server::Config::default()
    };
    let refused = remit_server::Server::bind(config, Arc::new(pdp)).await.map(drop).expect_err("refused");
    assert!(refused.to_string().contains("less than 32 bytes"), "{refused}");
}
