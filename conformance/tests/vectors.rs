//! Vector files: the shipped ones against their own answers, and each comparison with a difference.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use remit_conformance::{Kind, Options, Report, run_vectors};
use remit_json::{Json, Limits};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/vectors").join(name)
}

fn options() -> Options {
    Options { insecure_http: true, ..Options::default() }
}

/// Path and request, in canonical text, to the answer.
type Answers = HashMap<String, String>;

/// Serves what the file itself expects, with its text changed by `spoil`.
async fn oracle(file: &Path, spoil: fn(String) -> String) -> String {
    let text = std::fs::read(file).unwrap();
    let json = remit_json::parse(&text, &Limits::trusted()).unwrap();
    let mut answers = Answers::new();
    for group in json.as_object().unwrap() {
        for entry in group.value.as_array().unwrap() {
            let (request, expected) =
                (entry.pointer("/request").unwrap(), entry.pointer("/expected").unwrap());
            let (path, answer) = told(request, expected);
            answers.insert(format!("{path} {}", request.canonical()), spoil(answer));
        }
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::new(answers));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// Told from the answer, so that the runner's own reading of the request is tested.
fn told(request: &Json<'_>, expected: &Json<'_>) -> (&'static str, String) {
    if let Some(decision) = expected.as_bool() {
        return ("/access/v1/evaluation", format!("{{\"decision\":{decision}}}"));
    }
    if expected.as_array().is_some() {
        return ("/access/v1/evaluations", format!("{{\"evaluations\":{expected}}}"));
    }
    let path = match (request.pointer("/subject/id"), request.pointer("/resource/id")) {
        (None, _) => "/access/v1/search/subject",
        (_, None) => "/access/v1/search/resource",
        _ => "/access/v1/search/action",
    };
    (path, expected.to_string())
}

async fn answer(
    State(answers): State<Arc<Answers>>,
    uri: Uri,
    body: axum::body::Bytes,
) -> (StatusCode, HeaderMap, String) {
    let request =
        remit_json::parse(&body, &Limits::default()).map(|json| json.canonical()).unwrap_or_default();
    let headers =
        HeaderMap::from_iter([("content-type".parse().unwrap(), "application/json".parse().unwrap())]);
    match answers.get(&format!("{} {request}", uri.path())) {
        Some(answer) => (StatusCode::OK, headers, answer.clone()),
        None => (StatusCode::NOT_FOUND, headers, "{}".into()),
    }
}

async fn asked(name: &str, spoil: fn(String) -> String) -> Report {
    let file = shipped(name);
    run_vectors(&file, &oracle(&file, spoil).await, &options(), None).await.unwrap()
}

#[tokio::test]
async fn shipped_files_pass_against_their_own_answers() {
    let files = [
        ("todo-draft00.json", 40),
        ("todo-draft01.json", 40),
        ("todo-draft02.json", 43),
        ("gateway.json", 25),
        ("search-subject.json", 60),
        ("idp-resource-search.json", 6),
    ];
    for (name, count) in files {
        let report = asked(name, |answer| answer).await;
        assert_eq!((report.passed, report.failed), (count, 0), "{name}: {report}");
        assert!(report.to_string().ends_with(&format!("{count} passed, 0 failed")));
    }
}

#[tokio::test]
async fn a_context_matters_in_a_batch_and_not_beside_one_decision() {
    let report = asked("todo-draft02.json", |answer| answer.replace("true", "true,\"context\":{}")).await;
    assert!(report.failures().iter().all(|id| id.starts_with("evaluations[")), "{report}");
    assert!(report.failed > 0 && report.passed >= 40);
}

#[tokio::test]
async fn differences_in_searches_are_seen() {
    let spoils: [fn(String) -> String; 3] = [
        |answer| answer.replace("\"type\":\"user\",\"id\":\"alice\"", "\"id\":\"alice\",\"type\":\"user\""),
        |answer| answer.replacen("[{", "[{\"properties\":{},", 1),
        |answer| answer.replacen("[{", "[{\"type\":\"user\",\"id\":\"nobody\"},{", 1),
    ];
    for spoil in spoils {
        assert!(asked("search-subject.json", spoil).await.failed > 0);
    }
    let shuffled = asked("search-subject.json", |answer| {
        let inner = answer.trim_start_matches("{\"results\":[").trim_end_matches("]}");
        let reversed: Vec<_> = inner.rsplit("},").map(|one| one.trim_end_matches('}')).collect();
        format!("{{\"page\":{{\"next_token\":\"\"}},\"results\":[{}}}]}}", reversed.join("},"))
    });
    assert_eq!(shuffled.await.failed, 0, "order and page do not matter");
}

#[tokio::test]
async fn a_wrong_decision_or_another_kind_is_seen() {
    let flipped = asked("gateway.json", |answer| answer.replace("true", "false")).await;
    assert!(flipped.failed > 0 && flipped.passed > 0, "{flipped}");
    let file = shipped("gateway.json");
    let base = oracle(&file, |answer| answer).await;
    let other = run_vectors(&file, &base, &options(), Some(Kind::Evaluations)).await.unwrap();
    assert_eq!(other.passed, 0);
}

#[tokio::test]
async fn a_file_that_holds_no_vectors_is_an_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["data/todo-users.json", "data/idp-records.json", "Cargo.toml", "no-such-file"] {
        assert!(
            run_vectors(&folder.join(name), "http://127.0.0.1:9", &options(), None).await.is_err(),
            "{name}"
        );
    }
}
