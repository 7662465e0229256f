//! Runs the `expect` lines of a bundle: the decision *and* the rule or reason must be the expected ones.

mod ask;

use std::collections::BTreeSet;

use remit_engine::Verdict;
use remit_lang::checked::{Expect, Policies};
use remit_model::{Name, Timestamp, Value};
use serde::Serialize;

use crate::live::Live;

/// The instant at which expectations without `at` are decided, so that a test run never depends on the day.
const NOON: &str = "2026-06-01T12:00:00Z";

/// What came of one `expect` line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// File, as shown to people.
    pub file: String,
    /// Line of the `expect`.
    pub line: u32,
    /// The line in one row of text.
    pub what: String,
    /// Why it failed; `None` when it passed.
    pub failure: Option<String>,
    /// Rules that decided.
    #[serde(skip)]
    pub determining: Vec<String>,
}

/// The outcomes of a bundle, and which rules never decided anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One per `expect` line, in order of file and line.
    pub outcomes: Vec<Outcome>,
    /// Rules that no expectation exercised.
    pub untested_rules: Vec<String>,
    /// Rules in all.
    pub rules: usize,
}

impl Report {
    /// How many passed and failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let failed = self.outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
        (self.outcomes.len() - failed, failed)
    }
}

/// Runs every expectation.
#[must_use]
pub fn run(policies: &Policies, live: &Live) -> Report {
    let mut outcomes: Vec<Outcome> = policies.expects.iter().map(|expect| one(expect, live)).collect();
    outcomes.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let exercised: BTreeSet<&str> =
        outcomes.iter().flat_map(|outcome| outcome.determining.iter().map(String::as_str)).collect();
    let untested_rules = policies
        .rules
        .iter()
        .map(|rule| rule.id.to_string())
        .filter(|id| !exercised.contains(id.as_str()))
        .collect();
    Report { outcomes, untested_rules, rules: policies.rules.len() }
}

fn one(expect: &Expect, live: &Live) -> Outcome {
    let (verdict, sources) = (verdict(expect, live), &live.sources);
    let (file, line) = sources
        .file(expect.span.file)
        .map_or_else(Default::default, |file| (file.name.clone(), file.place(expect.span.start).line));
    let what = sources.text(expect.span).split_whitespace().collect::<Vec<_>>().join(" ");
    let (failure, determining) = match &verdict {
        Ok(verdict) => {
            let determining = verdict.determining.iter().map(|hit| hit.id.to_string()).collect();
            (failure(expect, verdict), determining)
        }
        Err(why) => (Some(why.clone()), Vec::new()),
    };
    Outcome { file, line, what, failure, determining }
}

fn verdict(expect: &Expect, live: &Live) -> Result<Verdict, String> {
    let now = expect.at.or_else(|| Timestamp::parse(NOON));
    let Some(now) = now else { unreachable!("the constant is a time") };
    ask::verdict(expect, &live.bound, now, &live.schemas, unsupported(expect))
}

/// What a request may say in its context about agents and purpose an expectation says in clauses of its own.
fn unsupported(expect: &Expect) -> Option<&'static str> {
    let named = |name: &str| expect.context.iter().any(|(member, _)| member.as_str() == name);
    crate::intake::AGENT_MEMBERS.into_iter().find(|member| named(member))
}

fn borrowed(members: &[(Name, Value)]) -> Vec<(&str, Value)> {
    members.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

fn failure(expect: &Expect, verdict: &Verdict) -> Option<String> {
    let word = |permit| if permit { "permit" } else { "deny" };
    let got = || {
        let rules: Vec<&str> = verdict.determining.iter().map(|hit| &*hit.id).collect();
        let by = if rules.is_empty() { String::new() } else { format!(" by {}", rules.join(", ")) };
        format!("{}{by}, reason `{}`", word(verdict.decision), verdict.reason)
    };
    if verdict.decision != expect.permit {
        return Some(format!("expected {}, got {}", word(expect.permit), got()));
    }
    for rule in &expect.by {
        let id = rule.to_string();
        if !verdict.determining.iter().any(|hit| *hit.id == *id) {
            return Some(format!("expected to be decided by `{id}`, got {}", got()));
        }
    }
    if let Some(reason) = &expect.because
        && verdict.reason.code() != reason
    {
        return Some(format!("expected reason `{reason}`, got {}", got()));
    }
    if let Some(kinds) = &expect.obliging {
        let wanted: BTreeSet<&str> = kinds.iter().map(Name::as_str).collect();
        let found: BTreeSet<&str> = verdict.obligations.iter().map(|duty| duty.kind.as_str()).collect();
        if wanted != found {
            let list = |set: &BTreeSet<&str>| {
                if set.is_empty() {
                    "nothing".to_owned()
                } else {
                    set.iter().copied().collect::<Vec<_>>().join(", ")
                }
            };
            return Some(format!("expected to oblige {}, got {}", list(&wanted), list(&found)));
        }
    }
    None
}
