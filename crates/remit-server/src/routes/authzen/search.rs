//! `POST /access/v1/search/…`: who may, what may be acted on, what may be done.

use std::sync::Arc;

use axum::extract::State;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Lists the subjects that may (AuthZEN 1.0 §8.4).
#[utoipa::path(
    post, path = "/access/v1/search/subject", tag = "AuthZEN", operation_id = "searchSubjects",
    summary = "Who may perform this action on this resource?",
    params(schema::RequestIdHeader),
    request_body(content = schema::SubjectSearchRequest, description = "The question; `subject.id` is ignored.",
                 content_type = "application/json"),
    responses((status = 200, description = "The subjects found.", body = schema::EntityResults), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn subject(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.search_subject(&call, &body).await?))
}

/// Lists the resources that may be acted on (AuthZEN 1.0 §8.5).
#[utoipa::path(
    post, path = "/access/v1/search/resource", tag = "AuthZEN", operation_id = "searchResources",
    summary = "On which resources may this subject perform this action?",
    params(schema::RequestIdHeader),
    request_body(content = schema::ResourceSearchRequest, description = "The question; `resource.id` is ignored.",
                 content_type = "application/json"),
    responses((status = 200, description = "The resources found.", body = schema::EntityResults), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn resource(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.search_resource(&call, &body).await?))
}

/// Lists the actions that may be performed (AuthZEN 1.0 §8.6).
#[utoipa::path(
    post, path = "/access/v1/search/action", tag = "AuthZEN", operation_id = "searchActions",
    summary = "What may this subject do to this resource?",
    params(schema::RequestIdHeader),
    request_body(content = schema::ActionSearchRequest, description = "The question; an `action` is ignored.",
                 content_type = "application/json"),
    responses((status = 200, description = "The actions found.", body = schema::ActionResults), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn action(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.search_action(&call, &body).await?))
}
