//! Consents and signals from the API to the decision: across restarts, as of then, erased, and decided again.

use std::path::{Path, PathBuf};

use remit_model::{EntityRef, Name};
use remit_pdp::bundle::{self, Purpose};
use remit_pdp::erasure::{Request, erase};
use remit_pdp::ledger::Durability;
use remit_pdp::replay::Replay;
use remit_pdp::revisions::Revisions;
use remit_pdp::standing::state_at;
use remit_pdp::{Clock, Fault, Options, Pdp, Pep, Rights, Timestamp, expect, publish, record};
use serde_json::{Value, json};

use crate::running::{call, json as parsed, pep, root};

fn dir() -> PathBuf {
    root().join("tests/product/standing")
}

/// A decision point over this data at an instant of 1 June 2026.
fn at(data: &Path, clock: &str) -> Pdp {
    let mut options = Options::new(dir(), data);
    let now = Timestamp::parse(&format!("2026-06-01T{clock}Z")).expect("a time");
    options.clock = Clock::Fixed(now);
    Pdp::start(options).unwrap_or_else(|error| panic!("{error}"))
}

async fn decide(pdp: &Pdp, action: &Value, account: &str, agent: Option<&str>) -> Value {
    let mut body = json!({ "subject": { "type": "user", "id": "tara" }, "action": action,
        "resource": { "type": "account", "id": account }, "options": { "detail": "full" } });
    if let Some(agent) = agent {
        body["context"] = json!({ "act": { "sub": agent } });
    }
    let pep = pep();
    parsed(&pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer"))
}

fn show(purpose: &str) -> Value {
    json!({ "name": "show", "properties": { "purpose": purpose } })
}

async fn shown(pdp: &Pdp, purpose: &str, account: &str, agent: Option<&str>) -> bool {
    decide(pdp, &show(purpose), account, agent).await["decision"] == true
}

async fn may(pdp: &Pdp, action: &str, agent: Option<&str>) -> bool {
    decide(pdp, &json!({ "name": action }), "a1", agent).await["decision"] == true
}

async fn grant(pdp: &Pdp, more: Value) -> Value {
    let mut body =
        json!({ "subject": { "type": "user", "id": "tara" }, "category": "holdings", "purpose": "advice" });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let pep = pep();
    parsed(&pdp.grant_consent(&call(&pep), body.to_string().as_bytes()).await.expect("is granted"))
}

async fn signal(pdp: &Pdp, events: Value) -> Value {
    let pep = pep();
    let body = json!({ "events": events }).to_string();
    parsed(&pdp.report_signals(&call(&pep), body.as_bytes()).await.expect("is taken"))
}

fn event(kind: &str, clock: &str, more: Value) -> Value {
    let mut event = json!({ "subject": { "type": "user", "id": "tara" }, "type": kind, "at": format!("2026-06-01T{clock}Z") });
    event.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    event
}

fn replayed(data: &Path) {
    let report = Replay::of(data).run(|_| {}).expect("the log is whole");
    assert_eq!(report.same, report.replayed, "{report:#?}");
    assert!(report.replayed > 0 && report.not_replayable.is_empty(), "{report:#?}");
}

#[test]
fn the_expectations_of_the_bundle_hold_and_exercise_every_rule() {
    let loaded = bundle::load(&dir(), Purpose::Test).unwrap_or_else(|error| panic!("{error}"));
    let policies = loaded.policies.clone();
    let live = publish::compile(loaded, &Revisions::default()).expect("compiles");
    let report = expect::run(&policies, &live);
    let failures: Vec<_> = report.outcomes.iter().filter(|outcome| outcome.failure.is_some()).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!((report.outcomes.len(), report.untested_rules), (22, Vec::new()));
}

#[tokio::test]
async fn a_consent_is_for_its_purpose_recipient_and_resource_until_it_ends() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    assert!(!shown(&pdp, "advice", "a1", None).await, "nothing was agreed to");
    let given = grant(
        &pdp,
        json!({ "recipient": { "type": "agent", "id": "helper" },
        "resource": { "type": "account", "id": "a1" }, "expires_at": "2026-06-01T14:00:00Z" }),
    )
    .await;
    assert_eq!((&given["active"], &given["granted_at"]), (&json!(true), &json!("2026-06-01T10:00:00Z")));
    assert!(shown(&pdp, "advice", "a1", Some("helper")).await);
    assert!(!shown(&pdp, "resale", "a1", Some("helper")).await, "another purpose");
    assert!(!shown(&pdp, "advice", "a2", Some("helper")).await, "another resource");
    assert!(!shown(&pdp, "advice", "a1", Some("other")).await, "another recipient");
    assert!(!shown(&pdp, "advice", "a1", None).await, "the customer alone is another recipient");
    pdp.stop("restart").await;
    drop(pdp);
    let late = at(data.path(), "13:59:59");
    assert!(shown(&late, "advice", "a1", Some("helper")).await, "a restart keeps it");
    late.stop("restart").await;
    drop(late);
    // The snapshot only saves time.
    std::fs::remove_file(data.path().join("transactions.snapshot")).expect("there was one");
    let over = at(data.path(), "14:00:00");
    assert!(!shown(&over, "advice", "a1", Some("helper")).await, "it has expired");
    over.stop("test").await;
    replayed(data.path());
}

#[tokio::test]
async fn a_withdrawal_counts_from_its_instant_and_what_counted_before_can_be_told() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    let id = grant(&pdp, json!({ "id": "c-1", "proof": "form 17" })).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(id, "c-1");
    let pep = pep();
    let again = pdp
        .grant_consent(
            &call(&pep),
            br#"{"id":"c-1","subject":{"type":"user","id":"omar"},"category":"x","purpose":"y"}"#,
        )
        .await;
    assert!(matches!(again, Err(Fault::Conflict { .. })), "{again:?}");
    pdp.stop("restart").await;
    drop(pdp);
    let pdp = at(data.path(), "11:00:00");
    assert!(shown(&pdp, "advice", "a1", None).await);
    let gone = parsed(&pdp.withdraw_consent(&call(&pep), "c-1").await.expect("is withdrawn"));
    assert_eq!((&gone["active"], &gone["withdrawn_at"]), (&json!(false), &json!("2026-06-01T11:00:00Z")));
    assert!(!shown(&pdp, "advice", "a1", None).await);
    let twice = pdp.withdraw_consent(&call(&pep), "c-1").await;
    assert!(matches!(twice, Err(Fault::Conflict { .. })), "{twice:?}");
    assert!(matches!(pdp.withdraw_consent(&call(&pep), "c-2").await, Err(Fault::NotFound { .. })));
    let list = |at: &str| {
        let parameters = [("subject".to_owned(), "user:tara".to_owned()), ("at".to_owned(), at.to_owned())];
        parsed(&pdp.list_consents(&call(&pep), &parameters).expect("is listed"))["consents"].clone()
    };
    assert_eq!(list("2026-06-01T09:59:59Z"), json!([]));
    assert_eq!(list("2026-06-01T10:30:00Z")[0]["active"], true);
    assert_eq!(list("2026-06-01T11:00:00Z")[0]["active"], false);
    pdp.stop("test").await;
    replayed(data.path());
    // What `remit eval --at` is told: nothing yet, given, withdrawn.
    let person = EntityRef::new(Name::new("user").expect("a name"), "tara");
    let counts = |clock: &str| {
        let at = Timestamp::parse(&format!("2026-06-01T{clock}Z")).expect("a time");
        let state = state_at(data.path(), record::time(at)).expect("the log is whole");
        state.consents(&person).map(|all| all.iter().filter(|grant| grant.active(at)).count())
    };
    assert_eq!((counts("09:00:00"), counts("10:30:00"), counts("11:00:00")), (None, Some(1), Some(0)));
}

#[tokio::test]
async fn only_who_has_the_right_changes_consents_and_reports_signals() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    let rights = Rights { consents: false, signals: false, ..Rights::all() };
    let reader = Pep::new("reader", rights);
    let body = br#"{"subject":{"type":"user","id":"tara"},"category":"holdings","purpose":"advice"}"#;
    assert!(matches!(pdp.grant_consent(&call(&reader), body).await, Err(Fault::Forbidden { .. })));
    assert!(matches!(pdp.withdraw_consent(&call(&reader), "c").await, Err(Fault::Forbidden { .. })));
    let events = br#"{"events":[{"subject":{"type":"user","id":"tara"},"type":"login"}]}"#;
    assert!(matches!(pdp.report_signals(&call(&reader), events).await, Err(Fault::Forbidden { .. })));
    assert!(matches!(pdp.push_event(&call(&reader), b"x").await, Err(Fault::Forbidden { .. })));
    let parameters = [("subject".to_owned(), "user:tara".to_owned())];
    assert!(pdp.list_consents(&call(&reader), &parameters).is_ok(), "who reads decisions reads consents");
    let nobody = Pep::new("nobody", Rights { governance: false, ..rights });
    assert!(matches!(pdp.list_consents(&call(&nobody), &parameters), Err(Fault::Forbidden { .. })));
    assert!(!shown(&pdp, "advice", "a1", None).await, "nothing came of it");
}

#[tokio::test]
async fn erasing_a_person_ends_the_consents_and_leaves_those_of_others() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    grant(&pdp, json!({})).await;
    grant(&pdp, json!({ "subject": { "type": "user", "id": "omar" } })).await;
    let revoked = event("session_revoked", "09:30:00", json!({ "device": "the-phone-of-tara" }));
    signal(&pdp, json!([revoked])).await;
    assert!(shown(&pdp, "advice", "a1", None).await);
    pdp.stop("erase").await;
    drop(pdp);
    let segment = data.path().join("ledger/segments/00000000000000000000.seg");
    let holds = |word: &str| {
        let bytes = std::fs::read(&segment).expect("the segment");
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    };
    assert!(holds("the-phone-of-tara"));
    let tara = EntityRef::new(Name::new("user").expect("a name"), "tara");
    let request = Request { person: tara.clone(), author: None, why: "request 9".to_owned(), key: None };
    let now = Timestamp::parse("2026-06-01T11:00:00Z").expect("a time");
    assert_eq!(erase(data.path(), &request, now).expect("erases"), 3, "consent, signal, decision");
    assert!(!holds("the-phone-of-tara") && !holds("\"tara\"") && holds("omar"));
    let pdp = at(data.path(), "12:00:00");
    assert!(!shown(&pdp, "advice", "a1", None).await, "what is not known any more is no consent");
    let state = state_at(data.path(), record::time(now)).expect("the log is whole");
    let omar = EntityRef::new(Name::new("user").expect("a name"), "omar");
    assert_eq!((state.consents(&tara), state.consents(&omar).map(|all| all.len())), (None, Some(1)));
    assert!(state.has_ends_of_pseudonyms(), "the end of the session stays, under the pseudonym");
}

#[tokio::test]
async fn failures_devices_and_travel_are_seen_within_their_windows_and_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    assert!(may(&pdp, "pay", None).await);
    let failures = (0..5).map(|minute| {
        event("login_failed", &format!("09:5{minute}:00"), json!({ "id": format!("f{minute}") }))
    });
    let failures = Value::Array(failures.collect());
    assert_eq!(signal(&pdp, failures.clone()).await, json!({ "accepted": 5, "known": 0 }));
    assert_eq!(signal(&pdp, failures).await, json!({ "accepted": 0, "known": 5 }), "the same again is known");
    let denied = decide(&pdp, &json!({ "name": "pay" }), "a1", None).await;
    assert_eq!(denied["context"]["reason"], "forbidden", "{denied}");
    pdp.stop("restart").await;
    drop(pdp);
    let pdp = at(data.path(), "10:04:59");
    assert!(!may(&pdp, "pay", None).await, "a restart keeps them");
    pdp.stop("restart").await;
    drop(pdp);
    let pdp = at(data.path(), "10:05:00");
    assert!(may(&pdp, "pay", None).await, "the first is as old as the window");
    // Mumbai, a failed try, New York within the hour; they come in the wrong order.
    let new_york = event("login", "10:04:00", json!({ "latitude": 40.7128, "longitude": -74.006 }));
    let mumbai = event("login", "09:10:00", json!({ "latitude": 19.076, "longitude": 72.8777 }));
    signal(&pdp, json!([new_york, event("login_failed", "09:40:00", json!({})), mumbai])).await;
    assert!(!may(&pdp, "pay", None).await);
    pdp.stop("test").await;
    replayed(data.path());
}

#[tokio::test]
async fn denials_of_an_agent_add_up_and_stop_it_alone() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    assert!(may(&pdp, "consult", Some("helper")).await);
    for _ in 0..3 {
        assert!(!shown(&pdp, "advice", "a1", Some("helper")).await);
    }
    assert!(!may(&pdp, "consult", Some("helper")).await, "three denials within ten minutes");
    assert!(may(&pdp, "consult", Some("other")).await, "another agent");
    assert!(may(&pdp, "consult", None).await, "the customer");
    pdp.stop("restart").await;
    drop(pdp);
    let pdp = at(data.path(), "10:09:00");
    assert!(!may(&pdp, "consult", Some("helper")).await, "a restart keeps them");
    pdp.stop("restart").await;
    drop(pdp);
    let pdp = at(data.path(), "10:30:00");
    assert!(may(&pdp, "consult", Some("helper")).await, "they are past");
    pdp.stop("test").await;
    replayed(data.path());
}

/// What is asked of the log may look at signals that the decisions of its time did not: it must know those before each.
#[tokio::test]
async fn a_candidate_that_looks_at_signals_knows_those_that_went_before() {
    let (work, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let text = std::fs::read_to_string(dir().join("bank.ibac")).expect("the policy");
    let rule = text.split_once("/// An agent that is denied").expect("the rule").1;
    let rule = rule.split_once("\n\n").expect("its end").0;
    std::fs::write(work.path().join("bank.ibac"), text.replace(rule, "")).expect("written");
    std::fs::copy(dir().join("graph.json"), work.path().join("graph.json")).expect("copied");
    let mut options = Options::new(work.path(), data.path());
    options.clock = Clock::Fixed(Timestamp::parse("2026-06-01T10:00:00Z").expect("a time"));
    let pdp = Pdp::start(options).unwrap_or_else(|error| panic!("{error}"));
    assert!(may(&pdp, "consult", Some("helper")).await, "before the denials");
    for _ in 0..3 {
        assert!(!shown(&pdp, "advice", "a1", Some("helper")).await);
    }
    assert!(may(&pdp, "consult", Some("helper")).await, "nothing counts them yet");
    assert!(may(&pdp, "consult", Some("other")).await);
    pdp.stop("test").await;
    replayed(data.path());
    let candidate = std::sync::Arc::new(remit_pdp::archive::candidate(&dir(), None).expect("compiles"));
    let report = Replay::of(data.path()).under(candidate).run(|_| {}).expect("the log is whole");
    assert_eq!((report.replayed, report.allow_to_deny, report.deny_to_allow), (6, 1, 0), "{report:#?}");
    let change = report.changes.first().expect("one change");
    assert_eq!(change.now.rules, ["bank.burst_of_denials@1"], "the consultation after three denials");
}

#[tokio::test]
async fn an_ended_session_stops_the_transactions_from_before_and_a_new_one_goes_on() {
    let data = tempfile::tempdir().expect("a folder");
    let pep = pep();
    let open = |txn: &str| {
        json!({ "subject": { "type": "user", "id": "tara" }, "txn": txn,
            "intent": { "tasks": [{ "name": "pay", "actions": ["pay"], "resource": { "type": "account" } }] },
            "expires_in_s": 86_400 })
        .to_string()
    };
    let within = async |pdp: &Pdp, txn: &str| {
        let body = json!({ "subject": { "type": "user", "id": "tara" }, "action": { "name": "pay" },
            "resource": { "type": "account", "id": "a1" }, "context": { "txn": txn },
            "options": { "detail": "full" } });
        let told =
            parsed(&pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer"));
        (told["decision"] == true, told["context"]["reason"].as_str().unwrap_or_default().to_owned())
    };
    let pdp = at(data.path(), "10:00:00");
    pdp.open_transaction(&call(&pep), open("t-1").as_bytes()).await.map(drop).expect("opens");
    assert!(within(&pdp, "t-1").await.0);
    pdp.stop("restart").await;
    drop(pdp);
    let pdp = at(data.path(), "11:00:00");
    // A lower risk and the session of somebody else end nothing.
    let lower = event("risk_level_change", "10:30:00", json!({ "risk": "medium" }));
    let other = json!({ "subject": { "type": "user", "id": "omar" }, "type": "session_revoked" });
    signal(&pdp, json!([lower, other])).await;
    assert!(within(&pdp, "t-1").await.0);
    signal(&pdp, json!([event("session_revoked", "10:45:00", json!({}))])).await;
    assert_eq!(within(&pdp, "t-1").await, (false, "transaction_revoked".to_owned()));
    pdp.open_transaction(&call(&pep), open("t-2").as_bytes()).await.map(drop).expect("opens");
    assert!(within(&pdp, "t-2").await.0, "what is begun after it goes on");
    pdp.stop("restart").await;
    drop(pdp);
    std::fs::remove_file(data.path().join("transactions.snapshot")).expect("there was one");
    let pdp = at(data.path(), "11:30:00");
    assert_eq!(within(&pdp, "t-1").await, (false, "transaction_revoked".to_owned()));
    assert!(within(&pdp, "t-2").await.0);
    pdp.stop("test").await;
    replayed(data.path());
}

#[tokio::test]
async fn records_of_consents_and_signals_name_no_person() {
    let data = tempfile::tempdir().expect("a folder");
    let pdp = at(data.path(), "10:00:00");
    grant(&pdp, json!({ "proof": "form-17" })).await;
    signal(&pdp, json!([event("login", "09:59:00", json!({ "device": "d-17" }))])).await;
    pdp.stop("test").await;
    let mut kinds = Vec::new();
    for record in remit_pdp::ledger::read(&data.path().join("ledger"), 0, u64::MAX) {
        let record = record.expect("whole");
        if ["consent_changed", "signal"].contains(&record.body.kind()) {
            let text = record.json();
            assert!(!text.contains("tara") && !text.contains("form-17") && !text.contains("d-17"), "{text}");
            kinds.push(record.body.kind());
        }
    }
    assert_eq!(kinds, ["consent_changed", "signal"]);
}

/// An account that is deleted at its home ends what it had agreed to, as an entity does that leaves the graph. One that is
/// only disabled may come back, and what was agreed after the deletion was agreed by somebody else.
#[tokio::test]
async fn a_purged_account_leaves_no_consent() {
    for (kind, party, clock, stays) in [
        ("account_purged", "tara", "10:00:00", false),
        ("entity_removed", "tara", "10:00:00", false),
        ("account_purged", "tara", "09:59:59", true),
        ("account_purged", "somebody", "10:00:00", true),
        ("account_disabled", "tara", "10:00:00", true),
    ] {
        let data = tempfile::tempdir().expect("a folder");
        let pdp = at(data.path(), "10:00:00");
        let id = grant(&pdp, json!({})).await["id"].as_str().expect("an id").to_owned();
        assert!(shown(&pdp, "advice", "a1", None).await);
        let subject = json!({ "subject": { "type": "user", "id": party } });
        let told =
            signal(&pdp, json!([event(kind, clock, subject.clone()), event("login", clock, subject)])).await;
        assert_eq!(told, json!({ "accepted": 2, "known": 0 }), "consents are no events");
        assert_eq!(shown(&pdp, "advice", "a1", None).await, stays, "{kind} of {party} at {clock}");
        pdp.stop("test").await;
        drop(pdp);
        let pdp = at(data.path(), "10:00:01");
        assert_eq!(
            shown(&pdp, "advice", "a1", None).await,
            stays,
            "after a restart: {kind} of {party} at {clock}"
        );
        pdp.stop("test").await;
        drop(pdp);
        let end = record::time(Timestamp::parse("2026-06-01T10:00:02Z").expect("a time"));
        let state = state_at(data.path(), end).expect("the log is whole");
        assert_eq!(state.consent(&id).expect("it was given").withdrawn.is_none(), stays);
        replayed(data.path());
    }
}

/// More consents than one append takes: a service that many trusted is purged all the same, and its signal counts.
#[tokio::test]
async fn whoever_is_named_in_more_consents_than_one_write_holds_is_purged_all_the_same() {
    let data = tempfile::tempdir().expect("a folder");
    let mut options = Options::new(dir(), data.path());
    options.clock = Clock::Fixed(Timestamp::parse("2026-06-01T10:00:00Z").expect("a time"));
    options.durability = Durability::Relaxed;
    let pdp = Pdp::start(options).unwrap_or_else(|error| panic!("{error}"));
    let desk = json!({ "type": "agent", "id": "desk" });
    let user = |nth: u32| json!({ "type": "user", "id": format!("u-{nth}") });
    for nth in 0..4_100 {
        let _granted = grant(&pdp, json!({ "subject": user(nth % 50), "recipient": desk })).await;
    }
    let _own = grant(&pdp, json!({})).await;
    let purged = event("account_purged", "10:00:00", json!({ "subject": desk }));
    assert_eq!(signal(&pdp, json!([purged])).await, json!({ "accepted": 1, "known": 0 }));
    pdp.stop("test").await;
    drop(pdp);
    let end = record::time(Timestamp::parse("2026-06-01T10:00:02Z").expect("a time"));
    let state = state_at(data.path(), end).expect("the log is whole");
    let counting = |id: &str| {
        let person = EntityRef::new(Name::new("user").expect("a name"), id);
        let all = state.consents(&person).expect("some were given");
        (all.iter().filter(|it| it.withdrawn.is_none()).count(), all.len())
    };
    assert!((0..50).all(|nth| counting(&format!("u-{nth}")) == (0, 82)));
    assert_eq!(counting("tara"), (1, 1), "the one that names nobody else stays");
}

/// SPEC: THREATS G9. A bundle whose graph loses an entity and gets another one of the same id.
#[tokio::test]
async fn whoever_bears_an_id_later_inherits_nothing() {
    for (gone, restarts) in [
        ("account a1", false),
        ("user tara", false),
        ("user tara", true),
        ("account a2", false),
        ("nobody", false),
    ] {
        let (data, bundle) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let put = |without: &str| {
            std::fs::copy(dir().join("bank.ibac"), bundle.path().join("bank.ibac")).expect("a copy");
            let whole = std::fs::read_to_string(dir().join("graph.json")).expect("a graph");
            let mut graph: Value = serde_json::from_str(&whole).expect("JSON");
            let nodes = graph["nodes"].as_array_mut().expect("nodes");
            nodes.retain(|node| format!("{} {}", node["type"], node["id"]).replace('"', "") != without);
            if without == "user tara" {
                nodes
                    .iter_mut()
                    .for_each(|node| drop(node.as_object_mut().expect("a node").remove("relations")));
            }
            std::fs::write(bundle.path().join("graph.json"), graph.to_string()).expect("written");
        };
        let start = |clock: &str| {
            let mut options = Options::new(bundle.path(), data.path());
            let now = Timestamp::parse(&format!("2026-06-01T{clock}Z")).expect("a time");
            options.clock = Clock::Fixed(now);
            Pdp::start(options).unwrap_or_else(|error| panic!("{error}"))
        };
        put("nobody");
        let mut pdp = start("10:00:00");
        let resource = json!({ "resource": { "type": "account", "id": "a1" } });
        let id = grant(&pdp, resource).await["id"].as_str().expect("an id").to_owned();
        let _other = grant(&pdp, json!({ "id": "c-2", "subject": { "type": "account", "id": "a2" } })).await;
        let pep = pep();
        let open = json!({ "subject": { "type": "user", "id": "tara" }, "txn": "t-1",
            "intent": { "tasks": [{ "name": "see", "actions": ["show"], "resource": { "type": "account" } }] } });
        pdp.open_transaction(&call(&pep), open.to_string().as_bytes()).await.map(drop).expect("it opens");
        assert!(shown(&pdp, "advice", "a1", None).await, "{gone}");

        for without in [gone, "nobody"] {
            put(without);
            if restarts {
                pdp.stop("restart").await;
                drop(pdp);
                pdp = start("10:00:00");
            } else {
                pdp.reload().await.expect("it is published");
            }
        }
        let stays = ["nobody", "account a2"].contains(&gone);
        assert_eq!(shown(&pdp, "advice", "a1", None).await, stays, "a consent upon {gone}");
        let status = parsed(&pdp.transaction(&call(&pep), "t-1").expect("it is known"))["status"].clone();
        let same_person = gone != "user tara";
        assert_eq!(status == "open", same_person, "{gone}: {status}");
        pdp.stop("test").await;
        drop(pdp);
        let end = record::time(Timestamp::parse("2026-06-01T10:00:01Z").expect("a time"));
        let state = state_at(data.path(), end).expect("the log is whole");
        assert_eq!(state.consent(&id).expect("it was given").withdrawn.is_none(), stays, "{gone}");
        let other = state.consent("c-2").expect("it was given").withdrawn;
        assert_eq!(other.is_some(), gone == "account a2", "{gone}");
        let tara = EntityRef::new(Name::new("user").expect("a name"), "tara");
        assert_eq!(state.ended(&tara).is_none(), same_person, "tokens from before are over: {gone}");
        replayed(data.path());
        let log = remit_pdp::ledger::read_whole(&data.path().join("ledger"), 0, u64::MAX);
        for (record, _) in log.map(|found| found.expect("whole")) {
            let told = format!("{:?}", record.body);
            // Whoever a consent is of is a person, also one of a type that no policy speaks of as a subject.
            let named = ["Some(\"tara\")", "Some(\"a2\")"].into_iter().find(|name| told.contains(*name));
            assert_eq!(named, None, "a person by name: {told}");
        }
    }
}
