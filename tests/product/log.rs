//! The signed log from outside: keys, checks and exports by the binary, over what a decision point left.

use std::path::Path;

use crate::running::{bundle, call, pdp, pep};
use remit_tests::binary::{run, text};

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

/// A decision point whose ledger begins a new segment every few records.
fn in_small_segments(bundle: &Path, data: &Path, at: &str) -> remit_pdp::Pdp {
    let mut options = remit_pdp::Options::new(bundle, data);
    options.clock = remit_pdp::Clock::Fixed(remit_pdp::Timestamp::parse(at).expect("a time"));
    options.segment_bytes = 4_000;
    remit_pdp::Pdp::start(options).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn old_records_go_and_what_is_not_over_keeps_what_it_rests_on() {
    use remit_pdp::archive::as_of;
    use remit_pdp::ledger::{Body, read};
    use remit_pdp::record;
    use remit_pdp::replay::Replay;
    use remit_pdp::retention::{Age, Request, prune};
    let (dir, pep) = (tempfile::tempdir().expect("a folder"), pep());
    let (data, starter) = (dir.path(), bundle("starter"));
    let ask = async |decisions: &remit_pdp::Pdp, question: &str| {
        let reply = decisions.evaluation(&call(&pep), question.as_bytes()).await.expect("an answer");
        crate::running::json(&reply)["decision"] == true
    };
    let step = |txn: &str, action: &str| {
        serde_json::json!({ "subject": { "type": "user", "id": "imani" }, "action": { "name": action },
            "resource": { "type": "record", "id": "ecg-7" }, "context": { "act": { "sub": "scribe" }, "txn": txn } })
        .to_string()
    };
    let open = |txn: &str| {
        serde_json::json!({ "subject": { "type": "user", "id": "imani" }, "txn": txn, "expires_in_s": 600_000,
            "intent": { "template": "clinic.write_up" } })
        .to_string()
    };
    // An allow: a denial of the starter bundle is an incident, which would hold everything from it on.
    let plain = r#"{"subject":{"type":"user","id":"imani"},"action":{"name":"read"},"resource":{"type":"record","id":"ecg-7"}}"#;
    // A transaction that ends, thirty decisions, a transaction that stays open, thirty more.
    let early = "2026-01-01T12:00:00Z";
    let decisions = in_small_segments(&starter, data, early);
    decisions.open_transaction(&call(&pep), open("over").as_bytes()).await.map(drop).expect("opens");
    assert!(ask(&decisions, &step("over", "read")).await);
    decisions.close_transaction(&call(&pep), "over").await.expect("closes");
    for _ in 0..30 {
        ask(&decisions, plain).await;
    }
    decisions.open_transaction(&call(&pep), open("stays").as_bytes()).await.map(drop).expect("opens");
    let opened = decisions.ledger().extent().size - 1;
    assert!(ask(&decisions, &step("stays", "read")).await);
    for _ in 0..30 {
        ask(&decisions, plain).await;
    }
    decisions.stop("done").await;

    let at = |text: &str| remit_pdp::Timestamp::parse(text).expect("a time");
    let request = |before: &str, below_minimum: bool| Request {
        before: at(before),
        author: Some("ops".into()),
        why: "test".into(),
        key: None,
        below_minimum,
    };
    let refused = prune(data, &request("2026-01-02T00:00:00Z", false), at("2026-01-03T00:00:00Z"), true);
    assert!(refused.unwrap_err().contains("180 days"));
    // Two days later the transaction is still open: everything from its first record on stays.
    let soon = at("2026-01-01T12:05:00Z");
    let plan = prune(data, &request("2026-01-01T12:04:00Z", true), soon, false).expect("a plan");
    assert_eq!((plan.first, plan.held.as_ref().map(|it| it.0)), (0, Some(opened)), "{plan:?}");
    assert!(plan.left > 5 && plan.left <= opened, "{plan:?}");
    assert_eq!(read(&data.join("ledger"), 0, 0).count(), 1, "a plan is no deed");
    let done = prune(data, &request("2026-01-01T12:04:00Z", true), soon, true).expect("dropped");
    assert_eq!(done, plan);
    let first = read(&data.join("ledger"), 0, u64::MAX).next().expect("records").expect("whole").seq;
    assert_eq!(first, plan.left);

    // The state is the same without the snapshot and with the old one: the open transaction goes on, no step twice.
    let checked = run(&["ledger", "verify", words(data), "--json"]);
    let report: serde_json::Value = serde_json::from_str(&text(&checked)).expect("JSON");
    assert_eq!((report["valid"].as_bool(), report["first"].as_u64()), (Some(true), Some(first)), "{report}");
    std::fs::remove_file(data.join("transactions.snapshot")).expect("a snapshot");
    let decisions = in_small_segments(&starter, data, "2026-01-01T12:06:00Z");
    assert!(ask(&decisions, &step("stays", "write")).await, "note after look, and the look is known");
    assert!(!ask(&decisions, &step("stays", "write")).await, "once");
    assert!(!ask(&decisions, &step("over", "write")).await, "what is over stays over");
    let page = decisions.decisions(&call(&pep), &[]).await.expect("a page");
    let page = crate::running::json(&page);
    assert_eq!((page["pruned_below"].as_u64(), page["range"][0].as_u64()), (Some(first), Some(first)));
    let asked = call(&pep);
    let query = decisions.query(&asked, br#"{"where":"decision == deny"}"#, remit_pdp::query::Form::Json);
    let answer = crate::running::json(&query.await.expect("an answer"));
    assert_eq!(answer["evidence"]["pruned_below"].as_u64(), Some(first), "{answer}");
    assert_eq!(answer["evidence"]["range"][0].as_u64(), Some(first));
    // A running service drops what its settings say: nothing here, because the transaction holds it.
    let plan = decisions.retain(Age::parse("1m").expect("an age")).expect("a plan");
    assert_eq!((plan.records, plan.held.is_some()), (0, true), "{plan:?}");
    decisions.close_transaction(&call(&pep), "stays").await.expect("closes");
    let plan = decisions.retain(Age::parse("1m").expect("an age")).expect("a plan");
    assert!(plan.records > 0 && plan.held.is_none(), "{plan:?}");
    let second = plan.left;
    decisions.stop("done").await;

    // Everything that reads the log from its beginning begins where it begins now, and says so.
    let report = Replay::of(data).run(|_| {}).expect("whole");
    assert_eq!((report.pruned_below, report.range.map(|it| it.0)), (Some(second), Some(second)));
    assert_eq!(report.same, report.replayed, "{report:#?}");
    let why = "its transaction began in records that were dropped";
    assert_eq!(report.not_replayable.keys().collect::<Vec<_>>(), [why]);
    assert!(as_of(data, record::time(at("2026-01-01T12:07:00Z"))).is_ok(), "live since before");
    assert!(as_of(data, record::time(at("2026-01-01T11:00:00Z"))).unwrap_err().contains("dropped"));
    let complete = run(&["ask", "completeness", "--data", words(data)]);
    assert!(text(&complete).contains("older than 1m, as configured"), "{}", text(&complete));
    assert!(text(&complete).contains(&format!("those before {second} were dropped")), "{}", text(&complete));
    let kinds: Vec<u64> = read(&data.join("ledger"), 0, u64::MAX)
        .map(Result::unwrap)
        .filter_map(|it| if let Body::Pruned(it) = it.body { Some(it.first) } else { None })
        .collect();
    assert_eq!(kinds.last(), Some(&second));
    let work = tempfile::tempdir().expect("a folder");
    let out = work.path().join("export");
    let exported = run(&["ledger", "export", words(&out), "--data", words(data)]);
    assert!(text(&exported).starts_with(&format!("records {second} to ")), "{}", text(&exported));
    assert_eq!(run(&["verify", words(&out)]).status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_decision_point_is_asked_from_elsewhere() {
    let server = crate::running::Running::of(&bundle("starter")).await;
    let base = server.base.clone();
    let ask = async |args: &[&str]| {
        let mut all = vec!["ask".to_owned(), "--url".to_owned(), base.clone()];
        all.extend(args.iter().map(|it| (*it).to_owned()));
        let asked = move || run(&all.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(asked).await.expect("remit runs")
    };
    // Until a head is signed over what the start recorded.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let named = ask(&["completeness"]).await;
    assert!(named.status.success(), "{}", text(&named));
    for part in ["# Records by kind", "policy_published", "1 row", "without a gap"] {
        assert!(text(&named).contains(part), "{part}: {}", text(&named));
    }
    let free = ask(&["--where", "kind == started", "--select", "seq,version", "--csv"]).await;
    assert_eq!(
        text(&free).lines().collect::<Vec<_>>(),
        ["seq,version", &format!("1,{}", env!("CARGO_PKG_VERSION"))]
    );
    let proved = ask(&["--where", "kind == started", "--proof", "--json"]).await;
    let answer: serde_json::Value = serde_json::from_str(&text(&proved)).expect("JSON");
    let record = &answer["proof"]["records"][0];
    let inclusion = remit_pdp::ledger::Inclusion::parse(record["proof"].as_str().expect("a proof"));
    assert_eq!(inclusion.expect("a proof").index, record["seq"].as_u64().expect("a number"), "{answer}");
    assert_eq!(answer["evidence"]["no_gap"]["indexed"], 0, "{answer}");

    // Refusals say what the other side says; so does an address at which nobody answers.
    for (args, part) in [
        (&["--where", "decison == deny"][..], "decison"),
        (&["denails"][..], "did you mean `denials`"),
        (&["../query"][..], "is not the name of a question"),
    ] {
        let refused = ask(args).await;
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused).contains(part), "{}", text(&refused));
    }
    server.stop().await;
    let gone = ask(&["completeness"]).await;
    assert_eq!(gone.status.code(), Some(2));
    assert!(text(&gone).contains("does not answer"), "{}", text(&gone));
}
