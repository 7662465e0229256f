//! A complete answer of the decision point as an HTTP response.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use remit_pdp::Reply;

/// Names the record of this decision in the ledger.
pub const EVALUATION_ID: HeaderName = HeaderName::from_static("remit-evaluation-id");

/// `200` with the JSON that the decision point wrote.
#[must_use]
pub struct Answer(pub Reply);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.0.body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(id) = self.0.evaluation_id.and_then(|id| HeaderValue::try_from(id).ok()) {
            headers.insert(EVALUATION_ID, id);
        }
        response
    }
}
