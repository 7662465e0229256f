//! The crate `authzen-rs`, a strict client, against Remit over TLS: every API with exact answers.

use authzen_rs::prelude::*;
use remit_clients::{KEY, Remit};
use serde_json::json;

async fn connect(remit: &Remit) -> AuthZenClient {
    builder(remit).bearer_token(KEY).build().await.expect("a client")
}

async fn discovered(remit: &Remit) -> AuthZenClient {
    builder(remit)
        .bearer_token(KEY)
        .discover()
        .build()
        .await
        .expect("metadata that names this decision point")
}

fn builder(remit: &Remit) -> AuthZenClientBuilder {
    AuthZenClient::builder(&remit.identifier).http_client(remit.http.clone())
}

fn ask(user: &str, action: Action, record: Resource) -> EvaluationRequest {
    EvaluationRequest::new(Subject::new("user", user), action, record)
}

fn record(id: &str) -> Resource {
    Resource::new("record", id)
}

async fn decide(client: &AuthZenClient, request: EvaluationRequest) -> bool {
    let decision = client.evaluate(request).await.expect("a decision");
    assert_eq!(decision.context(), None, "nobody asked for more than the decision");
    decision.allowed()
}

fn decisions(response: &EvaluationsResponse) -> Vec<bool> {
    response.evaluations().iter().map(Decision::allowed).collect()
}

fn subject_ids(response: &SearchResponse<Subject>) -> Vec<&str> {
    response
        .results()
        .iter()
        .map(|found| {
            assert_eq!(found.subject_type(), Some("user"));
            assert!(found.properties().is_empty());
            found.id().expect("an id")
        })
        .collect()
}

fn resource_ids(response: &SearchResponse<Resource>) -> Vec<&str> {
    response
        .results()
        .iter()
        .map(|found| {
            assert_eq!(found.resource_type(), Some("record"));
            assert!(found.properties().is_empty());
            found.id().expect("an id")
        })
        .collect()
}

fn action_names(response: &SearchResponse<Action>) -> Vec<&str> {
    response.results().iter().map(|found| found.name().expect("a name")).collect()
}

#[tokio::test]
async fn single_questions_get_the_decisions_of_the_certification_fixture() {
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let delete = |soft: bool| Action::new("delete").with_property("soft", soft);
    let archived = || record("record-2").with_property("status", "archived");
    let administrator = Subject::new("user", "bob").with_property("role", "admin");

    assert!(decide(&client, ask("alice", Action::new("read"), record("record-1"))).await);
    assert!(decide(&client, ask("bob", Action::new("read"), record("record-1"))).await);
    assert!(!decide(&client, ask("bob", Action::new("write"), record("record-1"))).await);
    assert!(decide(&client, ask("alice", delete(true), record("record-1"))).await);
    assert!(!decide(&client, ask("alice", delete(false), record("record-1"))).await);
    assert!(!decide(&client, ask("alice", Action::new("write"), archived())).await);
    let write = EvaluationRequest::new(administrator, Action::new("write"), archived());
    assert!(decide(&client, write).await);
    assert!(!decide(&client, ask("mallory", Action::new("read"), record("record-1"))).await);
    assert!(!decide(&client, ask("alice", Action::new("no_such_action"), record("record-1"))).await);
}

#[tokio::test]
async fn the_context_may_hold_anything_and_changes_nothing_here() {
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let context =
        serde_json::from_value(json!({ "time": "2026-10-26T01:22-07:00", "ip": "10.0.0.1", "deep": [{}] }));
    let context: Context = context.expect("a context");
    let read = ask("alice", Action::new("read"), record("record-1")).with_context(context.clone());
    assert!(decide(&client, read).await);
    let write = ask("bob", Action::new("write"), record("record-1")).with_context(context);
    assert!(!decide(&client, write).await);
}

/// Asks three actions of Bob on the first record under one semantic.
async fn batch(
    client: &AuthZenClient,
    actions: [&str; 3],
    semantic: Option<EvaluationsSemantic>,
) -> Vec<bool> {
    let items = actions.map(|name| ask("bob", Action::new(name), record("record-1")));
    let mut request = EvaluationsRequest::new(items.into());
    if let Some(semantic) = semantic {
        request = request.with_options(EvaluationOptions::new(semantic));
    }
    decisions(&client.evaluations(request).await.expect("decisions"))
}

#[tokio::test]
async fn batches_run_through_or_stop_where_their_semantic_says() {
    use EvaluationsSemantic::{DenyOnFirstDeny, ExecuteAll, PermitOnFirstPermit};
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let mixed = ["read", "write", "read"];

    assert_eq!(batch(&client, mixed, None).await, [true, false, true]);
    assert_eq!(batch(&client, mixed, Some(ExecuteAll)).await, [true, false, true]);
    assert_eq!(batch(&client, mixed, Some(DenyOnFirstDeny)).await, [true, false]);
    assert_eq!(batch(&client, ["read"; 3], Some(DenyOnFirstDeny)).await, [true, true, true]);
    assert_eq!(batch(&client, ["write", "read", "write"], Some(PermitOnFirstPermit)).await, [false, true]);
    assert_eq!(batch(&client, ["write"; 3], Some(PermitOnFirstPermit)).await, [false, false, false]);
}

#[tokio::test]
async fn defaults_are_replaced_whole_and_a_batch_without_items_is_one_question() {
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let alice = Some(Subject::new("user", "alice"));
    let archived = record("record-1").with_property("status", "archived");

    // The items as text, since this client's own type has no item that leaves something to the defaults.
    let items = json!([{}, { "resource": { "type": "record", "id": "record-1" } }]);
    let items: Vec<EvaluationRequest> = serde_json::from_value(items).expect("two items");
    let request = EvaluationsRequest::new(items);
    let request =
        request.with_defaults(alice.clone(), Some(Action::new("write")), Some(archived.clone()), None);
    let response = client.evaluations(request).await.expect("decisions");
    assert_eq!(decisions(&response), [false, true], "`status` of the default does not reach the second item");

    let one = |resource| {
        let request = EvaluationsRequest::new(Vec::new());
        request.with_defaults(alice.clone(), Some(Action::new("write")), Some(resource), None)
    };
    let response = client.evaluations(one(record("record-1"))).await.expect("a decision");
    assert_eq!(response.decision(), Some(true));
    let response = client.evaluations(one(archived)).await.expect("a decision");
    assert_eq!(response.decision(), Some(false));
}

#[tokio::test]
async fn a_caller_that_may_see_reasons_gets_them_when_it_asks() {
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let items = ["read", "write"].map(|name| ask("bob", Action::new(name), record("record-1")));
    let options = EvaluationOptions::new(EvaluationsSemantic::ExecuteAll).with_option("detail", "reason");
    let request = EvaluationsRequest::new(items.into()).with_options(options);
    let response = client.evaluations(request).await.expect("decisions");
    assert_eq!(decisions(&response), [true, false]);
    let reason = |at: usize| response.evaluations()[at].context().and_then(|context| context.get("reason"));
    assert_eq!(reason(0), Some(&json!("permitted")));
    assert_eq!(reason(1), Some(&json!("no_permit_applies")));
}

#[tokio::test]
async fn searches_find_exactly_who_may_what_is_permitted_and_which_actions() {
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let readers = SubjectSearchRequest::new(Subject::query("user"), Action::new("read"), record("record-1"));
    let readers = client.search_subjects(readers).await.expect("subjects");
    assert_eq!(subject_ids(&readers), ["alice", "bob"]);
    assert_eq!(readers.page(), None, "nobody asked for pages");

    let archived = record("record-2").with_property("status", "archived");
    let writers = SubjectSearchRequest::new(Subject::query("user"), Action::new("write"), archived);
    assert_eq!(subject_ids(&client.search_subjects(writers).await.expect("subjects")), ["bob"]);

    let alice = || Subject::new("user", "alice");
    let readable = ResourceSearchRequest::new(alice(), Action::new("read"), Resource::query("record"));
    let readable = client.search_resources(readable).await.expect("resources");
    assert_eq!(resource_ids(&readable), ["record-1", "record-2"]);

    let actions = ActionSearchRequest::new(alice(), record("record-1"));
    assert_eq!(action_names(&client.search_actions(actions).await.expect("actions")), ["read", "write"]);
}

#[tokio::test]
async fn searches_for_what_nobody_knows_find_nothing() {
    let remit = Remit::serve("certification", "").await;
    let client = connect(&remit).await;
    let ships =
        SubjectSearchRequest::new(Subject::query("spaceship"), Action::new("read"), record("record-1"));
    assert!(client.search_subjects(ships).await.expect("an answer").results().is_empty());
    let nobody = Subject::new("user", "nobody");
    let readable = ResourceSearchRequest::new(nobody.clone(), Action::new("read"), Resource::query("record"));
    assert!(client.search_resources(readable).await.expect("an answer").results().is_empty());
    let actions = ActionSearchRequest::new(nobody, record("record-1"));
    assert!(client.search_actions(actions).await.expect("an answer").results().is_empty());
}

#[tokio::test]
async fn a_walk_over_resources_sees_every_record_once() {
    let remit = Remit::serve("records", "").await;
    let client = connect(&remit).await;
    let manager = Subject::new("user", "alice");
    let request = ResourceSearchRequest::new(manager, Action::new("view"), Resource::query("record"));
    let request = request.with_page(PageRequest::new().with_limit(7));
    let mut walk = client.paginate_resources(request).expect("a walk");
    let (mut sizes, mut ids) = (Vec::new(), Vec::new());
    while let Some(response) = walk.next_page().await.expect("a page") {
        let page = response.page().expect("every page of a walk says where it goes on");
        assert_eq!((page.count(), page.total()), (Some(response.results().len() as u64), Some(20)));
        sizes.push(response.results().len());
        ids.extend(resource_ids(&response).into_iter().map(str::to_owned));
    }
    assert_eq!(sizes, [7, 7, 6]);
    assert_eq!(ids, (101..=120).map(|id| id.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn walks_over_subjects_and_actions_end_with_an_empty_token() {
    let remit = Remit::serve("records", "").await;
    let client = connect(&remit).await;
    let page = |limit| PageRequest::new().with_limit(limit);

    let viewers = SubjectSearchRequest::new(Subject::query("user"), Action::new("view"), record("101"));
    let mut walk = client.paginate_subjects(viewers.with_page(page(3))).expect("a walk");
    let first = walk.next_page().await.expect("a page").expect("the first");
    let last = walk.next_page().await.expect("a page").expect("the second");
    assert_eq!(subject_ids(&first), ["alice", "bob", "carol"]);
    assert_eq!(subject_ids(&last), ["dan"]);
    assert_eq!(last.page().map(PageResponse::next_token), Some(""));
    assert!(walk.next_page().await.expect("the end").is_none());

    let owner = ActionSearchRequest::new(Subject::new("user", "alice"), record("101"));
    let mut walk = client.paginate_actions(owner.with_page(page(2))).expect("a walk");
    let mut names = Vec::new();
    while let Some(response) = walk.next_page().await.expect("a page") {
        names.push(action_names(&response).into_iter().map(str::to_owned).collect::<Vec<_>>());
    }
    assert_eq!(names, [vec!["delete", "edit"], vec!["view"]]);
}

#[tokio::test]
async fn a_token_serves_its_own_search_only() {
    let remit = Remit::serve("records", "").await;
    let client = connect(&remit).await;
    let search = |user: &str, page| {
        let subject = Subject::new("user", user);
        ResourceSearchRequest::new(subject, Action::new("view"), Resource::query("record")).with_page(page)
    };
    let page = PageRequest::new().with_limit(2);
    let first = client.search_resources(search("alice", page.clone())).await.expect("a page");
    let page = page.with_token(first.next_token().expect("more to come"));
    let second = client.search_resources(search("alice", page.clone())).await.expect("a page");
    assert_eq!(resource_ids(&second), ["103", "104"]);

    let foreign = client.search_resources(search("dan", page)).await;
    assert!(matches!(foreign, Err(AuthZenError::Pdp { status: 400, .. })), "{foreign:?}");
    let forged = client.search_resources(search("alice", PageRequest::new().with_token("AAAA"))).await;
    assert!(matches!(forged, Err(AuthZenError::Pdp { status: 400, .. })), "{forged:?}");
}

#[tokio::test]
async fn discovery_finds_the_endpoints_of_a_decision_point_without_and_with_a_path() {
    for path in ["", "/t1", "/tenants/t1"] {
        let remit = Remit::serve("certification", path).await;
        let client = discovered(&remit).await;
        assert!(decide(&client, ask("alice", Action::new("read"), record("record-1"))).await, "{path}");
        assert!(!decide(&client, ask("bob", Action::new("write"), record("record-1"))).await, "{path}");
        assert_eq!(batch(&client, ["read", "write", "read"], None).await, [true, false, true]);
        let readers =
            SubjectSearchRequest::new(Subject::query("user"), Action::new("read"), record("record-1"));
        assert_eq!(subject_ids(&client.search_subjects(readers).await.expect("subjects")), ["alice", "bob"]);
        let undiscovered = connect(&remit).await;
        assert!(decide(&undiscovered, ask("alice", Action::new("read"), record("record-1"))).await, "{path}");
    }
}

#[tokio::test]
async fn discovery_refuses_another_identifier_than_the_one_published() {
    let remit = Remit::serve("certification", "/t1").await;
    for other in ["/t2", "/t1/deeper"] {
        let identifier = format!("{}{other}", remit.identifier.trim_end_matches("/t1"));
        let refused =
            AuthZenClient::builder(identifier).http_client(remit.http.clone()).discover().build().await;
        assert!(
            matches!(refused, Err(AuthZenError::Discovery(_) | AuthZenError::InvalidMetadata(_))),
            "{other}"
        );
    }
    discovered(&remit).await;
}

#[tokio::test]
async fn a_caller_without_the_key_is_turned_away_before_anything_is_decided() {
    let remit = Remit::serve("certification", "").await;
    let read = || ask("alice", Action::new("read"), record("record-1"));
    for client in [builder(&remit), builder(&remit).bearer_token("another key")] {
        let refused = client.build().await.expect("a client").evaluate(read()).await;
        assert!(matches!(refused, Err(AuthZenError::Pdp { status: 401, .. })), "{refused:?}");
    }
    assert!(decide(&connect(&remit).await, read()).await);
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_does_not_speak_to_it() {
    let remit = Remit::serve("certification", "").await;
    let stranger = AuthZenClient::builder(&remit.identifier)
        .http_client(remit_clients::Authority::new().client())
        .bearer_token(KEY)
        .build()
        .await
        .expect("a client");
    let refused = stranger.evaluate(ask("alice", Action::new("read"), record("record-1"))).await;
    assert!(matches!(refused, Err(AuthZenError::Transport(_))), "{refused:?}");
}

#[tokio::test]
async fn the_tower_layer_lets_the_permitted_through_and_no_other() {
    use authzen_rs::tower::{AuthZenBody, full_body};
    use http::{Request, Response, StatusCode, request::Parts};
    use tower::{Layer, ServiceExt, service_fn};

    let remit = Remit::serve("certification", "").await;
    let map = |parts: &Parts| -> Result<EvaluationRequest, RequestMappingError> {
        let user = parts.headers.get("user").and_then(|value| value.to_str().ok());
        let user = user.ok_or(RequestMappingError::Unauthenticated)?;
        Ok(ask(user, Action::new("write"), record(parts.uri.path().trim_start_matches('/'))))
    };
    let handler = service_fn(|request: Request<()>| async move {
        let decision = request.extensions().get::<Decision>().expect("the decision comes along");
        assert!(decision.allowed());
        Ok::<_, std::convert::Infallible>(Response::new(full_body("written") as AuthZenBody))
    });
    let service = AuthZenLayer::new(connect(&remit).await).request_mapper(map).layer(handler);
    let put = |user: &str| Request::put("/record-1").header("user", user).body(()).expect("a request");
    let status = |user: &'static str| {
        let service = service.clone();
        async move { service.oneshot(put(user)).await.expect("an answer").status() }
    };
    assert_eq!(status("alice").await, StatusCode::OK);
    assert_eq!(status("bob").await, StatusCode::FORBIDDEN);
}
