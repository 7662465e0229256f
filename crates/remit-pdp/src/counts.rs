//! What happened since the start, as counters that metrics read.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::shadow::Outcome;
use crate::sources;

macro_rules! counts {
    ($($name:ident $doc:literal),* $(,)?) => {
        /// Live counters; each only grows.
        #[derive(Debug, Default)]
        pub struct Counts { $(#[doc = $doc] pub $name: Counter,)* }

        impl Counts {
            /// Name, help text and value of every counter.
            #[must_use]
            pub fn read(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), $doc, self.$name.get()),)*]
            }
        }
    };
}

impl Counts {
    /// Counts what became of a question in the shadow.
    pub(crate) fn shadowed(&self, outcome: Outcome) {
        match outcome {
            Outcome::Same => self.shadow_same.up(),
            Outcome::OtherReason => self.shadow_other_reason.up(),
            Outcome::DenyToAllow => self.shadow_deny_to_allow.up(),
            Outcome::AllowToDeny => self.shadow_allow_to_deny.up(),
            Outcome::Fault => self.shadow_fault.up(),
        }
    }

    /// Counts what became of asking a source.
    pub(crate) fn asked(&self, outcome: sources::Outcome) {
        match outcome {
            sources::Outcome::Answered => self.sources_answered.up(),
            sources::Outcome::Cached => self.sources_cached.up(),
            sources::Outcome::Late => self.sources_late.up(),
            sources::Outcome::Refused => self.sources_refused.up(),
            sources::Outcome::Unreachable => self.sources_unreachable.up(),
            sources::Outcome::Malformed => self.sources_malformed.up(),
            sources::Outcome::Open => self.sources_open.up(),
            sources::Outcome::Busy => self.sources_busy.up(),
            sources::Outcome::NotAllowed => self.sources_not_allowed.up(),
        }
    }

    /// Counts one decision.
    pub fn decided(&self, allow: bool) {
        if allow { self.allows.up() } else { self.denies.up() }
    }
}

/// One counter.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub fn up(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

counts! {
    allows "decisions that allowed",
    denies "decisions that denied",
    searches "searches answered",
    bad_requests "requests refused as malformed",
    refused "calls refused for want of a right",
    throttled "calls refused because their caller asks more than it may",
    overloads "calls refused because the ledger queue was full",
    faults "calls that ended in a fault",
    reloads "bundles published after the start",
    reloads_refused "bundles refused after the start",
    sources_answered "sources asked that answered",
    sources_cached "sources that had answered the same before",
    sources_late "sources asked that did not answer in time",
    sources_refused "sources asked that answered with another status than 200",
    sources_unreachable "sources that could not be reached",
    sources_malformed "sources that answered with something else than a JSON object of bounded size",
    sources_open "sources not asked because they had failed again and again",
    sources_busy "sources not asked because too many questions waited for them",
    sources_not_allowed "sources not asked because the configuration does not let them be",
    shadow_same "decisions that the candidate in the shadow decides alike",
    shadow_other_reason "decisions that it decides alike for another reason",
    shadow_deny_to_allow "denials that it would have allowed",
    shadow_allow_to_deny "allows that it would have denied",
    shadow_fault "decisions that it could not decide",
    shadows_refused "candidates for the shadow refused after the start",
}
