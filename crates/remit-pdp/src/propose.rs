//! The least privilege that a stretch of the log asks for: the policies in force without the permits that no allow rests
//! on, and with the lists of the others cut down to what was used. What is proposed is proven: the same stretch is decided
//! again under it, on the graphs of the time, and what it would wrongly deny is put back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use remit_engine::{Effect, Verdict};
use remit_lang::narrow::Used;
use remit_ledger::raw::{Decided, Seen, read_raw, see};
use remit_ledger::{Decision, FaultKind, Mode, Timestamp};
use remit_state::{Limits, State};
use serde::Serialize;

use crate::again::{self, Asked};
use crate::history;
use crate::keyed::OutcomeKey;

mod base;
mod cut;
mod world;

use base::Base;
use cut::Cut;
use world::World;

/// What a proposal is made from.
#[derive(Debug)]
pub struct Propose {
    data: PathBuf,
    policies: Option<PathBuf>,
    from: u64,
    to: Option<u64>,
    since: Option<Timestamp>,
    key: Option<OutcomeKey>,
}

/// What is proposed, and how far it is proven.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The first and last record that were read; none of an empty range.
    pub range: Option<(u64, u64)>,
    /// The allows among them.
    pub allows: u64,
    /// How many of them the proposal allows again.
    pub proven: u64,
    /// How many of them the policies in force would deny today.
    pub denied_today: u64,
    /// Why others could not be decided again, and how many; what they used stays, by their records.
    pub not_replayable: BTreeMap<String, u64>,
    /// The permits that are left out.
    pub removed: Vec<Removed>,
    /// The permits that list less.
    pub narrowed: Vec<Narrowed>,
    /// The permits that the proof put back as they were.
    pub restored: Vec<String>,
    /// What was used, by permit.
    pub used: BTreeMap<String, Usage>,
    /// The expectations that hold today and would not hold any more.
    pub expects: Vec<String>,
    /// The folder that the policies were read from.
    pub base: PathBuf,
}

/// A permit that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// `package.name`
    pub rule: String,
    /// Its file, inside the bundle.
    pub file: String,
    /// Why.
    pub why: String,
}

/// A permit that lists less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Narrowed {
    /// `package.name`
    pub rule: String,
    /// Its file, inside the bundle.
    pub file: String,
    /// Actions that no allow used.
    pub actions: Vec<String>,
    /// Resources that no allow used.
    pub resources: Vec<String>,
}

/// What the allows that rest on a permit used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// How many they are.
    pub allows: u64,
    /// Their actions.
    pub actions: BTreeSet<String>,
    /// The types of their resources.
    pub resources: BTreeSet<String>,
    /// The types of their subjects.
    pub subjects: BTreeSet<String>,
    /// The agents that acted.
    pub agents: BTreeSet<String>,
    /// Resources that the permit names.
    #[serde(skip)]
    named: BTreeSet<(String, String)>,
}

impl Propose {
    /// From the whole log of this data directory. The service may be running.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { data: data.to_owned(), policies: None, from: 0, to: None, since: None, key: None }
    }

    /// Narrows the policies of this bundle instead of those in force.
    #[must_use]
    pub fn narrowing(self, bundle: &Path) -> Self {
        Self { policies: Some(bundle.to_owned()), ..self }
    }

    /// Only from these records.
    #[must_use]
    pub fn between(self, from: u64, to: Option<u64>) -> Self {
        Self { from, to, ..self }
    }

    /// Only from decisions made at or after this instant.
    #[must_use]
    pub fn since(self, since: Timestamp) -> Self {
        Self { since: Some(since), ..self }
    }

    /// Compares arguments with what was reported under this key.
    #[must_use]
    pub fn comparing(self, key: OutcomeKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Writes the proposal into a folder, which must be new or empty. A folder without a graph, as this one is, decides
    /// on the live graph when it is tried in the shadow.
    ///
    /// # Errors
    /// The log is damaged, the policies in force are not to be had, or what was cut cannot be proven.
    pub fn run(self, out: &Path, mut progress: impl FnMut(u64)) -> Result<Proposal, String> {
        let taken = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
        if taken || out.is_file() {
            return Err(format!("`{}` is not a new or empty folder", out.display()));
        }
        let base = match &self.policies {
            Some(dir) => Base::of(dir)?,
            None => Base::in_force(&self.data)?,
        };
        let mut report = Proposal { base: base.dir.clone(), ..Proposal::default() };
        self.collect(&base, &mut report, &mut progress)?;
        base.copy_rest(out)?;
        self.settle(&base, out, &mut report, &mut progress)?;
        report.expects = base.expects(out);
        Ok(report)
    }

    /// What each permit was used for: by the records, and under the policies in force where they are not those of the time.
    fn collect(
        &self,
        base: &Base,
        report: &mut Proposal,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), String> {
        let mut today = World::of(&self.data, &base.dir);
        let mut allows = 0;
        let mut used: BTreeMap<String, Usage> = BTreeMap::new();
        let range = self.each(progress, |_, was, asked, state| {
            if was.decision != Some(Decision::Allow) {
                return Ok(());
            }
            allows += 1;
            let permits = was.rules.iter().filter(|rule| rule.effect == remit_ledger::Effect::Permit);
            let mut rules: BTreeSet<String> = permits.map(|rule| unversioned(&rule.rule)).collect();
            if *was.policy.digest != *base.digest
                && let Ok(verdict) = today.decide(was, asked, state)
                && verdict.decision
            {
                rules.extend(permits_of(&verdict));
            }
            for rule in rules {
                let named = base.named.get(&rule);
                used.entry(rule).or_default().add(was, asked, named);
            }
            Ok(())
        })?;
        (report.range, report.allows, report.used) = (range, allows, used);
        Ok(())
    }

    /// Cuts, proves, and puts back what the proof misses, until nothing is missed.
    fn settle(
        &self,
        base: &Base,
        out: &Path,
        report: &mut Proposal,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), String> {
        let used = report.used.iter().map(|(rule, usage)| (rule.clone(), usage.as_used())).collect();
        let mut cut = Cut { used, whole: BTreeSet::new() };
        loop {
            let missed = match cut.write(base, out)? {
                Ok(lost) => {
                    let missed = self.prove(base, out, report, progress)?;
                    if missed.is_empty() {
                        report.restored = cut.whole.into_iter().collect();
                        tell(report, lost);
                        return Ok(());
                    }
                    missed
                }
                Err(refused) => refused,
            };
            let before = cut.whole.len();
            cut.whole.extend(missed);
            if cut.whole.len() == before {
                return Err("what the proposal misses cannot be put back; nothing is proposed".to_owned());
            }
        }
    }

    /// Decides the stretch again under the proposal; gives the permits without which it denies what was allowed.
    fn prove(
        &self,
        base: &Base,
        out: &Path,
        report: &mut Proposal,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BTreeSet<String>, String> {
        let (mut proposed, mut today) = (World::of(&self.data, out), World::of(&self.data, &base.dir));
        let (mut proven, mut denied_today, mut missed) = (0, 0, BTreeSet::new());
        let mut not_replayable: BTreeMap<String, u64> = BTreeMap::new();
        let _range = self.each(progress, |seq, was, asked, state| {
            let allowed = match was.decision {
                Some(decision) => decision == Decision::Allow,
                None => return Ok(()),
            };
            match (allowed, proposed.decide(was, asked, state)) {
                (true, Ok(now)) if now.decision => proven += 1,
                (true, Ok(_)) => match today.decide(was, asked, state) {
                    Ok(verdict) if verdict.decision => missed.extend(permits_of(&verdict)),
                    _ => denied_today += 1,
                },
                (true, Err(why)) => *not_replayable.entry(why).or_default() += 1,
                // INVARIANT: a proposal is never wider than what it was cut from.
                (false, Ok(now)) if now.decision => {
                    if !today.decide(was, asked, state).is_ok_and(|verdict| verdict.decision) {
                        return Err(format!(
                            "the proposal allows what record {seq} denied; nothing is proposed"
                        ));
                    }
                }
                (false, _) => {}
            }
            Ok(())
        })?;
        (report.proven, report.denied_today, report.not_replayable) = (proven, denied_today, not_replayable);
        Ok(missed)
    }

    /// Shows each decision of the stretch, in the order of the log, with the transactions as they were before it.
    fn each(
        &self,
        progress: &mut dyn FnMut(u64),
        mut visit: impl FnMut(u64, &Decided<'_>, &Asked<'_>, &State) -> Result<(), String>,
    ) -> Result<Option<(u64, u64)>, String> {
        let state = State::new(Limits::default());
        let mut range: Option<(u64, u64)> = None;
        let mut raw = read_raw(&self.data.join("ledger"), 0, self.to.unwrap_or(u64::MAX));
        while let Some(one) = raw.step().map_err(|fault| fault.to_string())? {
            let (seq, spot) = (one.spot.seq(), one.spot);
            let damaged = |kind| spot.fault(kind).to_string();
            progress(seq);
            let wanted = |time| seq >= self.from && self.since.is_none_or(|since| time >= since);
            let time = match see(one.record).map_err(|_| damaged(FaultKind::Format))? {
                Seen::Other(record) => {
                    let beside = one.beside(&record).ok_or_else(|| damaged(FaultKind::Aside))?;
                    history::take_in(&state, &record, &beside)?;
                    record.body.time()
                }
                Seen::Decision(was) => {
                    let asked = Asked::of(&was, one.aside, self.key.as_ref());
                    let asked = asked.ok_or_else(|| damaged(FaultKind::Aside))?;
                    if wanted(was.time) && !matches!(was.mode, Mode::Search { .. }) {
                        visit(seq, &was, &asked, &state)?;
                    }
                    asked.take_in(&state, &was, seq)?;
                    was.time
                }
            };
            if wanted(time) {
                range = Some((range.map_or(seq, |(first, _)| first), seq));
            }
        }
        Ok(range)
    }
}

impl Usage {
    fn add(&mut self, was: &Decided<'_>, asked: &Asked<'_>, named: Option<&BTreeSet<(String, String)>>) {
        self.allows += 1;
        self.actions.extend(was.action.as_deref().map(str::to_owned));
        self.resources.extend(was.resource.as_ref().map(|of| of.kind.to_string()));
        self.subjects.extend(was.subject.as_ref().map(|of| of.kind.to_string()));
        let agent = was.actor.as_ref().and_then(|of| Some(format!("{}:{}", &*of.kind, &**of.id.as_ref()?)));
        self.agents.extend(agent);
        let (Some(named), Some(resource)) = (named, &was.resource) else { return };
        // WHY: a record may have a pseudonym for the id, and only the question has the id.
        match again::resource(asked) {
            Some(resource) => self.named.extend(named.get(&resource).cloned()),
            None => self.named.extend(named.iter().filter(|(of, _)| **of == *resource.kind).cloned()),
        }
    }

    fn as_used(&self) -> Used {
        let Self { actions, resources, named, .. } = self.clone();
        Used { actions, resources, named }
    }
}

/// What was cut, for people.
fn tell(report: &mut Proposal, lost: Vec<(String, remit_lang::narrow::Lost)>) {
    (report.removed, report.narrowed) = (Vec::new(), Vec::new());
    for (file, lost) in lost {
        if lost.whole {
            let why = "no allow in this stretch rests on it".to_owned();
            report.removed.push(Removed { rule: lost.rule, file, why });
        } else {
            let (actions, resources) = (lost.actions, lost.resources);
            report.narrowed.push(Narrowed { rule: lost.rule, file, actions, resources });
        }
    }
}

/// The permits that an allow rests on.
fn permits_of(verdict: &Verdict) -> impl Iterator<Item = String> {
    verdict.determining.iter().filter(|hit| hit.effect == Effect::Permit).map(|hit| hit.id.to_string())
}

/// `package.name` of `package.name@version`.
fn unversioned(rule: &str) -> String {
    rule.split('@').next().unwrap_or(rule).to_owned()
}

#[cfg(test)]
mod tests;
