//! `KeyRing`: the current keys of one issuer. One read in the cooldown, old keys up to the stale limit, then a fault.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use remit_model::Timestamp;

use crate::claims::seconds;
use crate::config::{ConfigError, IssuerConfig, KeySource, Profile};
use crate::fault::IdentityFault;
use crate::fetch::{Fetch, FetchRequest};
use crate::jose::key::Purpose;
use crate::jose::key_set::{KeySet, SetRules};
use crate::limits;
use crate::url::AddressRule;

/// The keys of one issuer and when they were read.
pub(crate) struct KeyRing {
    issuer: String,
    source: Source,
    rules: SetRules,
    refresh_s: u32,
    stale_s: u32,
    cooldown_s: u32,
    current: ArcSwapOption<Loaded>,
    /// Held while one task reads; the others either wait for it or go on with what there is.
    reading: tokio::sync::Mutex<()>,
    last: Mutex<Attempt>,
}

enum Source {
    Url(String),
    File(PathBuf),
    /// Read once, never old.
    Fixed,
}

/// One key set as it was read.
pub(crate) struct Loaded {
    pub set: KeySet,
    pub generation: u64,
    read_at: Option<Timestamp>,
}

#[derive(Default)]
struct Attempt {
    at: Option<Timestamp>,
    generation: u64,
    error: Option<String>,
}

/// Current keys, and whether they are older than they should be.
pub(crate) struct Keys {
    pub loaded: Arc<Loaded>,
    pub stale: bool,
}

impl KeyRing {
    pub(crate) fn new(config: &IssuerConfig, source: &KeySource) -> Result<Self, ConfigError> {
        let svid = config.accepts == [Profile::JwtSvid];
        let rules = SetRules {
            purpose: if svid { Purpose::JwtSvid } else { Purpose::Signature },
            symmetric: config.algorithms.iter().any(|algorithm| algorithm.is_symmetric()),
            may_be_empty: svid,
        };
        let ring = |source| Self {
            issuer: config.issuer.clone(),
            source,
            rules,
            refresh_s: config.refresh_s,
            stale_s: config.stale_s,
            cooldown_s: config.cooldown_s,
            current: ArcSwapOption::empty(),
            reading: tokio::sync::Mutex::new(()),
            last: Mutex::new(Attempt::default()),
        };
        Ok(match source {
            KeySource::Url(url) => ring(Source::Url(url.clone())),
            KeySource::File(path) => ring(Source::File(path.clone())),
            KeySource::Inline(text) => {
                let ring = ring(Source::Fixed);
                let set = KeySet::parse(text.as_bytes(), rules).map_err(|defect| ConfigError::Keys {
                    issuer: config.issuer.clone(),
                    cause: defect.to_string(),
                })?;
                ring.warn_of(&set);
                ring.current.store(Some(Arc::new(Loaded { set, generation: 1, read_at: None })));
                ring
            }
        })
    }

    /// Whether a set that is there is due, at `share` percent of the interval.
    fn is_due(&self, loaded: &Loaded, now: Timestamp, share: i128) -> bool {
        loaded
            .read_at
            .is_some_and(|at| now.since(at).nanos() >= seconds(self.refresh_s).nanos() * share / 100)
    }

    fn is_beyond_stale(&self, loaded: &Loaded, now: Timestamp) -> bool {
        loaded.read_at.is_some_and(|at| now.since(at) > seconds(self.stale_s))
    }

    /// The current set without waiting for anybody, when it is fresh.
    pub(crate) fn fresh(&self, now: Timestamp) -> Option<Arc<Loaded>> {
        self.current.load_full().filter(|loaded| !self.is_due(loaded, now, 100))
    }

    /// The current keys. Waits for the issuer only when there are none, or when the interval is over and nobody
    /// has tried within the cooldown.
    pub(crate) async fn current(
        &self,
        fetch: &dyn Fetch,
        addresses: AddressRule,
        now: Timestamp,
    ) -> Result<Keys, IdentityFault> {
        if let Some(loaded) = self.fresh(now) {
            return Ok(Keys { loaded, stale: false });
        }
        match self.current.load_full() {
            None => {
                let _reading = self.reading.lock().await;
                if self.current.load().is_none() {
                    self.attempt(fetch, addresses, now).await;
                }
            }
            Some(_) => {
                if let Ok(_reading) = self.reading.try_lock() {
                    self.attempt(fetch, addresses, now).await;
                }
            }
        }
        let loaded = self.current.load_full().filter(|loaded| !self.is_beyond_stale(loaded, now));
        let loaded = loaded.ok_or_else(|| self.unavailable())?;
        let stale = self.is_due(&loaded, now, 100);
        Ok(Keys { loaded, stale })
    }

    /// Reads again because a token names a key that is not there; nothing when the cooldown forbids it.
    pub(crate) async fn look_again(
        &self,
        fetch: &dyn Fetch,
        addresses: AddressRule,
        now: Timestamp,
        seen: u64,
    ) -> Option<Arc<Loaded>> {
        let newer = || self.current.load_full().filter(|loaded| loaded.generation != seen);
        if self.is_cooling(now) {
            return newer();
        }
        let _reading = self.reading.lock().await;
        if let Some(loaded) = newer() {
            return Some(loaded);
        }
        self.attempt(fetch, addresses, now).await;
        newer()
    }

    /// Reads ahead of time, at four fifths of the interval.
    pub(crate) async fn refresh_due(&self, fetch: &dyn Fetch, addresses: AddressRule, now: Timestamp) {
        let due = self.current.load_full().is_none_or(|loaded| self.is_due(&loaded, now, 80));
        if due && let Ok(_reading) = self.reading.try_lock() {
            self.attempt(fetch, addresses, now).await;
        }
    }

    fn is_cooling(&self, now: Timestamp) -> bool {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // WHY: a clock that was set back must not forbid reading for years.
        last.at.is_some_and(|at| {
            let passed = now.since(at).nanos();
            (0..seconds(self.cooldown_s).nanos()).contains(&passed)
        })
    }

    fn unavailable(&self) -> IdentityFault {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let cause = last.error.clone().unwrap_or_else(|| "the last good key set is too old".into());
        IdentityFault::KeysUnavailable { issuer: self.issuer.clone(), cause }
    }

    /// One read, unless one was made within the cooldown. The caller holds `reading`.
    async fn attempt(&self, fetch: &dyn Fetch, addresses: AddressRule, now: Timestamp) {
        if self.is_cooling(now) {
            return;
        }
        let generation = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.at = Some(now);
            last.generation += 1;
            last.generation
        };
        let outcome = self.read(fetch, addresses).await;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(set) => {
                self.warn_of(&set);
                last.error = None;
                self.current.store(Some(Arc::new(Loaded { set, generation, read_at: Some(now) })));
            }
            Err(cause) => {
                tracing::warn!(issuer = %self.issuer.escape_debug(), %cause, "key set not read");
                last.error = Some(cause);
            }
        }
    }

    async fn read(&self, fetch: &dyn Fetch, addresses: AddressRule) -> Result<KeySet, String> {
        let body = match &self.source {
            Source::Url(url) => {
                let request = FetchRequest {
                    url,
                    form: None,
                    json: None,
                    headers: &[],
                    authorization: None,
                    max_bytes: limits::KEY_SET_BYTES,
                    deadline_ms: limits::FETCH_MS,
                    addresses,
                };
                let reply = fetch.fetch(request).await.map_err(|error| error.to_string())?;
                if !reply.is_json() {
                    return Err("the answer is not JSON by its content type".into());
                }
                reply.body
            }
            Source::File(path) => {
                let size = std::fs::metadata(path).map_err(|error| error.kind().to_string())?.len();
                if size > limits::KEY_SET_BYTES as u64 {
                    return Err("the file is too long".into());
                }
                std::fs::read(path).map_err(|error| error.kind().to_string())?
            }
            Source::Fixed => return Err("the keys are fixed".into()),
        };
        // WHY: again, because not every implementation of `Fetch` is ours.
        if body.len() > limits::KEY_SET_BYTES {
            return Err("the answer is too long".into());
        }
        KeySet::parse(&body, self.rules).map_err(|defect| defect.to_string())
    }

    fn warn_of(&self, set: &KeySet) {
        if let Some((index, defect)) = set.defects.first() {
            let issuer = self.issuer.escape_debug();
            let count = set.defects.len();
            tracing::warn!(%issuer, count, index, %defect, "keys of a key set are left out");
        }
    }
}
