//! Decides again what was decided: under the revisions of its time, which must give the same answer, or under a
//! candidate, which shows what would change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use remit_engine::Verdict;
use remit_ledger::raw::{self, Decided, Raw, Seen, see};
use remit_ledger::{Decision, FaultKind, Revision, Timestamp};
use remit_model::Transaction;
use remit_state::{Limits, State};
use serde::Serialize;

use crate::again::{self, Asked};
use crate::archive::Archive;
use crate::history;
use crate::keyed::OutcomeKey;
use crate::live::Live;
use crate::record;
use crate::standing;

mod pool;

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
    /// again what is asked for, on all processors; `progress` hears how far it is.
    ///
    /// # Errors
    /// The log is damaged, or a change of a transaction cannot be read.
    pub fn run(self, progress: impl FnMut(u64)) -> Result<Report, String> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (log, last) = (self.data.join("ledger"), self.to.unwrap_or(u64::MAX));
        let gone = remit_ledger::pruned(&log).map_err(|damage| damage.to_string())?.map(|it| it.first);
        let archive = Mutex::new(Archive::of(&self.data));
        let worlds = Arc::new(Worlds { archive, replay: self, pruned: gone.is_some() });
        let deciders = (0..threads).map(|_| Decider::of(&worlds)).collect();
        let (state, mut in_order) = (State::new(Limits::default()), Decider::of(&worlds));
        let mut parts = pool::run(
            &log,
            last,
            deciders,
            |raw, decided| in_order.in_order(raw, decided, &state),
            progress,
        )?;
        parts.push(in_order);
        Ok(Report { pruned_below: gone, ..joined(parts, worlds.replay.told) })
    }
}

/// A kind of record that is told by its name alone.
const INCIDENT: &str = "incident";

/// What all threads share.
struct Worlds {
    archive: Mutex<Archive>,
    replay: Replay,
    /// Whether the log does not begin with its first record.
    pruned: bool,
}

impl Worlds {
    /// Whether what is asked now may look at what was not looked at then.
    fn candidate_reads_standing(&self) -> bool {
        self.replay.candidate.as_ref().is_some_and(|live| live.bound.program().reads_standing())
    }
}

/// The part of one thread.
struct Decider {
    worlds: Arc<Worlds>,
    /// The state that the last decision was made under: mostly it is that of the next.
    last: Option<Known>,
    report: Report,
    opened: Vec<Change>,
    closed: Vec<Change>,
}

struct Known {
    policy: Revision,
    graph: Revision,
    live: Arc<Live>,
}

impl pool::Work for Decider {
    fn any(&mut self, raw: &Raw<'_>) -> Result<pool::Made, String> {
        let damaged = |kind| raw.spot.fault(kind).to_string();
        let was = raw::decided(raw.record).map_err(|_| damaged(FaultKind::Format))?;
        // Transactions, consents and signals are what the records before have made of them.
        let Some(was) = was.filter(|was| was.transaction.is_none()) else { return Ok(pool::Made::Later) };
        let asked = self.asked(&was, raw)?;
        if asked.saw_standing() || self.worlds.candidate_reads_standing() {
            return Ok(pool::Made::Later);
        }
        self.decide(raw.spot.seq(), &was, &asked, (&[], None));
        // What an agent did and was denied counts for what comes later.
        Ok(if standing::told_of(&was).is_some() { pool::Made::Noted } else { pool::Made::Done })
    }
}

impl Decider {
    fn of(worlds: &Arc<Worlds>) -> Self {
        let (worlds, report) = (Arc::clone(worlds), Report::default());
        Self { worlds, last: None, report, opened: Vec::new(), closed: Vec::new() }
    }

    /// Takes the next of the records that change transactions, or are decided in one.
    fn in_order(&mut self, raw: &Raw<'_>, decided: bool, state: &State) -> Result<(), String> {
        let damaged = |kind| raw.spot.fault(kind).to_string();
        let seq = raw.spot.seq();
        // There are many, and none of them changes what decisions are made on.
        if raw::kind(raw.record) == Some(INCIDENT) && raw.aside.is_none() {
            let time = raw::time(raw.record).map_err(|_| damaged(FaultKind::Format))?;
            let _wanted = self.is_wanted(seq, time);
            return Ok(());
        }
        match see(raw.record).map_err(|_| damaged(FaultKind::Format))? {
            Seen::Other(record) => {
                let _wanted = self.is_wanted(seq, record.body.time());
                let beside = raw.beside(&record).ok_or_else(|| damaged(FaultKind::Aside))?;
                history::take_in(state, &record, &beside)
            }
            Seen::Decision(was) if decided => {
                again::observe(state, &was);
                Ok(())
            }
            Seen::Decision(was) => {
                let asked = self.asked(&was, raw)?;
                let lineage = match &asked {
                    Asked::Question(question) => again::lineage(question, state, self.worlds.pruned),
                    _ => Ok(Vec::new()),
                };
                let lineage = lineage.and_then(|lineage| asked.agrees(state).map(|()| lineage));
                match lineage {
                    Ok(lineage) => self.decide(seq, &was, &asked, (&lineage, Some(state))),
                    Err(why) if self.is_wanted(seq, was.time) => self.nowhere(why.to_owned()),
                    Err(_) => {}
                }
                asked.take_in(state, &was, seq)
            }
        }
    }

    fn asked<'r>(&self, was: &Decided<'_>, raw: &Raw<'r>) -> Result<Asked<'r>, String> {
        let asked = Asked::of(was, raw.aside, self.worlds.replay.key.as_ref());
        asked.ok_or_else(|| raw.spot.fault(FaultKind::Aside).to_string())
    }

    /// Whether a record belongs to the stretch; one that does widens it.
    fn is_wanted(&mut self, seq: u64, time: Timestamp) -> bool {
        let Replay { from, since, .. } = &self.worlds.replay;
        let wanted = seq >= *from && since.is_none_or(|since| time >= since);
        if wanted {
            self.report.reach(seq, seq);
        }
        wanted
    }

    fn nowhere(&mut self, why: String) {
        *self.report.not_replayable.entry(why).or_default() += 1;
    }

    fn decide(
        &mut self,
        seq: u64,
        was: &Decided<'_>,
        asked: &Asked<'_>,
        (lineage, state): (&[Arc<Transaction>], Option<&State>),
    ) {
        if !self.is_wanted(seq, was.time) {
            return;
        }
        let question = match asked {
            Asked::Question(question) => question,
            Asked::BeforePolicy => return self.report.before_policy += 1,
            Asked::NoQuestion => return self.report.no_question += 1,
            Asked::Erased | Asked::NotKept | Asked::Unreadable => {
                return self.nowhere(asked.lost().unwrap_or_default().to_owned());
            }
        };
        let verdict = self.live(was).and_then(|live| again::verdict(question, lineage, (&live, state), was));
        match verdict {
            Ok(verdict) => self.count(seq, was, &verdict),
            Err(why) => self.nowhere(why),
        }
    }

    /// The state to decide under.
    fn live(&mut self, was: &Decided<'_>) -> Result<Arc<Live>, String> {
        if let Some(candidate) = &self.worlds.replay.candidate {
            return Ok(Arc::clone(candidate));
        }
        let is = |of: &raw::State<'_>, known: &Revision| {
            of.revision == known.revision && *of.digest == *known.digest
        };
        let known = |last: &&Known| is(&was.policy, &last.policy) && is(&was.graph, &last.graph);
        if let Some(last) = self.last.as_ref().filter(known) {
            return Ok(Arc::clone(&last.live));
        }
        let revision = |of: &raw::State<'_>| Revision { digest: (*of.digest).into(), revision: of.revision };
        let (policy, graph) = (revision(&was.policy), revision(&was.graph));
        let mut archive = self.worlds.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let live = archive.live(&policy, &graph).map_err(|lost| lost.to_string())?;
        drop(archive);
        self.last = Some(Known { policy, graph, live: Arc::clone(&live) });
        Ok(live)
    }

    fn count(&mut self, seq: u64, was: &Decided<'_>, verdict: &Verdict) {
        let report = &mut self.report;
        report.replayed += 1;
        if record::agrees(was, verdict) {
            report.same += 1;
            if verdict.decision {
                was.rules.iter().for_each(|used| report.rests_on(&used.rule));
            }
            return;
        }
        if verdict.decision {
            verdict.determining.iter().for_each(|hit| report.rests_on(&record::rule(hit).rule));
        }
        match (was.decision, record::decision(verdict.decision)) {
            (Some(was), now) if was == now => report.other_reason += 1,
            (Some(Decision::Deny), _) => report.deny_to_allow += 1,
            _ => report.allow_to_deny += 1,
        }
        let opened = was.decision == Some(Decision::Deny);
        let list = if opened { &mut self.opened } else { &mut self.closed };
        // INVARIANT: a thread meets records in the order of the log, so that the first of all are among the first of each.
        if list.len() < self.worlds.replay.told {
            list.push(Change::of(seq, was, verdict));
        }
    }
}

fn joined(parts: Vec<Decider>, told: usize) -> Report {
    let mut report = Report::default();
    let (mut opened, mut closed) = (Vec::new(), Vec::new());
    for part in parts {
        report.join(part.report);
        opened.extend(part.opened);
        closed.extend(part.closed);
    }
    for list in [&mut opened, &mut closed] {
        list.sort_by_key(|change: &Change| change.seq);
        list.truncate(told);
    }
    opened.append(&mut closed);
    opened.truncate(told);
    report.changes = opened;
    report
}

impl Report {
    fn reach(&mut self, first: u64, last: u64) {
        let (from, to) = self.range.unwrap_or((first, last));
        self.range = Some((from.min(first), to.max(last)));
    }

    fn rests_on(&mut self, rule: &str) {
        match self.allows_by_rule.get_mut(rule) {
            Some(count) => *count += 1,
            None => drop(self.allows_by_rule.insert(rule.to_owned(), 1)),
        }
    }

    fn join(&mut self, other: Self) {
        if let Some((first, last)) = other.range {
            self.reach(first, last);
        }
        self.replayed += other.replayed;
        self.same += other.same;
        self.other_reason += other.other_reason;
        self.deny_to_allow += other.deny_to_allow;
        self.allow_to_deny += other.allow_to_deny;
        self.before_policy += other.before_policy;
        self.no_question += other.no_question;
        for (why, count) in other.not_replayable {
            *self.not_replayable.entry(why).or_default() += count;
        }
        for (rule, count) in other.allows_by_rule {
            *self.allows_by_rule.entry(rule).or_default() += count;
        }
    }
}

impl Change {
    fn of(seq: u64, was: &Decided<'_>, verdict: &Verdict) -> Self {
        let shown = |party: Option<&raw::Party<'_>>| {
            party.map_or_else(String::new, |it| {
                format!("{}:{}", &*it.kind, it.id.as_deref().unwrap_or_default())
            })
        };
        Self {
            seq,
            decision_id: was.decision_id.to_string(),
            time: was.time.to_string(),
            subject: shown(was.subject.as_ref()),
            action: was.action.as_deref().unwrap_or_default().to_owned(),
            resource: shown(was.resource.as_ref()),
            was: Answer {
                decision: was.decision.map_or("none", Decision::as_str).to_owned(),
                reason: was.reason.to_string(),
                rules: was.rules.iter().map(|rule| rule.rule.to_string()).collect(),
                failures: was.failures.iter().map(|text| text.to_string()).collect(),
            },
            now: Answer {
                decision: record::decision(verdict.decision).as_str().to_owned(),
                reason: verdict.reason.code().to_owned(),
                rules: verdict.determining.iter().map(|hit| record::rule(hit).rule).collect(),
                failures: verdict.failures.iter().map(record::failure).collect(),
            },
        }
    }
}
