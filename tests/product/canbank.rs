//! CanBank, loaded unchanged: the published answers of 70 and 10 pairs, by evaluation and by search.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::running::{bundle, call, json as parsed, pdp, pep};

const USERS: [&str; 10] =
    ["millicent", "leslie", "flo", "alexb", "jeff", "joe", "carol", "rebecca", "roy", "jane"];
const WORKFLOWS: [&str; 7] =
    ["wf1", "wf2", "wf3", "wf3-console", "wf-drive", "wf-drive-analyst", "wf-drive-console"];

/// Who may trigger what; computed apart from Remit from the same data.
fn expected() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    all.insert("millicent", WORKFLOWS.into());
    for user in ["leslie", "flo"] {
        all.insert(user, ["wf1", "wf2"].into());
    }
    for user in ["alexb", "jeff", "joe", "carol", "rebecca", "roy"] {
        all.insert(user, ["wf1"].into());
    }
    all.insert("jane", ["wf2"].into());
    all
}

#[test]
fn twenty_five_dangling_edges_are_admitted_and_counted() {
    let loaded = remit_pdp::bundle::load(&bundle("canbank"), remit_pdp::bundle::Purpose::Serve)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((loaded.report.nodes, loaded.report.edges), (117, 181));
    assert_eq!(loaded.report.dangling_edges, 25);
    let work = tempfile::tempdir().expect("a temporary folder");
    for file in ["canbank.ibac", "nodes.json", "relationships.json"] {
        std::fs::copy(bundle("canbank").join(file), work.path().join(file)).expect("copied");
    }
    let refused = remit_pdp::bundle::load(work.path(), remit_pdp::bundle::Purpose::Serve)
        .expect_err("without the setting dangling edges are refused")
        .to_string();
    assert!(refused.contains("relationships.json") && refused.contains("/relationships/"), "{refused}");
}

#[tokio::test]
async fn eighteen_of_seventy_may_trigger_by_evaluation() {
    let ((pdp, _data), pep) = (pdp(&bundle("canbank")), pep());
    let mut allowed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for user in USERS {
        for workflow in WORKFLOWS {
            let body = json!({
                "subject": { "type": "User", "id": user },
                "action": { "name": "CAN_TRIGGER" },
                "resource": { "type": "Workflow", "id": workflow },
            });
            let reply = pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
            if parsed(&reply) == json!({ "decision": true }) {
                allowed.entry(user).or_default().insert(workflow);
            }
        }
    }
    assert_eq!(allowed, expected());
    assert_eq!(allowed.values().map(BTreeSet::len).sum::<usize>(), 18);
}

#[tokio::test]
async fn searches_find_the_same_eighteen_both_ways() {
    let ((pdp, _data), pep) = (pdp(&bundle("canbank")), pep());
    let expected = expected();
    let action = json!({ "name": "CAN_TRIGGER" });
    for user in USERS {
        let body = json!({
            "subject": { "type": "User", "id": user }, "action": action, "resource": { "type": "Workflow" },
        });
        let reply = pdp.search_resource(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
        let wanted: Vec<_> =
            expected[user].iter().map(|id| json!({ "type": "Workflow", "id": id })).collect();
        assert_eq!(parsed(&reply), json!({ "results": wanted }), "{user}");
    }
    for workflow in WORKFLOWS {
        let body = json!({
            "subject": { "type": "User" }, "action": action, "resource": { "type": "Workflow", "id": workflow },
        });
        let reply = pdp.search_subject(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
        let who: BTreeSet<_> =
            expected.iter().filter(|(_, may)| may.contains(workflow)).map(|(user, _)| user).collect();
        let wanted: Vec<_> = who.into_iter().map(|id| json!({ "type": "User", "id": id })).collect();
        assert_eq!(parsed(&reply), json!({ "results": wanted }), "{workflow}");
    }
}

#[tokio::test]
async fn two_of_ten_may_retrieve_the_quote() {
    let ((pdp, _data), pep) = (pdp(&bundle("canbank")), pep());
    let body = json!({
        "subject": { "type": "User" },
        "action": { "name": "CAN_RETRIEVE" },
        "resource": { "type": "Quote", "id": "stock_quote" },
    });
    let reply = pdp.search_subject(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
    let wanted =
        json!({ "results": [{ "type": "User", "id": "millicent" }, { "type": "User", "id": "roy" }] });
    assert_eq!(parsed(&reply), wanted);
    let mut allowed = BTreeSet::new();
    for user in USERS {
        let mut body = body.clone();
        body["subject"]["id"] = json!(user);
        let reply = pdp.evaluation(&call(&pep), body.to_string().as_bytes()).await.expect("an answer");
        if parsed(&reply)["decision"] == true {
            allowed.insert(user);
        }
    }
    assert_eq!(allowed, BTreeSet::from(["millicent", "roy"]));
}
