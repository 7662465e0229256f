//! The questions of an authorization server: an intent without what may not be, and token exchange.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::Ask;
use crate::fixture::Running;

fn quad(invoice: &str, action: &str) -> Value {
    json!({ "subject": { "type": "user", "id": "tara" }, "action": { "name": action }, "resource": { "type": "invoice", "id": invoice } })
}

async fn asked(server: &Running, path: &str, body: &Value) -> (u16, Value) {
    let answer = server.ask(Ask::post(path, &body.to_string())).await;
    (answer.status, answer.json())
}

async fn server() -> Running {
    Running::over(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/agents"), |_| {}).await
}

#[tokio::test]
async fn details_come_back_without_what_may_not_be_and_in_their_order() {
    let server = server().await;
    let many = json!({ "type": "authzen_evaluations", "request": {
        "subject": { "type": "user", "id": "tara" }, "action": { "name": "read" },
        "evaluations": [
            { "resource": { "type": "invoice", "id": "inv-1" } },
            { "resource": { "type": "invoice", "id": "inv-1" }, "action": { "name": "burn" } },
            { "resource": { "type": "invoice", "id": "inv-2" } },
        ] } });
    let one = |action: &str| json!({ "type": "AuthZEN_evaluation", "request": quad("inv-1", action) });
    let path = "/ibac/v1/authorization-details";
    let body = json!({ "authorization_details": [one("burn"), many, one("read")] });
    let (status, told) = asked(&server, path, &body).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["complete"], false);
    let left = told["authorization_details"].as_array().expect("a list");
    assert_eq!(left.len(), 2, "{told}");
    assert_eq!(left[0]["request"]["evaluations"].as_array().map(Vec::len), Some(2), "{told}");
    assert_eq!(left[1], one("read"));
    let answers = told["responses"].as_array().expect("a list");
    assert_eq!(answers[0]["response"]["decision"], false);
    assert_eq!(answers[0]["response"]["context"]["reason"], "unknown_action");
    assert_eq!(answers[1]["response"]["evaluations"][1]["decision"], false);
    assert_eq!(answers[2]["response"]["decision"], true);
    let (_, whole) = asked(&server, path, &json!({ "authorization_details": [one("read")] })).await;
    assert_eq!(whole["complete"], true);
}

#[tokio::test]
async fn details_through_an_agent_need_its_chain_to_hold() {
    let server = server().await;
    let through = |agent: &str| {
        json!({ "context": { "act": { "sub": agent } },
            "authorization_details": [{ "type": "authzen_evaluation", "request": quad("inv-1", "read") }] })
    };
    let path = "/ibac/v1/authorization-details";
    let (_, known) = asked(&server, path, &through("invoicer")).await;
    assert_eq!(known["complete"], true, "{known}");
    let (_, retired) = asked(&server, path, &through("retired")).await;
    assert_eq!(retired["responses"][0]["response"]["context"]["reason"], "chain_agent_disabled", "{retired}");
    assert_eq!(retired["authorization_details"], json!([]));
}

#[tokio::test]
async fn malformed_details_have_the_error_code_of_their_standard() {
    let server = server().await;
    let table = [
        json!([{ "type": "authzen_evaluation", "request": quad("inv-1", "read"), "locations": [] }]),
        json!([{ "type": "payment_initiation" }]),
        json!([{ "type": "authzen_evaluation", "request": { "subject": {} } }]),
        json!(["x"]),
        json!({}),
    ];
    for details in table {
        let body = json!({ "authorization_details": details });
        let (status, told) = asked(&server, "/ibac/v1/authorization-details", &body).await;
        assert_eq!(status, 400, "{details}");
        let message = told["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("invalid_authorization_details"), "{message}");
    }
}

#[tokio::test]
async fn an_exchange_with_tokens_of_nobody_has_an_error_class() {
    let server = server().await;
    let token = "urn:ietf:params:oauth:token-type:access_token";
    let body =
        json!({ "subject_token": "a.b.c", "subject_token_type": token, "audience": "https://api.example" });
    let (status, told) = asked(&server, "/ibac/v1/token-exchange", &body).await;
    assert_eq!((status, &told["decision"], &told["error"]), (200, &json!(false), &json!("invalid_grant")));
    assert!(told.get("grant").is_none());
    let (status, _) = asked(&server, "/ibac/v1/token-exchange", &json!({ "audience": "x" })).await;
    assert_eq!(status, 400);
}
