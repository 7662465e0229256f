//! Policies of other systems, imported and asked: what comes out decides as the source says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use remit_import::{Grade, Imported, Source, kbac};
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::enrich::Sight;
use remit_pdp::{Timestamp, publish, revisions::Revisions, why};

use crate::running::{bundle as shipped, root};

const USERS: [&str; 10] =
    ["millicent", "leslie", "flo", "alexb", "jeff", "joe", "carol", "rebecca", "roy", "jane"];
const WORKFLOWS: [&str; 7] =
    ["wf1", "wf2", "wf3", "wf3-console", "wf-drive", "wf-drive-analyst", "wf-drive-console"];

fn data(name: &str) -> PathBuf {
    root().join("crates/remit-import/tests/data").join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn canbank() -> (Imported, Vec<(&'static str, String)>) {
    let graph: Vec<_> =
        ["nodes.json", "relationships.json"].map(|name| (name, read(&shipped("canbank").join(name)))).into();
    let texts = ["can_trigger.json", "can_retrieve.json"].map(|name| (name, read(&data("kbac").join(name))));
    let sources = texts.each_ref().map(|(name, text)| Source { name, text });
    let documents: Vec<_> = graph.iter().map(|(name, text)| Source { name, text }).collect();
    (kbac(&sources, &documents, "canbank"), graph)
}

#[test]
fn canbank_imported_grants_18_of_70_and_2_of_10() {
    let (imported, graph) = canbank();
    assert!(!imported.report.refuses(), "{}", imported.report.table());
    let work = tempfile::tempdir().expect("folder");
    for (name, text) in graph {
        std::fs::write(work.path().join(name), text).expect("written");
    }
    for file in &imported.files {
        std::fs::write(work.path().join(&file.name), &file.text).expect("written");
    }
    let loaded = bundle::load(work.path(), Purpose::Serve).unwrap_or_else(|error| panic!("{error}"));
    let live = publish::compile(loaded, &Revisions::default()).expect("compiles");
    let now = Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
    let sight = Sight { now, pep: "test", standing: None };
    let allowed = |user: &str, action: &str, kind: &str, id: &str| {
        let body = serde_json::json!({
            "subject": { "type": "User", "id": user },
            "action": { "name": action },
            "resource": { "type": kind, "id": id },
        });
        why::why(&live, body.to_string().as_bytes(), &sight).expect("an answer").decision
    };
    let mut pairs = BTreeSet::new();
    for user in USERS {
        for workflow in WORKFLOWS {
            if allowed(user, "CAN_TRIGGER", "Workflow", workflow) {
                pairs.insert((user, workflow));
            }
        }
    }
    let mut expected: BTreeSet<(&str, &str)> =
        WORKFLOWS.iter().map(|workflow| ("millicent", *workflow)).collect();
    for user in ["leslie", "flo"] {
        expected.extend([(user, "wf1"), (user, "wf2")]);
    }
    expected.extend(["alexb", "jeff", "joe", "carol", "rebecca", "roy"].map(|user| (user, "wf1")));
    expected.insert(("jane", "wf2"));
    assert_eq!(pairs, expected);
    assert_eq!(pairs.len(), 18);
    let retrieve: Vec<&str> =
        USERS.into_iter().filter(|user| allowed(user, "CAN_RETRIEVE", "Quote", "stock_quote")).collect();
    assert_eq!(retrieve, ["millicent", "roy"]);
}

#[test]
fn the_imported_permits_are_those_written_by_hand() {
    let (imported, _) = canbank();
    let policy = imported.files[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        policy.contains("when subject.CAN_TRIGGER has resource or subject.WORKS_IN.CAN_TRIGGER has resource")
    );
    assert!(policy.contains("when subject.WORKS_IN.CAN_RETRIEVE has resource"));
    assert_eq!(imported.report.count(Grade::Changed), 1, "{}", imported.report.table());
    let description = imported.files.iter().find(|file| file.name == "bundle.toml");
    assert!(description.is_some_and(|file| file.text.contains("placeholder")), "25 edges lead nowhere");
}
