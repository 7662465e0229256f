//! Publishing is all or nothing: a wrong bundle changes nothing, and revisions go on counting after a restart.

use std::path::Path;

use remit_pdp::{Options, Pdp};
use serde_json::json;

use crate::running::{bundle, call, json as parsed, pep};

const POLICY: &str = "package p\n\nentity user { tags: set<string> }\nentity door {}\naction enter on door\n\npermit guests\n  for user\n  to enter\n  on door\n  when subject.tags has \"guest\"\n";
const GRAPH: &str =
    r#"{"nodes":[{"type":"user","id":"ann","properties":{"tags":["guest"]}},{"type":"door","id":"front"}]}"#;

fn write(dir: &Path, policy: &str, graph: &str) {
    std::fs::write(dir.join("p.ibac"), policy).expect("written");
    std::fs::write(dir.join("graph.json"), graph).expect("written");
}

async fn decision(pdp: &Pdp) -> bool {
    let body = json!({
        "subject": { "type": "user", "id": "ann" },
        "action": { "name": "enter" },
        "resource": { "type": "door", "id": "front" },
    });
    let pep = pep();
    parsed(&pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer"))["decision"]
        == true
}

#[tokio::test]
async fn a_refused_bundle_keeps_the_old_one_and_a_good_one_is_swapped_whole() {
    let (bundle, data) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    write(bundle.path(), POLICY, GRAPH);
    let pdp = Pdp::start(Options::new(bundle.path(), data.path())).unwrap_or_else(|error| panic!("{error}"));
    assert!(decision(&pdp).await);

    for (policy, graph, part) in [
        (POLICY.replace("subject.tags", "subject.tgas"), GRAPH.to_owned(), "tgas"),
        (POLICY.to_owned(), GRAPH.replace("\"door\"", "\"dor\""), "graph.json"),
        (POLICY.to_owned(), "{\"nodes\":[".to_owned(), "graph.json"),
        (String::new(), GRAPH.to_owned(), ""),
    ] {
        write(bundle.path(), &policy, &graph);
        let refused = pdp.reload().await.expect_err("a wrong bundle is refused");
        assert!(refused.rendered.contains(part), "{}", refused.rendered);
        assert!(decision(&pdp).await, "the old bundle answers");
        assert_eq!(pdp.status().revisions.policy.revision, 1);
    }

    write(bundle.path(), &POLICY.replace("\"guest\"", "\"member\""), GRAPH);
    let reloaded = pdp.reload().await.unwrap_or_else(|error| panic!("{error}"));
    assert!(reloaded.changed);
    assert_eq!((reloaded.revisions.policy.revision, reloaded.revisions.graph.revision), (2, 1));
    assert!(!decision(&pdp).await);
    assert!(!pdp.reload().await.expect("the same bundle").changed);

    pdp.stop("test").await;
    drop(pdp);
    let again =
        Pdp::start(Options::new(bundle.path(), data.path())).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.status().revisions.policy.revision, 2, "numbers go on after a restart");
    assert!(!decision(&again).await);
}

#[test]
fn a_second_process_on_the_data_directory_is_turned_away() {
    let (bundle, data) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    write(bundle.path(), POLICY, GRAPH);
    let first =
        Pdp::start(Options::new(bundle.path(), data.path())).unwrap_or_else(|error| panic!("{error}"));
    let second = Pdp::start(Options::new(bundle.path(), data.path())).expect_err("the directory is taken");
    assert!(second.to_string().contains("in use by another process"), "{second}");
    drop(first);
    assert!(Pdp::start(Options::new(bundle.path(), data.path())).is_ok());
}

#[tokio::test]
async fn a_start_under_other_settings_is_on_record_and_one_under_the_same_is_not() {
    use remit_pdp::ledger::{Body, read};
    let data = tempfile::tempdir().expect("a folder");
    for digest in ["a", "a", "b"] {
        let mut options = Options::new(bundle("starter"), data.path());
        options.config_digest = Some(digest.repeat(64));
        let pdp = Pdp::start(options).unwrap_or_else(|error| panic!("{error}"));
        pdp.stop("test").await;
    }
    let changed: Vec<_> = read(&data.path().join("ledger"), 0, u64::MAX)
        .filter_map(|it| {
            if let Body::ConfigChanged(it) = it.expect("whole").body { Some(it.digest) } else { None }
        })
        .collect();
    assert_eq!(changed, ["b".repeat(64)]);
}
