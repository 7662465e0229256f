//! Incidents: found at the moment of the denial, exactly one each, graded, and followed to their end.

use remit_pdp::ledger::{Body, IncidentEvent, read};
use remit_pdp::{Fault, Options, Pdp, Pep};
use serde_json::{Value, json};

use crate::running::{bundle, call, json as parsed, pdp, pep};

async fn ask(pdp: &Pdp, pep: &Pep, body: &Value) -> Value {
    parsed(&pdp.evaluation(&call(pep), body.to_string().as_bytes()).await.expect("an answer"))
}

/// An agent that sends a message of this class to a tool abroad.
fn sends(class: &str) -> Value {
    json!({ "subject": { "type": "agent", "id": "outreach" }, "action": { "name": "call" },
        "resource": { "type": "tool", "id": "mailer" }, "context": { "message": { "classification": class } } })
}

fn reads(user: &str) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": "read" },
        "resource": { "type": "record", "id": "ecg-7" } })
}

fn list(pdp: &Pdp, pep: &Pep, query: &[(&str, &str)]) -> Vec<Value> {
    let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let found = parsed(&pdp.list_incidents(&call(pep), &pairs).expect("a list"));
    found["incidents"].as_array().expect("incidents").clone()
}

#[tokio::test]
async fn a_grave_denial_is_one_incident_with_the_fields_of_the_form_and_a_plain_one_is_none() {
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    assert_eq!(ask(&pdp, &pep, &sends("public")).await["decision"], true);
    let refund = json!({ "subject": { "type": "user", "id": "bea" }, "resource": { "type": "invoice", "id": "inv-1" },
        "action": { "name": "refund", "properties": { "amount": 9_000 } } });
    assert_eq!(ask(&pdp, &pep, &refund).await["decision"], false, "nobody permits it");
    assert_eq!(list(&pdp, &pep, &[]), Vec::<Value>::new());
    let denied = ask(&pdp, &pep, &sends("health")).await;
    assert_eq!(denied["decision"], false);

    let found = list(&pdp, &pep, &[]);
    let [incident] = found.as_slice() else { panic!("{found:?}") };
    let told = |member: &str| incident[member].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (told("grade"), told("severity"), told("form")),
        ("critical".into(), "high".into(), "VI".into())
    );
    assert_eq!((told("failure_mode"), told("status")), ("policy_denied".into(), "ongoing".into()));
    assert_eq!((told("disclosure"), told("event")), ("due".into(), "detected".into()));
    assert_eq!(incident["denied_by"], json!(["clinic.sensitive_data_leaves_home@2026.1"]));
    assert_eq!(incident["affected"], json!({ "type": "agent", "id": "outreach" }));
    assert_eq!(incident["actions"], json!(["log", "daily_digest", "page", "form", "continuity_drill"]));
    assert_eq!(
        incident["impact"],
        json!({ "affected": 0, "financial": 0, "harm": "none", "reversible": true })
    );
    assert_eq!((told("occurred"), told("reporter")), (told("time"), "remit".into()));
    assert_eq!(incident["policy"]["digest"].as_str().map(str::len), Some(64));

    pdp.stop("test").await;
    let records: Vec<_> =
        read(&data.path().join("ledger"), 0, u64::MAX).map(|it| it.expect("whole")).collect();
    let places: Vec<_> =
        records.iter().filter(|it| matches!(it.body, Body::Incident(_))).map(|it| it.seq).collect();
    let [place] = places.as_slice() else { panic!("{places:?}") };
    let before = usize::try_from(*place).expect("small") - 1;
    let decision = records[before].body.decision().expect("the denial stands right before it");
    assert_eq!(Some(decision.decision_id.as_str()), incident["decision_id"].as_str());
}

#[tokio::test]
async fn the_third_of_a_kind_is_graver_and_another_kind_counts_apart() {
    let ((pdp, _data), pep) = (pdp(&bundle("starter")), pep());
    for _ in 0..4 {
        ask(&pdp, &pep, &reads("noor")).await;
    }
    ask(&pdp, &pep, &sends("health")).await;
    let mut grades: Vec<_> = list(&pdp, &pep, &[])
        .iter()
        .map(|it| {
            (it["recurrence"].as_u64().expect("a count"), it["grade"].as_str().expect("a grade").to_owned())
        })
        .collect();
    grades.sort();
    let expected = [(1, "critical"), (1, "high"), (2, "high"), (3, "critical"), (4, "critical")];
    assert_eq!(grades, expected.map(|(nth, grade)| (nth, grade.to_owned())));
}

#[tokio::test]
async fn what_a_transaction_forbids_by_itself_is_an_incident() {
    let ((pdp, _data), pep) = (pdp(&bundle("starter")), pep());
    let open = json!({ "subject": { "type": "user", "id": "imani" }, "txn": "t-1",
        "intent": { "tasks": [{ "name": "see", "actions": ["read"], "resource": { "type": "record" } }] } });
    pdp.open_transaction(&call(&pep), open.to_string().as_bytes()).await.map(drop).expect("opens");
    let within = |user: &str| {
        let mut asked = reads(user);
        asked["context"] = json!({ "act": { "sub": "scribe" }, "txn": "t-1" });
        asked
    };
    let own = ask(&pdp, &pep, &within("imani")).await;
    let other = ask(&pdp, &pep, &within("noor")).await;
    assert_eq!(other["decision"], false, "{own} {other}");
    let found = list(&pdp, &pep, &[]);
    let [incident] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(incident["failure_mode"], "unintended_action", "{incident}");
    assert_eq!(incident["transaction"], "t-1");
}

#[tokio::test]
async fn an_incident_is_followed_to_its_end_and_nothing_of_it_is_lost_by_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let start =
        || Pdp::start(Options::new(bundle("starter"), data.path())).unwrap_or_else(|error| panic!("{error}"));
    let pep = pep();
    let pdp = start();
    ask(&pdp, &pep, &sends("health")).await;
    let id = list(&pdp, &pep, &[("disclosure", "due")])[0]["id"].as_str().expect("an id").to_owned();
    let go = async |pdp: &Pdp, body: Value| {
        pdp.update_incident(&call(&pep), &id, body.to_string().as_bytes()).await
    };
    let noted = go(&pdp, json!({ "event": "note", "root_cause": "a wrong default" })).await.expect("noted");
    assert_eq!(parsed(&noted)["root_cause"], "a wrong default");
    assert!(
        matches!(go(&pdp, json!({ "event": "disclose" })).await, Err(Fault::BadRequest { .. })),
        "to whom?"
    );
    let told = go(&pdp, json!({ "event": "disclose", "channel": "supervisor, by letter" }))
        .await
        .expect("disclosed");
    assert_eq!(parsed(&told)["disclosure"], "made");
    assert!(matches!(
        go(&pdp, json!({ "event": "disclose", "channel": "again" })).await,
        Err(Fault::Conflict { .. })
    ));
    assert_eq!(list(&pdp, &pep, &[("disclosure", "due")]).len(), 0);
    pdp.stop("restart").await;
    drop(pdp);
    for round in 0..2 {
        if round == 1 {
            std::fs::remove_file(data.path().join("incidents.snapshot")).expect("removes");
        }
        let pdp = start();
        let known = list(&pdp, &pep, &[("status", "ongoing")]);
        assert_eq!((known.len(), &known[0]["root_cause"]), (1, &json!("a wrong default")), "round {round}");
        assert_eq!(pdp.incidents().untold(10).len(), 3, "round {round}: nobody was told yet");
        pdp.stop("restart").await;
    }
    let pdp = start();
    go(&pdp, json!({ "event": "resolve", "note": "fixed" })).await.map(drop).expect("resolved");
    assert!(matches!(
        go(&pdp, json!({ "event": "note", "note": "late" })).await,
        Err(Fault::Conflict { .. })
    ));
    assert_eq!((list(&pdp, &pep, &[("status", "ongoing")]).len(), list(&pdp, &pep, &[]).len()), (0, 1));
    pdp.stop("test").await;
    let events: Vec<_> = read(&data.path().join("ledger"), 0, u64::MAX)
        .filter_map(|it| if let Body::Incident(it) = it.expect("whole").body { Some(it.event) } else { None })
        .collect();
    use IncidentEvent::{Detected, Disclosed, Noted, Resolved};
    assert_eq!(events, [Detected, Noted, Disclosed, Resolved]);
}

#[tokio::test]
async fn what_people_report_is_graded_and_marked_and_cannot_be_forged() {
    let ((pdp, _data), pep) = (pdp(&bundle("starter")), pep());
    let report = async |body: Value| pdp.report_incident(&call(&pep), body.to_string().as_bytes()).await;
    let whole = json!({ "use_case": "onboarding", "description": "A model refused an applicant by postcode.",
        "failure_mode": "bias", "occurred": "2026-05-31T09:00:00Z", "stakeholders": "external", "vendor": "Acme",
        "impact": { "affected": 12, "harm": "serious", "reversible": false } });
    let told = parsed(&report(whole.clone()).await.expect("recorded"));
    assert_eq!((&told["grade"], &told["event"]), (&json!("critical"), &json!("reported")), "{told}");
    assert_eq!((&told["reporter"], &told["occurred"]), (&json!("tests"), &json!("2026-05-31T09:00:00.000Z")));
    let minor = json!({ "use_case": "chat", "description": "A wrong sum.", "impact": { "affected": 10 } });
    let id = parsed(&report(minor).await.expect("recorded"))["id"].as_str().expect("an id").to_owned();
    let mut grades = Vec::new();
    for impact in [json!({ "affected": 10 }), json!({ "reversible": false }), json!({ "reversible": false })]
    {
        let note = json!({ "event": "note", "impact": impact }).to_string();
        let told = parsed(&pdp.update_incident(&call(&pep), &id, note.as_bytes()).await.expect("noted"));
        grades.push(told["grade"].as_str().expect("a grade").to_owned());
    }
    assert_eq!(grades, ["medium", "high", "high"], "what cannot be undone counts once");
    for (member, value) in [
        ("id", json!("mine")),
        ("time", json!("2020-01-01T00:00:00Z")),
        ("reporter", json!("remit")),
        ("grade", json!("low")),
        ("failure_mode", json!("boredom")),
        ("occurred", json!("2027-01-01T00:00:00Z")),
        ("impact", json!({ "affected": -1 })),
        ("description", json!("")),
    ] {
        let mut forged = whole.clone();
        forged[member] = value;
        let refused = report(forged).await.map(drop);
        assert!(matches!(refused, Err(Fault::BadRequest { .. })), "{member}: {refused:?}");
    }
    let nobody = Pep { rights: remit_pdp::Rights { governance: false, ..pep.rights }, ..pep.clone() };
    let refused = pdp.report_incident(&call(&nobody), whole.to_string().as_bytes()).await.map(drop);
    assert!(matches!(refused, Err(Fault::Forbidden { .. })));
    assert_eq!(list(&pdp, &pep, &[]).len(), 2);
}

#[tokio::test]
async fn the_file_of_an_incident_is_checked_by_people_outside_with_a_key_they_know() {
    use remit_pdp::ledger::{Keys, verify_export};
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    ask(&pdp, &pep, &reads("imani")).await;
    ask(&pdp, &pep, &sends("health")).await;
    ask(&pdp, &pep, &reads("imani")).await;
    let id = list(&pdp, &pep, &[])[0]["id"].as_str().expect("an id").to_owned();
    let note = json!({ "event": "note", "note": "looked at" });
    pdp.update_incident(&call(&pep), &id, note.to_string().as_bytes()).await.map(drop).expect("noted");
    pdp.stop("test").await;

    let keys = Keys::read(&data.path().join("ledger.key")).expect("the key");
    let out = data.path().join("file");
    let written = remit_pdp::dossier::write(data.path(), &id, &keys, &out).expect("written");
    assert!(written.policies);
    assert_eq!(written.runs.len(), 3, "the policies, the denial with its incident, the note: {written:?}");
    let mut told = String::new();
    for (first, last) in &written.runs {
        let folder = out.join(format!("records-{first}-{last}"));
        verify_export(&folder, &keys.vkeys()).expect("it is whole");
        told.push_str(&std::fs::read_to_string(folder.join("records.jsonl")).expect("records"));
    }
    assert_eq!(told.lines().count(), 4);
    assert_eq!(told.matches(&id).count(), 2);
    assert!(out.join("policy/clinic.ibac").is_file());
    let form: Value =
        serde_json::from_slice(&std::fs::read(out.join("incident.json")).expect("the form")).expect("JSON");
    assert_eq!(
        (&form["incident"]["note"], &form["incident"]["grade"]),
        (&json!("looked at"), &json!("critical"))
    );
    assert_eq!(remit_pdp::dossier::incidents(data.path()).expect("a list").len(), 1);
    assert!(remit_pdp::dossier::write(data.path(), "none", &keys, &data.path().join("other")).is_err());
}
