//! `Metrics`: what Prometheus reads. Labels come from closed lists only; nothing of a request's content is in them.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TraceId;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use remit_pdp::Pdp;

use crate::route::Route;
use crate::telemetry::Exports;

/// Upper bounds in seconds: a decision in memory, one with a group commit, one that waits.
const BUCKETS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Routed {
    route: &'static str,
}

/// By which a slow answer is found again where traces are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Traced {
    trace_id: String,
}

/// Time to an answer, with a trace for each bucket where there is one.
type Durations = Family<Routed, HistogramWithExemplars<Traced>, fn() -> HistogramWithExemplars<Traced>>;

/// All numbers of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Durations,
    /// Open connections.
    pub connections: Gauge,
    /// Connections closed at once because too many were open.
    pub connections_refused: Counter,
    /// Incidents that the webhook took.
    pub escalations: Counter,
    /// Incidents that it did not take yet, by attempt.
    pub escalations_failed: Counter,
    /// Batches of spans.
    pub exports: Exports,
}

impl Metrics {
    /// The numbers of the server in front of `pdp`.
    pub fn new(pdp: Arc<Pdp>) -> Self {
        let mut registry = Registry::with_prefix("remit");
        let requests = Family::default();
        let durations = Durations::new_with_constructor(|| HistogramWithExemplars::new(BUCKETS.into_iter()));
        let (connections, connections_refused) = (Gauge::default(), Counter::default());
        registry.register("http_requests", "Answers by route and status", requests.clone());
        registry.register("http_request_duration_seconds", "Time to the answer by route", durations.clone());
        registry.register("connections", "Open connections", connections.clone());
        registry.register(
            "connections_refused",
            "Connections closed for want of room",
            connections_refused.clone(),
        );
        let (escalations, escalations_failed) = (Counter::default(), Counter::default());
        registry.register("escalations", "Incidents that the webhook took", escalations.clone());
        registry.register(
            "escalations_failed",
            "Attempts to tell the webhook an incident that failed",
            escalations_failed.clone(),
        );
        let exports = Exports::default();
        registry.register("span_batches", "Batches of spans that the collector took", exports.taken.clone());
        registry.register(
            "span_batches_failed",
            "Batches of spans that the collector did not take, by attempt",
            exports.failed.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running build", build);
        registry.register_collector(Box::new(Inside(pdp)));
        Self {
            registry,
            requests,
            durations,
            connections,
            connections_refused,
            escalations,
            escalations_failed,
            exports,
        }
    }

    /// Counts one answer, and its trace as the example of its bucket.
    pub fn answered(&self, route: Route, status: u16, elapsed: Duration, trace: Option<TraceId>) {
        let route = route.label();
        let traced = trace.map(|id| Traced { trace_id: id.to_string() });
        self.requests.get_or_create(&Answered { route, status }).inc();
        self.durations.get_or_create(&Routed { route }).observe(elapsed.as_secs_f64(), traced, None);
    }

    /// The OpenMetrics text.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Reads the decision point's own numbers when asked, so that nothing is counted twice.
#[derive(Debug)]
struct Inside(Arc<Pdp>);

impl Collector for Inside {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let counts = self.0.counts().read();
        for (family, help, label) in FAMILIES {
            let members = counts.iter().filter_map(|(name, _, value)| match outcome(name)? {
                (of, outcome) if of == family => Some((outcome, *value)),
                _ => None,
            });
            let one = encoder.encode_descriptor(family, help, None, MetricType::Counter)?;
            encode_family(one, label, members)?;
        }
        for (name, help, value) in counts.iter().filter(|(name, ..)| outcome(name).is_none()) {
            let one = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(*value).encode(one)?;
        }
        let status = self.0.status();
        let gauges = [
            ("ready", "1 when decisions can be made", u64::from(status.ready)),
            ("policy_revision", "Revision of the published policies", status.revisions.policy.revision),
            ("graph_revision", "Revision of the published graph", status.revisions.graph.revision),
            ("policy_rules", "Rules in the published policies", count(status.rules)),
            ("graph_nodes", "Nodes in the published graph", count(status.nodes)),
            ("graph_placeholders", "Nodes only named by edges", count(status.placeholders)),
            ("graph_edges", "Edges in the published graph", count(status.edges)),
            ("ledger_records", "Records in the ledger", status.ledger.size),
            ("ledger_durable_records", "Records known to be on disk", status.ledger.durable),
            ("ledger_index_lag", "Records the query index has yet to take up", status.ledger.index_lag),
            ("ledger_queue_depth", "Records waiting for the disk", count(status.ledger.queue_depth)),
            (
                "ledger_poisoned",
                "1 when the ledger cannot be written",
                u64::from(status.ledger.poisoned.is_some()),
            ),
        ];
        for (name, help, value) in gauges {
            let one = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(one)?;
        }
        Ok(())
    }
}

/// Counters that are told apart by a label: name, help, label.
const FAMILIES: [(&str, &str, &str); 3] = [
    ("decisions", "Decisions by outcome", "decision"),
    ("sources", "Sources that decisions read, by what became of asking them", "outcome"),
    ("shadow", "Decisions by what the candidate in the shadow makes of them", "outcome"),
];

/// The family of a counter of the decision point, and the value of its label.
fn outcome(name: &'static str) -> Option<(&'static str, &'static str)> {
    match name {
        "allows" => Some(("decisions", "allow")),
        "denies" => Some(("decisions", "deny")),
        _ => match name.strip_prefix("sources_") {
            Some(outcome) => Some(("sources", outcome)),
            None => name.strip_prefix("shadow_").map(|outcome| ("shadow", outcome)),
        },
    }
}

fn encode_family(
    mut family: prometheus_client::encoding::MetricEncoder<'_>,
    label: &'static str,
    outcomes: impl Iterator<Item = (&'static str, u64)>,
) -> Result<(), std::fmt::Error> {
    for (outcome, value) in outcomes {
        let labels = [(label, outcome)];
        ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn count<N: TryInto<u64>>(number: N) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}
