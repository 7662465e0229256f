//! A candidate in the shadow: it decides what was decided, changes no answer, and its differences are on record.

use std::path::Path;

use remit_pdp::ledger::{Body, Decision, DecisionRecord, read};
use remit_pdp::replay::Replay;
use remit_pdp::{Options, Pdp, Pep, Timestamp};
use serde_json::{Value, json};

use crate::running::{bundle, call, json as parsed, pep};

/// The policies of the starter bundle, and its graph unless only they are wanted.
fn starter(with_graph: bool) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(bundle("starter")).expect("the bundle") {
        let file = file.expect("a file").path();
        if file.is_file() && (with_graph || file.extension().is_some_and(|it| it == "ibac")) {
            std::fs::copy(&file, copy.path().join(file.file_name().expect("a name"))).expect("copies");
        }
    }
    copy
}

fn rewrite(bundle: &Path, changes: &[(&str, &str)]) {
    let path = bundle.join("clinic.ibac");
    let mut text = std::fs::read_to_string(&path).expect("the policy");
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is in the policy");
        text = text.replace(from, to);
    }
    std::fs::write(path, text).expect("writes");
}

const OPENED: (&str, &str) = ("subject.clearance < resource.classification", "subject.clearance < internal");
const CLOSED: (&str, &str) = ("limit refund_max  = 500", "limit refund_max  = 300");
const APART: (&str, &str) = ("action.amount > limits.refund_max and", "action.amount > 550 and");
const LATER: (&str, &str) = ("version \"2026.1\"", "version \"2026.2\"");

fn options(bundle: &Path, data: &Path, shadow: Option<&Path>) -> Options {
    let mut options = Options::new(bundle, data);
    options.clock = remit_pdp::Clock::Fixed(Timestamp::parse("2026-06-01T12:00:00Z").expect("a time"));
    options.shadow = shadow.map(Path::to_owned);
    options
}

fn start(bundle: &Path, data: &Path, shadow: Option<&Path>) -> Pdp {
    Pdp::start(options(bundle, data, shadow)).unwrap_or_else(|error| panic!("{error}"))
}

fn reading(user: &str, action: &str, context: &Value) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": action },
        "resource": { "type": "record", "id": "ecg-7" }, "context": context })
}

fn refund(amount: u32) -> Value {
    json!({ "subject": { "type": "user", "id": "bea" }, "resource": { "type": "invoice", "id": "inv-1" },
        "action": { "name": "refund", "properties": { "amount": amount } } })
}

async fn decides(pdp: &Pdp, pep: &Pep, body: &Value) -> bool {
    let reply = pdp.evaluation(&call(pep), body.to_string().as_bytes()).await.expect("an answer");
    parsed(&reply)["decision"] == true
}

/// Users, an agent in a transaction with a step that may be done once, a token that is none, and a batch.
async fn traffic(pdp: &Pdp, pep: &Pep) -> Vec<bool> {
    let mut answers = Vec::new();
    for user in ["imani", "noor", "bea"] {
        answers.push(decides(pdp, pep, &reading(user, "read", &json!({}))).await);
    }
    for amount in [1, 400, 600] {
        answers.push(decides(pdp, pep, &refund(amount)).await);
    }
    let open = json!({ "subject": { "type": "user", "id": "imani" }, "txn": "t-1",
        "intent": { "template": "clinic.write_up" } });
    pdp.open_transaction(&call(pep), open.to_string().as_bytes()).await.map(drop).expect("opens");
    let act = json!({ "act": { "sub": "scribe" }, "txn": "t-1" });
    for action in ["read", "write", "write"] {
        answers.push(decides(pdp, pep, &reading("imani", action, &act)).await);
    }
    let token =
        json!({ "tokens": [{ "type": "urn:ietf:params:oauth:token-type:access_token", "token": "a.b.c" }] });
    answers.push(decides(pdp, pep, &reading("imani", "read", &token)).await);
    let batch = json!({ "subject": { "type": "user", "id": "noor" }, "action": { "name": "read" },
        "evaluations": [{ "resource": { "type": "record", "id": "ecg-7" } }] });
    let reply = pdp.evaluations(&call(pep), batch.to_string().as_bytes()).await.expect("an answer");
    answers.push(parsed(&reply)["evaluations"][0]["decision"] == true);
    answers
}

fn decisions(data: &Path) -> Vec<DecisionRecord> {
    let found = read(&data.join("ledger"), 0, u64::MAX).map(|it| it.expect("whole").body);
    found.filter_map(|body| if let Body::Decision(it) = body { Some(*it) } else { None }).collect()
}

fn counted(pdp: &Pdp) -> Vec<(&'static str, u64)> {
    let counts = pdp.counts().read().into_iter().map(|(name, _, count)| (name, count));
    counts.filter(|(name, count)| name.starts_with("shadow") && *count > 0).collect()
}

#[tokio::test]
async fn every_difference_is_on_record_and_no_answer_is_another() {
    let candidate = starter(false);
    rewrite(candidate.path(), &[OPENED, CLOSED, APART, LATER]);
    let (alone, beside) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let pep = pep();
    let pdp = start(&bundle("starter"), alone.path(), None);
    let answers = traffic(&pdp, &pep).await;
    assert_eq!(counted(&pdp), []);
    pdp.stop("test").await;
    let pdp = start(&bundle("starter"), beside.path(), Some(candidate.path()));
    assert_eq!(traffic(&pdp, &pep).await, answers, "the same answers, and no step is spent twice");
    // Noor twice; bea, whom nothing forbids any more and nothing permits either; 400. What a token stops is not asked.
    let expected = [
        ("shadow_same", 6),
        ("shadow_other_reason", 1),
        ("shadow_deny_to_allow", 2),
        ("shadow_allow_to_deny", 1),
    ];
    assert_eq!(counted(&pdp), expected, "a version alone is no difference");
    pdp.stop("test").await;

    let plain = |of: &DecisionRecord| (of.decision, of.reason.clone(), of.rules.clone(), of.task.clone());
    let (without, with) = (decisions(alone.path()), decisions(beside.path()));
    assert_eq!(with.iter().map(plain).collect::<Vec<_>>(), without.iter().map(plain).collect::<Vec<_>>());
    let told: Vec<_> = with.iter().filter_map(|it| Some((it, it.shadow.as_ref()?))).collect();
    let [(noor, opened), (_, other), (refund, closed), (_, in_batch)] = told[..] else { panic!("{told:?}") };
    assert_eq!((other.decision, other.reason.as_str()), (Decision::Deny, "no_permit_applies"));
    assert_eq!((noor.decision, opened.decision), (Some(Decision::Deny), Decision::Allow));
    assert_eq!(
        (opened.reason.as_str(), &opened.rules[0].rule[..]),
        ("permitted", "clinic.treating_team_reads@2026.2")
    );
    assert_eq!((refund.decision, closed.decision), (Some(Decision::Allow), Decision::Deny));
    assert_eq!((closed.reason.as_str(), closed.rules.len()), ("no_permit_applies", 0));
    assert_eq!(opened, in_batch);
    assert!(beside.path().join("revisions/policy").join(&opened.policy).is_dir(), "its texts are kept");

    let report = Replay::of(beside.path()).run(|_| {}).expect("the log is whole");
    assert_eq!((report.same, report.replayed), (10, 10), "{report:#?}");
}

#[tokio::test]
async fn a_wrong_candidate_stops_the_start_and_a_reload_keeps_the_old_one_on_the_new_graph() {
    let (live, candidate) = (starter(true), starter(false));
    rewrite(candidate.path(), &[OPENED]);
    let data = tempfile::tempdir().expect("a folder");
    let pep = pep();
    let wrong = [("subject.clearance < internal", "subject.claerance < internal")];
    rewrite(candidate.path(), &wrong);
    let refused = Pdp::start(options(live.path(), data.path(), Some(candidate.path()))).expect_err("refused");
    assert!(
        refused.to_string().contains("the shadow is refused") && refused.to_string().contains("claerance")
    );
    let mended = [("subject.claerance < internal", "subject.clearance < internal")];
    rewrite(candidate.path(), &mended);

    let pdp = start(live.path(), data.path(), Some(candidate.path()));
    let noor = reading("noor", "read", &json!({}));
    assert!(!decides(&pdp, &pep, &noor).await);
    assert_eq!(counted(&pdp), [("shadow_deny_to_allow", 1)]);

    // The candidate breaks while the graph changes: noor loses the team that treats the patient.
    rewrite(candidate.path(), &wrong);
    let graph = live.path().join("graph.json");
    let text = std::fs::read_to_string(&graph).expect("the graph");
    let treats = "[\"team:staff\", \"team:ward-3\"]";
    assert!(text.contains(treats));
    std::fs::write(&graph, text.replace(treats, "[\"team:staff\"]")).expect("writes");
    let reloaded = pdp.reload().await.expect("the live bundle is good");
    assert!(reloaded.changed && reloaded.shadow_refused.is_some_and(|why| why.contains("claerance")));
    assert!(!decides(&pdp, &pep, &noor).await);
    let other = [("shadow_other_reason", 1), ("shadow_deny_to_allow", 1), ("shadows_refused", 1)];
    assert_eq!(counted(&pdp), other, "no permit applies on the new graph, but nothing forbids either");

    rewrite(candidate.path(), &mended);
    rewrite(candidate.path(), &[LATER]);
    let reloaded = pdp.reload().await.expect("both are good");
    assert!(!reloaded.changed && reloaded.shadow_changed && reloaded.shadow_refused.is_none());
    pdp.stop("test").await;
    let said: Vec<_> = read(&data.path().join("ledger"), 0, u64::MAX)
        .filter_map(|it| if let Body::ConfigChanged(it) = it.expect("whole").body { Some(it) } else { None })
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter().all(|it| it.what.contains("decide in the shadow")) && said[0].digest != said[1].digest
    );
}

#[tokio::test]
async fn a_candidate_may_have_another_schema_or_a_graph_of_its_own() {
    let pep = pep();
    let noor = reading("noor", "read", &json!({}));
    let wider = (
        "clearance: classification\n  member_of: set<team>",
        "clearance: classification\n  grade: int\n  member_of: set<team>",
    );
    for (with_graph, clears) in [(false, false), (true, false), (true, true)] {
        let (candidate, data) = (starter(with_graph), tempfile::tempdir().expect("a folder"));
        rewrite(candidate.path(), &[wider]);
        if clears {
            let graph = candidate.path().join("graph.json");
            let text = std::fs::read_to_string(&graph).expect("the graph");
            let noor = "\"name\": \"Noor\", \"clearance\": \"confidential\"";
            assert!(text.contains(noor));
            std::fs::write(&graph, text.replace(noor, &noor.replace("confidential", "health")))
                .expect("writes");
        }
        let pdp = start(&bundle("starter"), data.path(), Some(candidate.path()));
        assert!(!decides(&pdp, &pep, &noor).await);
        let expected = if clears { "shadow_deny_to_allow" } else { "shadow_same" };
        assert_eq!(counted(&pdp), [(expected, 1)], "own graph {with_graph}, cleared {clears}");
        pdp.stop("test").await;
    }
}
