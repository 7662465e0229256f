//! Access reviews over HTTP: recorded by those who may, on a head this log had, listed by scope and due time.

use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::fixture::{POWERLESS, Running};

const REVIEWS: &str = "/governance/v1/reviews";

async fn send(server: &Running, body: &Value) -> Answer {
    server.ask(Ask::post(REVIEWS, &body.to_string())).await
}

/// A review of the answer to a question just asked.
async fn review(server: &Running) -> Value {
    let question = json!({ "where": "decision == allow", "group": ["subject", "action"] });
    let answer = server.ask(Ask::post("/governance/v1/query", &question.to_string())).await.json();
    json!({ "scope": "who reads", "reviewer": "P. Nair", "head": answer["evidence"]["head"],
        "kept": ["user:alice read doc:1"], "revoked": ["user:bob read doc:2"], "questioned": [] })
}

fn with(body: &Value, member: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[member] = value;
    body
}

#[tokio::test]
async fn a_review_is_recorded_and_the_last_of_each_scope_is_listed() {
    let server = Running::start(|_| {}).await;
    let first = with(&review(&server).await, "due", json!("2999-01-01"));
    let recorded = send(&server, &first).await;
    assert_eq!(recorded.status, 201, "{}", recorded.text());
    let recorded = recorded.json();
    assert_eq!(
        (&recorded["kept"], &recorded["revoked"], &recorded["questioned"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(recorded["policy"]["revision"], 1);
    assert!(!recorded.to_string().contains("alice"), "rows stand beside the record: {recorded}");
    let later = with(&review(&server).await, "questioned", json!(["agent:x call tool:y"]));
    assert_eq!(send(&server, &later).await.status, 201);
    let other = with(&review(&server).await, "scope", json!("agents"));
    assert_eq!(send(&server, &other).await.status, 201);
    let listed = server.ask(Ask::get(REVIEWS)).await.json();
    let listed = listed["reviews"].as_array().expect("a list");
    let shown: Vec<_> = listed.iter().map(|it| (it["scope"].clone(), it["questioned"].clone())).collect();
    assert_eq!(shown, [(json!("agents"), json!(0)), (json!("who reads"), json!(1))]);
    let overdue = server.ask(Ask::get(&format!("{REVIEWS}?overdue=true"))).await.json();
    assert_eq!(overdue, json!({ "reviews": [] }));
    let named = server.ask(Ask::get("/governance/v1/queries/reviews")).await.json();
    assert_eq!(named["answers"][0]["rows"].as_array().map(Vec::len), Some(3), "{named}");
}

#[tokio::test]
async fn what_is_no_review_is_refused_with_its_place() {
    let server = Running::start(|_| {}).await;
    let good = review(&server).await;
    let size = good["head"]["size"].as_u64().expect("a size");
    for (member, value, part) in [
        ("head", json!({ "size": size, "hash": "00".repeat(32) }), "never ended so"),
        ("head", json!({ "size": size + 1_000, "hash": good["head"]["hash"] }), "never ended so"),
        ("head", json!({ "size": 0, "hash": "00".repeat(32) }), "never ended so"),
        ("head", json!({ "size": -1, "hash": "" }), "whole number"),
        ("due", json!("2001-01-01"), "in the future"),
        ("due", json!("soon"), "RFC 3339"),
        ("reviewer", json!(""), "1 to 400 characters"),
        ("revoked", json!(["user:alice read doc:1"]), "there twice"),
        ("kept", json!([""]), "list of rows"),
        ("verdict", json!("fine"), "verdict"),
    ] {
        let answer = send(&server, &with(&good, member, value)).await;
        assert_eq!(answer.status, 400, "{member}: {}", answer.text());
        assert!(answer.text().contains(part), "{member}: {}", answer.text());
    }
    let none = with(&with(&good, "kept", json!([])), "revoked", json!([]));
    assert!(send(&server, &none).await.text().contains("1 to 2000 rows"));
    assert_eq!(server.ask(Ask::get(&format!("{REVIEWS}?due=now"))).await.status, 400);
    let refused =
        Ask::post(REVIEWS, &good.to_string()).header("authorization", format!("Bearer {POWERLESS}"));
    assert_eq!(server.ask_openly(refused).await.status, 403);
    assert_eq!(send(&server, &good).await.status, 201, "and the neighbour is taken");
}
