//! Spans as a collector gets them: one for each request, with the id of the decision and nothing of what was asked; and what
//! happens when the collector is not there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use remit_server::config::{Config, Telemetry};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::client::{Ask, PATIENCE};
use crate::fixture::{QUESTION, Running};

/// A collector: takes what is posted and answers with this status.
async fn collector(status: u16) -> (String, mpsc::UnboundedReceiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(BufReader::new(stream), status, sender.clone()));
        }
    });
    (endpoint, receiver)
}

async fn take(
    mut stream: BufReader<TcpStream>,
    status: u16,
    sender: mpsc::UnboundedSender<(String, Vec<u8>)>,
) {
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a whole body");
        let _ = sender.send((head, body));
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.expect("answered");
    }
}

fn telling(endpoint: &str, sample_percent: u8) -> impl FnOnce(&mut Config) {
    let telemetry = Telemetry {
        otlp_endpoint: Some(endpoint.to_owned()),
        sample_percent,
        service_name: "pdp-a".to_owned(),
    };
    |config| config.telemetry = telemetry
}

/// The spans of the next batch, and the attributes of who tells them.
async fn batch(
    told: &mut mpsc::UnboundedReceiver<(String, Vec<u8>)>,
) -> (BTreeMap<String, String>, Vec<Span>) {
    let (head, body) =
        tokio::time::timeout(PATIENCE, told.recv()).await.expect("told in time").expect("told");
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf\r\n"), "{head}");
    let request = ExportTraceServiceRequest::decode(body.as_slice()).expect("OTLP");
    let [resource] =
        request.resource_spans.try_into().unwrap_or_else(|it| panic!("not one resource: {it:?}"));
    let attributes = resource.resource.expect("a resource").attributes;
    let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans).collect();
    (attributes.into_iter().map(|it| (it.key, shown(it.value.and_then(|it| it.value)))).collect(), spans)
}

fn shown(value: Option<Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("neither text nor number: {other:?}"),
    }
}

fn attributes(span: &Span) -> BTreeMap<&str, String> {
    let value =
        |it: &opentelemetry_proto::tonic::common::v1::KeyValue| it.value.clone().and_then(|it| it.value);
    span.attributes.iter().map(|it| (it.key.as_str(), shown(value(it)))).collect()
}

#[tokio::test]
async fn a_span_has_its_place_in_the_trace_the_id_of_the_decision_and_nothing_of_the_question() {
    let (endpoint, mut told) = collector(200).await;
    let server = Running::start(telling(&endpoint, 0)).await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let answer = server.ask(Ask::post("/access/v1/evaluation", QUESTION).header("traceparent", parent)).await;
    let id = answer.header("remit-evaluation-id").to_owned();
    assert!(answer.status == 200 && !id.is_empty());
    let (service, spans) = batch(&mut told).await;
    assert_eq!(
        (service["service.name"].as_str(), service["service.version"].as_str()),
        ("pdp-a", env!("CARGO_PKG_VERSION"))
    );
    let [span] = &spans[..] else { panic!("not one span: {spans:?}") };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(&span.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(hex(&span.parent_span_id), "00f067aa0ba902b7");
    assert_eq!((span.name.as_str(), span.kind), ("evaluation", 2), "a server's span");
    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    let expected = BTreeMap::from([
        ("http.request.method", "POST".to_owned()),
        ("http.response.status_code", "200".to_owned()),
        ("http.route", "/access/v1/evaluation".to_owned()),
        ("remit.decision_id", id),
    ]);
    assert_eq!(attributes(span), expected, "these and no others");
}

#[tokio::test]
async fn who_is_traced_is_the_callers_to_say_and_else_a_share() {
    for (percent, flags, expected) in [(0, None, 0), (100, None, 1), (100, Some("00"), 0), (0, Some("01"), 1)]
    {
        let (endpoint, mut told) = collector(200).await;
        let mut server = Running::start(telling(&endpoint, percent)).await;
        let mut ask = Ask::post("/access/v1/evaluation", QUESTION);
        if let Some(flags) = flags {
            ask = ask.header(
                "traceparent",
                format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}"),
            );
        }
        assert_eq!(server.ask(ask).await.status, 200);
        assert_eq!(server.ask_openly(Ask::get("/healthz")).await.status, 200, "probes are never traced");
        // What is still to be told is told before the end.
        server.begin_stop();
        server.ended().await;
        let spans = if expected == 0 { Vec::new() } else { batch(&mut told).await.1 };
        assert_eq!(spans.len(), expected, "{percent} % and {flags:?}: {spans:?}");
        assert!(told.try_recv().is_err(), "{percent} % and {flags:?}");
    }
}

#[tokio::test]
async fn a_collector_that_is_gone_or_refuses_changes_no_answer_and_is_counted() {
    let gone = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let nobody = format!("http://{}", gone.local_addr().expect("an address"));
    drop(gone);
    let (refusing, _told) = collector(403).await;
    for endpoint in [nobody, refusing] {
        let mut server = Running::start(telling(&endpoint, 100)).await;
        let failed = async {
            loop {
                let started = Instant::now();
                let answer = server.ask(Ask::post("/access/v1/evaluation", QUESTION)).await;
                assert_eq!((answer.status, answer.text()), (200, r#"{"decision":true}"#));
                assert!(started.elapsed() < Duration::from_secs(5), "an answer waited");
                let scrape = server.ask_openly(Ask::get("/metrics")).await;
                let count = |name: &str| {
                    scrape.text().lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok())
                };
                assert_eq!(count("remit_span_batches_total"), Some(0));
                if count("remit_span_batches_failed_total") > Some(0) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, failed).await.unwrap_or_else(|_| panic!("{endpoint}: not counted"));
        server.begin_stop();
        server.ended().await;
    }
}
