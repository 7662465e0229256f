//! `/audit/v1/log/…`: the signed log as C2SP tlog-tiles lays it out, for auditors.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use remit_pdp::{Call, LogAsk, LogMedia, LogReply};
use serde::Deserialize;

use crate::app::App;
use crate::extract::{AuthenticatedPep, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;

/// An answer about the log as an HTTP response.
#[must_use]
pub struct Audited(LogReply);

impl IntoResponse for Audited {
    fn into_response(self) -> Response {
        let media = match self.0.media {
            LogMedia::Text => "text/plain; charset=utf-8",
            LogMedia::Bytes => "application/octet-stream",
            LogMedia::Json => "application/json",
        };
        // What never changes may be kept, by the auditor alone: others have no right to it.
        let kept = if self.0.immutable { "private, max-age=31536000, immutable" } else { "no-store" };
        let mut response = Response::new(Body::from(self.0.body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        response
    }
}

/// The signed head.
#[utoipa::path(
    get, path = "/audit/v1/log/checkpoint", tag = "Audit", operation_id = "logCheckpoint",
    summary = "The last signed head (C2SP checkpoint)",
    params(schema::RequestIdHeader),
    responses(
        (status = 200, description = "The signed note.", body = String, content_type = "text/plain"),
        (status = 404, description = "No head was signed yet.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn checkpoint(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
) -> Result<Audited, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Audited(app.pdp.log(&call, LogAsk::Checkpoint).await?))
}

/// A tile.
#[utoipa::path(
    get, path = "/audit/v1/log/tile/{path}", tag = "Audit", operation_id = "logTile",
    summary = "A tile of hashes (`L/N`) or a bundle of records (`entries/N`), whole or partial (`.p/W`) (C2SP tlog-tiles)",
    params(
        schema::RequestIdHeader,
        ("path" = String, Path, description = "`0/x001/234`, `1/000.p/17`, `entries/003`; it contains slashes."),
    ),
    responses(
        (status = 200, description = "32 bytes a hash; or records, each behind its length in two bytes.", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "The last signed head does not have it, or it was pruned.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn tile(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(path): Path<String>,
) -> Result<Audited, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Audited(app.pdp.log(&call, LogAsk::Tile(path)).await?))
}

/// Under which head a proof stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofQuery {
    size: Option<String>,
}

/// A proof of inclusion.
#[utoipa::path(
    get, path = "/audit/v1/log/proof/{id}", tag = "Audit", operation_id = "logProof",
    summary = "The proof that the record at this place is in the log (C2SP tlog-proof, verifiable offline)",
    params(
        schema::RequestIdHeader,
        ("id" = u64, Path, description = "The record's place."),
        ("size" = Option<u64>, Query, description = "Under the head of this size; otherwise under the last one."),
    ),
    responses(
        (status = 200, description = "The proof with its signed head.", body = String, content_type = "text/plain"),
        (status = 404, description = "The head does not reach that far.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn proof(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(index): Path<String>,
    query: Result<Query<ProofQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Audited, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let Query(ProofQuery { size }) = query.map_err(|error| Problem::malformed(error.body_text()))?;
    Ok(Audited(app.pdp.log(&call, LogAsk::Proof { index, size }).await?))
}

/// Two sizes of the log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyQuery {
    from: String,
    to: String,
}

/// A proof of consistency.
#[utoipa::path(
    get, path = "/audit/v1/log/consistency", tag = "Audit", operation_id = "logConsistency",
    summary = "The proof that the log of one size is a beginning of the log of another (RFC 6962)",
    params(
        schema::RequestIdHeader,
        ("from" = u64, Query, description = "The smaller size."),
        ("to" = u64, Query, description = "The larger size."),
    ),
    responses(
        (status = 200, description = "The hashes, in hexadecimal.", body = schema::AnyObject),
        (status = 404, description = "The last signed head does not reach that far.", body = schema::Error),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn consistency(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    query: Result<Query<ConsistencyQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Audited, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let Query(ConsistencyQuery { from, to }) =
        query.map_err(|error| Problem::malformed(error.body_text()))?;
    Ok(Audited(app.pdp.log(&call, LogAsk::Consistency { from, to }).await?))
}

/// The public keys.
#[utoipa::path(
    get, path = "/audit/v1/log/vkey", tag = "Audit", operation_id = "logVkey",
    summary = "The public keys of the log, for first contact only: pin them from elsewhere",
    params(schema::RequestIdHeader),
    responses(
        (status = 200, description = "A key a line, the one in force first.", body = String, content_type = "text/plain"),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn vkeys(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
) -> Result<Audited, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Audited(app.pdp.log(&call, LogAsk::Vkeys).await?))
}
