//! The well-known document: where it is, what is in it, how it is kept (D-01 to D-13).

use serde_json::json;

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, QUESTION, Running};

const INSERTED: &str = "/.well-known/authzen-configuration";

#[tokio::test]
async fn d_01_d_03_d_04_d_05_and_d_06_the_document_names_the_identifier_and_every_endpoint() {
    let server =
        Running::start(|config| config.public_url = Some(String::from("https://pdp.example/"))).await;
    let answer = server.ask_openly(Ask::get(INSERTED)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let expected = json!({
        "policy_decision_point": "https://pdp.example",
        "access_evaluation_endpoint": "https://pdp.example/access/v1/evaluation",
        "access_evaluations_endpoint": "https://pdp.example/access/v1/evaluations",
        "search_subject_endpoint": "https://pdp.example/access/v1/search/subject",
        "search_resource_endpoint": "https://pdp.example/access/v1/search/resource",
        "search_action_endpoint": "https://pdp.example/access/v1/search/action",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(server.ask_openly(Ask::post(INSERTED, "{}")).await.status, 405);
}

#[tokio::test]
async fn without_a_public_url_the_identifier_is_the_bound_address() {
    let server = Running::start(|_| {}).await;
    let document = server.ask_openly(Ask::get(INSERTED)).await.json();
    assert_eq!(document["policy_decision_point"], format!("http://{}", server.address));
}

#[tokio::test]
async fn d_02_a_tenant_is_found_inserted_and_appended_and_serves_every_endpoint() {
    let server = Running::start(|config| config.public_url = Some(String::from("https://h/t1"))).await;
    for path in ["/.well-known/authzen-configuration/t1", "/t1/.well-known/authzen-configuration", INSERTED] {
        let document = server.ask_openly(Ask::get(path)).await.json();
        assert_eq!(document["policy_decision_point"], "https://h/t1", "{path}");
        assert_eq!(document["access_evaluation_endpoint"], "https://h/t1/access/v1/evaluation", "{path}");
    }
    for endpoint in ENDPOINTS {
        for path in [endpoint.to_owned(), format!("/t1{endpoint}")] {
            assert_eq!(server.ask(Ask::post(&path, QUESTION)).await.status, 200, "{path}");
        }
    }
    for path in ["/.well-known/authzen-configuration/t2", "/t2/.well-known/authzen-configuration"] {
        assert_eq!(server.ask_openly(Ask::get(path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn d_07_what_is_switched_off_vanishes_and_is_404() {
    let server = Running::start(|config| config.endpoints.search_action = false).await;
    let document = server.ask_openly(Ask::get(INSERTED)).await.json();
    assert!(document.get("search_action_endpoint").is_none());
    assert!(document["search_subject_endpoint"].is_string());
    for method in ["POST", "GET"] {
        assert_eq!(server.ask(Ask::new(method, "/access/v1/search/action")).await.status, 404, "{method}");
    }
    assert_eq!(server.ask(Ask::post("/access/v1/search/subject", QUESTION)).await.status, 200);
}

#[tokio::test]
async fn d_13_the_document_may_be_kept_and_is_not_sent_twice() {
    let server = Running::start(|_| {}).await;
    let first = server.ask_openly(Ask::get(INSERTED)).await;
    assert!(first.header("cache-control").contains("max-age="));
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let again = server.ask_openly(Ask::get(INSERTED).header("if-none-match", &tag)).await;
    assert_eq!((again.status, again.header("etag")), (304, tag.as_str()));
    let other = server.ask_openly(Ask::get(INSERTED).header("if-none-match", "\"other\"")).await;
    assert_eq!((other.status, other.body == first.body), (200, true));
}
