//! `/healthz`, `/readyz` and `/metrics`: for orchestrators and Prometheus; open, and free of names of people.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::app::App;
use crate::openapi::schema;
use crate::problem::Problem;

/// The process runs and answers.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", operation_id = "healthz", summary = "Is the process alive?",
    responses((status = 200, description = "It is.", body = schema::Health)),
)]
pub async fn healthz() -> Response {
    json(b"{\"status\":\"ok\"}".to_vec())
}

/// What `/readyz` says.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    status: &'static str,
    policy_revision: u64,
    policy_digest: &'a str,
    graph_revision: u64,
    graph_digest: &'a str,
}

/// The process can decide and record.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", operation_id = "readyz", summary = "Can decisions be made?",
    responses(
        (status = 200, description = "They can, with these revisions.", body = schema::Readiness),
        (status = 503, description = "They cannot; the message says why.", body = schema::Error),
    ),
)]
pub async fn readyz(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let status = app.pdp.status();
    if app.is_stopping() {
        return Err(Problem::Unavailable(String::from("the server is stopping")));
    }
    if status.ledger.poisoned.is_some() {
        return Err(Problem::Unavailable(String::from("the ledger takes no records")));
    }
    if !status.ready {
        return Err(Problem::Unavailable(String::from("the decision point is not ready")));
    }
    let ready = Ready {
        status: "ready",
        policy_revision: status.revisions.policy.revision,
        policy_digest: &status.revisions.policy.digest,
        graph_revision: status.revisions.graph.revision,
        graph_digest: &status.revisions.graph.digest,
    };
    serde_json::to_vec(&ready).map(json).map_err(|error| Problem::Internal(error.to_string()))
}

/// All numbers, in the OpenMetrics text format.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", operation_id = "metrics", summary = "Numbers for Prometheus",
    responses((status = 200, description = "OpenMetrics text.", body = String,
               content_type = "application/openmetrics-text")),
)]
pub async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let text = app.metrics.render().map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}

fn json(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
