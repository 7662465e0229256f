//! `/ibac/v1/transactions`: the history under an intent; opened, narrowed, reported on and ended by PEPs.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Opens a transaction.
#[utoipa::path(
    post, path = "/ibac/v1/transactions", tag = "IBAC", operation_id = "openTransaction",
    summary = "Opens a transaction for a subject and an intent",
    params(schema::RequestIdHeader),
    request_body(content = schema::TransactionOpening, description = "Subject and intent.", content_type = "application/json"),
    responses((status = 201, description = "It is open.", body = schema::TransactionOpened), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn open(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok((StatusCode::CREATED, Answer(app.pdp.open_transaction(&call, &body).await?)).into_response())
}

/// Opens a child.
#[utoipa::path(
    post, path = "/ibac/v1/transactions/{id}/narrow", tag = "IBAC", operation_id = "narrowTransaction",
    summary = "Opens a child transaction, which must lie inside its parent",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The parent.")),
    request_body(content = schema::TransactionOpening, description = "The narrower intent.", content_type = "application/json"),
    responses((status = 201, description = "It is open.", body = schema::TransactionOpened), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn narrow(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(parent): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let reply = app.pdp.narrow_transaction(&call, &parent, &body).await?;
    Ok((StatusCode::CREATED, Answer(reply)).into_response())
}

/// Reads a transaction.
#[utoipa::path(
    get, path = "/ibac/v1/transactions/{id}", tag = "IBAC", operation_id = "readTransaction",
    summary = "What a transaction is and what was done in it",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The transaction.")),
    responses((status = 200, description = "Its state.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn read(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(transaction): Path<String>,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.transaction(&call, &transaction)?))
}

/// Takes what a step returned.
#[utoipa::path(
    post, path = "/ibac/v1/transactions/{id}/outcomes", tag = "IBAC", operation_id = "reportOutcome",
    summary = "Reports what a permitted step returned, so that later arguments can be traced to it",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The transaction.")),
    request_body(content = schema::OutcomeReport, description = "The step and the values it returned.", content_type = "application/json"),
    responses((status = 204, description = "It is known."), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn outcomes(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(transaction): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    app.pdp.report_outcome(&call, &transaction, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stops a transaction.
#[utoipa::path(
    post, path = "/ibac/v1/transactions/{id}/revoke", tag = "IBAC", operation_id = "revokeTransaction",
    summary = "Stops a transaction and its children, from the next decision on",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The transaction.")),
    responses((status = 204, description = "It is stopped."), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn revoke(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(transaction): Path<String>,
) -> Result<StatusCode, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    app.pdp.revoke_transaction(&call, &transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Finishes a transaction.
#[utoipa::path(
    post, path = "/ibac/v1/transactions/{id}/close", tag = "IBAC", operation_id = "closeTransaction",
    summary = "Finishes a transaction and its children",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The transaction.")),
    responses((status = 204, description = "It is finished."), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn close(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(transaction): Path<String>,
) -> Result<StatusCode, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    app.pdp.close_transaction(&call, &transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}
