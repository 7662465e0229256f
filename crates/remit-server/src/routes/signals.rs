//! `/signals/v1`: what callers have seen of parties, and security event tokens that issuers push.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use remit_pdp::Call;
use serde_json::json;

use crate::app::App;
use crate::extract::{AuthenticatedPep, EventTokenBody, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Takes what was seen.
#[utoipa::path(
    post, path = "/signals/v1/events", tag = "Signals", operation_id = "reportSignals",
    summary = "Reports sign-ins, failures, devices, places and the like of people and agents",
    params(schema::RequestIdHeader),
    request_body(content = schema::SignalBatch, description = "The events.", content_type = "application/json"),
    responses((status = 202, description = "All are recorded, and count.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn report(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok((StatusCode::ACCEPTED, Answer(app.pdp.report_signals(&call, &body).await?)).into_response())
}

/// Takes a security event token.
#[utoipa::path(
    post, path = "/signals/v1/security-events", tag = "Signals", operation_id = "pushSecurityEvent",
    summary = "Takes a security event token that its issuer pushes (RFC 8935; SSF, CAEP)",
    params(schema::RequestIdHeader),
    request_body(content = String, description = "The token.", content_type = "application/secevent+jwt"),
    responses(
        (status = 202, description = "It is recorded, and counts."),
        (status = 400, description = "It is refused, with a code of RFC 8935.", body = schema::AnyObject),
        (status = 401, description = "No caller, or an unknown one."),
        (status = 403, description = "The caller may not push events."),
        (status = 503, description = "It cannot be checked or recorded now: send it again."),
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn push(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    EventTokenBody(token): EventTokenBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(match app.pdp.push_event(&call, &token).await? {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        // SPEC: RFC 8935 §2.3
        Err(refusal) => {
            let told = json!({ "err": refusal.code, "description": refusal.description });
            (StatusCode::BAD_REQUEST, Json(told)).into_response()
        }
    })
}
