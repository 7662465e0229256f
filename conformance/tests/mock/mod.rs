//! A decision point for the fixture, with one flaw of choice; just big enough to be asked.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a mock for tests may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub const TOKEN: &str = "mock-token";

/// What the mock does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    AlwaysTrue,
    AlwaysFalse,
    NeedsContext,
    RefusesUnknown,
    DecisionIsText,
    ContextIsArray,
    AcceptsMissing,
    AcceptsAnyContentType,
    RefusesCharset,
    AcceptsAnyText,
    AcceptsAnyMethod,
    NoEcho,
    Fickle,
    IgnoresProperties,
    AnswersAsText,
    AnswersTwice,
    WrapsSingle,
    NeverTruncates,
    RefusesWholeBatch,
    AcceptsAnySemantic,
    Reversed,
    DecisionBeside,
    FillsType,
    UsesStrayId,
    ResultsHaveProperties,
    UnknownTypeIs400,
    NoNextToken,
    NoLastPage,
    EndlessPages,
    PageLast,
    TellsTime,
    Open,
    NoChallenge,
    NoMetadata,
    OtherIdentifier,
    NoEvaluationEndpoint,
    EndpointIsNotHttps,
    CapabilityIsNumber,
    NullMember,
    SignedIsNoToken,
}

#[derive(Clone)]
struct Mock {
    flaw: Flaw,
    base: String,
    calls: Arc<AtomicUsize>,
}

/// Serves the mock on a free port of this machine; the answer is its base URL.
pub async fn serve(flaw: Flaw) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mock = Mock { flaw, base: base.clone(), calls: Arc::default() };
    let router = Router::new().fallback(answer).with_state(mock);
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

async fn answer(
    State(mock): State<Mock>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let id = headers.get("x-request-id").cloned();
    let mut response = mock.route(&method, uri.path(), &headers, &body);
    if let (Some(id), true) = (id, mock.flaw != Flaw::NoEcho) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

fn text(status: u16, body: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.to_owned()).into_response()
}

impl Mock {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn route(&self, method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Response {
        if path == "/.well-known/authzen-configuration" {
            return self.metadata();
        }
        if method != Method::POST && !self.is(Flaw::AcceptsAnyMethod) {
            return text(405, "POST only");
        }
        let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
        if bearer != Some(&format!("Bearer {TOKEN}")) && !self.is(Flaw::Open) {
            let mut refused = text(401, "who are you");
            if !self.is(Flaw::NoChallenge) {
                refused.headers_mut().insert("www-authenticate", "Bearer realm=\"mock\"".parse().unwrap());
            }
            return refused;
        }
        let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
        let is_json = match self.flaw {
            Flaw::AcceptsAnyContentType => true,
            Flaw::RefusesCharset => content_type == "application/json",
            _ => content_type.starts_with("application/json"),
        };
        if !is_json && !self.is(Flaw::AcceptsAnyMethod) {
            return text(400, "JSON only");
        }
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            let lenient = self.is(Flaw::AcceptsAnyText) || self.is(Flaw::AcceptsAnyMethod);
            return if lenient { self.json(json!({ "decision": false })) } else { text(400, "broken JSON") };
        };
        match self.dispatch(path, &body) {
            Ok(answer) => self.json(answer),
            Err(status) => text(status, "refused"),
        }
    }

    fn json(&self, answer: Value) -> Response {
        let mut body = answer.to_string();
        if self.is(Flaw::AnswersTwice) {
            body = body.replacen('{', "{\"x\":1,\"x\":2,", 1);
        }
        if self.is(Flaw::PageLast) {
            // serde_json orders members by name, so `page` stands before `results` already.
            body = body.replacen('{', "{\"a\":0,", 1);
        }
        let media = if self.is(Flaw::AnswersAsText) { "text/plain" } else { "application/json" };
        ([("content-type", media)], body).into_response()
    }

    fn metadata(&self) -> Response {
        let base = &self.base;
        let mut document = json!({
            "policy_decision_point": base,
            "access_evaluation_endpoint": format!("{base}/access/v1/evaluation"),
            "capabilities": ["urn:example:one"],
        });
        match self.flaw {
            Flaw::NoMetadata => return text(404, "no metadata"),
            Flaw::OtherIdentifier => document["policy_decision_point"] = format!("{base}/").into(),
            Flaw::NoEvaluationEndpoint => {
                drop(document.as_object_mut().unwrap().remove("access_evaluation_endpoint"))
            }
            Flaw::EndpointIsNotHttps => document["search_subject_endpoint"] = "ftp://h/v1".into(),
            Flaw::CapabilityIsNumber => document["capabilities"] = json!([1]),
            Flaw::NullMember => document["signed_metadata_x"] = Value::Null,
            Flaw::SignedIsNoToken => document["signed_metadata"] = "a.b".into(),
            _ => {}
        }
        ([("content-type", "application/json")], document.to_string()).into_response()
    }

    fn dispatch(&self, path: &str, body: &Value) -> Result<Value, u16> {
        let members = body.as_object().ok_or(400_u16)?;
        if self.is(Flaw::RefusesUnknown) && members.keys().any(|key| key.starts_with("unknown")) {
            return Err(400);
        }
        match path {
            "/access/v1/evaluation" => self.evaluation(body),
            "/access/v1/evaluations" => self.evaluations(body),
            "/access/v1/search/subject" => self.search(body, "subject"),
            "/access/v1/search/resource" => self.search(body, "resource"),
            "/access/v1/search/action" => self.search(body, "action"),
            _ => Err(404),
        }
    }

    fn evaluation(&self, body: &Value) -> Result<Value, u16> {
        if self.is(Flaw::NeedsContext) && body.get("context").is_none() {
            return Err(400);
        }
        let whole =
            is_entity(&body["subject"]) && is_entity(&body["resource"]) && body["action"]["name"].is_string();
        if !whole && !self.is(Flaw::AcceptsMissing) {
            return Err(400);
        }
        let decision = self.decide(&body["subject"], &body["action"], &body["resource"]);
        let mut answer = json!({ "decision": decision });
        match self.flaw {
            Flaw::DecisionIsText => answer["decision"] = decision.to_string().into(),
            Flaw::ContextIsArray => answer["context"] = json!([]),
            _ => {}
        }
        Ok(answer)
    }

    fn evaluations(&self, body: &Value) -> Result<Value, u16> {
        let semantic = body["options"]["evaluations_semantic"].as_str().unwrap_or("execute_all");
        let known = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"].contains(&semantic);
        if !known && !self.is(Flaw::AcceptsAnySemantic) {
            return Err(400);
        }
        let items =
            body["evaluations"].as_array().filter(|items| !items.is_empty() || self.is(Flaw::WrapsSingle));
        let Some(items) = items else { return self.evaluation(body) };
        let mut answers = Vec::new();
        for item in items {
            let answer = match self.evaluation(&self.complete(body, item)) {
                Err(status) if self.is(Flaw::RefusesWholeBatch) => return Err(status),
                other => other.unwrap_or(json!({ "decision": false })),
            };
            let decision = answer["decision"] == true;
            answers.push(answer);
            let stop = match semantic {
                "deny_on_first_deny" => !decision,
                "permit_on_first_permit" => decision,
                _ => false,
            };
            if stop && !self.is(Flaw::NeverTruncates) {
                break;
            }
        }
        if self.is(Flaw::Reversed) {
            answers.reverse();
        }
        let mut answer = json!({ "evaluations": answers });
        if self.is(Flaw::DecisionBeside) {
            answer["decision"] = true.into();
        }
        if self.is(Flaw::TellsTime) {
            answer["context"] = json!({ "time": self.tick() });
        }
        Ok(answer)
    }

    fn complete(&self, body: &Value, item: &Value) -> Value {
        let mut whole = body.clone();
        for (name, value) in item.as_object().unwrap() {
            let fallback = body[name]["type"].clone();
            whole[name] = value.clone();
            if self.is(Flaw::FillsType) && value.get("type").is_none() && fallback.is_string() {
                whole[name]["type"] = fallback;
            }
        }
        whole
    }

    fn tick(&self) -> usize {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    fn decide(&self, subject: &Value, action: &Value, resource: &Value) -> bool {
        let admin = subject["properties"]["role"] == "admin";
        let status =
            if self.is(Flaw::IgnoresProperties) { &Value::Null } else { &resource["properties"]["status"] };
        let archived = status == "archived";
        match self.flaw {
            Flaw::AlwaysTrue => return true,
            Flaw::AlwaysFalse => return false,
            Flaw::Fickle => return self.tick().is_multiple_of(2),
            _ => {}
        }
        match (subject["id"].as_str(), action["name"].as_str(), resource["id"].as_str()) {
            (Some("alice"), Some("read"), Some("record-1" | "record-2")) => true,
            (Some("bob"), Some("read"), Some("record-1")) => true,
            (Some("alice"), Some("delete"), Some("record-1")) => {
                action["properties"]["soft"] == true || self.is(Flaw::IgnoresProperties)
            }
            (Some(_), Some("write"), Some(_)) if archived => admin,
            (Some("alice"), Some("write"), Some(_)) => true,
            _ => false,
        }
    }

    fn search(&self, body: &Value, wanted: &str) -> Result<Value, u16> {
        let complete =
            |name: &str| if name == wanted { body[name]["type"].is_string() } else { is_entity(&body[name]) };
        let acts = wanted == "action" || body["action"]["name"].is_string();
        if !(complete("subject") || wanted == "subject" && body["subject"]["type"].is_string())
            || !(complete("resource") || wanted == "resource" && body["resource"]["type"].is_string())
            || !acts
        {
            if self.is(Flaw::AcceptsMissing) {
                return Ok(json!({ "results": [] }));
            }
            return Err(400);
        }
        let known = |name: &str, kind: &str| body[name]["type"] == kind;
        if !known("subject", "user") || !known("resource", "record") {
            return if self.is(Flaw::UnknownTypeIs400) { Err(400) } else { Ok(json!({ "results": [] })) };
        }
        let results = self.candidates(wanted).into_iter().filter(|candidate| {
            let mut asked = body.clone();
            let stray = self.is(Flaw::UsesStrayId)
                && asked[wanted].get("id").is_some_and(|id| *id != candidate["id"]);
            asked[wanted] = candidate.clone();
            if wanted == "subject" && asked["resource"]["id"] == "record-2" {
                asked["resource"]["properties"]["status"] = "archived".into();
            }
            !stray && self.decide(&asked["subject"], &asked["action"], &asked["resource"])
        });
        let plain = |mut found: Value| {
            if !self.is(Flaw::ResultsHaveProperties) {
                found.as_object_mut().unwrap().remove("properties");
            }
            found
        };
        Ok(self.paged(body, results.map(plain).collect()))
    }

    fn candidates(&self, wanted: &str) -> Vec<Value> {
        match wanted {
            "subject" => vec![
                json!({ "type": "user", "id": "alice", "properties": { "role": "clerk" } }),
                json!({ "type": "user", "id": "bob", "properties": { "role": "admin" } }),
            ],
            "resource" => vec![
                json!({ "type": "record", "id": "record-1", "properties": { "status": "active" } }),
                json!({ "type": "record", "id": "record-2", "properties": { "status": "archived" } }),
            ],
            _ => ["read", "write", "delete"].map(|name| json!({ "name": name })).into(),
        }
    }

    /// The token is the number of results already sent.
    fn paged(&self, body: &Value, results: Vec<Value>) -> Value {
        let mut answer = json!({ "results": results });
        if self.is(Flaw::TellsTime) {
            answer["context"] = json!({ "time": self.tick() });
        }
        let page = &body["page"];
        if page.is_null() {
            return answer;
        }
        let start: usize = page["token"].as_str().map_or(0, |token| token.parse().unwrap());
        let limit = page["limit"].as_u64().unwrap_or(1) as usize;
        let sent: Vec<_> = results.iter().skip(start).take(limit).cloned().collect();
        let end = start + sent.len();
        let more = end < results.len() || self.is(Flaw::EndlessPages);
        answer["results"] = json!(sent);
        answer["page"] = json!({ "next_token": if more { end.to_string() } else { String::new() } });
        match self.flaw {
            Flaw::NoNextToken => answer["page"] = json!({ "count": 1 }),
            Flaw::NoLastPage if !more => drop(answer.as_object_mut().unwrap().remove("page")),
            _ => {}
        }
        answer
    }
}

fn is_entity(value: &Value) -> bool {
    value["type"].is_string() && value["id"].is_string()
}
