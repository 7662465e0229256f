//! Decisions are on record before they are answered, can be asked for, and the log verifies.

use serde_json::{Value, json};

use crate::running::{bundle, call, json as parsed, pdp, pep};

fn question(user: &str, action: &str, record: &str) -> Value {
    json!({
        "subject": { "type": "user", "id": user },
        "action": { "name": action },
        "resource": { "type": "record", "id": record },
    })
}

#[tokio::test]
async fn persons_stand_in_records_under_pseudonyms_and_are_found_by_their_ids() {
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    for user in ["imani", "noor", "imani"] {
        let body = question(user, "read", "ecg-7").to_string();
        pdp.evaluation(&call(&pep), body.as_bytes()).await.map(drop).expect("an answer");
    }
    let agent = json!({ "subject": { "type": "agent", "id": "scribe" }, "action": { "name": "call" },
        "resource": { "type": "tool", "id": "transcriber" } });
    pdp.evaluation(&call(&pep), agent.to_string().as_bytes()).await.map(drop).expect("an answer");
    let ids = async |subject: &str| -> Vec<String> {
        let pairs = [("subject".to_owned(), subject.to_owned())];
        let page = parsed(&pdp.decisions(&call(&pep), &pairs).await.expect("a page"));
        let records = page["decisions"].as_array().expect("records").iter();
        records.map(|it| it["body"]["subject"]["id"].as_str().expect("an id").to_owned()).collect()
    };
    let (imani, noor) = (ids("user:imani").await, ids("user:noor").await);
    assert_eq!((imani.len(), noor.len()), (2, 1));
    assert_eq!(imani[0], imani[1], "one person has one pseudonym");
    assert_ne!(imani[0], noor[0]);
    assert!(imani[0].starts_with('~'), "{}", imani[0]);
    assert_eq!(ids(&format!("user:{}", imani[0])).await, imani, "a pseudonym finds the same");
    assert_eq!(ids("agent:scribe").await, ["scribe"], "agents are no persons");
    pdp.stop("test").await;
    for record in remit_pdp::ledger::read(&data.path().join("ledger"), 0, u64::MAX) {
        let record = record.expect("whole");
        assert!(!record.json().contains("imani") && !record.json().contains("noor"), "{}", record.json());
    }
}

#[tokio::test]
async fn every_answer_is_a_record_and_queries_find_exactly_it() {
    let ((pdp, data), pep) = (pdp(&bundle("starter")), pep());
    let mut ids = Vec::new();
    for (user, action) in [("imani", "read"), ("noor", "read"), ("imani", "write"), ("bea", "read")] {
        let body = question(user, action, "ecg-7").to_string();
        let reply = pdp.evaluation(&call(&pep), body.as_bytes()).await.expect("an answer");
        ids.push(reply.evaluation_id.expect("an id"));
    }
    let batch = json!({
        "subject": { "type": "user", "id": "imani" },
        "resource": { "type": "record", "id": "plan-7" },
        "evaluations": [{ "action": { "name": "read" } }, { "resource": {} }, { "action": { "name": "delete" } }],
    });
    let reply = pdp.evaluations(&call(&pep), batch.to_string().as_bytes()).await.expect("an answer");
    assert_eq!(parsed(&reply)["evaluations"].as_array().map(Vec::len), Some(3));

    let ask = async |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parsed(&pdp.decisions(&call(&pep), &pairs).await.expect("a page"))
    };
    let found = |page: &Value| -> Vec<String> {
        let records = page["decisions"].as_array().expect("records").iter();
        records.map(|record| record["body"]["decision_id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(found(&ask(&[]).await).len(), 7);
    assert_eq!(found(&ask(&[("subject", "user:noor")]).await), [ids[1].clone()]);
    assert_eq!(found(&ask(&[("decision", "allow"), ("action", "write")]).await), [ids[2].clone()]);
    assert_eq!(found(&ask(&[("rule", "clinic.clearance_too_low")]).await), [ids[1].clone(), ids[3].clone()]);
    assert_eq!(found(&ask(&[("reason", "invalid_item")]).await).len(), 1);
    assert_eq!(found(&ask(&[("from", "2026-06-02")]).await), Vec::<String>::new());

    let first = ask(&[("limit", "3")]).await;
    let next = first["page"]["next"].as_str().expect("a cursor").to_owned();
    let mut walked = found(&first);
    walked.extend(found(&ask(&[("limit", "200"), ("after", &next)]).await));
    assert_eq!(walked, found(&ask(&[]).await));

    pdp.stop("test").await;
    let verified = remit_pdp::ledger::verify(&data.path().join("ledger")).expect("the log is whole");
    // the key, start, policy, graph, seven decisions, two of them incidents, stop
    assert_eq!((verified.records, verified.signed), (14, Some(14)));
}

#[tokio::test]
async fn answers_explain_as_far_as_asked_and_allowed() {
    let ((pdp, _data), mut pep) = (pdp(&bundle("starter")), pep());
    let mut body = question("noor", "read", "ecg-7");
    let minimal = pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
    assert_eq!(minimal.body, br#"{"decision":false}"#);

    body["options"] = json!({ "detail": "full" });
    let full = pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
    let context = parsed(&full)["context"].clone();
    assert_eq!(context["reason"], "forbidden");
    assert_eq!(context["reason_user"], "Your clearance is below the record's class");
    assert_eq!(context["evaluated_at"], "2026-06-01T12:00:00Z");
    assert_eq!(
        context["reason_admin"]["layers"],
        json!({ "nothing_forbids": "fails", "subject_may": "holds" })
    );
    assert_eq!(context["reason_admin"]["rules"][0]["rule"], "clinic.clearance_too_low");
    assert_eq!(context["policy_revision"]["revision"], 1);

    pep.rights.detail = remit_pdp::Detail::Minimal;
    let capped = pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
    assert_eq!(capped.body, br#"{"decision":false}"#);
}

#[tokio::test]
async fn rights_are_checked_per_use() {
    let ((pdp, _data), mut pep) = (pdp(&bundle("starter")), pep());
    let body = question("imani", "read", "ecg-7").to_string();
    assert!(pdp.evaluation(&call(&pep), body.as_bytes()).await.is_ok());
    pep.rights.evaluate = false;
    pep.rights.governance = false;
    let refused = pdp.evaluation(&call(&pep), body.as_bytes()).await;
    assert!(matches!(refused, Err(remit_pdp::Fault::Forbidden { .. })), "{refused:?}");
    let refused = pdp.decisions(&call(&pep), &[]).await;
    assert!(matches!(refused, Err(remit_pdp::Fault::Forbidden { .. })), "{refused:?}");
}

#[tokio::test]
async fn pages_of_a_search_belong_to_one_caller_one_query_and_one_revision() {
    let ((pdp, _data), pep) = (pdp(&bundle("records")), pep());
    let mut body = json!({
        "subject": { "type": "user" },
        "action": { "name": "view" },
        "resource": { "type": "record", "id": "101" },
        "page": { "limit": 3 },
    });
    let first = parsed(&pdp.search_subject(&call(&pep), body.to_string().as_bytes()).await.expect("a page"));
    assert_eq!(first["page"]["count"], 3);
    assert_eq!(first["page"]["total"], 4);
    let token = first["page"]["next_token"].clone();
    body["page"] = json!({ "token": token });
    let last = parsed(&pdp.search_subject(&call(&pep), body.to_string().as_bytes()).await.expect("a page"));
    assert_eq!(last["page"]["next_token"], "");
    assert_eq!(last["results"].as_array().map(Vec::len), Some(1));

    let refused = async |body: &Value, pep: &remit_pdp::Pep| {
        let answer = pdp.search_subject(&call(pep), body.to_string().as_bytes()).await;
        assert!(matches!(answer, Err(remit_pdp::Fault::BadRequest { .. })), "{answer:?}");
    };
    let mut other = body.clone();
    other["page"]["limit"] = json!(2);
    refused(&other, &pep).await;
    let mut other = body.clone();
    other["action"]["name"] = json!("edit");
    refused(&other, &pep).await;
    let stranger = remit_pdp::Pep { name: "stranger".into(), ..pep.clone() };
    refused(&body, &stranger).await;

    let mut count = body.clone();
    count["page"] = json!({ "limit": 0 });
    let counted =
        parsed(&pdp.search_subject(&call(&pep), count.to_string().as_bytes()).await.expect("a page"));
    assert_eq!((&counted["results"], &counted["page"]["total"]), (&json!([]), &json!(4)));
    count["page"]["token"] = counted["page"]["next_token"].clone();
    refused(&count, &pep).await;
}
