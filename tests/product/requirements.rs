//! AuthZEN 1.0 by requirement: what only a whole decision point can show, named after the row of the requirement
//! table, and a check that no row is without a test.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use remit_pdp::{Fault, Pdp};
use serde_json::{Value, json};

use crate::running::{bundle, call, json as parsed, pdp, pep, root};

/// Which call of the API.
#[derive(Clone, Copy)]
enum To {
    One,
    Many,
    Subject,
    Resource,
    Action,
}

async fn ask(pdp: &Pdp, to: To, body: &Value) -> Result<Value, Fault> {
    ask_text(pdp, to, &body.to_string()).await
}

async fn ask_text(pdp: &Pdp, to: To, body: &str) -> Result<Value, Fault> {
    let (pep, body) = (pep(), body.as_bytes());
    let call = call(&pep);
    let reply = match to {
        To::One => pdp.evaluation(&call, body).await,
        To::Many => pdp.evaluations(&call, body).await,
        To::Subject => pdp.search_subject(&call, body).await,
        To::Resource => pdp.search_resource(&call, body).await,
        To::Action => pdp.search_action(&call, body).await,
    };
    reply.map(|reply| parsed(&reply))
}

async fn refused(pdp: &Pdp, to: To, body: &Value) {
    let answer = ask(pdp, to, body).await;
    assert!(matches!(answer, Err(Fault::BadRequest { .. })), "{body} was answered {answer:?}");
}

fn fixture() -> (Pdp, tempfile::TempDir) {
    pdp(&bundle("certification"))
}

fn alice_reads() -> Value {
    json!({
        "subject": { "type": "user", "id": "alice" },
        "action": { "name": "read" },
        "resource": { "type": "record", "id": "record-1" },
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent).expect("a parent")[name] = value;
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().expect("an object").remove(name);
    body
}

#[tokio::test]
async fn e_01_and_e_02_parties_are_required_and_context_is_not() {
    let (pdp, _data) = fixture();
    for name in ["subject", "action", "resource"] {
        refused(&pdp, To::One, &without(alice_reads(), name)).await;
    }
    for context in
        [json!({}), json!({ "time": "2024-10-26T01:22-07:00", "deep": { "er": [1] } }), Value::Null]
    {
        let answer = ask(&pdp, To::One, &with(alice_reads(), "/context", context)).await;
        assert_eq!(answer, Ok(json!({ "decision": true })));
    }
    assert_eq!(ask(&pdp, To::One, &alice_reads()).await, Ok(json!({ "decision": true })));
}

#[tokio::test]
async fn e_03_and_e_04_the_answer_is_one_decision_and_a_deny_is_an_answer() {
    let (pdp, _data) = fixture();
    for (pointer, value) in [
        ("/subject/id", "nobody"),
        ("/subject/type", "spaceship"),
        ("/action/name", "fly"),
        ("/resource/id", "nothing"),
        ("/resource/type", "spaceship"),
    ] {
        let answer = ask(&pdp, To::One, &with(alice_reads(), pointer, json!(value))).await;
        assert_eq!(answer, Ok(json!({ "decision": false })), "{pointer}");
    }
}

#[tokio::test]
async fn e_05_the_same_request_gets_the_same_answer() {
    let (pdp, _data) = fixture();
    let batch = with(
        alice_reads(),
        "/evaluations",
        json!([{}, { "action": { "name": "write" } }, { "resource": {} }]),
    );
    let (one, many) = (ask(&pdp, To::One, &alice_reads()).await, ask(&pdp, To::Many, &batch).await);
    for _ in 0..3 {
        assert_eq!(ask(&pdp, To::One, &alice_reads()).await, one);
        assert_eq!(ask(&pdp, To::Many, &batch).await, many, "no id, time or timing in a batch");
    }
}

#[tokio::test]
async fn m_09_and_f_16_reasons_come_only_when_asked_for() {
    let (pdp, _data) = fixture();
    let told = ask(&pdp, To::One, &with(alice_reads(), "/options", json!({ "detail": "reason" })))
        .await
        .expect("told");
    assert_eq!(told["context"]["reason"], "permitted");
    assert_eq!(ask(&pdp, To::One, &alice_reads()).await.expect("told").get("context"), None);
}

#[tokio::test]
async fn m_10_and_f_03_attributes_beside_type_and_id_are_not_seen() {
    let (pdp, _data) = pdp(&bundle("todo"));
    let morty = "CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs";
    let todo = |resource: Value| json!({ "subject": { "type": "user", "id": morty }, "action": { "name": "can_update_todo" }, "resource": resource });
    let owner = "morty@the-citadel.com";
    let seen = todo(json!({ "type": "todo", "id": "1", "properties": { "ownerID": owner } }));
    let beside = todo(json!({ "type": "todo", "id": "1", "ownerID": owner }));
    assert_eq!(ask(&pdp, To::One, &seen).await, Ok(json!({ "decision": true })));
    assert_eq!(ask(&pdp, To::One, &beside).await, Ok(json!({ "decision": false })));
}

#[tokio::test]
async fn b_03_items_do_not_see_each_other() {
    let (pdp, _data) = fixture();
    let item = json!({ "context": { "x": 1 }, "resource": { "type": "record", "id": "record-2", "properties": { "status": "active" } } });
    let batch = with(
        with(alice_reads(), "/action", json!({ "name": "write" })),
        "/evaluations",
        json!([{}, item, {}]),
    );
    let answer = ask(&pdp, To::Many, &batch).await.expect("an answer");
    assert_eq!(
        answer,
        json!({ "evaluations": [{ "decision": true }, { "decision": false }, { "decision": true }] })
    );
}

#[tokio::test]
async fn b_10_b_11_b_12_and_f_15_short_circuits_end_with_their_trigger() {
    let (pdp, _data) = fixture();
    let bob = |names: [&str; 3], semantic: &str| {
        let items: Vec<_> = names.iter().map(|name| json!({ "action": { "name": name } })).collect();
        json!({
            "subject": { "type": "user", "id": "bob" }, "resource": { "type": "record", "id": "record-1" },
            "evaluations": items, "options": { "evaluations_semantic": semantic, "another_option": 1 },
        })
    };
    let (read, write) = ("read", "write");
    for (names, semantic, wanted) in [
        ([read, write, read], "execute_all", &[true, false, true][..]),
        ([read, write, read], "deny_on_first_deny", &[true, false][..]),
        ([read, read, read], "deny_on_first_deny", &[true, true, true][..]),
        ([write, read, write], "permit_on_first_permit", &[false, true][..]),
        ([write, write, write], "permit_on_first_permit", &[false, false, false][..]),
    ] {
        let wanted: Vec<_> = wanted.iter().map(|it| json!({ "decision": it })).collect();
        let answer = ask(&pdp, To::Many, &bob(names, semantic)).await;
        assert_eq!(answer, Ok(json!({ "evaluations": wanted })), "{semantic} {names:?}");
    }
}

#[tokio::test]
async fn b_13_b_14_and_f_14_an_item_fails_alone_and_a_payload_as_a_whole() {
    let (pdp, _data) = fixture();
    let batch = with(
        without(alice_reads(), "resource"),
        "/evaluations",
        json!([alice_reads(), {}, { "resource": "x" }]),
    );
    let answer = ask(&pdp, To::Many, &batch).await.expect("an answer");
    let decisions: Vec<_> =
        answer["evaluations"].as_array().expect("items").iter().map(|it| &it["decision"]).collect();
    assert_eq!(decisions, [&json!(true), &json!(false), &json!(false)]);
    assert_eq!(answer["evaluations"][1]["context"]["error"]["status"], 400);
    for whole in
        [json!([]), json!({ "evaluations": {} }), json!({ "evaluations": [1] }), json!({ "evaluations": [] })]
    {
        refused(&pdp, To::Many, &whole).await;
    }
}

/// Every search of a fixture, with the question that evaluation gets for one candidate.
fn searches() -> Vec<(To, Value)> {
    let user = |id: &str| json!({ "type": "user", "id": id });
    let record = |id: &str| json!({ "type": "record", "id": id });
    let mut all = Vec::new();
    for action in ["view", "edit", "delete"] {
        let action = json!({ "name": action });
        for id in ["101", "104", "110", "120", "999"] {
            all.push((
                To::Subject,
                json!({ "subject": { "type": "user" }, "action": action, "resource": record(id) }),
            ));
        }
        for id in ["alice", "bob", "felix", "nobody"] {
            all.push((
                To::Resource,
                json!({ "subject": user(id), "action": action, "resource": { "type": "record" } }),
            ));
        }
    }
    all
}

#[tokio::test]
async fn s_01_s_02_and_s_03_results_are_exactly_what_evaluation_allows() {
    let (pdp, _data) = pdp(&bundle("records"));
    for (to, question) in searches() {
        let found = ask(&pdp, to, &question).await.expect("an answer");
        let found: BTreeSet<String> =
            found["results"].as_array().expect("results").iter().map(ToString::to_string).collect();
        let (side, all) = match to {
            To::Subject => {
                ("subject", ["alice", "bob", "carol", "dan", "erin", "felix"].map(String::from).to_vec())
            }
            _ => ("resource", (101..=120).map(|id| id.to_string()).collect()),
        };
        let mut allowed = BTreeSet::new();
        for id in all {
            let entity = json!({ "type": question[side]["type"], "id": id });
            let single = with(question.clone(), &format!("/{side}"), entity.clone());
            if ask(&pdp, To::One, &single).await == Ok(json!({ "decision": true })) {
                allowed.insert(entity.to_string());
            }
        }
        assert_eq!(found, allowed, "{question}");
    }
}

#[tokio::test]
async fn s_05_and_f_21_context_and_stray_members_do_not_change_a_search() {
    let (pdp, _data) = fixture();
    let question = json!({
        "subject": { "type": "user" }, "action": { "name": "read" }, "resource": { "type": "record", "id": "record-1" },
    });
    let plain = ask(&pdp, To::Subject, &question).await.expect("an answer");
    assert_eq!(plain["results"].as_array().map(Vec::len), Some(2));
    for changed in [
        with(question.clone(), "/context", json!({ "ip": "10.0.0.1" })),
        with(question.clone(), "/subject/id", json!("alice")),
        with(question.clone(), "/page", json!({ "customAttr": 1 })),
    ] {
        assert_eq!(ask(&pdp, To::Subject, &changed).await.as_ref(), Ok(&plain), "{changed}");
    }
    let actions = json!({ "subject": { "type": "user", "id": "alice" }, "resource": { "type": "record", "id": "record-1" } });
    let plain = ask(&pdp, To::Action, &actions).await;
    assert_eq!(
        plain,
        Ok(json!({ "results": [{ "name": "read" }, { "name": "write" }] })),
        "f_22: delete needs a property"
    );
    assert_eq!(ask(&pdp, To::Action, &with(actions, "/action", json!({ "name": "delete" }))).await, plain);
}

#[tokio::test]
async fn s_10_and_f_08_nothing_found_is_an_empty_list() {
    let (pdp, _data) = fixture();
    let subject = json!({ "subject": { "type": "spaceship" }, "action": { "name": "read" }, "resource": { "type": "record", "id": "record-1" } });
    let resource = json!({ "subject": { "type": "user", "id": "nobody" }, "action": { "name": "fly" }, "resource": { "type": "record" } });
    let action =
        json!({ "subject": { "type": "user", "id": "nobody" }, "resource": { "type": "x", "id": "y" } });
    for (to, body) in [(To::Subject, subject), (To::Resource, resource), (To::Action, action)] {
        assert_eq!(ask(&pdp, to, &body).await, Ok(json!({ "results": [] })), "{body}");
    }
}

#[tokio::test]
async fn s_11_and_f_23_stored_attributes_count_and_properties_of_the_searched_entity_do_not() {
    let (pdp, _data) = fixture();
    let archived = json!({ "type": "record", "id": "record-2", "properties": { "status": "archived" } });
    let question =
        json!({ "subject": { "type": "user" }, "action": { "name": "write" }, "resource": archived });
    let bob = Ok(json!({ "results": [{ "type": "user", "id": "bob" }] }));
    assert_eq!(ask(&pdp, To::Subject, &question).await, bob, "bob's stored role counts");
    let asserted = with(question, "/subject/properties", json!({ "role": "admin" }));
    assert_eq!(ask(&pdp, To::Subject, &asserted).await, bob, "nobody becomes admin by being asked about");
}

#[tokio::test]
async fn f_24_the_stored_role_does_not_open_active_records() {
    let (pdp, _data) = fixture();
    let bob = |record: &str| json!({ "subject": { "type": "user", "id": "bob" }, "action": { "name": "write" }, "resource": { "type": "record", "id": record } });
    assert_eq!(ask(&pdp, To::One, &bob("record-1")).await, Ok(json!({ "decision": false })));
    assert_eq!(ask(&pdp, To::One, &bob("record-2")).await, Ok(json!({ "decision": true })));
}

#[tokio::test]
async fn p_01_p_02_p_04_p_11_and_p_12_a_walk_gives_everything_once() {
    let (pdp, _data) = pdp(&bundle("records"));
    let question = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" }, "resource": { "type": "record" } });
    let whole = ask(&pdp, To::Resource, &question).await.expect("an answer");
    assert_eq!(whole.get("page"), None, "an answer that is complete and was not asked in pages has no page");
    let mut walked = Vec::new();
    let mut page = json!({ "limit": 3 });
    for _ in 0..100 {
        let answer = ask(&pdp, To::Resource, &with(question.clone(), "/page", page)).await.expect("a page");
        let results = answer["results"].as_array().expect("results").clone();
        assert_eq!(answer["page"]["count"], results.len());
        assert_eq!(answer["page"]["total"], 20);
        walked.extend(results);
        let token = answer["page"]["next_token"].as_str().expect("a string, always").to_owned();
        if token.is_empty() {
            break;
        }
        page = json!({ "token": token, "limit": 3 });
    }
    assert_eq!(&json!(walked), &whole["results"]);
}

#[tokio::test]
async fn p_06_and_p_08_a_token_belongs_to_its_walk() {
    let (pdp, _data) = pdp(&bundle("records"));
    let question = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" }, "resource": { "type": "record" } });
    let first = ask(&pdp, To::Resource, &with(question.clone(), "/page", json!({ "limit": 3 })))
        .await
        .expect("a page");
    let token = first["page"]["next_token"].clone();
    let next = with(question.clone(), "/page", json!({ "token": token }));
    assert!(ask(&pdp, To::Resource, &next).await.is_ok(), "an absent limit is accepted");
    refused(&pdp, To::Resource, &with(next.clone(), "/page/limit", json!(4))).await;
    refused(&pdp, To::Resource, &with(next.clone(), "/subject/id", json!("bob"))).await;
    refused(&pdp, To::Resource, &with(next.clone(), "/context", json!({ "a": 1 }))).await;
    for forged in ["x", "00", "a".repeat(64).as_str()] {
        refused(&pdp, To::Resource, &with(next.clone(), "/page/token", json!(forged))).await;
    }
}

#[tokio::test]
async fn p_07_a_walk_over_changed_data_begins_anew() {
    let work = tempfile::tempdir().expect("folder");
    for file in ["records.ibac", "graph.json"] {
        std::fs::copy(bundle("records").join(file), work.path().join(file)).expect("copied");
    }
    let (pdp, _data) = pdp(work.path());
    let question = json!({
        "subject": { "type": "user", "id": "alice" }, "action": { "name": "view" }, "resource": { "type": "record" }, "page": { "limit": 3 },
    });
    let token = ask(&pdp, To::Resource, &question).await.expect("a page")["page"]["next_token"].clone();
    let graph = std::fs::read_to_string(work.path().join("graph.json")).expect("read");
    std::fs::write(work.path().join("graph.json"), graph.replace("\"Hamlet\"", "\"Amleto\""))
        .expect("written");
    assert!(pdp.reload().await.expect("reloads").changed);
    refused(&pdp, To::Resource, &with(question.clone(), "/page", json!({ "token": token }))).await;
    assert!(ask(&pdp, To::Resource, &question).await.is_ok());
}

#[tokio::test]
async fn f_06_f_07_and_f_10_duplicates_and_numeric_ids_are_refused() {
    let (pdp, _data) = fixture();
    let text = alice_reads().to_string();
    for bad in [
        text.replacen("{\"action\"", "{\"action\":{\"name\":\"read\"},\"action\"", 1),
        text.replacen("\"name\":\"read\"", "\"name\":\"read\",\"properties\":{\"a\":1,\"\\u0061\":2}", 1),
        text.replacen("\"alice\"", "1", 1),
        text.replacen("\"alice\"", "\"\\ud800\"", 1),
        text.replacen("}", ",\"properties\":{\"n\":1e400}}", 1),
    ] {
        let answer = ask_text(&pdp, To::One, &bad).await;
        assert!(matches!(answer, Err(Fault::BadRequest { .. })), "{bad}: {answer:?}");
    }
    assert!(ask_text(&pdp, To::One, &text).await.is_ok());
}

#[tokio::test]
async fn c_03_what_the_pep_says_counts_only_where_the_schema_lets_it() {
    let (pdp, _data) = pdp(&bundle("records"));
    let dan = json!({
        "subject": { "type": "user", "id": "felix", "properties": { "role": "manager", "department": "Legal" } },
        "action": { "name": "view" }, "resource": { "type": "record", "id": "101" },
    });
    assert_eq!(
        ask(&pdp, To::One, &dan).await,
        Ok(json!({ "decision": false })),
        "roles come from the graph alone"
    );
}

/// Rows without a test, and why: duties of the client, registry facts, and what is not offered.
const NOT_OURS: &[(&str, &str)] = &[
    ("t_01", "every test of conformance/clients runs over TLS"),
    ("t_07", "a duty of the client; conformance/clients shows discovery on and off"),
    ("t_10", "a rule of design: our extensions only add"),
    ("m_07", "a duty of the client"),
    ("m_08", "a duty of the client"),
    ("p_13", "a duty of the client"),
    ("d_09", "signed metadata is optional and not offered yet"),
    ("d_12", "a duty of the client; nothing is signed yet"),
    ("d_14", "a registry fact; the path is that of d_02"),
    ("d_15", "a registry fact"),
    ("r_03", "a recommendation about other carriers"),
    ("c_04", "optional and without a format"),
    ("c_06", "advice on trust; caching is d_13"),
];

/// Section of the requirement table and how many rows it has.
const SECTIONS: [(char, u32); 10] = [
    ('t', 15),
    ('m', 10),
    ('e', 5),
    ('b', 16),
    ('s', 12),
    ('p', 13),
    ('d', 15),
    ('x', 5),
    ('r', 3),
    ('c', 7),
];

fn test_names(folder: &Path, names: &mut String) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() && !path.ends_with("target") {
            test_names(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("readable");
            let tests = text.lines().filter_map(|line| line.trim().split_once("fn ").map(|(_, rest)| rest));
            for name in tests.filter_map(|rest| rest.split_once('(').map(|(name, _)| name)) {
                names.push('_');
                names.push_str(name);
                names.push('_');
            }
        }
    }
}

#[test]
fn every_row_of_the_requirement_table_has_a_test_or_a_reason() {
    let mut names = String::new();
    for folder in ["crates", "tests", "conformance"] {
        test_names(&root().join(folder), &mut names);
    }
    let excused: HashSet<&str> = NOT_OURS.iter().map(|(id, _)| *id).collect();
    let rows =
        SECTIONS.iter().flat_map(|(section, last)| (1..=*last).map(move |row| format!("{section}_{row:02}")));
    let (mut bare, mut idle) = (Vec::new(), Vec::new());
    for id in rows {
        let tested = names.contains(&format!("_{id}_"));
        if !tested && !excused.contains(id.as_str()) {
            bare.push(id);
        } else if tested && excused.contains(id.as_str()) {
            idle.push(id);
        }
    }
    assert!(bare.is_empty(), "rows without a test: {bare:?}");
    assert!(idle.is_empty(), "rows with a test that are excused all the same: {idle:?}");
}
