//! Decides again what was decided: under the revisions of its time, which must give the same answer, or under a
//! candidate, which shows what would change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_engine::{Bound, Query, Verdict};
use remit_ledger::{Beside, Body, Decision, DecisionRecord, Fault as Damage, Mode, Record, Timestamp};
use remit_state::{Limits, State};
use serde::Serialize;

use crate::acting::Acting;
use crate::archive::Archive;
use crate::call::Rights;
use crate::history;
use crate::kept::{Kept, Seen};
use crate::keyed::OutcomeKey;
use crate::live::Live;
use crate::record::judged;
use crate::{enrich, intake};

/// What to decide again.
#[derive(Debug)]
pub struct Replay {
    data: PathBuf,
    /// The first record.
    from: u64,
    /// The last record; the end of the log when none.
    to: Option<u64>,
    /// Decisions before this instant are left out.
    since: Option<Timestamp>,
    candidate: Option<Arc<Live>>,
    /// How many changes are told one by one.
    told: usize,
    key: Option<OutcomeKey>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The first and last record that were read; none of an empty range.
    pub range: Option<(u64, u64)>,
    /// The first record that the log still has, when older ones were dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pruned_below: Option<u64>,
    /// How many decisions were decided again.
    pub replayed: u64,
    /// Of those, how many gave the same answer for the same reasons.
    pub same: u64,
    /// How many gave the same answer for other reasons.
    pub other_reason: u64,
    /// Denials that would be allows.
    pub deny_to_allow: u64,
    /// Allows that would be denials.
    pub allow_to_deny: u64,
    /// Denials that no policy was asked about: a token that did not verify, a step that came second.
    pub before_policy: u64,
    /// Searches and items that were no questions.
    pub no_question: u64,
    /// Why others could not be decided again, and how many.
    pub not_replayable: BTreeMap<String, u64>,
    /// The changes, deny to allow first, then in the order of the log; as many as were asked for.
    pub changes: Vec<Change>,
    /// For each rule of the policies that decided, how many allows rest on it.
    pub allows_by_rule: BTreeMap<String, u64>,
}

/// One decision that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its record.
    pub seq: u64,
    /// Its id.
    pub decision_id: String,
    /// When it was made.
    pub time: String,
    /// `type:id`, as the record has it.
    pub subject: String,
    /// The action.
    pub action: String,
    /// `type:id`, as the record has it.
    pub resource: String,
    /// What was answered.
    pub was: Answer,
    /// What would be.
    pub now: Answer,
}

/// An answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// `allow` or `deny`.
    pub decision: String,
    /// The reason code.
    pub reason: String,
    /// The rules that determined it.
    pub rules: Vec<String>,
    /// Why agents, purpose or history denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

impl Answer {
    fn of(record: &DecisionRecord) -> Self {
        Self {
            decision: record.decision.map_or("none", Decision::as_str).to_owned(),
            reason: record.reason.clone(),
            rules: record.rules.iter().map(|rule| rule.rule.clone()).collect(),
            failures: record.failures.clone(),
        }
    }
}

impl Replay {
    /// Of the whole log of this data directory, under the revisions of its time. The service may be running.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { data: data.to_owned(), from: 0, to: None, since: None, candidate: None, told: 100, key: None }
    }

    /// Only these records.
    #[must_use]
    pub fn between(self, from: u64, to: Option<u64>) -> Self {
        Self { from, to, ..self }
    }

    /// Only decisions made at or after this instant.
    #[must_use]
    pub fn since(self, since: Timestamp) -> Self {
        Self { since: Some(since), ..self }
    }

    /// Under this state instead of that of the time.
    #[must_use]
    pub fn under(self, candidate: Arc<Live>) -> Self {
        Self { candidate: Some(candidate), ..self }
    }

    /// Compares arguments with what was reported under this key, as the decision point does that has it.
    #[must_use]
    pub fn comparing(self, key: OutcomeKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Tells so many changes one by one.
    #[must_use]
    pub fn telling(self, told: usize) -> Self {
        Self { told, ..self }
    }

    /// Reads the log from its beginning, because transactions are known from all that happened in them, and decides
    /// again what is asked for; `progress` hears of each record.
    ///
    /// # Errors
    /// The log is damaged, or a change of a transaction cannot be read.
    pub fn run(self, mut progress: impl FnMut(u64)) -> Result<Report, String> {
        let mut again = Again {
            archive: Archive::of(&self.data),
            candidate: self.candidate,
            key: self.key,
            state: State::new(Limits::default()),
            pruned: false,
        };
        let gone = remit_ledger::pruned(&self.data.join("ledger")).map_err(|damage| damage.to_string())?;
        again.pruned = gone.is_some();
        let mut report = Report { pruned_below: gone.map(|it| it.first), ..Report::default() };
        let (mut opened, mut closed) = (Vec::new(), Vec::new());
        let last = self.to.unwrap_or(u64::MAX);
        for found in remit_ledger::read_whole(&self.data.join("ledger"), 0, last) {
            let (record, beside) = found.map_err(|damage: Damage| damage.to_string())?;
            progress(record.seq);
            let wanted =
                record.seq >= self.from && self.since.is_none_or(|since| record.body.time() >= since);
            if wanted {
                let first = report.range.map_or(record.seq, |(first, _)| first);
                report.range = Some((first, record.seq));
            }
            if let Body::Decision(decision) = &record.body
                && wanted
            {
                let came = again.decide(decision, &beside);
                if let Some(change) = report.count(&record, decision, came) {
                    let list =
                        if decision.decision == Some(Decision::Deny) { &mut opened } else { &mut closed };
                    if list.len() < self.told {
                        list.push(change);
                    }
                }
            }
            history::take_in(&again.state, &record, &beside)?;
        }
        opened.append(&mut closed);
        opened.truncate(self.told);
        report.changes = opened;
        Ok(report)
    }
}

/// What deciding again came to.
enum Came {
    /// The record as it would be.
    To(Box<DecisionRecord>),
    BeforePolicy,
    NoQuestion,
    Nowhere(String),
}

impl Report {
    fn count(&mut self, record: &Record, was: &DecisionRecord, came: Came) -> Option<Change> {
        let now = match came {
            Came::To(now) => now,
            Came::BeforePolicy => {
                self.before_policy += 1;
                return None;
            }
            Came::NoQuestion => {
                self.no_question += 1;
                return None;
            }
            Came::Nowhere(why) => {
                *self.not_replayable.entry(why).or_default() += 1;
                return None;
            }
        };
        self.replayed += 1;
        if now.decision == Some(Decision::Allow) {
            for rule in &now.rules {
                *self.allows_by_rule.entry(rule.rule.clone()).or_default() += 1;
            }
        }
        match (was.decision, now.decision) {
            _ if *now == *was => self.same += 1,
            (was, now) if was == now => self.other_reason += 1,
            (Some(Decision::Deny), _) => self.deny_to_allow += 1,
            _ => self.allow_to_deny += 1,
        }
        let shown = |entity: &Option<remit_ledger::Entity>| {
            entity.as_ref().map_or_else(String::new, |it| {
                format!("{}:{}", it.kind, it.id.as_deref().unwrap_or_default())
            })
        };
        (*now != *was).then(|| Change {
            seq: record.seq,
            decision_id: was.decision_id.clone(),
            time: was.time.to_string(),
            subject: shown(&was.subject),
            action: was.action.clone().unwrap_or_default(),
            resource: shown(&was.resource),
            was: Answer::of(was),
            now: Answer::of(&now),
        })
    }
}

/// The state of transactions as the log has told it so far, and the worlds to decide in.
struct Again {
    archive: Archive,
    candidate: Option<Arc<Live>>,
    key: Option<OutcomeKey>,
    state: State,
    /// Whether the log does not begin with its first record.
    pruned: bool,
}

impl Again {
    fn decide(&mut self, was: &DecisionRecord, beside: &Beside) -> Came {
        let text = match beside {
            Beside::Content(text) => text,
            Beside::Erased => return Came::Nowhere("the question was erased".to_owned()),
            Beside::Nothing if matches!(was.mode, Mode::Search { .. }) => return Came::NoQuestion,
            Beside::Nothing if was.subject.is_none() => return Came::NoQuestion,
            Beside::Nothing => return Came::Nowhere("the question was not kept".to_owned()),
        };
        let kept: Kept<'_> = match serde_json::from_str(text) {
            Ok(kept) => kept,
            Err(_) => return Came::Nowhere("the question is of another release".to_owned()),
        };
        if kept.denied.is_some() {
            return Came::BeforePolicy;
        }
        let live = match self.candidate.clone().map_or_else(|| self.archive.live(&was.policy, &was.graph), Ok)
        {
            Ok(live) => live,
            Err(lost) => return Came::Nowhere(lost.to_string()),
        };
        let mut lineage = Vec::new();
        if !kept.lineage.is_empty() {
            lineage = kept.acting.as_deref().map(|acting| acting.lineage(&self.state)).unwrap_or_default();
            if self.pruned && lineage.len() < kept.lineage.len() {
                return Came::Nowhere("its transaction began in records that were dropped".to_owned());
            }
            if lineage.iter().map(Seen::of).ne(kept.lineage.iter().cloned()) {
                return Came::Nowhere("it was decided beside a step that was recorded later".to_owned());
            }
        }
        let acting = kept.acting.map(|acting| acting.into_owned().comparing(self.key.as_ref()));
        match verdict(kept.question.get(), acting.as_ref(), &lineage, &live, was) {
            Ok(verdict) => {
                let mut now = Box::new(was.clone());
                judged(&mut now, &verdict);
                Came::To(now)
            }
            Err(why) => Came::Nowhere(why),
        }
    }
}

fn verdict(
    question: &str,
    acting: Option<&Acting>,
    lineage: &[Arc<remit_model::Transaction>],
    live: &Live,
    was: &DecisionRecord,
) -> Result<Verdict, String> {
    let said = |fault: crate::Fault| format!("the question is refused: {fault}");
    let json = intake::parse(question.as_bytes(), &remit_json::Limits::default()).map_err(said)?;
    let request = remit_authzen::EvaluationRequest::parse(&json)
        .map_err(|error| format!("the question is refused: {error}"))?;
    let draft = intake::accept(&request, &Rights::all()).map_err(said)?;
    let now = remit_model::Timestamp::from_unix_nanos(i128::from(was.time.unix_ms()) * 1_000_000)
        .ok_or("its time is beyond the calendar")?;
    let judge = |bound: &Bound, query: &Query<'_>| remit_engine::evaluate(bound, query);
    Ok(match acting {
        Some(acting) => acting.ask(&draft, lineage, (live, now, &was.pep), judge),
        None => judge(&live.bound, &enrich::resolve(&draft, live, now, &was.pep)),
    })
}
