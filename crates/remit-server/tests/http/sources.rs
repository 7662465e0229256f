//! Sources outside over HTTP, against a shield on loopback that answers, and one that misbehaves in every way: what cannot be
//! known denies, and nobody is asked for nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use remit_pdp::replay::Replay;
use remit_server::config::SourceEntry;
use remit_server::outbound::Outbound;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::client::{Answer, Ask};
use crate::fixture::Running;

const POLICY: &str = r#"
package shielded

source shield "https://shield.example/v1/check" {
  gives   verdict: string, score: decimal
  from    message.content, subject
  timeout 300ms
}

entity user { name: string? }
entity room { name: string? }

action post, read on room

permit reads for user to read on room
permit calm for user to post on room when sources.shield.score < 0.5
forbid rude to post on room when sources.shield.verdict == "rude"
"#;

/// What the shield answers next, and what it was asked.
struct Shield {
    url: String,
    answer: Arc<Mutex<(String, Duration)>>,
    asked: Arc<Mutex<Vec<String>>>,
    hits: Arc<AtomicUsize>,
}

impl Shield {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let url = format!("http://{}/v1/check", listener.local_addr().expect("an address"));
        let shield = Self {
            url,
            answer: Arc::new(Mutex::new((json_answer(&json!({})), Duration::ZERO))),
            asked: Arc::default(),
            hits: Arc::default(),
        };
        let (answer, asked, hits) =
            (Arc::clone(&shield.answer), Arc::clone(&shield.asked), Arc::clone(&shield.hits));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, asked, hits) = (Arc::clone(&answer), Arc::clone(&asked), Arc::clone(&hits));
                tokio::spawn(async move {
                    let mut seen = Vec::new();
                    while !whole(&seen) {
                        let mut part = [0; 4_096];
                        let read = stream.read(&mut part).await.unwrap_or(0);
                        if read == 0 {
                            return;
                        }
                        seen.extend_from_slice(&part[..read]);
                    }
                    hits.fetch_add(1, Ordering::SeqCst);
                    asked.lock().await.push(String::from_utf8(seen).expect("text"));
                    let (answer, wait) = answer.lock().await.clone();
                    tokio::time::sleep(wait).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        shield
    }

    async fn answers(&self, answer: impl Into<String>) {
        *self.answer.lock().await = (answer.into(), Duration::ZERO);
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    fn entry(&self) -> SourceEntry {
        SourceEntry { url: Some(self.url.clone()), private_addresses: true, ..SourceEntry::default() }
    }
}

fn whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_none_or(|length| length.parse() == Ok(body.len()))
}

fn with_status(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn json_answer(body: &Value) -> String {
    with_status("200 OK", &body.to_string())
}

fn bundle(policy: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("shielded.ibac"), policy).expect("written");
    std::fs::write(dir.path().join("graph.json"), GRAPH).expect("written");
    dir
}

const GRAPH: &str = r#"{"nodes":[{"type":"user","id":"ann"},{"type":"room","id":"hall"}],"edges":[]}"#;

async fn server(policy: &str, entry: Option<SourceEntry>) -> Running {
    let dir = bundle(policy);
    let running = Running::with(
        dir.path(),
        |options| {
            options.fetch = Arc::new(Outbound::new(None).expect("a client"));
            if let Some(entry) = entry {
                options.sources.insert("shield".to_owned(), entry.access("shield").expect("good"));
            }
        },
        |_| {},
    )
    .await;
    drop(dir);
    running
}

async fn ask(server: &Running, action: &str, content: &str) -> Answer {
    let body = json!({ "subject": { "type": "user", "id": "ann" }, "action": { "name": action },
        "resource": { "type": "room", "id": "hall" }, "context": { "message": { "content": content } },
        "options": { "detail": "full" } });
    let answer = server.ask(Ask::post("/access/v1/evaluation", &body.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

async fn decided(server: &Running, content: &str) -> (bool, String) {
    let json = ask(server, "post", content).await.json();
    let reason = json["context"]["reason"].as_str().unwrap_or_default().to_owned();
    (json["decision"].as_bool().expect("a decision"), reason)
}

async fn metric(server: &Running, outcome: &str) -> u64 {
    let text = server.ask(Ask::get("/metrics")).await.text().to_owned();
    let wanted = format!("remit_sources_total{{outcome=\"{outcome}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(wanted.as_str()));
    line.unwrap_or_else(|| panic!("{wanted} in {text}")).parse().expect("a number")
}

fn replayed(data: &Path) -> (u64, u64) {
    let report = Replay::of(data).run(|_| {}).expect("the log is whole");
    assert!(report.not_replayable.is_empty(), "{:?}", report.not_replayable);
    assert_eq!(report.same, report.replayed, "{:?}", report.changes);
    (report.replayed, report.same)
}

#[tokio::test]
async fn what_the_shield_says_decides_and_it_is_asked_only_where_a_rule_reads_it() {
    let shield = Shield::start().await;
    let server = server(POLICY, Some(shield.entry())).await;
    shield.answers(json_answer(&json!({ "score": 0.25, "verdict": "fine", "more": [1] }))).await;
    assert_eq!(decided(&server, "good morning").await, (true, "permitted".to_owned()));
    assert_eq!(ask(&server, "read", "good morning").await.json()["decision"], true);
    assert_eq!(shield.hits(), 1, "reading rests on nothing outside");
    let asked = shield.asked.lock().await.join("\n");
    assert!(asked.starts_with("POST /v1/check HTTP/1.1\r\n"), "{asked}");
    let (_, body) = asked.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(
        body,
        json!({ "message.content": "good morning", "subject": { "type": "user", "id": "ann" } })
    );
    shield.answers(json_answer(&json!({ "score": 0.25, "verdict": "rude" }))).await;
    assert_eq!(decided(&server, "you fool").await, (false, "forbidden".to_owned()));
    shield.answers(json_answer(&json!({ "score": 0.75, "verdict": "fine" }))).await;
    assert_eq!(decided(&server, "hm").await, (false, "no_permit_applies".to_owned()));
    assert_eq!(metric(&server, "answered").await, 3);
    let hits = shield.hits();
    assert_eq!(replayed(server.data()), (4, 4));
    assert_eq!(shield.hits(), hits, "a replay asks nobody");
}

#[tokio::test]
async fn what_misbehaves_is_unknown_and_unknown_denies() {
    let huge = json!({ "score": 0.25, "verdict": "fine", "more": "x".repeat(70_000) });
    let ill_typed = json!({ "score": "0.25", "verdict": "fine" });
    let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let page =
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    let good = json!({ "score": 0.25, "verdict": "fine" }).to_string();
    let table = [
        ("an error", with_status("500 Oops", &good), "refused", "forbid_unknown"),
        ("created", with_status("201 Created", &good), "refused", "forbid_unknown"),
        ("a redirect", elsewhere.to_owned(), "refused", "forbid_unknown"),
        ("too much", json_answer(&huge), "malformed", "forbid_unknown"),
        ("no JSON", with_status("200 OK", "score=0.25"), "malformed", "forbid_unknown"),
        ("no object", with_status("200 OK", "[0.25]"), "malformed", "forbid_unknown"),
        ("a page", page.to_owned(), "malformed", "forbid_unknown"),
        ("a hung up line", String::new(), "unreachable", "forbid_unknown"),
        ("a score that is a text", json_answer(&ill_typed), "answered", "permit_unknown"),
        ("no verdict", json_answer(&json!({ "score": 0.25 })), "answered", "forbid_unknown"),
    ];
    for (case, answer, outcome, reason) in table {
        let shield = Shield::start().await;
        let server = server(POLICY, Some(shield.entry())).await;
        shield.answers(answer).await;
        assert_eq!(decided(&server, "good morning").await, (false, reason.to_owned()), "{case}");
        assert_eq!(metric(&server, outcome).await, 1, "{case}");
        shield.answers(json_answer(&json!({ "score": 0.25, "verdict": "fine" }))).await;
        assert!(decided(&server, "good morning").await.0, "{case}: the neighbour");
        assert_eq!(replayed(server.data()), (2, 2), "{case}");
    }
}

#[tokio::test]
async fn a_slow_shield_is_not_waited_for_and_after_five_failures_left_alone() {
    let shield = Shield::start().await;
    let server = server(POLICY, Some(shield.entry())).await;
    *shield.answer.lock().await =
        (json_answer(&json!({ "score": 0.25, "verdict": "fine" })), Duration::from_secs(5));
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(decided(&server, "good morning").await, (false, "forbid_unknown".to_owned()));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!((shield.hits(), metric(&server, "late").await), (5, 5));
    shield.answers(json_answer(&json!({ "score": 0.25, "verdict": "fine" }))).await;
    assert_eq!(decided(&server, "good morning").await, (false, "forbid_unknown".to_owned()));
    assert_eq!((shield.hits(), metric(&server, "open").await), (5, 1), "it is left alone");
    assert_eq!(ask(&server, "read", "x").await.json()["decision"], true);
    let faults = remit_pdp::ledger::read_whole(&server.data().join("ledger"), 0, u64::MAX)
        .filter_map(|found| match found.ok()?.0.body {
            remit_pdp::ledger::Body::Fault(fault) => Some(fault.what),
            _ => None,
        })
        .collect::<Vec<_>>();
    assert!(faults.len() == 1 && faults[0].contains("`shield`"), "{faults:?}");
    assert_eq!(replayed(server.data()).0, 7);
}

#[tokio::test]
async fn an_answer_counts_for_a_while_for_who_sends_the_same() {
    let shield = Shield::start().await;
    let server =
        server(&POLICY.replace("timeout 300ms", "timeout 300ms\n  cache 1m"), Some(shield.entry())).await;
    shield.answers(json_answer(&json!({ "score": 0.25, "verdict": "fine" }))).await;
    for content in ["good morning", "good morning", "good evening", "good morning"] {
        assert!(decided(&server, content).await.0, "{content}");
    }
    assert_eq!((shield.hits(), metric(&server, "cached").await), (2, 2));
    assert_eq!(replayed(server.data()), (4, 4));
}

#[tokio::test]
async fn nobody_is_asked_whom_the_configuration_does_not_name() {
    let shield = Shield::start().await;
    shield.answers(json_answer(&json!({ "score": 0.25, "verdict": "fine" }))).await;
    let policy = POLICY.replace("https://shield.example/v1/check", &shield.url);
    let hosts = |hosts: &[&str], private_addresses| SourceEntry {
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        private_addresses,
        ..SourceEntry::default()
    };
    let table = [
        (None, "not_allowed"),
        (Some(hosts(&["shield.example"], true)), "not_allowed"),
        (Some(hosts(&["127.0.0.1"], false)), "unreachable"),
    ];
    for (entry, outcome) in table {
        let server = server(&policy, entry).await;
        assert!(!decided(&server, "good morning").await.0, "{outcome}");
        assert_eq!((shield.hits(), metric(&server, outcome).await), (0, 1), "{outcome}");
    }
    let server = server(&policy, Some(hosts(&["127.0.0.1"], true))).await;
    assert!(decided(&server, "good morning").await.0);
    assert_eq!(shield.hits(), 1);
}
