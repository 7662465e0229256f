//! `Server`: binds, accepts, reloads on demand, and stops without losing an answer.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use remit_pdp::Pdp;
use remit_pdp::retention::Age;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config::{Config, ConfigError, Tls};
use crate::connection::Protocol;
use crate::envelope::Envelope;
use crate::escalate::{EscalateError, Escalator};
use crate::limits;
use crate::outbound::{Outbound, OutboundError};
use crate::push::Push;
use crate::router::router;
use crate::tls::{self, Certificate};
use crate::watch;

/// Pause after a failed accept: a process out of file handles must not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a server does not come up.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Incidents could not be told.
    #[error(transparent)]
    Escalate(#[from] EscalateError),
    /// Heads cannot be sent.
    #[error("heads cannot be sent anywhere: {0}")]
    Outbound(#[source] OutboundError),
    /// Signals cannot be received.
    #[error("cannot receive signals: {0}")]
    Signals(#[source] io::Error),
    /// A write or a sync of the ledger failed, or its writer did; only a new start can recover.
    #[error("the ledger takes no records any more: {0}")]
    Ledger(String),
}

/// A bound server that does not accept yet.
pub struct Server {
    /// The address it is bound to; with port 0 configured, the one the system chose.
    pub local_addr: SocketAddr,
    /// The address of the listener of people, where there is one.
    pub admin_addr: Option<SocketAddr>,
    door: Door,
    admin: Option<Door>,
    escalator: Option<Escalator>,
}

/// One bound listener, what its requests share, and its certificate.
struct Door {
    listener: TcpListener,
    app: Arc<App>,
    certificate: Option<Arc<Certificate>>,
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn certificate(tls: Option<&Tls>) -> Result<Option<Arc<Certificate>>, ConfigError> {
    Ok(tls.map(Certificate::load).transpose()?.map(Arc::new))
}

impl Server {
    /// Checks the configuration, reads the certificates, and binds.
    ///
    /// # Errors
    /// When the configuration is refused or an address is taken.
    pub async fn bind(config: Config, pdp: Arc<Pdp>) -> Result<Self, ServeError> {
        config.check()?;
        tls::choose_provider();
        let own = certificate(config.tls.as_ref())?;
        let escalator = config.incidents.webhook.as_ref();
        let escalator =
            escalator.map(|it| Escalator::new(it, config.issuer_ca_file.as_deref())).transpose()?;
        let (listener, local_addr) = listen(config.listen).await?;
        let people = config.admin.clone();
        let app = Arc::new(App::new(config, pdp, local_addr)?);
        let admin = match &people {
            None => None,
            Some(people) => {
                let certificate = certificate(people.tls.as_ref())?;
                let (listener, bound) = listen(people.listen).await?;
                Some((Door { listener, app: Arc::new(app.beside(people)), certificate }, bound))
            }
        };
        let (admin, admin_addr) = admin.unzip();
        let door = Door { listener, app, certificate: own };
        Ok(Self { local_addr, admin_addr, door, admin, escalator })
    }

    /// The identifier under which callers know this decision point.
    #[must_use]
    pub fn identifier(&self) -> String {
        self.door.app.config.identifier(self.local_addr)
    }

    /// Accepts and answers until `shutdown` is done; then finishes what is in flight, stops the decision point and
    /// returns.
    ///
    /// # Errors
    /// When signals cannot be received, or the ledger failed for good.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { local_addr, admin_addr, door, admin, escalator } = self;
        let app = Arc::clone(&door.app);
        let mut background = JoinSet::new();
        let both = door.certificate.iter().chain(admin.iter().filter_map(|door| door.certificate.as_ref()));
        background
            .spawn(watch::on_hangup(Arc::clone(&app), both.cloned().collect()).map_err(ServeError::Signals)?);
        // WHY: where proposals are the way, what happens to the folder is nobody's approval.
        if app.config.watch && app.config.proposals().is_none() {
            background.spawn(watch::on_change(Arc::clone(&app)));
        }
        background.spawn(upkeep(Arc::clone(&app)));
        if let Some(push) = pushes(&app)? {
            background.spawn(push.run());
        }
        match escalator {
            Some(escalator) => drop(background.spawn(escalator.run(Arc::clone(&app)))),
            None => app.pdp.incidents().tell_nobody(),
        }
        tracing::info!(address = %local_addr, tls = door.certificate.is_some(), "listening");
        if let (Some(address), Some(door)) = (admin_addr, &admin) {
            tracing::info!(%address, tls = door.certificate.is_some(), "listening to people");
        }
        let graceful = GracefulShutdown::new();
        let lost = tokio::select! {
            () = accept(Some(door), &graceful) => None,
            () = accept(admin, &graceful) => None,
            () = shutdown => None,
            reason = failed_ledger(&app) => Some(reason),
        };
        app.begin_stop();
        tracing::info!("stopping");
        if tokio::time::timeout(Duration::from_secs(limits::DRAIN_S), graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests were still unanswered at the end of the grace period");
        }
        background.shutdown().await;
        app.pdp.stop("asked to stop").await;
        if let Some(push) = pushes(&app)? {
            push.last().await;
        }
        let told = Arc::clone(&app);
        if tokio::task::spawn_blocking(move || told.traces.stop()).await.is_err() {
            tracing::error!("telling the last spans ended in a defect");
        }
        tracing::info!("stopped");
        lost.map_or(Ok(()), |reason| Err(ServeError::Ledger(reason)))
    }
}

/// Done a while after the ledger failed for good. WHY: a process that can decide nothing more must end, so that its
/// supervisor starts one that recovers; until then it says that it is not ready.
async fn failed_ledger(app: &App) -> String {
    loop {
        tokio::time::sleep(Duration::from_millis(limits::LEDGER_LOOK_MS)).await;
        if let Some(reason) = app.pdp.status().ledger.poisoned {
            tracing::error!(reason, "the ledger takes no records any more; the process ends");
            tokio::time::sleep(Duration::from_secs(limits::LEDGER_FAILED_S)).await;
            return reason;
        }
    }
}

/// What sends heads to the second places, where any are configured.
fn pushes(app: &Arc<App>) -> Result<Option<Push>, ServeError> {
    let config = &app.config.ledger.push;
    if config.directory.is_none() && config.url.is_none() && config.witness.is_none() {
        return Ok(None);
    }
    let outbound = Outbound::new(app.config.issuer_ca_file.as_deref()).map_err(ServeError::Outbound)?;
    Ok(Some(Push::new(config.clone(), outbound, Arc::clone(&app.pdp))))
}

/// What is done now and then, so that neither a decision nor the next start waits for it.
async fn upkeep(app: Arc<App>) {
    let mut turns = tokio::time::interval(Duration::from_secs(limits::UPKEEP_S));
    for turn in 1_u64.. {
        turns.tick().await;
        app.pdp.refresh_keys().await;
        app.pdp.watch_clock().await;
        if turn.is_multiple_of(limits::UPKEEP_TURNS_PER_SNAPSHOT) {
            let pdp = Arc::clone(&app.pdp);
            if tokio::task::spawn_blocking(move || pdp.save_transactions()).await.is_err() {
                tracing::error!("saving the transactions ended in a defect");
            }
        }
        if turn % limits::UPKEEP_TURNS_PER_PRUNE == 1
            && let Some(age) = app.config.ledger.retention()
        {
            retain(&app, age).await;
        }
    }
}

/// Drops the records that are older than is configured.
async fn retain(app: &Arc<App>, age: Age) {
    let pdp = Arc::clone(&app.pdp);
    match tokio::task::spawn_blocking(move || pdp.retain(age)).await {
        Ok(Ok(plan)) if plan.records > 0 => {
            tracing::info!(records = plan.records, first = plan.left, "old records were dropped");
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(error, "old records could not be dropped"),
        Err(_) => tracing::error!("dropping old records ended in a defect"),
    }
}

/// Accepts for ever; where there is no listener, nothing ever comes.
async fn accept(door: Option<Door>, graceful: &GracefulShutdown) {
    let Some(Door { listener, app, certificate }) = door else { return std::future::pending().await };
    let bounds = &app.config.limits;
    let envelope = Arc::new(Envelope::new(Arc::clone(&app), router(Arc::clone(&app))));
    let protocol = Arc::new(Protocol::new(bounds));
    let room = Arc::new(Semaphore::new(bounds.max_connections));
    loop {
        let Some(stream) = next(&listener).await else { continue };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            app.metrics.connections_refused.inc();
            continue;
        };
        let (app, envelope, protocol) = (Arc::clone(&app), Arc::clone(&envelope), Arc::clone(&protocol));
        let (certificate, watcher) = (certificate.clone(), graceful.watcher());
        tokio::spawn(async move {
            app.metrics.connections.inc();
            protocol.serve(stream, certificate.as_deref(), envelope, watcher).await;
            app.metrics.connections.dec();
            drop(place);
        });
    }
}

async fn next(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => Some(stream),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Binds and runs in one step.
///
/// # Errors
/// When the server does not come up.
pub async fn run(
    config: Config,
    pdp: Arc<Pdp>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    Server::bind(config, pdp).await?.run(shutdown).await
}

/// Done when the process is asked to stop: `SIGTERM` or `SIGINT`. Listens from the moment of the call.
///
/// # Errors
/// When signals cannot be received.
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            // Without a handler the process simply ends, which is what was asked for.
            let _ = tokio::signal::ctrl_c().await;
        })
    }
}
