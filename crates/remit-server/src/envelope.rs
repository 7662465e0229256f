//! What every request passes through exactly once, whatever becomes of it: request id, bound of requests at once, time
//! limit, panic fence, error rendering, standing headers, counting.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName,
    HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower::Service as _;

use crate::app::App;
use crate::extract::accepts_json;
use crate::limits;
use crate::problem::Problem;
use crate::request_id::{self, RequestIds};
use crate::route::Route;
use crate::routes::reply::EVALUATION_ID;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Around the router of one listener.
#[derive(Debug)]
pub struct Envelope {
    app: Arc<App>,
    router: Router,
    ids: RequestIds,
    slots: Semaphore,
    readers: Semaphore,
    time: Duration,
    secure: bool,
}

impl Envelope {
    /// Puts the envelope of `app` around `router`.
    pub fn new(app: Arc<App>, router: Router) -> Self {
        let limits = app.config.limits;
        Self {
            ids: RequestIds::default(),
            slots: Semaphore::new(limits.max_in_flight),
            readers: Semaphore::new(limits::LOG_READERS),
            time: Duration::from_millis(limits.request_timeout_ms),
            secure: app.config.tls.is_some(),
            router,
            app,
        }
    }

    /// Answers one request. There is always an answer, and it always carries the request id.
    pub async fn answer<B>(&self, mut request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let started = Instant::now();
        let id = self.ids.settle(request.headers_mut());
        let accept = request.headers().get(ACCEPT).cloned();
        let route = Route::of(request.uri().path(), self.app.config.base_path());
        let trace = self.app.traces.begin(request.headers(), request.method(), route);
        let ambiguous = framed_oddly(request.headers());
        let mut response = match ambiguous {
            true => {
                Problem::malformed("a body is framed by `Content-Length`, or by `chunked` and nothing else")
                    .into_response()
            }
            false => self.routed(route, request).await,
        };
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = problem.render(accepts_json(accept.as_ref()));
        }
        if ambiguous {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        self.dress(response.headers_mut(), &id);
        let (status, elapsed) = (response.status().as_u16(), started.elapsed());
        let trace_id = trace.id();
        self.app.metrics.answered(route, status, elapsed, trace_id);
        tracing::debug!(target: "remit::access", request_id = ?id, ?trace_id, route = route.label(), status, ?elapsed);
        trace.end(status, response.headers().get(EVALUATION_ID).and_then(|id| id.to_str().ok()));
        response
    }

    async fn routed<B>(&self, route: Route, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let places = place(&self.slots, route.is_work()).and_then(|slot| {
            let reader = place(&self.readers, route.reads_log())?;
            Ok((slot, reader))
        });
        let _places = match places {
            Ok(places) => places,
            Err(full) => return full.into_response(),
        };
        let mut router = self.router.clone();
        let answering = fenced(router.call(request.map(Body::new)));
        let mut response = match tokio::time::timeout(self.time, answering).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(panic)) => defect(panic.as_ref()).into_response(),
            Err(_) => Problem::TimedOut.into_response(),
        };
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allow = response.headers_mut().remove(ALLOW);
            response = Problem::WrongMethod { allow }.into_response();
        }
        response
    }

    fn dress(&self, headers: &mut HeaderMap, id: &HeaderValue) {
        // WHY: else the map grows, and sorts what it holds anew, twice an answer.
        headers.reserve(STANDING);
        headers.insert(request_id::NAME, id.clone());
        let mut standing = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        standing(CACHE_CONTROL, "no-store");
        standing(X_CONTENT_TYPE_OPTIONS, "nosniff");
        standing(REFERRER_POLICY, "no-referrer");
        standing(X_FRAME_OPTIONS, "DENY");
        standing(RESOURCE_POLICY, "same-origin");
        standing(OPENER_POLICY, "same-origin");
        standing(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
        if self.secure {
            standing(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
    }
}

/// How many headers [`Envelope::dress`] adds, at most.
const STANDING: usize = 9;

/// Whether two readers could see the body end at two places, or would have to decode it: such a request is not run, and nothing
/// that follows it on its connection is. SPEC: RFC 9112 §6.1 and §6.3.
fn framed_oddly(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else { return false };
    let plain = coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    !plain || codings.next().is_some() || headers.contains_key(CONTENT_LENGTH)
}

/// A place among so many, when one is needed; nobody waits for one.
fn place(places: &Semaphore, needed: bool) -> Result<Option<SemaphorePermit<'_>>, Problem> {
    if !needed {
        return Ok(None);
    }
    let full = |_| Problem::Overloaded { retry_after_s: limits::RETRY_AFTER_S };
    places.try_acquire().map(Some).map_err(full)
}

/// Runs `future`; a panic inside ends it alone, not the connection and not the process.
async fn fenced<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn defect(panic: &(dyn Any + Send)) -> Problem {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("without a text"), "a request ended in a defect");
    Problem::Internal(String::from("internal error"))
}

#[cfg(test)]
mod tests;
