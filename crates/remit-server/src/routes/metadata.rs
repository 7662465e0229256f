//! `GET /.well-known/authzen-configuration`: what this decision point offers, and where.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use remit_pdp::authzen::{Endpoints, Identifier, Metadata};

use crate::app::App;
use crate::openapi::schema;
use crate::{config, limits};

/// The document and its tag, written once.
#[derive(Debug, Clone)]
pub struct Document {
    body: Bytes,
    tag: HeaderValue,
    age: HeaderValue,
}

impl Document {
    /// The document of the decision point that callers know as `identifier`.
    pub fn of(identifier: &Identifier, offered: config::Endpoints) -> Self {
        let config::Endpoints { evaluations, search_subject, search_resource, search_action } = offered;
        let on = Endpoints { evaluations, search_subject, search_resource, search_action };
        let body = serde_json::to_vec(&Metadata::new(identifier, on)).unwrap_or_default();
        let tag = format!("\"{}\"", crate::keyring::sha256_hex(&body));
        let age = format!("public, max-age={}", limits::METADATA_MAX_AGE_S);
        let header = |text: String| {
            HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("no-cache"))
        };
        Self { body: Bytes::from(body), tag: header(tag), age: header(age) }
    }
}

/// Publishes the metadata (AuthZEN 1.0 §9).
#[utoipa::path(
    get, path = "/.well-known/authzen-configuration", tag = "AuthZEN", operation_id = "metadata",
    summary = "What this decision point offers, and where",
    params(schema::RequestIdHeader),
    responses(
        (status = 200, description = "The metadata.", body = schema::Metadata),
        (status = 304, description = "Unchanged since the tag sent in `If-None-Match`."),
    ),
)]
pub async fn get(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let document = &app.metadata;
    let known = headers.get_all(IF_NONE_MATCH).iter().any(|sent| matches(sent, &document.tag));
    let mut response = Response::new(if known { Body::empty() } else { Body::from(document.body.clone()) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ETAG, document.tag.clone());
    headers.insert(CACHE_CONTROL, document.age.clone());
    response
}

fn matches(sent: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(sent), Ok(tag)) = (sent.to_str(), tag.to_str()) else { return false };
    sent.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}
