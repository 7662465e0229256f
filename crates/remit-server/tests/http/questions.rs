//! Questions to the log over HTTP: named and free ones, their forms, who may ask, and the log as it grows.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Ask, PATIENCE};
use crate::fixture::{ENDPOINTS, KEY, POWERLESS, QUESTION, Running};

async fn asked(server: &Running) {
    for who in ["alice", "bob", "alice", "carol"] {
        let _answer = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("alice", who))).await;
    }
}

const FREE: &str = "/governance/v1/query";
const NAMED: &str = "/governance/v1/queries";

#[tokio::test]
async fn a_free_question_is_answered_with_what_it_rests_on() {
    let server = Running::start(|_| {}).await;
    asked(&server).await;
    let question = r#"{"where":"kind == decision","group":["decision"],"order":["decision"]}"#;
    let answer = server.ask(Ask::post(FREE, question)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["columns"][0], "decision");
    let counts: Vec<_> = answer["rows"].as_array().expect("rows").iter().map(|row| row[1].clone()).collect();
    assert_eq!(counts, [2, 2]);
    let size = answer["evidence"]["head"]["size"].as_u64().expect("a size");
    assert_eq!(answer["evidence"]["range"], serde_json::json!([0, size - 1]));
    let by_address = format!("{FREE}?where=kind+%3D%3D+decision&group=decision&order=decision");
    assert_eq!(server.ask(Ask::get(&by_address)).await.json(), answer);
}

#[tokio::test]
async fn a_person_is_found_by_the_own_name() {
    let server = Running::start(|_| {}).await;
    asked(&server).await;
    for condition in ["subject == user:alice", "subject.id == \\\"alice\\\""] {
        let question = format!(r#"{{"where":"{condition}","group":["kind"]}}"#);
        let answer = server.ask(Ask::post(FREE, &question)).await.json();
        assert_eq!(answer["matched"], 2, "{condition}: {answer}");
    }
    let replies = server.ask(Ask::get(&format!("{NAMED}/on-behalf-of?person=user:alice"))).await.json();
    assert_eq!(replies["answers"][0]["rows"].as_array().map(Vec::len), Some(2), "{replies}");
}

#[tokio::test]
async fn forms_have_their_media_types_and_refusals_their_places() {
    let server = Running::start(|_| {}).await;
    asked(&server).await;
    let question = r#"{"where":"kind == decision","select":["decision","action"]}"#;
    let csv = server.ask(Ask::post(&format!("{FREE}?format=csv"), question)).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text().starts_with("decision,action\r\nallow,read\r\n"), "{}", csv.text());
    let lines = server.ask(Ask::post(&format!("{FREE}?format=jsonl"), question)).await;
    assert_eq!((lines.header("content-type"), lines.text().lines().count()), ("application/x-ndjson", 4));
    let parquet = server.ask(Ask::post(&format!("{FREE}?format=parquet"), question)).await;
    assert_eq!(parquet.header("content-type"), "application/vnd.apache.parquet");
    assert!(parquet.body.starts_with(b"PAR1") && parquet.body.ends_with(b"PAR1"));
    for (body, part) in [
        (r#"{"where":"decison == deny"}"#, "did you mean `decision`?"),
        (r#"{"where":"severity >= grave"}"#, "not a member of level `severity`"),
        (r#"{"were":"true"}"#, "unknown field"),
        (r#"{"limit":0}"#, "between 1 and"),
    ] {
        let answer = server.ask(Ask::post(FREE, body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(part), "{body}: {}", answer.text());
    }
    assert_eq!(server.ask(Ask::get(&format!("{FREE}?format=xml"))).await.status, 400);
}

#[tokio::test]
async fn named_questions_are_listed_and_answered() {
    let server = Running::start(|_| {}).await;
    asked(&server).await;
    let list = server.ask(Ask::get(NAMED)).await.json();
    let names: Vec<_> =
        list["queries"].as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
    assert!(names.contains(&"denials".into()) && names.len() >= 20, "{names:?}");
    let denials =
        server.ask(Ask::post(&format!("{NAMED}/denials"), r#"{"parameters":{"window":"1h"}}"#)).await.json();
    assert_eq!(denials["answers"][0]["matched"], 2, "{denials}");
    let complete = server.ask(Ask::get(&format!("{NAMED}/completeness"))).await.json();
    assert_eq!(complete["answers"].as_array().map(Vec::len), Some(4));
    for (path, status, part) in [
        ("/nothing", 404, "no question named"),
        ("/agent-decisions", 400, "the parameter `agent` is missing"),
        ("/completeness?format=csv", 400, "several parts"),
        ("/completeness?format=csv&part=1", 200, "kind,count"),
    ] {
        let answer = server.ask(Ask::get(&format!("{NAMED}{path}"))).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text().contains(part), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn only_callers_who_may_read_decisions_may_ask() {
    let server = Running::start(|_| {}).await;
    let key = format!("Bearer {POWERLESS}");
    for path in [NAMED, FREE, "/governance/v1/tail", "/governance/v1/queries/completeness"] {
        let refused = Ask::get(path).header("authorization", &key).send(server.address).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(server.ask_openly(Ask::get(path)).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_condition_that_is_none_is_not_followed() {
    let server = Running::start(|_| {}).await;
    let refused = server.ask(Ask::get("/governance/v1/tail?where=decison+%3D%3D+deny")).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
}

#[tokio::test]
async fn the_log_is_followed_from_where_the_client_says() {
    let server = Running::start(|_| {}).await;
    let _before = server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await;
    let key = format!("Bearer {KEY}");
    let ask = Ask::get("/governance/v1/tail?where=decision+%3D%3D+deny").header("authorization", &key);
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(&ask.head()).await.expect("sent");
    let begun = read_until(&mut stream, ": following").await;
    assert!(begun.contains("200 OK") && begun.contains("content-type: text/event-stream"), "{begun}");
    for who in ["alice", "bob"] {
        let _answer = server.ask(Ask::post(ENDPOINTS[0], &QUESTION.replace("alice", who))).await;
    }
    let events = read_until(&mut stream, "data: ").await;
    assert!(
        events.contains("\"decision\":\"deny\"") && !events.contains("\"decision\":\"allow\""),
        "{events}"
    );
    assert!(events.contains("id: "), "{events}");
}

/// Reads until a text comes, and a little more.
async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut part = [0; 4_096];
    while !text.contains(wanted) {
        let length =
            tokio::time::timeout(PATIENCE, stream.read(&mut part)).await.expect("in time").expect("read");
        assert!(length > 0, "the stream ended: {text}");
        text.push_str(&String::from_utf8_lossy(&part[..length]));
    }
    text
}
