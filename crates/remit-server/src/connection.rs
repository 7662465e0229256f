//! One connection: handshake, protocol, time limits, and an orderly end. Knows nothing of routes.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::config::Limits;
use crate::envelope::Envelope;
use crate::limits;
use crate::patience::Impatient;
use crate::svid::Svid;
use crate::tls::Certificate;

/// How connections of one listener are served.
#[derive(Debug)]
pub struct Protocol {
    builder: auto::Builder<TokioExecutor>,
    head_time: Duration,
    answer_time: Duration,
}

impl Protocol {
    /// HTTP/1.1 and HTTP/2 within `bounds`.
    pub fn new(bounds: &Limits) -> Self {
        let head_time = Duration::from_millis(bounds.header_timeout_ms);
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            // WHY: a decision under way is not given up because its caller hung up: it has its record either way. And a connection
            // is not read, into new memory, while its request is being answered.
            .half_close(true)
            .timer(TokioTimer::new())
            .header_read_timeout(head_time)
            .max_buf_size(bounds.header_bytes.max(limits::HEADER_BYTES_MIN));
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(bounds.header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_streams(limits::H2_STREAMS)
            .keep_alive_interval(head_time)
            .keep_alive_timeout(head_time);
        Self { builder, head_time, answer_time: Duration::from_millis(bounds.body_timeout_ms) }
    }

    /// Serves one accepted connection to its end.
    pub async fn serve(
        &self,
        stream: TcpStream,
        certificate: Option<&Certificate>,
        envelope: Arc<Envelope>,
        watcher: Watcher,
    ) {
        // A connection without this option is only slower.
        let _ = stream.set_nodelay(true);
        let stream = Impatient::new(stream, self.answer_time);
        let Some(certificate) = certificate else { return self.speak(stream, None, envelope, watcher).await };
        match tokio::time::timeout(self.head_time, certificate.acceptor().accept(stream)).await {
            Ok(Ok(secured)) => {
                let peer = certificate.peer(&secured);
                self.speak(secured, peer, envelope, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    async fn speak<S>(&self, stream: S, peer: Option<Svid>, envelope: Arc<Envelope>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let spoken = Arc::new(AtomicBool::new(false));
        let first = Arc::clone(&spoken);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            if let Some(peer) = &peer {
                request.extensions_mut().insert(peer.clone());
            }
            first.store(true, Ordering::Relaxed);
            let envelope = Arc::clone(&envelope);
            async move { Ok::<_, Infallible>(envelope.answer(request).await) }
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let mut connection = std::pin::pin!(watcher.watch(connection));
        // WHY: while hyper finds out which protocol is spoken, no time limit of its own runs.
        let served = match tokio::time::timeout(self.head_time, &mut connection).await {
            Ok(served) => served,
            Err(_) if spoken.load(Ordering::Relaxed) => connection.await,
            Err(_) => return tracing::debug!("no request arrived in time"),
        };
        if let Err(error) = served {
            tracing::debug!(error = %error, "a connection ended early");
        }
    }
}
