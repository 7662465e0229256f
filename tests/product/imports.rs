//! Policies of other systems, imported and asked: what comes out decides as the source says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use remit_import::{Grade, Imported, Source, genie, kbac};
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::enrich::Sight;
use remit_pdp::{Timestamp, probe, publish, revisions::Revisions, why};

use crate::running::{bundle as shipped, root};
use remit_tests::binary::{run, text};

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
    let sight = Sight { now, pep: "test", standing: None, outside: None };
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

/// The board policy and rules of the test data as a bundle, with the graph beside.
fn genie_bundle() -> (tempfile::TempDir, Imported) {
    let texts = ["board.yaml", "rules.yaml"].map(|name| (name, read(&data("genie").join(name))));
    let sources = texts.each_ref().map(|(name, text)| Source { name, text });
    let imported = genie(&sources, "genie");
    let work = tempfile::tempdir().expect("folder");
    std::fs::copy(data("genie/graph.json"), work.path().join("graph.json")).expect("copied");
    for file in &imported.files {
        std::fs::write(work.path().join(&file.name), &file.text).expect("written");
    }
    (work, imported)
}

#[tokio::test(flavor = "multi_thread")]
async fn genies_probes_are_answered_by_the_right_rule() {
    let (work, imported) = genie_bundle();
    assert!(!imported.report.refuses(), "{}", imported.report.table());
    let files = probe::read(&data("genie/probes")).unwrap_or_else(|error| panic!("{error}"));
    let scratch = tempfile::tempdir().expect("folder");
    let report =
        probe::run(work.path(), &files, scratch.path()).await.unwrap_or_else(|error| panic!("{error}"));
    let failures: Vec<String> = report
        .outcomes
        .iter()
        .filter_map(|it| Some(format!("{}: {}", it.id, it.failure.as_ref()?)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(report.counts().0 >= 25, "{:?}", report.counts());
}

/// The longest message that is let through and the shortest that is not are too large for a file of probes.
#[test]
fn a_message_above_the_limit_is_denied_wherever_it_is_long() {
    let (work, _) = genie_bundle();
    let loaded = bundle::load(work.path(), Purpose::Serve).unwrap_or_else(|error| panic!("{error}"));
    let live = publish::compile(loaded, &Revisions::default()).expect("compiles");
    let now = Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
    let sight = Sight { now, pep: "test", standing: None, outside: None };
    let long = |bytes: usize| {
        "Please tell me about the funds that I hold and what they cost me each year. ".repeat(bytes / 76 + 1)
            [..bytes]
            .to_owned()
    };
    let why = |content: usize, note: usize| {
        let metadata = serde_json::json!({ "user_id": "asha", "trace_id": "t", "note": long(note) });
        let body = serde_json::json!({
            "subject": { "type": "user", "id": "asha" },
            "action": { "name": "finance_question" },
            "resource": { "type": "agent", "id": "analyst" },
            "context": { "message": {
                "classification": "internal", "content": long(content), "metadata": metadata,
            } },
        });
        why::why(&live, body.to_string().as_bytes(), &sight).expect("an answer")
    };
    assert!(why(262_000, 0).decision);
    for (content, note) in [(262_145, 0), (10, 262_145)] {
        let denied = why(content, note);
        assert!(!denied.decision);
        assert!(denied.rules.iter().any(|it| it.rule == "genie.too_long" && it.outcome == "applies"));
    }
}

#[test]
fn a_rule_that_compares_a_trace_id_with_a_word_is_refused_and_the_question_proposed() {
    let faulty = read(&data("genie").join("faulty.yaml"));
    let imported = genie(&[Source { name: "faulty.yaml", text: &faulty }], "genie");
    assert!(imported.files.is_empty());
    let refused = |it: &&remit_import::Entry| it.grade == Grade::Refused;
    let entry = imported.report.entries.iter().find(refused).expect("an entry");
    assert_eq!((entry.line, entry.column, entry.code), (3, 40, "genie/word-for-presence"));
    let help = entry.help.as_deref().unwrap_or_default();
    assert!(help.ends_with(r#"from startsWith "ext-" AND metadata.trace_id is missing"#), "{help}");
}

#[test]
fn the_command_writes_what_passes_the_check_and_replaces_nothing() {
    let work = tempfile::tempdir().expect("folder");
    let out = work.path().join("imported");
    let (board, rules) = (data("genie/board.yaml"), data("genie/rules.yaml"));
    let args = |files: &[&Path]| -> Vec<String> {
        let files = files.iter().map(|path| path.display().to_string());
        ["import", "genie"]
            .map(str::to_owned)
            .into_iter()
            .chain(files)
            .chain(["--out".to_owned(), out.display().to_string()])
            .collect()
    };
    let ask = |args: &[String]| run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let written = ask(&args(&[&board, &rules]));
    assert_eq!(written.status.code(), Some(0), "{}", text(&written));
    assert!(text(&written).contains("0 refused"), "{}", text(&written));
    let checked = run(&["check", out.to_str().expect("a path")]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked));
    assert_eq!(ask(&args(&[&board, &rules])).status.code(), Some(2), "an import replaces nothing");
    let faulty = data("genie/faulty.yaml");
    let refused = run(&["import", "genie", faulty.to_str().expect("a path"), "--report", "json"]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    assert!(text(&refused).contains("\"code\": \"genie/word-for-presence\""), "{}", text(&refused));
}
