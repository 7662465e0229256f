//! Hostile requests over raw sockets: what a careless or malicious caller could send, group by group, with neighbours that are
//! permitted. Knows nothing of how the decision point decides: one question that it answers with yes is enough.

mod addresses;
mod bodies;
mod case;
mod credentials;
mod framing;
mod ids;
mod many;
mod slow;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use case::Case;

/// How many cases are under way at once.
const AT_ONCE: usize = 12;

/// The decision point that is attacked. It speaks plain HTTP on a loopback address: what TLS refuses is no matter of bytes.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// The API key of a caller that may evaluate and search.
    pub key: Option<String>,
    /// A question that it answers with yes: `subject`, `action` and `resource`.
    pub question: Value,
}

/// What became of one group.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Hostile cases.
    pub hostile: usize,
    /// Permitted neighbours.
    pub neighbours: usize,
    /// Answers with a status from 400 to 499.
    pub refused: usize,
    /// Connections that ended without an answer.
    pub closed: usize,
    /// Answers of 200 without an allow to hostile cases.
    pub denied: usize,
    /// Answers of 503.
    pub unavailable: usize,
    /// Cases that did not come out as they must.
    pub wrong: usize,
}

/// What became of all of them.
#[derive(Debug, Default)]
#[must_use]
pub struct Summary {
    /// By group.
    pub groups: BTreeMap<&'static str, Count>,
    /// Hostile cases that got an allow.
    pub wrong_allows: usize,
    /// Answers above 499 other than 503.
    pub server_errors: usize,
    /// What came out wrong, a line each.
    pub faults: Vec<String>,
}

impl Summary {
    /// Hostile cases and neighbours together.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.groups.values().map(|count| count.hostile + count.neighbours).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<12} {:>8} {:>10} {:>8} {:>7} {:>7} {:>5} {:>6}",
            "group", "hostile", "neighbours", "refused", "closed", "denied", "503", "wrong"
        )?;
        for (group, it) in &self.groups {
            writeln!(
                f,
                "{group:<12} {:>8} {:>10} {:>8} {:>7} {:>7} {:>5} {:>6}",
                it.hostile, it.neighbours, it.refused, it.closed, it.denied, it.unavailable, it.wrong
            )?;
        }
        for fault in &self.faults {
            writeln!(f, "FAIL {fault}")?;
        }
        write!(
            f,
            "{} cases, {} wrong allows, {} answers above 499 other than 503",
            self.cases(),
            self.wrong_allows,
            self.server_errors
        )
    }
}

/// Sends everything; slow clients come last, together.
pub fn run_hostile(target: &Target) -> Summary {
    let mut cases = Vec::new();
    bodies::add(target, &mut cases);
    ids::add(target, &mut cases);
    addresses::add(target, &mut cases);
    credentials::add(target, &mut cases);
    many::add(target, &mut cases);
    framing::add(target, &mut cases);
    let summary = Mutex::new(Summary::default());
    ask_all(target, &cases, AT_ONCE, &summary);
    cases.clear();
    slow::add(target, &mut cases);
    ask_all(target, &cases, cases.len(), &summary);
    let mut summary = summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    summary.faults.sort();
    summary
}

fn ask_all(target: &Target, cases: &[Case], at_once: usize, summary: &Mutex<Summary>) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(cases.len()) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    std::thread::sleep(case.before);
                    let exchange = wire::exchange(target.address, &case.pieces, case.patience);
                    let judged = case.judge(&exchange);
                    let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    judged.count(case, &exchange, &mut summary);
                }
            });
        }
    });
}
