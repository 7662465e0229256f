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

#[tokio::test]
async fn an_answer_carries_a_signed_receipt_of_its_record_when_that_is_asked_for() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let ((decisions, data), pep) = (pdp(&bundle("starter")), pep());
    let told = async |path: &str, body: &str| {
        let reply = match path {
            "one" => decisions.evaluation(&call(&pep), body.as_bytes()).await,
            _ => decisions.evaluations(&call(&pep), body.as_bytes()).await,
        };
        crate::running::json(&reply.expect("an answer"))
    };
    assert_eq!(told("one", QUESTION).await.get("context"), None, "nothing is told unless it is asked for");
    let wanted = QUESTION.replacen('{', r#"{"options":{"receipt":"jws"},"#, 1);
    let answer = told("one", &wanted).await;
    let many = wanted.replacen('{', r#"{"evaluations":[{},{"resource":{}},{}],"#, 1);
    let batch = told("many", &many).await;
    let bad = QUESTION.replacen('{', r#"{"options":{"receipt":"pdf"},"#, 1);
    assert!(decisions.evaluation(&call(&pep), bad.as_bytes()).await.is_err());
    decisions.stop("done").await;

    let vkey = text(&run(&["ledger", "key", "show", words(&data.path().join("ledger.key"))]));
    // The key itself may hold a plus.
    let key = STANDARD.decode(vkey.trim().splitn(3, '+').nth(2).expect("a key")).expect("base64");
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, &key[1..]);
    let records: Vec<_> = remit_pdp::ledger::read(&data.path().join("ledger"), 0, u64::MAX)
        .map(|record| record.expect("whole"))
        .collect();
    let items = batch["evaluations"].as_array().expect("answers");
    assert_eq!(items[1]["context"].get("receipt"), None, "an item that is no question has no receipt");
    for answer in [&answer, &items[0], &items[2]] {
        let jws = answer["context"]["receipt"].as_str().expect("a receipt");
        let (signed, signature) = jws.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        key.verify(signed.as_bytes(), &signature).expect("the log signed it");
        let payload = URL_SAFE_NO_PAD.decode(signed.split_once('.').expect("two parts").1).expect("base64");
        let payload: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
        let place = usize::try_from(payload["index"].as_u64().expect("a place")).expect("small");
        let record = &records[place];
        assert_eq!(payload["leaf_hash"], record.leaf_hash.to_string());
        assert_eq!(payload["decision_id"], record.body.decision().expect("a decision").decision_id);
        assert_eq!(answer["context"]["log"]["index"], payload["index"]);
    }
}
