//! Limits and timeouts of the envelope, apart from sockets.

use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use remit_pdp::{Options, Pdp};

use super::*;
use crate::config::Config;

async fn app(change: impl FnOnce(&mut Config)) -> (Arc<App>, tempfile::TempDir) {
    let data = tempfile::tempdir().expect("a folder");
    let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bundle");
    let pdp = Pdp::start(Options::new(bundle, data.path())).expect("the bundle is good");
    let mut config = Config { insecure_loopback: true, ..Config::default() };
    change(&mut config);
    let bound = config.listen;
    (Arc::new(App::new(config, Arc::new(pdp), bound).expect("a good configuration")), data)
}

fn ask(path: &str) -> Request<Body> {
    Request::builder()
        .method("POST")
        .uri(path)
        .header("x-request-id", "q")
        .body(Body::empty())
        .expect("a request")
}

fn retry_after(response: &Response) -> Option<&HeaderValue> {
    response.headers().get("retry-after")
}

#[tokio::test]
async fn x_05_a_panic_is_a_500_without_a_decision_and_the_next_request_is_answered() {
    let (app, _data) = app(|_| {}).await;
    async fn broken() -> &'static str {
        panic!("a secret detail")
    }
    let router = Router::new().route("/broken", post(broken)).route("/fine", get(|| async { "fine" }));
    let envelope = Envelope::new(app, router);
    let response = envelope.answer(ask("/broken")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()["x-request-id"], "q");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(&body[..], br#"{"status":500,"message":"internal error"}"#);
    let fine = Request::builder().uri("/fine").body(Body::empty()).expect("a request");
    assert_eq!(envelope.answer(fine).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_late_answer_is_a_503_with_the_request_id_and_a_quick_one_is_itself() {
    let (app, _data) = app(|config| config.limits.request_timeout_ms = 50).await;
    async fn late() -> &'static str {
        tokio::time::sleep(Duration::from_secs(60)).await;
        "late"
    }
    let router = Router::new().route("/late", post(late)).route("/quick", post(|| async { "quick" }));
    let envelope = Envelope::new(app, router);
    let response = envelope.answer(ask("/late")).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["x-request-id"], "q");
    assert!(retry_after(&response).is_some());
    assert_eq!(envelope.answer(ask("/quick")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn work_beyond_the_bound_is_shed_while_probes_are_answered() {
    let (app, _data) = app(|config| config.limits.max_in_flight = 2).await;
    let gate = Arc::new(Semaphore::new(0));
    let inner = Arc::clone(&gate);
    let waiting = move || {
        let gate = Arc::clone(&inner);
        async move {
            let _ = gate.acquire().await;
            "done"
        }
    };
    let router = Router::new()
        .route(Route::Evaluation.path(), post(waiting))
        .route(Route::Healthz.path(), get(|| async {}));
    let envelope = Arc::new(Envelope::new(app, router));
    let mut held = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let envelope = Arc::clone(&envelope);
        held.spawn(async move { envelope.answer(ask(Route::Evaluation.path())).await.status() });
    }
    while envelope.slots.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let shed = envelope.answer(ask(Route::Evaluation.path())).await;
    assert_eq!(shed.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(retry_after(&shed).is_some());
    let probe = Request::builder().uri("/healthz").body(Body::empty()).expect("a request");
    assert_eq!(envelope.answer(probe).await.status(), StatusCode::OK);
    gate.add_permits(3);
    while let Some(status) = held.join_next().await {
        assert_eq!(status.expect("answered"), StatusCode::OK);
    }
    assert_eq!(envelope.answer(ask(Route::Evaluation.path())).await.status(), StatusCode::OK);
}
