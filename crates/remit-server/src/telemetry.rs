//! `Traces`: one span for each request, told to an OTLP collector in the background. A span holds route, method, status and
//! the id of the decision, and nothing of what was asked.
//!
//! INVARIANT: no answer waits for a collector or fails with it; what it does not take is dropped and counted.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use opentelemetry::trace::{
    Span as _, SpanContext, SpanKind, Status, TraceContextExt as _, TraceId, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, Span,
};
use prometheus_client::metrics::counter::Counter;
use remit_identity::AddressRule;

use crate::config::{ConfigError, Telemetry};
use crate::limits;
use crate::outbound::Outbound;
use crate::route::Route;
use crate::traceparent;

/// Where spans are posted, below the endpoint (OTLP/HTTP).
const PATH: &str = "/v1/traces";

/// What became of the batches of spans.
#[derive(Debug, Clone, Default)]
pub struct Exports {
    /// Batches that the collector took.
    pub taken: Counter,
    /// Batches that it did not take.
    pub failed: Counter,
}

/// Makes spans, when there is somebody to tell them to.
#[derive(Debug, Default)]
pub struct Traces(Option<Telling>);

#[derive(Debug)]
struct Telling {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Prepares the way to the configured collector; nothing is sent yet. Must be called inside a runtime.
    ///
    /// # Errors
    /// When there is no client to send with.
    pub fn new(config: &Telemetry, ca_file: Option<&Path>, exports: Exports) -> Result<Self, ConfigError> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(Self(None)) };
        let refused = |message: String| ConfigError::Telemetry { message };
        let outbound = Outbound::new(ca_file).map_err(|error| refused(error.to_string()))?;
        let collector = Collector { outbound, runtime: tokio::runtime::Handle::current(), exports };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(Duration::from_millis(limits::SPANS_DEADLINE_MS))
            .build()
            .map_err(|error| refused(error.to_string()))?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(limits::SPANS_QUEUED)
            .with_max_export_batch_size(limits::SPANS_AT_ONCE)
            .with_scheduled_delay(Duration::from_millis(limits::SPANS_EVERY_MS))
            .build();
        let share = f64::from(config.sample_percent) / 100.0;
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(
                Resource::builder()
                    .with_service_name(config.service_name.clone())
                    .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
                    .build(),
            )
            .build();
        Ok(Self(Some(Telling { tracer: provider.tracer("remit"), provider })))
    }

    /// Begins what is told of one request.
    pub fn begin(&self, headers: &HeaderMap, method: &Method, route: Route) -> Trace {
        let parent = traceparent::read(headers);
        let span = self.0.as_ref().filter(|_| route.is_work()).map(|telling| {
            let context =
                parent.clone().map_or_else(Context::new, |it| Context::new().with_remote_span_context(it));
            let known = [
                KeyValue::new("http.request.method", standard(method)),
                KeyValue::new("http.route", route.path()),
            ];
            let builder =
                telling.tracer.span_builder(route.label()).with_kind(SpanKind::Server).with_attributes(known);
            telling.tracer.build_with_context(builder, &context)
        });
        Trace { parent, span }
    }

    /// Tells what is still to be told, for a short while. Blocks.
    pub fn stop(&self) {
        if let Some(telling) = &self.0 {
            let patience = Duration::from_millis(limits::SPANS_LAST_MS);
            if let Err(error) = telling.provider.shutdown_with_timeout(patience) {
                tracing::warn!(%error, "the last spans were not told");
            }
        }
    }
}

/// A method's name, from a closed list: callers may send any.
fn standard(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "_OTHER",
    }
}

/// What is told of one request.
#[must_use]
pub struct Trace {
    parent: Option<SpanContext>,
    span: Option<Span>,
}

impl Trace {
    /// The trace by which this request can be found again, where somebody keeps it.
    pub fn id(&self) -> Option<TraceId> {
        let own = self.span.as_ref().map(|span| span.span_context()).filter(|it| it.is_sampled());
        own.or(self.parent.as_ref().filter(|it| it.is_sampled())).map(SpanContext::trace_id)
    }

    /// Ends it with what was answered.
    pub fn end(self, status: u16, evaluation_id: Option<&str>) {
        let Some(mut span) = self.span.filter(|span| span.is_recording()) else { return };
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        if let Some(id) = evaluation_id {
            span.set_attribute(KeyValue::new("remit.decision_id", id.to_owned()));
        }
        if status >= 500 {
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// The way to the collector: the server's own client, from a thread that is outside of the runtime.
#[derive(Debug)]
struct Collector {
    outbound: Outbound,
    runtime: tokio::runtime::Handle,
    exports: Exports,
}

impl HttpClient for Collector {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: http::Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let (outbound, exports) = (self.outbound.clone(), self.exports.clone());
        let (head, body) = request.into_parts();
        let posting = self.runtime.spawn(async move {
            let url = head.uri.to_string();
            outbound.post_bytes(&url, AddressRule::Any, head.headers, body, limits::SPANS_DEADLINE_MS).await
        });
        Box::pin(async move {
            let outcome = match posting.await {
                Ok(Ok((status, body))) => {
                    http::Response::builder().status(status).body(Bytes::from(body)).map_err(Into::into)
                }
                Ok(Err(error)) => Err(HttpError::from(error)),
                Err(error) => Err(HttpError::from(error)),
            };
            let taken = outcome.as_ref().is_ok_and(|answer| answer.status().is_success());
            if taken {
                exports.taken.inc()
            } else {
                exports.failed.inc()
            };
            outcome
        })
    }
}
