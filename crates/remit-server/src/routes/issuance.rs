//! `/ibac/v1/authorization-details` and `/ibac/v1/token-exchange`: the questions of an authorization server.

use std::sync::Arc;

use axum::extract::State;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Filters an intent.
#[utoipa::path(
    post, path = "/ibac/v1/authorization-details", tag = "IBAC", operation_id = "reduceAuthorizationDetails",
    summary = "Which quads of an intent may be, and the intent without the others",
    params(schema::RequestIdHeader),
    request_body(content = schema::DetailsQuestion, description = "The intent as RFC 9396 details.", content_type = "application/json"),
    responses((status = 200, description = "Answers and what is left.", body = schema::DetailsAnswer), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn details(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.reduce_details(&call, &body).await?))
}

/// Answers whether a token may be issued.
#[utoipa::path(
    post, path = "/ibac/v1/token-exchange", tag = "IBAC", operation_id = "exchangeToken",
    summary = "May this actor get a token for this subject, audience and details? No token is minted.",
    params(schema::RequestIdHeader),
    request_body(content = schema::ExchangeQuestion, description = "The parameters of RFC 8693.", content_type = "application/json"),
    responses((status = 200, description = "What may be put into the token, or the error class.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn exchange(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.exchange_token(&call, &body).await?))
}
