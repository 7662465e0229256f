//! `X-Request-ID` comes back byte for byte on every kind of answer, and is made up when missing.

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running};

#[tokio::test]
async fn r_01_the_request_id_is_echoed_on_every_answer() {
    let server = Running::start(|config| {
        config.limits.body_timeout_ms = 100;
        config.limits.body_bytes = 1000;
    })
    .await;
    let long = "x".repeat(200);
    let ids: [&[u8]; 5] =
        [b"conformance-1", "grüße ☃".as_bytes(), b"with two  spaces", long.as_bytes(), b"\xff\xfe"];
    let key = format!("Bearer {KEY}");
    let good = Ask::post(ENDPOINTS[0], QUESTION).header("authorization", &key);
    let kinds = [
        (200, good.clone()),
        (200, Ask::get("/.well-known/authzen-configuration")),
        (400, Ask::post(ENDPOINTS[0], "{").header("authorization", &key)),
        (400, Ask::new("POST", ENDPOINTS[0]).header("authorization", &key).body("{}")),
        (401, Ask::post(ENDPOINTS[0], QUESTION)),
        (404, Ask::get("/nothing")),
        (405, Ask::get(ENDPOINTS[0])),
        (413, Ask::post(ENDPOINTS[0], &"x".repeat(1001)).header("authorization", &key)),
    ];
    for id in ids {
        for (status, ask) in &kinds {
            let answer = ask.clone().header("X-Request-Id", id).send(server.address).await;
            assert_eq!(answer.status, *status, "{}", answer.text());
            assert_eq!(answer.bytes("x-request-id"), Some(id), "{status}");
        }
    }
}

#[tokio::test]
async fn r_02_a_missing_request_id_is_made_up_and_never_the_same() {
    let server = Running::start(|_| {}).await;
    let first = server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await;
    let second = server.ask_openly(Ask::get("/nothing")).await;
    assert_eq!((first.header("x-request-id").len(), second.header("x-request-id").len()), (36, 36));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}
