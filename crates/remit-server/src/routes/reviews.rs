//! `/governance/v1/reviews`: named persons certify who may do what.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Lists the last review of each scope.
#[utoipa::path(
    get, path = "/governance/v1/reviews", tag = "Governance", operation_id = "listReviews",
    summary = "The last review of each scope, those that are overdue first",
    params(
        schema::RequestIdHeader,
        ("overdue" = Option<bool>, Query, description = "Only those that are overdue."),
    ),
    responses((status = 200, description = "The reviews.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn list(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    RawQuery(query): RawQuery,
) -> Result<Answer, Problem> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.list_reviews(&call, &pairs).await?))
}

/// Takes a review.
#[utoipa::path(
    post, path = "/governance/v1/reviews", tag = "Governance", operation_id = "recordReview",
    summary = "Records that a named person certified rows of an answer: to stay, to go, to be looked into",
    params(schema::RequestIdHeader),
    request_body(content = schema::ReviewReport, description = "What was certified.", content_type = "application/json"),
    responses((status = 201, description = "It is recorded.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn record(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok((StatusCode::CREATED, Answer(app.pdp.record_review(&call, &body).await?)).into_response())
}
