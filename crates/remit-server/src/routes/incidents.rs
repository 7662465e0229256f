//! `/governance/v1/incidents`: found by decisions, reported by people, followed to their end.

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

/// Lists incidents.
#[utoipa::path(
    get, path = "/governance/v1/incidents", tag = "Governance", operation_id = "listIncidents",
    summary = "Incidents by status, disclosure and grade, the latest first",
    params(
        schema::RequestIdHeader,
        ("status" = Option<String>, Query, description = "`ongoing` or `resolved`."),
        ("disclosure" = Option<String>, Query, description = "`none`, `due` or `made`."),
        ("grade" = Option<String>, Query, description = "This grade or above: `informational` to `critical`."),
    ),
    responses((status = 200, description = "The incidents, as they stand.", body = schema::AnyObject), schema::Failures),
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
    Ok(Answer(app.pdp.list_incidents(&call, &pairs)?))
}

/// Takes a report.
#[utoipa::path(
    post, path = "/governance/v1/incidents", tag = "Governance", operation_id = "reportIncident",
    summary = "Reports an incident that no decision was; marked with who reported it",
    params(schema::RequestIdHeader),
    request_body(content = schema::IncidentReport, description = "What happened.", content_type = "application/json"),
    responses((status = 201, description = "It is recorded.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn report(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok((StatusCode::CREATED, Answer(app.pdp.report_incident(&call, &body).await?)).into_response())
}

/// Reads one.
#[utoipa::path(
    get, path = "/governance/v1/incidents/{id}", tag = "Governance", operation_id = "readIncident",
    summary = "One incident as it stands, with the fields of the form",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The incident.")),
    responses((status = 200, description = "The incident.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn read(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(incident): Path<String>,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.incident(&call, &incident)?))
}

/// Goes on with one.
#[utoipa::path(
    post, path = "/governance/v1/incidents/{id}/events", tag = "Governance", operation_id = "updateIncident",
    summary = "Notes more about an incident, says that it was disclosed, or resolves it",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The incident.")),
    request_body(content = schema::IncidentUpdate, description = "What is new.", content_type = "application/json"),
    responses((status = 200, description = "The incident as it stands now.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn update(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(incident): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.update_incident(&call, &incident, &body).await?))
}
