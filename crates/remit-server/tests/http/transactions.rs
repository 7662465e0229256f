//! Agents, intents and transactions over HTTP: opened, stepped through, narrowed, revoked, restored after a restart.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::client::{Answer, Ask};
use crate::fixture::{POWERLESS, Running};

fn bundle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/agents")
}

async fn post(server: &Running, path: &str, body: &Value) -> Answer {
    server.ask(Ask::post(path, &body.to_string())).await
}

async fn opened(server: &Running, body: &Value) -> String {
    let answer = post(server, "/ibac/v1/transactions", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["transaction"].as_str().expect("an id").to_owned()
}

fn pay_invoice() -> Value {
    json!({ "subject": { "type": "user", "id": "tara" }, "intent": { "template": "bank.pay_invoice" } })
}

/// A step of an agent for tara in a transaction, with everything told.
fn step(agent: &str, txn: &str, action: &str, amount: Option<u32>, resource: (&str, &str)) -> Value {
    let mut asked = json!({
        "subject": { "type": "user", "id": "tara" },
        "action": { "name": action },
        "resource": { "type": resource.0, "id": resource.1 },
        "context": { "act": { "sub": agent }, "txn": txn, "tool": "ledger" },
        "options": { "detail": "full" },
    });
    if let Some(amount) = amount {
        asked["action"]["properties"] = json!({ "amount": amount });
    }
    asked
}

/// Decision and reason of a step.
async fn ask(server: &Running, question: &Value) -> (bool, String) {
    let answer = post(server, "/access/v1/evaluation", question).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    (told["decision"] == true, told["context"]["reason"].as_str().unwrap_or_default().to_owned())
}

fn no(reason: &str) -> (bool, String) {
    (false, reason.to_owned())
}

fn yes() -> (bool, String) {
    (true, "permitted".to_owned())
}

#[tokio::test]
async fn an_invoice_is_paid_once_in_order_and_to_its_supplier_only() {
    let server = Running::over(&bundle(), |_| {}).await;
    let txn = opened(&server, &pay_invoice()).await;
    let look = step("invoicer", &txn, "read", None, ("invoice", "inv-1"));
    let pay = |amount, to| step("invoicer", &txn, "transfer", Some(amount), ("account", to));
    assert_eq!(ask(&server, &pay(1200, "acme-1")).await, no("task_out_of_order"));
    assert_eq!(ask(&server, &look).await, yes());
    assert!(!ask(&server, &pay(1200, "mule-9")).await.0, "not the supplier's account");
    assert!(!ask(&server, &pay(1300, "acme-1")).await.0, "not the invoice's amount");
    assert_eq!(ask(&server, &pay(1200, "acme-1")).await, yes());
    assert_eq!(ask(&server, &pay(1200, "acme-1")).await, no("task_repeated"));
    let told = server.ask(Ask::get(&format!("/ibac/v1/transactions/{txn}"))).await.json();
    assert_eq!(told["steps"].as_array().map(Vec::len), Some(2), "{told}");
    assert_eq!((&told["status"], &told["template"]), (&json!("open"), &json!("bank.pay_invoice")));
}

#[tokio::test]
async fn only_agents_that_own_the_skill_and_the_tool_act() {
    let server = Running::over(&bundle(), |_| {}).await;
    let txn = opened(&server, &pay_invoice()).await;
    let by = |agent: &str| step(agent, &txn, "read", None, ("invoice", "inv-1"));
    assert_eq!(ask(&server, &by("talker")).await, no("tool_not_in_skill"));
    assert_eq!(ask(&server, &by("retired")).await, no("chain_agent_disabled"));
    assert_eq!(ask(&server, &by("nobody")).await, no("chain_unknown_agent"));
    let mut swapped = by("invoicer");
    swapped["context"]["tool_hash"] = json!("bb22");
    assert_eq!(ask(&server, &swapped).await, no("tool_fingerprint_changed"));
    swapped["context"]["tool_hash"] = json!("aa11");
    assert_eq!(ask(&server, &swapped).await, yes());
    let mut looped = by("invoicer");
    looped["context"]["act"] =
        json!({ "sub": "invoicer", "act": { "sub": "talker", "act": { "sub": "invoicer" } } });
    assert_eq!(ask(&server, &looped).await, no("chain_loop"));
}

#[tokio::test]
async fn a_stated_intent_bounds_arguments_and_traces_them_to_what_was_reported() {
    let server = Running::over(&bundle(), |_| {}).await;
    let intent = json!({ "tasks": [
        { "name": "look", "actions": ["read"], "resource": { "type": "invoice" } },
        { "name": "pay", "actions": ["transfer"], "resource": { "type": "account" }, "after": ["look"],
          "arguments": { "amount": { "at_most": 2000, "origins": [{ "result": "look", "path": "total" }] } },
          "budgets": { "amount": 2000 } },
    ] });
    let body = json!({ "subject": { "type": "user", "id": "tara" }, "intent": intent, "txn": "t-1", "expires_in_s": 60 });
    let txn = opened(&server, &body).await;
    assert_eq!(txn, "t-1");
    assert_eq!(post(&server, "/ibac/v1/transactions", &body).await.status, 409);
    let pay = step("invoicer", &txn, "transfer", Some(1200), ("account", "acme-1"));
    let look =
        post(&server, "/access/v1/evaluation", &step("invoicer", &txn, "read", None, ("invoice", "inv-1")))
            .await;
    let evaluation_id = look.header("remit-evaluation-id").to_owned();
    assert_eq!(ask(&server, &pay).await, no("argument_origin_unknown"));
    let outcomes = format!("/ibac/v1/transactions/{txn}/outcomes");
    let report = |id: &str| json!({ "evaluation_id": id, "fields": [{ "path": "", "value": { "total": 1200, "lines": [1, 2] } }] });
    assert_eq!(post(&server, &outcomes, &report("other")).await.status, 400);
    assert_eq!(post(&server, &outcomes, &report(&evaluation_id)).await.status, 204);
    assert_eq!(ask(&server, &pay).await, yes());
    assert_eq!(ask(&server, &pay).await, no("budget_exceeded"));
}

#[tokio::test]
async fn what_was_reported_under_the_key_is_compared_without_being_known() {
    use remit_pdp::OutcomeKey;
    let content = b"a key of outcomes that is long enough\n";
    let (key, other) =
        (OutcomeKey::new(content).expect("a key"), OutcomeKey::new(&[7; 32]).expect("another"));
    let server = Running::with(&bundle(), |options| options.outcome_key = Some(key.clone()), |_| {}).await;
    let intent = json!({ "tasks": [
        { "name": "look", "actions": ["read"], "resource": { "type": "invoice" } },
        { "name": "pay", "actions": ["transfer"], "resource": { "type": "account" },
          "arguments": { "amount": { "origins": [{ "result": "look", "path": "total" }] } } },
    ] });
    let body = json!({ "subject": { "type": "user", "id": "tara" }, "intent": intent });
    let txn = opened(&server, &body).await;
    let look = step("invoicer", &txn, "read", None, ("invoice", "inv-1"));
    let look = post(&server, "/access/v1/evaluation", &look).await;
    let pay = |amount| step("invoicer", &txn, "transfer", Some(amount), ("account", "acme-1"));
    let report = async |keyed: &str, key_id: &str| {
        let fields = json!([{ "path": "total", "keyed": keyed }]);
        let body = json!({ "evaluation_id": look.header("remit-evaluation-id"), "fields": fields, "key_id": key_id });
        post(&server, &format!("/ibac/v1/transactions/{txn}/outcomes"), &body).await.status
    };
    let told = server.ask(Ask::get(&format!("/ibac/v1/transactions/{txn}"))).await.json();
    assert_eq!(told["outcome_key"], key.id());
    assert_eq!(report(&key.hash("1200"), other.id()).await, 400, "of another key");
    assert_eq!(report("1200", key.id()).await, 400, "no hash at all");
    assert_eq!(ask(&server, &pay(1200)).await, no("argument_origin_unknown"));
    assert_eq!(report(&key.hash("1200"), key.id()).await, 204);
    assert_eq!(ask(&server, &pay(1200)).await, yes());
    assert_eq!(ask(&server, &pay(1201)).await, no("argument_origin_unknown"));
    // Without a key nothing keyed is taken.
    let keyless = Running::over(&bundle(), |_| {}).await;
    let txn = opened(&keyless, &body).await;
    let look = step("invoicer", &txn, "read", None, ("invoice", "inv-1"));
    let look = post(&keyless, "/access/v1/evaluation", &look).await;
    let fields =
        |field: Value| json!({ "evaluation_id": look.header("remit-evaluation-id"), "fields": [field] });
    let path = format!("/ibac/v1/transactions/{txn}/outcomes");
    let keyed = post(&keyless, &path, &fields(json!({ "path": "total", "keyed": key.hash("1200") }))).await;
    assert_eq!(keyed.status, 400, "{}", keyed.text());
    assert_eq!(post(&keyless, &path, &fields(json!({ "path": "total", "value": 1200 }))).await.status, 204);
}

#[tokio::test]
async fn a_search_with_agents_finds_what_evaluation_allows() {
    let server = Running::over(&bundle(), |_| {}).await;
    let txn = opened(&server, &pay_invoice()).await;
    let found = async |kind: &str, agent: &str, body: Value| {
        let mut asked = json!({ "subject": { "type": "user", "id": "tara" },
            "context": { "act": { "sub": agent }, "txn": txn, "tool": "ledger" } });
        asked.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
        let answer = post(&server, &format!("/access/v1/search/{kind}"), &asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let results = answer.json()["results"].as_array().expect("results").clone();
        let named = |it: &Value| it["id"].as_str().or(it["name"].as_str()).unwrap_or_default().to_owned();
        results.iter().map(named).collect::<Vec<_>>()
    };
    let accounts = |amount: u32| json!({ "action": { "name": "transfer", "properties": { "amount": amount } }, "resource": { "type": "account" } });
    let invoices = || json!({ "action": { "name": "read" }, "resource": { "type": "invoice" } });
    let doable = |kind: &str, id: &str| json!({ "resource": { "type": kind, "id": id } });
    // The task asks for approved invoices; paying comes later.
    assert_eq!(found("resource", "invoicer", invoices()).await, ["inv-1"]);
    assert_eq!(found("action", "invoicer", doable("invoice", "inv-1")).await, ["read"]);
    assert!(found("resource", "invoicer", accounts(1200)).await.is_empty());
    // Who may not act finds nothing.
    for agent in ["talker", "retired", "nobody"] {
        assert!(found("resource", agent, invoices()).await.is_empty(), "{agent}");
    }
    let look = step("invoicer", &txn, "read", None, ("invoice", "inv-1"));
    assert_eq!(ask(&server, &look).await, yes());
    assert_eq!(found("resource", "invoicer", accounts(1200)).await, ["acme-1"]);
    assert!(found("resource", "invoicer", accounts(1300)).await.is_empty());
    // Finding takes nothing from the transaction: the one transfer is still to be had.
    let pay = step("invoicer", &txn, "transfer", Some(1200), ("account", "acme-1"));
    assert_eq!(ask(&server, &pay).await, yes());
    assert!(found("resource", "invoicer", accounts(1200)).await.is_empty());
    // Who acts for those that are found is not known beforehand: such a search finds nobody.
    let whom = json!({ "subject": { "type": "user" }, "action": { "name": "read" }, "resource": { "type": "invoice", "id": "inv-1" } });
    assert!(found("subject", "invoicer", whom.clone()).await.is_empty());
    let plain = json!({ "subject": { "type": "user" }, "action": { "name": "read" },
        "resource": { "type": "invoice", "id": "inv-1" } });
    let answer = post(&server, "/access/v1/search/subject", &plain).await;
    assert_eq!(answer.json()["results"][0]["id"], "tara");
}

#[tokio::test]
async fn a_child_may_only_narrow_and_ends_with_its_parent() {
    let server = Running::over(&bundle(), |_| {}).await;
    let tasks = |most: u32| {
        json!({ "tasks": [{ "name": "pay", "actions": ["transfer"], "resource": { "type": "account" },
        "arguments": { "amount": { "at_most": most } } }] })
    };
    let parent =
        opened(&server, &json!({ "subject": { "type": "user", "id": "tara" }, "intent": tasks(100) })).await;
    let narrow = format!("/ibac/v1/transactions/{parent}/narrow");
    let wider = post(&server, &narrow, &json!({ "intent": tasks(1000) })).await;
    assert_eq!(wider.status, 403, "{}", wider.text());
    assert_eq!(wider.json()["reason"], "intent_widened");
    assert!(wider.json()["field"].as_str().is_some_and(|field| field.contains("amount")), "{}", wider.text());
    let child = post(&server, &narrow, &json!({ "intent": tasks(10) })).await;
    assert_eq!(child.status, 201, "{}", child.text());
    let child = child.json()["transaction"].as_str().expect("an id").to_owned();
    let pay = |txn: &str, amount| step("invoicer", txn, "transfer", Some(amount), ("account", "acme-1"));
    assert_eq!(ask(&server, &pay(&child, 10)).await, yes());
    assert!(!ask(&server, &pay(&child, 11)).await.0);
    assert_eq!(ask(&server, &pay(&parent, 11)).await, yes());
    assert_eq!(
        post(&server, &format!("/ibac/v1/transactions/{parent}/revoke"), &json!({})).await.status,
        204
    );
    assert_eq!(ask(&server, &pay(&child, 10)).await, no("transaction_revoked"));
    assert_eq!(ask(&server, &pay(&parent, 10)).await, no("transaction_revoked"));
    assert_eq!(ask(&server, &pay("never", 10)).await, no("transaction_unknown"));
}

#[tokio::test]
async fn two_calls_at_once_never_both_take_the_last_unit() {
    let server = std::sync::Arc::new(Running::over(&bundle(), |_| {}).await);
    let intent = json!({ "tasks": [{ "name": "pay", "actions": ["transfer"], "resource": { "type": "account" },
        "at_most": 3, "budgets": { "amount": 25 } }] });
    let txn =
        opened(&server, &json!({ "subject": { "type": "user", "id": "tara" }, "intent": intent })).await;
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let (server, pay) =
                (server.clone(), step("invoicer", &txn, "transfer", Some(10), ("account", "acme-1")));
            tokio::spawn(async move { ask(&server, &pay).await })
        })
        .collect();
    let mut allowed = 0;
    for call in calls {
        allowed += usize::from(call.await.expect("answered").0);
    }
    assert_eq!(allowed, 2);
}

#[tokio::test]
async fn who_may_not_assert_may_neither_open_nor_name_a_chain() {
    let server = Running::over(&bundle(), |config| {
        config.peps[1].evaluate = true;
    })
    .await;
    let address = server.address;
    let refused = |ask: Ask| async move {
        ask.header("authorization", format!("Bearer {POWERLESS}")).send(address).await
    };
    let open = Ask::post("/ibac/v1/transactions", &pay_invoice().to_string());
    assert_eq!(refused(open).await.status, 403);
    let plain = json!({ "subject": { "type": "user", "id": "tara" }, "action": { "name": "read" },
        "resource": { "type": "invoice", "id": "inv-1" }, "context": { "act": { "sub": "invoicer" } } });
    assert_eq!(refused(Ask::post("/access/v1/evaluation", &plain.to_string())).await.status, 403);
    let mut bare = plain.clone();
    bare["context"] = json!({});
    assert_eq!(refused(Ask::post("/access/v1/evaluation", &bare.to_string())).await.status, 200);
}

#[tokio::test]
async fn a_token_of_nobody_we_know_is_a_deny_and_a_malformed_list_is_a_bad_request() {
    let server = Running::over(&bundle(), |_| {}).await;
    let with = |tokens: Value| {
        json!({ "subject": { "type": "user", "id": "tara" }, "action": { "name": "read" },
            "resource": { "type": "invoice", "id": "inv-1" }, "context": { "tokens": tokens },
            "options": { "detail": "full" } })
    };
    let token = json!([{ "type": "urn:ietf:params:oauth:token-type:access_token", "token": "a.b.c" }]);
    assert_eq!(ask(&server, &with(token)).await, no("token_invalid"));
    for malformed in
        [json!([]), json!({}), json!([{ "type": "x" }]), json!([{ "type": "x", "token": "y", "odd": 1 }])]
    {
        let answer = post(&server, "/access/v1/evaluation", &with(malformed.clone())).await;
        assert_eq!(answer.status, 400, "{malformed}: {}", answer.text());
        assert!(answer.json()["pointer"].as_str().is_some_and(|it| it.starts_with("/context/tokens")));
    }
}

#[tokio::test]
async fn transactions_outlive_the_process_with_and_without_a_snapshot() {
    use remit_pdp::{Call, Options, Pdp, Pep, Rights};
    let data = tempfile::tempdir().expect("a folder");
    let start = || Pdp::start(Options::new(bundle(), data.path())).expect("starts");
    let pep = Pep::new("gate", Rights::all());
    let call = Call { pep: &pep, request_id: None };
    let pay = |amount| step("invoicer", "t-1", "transfer", Some(amount), ("account", "acme-1")).to_string();
    let decided = |reply: remit_pdp::Reply| {
        let told: Value = serde_json::from_slice(&reply.body).expect("JSON");
        (told["decision"] == true, told["context"]["reason"].as_str().unwrap_or_default().to_owned())
    };
    let pdp = start();
    let intent = json!({ "tasks": [{ "name": "pay", "actions": ["transfer"], "resource": { "type": "account" },
        "budgets": { "amount": 100 } }] });
    let open = json!({ "subject": { "type": "user", "id": "tara" }, "intent": intent, "txn": "t-1" });
    pdp.open_transaction(&call, open.to_string().as_bytes()).await.map(drop).expect("opens");
    assert_eq!(decided(pdp.evaluation(&call, pay(60).as_bytes()).await.expect("answers")), yes());
    pdp.stop("restart").await;
    drop(pdp);
    let snapshot = data.path().join("transactions.snapshot");
    assert!(snapshot.is_file());
    // With the snapshot, with a damaged one, and from the ledger alone.
    for round in 0..3 {
        match round {
            0 => {}
            1 => std::fs::write(&snapshot, b"{\"records\":1,\"sha256\":\"00\"}\n{}").expect("writes"),
            _ => std::fs::remove_file(&snapshot).expect("removes"),
        }
        let pdp = start();
        let over = decided(pdp.evaluation(&call, pay(60).as_bytes()).await.expect("answers"));
        assert_eq!(over, no("budget_exceeded"), "round {round}");
        let within = decided(pdp.evaluation(&call, pay(10).as_bytes()).await.expect("answers"));
        assert_eq!(within, yes(), "round {round}");
        pdp.stop("restart").await;
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_is_a_recorded_fault_and_no_decision() {
    use remit_identity::{IdentityConfig, IssuerConfig, KeySource, Profile};
    use remit_pdp::{Call, Fault, Options, Pdp, Pep, Rights};
    let data = tempfile::tempdir().expect("a folder");
    let mut options = Options::new(bundle(), data.path());
    // The keys are behind a URL, and nothing fetches.
    let keys = KeySource::Url("https://login.example/jwks.json".to_owned());
    let issuer = IssuerConfig::new("https://login.example", &[Profile::AccessToken], &["pdp"], keys);
    options.identity = IdentityConfig { issuers: vec![issuer], ..IdentityConfig::default() };
    let pdp = Pdp::start(options).expect("starts");
    let pep = Pep::new("gate", Rights::all());
    let call = Call { pep: &pep, request_id: Some("r-1") };
    // {"alg":"ES256","typ":"at+jwt","kid":"k"} and {"iss":"https://login.example"}, with any signature.
    let token = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsifQ.\
                 eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUifQ.AAAA";
    let question = json!({ "subject": { "type": "user", "id": "tara" }, "action": { "name": "read" },
        "resource": { "type": "invoice", "id": "inv-1" },
        "context": { "tokens": [{ "type": "urn:ietf:params:oauth:token-type:access_token", "token": token }] } });
    let fault =
        pdp.evaluation(&call, question.to_string().as_bytes()).await.map(drop).expect_err("no decision");
    assert!(matches!(fault, Fault::Unavailable { .. }), "{fault:?}");
    pdp.stop("end").await;
    let faults = remit_pdp::ledger::read(&data.path().join("ledger"), 0, u64::MAX)
        .map(|record| record.expect("whole"))
        .filter(|record| matches!(&record.body, remit_pdp::ledger::Body::Fault(it) if it.request_id.as_deref() == Some("r-1")));
    assert_eq!(faults.count(), 1);
}

#[tokio::test]
async fn an_intent_that_no_skill_can_fulfil_is_not_opened() {
    let server = Running::over(&bundle(), |_| {}).await;
    let open = |tool: &str| {
        json!({ "subject": { "type": "user", "id": "tara" }, "intent": { "tasks": [
            { "name": "send", "actions": ["call"], "resource": { "type": "tool", "id": tool } } ] } })
    };
    let refused = post(&server, "/ibac/v1/transactions", &open("teleporter")).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let told = refused.json();
    assert_eq!((&told["reason"], &told["field"]), (&json!("skill_missing"), &json!("tasks.send")));
    let opened = post(&server, "/ibac/v1/transactions", &open("mailer")).await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    let nothing = json!({ "subject": { "type": "user", "id": "tara" }, "intent": { "tasks": [
        { "name": "idle", "actions": ["call"], "resource": { "one_of": [] } } ] } });
    assert_eq!(post(&server, "/ibac/v1/transactions", &nothing).await.status, 201);
}

#[tokio::test]
async fn a_proof_of_possession_counts_once_for_a_call_and_holds_for_all_its_items() {
    use remit_identity::{IdentityConfig, IssuerConfig, KeySource, Profile};
    use remit_pdp::{Call, Clock, Options, Pdp, Pep, Rights};
    let drafts: Value =
        serde_json::from_str(include_str!("../../../remit-identity/tests/data/drafts/drafts.json"))
            .expect("JSON");
    let cases = drafts["cases"].as_array().expect("a list");
    let bound = cases.iter().find(|case| case["id"] == "dpop-034").expect("a bound token");
    let data = tempfile::tempdir().expect("a folder");
    let mut options = Options::new(bundle(), data.path());
    options.clock = Clock::Fixed(
        remit_pdp::Timestamp::from_unix_seconds(drafts["now"].as_i64().expect("seconds")).expect("a time"),
    );
    let keys = KeySource::Inline(drafts["jwks"]["https://as.example"].to_string());
    let issuer =
        IssuerConfig::new("https://as.example", &[Profile::AccessToken], &["https://pdp.example"], keys);
    options.identity = IdentityConfig { issuers: vec![issuer], ..IdentityConfig::default() };
    let pdp = Pdp::start(options).expect("starts");
    let pep = Pep::new("gate", Rights::all());
    let call = Call { pep: &pep, request_id: None };
    let batch = json!({ "subject": { "type": "user", "id": "alice" }, "action": { "name": "read" },
        "context": { "tokens": bound["tokens"] }, "options": { "detail": "full" },
        "evaluations": [{ "resource": { "type": "invoice", "id": "inv-1" } },
                        { "resource": { "type": "invoice", "id": "inv-2" } }] })
    .to_string();
    let reasons = async || {
        let reply = pdp.evaluations(&call, batch.as_bytes()).await.expect("answers");
        let told: Value = serde_json::from_slice(&reply.body).expect("JSON");
        let items = told["evaluations"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["context"]["reason"].as_str().unwrap_or("none").to_owned())
            .collect::<Vec<_>>()
    };
    // Nobody here knows Alice; what matters is that her token counts for both items.
    assert_eq!(reasons().await, ["permit_unknown", "permit_unknown"]);
    assert_eq!(reasons().await, ["token_invalid", "token_invalid"], "the proof was used before");
}
