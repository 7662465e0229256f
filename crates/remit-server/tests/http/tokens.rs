//! Questions that bring verified tokens, over HTTP: exchanged, bounding a step, and as surely known as their weakest.

use std::path::Path;

use remit_identity::{AlgorithmName, IdentityConfig, IssuerConfig, KeySource, Profile};
use remit_pdp::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::client::Ask;
use crate::fixture::Running;

const PDP: &str = "https://pdp.example";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Tokens of the standards with their keys, all good at one moment.
fn drafts() -> Value {
    let text = include_str!("../../../remit-identity/tests/data/drafts/drafts.json");
    serde_json::from_str(text).expect("JSON")
}

/// A server at that moment that believes the issuers of the tokens.
async fn server() -> Running {
    let file = drafts();
    let keys = |issuer: &str| KeySource::Inline(file["jwks"][issuer].to_string());
    let issuer = |name: &str, accepts: &[Profile], audience: &str| {
        IssuerConfig::new(name, accepts, &[audience], keys(name))
    };
    let mut trades = issuer("https://tts.example", &[Profile::TxnToken], "trust-domain.example");
    trades.algorithms = vec![AlgorithmName::ES512];
    let issuers =
        vec![issuer("https://as.example", &[Profile::AccessToken, Profile::Delegation], PDP), trades];
    let now = Timestamp::from_unix_seconds(file["now"].as_i64().expect("seconds")).expect("a time");
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tokens");
    Running::with(
        &bundle,
        |options| {
            options.clock = Clock::Fixed(now);
            options.identity = IdentityConfig { issuers, ..IdentityConfig::default() };
        },
        |_| {},
    )
    .await
}

/// The tokens of one case.
fn tokens(id: &str) -> Value {
    let file = drafts();
    let cases = file["cases"].as_array().expect("a list");
    cases.iter().find(|case| case["id"] == id).expect("a case")["tokens"].clone()
}

/// The text of its first token.
fn token(id: &str) -> Value {
    tokens(id)[0]["token"].clone()
}

async fn post(server: &Running, path: &str, body: &Value) -> Value {
    let answer = server.ask(Ask::post(path, &body.to_string())).await;
    assert!(answer.status < 300, "{} {}", answer.status, answer.text());
    answer.json()
}

/// What an exchange is answered: the error class, or what may be put into the token.
async fn exchange(server: &Running, subject: &str, members: Value) -> Result<Value, Value> {
    let mut body = json!({ "subject_token": token(subject), "subject_token_type": ACCESS });
    let more = members.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    let told = post(server, "/ibac/v1/token-exchange", &body).await;
    assert_eq!(told["decision"] == true, told.get("error").is_none(), "{told}");
    if told["decision"] == true { Ok(told["grant"].clone()) } else { Err(told["error"].clone()) }
}

fn class(name: &str) -> Result<Value, Value> {
    Err(json!(name))
}

#[tokio::test]
async fn a_token_is_exchanged_for_an_audience_that_policy_permits() {
    let server = server().await;
    let shop = |more: Value| {
        let mut members = json!({ "audience": "https://shop.example" });
        members.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        members
    };
    let grant = exchange(&server, "rfc9068-001", shop(json!({}))).await.expect("may");
    assert_eq!((&grant["sub"], &grant["audience"]), (&json!("alice"), &json!(["https://shop.example"])));
    assert_eq!((&grant["scope"], &grant["chain"]), (&json!("pay read"), &json!([])));
    assert_eq!(grant["not_after"], "2027-01-15T08:04:00Z", "no later than the token it is made from");
    let fewer = exchange(&server, "rfc9068-001", shop(json!({ "scope": "read" }))).await.expect("may");
    assert_eq!(fewer["scope"], "read");
    let wider = exchange(&server, "rfc9068-001", shop(json!({ "scope": "read admin" }))).await;
    assert_eq!(wider, class("invalid_scope"));
    let bank = json!({ "audience": "https://bank.example" });
    assert_eq!(exchange(&server, "rfc9068-001", bank.clone()).await, class("invalid_target"));
    let both = json!({ "audience": ["https://shop.example", "https://bank.example"] });
    assert_eq!(exchange(&server, "rfc9068-001", both).await, class("invalid_target"));
    // None asked for: those of the subject's token, which policy does not permit here.
    assert_eq!(exchange(&server, "rfc9068-001", json!({})).await, class("invalid_target"));
    // The first agent may have one for the bank: named in the chain, or as the actor.
    let through = exchange(&server, "rfc8693-011", bank.clone()).await.expect("may");
    assert_eq!(through["chain"], json!(["agent-1"]));
    let actor = |id: &str| {
        let mut members = bank.clone();
        members["actor_token"] = token(id);
        members["actor_token_type"] = json!(ACCESS);
        members
    };
    let acting = exchange(&server, "rfc9068-001", actor("rfc9068-003")).await.expect("may");
    assert_eq!((&acting["sub"], &acting["chain"]), (&json!("alice"), &json!(["agent-1"])));
}

#[tokio::test]
async fn tokens_that_do_not_hold_have_the_error_class_of_whose_they_are() {
    let server = server().await;
    let shop = json!({ "audience": "https://shop.example" });
    for id in ["rfc9068-004", "rfc9068-007", "rfc9068-008", "rfc9068-009", "rfc8693-014"] {
        assert_eq!(exchange(&server, id, shop.clone()).await, class("invalid_grant"), "{id}");
    }
    let actor = |id: &str| {
        let mut members = shop.clone();
        members["actor_token"] = token(id);
        members["actor_token_type"] = json!(ACCESS);
        members
    };
    assert_eq!(exchange(&server, "rfc9068-001", actor("rfc9068-009")).await, class("invalid_client"));
    assert!(exchange(&server, "rfc9068-001", actor("rfc9068-003")).await.is_ok());
    // The subject lets somebody else act.
    assert_eq!(exchange(&server, "delegation-025", actor("rfc9068-003")).await, class("invalid_grant"));
    assert!(exchange(&server, "delegation-025", shop.clone()).await.is_ok());
}

#[tokio::test]
async fn details_of_an_exchange_come_back_without_what_may_not_be() {
    let server = server().await;
    let quad = |action: &str, account: &str| {
        json!({ "type": "authzen_evaluation", "request": { "subject": { "type": "user", "id": "alice" },
            "action": { "name": action }, "resource": { "type": "account", "id": account } } })
    };
    let with =
        |details: Value| json!({ "audience": "https://shop.example", "authorization_details": details });
    let some = with(json!([quad("pay", "9"), quad("burn", "9")]));
    let grant = exchange(&server, "rfc9068-001", some).await.expect("may");
    assert_eq!(grant["authorization_details"], json!([quad("pay", "9")]));
    assert_eq!(grant["complete"], false);
    let nothing = with(json!([quad("burn", "9")]));
    assert_eq!(exchange(&server, "rfc9068-001", nothing).await, class("access_denied"));
}

/// The reason of an evaluation.
async fn reason(
    server: &Running,
    action: &str,
    resource: (&str, &str),
    subject: &str,
    context: Value,
) -> String {
    let question = json!({
        "subject": { "type": "user", "id": subject },
        "action": { "name": action },
        "resource": { "type": resource.0, "id": resource.1 },
        "context": context,
        "options": { "detail": "full" },
    });
    let told = post(server, "/access/v1/evaluation", &question).await;
    let reason = told["context"]["reason"].as_str().unwrap_or_default().to_owned();
    assert_eq!(told["decision"] == true, reason == "permitted", "{told}");
    reason
}

#[tokio::test]
async fn what_any_token_carries_bounds_a_step_though_the_nearest_carries_nothing() {
    let server = server().await;
    // The access token holds `pay` on account 9 and nothing else; the delegation beside it holds no details.
    let both = json!([tokens("rar-029")[0], tokens("delegation-020")[1]]);
    let asked = async |action: &str, account: &str, tokens: &Value| {
        reason(&server, action, ("account", account), "alice", json!({ "tokens": tokens })).await
    };
    assert_eq!(asked("pay", "9", &both).await, "permitted");
    assert_eq!(asked("pay", "10", &both).await, "intent_not_covering");
    assert_eq!(asked("read", "9", &both).await, "intent_not_covering");
    // Without details in any of them nothing is bounded.
    let plain = tokens("delegation-020");
    assert_eq!(asked("pay", "10", &plain).await, "permitted");
    // Both carry details, and the nearer one is inside: that one counts.
    let narrowed = tokens("rar-033");
    assert_eq!(asked("pay", "9", &narrowed).await, "permitted");
    assert_eq!(asked("read", "9", &narrowed).await, "intent_not_covering");
}

const TRADER: &str = "d084sdrt234fsaw34tr23t";

/// Opens the transaction that the tokens of the trades name.
async fn traded(server: &Running) -> String {
    let txn = "97053963-771d-49cc-a4e3-20aad399c312";
    let task = |action: &str| json!({ "name": action, "actions": [action], "resource": { "types": ["stock", "account"] } });
    let body = json!({ "subject": { "type": "user", "id": TRADER }, "txn": txn,
        "intent": { "tasks": [task("trade"), task("review"), task("pay")] } });
    post(server, "/ibac/v1/transactions", &body).await;
    txn.to_owned()
}

#[tokio::test]
async fn the_weakest_assurance_of_tokens_and_graph_counts() {
    let stock = ("stock", "MSFT");
    for (case, expected) in [("txn-agents-079", "permitted"), ("txn-agents-080", "assurance_too_low")] {
        let server = server().await;
        traded(&server).await;
        let context = json!({ "tokens": tokens(case) });
        assert_eq!(reason(&server, "trade", stock, TRADER, context.clone()).await, expected, "{case}");
        // What asks for no assurance is permitted with either.
        assert_eq!(reason(&server, "review", stock, TRADER, context).await, "permitted", "{case}");
    }
    let server = server().await;
    let through = |agent: &str| json!({ "act": { "sub": agent } });
    assert_eq!(reason(&server, "trade", stock, "alice", through("sure")).await, "permitted");
    assert_eq!(reason(&server, "trade", stock, "alice", through("weak")).await, "assurance_too_low");
    // Nobody says how surely this agent is known: the requirement is not met, and it is not known to be too low.
    assert_eq!(reason(&server, "trade", stock, "alice", through("a")).await, "requirement_unknown");
}

#[tokio::test]
async fn a_label_is_taken_away_by_the_step_that_may() {
    let server = server().await;
    let txn = traded(&server).await;
    let stock = ("stock", "MSFT");
    let token = tokens("txn-agents-079");
    let proved = json!({ "tokens": token });
    let pay = async || reason(&server, "pay", ("account", "9"), TRADER, proved.clone()).await;
    let labels =
        async || server.ask(Ask::get(&format!("/ibac/v1/transactions/{txn}"))).await.json()["labels"].clone();
    assert_eq!(pay().await, "permitted");
    assert_eq!(reason(&server, "trade", stock, TRADER, proved.clone()).await, "permitted");
    assert_eq!(labels().await, json!(["seen"]));
    assert_eq!(pay().await, "label_forbids");
    assert_eq!(reason(&server, "review", stock, TRADER, proved.clone()).await, "permitted");
    assert_eq!(labels().await, json!([]));
    assert_eq!(pay().await, "permitted");
}

#[tokio::test]
async fn what_is_odd_about_an_identity_stands_in_the_record() {
    let server = server().await;
    // The client is not the actor: odd, and no reason to refuse.
    for (case, notes) in [("rfc8693-019", json!(["client_is_not_actor"])), ("rfc8693-011", Value::Null)] {
        let question = json!({
            "subject": { "type": "user", "id": "alice" },
            "action": { "name": "read" },
            "resource": { "type": "account", "id": "9" },
            "context": { "tokens": tokens(case) },
        });
        let answer = server.ask(Ask::post("/access/v1/evaluation", &question.to_string())).await;
        assert_eq!(answer.json()["decision"], true, "{case}: {}", answer.text());
        let id = answer.header("remit-evaluation-id").to_owned();
        let records = server.ask(Ask::get("/governance/v1/decisions")).await.json();
        let record = with_id(&records, &id).expect("is recorded");
        assert_eq!(record.get("notes").cloned().unwrap_or_default(), notes, "{case}: {record}");
    }
}

/// The object of this decision, wherever it stands.
fn with_id<'v>(within: &'v Value, id: &str) -> Option<&'v Value> {
    if within.get("decision_id").is_some_and(|own| own == id) {
        return Some(within);
    }
    let (items, members) = (within.as_array().into_iter().flatten(), within.as_object().into_iter());
    items.chain(members.flat_map(serde_json::Map::values)).find_map(|inner| with_id(inner, id))
}

/// What the body says never outranks what a token proves: another name is a deny, and the difference is on record.
#[tokio::test]
async fn tokens_that_name_somebody_else_than_the_question_deny() {
    let server = server().await;
    for (subject, decision) in [
        (json!({ "type": "user", "id": "alice" }), true),
        (json!({ "type": "user", "id": "d084sdrt234fsaw34tr23t" }), false),
    ] {
        let question = json!({
            "subject": subject,
            "action": { "name": "read" },
            "resource": { "type": "account", "id": "9" },
            "context": { "tokens": tokens("rfc9068-001") },
        });
        let answer = server.ask(Ask::post("/access/v1/evaluation", &question.to_string())).await;
        assert_eq!(answer.json()["decision"], decision, "{}", answer.text());
        let id = answer.header("remit-evaluation-id").to_owned();
        let records = server.ask(Ask::get("/governance/v1/decisions")).await.json();
        let record = with_id(&records, &id).expect("is recorded");
        let failures = if decision { Value::Null } else { json!(["token_invalid subject"]) };
        assert_eq!(record.get("failures").cloned().unwrap_or_default(), failures, "{record}");
    }
}
