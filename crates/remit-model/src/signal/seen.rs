//! `Seen`: the signals of one party in the order in which they happened, as many as are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Risk, Signal, Trait};
use crate::limits::{MAX_FAMILIAR, MAX_SIGNALS};
use crate::{Duration, Timestamp};

/// What was seen of one party. Taking the same signal in twice changes nothing the second time, and the order in which
/// signals come in does not matter as long as none has been let go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// By time, then id.
    signals: Vec<Arc<Signal>>,
    /// What signals that were let go have made familiar, the latest last.
    #[serde(default)]
    familiar: BTreeMap<Trait, Vec<String>>,
    /// What the last of them said of the risk.
    #[serde(default)]
    risk: Option<Risk>,
    /// How many were ever taken in.
    #[serde(default)]
    total: u64,
}

impl Seen {
    /// Takes one in; false when it is known, or older than all that are kept.
    pub fn take_in(&mut self, signal: Arc<Signal>) -> bool {
        let place = self.signals.binary_search_by(|held| (held.at, &held.id).cmp(&(signal.at, &signal.id)));
        let Err(at) = place else { return false };
        if self.signals.iter().any(|held| held.id == signal.id) {
            return false;
        }
        if at == 0 && self.signals.len() >= MAX_SIGNALS {
            return false;
        }
        self.signals.insert(at, signal);
        self.total += 1;
        if self.signals.len() > MAX_SIGNALS {
            let gone = self.signals.remove(0);
            self.let_go(&gone);
        }
        true
    }

    /// Takes one in whose id nothing else has, so that only time and id need be looked at.
    pub fn take_in_own(&mut self, signal: Arc<Signal>) -> bool {
        let place = self.signals.binary_search_by(|held| (held.at, &held.id).cmp(&(signal.at, &signal.id)));
        let Err(at) = place else { return false };
        if at == 0 && self.signals.len() >= MAX_SIGNALS {
            return false;
        }
        self.signals.insert(at, signal);
        self.total += 1;
        if self.signals.len() > MAX_SIGNALS {
            let gone = self.signals.remove(0);
            self.let_go(&gone);
        }
        true
    }

    /// Both in one, in order.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut signals: Vec<Arc<Signal>> = self.signals.iter().chain(&other.signals).cloned().collect();
        signals.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let mut familiar = self.familiar.clone();
        for (what, known) in &other.familiar {
            familiar.entry(*what).or_default().extend(known.iter().cloned());
        }
        Self { signals, familiar, risk: self.risk, total: self.total + other.total }
    }

    /// What a signal leaves behind that is kept no longer.
    fn let_go(&mut self, gone: &Signal) {
        self.risk = gone.risk.or(self.risk);
        if gone.ends_the_party() {
            self.familiar.clear();
        }
        if gone.failed {
            return;
        }
        for what in [Trait::Device, Trait::Address, Trait::Region, Trait::Tool] {
            let Some(shown) = gone.shows(what) else { continue };
            let known = self.familiar.entry(what).or_default();
            known.retain(|it| it != shown);
            known.push(shown.to_owned());
            if known.len() > MAX_FAMILIAR {
                known.remove(0);
            }
        }
    }

    /// How many were ever taken in.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// When the last of them happened.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.signals.last().map(|signal| signal.at)
    }

    /// All that are kept, in order.
    #[must_use]
    pub fn signals(&self) -> &[Arc<Signal>] {
        &self.signals
    }

    /// Those that have happened by now.
    pub(super) fn until(&self, now: Timestamp) -> &[Arc<Signal>] {
        let end = self.signals.partition_point(|signal| signal.at <= now);
        self.signals.get(..end).unwrap_or_default()
    }

    /// Those that have happened by now to whoever bears the id now; and whether what is familiar is familiar to them too.
    pub(super) fn of_this_bearer(&self, now: Timestamp) -> (&[Arc<Signal>], bool) {
        let all = self.until(now);
        match all.iter().rposition(|signal| signal.ends_the_party()) {
            Some(at) => (all.get(at..).unwrap_or_default(), false),
            None => (all, true),
        }
    }

    /// Those of the window that ends now; one that happened exactly when it begins is outside.
    pub(super) fn within(&self, window: Duration, now: Timestamp) -> impl Iterator<Item = &Arc<Signal>> {
        let all = self.until(now);
        // A window that reaches beyond the calendar has no beginning.
        let begin =
            now.checked_sub(window).map_or(0, |begin| all.partition_point(|signal| signal.at <= begin));
        all.get(begin..).unwrap_or_default().iter()
    }

    pub(super) fn familiar(&self, what: Trait) -> &[String] {
        self.familiar.get(&what).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn earlier_risk(&self) -> Option<Risk> {
        self.risk
    }
}
