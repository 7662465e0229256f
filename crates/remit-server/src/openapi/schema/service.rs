//! How the service is, and what can go wrong.

use utoipa::{IntoParams, IntoResponses, ToSchema};

/// Alive.
#[derive(ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: String,
}

/// Ready, with what.
#[derive(ToSchema)]
pub struct Readiness {
    #[schema(example = "ready")]
    status: String,
    policy_revision: u64,
    policy_digest: String,
    graph_revision: u64,
    graph_digest: String,
}

/// An error.
#[derive(ToSchema)]
pub struct Error {
    /// The status code again.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong.
    message: String,
    /// Where, as a JSON pointer.
    #[schema(example = "/subject/type")]
    pointer: Option<String>,
}

/// The request id.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct RequestIdHeader {
    /// Comes back unchanged; made up when missing.
    #[param(rename = "X-Request-ID")]
    x_request_id: Option<String>,
}

/// What can go wrong with an authenticated call.
#[derive(IntoResponses)]
pub enum Failures {
    /// The request is malformed.
    #[response(status = 400, description = "The request is malformed; the message says where.")]
    Malformed(Error),
    /// No caller.
    #[response(status = 401, description = "The caller is not authenticated; unrelated to any decision.")]
    Unauthenticated(Error),
    /// The caller lacks the right.
    #[response(status = 403, description = "The caller is known but may not ask this.")]
    Forbidden(Error),
    /// It is there already.
    #[response(
        status = 409,
        description = "What is asked for is there already, or is being made at this moment."
    )]
    Conflict(Error),
    /// The body is late.
    #[response(status = 408, description = "The body did not arrive in time.")]
    Slow(Error),
    /// The body is too large.
    #[response(status = 413, description = "The body is too large.")]
    TooLarge(Error),
    /// The caller asks too much.
    #[response(
        status = 429,
        description = "This caller asks more than it may; nothing was decided. `Retry-After` says when to come back."
    )]
    TooMany(Error),
    /// A defect.
    #[response(status = 500, description = "A defect; nothing was decided.")]
    Internal(Error),
    /// Not now.
    #[response(status = 503, description = "Not now; `Retry-After` says when. Nothing was decided.")]
    Unavailable(Error),
}
