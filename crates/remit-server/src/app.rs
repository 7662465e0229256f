//! `App`: what every request of one listener shares. Built once at start.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use remit_pdp::Pdp;
use remit_pdp::authzen::Identifier;

use crate::config::{Config, ConfigError};
use crate::keyring::Keyring;
use crate::metrics::Metrics;
use crate::routes::metadata::Document;
use crate::telemetry::Traces;

/// Shared by all requests.
#[derive(Debug)]
pub struct App {
    pub(crate) config: Config,
    pub(crate) pdp: Arc<Pdp>,
    pub(crate) keyring: Keyring,
    pub(crate) metrics: Metrics,
    pub(crate) traces: Traces,
    pub(crate) metadata: Document,
    pub(crate) openapi: bytes::Bytes,
    stopping: AtomicBool,
}

impl App {
    /// What the listener at `bound` shares.
    pub(crate) fn new(config: Config, pdp: Arc<Pdp>, bound: SocketAddr) -> Result<Self, ConfigError> {
        let identifier = Identifier::parse(&config.identifier(bound), bound.ip().is_loopback())?;
        let metrics = Metrics::new(Arc::clone(&pdp));
        let traces =
            Traces::new(&config.telemetry, config.issuer_ca_file.as_deref(), metrics.exports.clone())?;
        Ok(Self {
            metadata: Document::of(&identifier, config.endpoints),
            keyring: Keyring::of(&config),
            metrics,
            traces,
            openapi: bytes::Bytes::from(crate::openapi::json()),
            stopping: AtomicBool::new(false),
            config,
            pdp,
        })
    }

    /// From now on the server reports that it is not ready.
    pub(crate) fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// A stop was asked for.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}
