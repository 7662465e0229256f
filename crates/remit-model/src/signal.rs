//! `Signal`: one thing that was seen of a party, and what many of them say within a window. Knows no policy, no clock.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Duration, EntityRef, Name, Number, Timestamp};

mod seen;
mod travel;

pub use seen::Seen;
pub use travel::Position;

/// How grave a party's risk is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nothing to see.
    Low,
    /// Look twice.
    Medium,
    /// Somebody else may be acting.
    High,
}

impl Risk {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Reads the name, in any case of its letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|it| it.as_str().eq_ignore_ascii_case(text))
    }
}

/// What kind of thing a party showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trait {
    /// A device, by its fingerprint.
    Device,
    /// A network address.
    Address,
    /// A region.
    Region,
    /// A tool.
    Tool,
}

/// One thing that was seen of a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Tells it from every other; the same id again is the same thing again.
    pub id: String,
    /// Whom it is about.
    pub party: EntityRef,
    /// `login`, `login_failed`, `denial`, `session_revoked` …
    pub kind: Name,
    /// When it happened.
    pub at: Timestamp,
    /// It did not succeed: it counts, and it makes nothing familiar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// The fingerprint of the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The place. Without it there is no place, never a place at zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The risk from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// The id (`jti`) of the token that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How many agents acted one for the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<u32>,
}

/// The kinds after which what was begun before no longer counts.
const ENDING: [&str; 6] = [
    "session_revoked",
    "credential_change",
    "credential_compromise",
    "account_disabled",
    ACCOUNT_PURGED,
    ENTITY_REMOVED,
];
/// The kind after which an account is gone for good, as RISC says it.
pub const ACCOUNT_PURGED: &str = "account_purged";
/// The kind under which it is told that a graph no longer has an entity.
pub const ENTITY_REMOVED: &str = "entity_removed";
/// The kind that carries a risk.
pub const RISK_LEVEL_CHANGE: &str = "risk_level_change";
/// The kind under which an agent's steps count: those that were allowed, and those that callers report.
pub const TOOL_USED: &str = "tool_used";
/// The kinds that are failures by their name.
const FAILURES: [&str; 2] = ["login_failed", "denial"];

impl Signal {
    /// A thing of this kind, with nothing said beside it.
    #[must_use]
    pub fn new(id: &str, party: EntityRef, kind: Name, at: Timestamp) -> Self {
        let failed = FAILURES.contains(&kind.as_str());
        Self {
            id: id.to_owned(),
            party,
            kind,
            at,
            failed,
            device: None,
            address: None,
            region: None,
            position: None,
            tool: None,
            risk: None,
            token: None,
            hops: None,
        }
    }

    /// Whether sessions, tokens and transactions from before it are over.
    #[must_use]
    pub fn ends_sessions(&self) -> bool {
        ENDING.contains(&self.kind.as_str())
            || (self.kind.as_str() == RISK_LEVEL_CHANGE && self.risk == Some(Risk::High))
    }

    /// Whether the party is gone: whoever bears its id afterwards is somebody else.
    #[must_use]
    pub fn ends_the_party(&self) -> bool {
        [ACCOUNT_PURGED, ENTITY_REMOVED].contains(&self.kind.as_str())
    }

    /// What it shows of a kind.
    #[must_use]
    pub fn shows(&self, what: Trait) -> Option<&str> {
        let shown = match what {
            Trait::Device => &self.device,
            Trait::Address => &self.address,
            Trait::Region => &self.region,
            Trait::Tool => &self.tool,
        };
        shown.as_deref()
    }
}

/// What is asked of the signals of a party.
impl Seen {
    /// How many of this kind happened within the window that ends now.
    #[must_use]
    pub fn count(&self, kind: &str, window: Duration, now: Timestamp) -> usize {
        self.within(window, now).filter(|signal| signal.kind.as_str() == kind).count()
    }

    /// How many different things of a kind were shown within the window.
    #[must_use]
    pub fn distinct(&self, what: Trait, window: Duration, now: Timestamp) -> usize {
        self.within(window, now).filter_map(|signal| signal.shows(what)).collect::<BTreeSet<_>>().len()
    }

    /// The greatest speed between two places that follow one another within the window, in km/h.
    #[must_use]
    pub fn travel(&self, window: Duration, now: Timestamp) -> Number {
        travel::fastest(self.within(window, now).filter_map(|signal| Some((signal.at, signal.position?))))
    }

    /// Whether the last that shows anything of the kind shows what was never familiar. The first ever is no news.
    #[must_use]
    pub fn is_new(&self, what: Trait, now: Timestamp) -> bool {
        let shown = |signal: &&Arc<Signal>| signal.shows(what).is_some();
        let (signals, familiar) = self.of_this_bearer(now);
        let mut back = signals.iter().rev().filter(shown);
        let Some(last) = back.next().and_then(|signal| signal.shows(what)) else { return false };
        let mut earlier = back.filter(|signal| !signal.failed).filter_map(|signal| signal.shows(what));
        let known = if familiar { self.familiar(what) } else { &[] };
        let any = !known.is_empty() || earlier.clone().next().is_some();
        any && !known.iter().any(|it| it == last) && !earlier.any(|it| it == last)
    }

    /// At how many different addresses a token was shown within the window.
    #[must_use]
    pub fn token_addresses(&self, token: &str, window: Duration, now: Timestamp) -> usize {
        let theirs = self.within(window, now).filter(|signal| signal.token.as_deref() == Some(token));
        theirs.filter_map(|signal| signal.address.as_deref()).collect::<BTreeSet<_>>().len()
    }

    /// The longest chain of agents within the window; 0 when none was shown.
    #[must_use]
    pub fn hops(&self, window: Duration, now: Timestamp) -> u32 {
        self.within(window, now).filter_map(|signal| signal.hops).max().unwrap_or(0)
    }

    /// What the last change of risk said.
    #[must_use]
    pub fn risk(&self, now: Timestamp) -> Option<Risk> {
        self.until(now).iter().rev().find_map(|signal| signal.risk).or(self.earlier_risk())
    }
}

#[cfg(test)]
mod tests;
