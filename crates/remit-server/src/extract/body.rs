//! The bytes of a JSON body: right media type, bounded size, bounded time. What they mean is read further in.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt as _;
use remit_pdp::authzen::media::is_json;

use crate::app::App;
use crate::problem::Problem;

/// The media type of security event tokens.
const EVENT_TOKEN: &str = "application/secevent+jwt";

/// A refused body is read and dropped up to this many times the limit, so that the client gets to read the refusal.
const DISCARD_FACTOR: usize = 8;

/// The whole body of a request that says it is JSON.
#[derive(Debug, Clone)]
pub struct JsonBody(pub Bytes);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        check_media(request.headers())?;
        whole(request, app, app.config.limits.body_bytes).await.map(Self)
    }
}

/// The whole body of a request that says it is a security event token. SPEC: RFC 8935 §2.1.
#[derive(Debug, Clone)]
pub struct EventTokenBody(pub Bytes);

impl FromRequest<Arc<App>> for EventTokenBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if media.is_none_or(|media| !media.trim().eq_ignore_ascii_case(EVENT_TOKEN)) {
            return Err(Problem::malformed("expected `Content-Type: application/secevent+jwt`"));
        }
        check_coding(request.headers())?;
        whole(request, app, app.config.limits.body_bytes).await.map(Self)
    }
}

/// The whole body of a proposal, which is JSON and may be larger than a question.
#[derive(Debug, Clone)]
pub struct ProposalBody(pub Bytes);

impl FromRequest<Arc<App>> for ProposalBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        check_media(request.headers())?;
        whole(request, app, remit_pdp::limits::PROPOSAL_BYTES).await.map(Self)
    }
}

async fn whole(request: Request, app: &App, limit: usize) -> Result<Bytes, Problem> {
    let limits = &app.config.limits;
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let time = Duration::from_millis(limits.body_timeout_ms);
    let reading = read(request.into_body(), declared, limit);
    tokio::time::timeout(time, reading).await.map_err(|_| Problem::SlowBody)?
}

/// SPEC: AuthZEN 1.0 §10.1; the certification asks for 400, not 415.
fn check_media(headers: &HeaderMap) -> Result<(), Problem> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !is_json(media) {
        return Err(Problem::malformed("expected `Content-Type: application/json`"));
    }
    check_coding(headers)
}

fn check_coding(headers: &HeaderMap) -> Result<(), Problem> {
    let plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if plain { Ok(()) } else { Err(Problem::malformed("compressed bodies are not supported")) }
}

async fn read(mut body: Body, declared: Option<usize>, limit: usize) -> Result<Bytes, Problem> {
    if declared.is_some_and(|length| length > limit) {
        discard(body, limit).await;
        return Err(Problem::TooLarge { limit });
    }
    let mut whole = Bytes::new();
    let mut joined: Option<BytesMut> = None;
    let mut length = 0_usize;
    while let Some(data) = next(&mut body).await? {
        length = length.saturating_add(data.len());
        if length > limit {
            discard(body, limit).await;
            return Err(Problem::TooLarge { limit });
        }
        match &mut joined {
            Some(joined) => joined.extend_from_slice(&data),
            // WHY: most bodies come in one piece, which needs no copy.
            None if whole.is_empty() => whole = data,
            None => {
                let mut both = BytesMut::with_capacity(declared.unwrap_or(length).max(length));
                both.extend_from_slice(&whole);
                both.extend_from_slice(&data);
                joined = Some(both);
            }
        }
    }
    Ok(joined.map_or(whole, BytesMut::freeze))
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::malformed("the request body broke off"))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

async fn discard(mut body: Body, limit: usize) {
    let mut left = limit.saturating_mul(DISCARD_FACTOR);
    while let Ok(Some(data)) = next(&mut body).await {
        left = left.saturating_sub(data.len());
        if left == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_are_joined_and_the_limit_is_exact() {
        let pieces = |sizes: &[usize]| {
            let frames: Vec<_> =
                sizes.iter().map(|size| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; *size]))).collect();
            Body::from_stream(stream(frames))
        };
        for sizes in [&[][..], &[10], &[4, 6], &[1, 2, 3, 4]] {
            let total: usize = sizes.iter().sum();
            assert_eq!(read(pieces(sizes), None, 10).await.map(|body| body.len()), Ok(total), "{sizes:?}");
        }
        for sizes in [&[11][..], &[5, 6], &[10, 1]] {
            assert_eq!(
                read(pieces(sizes), None, 10).await,
                Err(Problem::TooLarge { limit: 10 }),
                "{sizes:?}"
            );
        }
        assert_eq!(read(pieces(&[1]), Some(11), 10).await, Err(Problem::TooLarge { limit: 10 }));
    }

    fn stream(
        frames: Vec<Result<Bytes, std::io::Error>>,
    ) -> impl futures_core::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
        Frames(frames.into_iter())
    }

    struct Frames(std::vec::IntoIter<Result<Bytes, std::io::Error>>);

    impl futures_core::Stream for Frames {
        type Item = Result<Bytes, std::io::Error>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(self.0.next())
        }
    }
}
