//! `Problem`: an error on the wire. The only place that knows which failure has which status code.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use remit_pdp::Fault;
use serde::Serialize;

use crate::limits;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The request is malformed.
    Malformed {
        /// What is wrong.
        message: String,
        /// Where, as a JSON pointer.
        pointer: Option<String>,
    },
    /// No caller, or an unknown one.
    Unauthenticated,
    /// A known caller without the right.
    Forbidden(String),
    /// Policies, intent or transaction do not allow it.
    Refused {
        /// The published reason.
        reason: &'static str,
        /// What it is about.
        field: Option<String>,
        /// What is wrong with it.
        message: String,
    },
    /// It is there already.
    Conflict(String),
    /// What it is about is not what the caller has seen.
    Stale(String),
    /// It changes something and does not say what it has seen.
    Unconditional,
    /// Nothing lives at this address.
    NotFound(String),
    /// The address exists, the method does not.
    WrongMethod {
        /// What is allowed instead.
        allow: Option<HeaderValue>,
    },
    /// The body did not arrive in time.
    SlowBody,
    /// The body is too large.
    TooLarge {
        /// The largest accepted body.
        limit: usize,
    },
    /// This caller asks more than it may.
    TooMany {
        /// Seconds to wait before another try.
        retry_after_s: u32,
    },
    /// More requests than the server works on at once.
    Overloaded {
        /// Seconds to wait before another try.
        retry_after_s: u32,
    },
    /// No answer was found in time.
    TimedOut,
    /// The server cannot answer until an operator acts.
    Unavailable(String),
    /// A defect.
    Internal(String),
}

/// The body of an error.
#[derive(Debug, Serialize)]
struct Wire<'a> {
    status: u16,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Problem {
    /// A malformed request without a place to point at.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::Malformed { message: message.into(), pointer: None }
    }

    /// Its status code. SPEC: AuthZEN 1.0 §10.1.2.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Stale(_) => StatusCode::PRECONDITION_FAILED,
            Self::Unconditional => StatusCode::PRECONDITION_REQUIRED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded { .. } | Self::TimedOut | Self::Unavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Malformed { message, .. }
            | Self::Refused { message, .. }
            | Self::Conflict(message)
            | Self::Forbidden(message)
            | Self::Stale(message)
            | Self::NotFound(message)
            | Self::Unavailable(message)
            | Self::Internal(message) => message.clone(),
            Self::Unauthenticated => String::from("the caller is not authenticated"),
            Self::Unconditional => String::from("the header `If-Match` must name what is to be changed"),
            Self::WrongMethod { .. } => String::from("this method is not supported here"),
            Self::SlowBody => String::from("the request body did not arrive in time"),
            Self::TooLarge { limit } => format!("the request body is larger than {limit} bytes"),
            Self::TooMany { .. } => String::from("this caller asks more than it may; nothing was decided"),
            Self::Overloaded { .. } => {
                String::from("more requests than can be worked on; nothing was decided")
            }
            Self::TimedOut => String::from("no answer was found in time; nothing may be concluded"),
        }
    }

    fn extra_header(&self) -> Option<(http::HeaderName, HeaderValue)> {
        match self {
            Self::Unauthenticated => {
                Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"remit\"")))
            }
            Self::WrongMethod { allow } => allow.clone().map(|allow| (ALLOW, allow)),
            // WHY: the rest of the body would be taken for the next request.
            Self::SlowBody | Self::TooLarge { .. } => Some((CONNECTION, HeaderValue::from_static("close"))),
            Self::TooMany { retry_after_s } | Self::Overloaded { retry_after_s } => {
                Some((RETRY_AFTER, HeaderValue::from(*retry_after_s)))
            }
            Self::TimedOut | Self::Unavailable(_) => {
                Some((RETRY_AFTER, HeaderValue::from(limits::RETRY_AFTER_S)))
            }
            Self::Malformed { .. }
            | Self::Refused { .. }
            | Self::Conflict(_)
            | Self::Stale(_)
            | Self::Unconditional
            | Self::Forbidden(_)
            | Self::NotFound(_)
            | Self::Internal(_) => None,
        }
    }

    /// The complete answer, as JSON or as plain text.
    pub fn render(&self, json: bool) -> Response {
        let (status, message) = (self.status(), self.message());
        let (body, media) = if json {
            let pointer = match self {
                Self::Malformed { pointer, .. } => pointer.as_deref(),
                _ => None,
            };
            let (reason, field) = match self {
                Self::Refused { reason, field, .. } => (Some(*reason), field.as_deref()),
                _ => (None, None),
            };
            let wire = Wire { status: status.as_u16(), message: &message, pointer, reason, field };
            (serde_json::to_vec(&wire).unwrap_or_default(), "application/json")
        } else {
            (message.into_bytes(), "text/plain; charset=utf-8")
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
        if let Some((name, value)) = self.extra_header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// WHY: what the client accepts is known to the envelope only, so the problem travels there unrendered.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::BadRequest { message, pointer } => Self::Malformed { message, pointer },
            Fault::Forbidden { message } => Self::Forbidden(message),
            Fault::Refused { reason, field, message } => Self::Refused { reason, field, message },
            Fault::Conflict { message } => Self::Conflict(message),
            Fault::Stale { message } => Self::Stale(message),
            Fault::Unconditional => Self::Unconditional,
            Fault::NotFound { message } => Self::NotFound(message),
            Fault::TooMany { retry_after_s } => Self::TooMany { retry_after_s },
            Fault::Overloaded { retry_after_s } => Self::Overloaded { retry_after_s },
            Fault::Unavailable { message } => Self::Unavailable(message),
            Fault::Internal { message } => Self::Internal(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_status() {
        let message = || String::from("m");
        let table = [
            (Fault::BadRequest { message: message(), pointer: None }, 400),
            (Fault::Forbidden { message: message() }, 403),
            (Fault::NotFound { message: message() }, 404),
            (Fault::Stale { message: message() }, 412),
            (Fault::Unconditional, 428),
            (Fault::Refused { reason: "intent_widened", field: None, message: message() }, 403),
            (Fault::Conflict { message: message() }, 409),
            (Fault::TooMany { retry_after_s: 2 }, 429),
            (Fault::Overloaded { retry_after_s: 2 }, 503),
            (Fault::Unavailable { message: message() }, 503),
            (Fault::Internal { message: message() }, 500),
        ];
        for (fault, status) in table {
            assert_eq!(Problem::from(fault.clone()).status().as_u16(), status, "{fault:?}");
        }
    }

    #[test]
    fn a_503_and_a_429_say_when_to_come_back_and_a_403_does_not() {
        for shed in [
            Problem::TooMany { retry_after_s: 7 },
            Problem::Overloaded { retry_after_s: 7 },
            Problem::TimedOut,
            Problem::Unavailable(String::from("ledger")),
        ] {
            assert!(shed.render(true).headers().contains_key(RETRY_AFTER), "{shed:?}");
        }
        assert_eq!(Problem::Overloaded { retry_after_s: 7 }.render(true).headers()[RETRY_AFTER], "7");
        assert!(!Problem::Forbidden(String::new()).render(true).headers().contains_key(RETRY_AFTER));
    }
}
