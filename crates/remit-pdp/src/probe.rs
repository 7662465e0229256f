//! Probes: questions with the answer that must come, attacks and harmless neighbours alike. Each is asked of a decision
//! point of its own making; a right decision by the wrong rule or for the wrong reason fails.

mod file;
mod issuer;
mod run;

use std::collections::BTreeMap;

use serde::Serialize;

pub use file::{Caller, Expected, Kind, Probe, ProbeError, ProbeFile, SetUp, Severity, read};
pub use run::run;

/// What came of one probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The category of its file.
    pub category: String,
    /// Its id.
    pub id: String,
    /// Attack or benign.
    pub kind: Kind,
    /// What it tries.
    pub title: String,
    /// How grave it would be if it got through.
    pub severity: Severity,
    /// The answer in one row of text.
    pub got: String,
    /// Why it failed; `None` when it passed.
    pub failure: Option<String>,
}

/// How many probes of a category there are, and how many failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Count {
    /// Attacks.
    pub attacks: usize,
    /// Harmless neighbours.
    pub benign: usize,
    /// Those that got another answer than the one expected.
    pub failed: usize,
}

/// The outcomes of all probes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// One a probe, in order of category and id.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// How many passed and failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let failed = self.outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
        (self.outcomes.len() - failed, failed)
    }

    /// By category.
    #[must_use]
    pub fn categories(&self) -> BTreeMap<&str, Count> {
        let mut all: BTreeMap<&str, Count> = BTreeMap::new();
        for outcome in &self.outcomes {
            let count = all.entry(&outcome.category).or_default();
            match outcome.kind {
                Kind::Attack => count.attacks += 1,
                Kind::Benign => count.benign += 1,
            }
            count.failed += usize::from(outcome.failure.is_some());
        }
        all
    }
}
