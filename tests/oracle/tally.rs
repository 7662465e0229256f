//! How often what happened, so that a run can show that its questions were worth asking.

use std::collections::BTreeMap;
use std::fmt;

use remit_testkit::oracle::{Answer, Touched};

/// Counts over all questions of a run.
#[derive(Debug, Default)]
pub struct Tally {
    pub asked: usize,
    pub allowed: usize,
    pub unknown: usize,
    pub closures: usize,
    pub negations: usize,
    pub sets: usize,
    pub forbidden: usize,
    pub obliged: usize,
    pub refused_policies: usize,
    pub policies: usize,
    /// Codes of the checker's refusals, one per refused policy.
    pub refusals: BTreeMap<String, usize>,
}

impl Tally {
    pub fn count(&mut self, answer: &Answer, touched: Touched) {
        self.asked += 1;
        self.allowed += usize::from(answer.decision);
        self.unknown += usize::from(touched.unknown);
        self.closures += usize::from(touched.closure);
        self.negations += usize::from(touched.negation);
        self.sets += usize::from(touched.set);
        self.forbidden += usize::from(!answer.decision && !answer.determining.is_empty());
        self.obliged += usize::from(!answer.obligations.is_empty());
    }

    /// How many of 100.
    fn percent(&self, part: usize) -> usize {
        part * 100 / self.asked.max(1)
    }

    /// Every kind of question has its share.
    pub fn assert_healthy(&self) {
        let shares = [
            ("allows", self.allowed, 10),
            ("denies", self.asked - self.allowed, 30),
            ("unknowns", self.unknown, 10),
            ("closures", self.closures, 10),
            ("negations", self.negations, 15),
            ("sets", self.sets, 20),
            ("firing forbids and requires", self.forbidden, 5),
            ("obligations", self.obliged, 3),
        ];
        for (what, part, least) in shares {
            assert!(self.percent(part) >= least, "too few {what} to mean anything: {self}");
        }
        assert!(self.refused_policies * 20 <= self.policies, "too many policies refused: {self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} questions under {} policies ({} refused by the checker): allow {} %, unknown {} %, closure {} %, \
             negation {} %, set {} %, forbidden {} %, obliged {} %; refusals {:?}",
            self.asked,
            self.policies,
            self.refused_policies,
            self.percent(self.allowed),
            self.percent(self.unknown),
            self.percent(self.closures),
            self.percent(self.negations),
            self.percent(self.sets),
            self.percent(self.forbidden),
            self.percent(self.obliged),
            self.refusals,
        )
    }
}
