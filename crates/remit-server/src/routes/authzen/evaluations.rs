//! `POST /access/v1/evaluations`: many questions at once.

use std::sync::Arc;

use axum::extract::State;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Answers many access evaluations (AuthZEN 1.0 §7).
#[utoipa::path(
    post, path = "/access/v1/evaluations", tag = "AuthZEN", operation_id = "evaluateMany",
    summary = "Many questions with shared defaults",
    params(schema::RequestIdHeader),
    request_body(content = schema::EvaluationsRequest, description = "The questions.", content_type = "application/json"),
    responses(
        (status = 200, description = "One decision per question, in their order; without questions a single decision.",
         body = schema::EvaluationsResponse),
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
    Ok(Answer(app.pdp.evaluations(&call, &body).await?))
}
