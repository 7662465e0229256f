//! What the process tells of itself: its log and its traces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `json` for machines, `pretty` for people.
    pub format: LogFormat,
    /// A level (`error`, `warn`, `info`, `debug`, `trace`) or a filter such as `info,remit_server=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: String::from("info") }
    }
}

/// Where is told how long requests take: a span for each, with route, status and the id of the decision, and nothing of what
/// was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// An OTLP receiver over HTTP, such as `http://127.0.0.1:4318`: https, or http on loopback. Spans are posted to
    /// `/v1/traces` below it as protobuf. Without it none are made.
    pub otlp_endpoint: Option<String>,
    /// Of requests whose caller has not decided that (`traceparent`), so many in a hundred are traced.
    pub sample_percent: u8,
    /// The name of this service in traces.
    pub service_name: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_percent: 100, service_name: String::from("remit") }
    }
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Text for a terminal.
    #[default]
    Pretty,
}
