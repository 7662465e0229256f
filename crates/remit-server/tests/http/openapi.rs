//! The OpenAPI document: committed, served, complete. `UPDATE_OPENAPI=1` rewrites the committed copy.

use std::path::Path;

use serde_json::Value;

use crate::client::Ask;
use crate::fixture::Running;

#[test]
fn the_committed_document_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/remit.openapi.json");
    let generated = remit_server::openapi::pretty();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &generated).expect("writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "openapi/remit.openapi.json is stale: run with UPDATE_OPENAPI=1");
}

#[test]
fn every_response_is_described_and_every_reference_leads_somewhere() {
    let document: Value = serde_json::from_str(&remit_server::openapi::pretty()).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            assert!(!responses.is_empty(), "{method} {path}");
            for (status, response) in responses {
                let text = response["description"].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{method} {path} {status} has no description");
            }
        }
    }
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_served_is_described_and_what_is_described_is_served() {
    let server = Running::start(|_| {}).await;
    let served = server.ask_openly(Ask::get("/openapi.json")).await.json();
    assert_eq!(served, serde_json::from_str::<Value>(&remit_server::openapi::pretty()).expect("JSON"));
    let paths = served["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for method in item.as_object().expect("operations").keys() {
            let method = if method == "get" { "GET" } else { "POST" };
            let status = server.ask_openly(Ask::new(method, path)).await.status;
            assert!(status != 404 && status != 405, "{method} {path} is {status}");
        }
    }
    for route in remit_server::routes() {
        // What stands for the rest of a path is a parameter like others there.
        let described = paths.contains_key(&route.replace("{*", "{"));
        assert!(described || route.starts_with("/docs/"), "{route} is not described");
    }
}
