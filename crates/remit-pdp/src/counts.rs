//! What happened since the start, as counters that metrics read.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::shadow::Outcome;

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
    shadow_same "decisions that the candidate in the shadow decides alike",
    shadow_other_reason "decisions that it decides alike for another reason",
    shadow_deny_to_allow "denials that it would have allowed",
    shadow_allow_to_deny "allows that it would have denied",
    shadow_fault "decisions that it could not decide",
    shadows_refused "candidates for the shadow refused after the start",
}
