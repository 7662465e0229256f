//! The crate `openidauthzen` against Remit over TLS: every API, discovery at the appended path, request ids.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use openidauthzen::http::{HttpClient, HttpResponse, Method};
use openidauthzen::{
    Action, ActionSearchRequest, AuthZenClient, Error, EvaluationItem, EvaluationRequest, EvaluationSemantic,
    EvaluationsOptions, EvaluationsRequest, Page, PdpConfiguration, Resource, ResourceSearchRequest, Subject,
    SubjectSearchRequest,
};
use remit_clients::{KEY, Remit};

/// What went over the wire: the URL, and the request id as it was sent and as it came back.
#[derive(Debug, Clone, PartialEq)]
struct Exchange {
    url: String,
    sent: Option<String>,
    returned: Option<String>,
}

/// The client's transport: trusts the test's authority and keeps what it saw.
struct Transport {
    http: reqwest::Client,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

#[async_trait]
impl HttpClient for Transport {
    async fn request(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<HttpResponse, Error> {
        let mut request = match method {
            Method::Post => self.http.post(url),
            _ => self.http.get(url),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(|fault| Error::Http(Box::new(fault)))?;
        let status = response.status().as_u16();
        let returned: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let body = response.bytes().await.map_err(|fault| Error::Http(Box::new(fault)))?.to_vec();
        let id_of = |(name, value): (&str, &str)| (name == "x-request-id").then(|| value.to_owned());
        self.seen.lock().expect("no test thread panicked").push(Exchange {
            url: url.to_owned(),
            sent: headers.iter().copied().find_map(id_of),
            returned: returned.iter().find_map(|(name, value)| id_of((name, value))),
        });
        Ok(HttpResponse { status, headers: returned, body })
    }
}

/// A client of one decision point, and the record of what it exchanged.
struct Session {
    client: AuthZenClient<Transport>,
    seen: Arc<Mutex<Vec<Exchange>>>,
    remit: Remit,
}

impl Session {
    async fn open(bundle: &str, path: &str) -> Self {
        let remit = Remit::serve(bundle, path).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let transport = Transport { http: remit.http.clone(), seen: Arc::clone(&seen) };
        Self { client: AuthZenClient::new(transport, Duration::from_secs(60)), seen, remit }
    }

    /// Opens a session and discovers the endpoints.
    async fn discovered(bundle: &str) -> Self {
        let session = Self::open(bundle, "").await;
        session.client.discover(session.id()).await.expect("metadata that names this decision point");
        session
    }

    fn id(&self) -> &str {
        &self.remit.identifier
    }

    fn last(&self) -> Exchange {
        self.seen.lock().expect("no test thread panicked").last().cloned().expect("an exchange")
    }

    async fn decide(&self, user: &str, name: &str, resource: Resource) -> bool {
        let request =
            EvaluationRequest { subject: subject(user), action: action(name), resource, context: None };
        let answer = self.client.evaluate(self.id(), KEY, &request).await.expect("a decision");
        assert_eq!(answer.context, None, "nobody asked for more than the decision");
        answer.decision
    }

    async fn batch(&self, actions: &[&str], semantic: Option<EvaluationSemantic>) -> Vec<bool> {
        let item = |name: &&str| EvaluationItem {
            subject: None,
            action: Some(action(name)),
            resource: None,
            context: None,
        };
        let request = EvaluationsRequest {
            subject: Some(subject("bob")),
            action: None,
            resource: Some(record("record-1")),
            context: None,
            evaluations: actions.iter().map(item).collect(),
            options: semantic
                .map(|semantic| EvaluationsOptions { evaluations_semantic: Some(semantic), extra: None }),
        };
        let answer = self.client.evaluate_batch(self.id(), KEY, &request).await.expect("decisions");
        assert_eq!(answer.decision, None);
        answer.evaluations.iter().map(|one| one.decision).collect()
    }
}

fn subject(id: &str) -> Subject {
    Subject { subject_type: "user".into(), id: Some(id.into()), properties: None }
}

fn any_user() -> Subject {
    Subject { subject_type: "user".into(), id: None, properties: None }
}

fn action(name: &str) -> Action {
    Action { name: name.into(), properties: None }
}

fn record(id: &str) -> Resource {
    Resource { resource_type: "record".into(), id: Some(id.into()), properties: None }
}

fn any_record() -> Resource {
    Resource { resource_type: "record".into(), id: None, properties: None }
}

#[tokio::test]
async fn metadata_names_the_decision_point_and_every_endpoint_exactly() {
    for path in ["", "/t1"] {
        let session = Session::open("certification", path).await;
        let id = session.id().to_owned();
        let found = session.client.discover(&id).await.expect("metadata");
        assert_eq!(
            session.last().url,
            format!("{id}/.well-known/authzen-configuration"),
            "this client appends"
        );
        let expected = PdpConfiguration {
            policy_decision_point: id.clone(),
            access_evaluation_endpoint: format!("{id}/access/v1/evaluation"),
            access_evaluations_endpoint: Some(format!("{id}/access/v1/evaluations")),
            search_subject_endpoint: Some(format!("{id}/access/v1/search/subject")),
            search_resource_endpoint: Some(format!("{id}/access/v1/search/resource")),
            search_action_endpoint: Some(format!("{id}/access/v1/search/action")),
            capabilities: found.capabilities.clone(),
            signed_metadata: found.signed_metadata.clone(),
        };
        assert_eq!(found, expected);
        assert!(session.decide("alice", "read", record("record-1")).await);
        assert_eq!(session.last().url, format!("{id}/access/v1/evaluation"));
        assert!(!session.decide("bob", "write", record("record-1")).await);
    }
}

#[tokio::test]
async fn metadata_of_another_identifier_is_refused() {
    let session = Session::open("certification", "/t1").await;
    let other = format!("{}x", session.id());
    let refused = session.client.discover(&other).await;
    assert!(matches!(refused, Err(Error::HttpStatus { .. } | Error::PdpMismatch { .. })), "{refused:?}");
    let undiscovered = session
        .client
        .evaluate(
            session.id(),
            KEY,
            &EvaluationRequest {
                subject: subject("alice"),
                action: action("read"),
                resource: record("record-1"),
                context: None,
            },
        )
        .await;
    assert!(matches!(undiscovered, Err(Error::NotCached(_))), "{undiscovered:?}");
    session.client.discover(session.id()).await.expect("its own metadata");
}

#[tokio::test]
async fn single_questions_get_the_decisions_of_the_certification_fixture() {
    let session = Session::discovered("certification").await;
    let archived =
        || Resource { properties: Some(serde_json::json!({ "status": "archived" })), ..record("record-2") };
    assert!(session.decide("alice", "read", record("record-1")).await);
    assert!(session.decide("alice", "write", record("record-1")).await);
    assert!(!session.decide("bob", "write", record("record-1")).await);
    assert!(!session.decide("alice", "write", archived()).await);
    assert!(session.decide("bob", "write", archived()).await, "Bob's role is stored");
    assert!(!session.decide("mallory", "read", record("record-1")).await);
}

#[tokio::test]
async fn request_ids_come_back_with_answers_and_with_refusals() {
    let session = Session::discovered("certification").await;
    assert!(session.decide("alice", "read", record("record-1")).await);
    let permitted = session.last();
    let request = EvaluationRequest {
        subject: subject("alice"),
        action: action("read"),
        resource: record("record-1"),
        context: None,
    };
    let refused = session.client.evaluate(session.id(), "another key", &request).await;
    assert!(matches!(refused, Err(Error::HttpStatus { status: 401, .. })), "{refused:?}");
    let bad = EvaluationRequest { subject: any_user(), ..request };
    let bad = session.client.evaluate(session.id(), KEY, &bad).await;
    assert!(matches!(bad, Err(Error::HttpStatus { status: 400, .. })), "{bad:?}");

    let seen = session.seen.lock().expect("no test thread panicked").clone();
    assert_eq!(seen.len(), 4, "metadata, a decision, two refusals");
    for exchange in &seen {
        assert!(exchange.sent.is_some());
        assert_eq!(exchange.sent, exchange.returned);
    }
    assert_eq!(seen[1], permitted);
}

#[tokio::test]
async fn batches_run_through_or_stop_where_their_semantic_says() {
    use EvaluationSemantic::{DenyOnFirstDeny, ExecuteAll, PermitOnFirstPermit};
    let session = Session::discovered("certification").await;
    let mixed = ["read", "write", "read"];
    assert_eq!(session.batch(&mixed, None).await, [true, false, true]);
    assert_eq!(session.batch(&mixed, Some(ExecuteAll)).await, [true, false, true]);
    assert_eq!(session.batch(&mixed, Some(DenyOnFirstDeny)).await, [true, false]);
    assert_eq!(session.batch(&["write", "read", "write"], Some(PermitOnFirstPermit)).await, [false, true]);
}

#[tokio::test]
async fn an_item_without_a_resource_is_denied_alone() {
    let session = Session::discovered("certification").await;
    let item = |resource| EvaluationItem { subject: None, action: None, resource, context: None };
    let request = EvaluationsRequest {
        subject: Some(subject("alice")),
        action: Some(action("read")),
        resource: None,
        context: None,
        evaluations: vec![item(Some(record("record-1"))), item(None), item(Some(record("record-2")))],
        options: None,
    };
    let answer = session.client.evaluate_batch(session.id(), KEY, &request).await.expect("decisions");
    let decisions: Vec<bool> = answer.evaluations.iter().map(|one| one.decision).collect();
    assert_eq!(decisions, [true, false, true]);
}

#[tokio::test]
async fn searches_find_exactly_who_may_what_is_permitted_and_which_actions() {
    let session = Session::discovered("certification").await;
    let (client, id) = (&session.client, session.id());
    let request = SubjectSearchRequest {
        subject: any_user(),
        action: action("read"),
        resource: record("record-1"),
        context: None,
        page: None,
    };
    let readers = client.search_subjects(id, KEY, &request).await.expect("subjects");
    assert_eq!(readers.results, [subject("alice"), subject("bob")]);

    let request = ResourceSearchRequest {
        subject: subject("bob"),
        action: action("read"),
        resource: any_record(),
        context: None,
        page: None,
    };
    let readable = client.search_resources(id, KEY, &request).await.expect("resources");
    assert_eq!(readable.results, [record("record-1")]);

    let request = ActionSearchRequest {
        subject: subject("alice"),
        resource: record("record-1"),
        context: None,
        page: None,
    };
    let actions = client.search_actions(id, KEY, &request).await.expect("actions");
    assert_eq!(actions.results, [action("read"), action("write")]);
}

#[tokio::test]
async fn a_walk_by_hand_sees_every_record_once_and_ends_with_an_empty_token() {
    let session = Session::discovered("records").await;
    let mut request = ResourceSearchRequest {
        subject: subject("alice"),
        action: action("view"),
        resource: any_record(),
        context: None,
        page: Some(Page { token: None, limit: Some(8), properties: None }),
    };
    let mut pages = Vec::new();
    loop {
        let answer = session.client.search_resources(session.id(), KEY, &request).await.expect("a page");
        let page = answer.page.expect("every page of a walk says where it goes on");
        assert_eq!((page.count, page.total), (u32::try_from(answer.results.len()).ok(), Some(20)));
        pages.push(answer.results);
        let token = page.next_token.expect("a token, if an empty one");
        if token.is_empty() {
            break;
        }
        // The specification's own example leaves the limit out when it goes on.
        request.page = Some(Page { token: Some(token), limit: None, properties: None });
        assert!(pages.len() < 10, "the walk does not end");
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [8, 8, 4]);
    let ids: Vec<Resource> = (101..=120).map(|id| record(&id.to_string())).collect();
    assert_eq!(pages.concat(), ids);
}

#[tokio::test]
async fn searches_over_the_other_two_kinds_go_in_pages_too() {
    let session = Session::discovered("records").await;
    let (client, id) = (&session.client, session.id());
    let page = |token: Option<String>| Some(Page { token, limit: Some(3), properties: None });
    let mut request = SubjectSearchRequest {
        subject: any_user(),
        action: action("view"),
        resource: record("101"),
        context: None,
        page: page(None),
    };
    let first = client.search_subjects(id, KEY, &request).await.expect("a page");
    assert_eq!(first.results, ["alice", "bob", "carol"].map(subject));
    request.page = page(first.page.and_then(|page| page.next_token));
    let last = client.search_subjects(id, KEY, &request).await.expect("a page");
    assert_eq!(last.results, [subject("dan")]);
    assert_eq!(last.page.and_then(|page| page.next_token).as_deref(), Some(""));

    let request = ActionSearchRequest {
        subject: subject("bob"),
        resource: record("101"),
        context: None,
        page: page(None),
    };
    let actions = client.search_actions(id, KEY, &request).await.expect("a page");
    assert_eq!(actions.results, [action("view")]);
    assert_eq!(actions.page.and_then(|page| page.next_token).as_deref(), Some(""));
}
