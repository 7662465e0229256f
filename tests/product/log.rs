//! The signed log from outside: keys, checks and exports by the binary, over what a decision point left.

use std::path::Path;

use crate::binary::{run, text};
use crate::running::{bundle, call, pdp, pep};

const QUESTION: &str =
    r#"{"subject":{"type":"user","id":"a"},"action":{"name":"read"},"resource":{"type":"record","id":"r"}}"#;

fn words(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[tokio::test]
async fn an_auditor_checks_the_log_and_an_export_of_it_with_a_key_he_knows() {
    let ((decisions, data), pep) = (pdp(&bundle("starter")), pep());
    for _ in 0..5 {
        let _reply = decisions.evaluation(&call(&pep), QUESTION.as_bytes()).await.expect("an answer");
    }
    decisions.stop("done").await;
    let data = words(data.path());
    let key = format!("{data}/ledger.key");
    let vkey = text(&run(&["ledger", "key", "show", &key]));
    let vkey = vkey.trim();
    let checked = run(&["ledger", "verify", data, "--vkey", vkey]);
    assert!(
        checked.status.success() && text(&checked).contains("signed by a key you know"),
        "{}",
        text(&checked)
    );
    let work = tempfile::tempdir().expect("a folder");
    let out = work.path().join("export");
    let exported = run(&["ledger", "export", words(&out), "--data", data, "--from", "2", "--until", "5"]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let checked = run(&["verify", words(&out), "--vkey", vkey]);
    assert!(
        checked.status.success() && text(&checked).starts_with("valid: records 2 to 5"),
        "{}",
        text(&checked)
    );
    // A stranger's key, and a record that was changed.
    let other = work.path().join("other.key");
    let stranger = text(&run(&["ledger", "key", "new", "--origin", "log.example/other", words(&other)]));
    assert_eq!(run(&["verify", words(&out), "--vkey", stranger.trim()]).status.code(), Some(1));
    assert_eq!(run(&["ledger", "verify", data, "--vkey", stranger.trim()]).status.code(), Some(1));
    let records = out.join("records.jsonl");
    let changed = std::fs::read_to_string(&records).expect("records").replacen("\"seq\":3}", "\"seq\":4}", 1);
    std::fs::write(&records, changed).expect("written");
    let checked = run(&["verify", words(&out), "--vkey", vkey, "--json"]);
    let report: serde_json::Value = serde_json::from_str(&text(&checked)).expect("JSON");
    assert_eq!((checked.status.code(), report["seq"].as_u64()), (Some(1), Some(3)), "{report}");
}

#[test]
fn a_key_is_made_rotated_and_retired() {
    let work = tempfile::tempdir().expect("a folder");
    let file = work.path().join("ledger.key");
    let first = text(&run(&["ledger", "key", "new", "--origin", "log.example/a", words(&file)]));
    assert!(first.starts_with("log.example/a+"));
    let both = text(&run(&["ledger", "key", "rotate", words(&file)]));
    assert_eq!((both.lines().count(), both.lines().last()), (2, first.lines().next()));
    let id = first.split('+').nth(1).expect("an id");
    let left = text(&run(&["ledger", "key", "retire", words(&file), id]));
    assert_eq!(left.lines().collect::<Vec<_>>(), both.lines().take(1).collect::<Vec<_>>());
    assert_eq!(
        run(&["ledger", "key", "new", "--origin", "log.example/a", words(&file)]).status.code(),
        Some(2)
    );
}
