//! What Prometheus reads, and what is made of it: dashboard and alerts name only what a running server shows.

use std::collections::BTreeSet;
use std::path::Path;

use crate::client::Ask;
use crate::fixture::{QUESTION, Running};

/// The names of a scrape, as queries write them.
fn shown(scrape: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in scrape.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').expect("a name and a type");
        let ends: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            "info" => &["_info"],
            _ => &[""],
        };
        names.extend(ends.iter().map(|end| format!("{name}{end}")));
    }
    names
}

/// Every name in a text that begins like ours.
fn named(text: &str) -> BTreeSet<String> {
    let part = |byte: char| byte.is_ascii_alphanumeric() || byte == '_';
    let words = text.split(|byte| !part(byte));
    words.filter(|word| word.starts_with("remit_")).map(str::to_owned).collect()
}

#[tokio::test]
async fn dashboard_and_alerts_name_only_numbers_that_exist() {
    let server = Running::start(|_| {}).await;
    assert_eq!(server.ask(Ask::post("/access/v1/evaluation", QUESTION)).await.status, 200);
    let scrape = server.ask_openly(Ask::get("/metrics")).await;
    let scrape = scrape.text();
    let exist = shown(scrape);
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    for file in ["grafana/remit.json", "prometheus/remit.rules.yml"] {
        let text = std::fs::read_to_string(deploy.join(file)).expect("a file");
        let named = named(&text);
        assert!(named.len() >= 8, "{file}: {named:?}");
        let missing: Vec<_> = named.difference(&exist).collect();
        assert!(missing.is_empty(), "{file} names {missing:?}; there are {exist:?}");
    }
    let dashboard = std::fs::read_to_string(deploy.join("grafana/remit.json")).expect("a file");
    assert!(serde_json::from_str::<serde_json::Value>(&dashboard).is_ok());
}

#[tokio::test]
async fn a_traced_answer_is_the_example_of_its_bucket_and_others_are_none() {
    let server = Running::start(|_| {}).await;
    let ask = |flags: &str| {
        let header = format!("00-4bf92f3577b34da6a3ce929d0e0e47{flags}-00f067aa0ba902b7-{flags}");
        Ask::post("/access/v1/evaluation", QUESTION).header("traceparent", header)
    };
    for flags in ["00", "01"] {
        assert_eq!(server.ask(ask(flags)).await.status, 200);
    }
    let scrape = server.ask_openly(Ask::get("/metrics")).await;
    let scrape = scrape.text();
    let examples: Vec<&str> = scrape.lines().filter(|line| line.contains(" # {")).collect();
    let [line] = examples[..] else { panic!("not one example: {examples:?}\n{scrape}") };
    assert!(line.starts_with("remit_http_request_duration_seconds_bucket{"), "{line}");
    assert!(line.contains("route=\"evaluation\""), "{line}");
    assert!(line.contains("# {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4701\"}"), "{line}");
}
