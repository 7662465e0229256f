//! `/governance/v1/consents`: what persons have agreed to, given, read as of an instant and taken back.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Lists consents.
#[utoipa::path(
    get, path = "/governance/v1/consents", tag = "Governance", operation_id = "listConsents",
    summary = "What a person had agreed to at an instant",
    params(
        schema::RequestIdHeader,
        ("subject" = String, Query, description = "The person, as `type:id`."),
        ("at" = Option<String>, Query, description = "The instant, RFC 3339; now when it is left out."),
    ),
    responses((status = 200, description = "The consents, each with whether it counted then.", body = schema::AnyObject), schema::Failures),
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
    Ok(Answer(app.pdp.list_consents(&call, &pairs)?))
}

/// Gives one.
#[utoipa::path(
    post, path = "/governance/v1/consents", tag = "Governance", operation_id = "grantConsent",
    summary = "Records that a person agrees that data of a category are used for a purpose",
    params(schema::RequestIdHeader),
    request_body(content = schema::ConsentGrant, description = "The consent.", content_type = "application/json"),
    responses((status = 201, description = "It is recorded, and counts.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn grant(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok((StatusCode::CREATED, Answer(app.pdp.grant_consent(&call, &body).await?)).into_response())
}

/// Takes one back.
#[utoipa::path(
    post, path = "/governance/v1/consents/{id}/withdraw", tag = "Governance", operation_id = "withdrawConsent",
    summary = "Takes a consent back; from now on it does not count",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The consent.")),
    responses((status = 200, description = "The consent as it stands now.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn withdraw(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(consent): Path<String>,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.withdraw_consent(&call, &consent).await?))
}
