//! Requirements of AuthZEN 1.0 that show at this boundary whatever the policy says: paths, bodies, members, nulls.

use serde_json::Value;

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, QUESTION, Running};

/// The question with something more in front of its first member.
fn with(member: &str) -> String {
    QUESTION.replacen('{', &format!("{{{member},"), 1)
}

#[tokio::test]
async fn t_08_t_09_the_default_paths_are_served() {
    let server = Running::start(|_| {}).await;
    for path in ENDPOINTS {
        assert!(path.contains("/v1/"));
        assert_eq!(server.ask(Ask::post(path, QUESTION)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn t_11_unknown_members_change_nothing() {
    let server = Running::start(|_| {}).await;
    let more =
        QUESTION.replace("\"id\":", "\"zone\":{\"a\":[1]},\"id\":").replacen('{', "{\"x\":null,\"y\":[],", 1);
    for path in ENDPOINTS {
        let plain = server.ask(Ask::post(path, QUESTION)).await;
        let extended = server.ask(Ask::post(path, &more)).await;
        assert_eq!((extended.status, extended.text()), (200, plain.text()), "{path}");
    }
}

#[tokio::test]
async fn t_12_the_order_of_members_does_not_matter() {
    let server = Running::start(|_| {}).await;
    let shuffled = r#"{"resource":{"id":"record-1","type":"record"},"action":{"name":"read"},"subject":{"id":"alice","type":"user"}}"#;
    for path in ENDPOINTS {
        let plain = server.ask(Ask::post(path, QUESTION)).await;
        assert_eq!(server.ask(Ask::post(path, shuffled)).await.text(), plain.text(), "{path}");
    }
}

#[tokio::test]
async fn t_13_what_two_readers_could_read_differently_is_400() {
    let server = Running::start(|_| {}).await;
    let table = [
        ("twice at the top", with(r#""context":{},"context":{}"#)),
        ("twice, spelt differently", with(r#""context":{"a":1,"\u0061":2}"#)),
        ("twice deep inside", with(r#""context":{"a":{"b":[{"c":1,"c":1}]}}"#)),
        ("twice in an unknown member", with(r#""x":{"a":1,"a":1}"#)),
        ("half a surrogate pair", with(r#""context":{"a":"\ud800"}"#)),
        ("a number beyond all bounds", with(r#""context":{"a":1e400}"#)),
        ("something after the end", format!("{QUESTION}{{}}")),
        ("a nest too deep", with(&format!("\"context\":{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500)))),
    ];
    for path in ENDPOINTS {
        for (what, body) in &table {
            let answer = server.ask(Ask::post(path, body)).await;
            assert_eq!(answer.status, 400, "{path}: {what}");
            assert!(answer.json().get("decision").is_none());
        }
        let fine = with(r#""context":{"a":{"b":[{"c":1},{"c":1}]},"d":"\ud83d\ude00","e":1.5}"#);
        assert_eq!(server.ask(Ask::post(path, &fine)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn t_13_bytes_that_are_no_utf_8_are_400() {
    let server = Running::start(|_| {}).await;
    let ask = |id: &[u8]| {
        let body = [
            br#"{"subject":{"type":"user","id":""#,
            id,
            br#""},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}"#,
        ]
        .concat();
        Ask::new("POST", ENDPOINTS[0]).header("content-type", "application/json").body(body)
    };
    assert_eq!(server.ask(ask(b"al\xffice")).await.status, 400);
    assert_eq!(server.ask(ask("grüße".as_bytes())).await.status, 200);
}

#[tokio::test]
async fn t_14_d_08_d_10_no_answer_holds_null() {
    let server = Running::start(|_| {}).await;
    let mut answers = Vec::new();
    for path in ENDPOINTS {
        answers.push(server.ask(Ask::post(path, QUESTION)).await);
        answers.push(server.ask(Ask::post(path, "{}")).await);
    }
    for path in ["/.well-known/authzen-configuration", "/readyz", "/governance/v1/decisions"] {
        answers.push(server.ask(Ask::get(path)).await);
    }
    for answer in answers {
        assert!(!has_null(&answer.json()), "{}", answer.text());
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.values().any(has_null),
        Value::Array(items) => items.iter().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[tokio::test]
async fn x_01_a_missing_part_is_400_and_the_part_is_named() {
    let server = Running::start(|_| {}).await;
    let whole: Value = serde_json::from_str(QUESTION).expect("JSON");
    for part in ["subject", "action", "resource"] {
        let mut question = whole.clone();
        question.as_object_mut().expect("an object").remove(part);
        let answer = server.ask(Ask::post(ENDPOINTS[0], &question.to_string())).await;
        assert_eq!(answer.status, 400, "{part}");
        assert!(answer.text().contains(part), "{}", answer.text());
    }
}

#[tokio::test]
async fn c_07_decisions_are_never_kept_by_caches() {
    let server = Running::start(|_| {}).await;
    for path in ENDPOINTS {
        assert_eq!(server.ask(Ask::post(path, QUESTION)).await.header("cache-control"), "no-store", "{path}");
    }
}
