//! What was decided can be decided again: the same under its own revisions, and what would change under others.

use std::path::Path;

use remit_pdp::archive::candidate;
use remit_pdp::enrich::Sight;
use remit_pdp::ledger::{Beside, Body, read_whole};
use remit_pdp::replay::Replay;
use remit_pdp::{Pdp, Pep};
use serde_json::{Value, json};

use crate::running::{bundle, call, json as parsed, pdp, pep};

/// A copy of the starter bundle that may be changed.
fn starter() -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(bundle("starter")).expect("the bundle") {
        let file = file.expect("a file").path();
        if file.is_file() {
            std::fs::copy(&file, copy.path().join(file.file_name().expect("a name"))).expect("copies");
        }
    }
    copy
}

fn rewrite(bundle: &Path, from: &str, to: &str) {
    let path = bundle.join("clinic.ibac");
    let text = std::fs::read_to_string(&path).expect("the policy");
    assert!(text.contains(from), "`{from}` is in the policy");
    std::fs::write(path, text.replace(from, to)).expect("writes");
}

async fn ask(pdp: &Pdp, pep: &Pep, body: &Value) -> Value {
    parsed(&pdp.evaluation(&call(pep), body.to_string().as_bytes()).await.expect("an answer"))
}

fn question(user: &str, action: &str, of: (&str, &str), context: &Value) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": of.0, "id": of.1 }, "context": context })
}

fn refund(amount: u32) -> Value {
    json!({ "subject": { "type": "user", "id": "bea" }, "resource": { "type": "invoice", "id": "inv-1" },
        "action": { "name": "refund", "properties": { "amount": amount } } })
}

/// Users alone, an agent inside and outside its intent, a transaction that is used up, a batch and a search.
async fn traffic(pdp: &Pdp, pep: &Pep) {
    for (user, action, record) in [
        ("imani", "read", "ecg-7"),
        ("noor", "read", "ecg-7"),
        ("imani", "write", "ecg-7"),
        ("bea", "read", "ecg-7"),
    ] {
        ask(pdp, pep, &question(user, action, ("record", record), &json!({ "ip": "198.51.100.7" }))).await;
    }
    for amount in [1, 400, 600, 5_000] {
        ask(pdp, pep, &refund(amount)).await;
    }
    let open = json!({ "subject": { "type": "user", "id": "imani" }, "intent": { "template": "clinic.write_up" }, "txn": "t-1" });
    pdp.open_transaction(&call(pep), open.to_string().as_bytes()).await.map(drop).expect("opens");
    let act = json!({ "act": { "sub": "scribe" }, "txn": "t-1" });
    let mut decided = Vec::new();
    for action in ["write", "read", "write", "write"] {
        let told = ask(pdp, pep, &question("imani", action, ("record", "ecg-7"), &act)).await;
        decided.push(told["decision"] == true);
    }
    assert_eq!(decided, [false, true, true, false], "note after look, and once");
    pdp.revoke_transaction(&call(pep), "t-1").await.expect("revokes");
    ask(pdp, pep, &question("imani", "read", ("record", "ecg-7"), &act)).await;
    ask(pdp, pep, &question("imani", "read", ("record", "ecg-7"), &json!({ "act": { "sub": "scribe" } })))
        .await;
    ask(pdp, pep, &question("imani", "read", ("record", "ecg-7"), &json!({ "txn": "t-unknown" }))).await;
    let batch = json!({ "subject": { "type": "user", "id": "imani" }, "action": { "name": "read" },
        "evaluations": [{ "resource": { "type": "record", "id": "plan-7" } }, { "resource": {} }] });
    pdp.evaluations(&call(pep), batch.to_string().as_bytes()).await.map(drop).expect("answers");
    let search = json!({ "subject": { "type": "user", "id": "imani" }, "action": { "name": "read" },
        "resource": { "type": "record" } });
    pdp.search_resource(&call(pep), search.to_string().as_bytes()).await.map(drop).expect("answers");
}

#[tokio::test]
async fn every_decision_decides_again_to_the_same_record_under_the_revisions_of_its_time() {
    let bundle = starter();
    let ((pdp, data), pep) = (pdp(bundle.path()), pep());
    traffic(&pdp, &pep).await;
    rewrite(bundle.path(), "limit refund_max  = 500", "limit refund_max  = 300");
    assert!(pdp.reload().await.expect("the new policies are good").changed);
    for amount in [1, 400, 600] {
        ask(&pdp, &pep, &refund(amount)).await;
    }
    pdp.stop("test").await;
    let told: Vec<_> = remit_pdp::ledger::read(&data.path().join("ledger"), 0, u64::MAX)
        .filter_map(
            |it| if let Body::PolicyPublished(it) = it.expect("whole").body { Some(it) } else { None },
        )
        .collect();
    let [first, second] = told.as_slice() else { panic!("{told:?}") };
    assert!(first.approved[0].contains("approved by Data protection board"), "{first:?}");
    assert_eq!(
        (first.changes.len(), &second.changes[..]),
        (0, &["limits.refund_max: 500 -> 300".to_owned()][..])
    );
    // The bundle is gone for good; what was kept is enough.
    drop(bundle);

    let report = Replay::of(data.path()).run(|_| {}).expect("the log is whole");
    assert_eq!((report.same, report.replayed), (19, 19), "{report:#?}");
    assert_eq!((report.no_question, report.before_policy), (2, 0));
    assert_eq!(report.changes, []);
    assert!(report.not_replayable.is_empty(), "{report:#?}");
    assert_eq!(report.allows_by_rule.get("clinic.small_refunds@2026.1"), Some(&3), "1 and 400, then 1");
}

#[tokio::test]
async fn a_candidate_is_shown_with_every_answer_that_it_turns_around() {
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    traffic(&pdp, &pep).await;
    pdp.stop("test").await;
    let other = starter();
    rewrite(other.path(), "subject.clearance < resource.classification", "subject.clearance < internal");
    rewrite(other.path(), "limit refund_max  = 500", "limit refund_max  = 300");
    rewrite(other.path(), "action.amount > limits.refund_max and", "action.amount > 550 and");
    let candidate = std::sync::Arc::new(candidate(other.path(), None).expect("it is good"));
    let report = Replay::of(data.path()).under(candidate).run(|_| {}).expect("the log is whole");
    // Noor may now read above her clearance; 400 falls between the two kinds of refunds. Bea treats nobody.
    assert_eq!((report.deny_to_allow, report.allow_to_deny), (1, 1), "{report:#?}");
    let [opened, .., closed] = &report.changes[..] else { panic!("{:?}", report.changes) };
    assert_eq!((opened.was.reason.as_str(), opened.now.decision.as_str()), ("forbidden", "allow"));
    assert_eq!(opened.was.rules, ["clinic.clearance_too_low@2026.1"]);
    assert_eq!(opened.now.rules, ["clinic.treating_team_reads@2026.1"]);
    assert_eq!((closed.action.as_str(), closed.now.decision.as_str()), ("refund", "deny"));
    assert_eq!(report.replayed, report.same + report.other_reason + 2);
}

#[tokio::test]
async fn a_revision_that_was_deleted_is_named_and_nothing_is_guessed() {
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    ask(&pdp, &pep, &refund(1)).await;
    pdp.stop("test").await;
    std::fs::remove_dir_all(data.path().join("revisions/policy")).expect("removes");
    let report = Replay::of(data.path()).run(|_| {}).expect("the log is whole");
    assert_eq!(report.replayed, 0);
    let (why, count) = report.not_replayable.iter().next().expect("it is told");
    assert!(why.contains("is not in the archive") && *count == 1, "{why}");
}

#[tokio::test]
async fn no_token_and_no_value_of_the_question_is_in_a_record_but_all_of_it_beside() {
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    let context = json!({ "note": "4111 1111 1111 1111", "tokens": [{
        "type": "urn:ietf:params:oauth:token-type:access_token", "token": "a.b.c" }] });
    ask(&pdp, &pep, &question("imani", "read", ("record", "ecg-7"), &context)).await;
    pdp.stop("test").await;
    let mut kept = 0;
    for found in read_whole(&data.path().join("ledger"), 0, u64::MAX) {
        let (record, beside) = found.expect("the log is whole");
        assert!(!record.json().contains("4111") && !record.json().contains("a.b.c"), "{}", record.json());
        if let (Body::Decision(_), Beside::Content(text)) = (&record.body, beside) {
            assert!(text.contains("4111 1111 1111 1111") && !text.contains("a.b.c"), "{text}");
            kept += 1;
        }
    }
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_person_is_erased_and_nobody_else_and_a_transaction_that_lost_a_part_allows_nothing_more() {
    use remit_pdp::erasure::{Request, erase};
    use remit_pdp::{Options, Timestamp};
    let bundle = bundle("starter");
    let data = tempfile::tempdir().expect("a folder");
    let start = || Pdp::start(Options::new(&bundle, data.path())).unwrap_or_else(|error| panic!("{error}"));
    let pep = pep();
    let pdp = start();
    let open = |user: &str, txn: &str| {
        json!({ "subject": { "type": "user", "id": user }, "txn": txn,
            "intent": { "tasks": [{ "name": "see", "actions": ["read"], "resource": { "type": "record" } }] } })
    };
    for (user, txn) in [("imani", "t-1"), ("noor", "t-2")] {
        let body = open(user, txn).to_string();
        pdp.open_transaction(&call(&pep), body.as_bytes()).await.map(drop).expect("opens");
        let record = if user == "imani" { "ecg-7" } else { "plan-7" };
        let step =
            question(user, "read", ("record", record), &json!({ "act": { "sub": "scribe" }, "txn": txn }));
        assert_eq!(ask(&pdp, &pep, &step).await["decision"], true, "{user}");
    }
    pdp.stop("erase").await;
    drop(pdp);
    let request = Request {
        person: remit_model::EntityRef::new(remit_model::Name::new("user").expect("a name"), "imani"),
        author: Some("privacy desk".to_owned()),
        why: "request 17".to_owned(),
        key: None,
    };
    let now = Timestamp::parse("2026-12-01T00:00:00Z").expect("a time");
    assert_eq!(erase(data.path(), &request, now).expect("erases"), 2, "the opening and the step");
    assert_eq!(erase(data.path(), &request, now).expect("erases"), 0, "all of it is gone");
    let file = data.path().join("ledger/segments/00000000000000000000.seg");
    let bytes = std::fs::read(file).expect("the segment");
    let holds = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(!holds("imani") && holds("noor"));
    let checked = remit_pdp::ledger::verify(&data.path().join("ledger")).expect("whole");
    assert_eq!(checked.signed, Some(checked.records), "who erases signs for it");

    let pdp = start();
    let again = |user: &str, record: &str, txn: &str| {
        question(user, "read", ("record", record), &json!({ "act": { "sub": "scribe" }, "txn": txn }))
    };
    assert_eq!(ask(&pdp, &pep, &again("imani", "ecg-7", "t-1")).await["decision"], false);
    assert_eq!(ask(&pdp, &pep, &again("noor", "plan-7", "t-2")).await["decision"], true);
    pdp.stop("test").await;
    let verified = remit_pdp::ledger::verify(&data.path().join("ledger")).expect("every hash stands");
    assert_eq!(verified.erased, 2);
    assert_eq!(verified.signed, Some(verified.records), "the erasure stands under a signed head too");
    let report = Replay::of(data.path()).run(|_| {}).expect("the log is whole");
    assert_eq!(report.not_replayable.get("the question was erased"), Some(&1), "{report:#?}");
}

#[tokio::test]
async fn what_could_have_been_done_at_an_instant_is_answered_from_the_revisions_of_that_time() {
    use remit_pdp::archive::as_of;
    use remit_pdp::{Clock, Options, Timestamp};
    let bundle = starter();
    let data = tempfile::tempdir().expect("a folder");
    let run = async |at: &str| {
        let mut options = Options::new(bundle.path(), data.path());
        options.clock = Clock::Fixed(Timestamp::parse(at).expect("a time"));
        let pdp = Pdp::start(options).unwrap_or_else(|error| panic!("{error}"));
        pdp.stop("test").await;
    };
    run("2026-03-01T00:00:00Z").await;
    rewrite(bundle.path(), "limit refund_max  = 500", "limit refund_max  = 300");
    run("2026-04-01T00:00:00Z").await;
    let why = |at: &str| {
        let at = Timestamp::parse(at).expect("a time");
        let live = as_of(data.path(), remit_pdp::record::time(at))?;
        let sight = Sight { now: at, pep: "auditor", standing: None, outside: None };
        let why = remit_pdp::why::why(&live, refund(400).to_string().as_bytes(), &sight).expect("an answer");
        let rules: Vec<_> =
            why.rules.into_iter().filter(|it| it.outcome == "applies").map(|it| it.rule).collect();
        Ok::<_, String>((why.decision, rules))
    };
    assert_eq!(why("2026-03-15T00:00:00Z"), Ok((true, vec!["clinic.small_refunds".to_owned()])));
    assert_eq!(why("2026-04-15T00:00:00Z"), Ok((true, vec!["clinic.large_refunds".to_owned()])));
    assert!(why("2026-02-01T00:00:00Z").is_err_and(|why| why.contains("nothing was live")));
}
