//! Who may ask: API keys as bearer token or Basic secret (C-02), 401 with a challenge, open only on request.

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, KEY, POWERLESS, QUESTION, Running};

/// Routes that answer without a credential. This list may only shrink.
const OPEN: [&str; 9] = [
    "/",
    "/.well-known/authzen-configuration",
    "/docs",
    "/docs/page.css",
    "/docs/page.js",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/readyz",
];

#[tokio::test]
async fn x_03_x_04_without_a_credential_every_endpoint_is_closed() {
    let server = Running::start(|_| {}).await;
    for path in ENDPOINTS {
        let refused = server.ask_openly(Ask::post(path, QUESTION)).await;
        assert_eq!(refused.status, 401, "{path}");
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"remit\"", "{path}");
        assert!(refused.json().get("decision").is_none());
        let answered = server.ask(Ask::post(path, QUESTION)).await;
        assert_eq!(answered.status, 200, "{path}: {}", answered.text());
    }
    assert_eq!(server.ask_openly(Ask::get("/governance/v1/decisions")).await.status, 401);
    assert_eq!(server.ask(Ask::get("/governance/v1/decisions")).await.status, 200);
}

#[tokio::test]
async fn d_03_only_the_listed_routes_are_open() {
    let server = Running::start(|_| {}).await;
    for path in OPEN {
        let answer = server.ask_openly(Ask::get(path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn c_02_t_15_bearer_keys_and_basic_secrets_are_taken_and_anything_else_is_not() {
    use base64::Engine as _;
    let server = Running::start(|_| {}).await;
    let basic = |text: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
    let table = [
        (200, format!("Bearer {KEY}")),
        (200, format!("bearer {KEY}")),
        (200, basic(&format!("gate:{KEY}"))),
        (200, basic(&format!("g%61te:{}", KEY.replace('-', "%2D")))),
        (401, basic(&format!("nobody:{KEY}"))),
        (401, basic("gate:wrong")),
        (401, String::from("Bearer wrong")),
        (401, String::from("undefined")),
        (401, KEY.to_owned()),
    ];
    for (status, header) in table {
        let answer =
            Ask::post(ENDPOINTS[0], QUESTION).header("authorization", &header).send(server.address).await;
        assert_eq!(answer.status, status, "{header}");
    }
}

#[tokio::test]
async fn a_known_caller_without_the_right_is_forbidden_not_unauthenticated() {
    let server = Running::start(|_| {}).await;
    let key = format!("Bearer {POWERLESS}");
    for path in ENDPOINTS {
        let answer = Ask::post(path, QUESTION).header("authorization", &key).send(server.address).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
        assert!(answer.json().get("decision").is_none());
    }
    let records =
        Ask::get("/governance/v1/decisions").header("authorization", &key).send(server.address).await;
    assert_eq!(records.status, 403);
}

#[tokio::test]
async fn an_open_loopback_listener_takes_any_credential() {
    let server = Running::start(|config| {
        config.insecure_loopback = true;
        config.peps.clear();
    })
    .await;
    for header in ["undefined", "Bearer wrong", "Basic !"] {
        let answer =
            Ask::post(ENDPOINTS[0], QUESTION).header("authorization", header).send(server.address).await;
        assert_eq!(answer.status, 200, "{header}");
    }
    assert_eq!(server.ask_openly(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 200);
}
