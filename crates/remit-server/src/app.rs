//! `App`: what every request of one listener shares. Built once at start.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use remit_pdp::Pdp;
use remit_pdp::authzen::Identifier;

use crate::config::{Admin, Config, ConfigError};
use crate::keyring::Keyring;
use crate::limits;
use crate::metrics::Metrics;
use crate::routes::metadata::Document;
use crate::telemetry::Traces;

/// Which of the routes a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// All of them.
    Whole,
    /// Those of applications and gateways, as people have a listener of their own.
    Callers,
    /// Those of people.
    People,
}

/// Shared by all requests.
#[derive(Debug)]
pub struct App {
    pub(crate) side: Side,
    pub(crate) config: Config,
    pub(crate) pdp: Arc<Pdp>,
    pub(crate) keyring: Keyring,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) traces: Arc<Traces>,
    pub(crate) metadata: Document,
    pub(crate) openapi: bytes::Bytes,
    stopping: Arc<AtomicBool>,
}

impl App {
    /// What the listener at `bound` shares.
    pub(crate) fn new(config: Config, pdp: Arc<Pdp>, bound: SocketAddr) -> Result<Self, ConfigError> {
        let identifier = Identifier::parse(&config.identifier(bound), bound.ip().is_loopback())?;
        let metrics = Metrics::new(Arc::clone(&pdp));
        let traces =
            Traces::new(&config.telemetry, config.issuer_ca_file.as_deref(), metrics.exports.clone())?;
        Ok(Self {
            side: if config.admin.is_some() { Side::Callers } else { Side::Whole },
            metadata: Document::of(&identifier, config.endpoints),
            keyring: Keyring::of(&config),
            metrics: Arc::new(metrics),
            traces: Arc::new(traces),
            openapi: bytes::Bytes::from(crate::openapi::json()),
            stopping: Arc::default(),
            config,
            pdp,
        })
    }

    /// What the listener of people shares, beside this one.
    pub(crate) fn beside(&self, admin: &Admin) -> Self {
        let mut config = self.config.clone();
        (config.tls, config.public_url) = (admin.tls.clone(), None);
        config.limits.max_in_flight = config.limits.max_in_flight.min(limits::ADMIN_IN_FLIGHT);
        config.limits.max_connections = config.limits.max_connections.min(limits::ADMIN_CONNECTIONS);
        Self {
            side: Side::People,
            metadata: self.metadata.clone(),
            keyring: Keyring::people(admin),
            metrics: Arc::clone(&self.metrics),
            traces: Arc::clone(&self.traces),
            openapi: self.openapi.clone(),
            stopping: Arc::clone(&self.stopping),
            config,
            pdp: Arc::clone(&self.pdp),
        }
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
