//! `GET /governance/v1/decisions`: what was decided, for those who may look.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use remit_pdp::Call;

use crate::app::App;
use crate::extract::{AuthenticatedPep, RequestId};
use crate::openapi::schema;
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Lists recorded decisions.
#[utoipa::path(
    get, path = "/governance/v1/decisions", tag = "Governance", operation_id = "listDecisions",
    summary = "Recorded decisions by time, parties, outcome and rule",
    params(schema::RequestIdHeader, schema::DecisionsQuery),
    responses(
        (status = 200, description = "The records found, and where the next page starts.", body = schema::DecisionRecords),
        schema::Failures,
    ),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn decisions(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    RawQuery(query): RawQuery,
) -> Result<Answer, Problem> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.decisions(&call, &pairs).await?))
}
