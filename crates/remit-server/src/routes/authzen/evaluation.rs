//! `POST /access/v1/evaluation`: one question.

use std::sync::Arc;

use axum::extract::State;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Answers one access evaluation (AuthZEN 1.0 §6).
#[utoipa::path(
    post, path = "/access/v1/evaluation", tag = "AuthZEN", operation_id = "evaluate",
    summary = "May this subject perform this action on this resource?",
    params(schema::RequestIdHeader),
    request_body(content = schema::EvaluationRequest, description = "The question.", content_type = "application/json"),
    responses(
        (status = 200, description = "The decision; a deny is a 200 as well.", body = schema::Decision),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn post(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.evaluation(&call, &body).await?))
}
