//! `/admin/v1`: the state of the service, reading the bundle again, and proposals for policies and graph.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, HeaderMap, HeaderValue, IF_MATCH};
use http::{HeaderName, StatusCode};
use remit_pdp::proposals::Told;
use remit_pdp::{Call, Reply};

use crate::app::App;
use crate::extract::{AuthenticatedPep, ProposalBody, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// An answer that says by which tag its subject is known.
fn tagged(told: Told) -> Response {
    let mut response = Answer(Reply { body: told.body, evaluation_id: None }).into_response();
    if let Some(tag) = told.tag.and_then(|tag| HeaderValue::try_from(format!("\"{tag}\"")).ok()) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The one header `If-Match`; two of them say nothing.
fn if_match(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all::<HeaderName>(IF_MATCH).iter();
    let only = sent.next()?;
    if sent.next().is_some() { None } else { only.to_str().ok() }
}

/// Shows the state.
#[utoipa::path(
    get, path = "/admin/v1/status", tag = "Administration", operation_id = "status",
    summary = "What is live, and how the ledger is; its `ETag` is the revision that a proposal names",
    params(schema::RequestIdHeader),
    responses((status = 200, description = "The state.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn status(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(tagged(app.pdp.show_status(&call)?))
}

/// Reads again.
#[utoipa::path(
    post, path = "/admin/v1/reload", tag = "Administration", operation_id = "reload",
    summary = "Reads the bundle again and publishes it whole, or changes nothing",
    params(schema::RequestIdHeader),
    responses(
        (status = 200, description = "What is live now, and whether it is something else.", body = schema::AnyObject),
        (status = 409, description = "The bundle is refused, with every reason; the old one keeps answering.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn reload(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(tagged(app.pdp.reload_for(&call).await?))
}

/// Lists proposals.
#[utoipa::path(
    get, path = "/admin/v1/proposals", tag = "Administration", operation_id = "listProposals",
    summary = "The open proposals, the first one first",
    params(schema::RequestIdHeader),
    responses((status = 200, description = "The proposals.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn list(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(tagged(app.pdp.list_proposals(&call).await?))
}

/// Takes a proposal.
#[utoipa::path(
    post, path = "/admin/v1/proposals", tag = "Administration", operation_id = "propose",
    summary = "Proposes a whole bundle upon the revision that `If-Match` names; nothing of it is live before it is approved",
    params(
        schema::RequestIdHeader,
        ("If-Match" = String, Header, description = "The revision that is live, from the `ETag` of the status."),
    ),
    request_body(content = schema::ProposalUpload, description = "The bundle.", content_type = "application/json"),
    responses(
        (status = 201, description = "It is kept and on record; with what it would change.", body = schema::AnyObject),
        (status = 412, description = "Something else is live by now.", body = schema::Error),
        (status = 428, description = "`If-Match` is missing.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn propose(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    headers: HeaderMap,
    ProposalBody(body): ProposalBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let told = app.pdp.propose(&call, if_match(&headers), &body).await?;
    let mut response = tagged(told);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Reads a proposal.
#[utoipa::path(
    get, path = "/admin/v1/proposals/{id}", tag = "Administration", operation_id = "readProposal",
    summary = "A proposal with its files, what it would change and what it is warned of; its `ETag` is what is approved",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The proposal.")),
    responses((status = 200, description = "The proposal.", body = schema::AnyObject), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn read(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(proposal): Path<String>,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(tagged(app.pdp.read_proposal(&call, &proposal).await?))
}

/// Publishes a proposal.
#[utoipa::path(
    post, path = "/admin/v1/proposals/{id}/approve", tag = "Administration", operation_id = "approveProposal",
    summary = "Publishes a proposal of somebody else, as it was read",
    params(
        schema::RequestIdHeader,
        ("id" = String, Path, description = "The proposal."),
        ("If-Match" = String, Header, description = "Its digest, from the `ETag` with which it was read."),
    ),
    responses(
        (status = 200, description = "It is live.", body = schema::AnyObject),
        (status = 412, description = "It is not what was read, or something else went live since it was made.", body = schema::Error),
        (status = 428, description = "`If-Match` is missing.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn approve(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    headers: HeaderMap,
    Path(proposal): Path<String>,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(tagged(app.pdp.approve_proposal(&call, &proposal, if_match(&headers)).await?))
}

/// Takes a proposal back.
#[utoipa::path(
    post, path = "/admin/v1/proposals/{id}/withdraw", tag = "Administration", operation_id = "withdrawProposal",
    summary = "Takes a proposal back, or turns it down",
    params(schema::RequestIdHeader, ("id" = String, Path, description = "The proposal.")),
    responses((status = 204, description = "It is gone, and that is on record."), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn withdraw(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(proposal): Path<String>,
) -> Result<StatusCode, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    app.pdp.withdraw_proposal(&call, &proposal).await?;
    Ok(StatusCode::NO_CONTENT)
}
