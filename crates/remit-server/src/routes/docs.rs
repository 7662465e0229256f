//! The front door, the OpenAPI document and the page that shows it. Everything comes from the binary; the page may load
//! nothing from elsewhere.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde::Serialize;

use crate::app::App;
use crate::openapi::schema;
use crate::problem::Problem;
use crate::route::Route;

const PAGE: &str = include_str!("docs/page.html");
const SCRIPT: &str = include_str!("docs/page.js");
const STYLE: &str = include_str!("docs/page.css");

/// Own script, own style, own API; nothing else, and no frame around it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";

/// The description of this API.
#[utoipa::path(
    get, path = "/openapi.json", tag = "Operations", operation_id = "openapi", summary = "This document",
    responses((status = 200, description = "The OpenAPI document.", body = schema::AnyObject)),
)]
pub async fn openapi(State(app): State<Arc<App>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], app.openapi.clone()).into_response()
}

/// The description as a page.
#[utoipa::path(
    get, path = "/docs", tag = "Operations", operation_id = "docs", summary = "This document as a page",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
pub async fn page() -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, PAGE_POLICY)];
    (headers, PAGE).into_response()
}

/// The script of the page.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", SCRIPT)
}

/// The style sheet of the page.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

fn asset(media: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, media), (CACHE_CONTROL, "no-cache")], text).into_response()
}

/// What the front door says.
#[derive(Debug, Serialize)]
struct Landing {
    name: &'static str,
    version: &'static str,
    metadata: &'static str,
    docs: &'static str,
    openapi: &'static str,
}

/// Says what this is and where to go on.
#[utoipa::path(
    get, path = "/", tag = "Operations", operation_id = "landing", summary = "What is this?",
    responses((status = 200, description = "Name, version and where to go on.", body = schema::AnyObject)),
)]
pub async fn landing() -> Result<Response, Problem> {
    let landing = Landing {
        name: "remit",
        version: env!("CARGO_PKG_VERSION"),
        metadata: Route::Metadata.path(),
        docs: Route::Docs.path(),
        openapi: Route::OpenApi.path(),
    };
    let body = serde_json::to_vec(&landing).map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}
