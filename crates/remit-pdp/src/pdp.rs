//! `Pdp`: the decision point as a whole; how it starts, what it is made of, how it stops.

mod options;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use remit_identity::{Caller, Unverified, Verifier};
use remit_ledger::{
    AppendError, Body, ConfigChanged, FaultNoted, KeyError, Keys, Ledger, LedgerError, LedgerOptions,
    PseudonymError, Pseudonyms, Started, Stopped,
};
use remit_model::Timestamp;
use remit_state::State;

use crate::archive;
use crate::bundle::{self, Bundle, BundleError, Purpose};
use crate::call::Call;
use crate::clock::Clock;
use crate::counts::Counts;
use crate::departed::{Departure, departures};
use crate::fault::Fault;
use crate::history;
use crate::incident::Grade;
use crate::incidents::Incidents;
use crate::keyed::OutcomeKey;
use crate::limits::Limits;
use crate::live::Live;
use crate::page::Pager;
use crate::proposals::Proposals;
use crate::publish::{self, Load, Origin};
use crate::record;
use crate::revisions::Revisions;
use crate::shadow;
use crate::sources::Gatherer;
use crate::vigil::Vigil;

pub use options::Options;

/// Why a decision point does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The bundle is refused.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle passed its checks and still makes no program.
    #[error("the policies cannot be compiled: {0}")]
    Compile(String),
    /// What was approved last cannot be had back.
    #[error(
        "what was approved last cannot be served: {0}; bring `revisions` of the data directory back, or switch proposals off"
    )]
    Approved(String),
    /// The candidate in the shadow is refused.
    #[error("the shadow is refused: {0}")]
    Shadow(String),
    /// The issuers are refused.
    #[error("the issuers cannot be used: {0}")]
    Identity(#[from] remit_identity::ConfigError),
    /// The keys that stand between persons and records cannot be used.
    #[error(transparent)]
    Pseudonyms(#[from] PseudonymError),
    /// The transactions cannot be restored from the ledger.
    #[error("the transactions cannot be restored: {0}")]
    Transactions(String),
    /// The ledger's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The ledger cannot be opened.
    #[error("the ledger cannot be opened: {0}")]
    Ledger(#[source] LedgerError),
    /// The start could not be recorded.
    #[error("the start cannot be recorded: {0}")]
    Record(#[from] AppendError),
    /// The data directory cannot be used.
    #[error("the data directory cannot be used: {0}")]
    Data(String),
    /// The system's clock or randomness cannot be used.
    #[error("{0}")]
    System(&'static str),
}

/// A running decision point.
pub struct Pdp {
    pub(crate) published: ArcSwap<Live>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) pseudonyms: Pseudonyms,
    pub(crate) incidents: Incidents,
    pub(crate) vigil: Vigil,
    pub(crate) incidents_from: Grade,
    pub(crate) proposals: Option<Proposals>,
    pub(crate) state: State,
    pub(crate) verifier: Verifier,
    pub(crate) sources: Arc<Gatherer>,
    pub(crate) outcome_key: Option<OutcomeKey>,
    pub(crate) counts: Counts,
    pub(crate) pager: Pager,
    pub(crate) limits: Limits,
    pub(crate) wire_limits: remit_authzen::Limits,
    pub(crate) json_limits: remit_json::Limits,
    pub(crate) bundle: PathBuf,
    pub(crate) shadow: Option<PathBuf>,
    pub(crate) data: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) publishing: tokio::sync::Mutex<()>,
}

/// What health and metrics show.
#[derive(Debug, Clone)]
pub struct Status {
    /// True while decisions can be made and recorded.
    pub ready: bool,
    /// Numbers and digests of what is served.
    pub revisions: Revisions,
    /// Rules of the program.
    pub rules: usize,
    /// Nodes of the graph, placeholders included.
    pub nodes: usize,
    /// Edges of the graph.
    pub edges: usize,
    /// Nodes that are only named by edges.
    pub placeholders: usize,
    /// The ledger's own state.
    pub ledger: remit_ledger::Health,
}

impl std::fmt::Debug for Pdp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pdp").field("bundle", &self.bundle).field("data", &self.data).finish_non_exhaustive()
    }
}

impl Pdp {
    /// Loads the bundle, opens the ledger and records the start. Nothing is served unless all of it succeeded.
    ///
    /// # Errors
    /// [`StartError`]; its text is complete and meant for people.
    pub fn start(options: Options) -> Result<Self, StartError> {
        let now = options.clock.now().ok_or(StartError::System("the system clock shows no usable time"))?;
        let mut before = Revisions::read(&options.data).map_err(StartError::Data)?;
        let origin = origin(&options, &before);
        let sources = Arc::new(Gatherer::new(options.sources, Arc::clone(&options.fetch)));
        let verifier = Verifier::new(&options.identity, options.fetch)?;
        let loaded = begin(&origin, &options.data, &before)?;
        let ledger_options = LedgerOptions {
            durability: options.durability,
            segment_bytes: options.segment_bytes,
            keys: Some(signing_keys(options.ledger_key.as_deref(), &options.data)?),
            ..LedgerOptions::new(options.instance.clone(), record::time(now))
        };
        let (ledger, recovery) =
            Ledger::open(&options.data.join("ledger"), ledger_options).map_err(StartError::Ledger)?;
        for cut in &recovery.cuts {
            tracing::warn!(
                file = cut.file,
                offset = cut.offset,
                bytes = cut.bytes_cut,
                "the ledger's torn tail was cut"
            );
        }
        let pseudonyms = open_pseudonyms(&options.data)?;
        let incidents = Incidents::default();
        let state = history::restore(&options.data, &ledger, &incidents).map_err(StartError::Transactions)?;
        let started = Started {
            config_digest: options.config_digest.clone(),
            time: record::time(now),
            version: record::ENGINE.into(),
        };
        let _receipt = ledger.append_blocking(Body::Started(started))?;
        if let Some(body) = settings_changed(before.config.as_deref(), options.config_digest.as_deref(), now)
        {
            let _receipt = ledger.append_blocking(body)?;
        }
        before.config = options.config_digest.or(before.config);
        let (files, dir) = (loaded.files.clone(), loaded.dir.clone());
        let mut live = publish::compile(loaded, &before).map_err(StartError::Compile)?;
        publish::unchanged(&origin.load, &live, &before).map_err(StartError::Approved)?;
        archive::keep(&options.data, &live, &files, &dir)
            .map_err(|error| StartError::Data(error.to_string()))?;
        if let Some(dir) = &options.shadow {
            let candidate = shadow::build(dir, &options.data, &live).map_err(StartError::Shadow)?;
            live.shadow = Some(Arc::new(candidate));
        }
        sources.warn(live.bound.program());
        let earlier = earlier(&options.data, &before, &live);
        let events = publish::events(&before, earlier.as_deref().map(|it| &it.outline), &live, &origin, now);
        for event in events.into_iter().chain(shadow::event(None, live.shadow.as_deref(), now)) {
            let _receipt = ledger.append_blocking(event)?;
        }
        if let Some(earlier) = &earlier {
            let ends = departures((&state, &pseudonyms), earlier, &live, now).map_err(StartError::Data)?;
            for Departure { entry, change } in ends {
                let _receipt = ledger.append_blocking(entry)?;
                let _ = state.apply(&change);
            }
        }
        live.revisions.write(&options.data).map_err(|error| StartError::Data(error.to_string()))?;
        let pager = Pager::new().map_err(|_| StartError::System("the system has no randomness to give"))?;
        Ok(Self {
            published: ArcSwap::from_pointee(live),
            ledger: Arc::new(ledger),
            pseudonyms,
            incidents,
            vigil: Vigil::default(),
            incidents_from: options.incidents_from,
            proposals: options.proposals,
            state,
            verifier,
            sources,
            outcome_key: options.outcome_key,
            counts: Counts::default(),
            pager,
            limits: options.limits,
            wire_limits: options.wire,
            json_limits: options.json,
            bundle: options.bundle,
            shadow: options.shadow,
            data: options.data,
            clock: options.clock,
            publishing: tokio::sync::Mutex::new(()),
        })
    }

    /// The ledger, for those who carry its heads elsewhere.
    #[must_use]
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// What health and metrics show.
    #[must_use]
    pub fn status(&self) -> Status {
        let live = self.published.load();
        let health = self.ledger.health();
        let graph = live.bound.snapshot();
        Status {
            ready: health.poisoned.is_none(),
            revisions: live.revisions.clone(),
            rules: live.bound.program().rule_count(),
            nodes: graph.node_count(),
            edges: graph.edge_count(),
            placeholders: graph.placeholder_count(),
            ledger: health,
        }
    }

    /// Whether any rule looks at consents or signals, so that one question may bear upon the next.
    pub(crate) fn reads_standing(&self) -> bool {
        self.published.load().bound.program().reads_standing()
    }

    /// What happened since the start.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The folder a watcher should watch.
    #[must_use]
    pub fn bundle_dir(&self) -> &std::path::Path {
        &self.bundle
    }

    /// The folder with the candidate in the shadow, which a watcher should watch too.
    #[must_use]
    pub fn shadow_dir(&self) -> Option<&std::path::Path> {
        self.shadow.as_deref()
    }

    /// Records the stop and closes the ledger; later calls are faults.
    pub async fn stop(&self, cause: &str) {
        if let Ok(now) = self.now() {
            let stopped = Stopped { cause: cause.to_owned(), time: record::time(now) };
            if let Err(error) = self.ledger.append(Body::Stopped(stopped)).await {
                tracing::error!(%error, "the stop could not be recorded");
            }
        }
        self.save_transactions();
        if let Err(error) = self.ledger.close() {
            tracing::error!(%error, "the ledger did not close cleanly");
        }
    }

    /// Reads the key sets of issuers that are due; a server calls it now and then, so that no decision waits for one.
    pub async fn refresh_keys(&self) {
        if let Ok(now) = self.now() {
            self.verifier.refresh_due(now).await;
        }
    }

    /// Verifies an access token by which a caller says who it is.
    ///
    /// # Errors
    /// [`Unverified::Token`]: it is nobody's; [`Unverified::Fault`]: that cannot be told now.
    pub async fn caller(&self, token: &str, now: Timestamp) -> Result<Arc<Caller>, Unverified> {
        self.verifier.caller(token, now).await
    }

    /// The time by which everything is judged; a fault while the clock shows none.
    ///
    /// # Errors
    /// [`Fault::Unavailable`].
    pub fn now(&self) -> Result<Timestamp, Fault> {
        self.clock
            .now()
            .ok_or_else(|| Fault::Unavailable { message: "the system clock shows no usable time".to_owned() })
    }

    pub(crate) fn permit(&self, right: bool, what: &str) -> Result<(), Fault> {
        if right {
            return Ok(());
        }
        Err(Fault::Forbidden { message: format!("this caller has no right to {what}") })
    }

    pub(crate) fn unrecorded(&self, error: &AppendError) -> Fault {
        match error {
            AppendError::Overloaded => Fault::Overloaded { retry_after_s: 1 },
            AppendError::TooLarge { .. }
            | AppendError::AsideTooLarge { .. }
            | AppendError::TooMany { .. }
            | AppendError::Unwritable(_) => Fault::BadRequest {
                message: format!("the decision cannot be recorded: {error}"),
                pointer: None,
            },
            AppendError::DiskFull | AppendError::Poisoned(_) | AppendError::Closed => {
                Fault::Unavailable { message: format!("the decision cannot be recorded: {error}") }
            }
        }
    }

    /// A source has failed so often that it is not asked for a while: that is on record.
    pub(crate) async fn left_alone(&self, source: &str, now: Timestamp) {
        let what = format!("source `{source}` failed again and again and is left alone for a while");
        tracing::warn!("{what}");
        let fault = FaultNoted { pep: None, request_id: None, tenant: None, time: record::time(now), what };
        if let Err(error) = self.ledger.append(Body::Fault(fault)).await {
            tracing::error!(%error, "a fault could not be recorded");
        }
    }

    /// Records a fault, counts what became of the call and passes it on. A fault is never made a deny.
    pub(crate) async fn noted<T>(&self, call: &Call<'_>, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(Fault::Unavailable { message } | Fault::Internal { message }) = &outcome
            && let Ok(now) = self.now()
        {
            let fault = FaultNoted {
                pep: Some(call.pep.name.to_string()),
                request_id: call.request_id.map(str::to_owned),
                tenant: call.pep.tenant.as_deref().map(str::to_owned),
                time: record::time(now),
                what: message.clone(),
            };
            if let Err(error) = self.ledger.append(Body::Fault(fault)).await {
                tracing::error!(%error, "a fault could not be recorded");
            }
        }
        self.counted(outcome)
    }

    /// Counts what became of a call and passes it on.
    pub(crate) fn counted<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        match &outcome {
            Ok(_) => {}
            Err(Fault::BadRequest { .. } | Fault::NotFound { .. }) => self.counts.bad_requests.up(),
            Err(
                Fault::Forbidden { .. }
                | Fault::Refused { .. }
                | Fault::Conflict { .. }
                | Fault::Stale { .. }
                | Fault::Unconditional,
            ) => {
                self.counts.refused.up();
            }
            Err(Fault::TooMany { .. }) => self.counts.throttled.up(),
            Err(Fault::Overloaded { .. }) => self.counts.overloads.up(),
            Err(Fault::Unavailable { message } | Fault::Internal { message }) => {
                self.counts.faults.up();
                tracing::error!(message, "a call ended in a fault");
            }
        }
        outcome
    }
}

/// What a start serves: the folder, unless proposals are the way and something went live before.
fn origin(options: &Options, before: &Revisions) -> Origin {
    if options.proposals.is_none() || before.policy.digest.is_empty() {
        return Origin::folder(&options.bundle);
    }
    tracing::info!("what is served is what was approved last; the folder of the bundle is not read");
    Origin::archive()
}

fn begin(origin: &Origin, data: &Path, before: &Revisions) -> Result<Bundle, StartError> {
    match &origin.load {
        Load::Folder(dir) => Ok(bundle::load(dir, Purpose::Serve)?),
        load => publish::read(load, data, before).map_err(StartError::Approved),
    }
}

/// Where the key is that signs the heads, in the data directory, unless another place is chosen.
pub(crate) const LEDGER_KEY: &str = "ledger.key";

/// The keys that sign the heads of the ledger.
fn signing_keys(configured: Option<&Path>, data: &Path) -> Result<Keys, KeyError> {
    if let Some(path) = configured {
        return Keys::read(path);
    }
    let path = data.join(LEDGER_KEY);
    let (keys, made) = Keys::read_or_create(&path)?;
    if made {
        tracing::warn!(
            path = %path.display(),
            origin = keys.origin(),
            "a key for the heads of the ledger was made beside it; whoever can write there can rewrite both: keep the \
             key elsewhere (`remit ledger key new`) and heads too"
        );
    }
    Ok(keys)
}

/// The record of settings that are not those of the last start.
fn settings_changed(before: Option<&str>, after: Option<&str>, now: Timestamp) -> Option<Body> {
    let (before, after) = (before?, after?);
    (before != after).then(|| {
        Body::ConfigChanged(ConfigChanged {
            author: None,
            digest: after.to_owned(),
            time: record::time(now),
            what: format!(
                "the settings of this start are not those of the last, which had the digest {before}"
            ),
        })
    })
}

/// What was live when this data directory was last used, when that was something else and is still known.
fn earlier(data: &std::path::Path, before: &Revisions, live: &Live) -> Option<Arc<Live>> {
    let same = before.policy == live.revisions.policy && before.graph == live.revisions.graph;
    if before.policy.digest.is_empty() || same {
        return None;
    }
    let (policy, graph) = (before.policy.as_recorded(), before.graph.as_recorded());
    let found = archive::Archive::of(data).live(&policy, &graph);
    let lost = |lost: &archive::Lost| tracing::warn!(%lost, "what was live before is not known any more");
    found.inspect_err(lost).ok()
}

/// Where the keys of pseudonyms are, in the data directory.
const PSEUDONYMS: &str = "pseudonyms.json";

/// The keys of pseudonyms of this data directory; made when there are none.
pub(crate) fn open_pseudonyms(data: &std::path::Path) -> Result<Pseudonyms, PseudonymError> {
    Pseudonyms::open(&data.join(PSEUDONYMS), random_key)
}

fn random_key() -> std::io::Result<[u8; 32]> {
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key)
        .map_err(|_| std::io::Error::other("the system has no randomness to give"))?;
    Ok(key)
}

/// A fresh evaluation id: a UUID of version 7.
pub(crate) fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
