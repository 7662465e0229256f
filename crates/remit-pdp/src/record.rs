//! Verdicts to ledger records: what is written before an answer leaves.

use std::borrow::Cow;
use std::sync::Arc;

use remit_engine::{DutyValue, Severity, Verdict};
use remit_ledger as ledger;
use remit_model::{EntityRef, Reason, Timestamp, Transaction, Value};
use remit_state::{Change, State};

use crate::acting::{Acting, Proofs};
use crate::call::Call;
use crate::decide::Settled;
use crate::fault::Fault;
use crate::incident::Grade;
use crate::incidents::Incidents;
use crate::intake::Draft;
use crate::kept::{self, Kept, Seen};
use crate::live::Live;
use crate::pdp::Pdp;
use crate::shadow::{self, Outcome};
use crate::standing;

/// Version of the engine that stands in every record.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// What every record of one call shares.
#[derive(Debug)]
pub struct Frame<'a> {
    /// The call.
    pub call: &'a Call<'a>,
    /// What the call saw.
    pub live: &'a Live,
    /// `now` of the decision.
    pub now: Timestamp,
    /// When work on it began.
    pub began: std::time::Instant,
    /// What its tokens proved.
    pub(crate) proofs: Proofs,
    /// What has happened.
    pub state: &'a State,
    /// What stands for persons.
    pub pseudonyms: &'a ledger::Pseudonyms,
    /// What happened before.
    pub incidents: &'a Incidents,
    /// From which grade on a denial is an incident.
    pub incidents_from: Grade,
}

/// A decision that is to be written, with the incident that it is.
#[derive(Debug)]
pub struct Recorded {
    decision: ledger::Entry,
    incident: Option<ledger::Incident>,
    shadow: Option<Outcome>,
    /// What it says of the agent that acted.
    told: Option<Change>,
}

impl Pdp {
    /// The frame of a call that is being worked on from here on.
    pub(crate) fn frame<'a>(&'a self, call: &'a Call<'a>, live: &'a Live, now: Timestamp) -> Frame<'a> {
        let (began, proofs) = (std::time::Instant::now(), Proofs::default());
        let Self { state, pseudonyms, incidents, incidents_from, .. } = self;
        Frame {
            call,
            live,
            now,
            began,
            proofs,
            state,
            pseudonyms,
            incidents,
            incidents_from: *incidents_from,
        }
    }

    /// Writes decisions and their incidents, together: all of it is in the ledger, or none.
    /// Gives the receipts of the decisions.
    pub(crate) async fn write(&self, recorded: Vec<Recorded>) -> Result<Vec<ledger::Receipt>, Fault> {
        let mut entries = Vec::with_capacity(recorded.len());
        let (mut incidents, mut shadowed, mut observed) = (Vec::new(), Vec::new(), Vec::new());
        for Recorded { decision, incident, shadow, told } in recorded {
            entries.push(decision);
            shadowed.extend(shadow);
            // A denial that is being recorded already counts there.
            match told {
                Some(Change::Observed(denial)) => observed.extend(self.state.observe(*denial).ok().flatten()),
                Some(Change::Used(step)) => observed.push(self.state.used(*step)),
                _ => {}
            }
            if let Some(incident) = incident {
                incidents.push((entries.len(), incident.clone()));
                entries.push(ledger::Entry::from(ledger::Body::Incident(Box::new(incident))));
            }
        }
        let receipts = self.ledger.append_all(entries).await.map_err(|error| self.unrecorded(&error))?;
        for one in observed {
            let _none = one.commit();
        }
        for (place, incident) in incidents {
            if let Some(receipt) = receipts.get(place) {
                self.incidents.take_in(receipt.seq, &incident);
            }
        }
        shadowed.into_iter().for_each(|outcome| self.counts.shadowed(outcome));
        Ok(receipts.into_iter().filter(|receipt| receipt.decision_id.is_some()).collect())
    }
}

impl Frame<'_> {
    fn blank(&self, decision_id: String, mode: ledger::Mode, reason: Reason) -> Box<ledger::DecisionRecord> {
        Box::new(ledger::DecisionRecord {
            action: None,
            actor: None,
            aside: None,
            chain: Vec::new(),
            context_hash: None,
            decision: None,
            decision_id,
            engine: Cow::Borrowed(ENGINE),
            facts: Vec::new(),
            failures: Vec::new(),
            graph: self.live.graph_revision(),
            identity: None,
            intent: None,
            latency_us: u32::try_from(self.began.elapsed().as_micros()).unwrap_or(u32::MAX),
            missing: Vec::new(),
            mode,
            notes: Vec::new(),
            obligations: Vec::new(),
            pep: self.call.pep.name.clone(),
            policy: self.live.policy_revision(),
            reason: Cow::Borrowed(reason.code()),
            request_id: self.call.request_id.map(str::to_owned),
            resource: None,
            rules: Vec::new(),
            severity: None,
            shadow: None,
            subject: None,
            task: None,
            tenant: self.call.pep.tenant.clone(),
            time: time(self.now),
            tokens: Vec::new(),
            transaction: None,
        })
    }

    /// The record of one decided question, with what is kept beside it.
    ///
    /// # Errors
    /// [`Fault::Internal`]: the question has no JSON form.
    pub(crate) fn decision(
        &self,
        mode: ledger::Mode,
        draft: &Draft<'_>,
        settled: &Settled,
    ) -> Result<Recorded, Fault> {
        let mut record = self.blank(settled.evaluation_id.clone(), mode, settled.verdict.reason);
        record.subject = Some(self.subject(draft.subject.kind, draft.subject.id));
        record.action = Some(draft.action.0.to_owned());
        record.resource = Some(self.entity(draft.resource.kind, draft.resource.id));
        record.context_hash = draft.asked.context_hash();
        judged(&mut record, &settled.verdict);
        if let Some(acting) = &settled.acting {
            self.acted(&mut record, acting, &settled.lineage);
        }
        let kept = Kept {
            question: Cow::Owned(kept::raw(draft.asked.text())?),
            acting: settled.acting.as_ref().map(Cow::Borrowed),
            denied: settled.denied.as_ref().map(Cow::Borrowed),
            lineage: settled.lineage.iter().map(Seen::of).collect(),
            standing: settled.standing.clone(),
            outside: Cow::Borrowed(&settled.told),
            change: settled.held.as_ref().map(|held| Cow::Borrowed(held.change())),
        };
        let told = standing::told(&record);
        let incident = self.incidents.detect(&record, self.incidents_from);
        let shadow = shadow::beside(self, draft, settled, &mut record);
        let decision = ledger::Entry::new(ledger::Body::Decision(record), kept::aside(&kept)?);
        Ok(Recorded { decision, incident, shadow, told })
    }

    /// The record of a batch item that is no question: it is answered `false`.
    #[must_use]
    pub fn invalid_item(&self, decision_id: String, index: u32) -> Recorded {
        let mut record = self.blank(decision_id, ledger::Mode::Batch { index }, Reason::InvalidItem);
        record.decision = Some(ledger::Decision::Deny);
        let decision = ledger::Entry::from(ledger::Body::Decision(record));
        Recorded { decision, incident: None, shadow: None, told: None }
    }

    /// The record of one page of a search.
    #[must_use]
    pub(crate) fn search(
        &self,
        decision_id: String,
        page: Searched,
        acting: Option<&Acting>,
        lineage: &[Arc<Transaction>],
    ) -> ledger::Body {
        let mode = ledger::Mode::Search { query: page.query, results: page.results };
        let mut record = self.blank(decision_id, mode, page.reason);
        record.subject = Some(self.sought(page.subject, Self::subject));
        record.action = page.action;
        record.resource = Some(self.sought(page.resource, Self::entity));
        record.context_hash = page.context_hash;
        if let Some(acting) = acting {
            self.acted(&mut record, acting, lineage);
        }
        ledger::Body::Decision(record)
    }

    /// Who acted, for what, in which transaction.
    fn acted(&self, record: &mut ledger::DecisionRecord, acting: &Acting, lineage: &[Arc<Transaction>]) {
        let entity = |it: &EntityRef| self.entity(it.kind.as_str(), &it.id);
        let link = |it: &EntityRef| {
            let ledger::Entity { id, kind } = entity(it);
            ledger::Link { id: id.unwrap_or_default(), issuer: None, kind }
        };
        record.actor = acting.chain.first().map(entity);
        record.chain = acting.chain.iter().map(link).collect();
        record.identity = acting.pattern.as_deref().map(str::to_owned);
        record.notes.clone_from(&acting.notes);
        record.tokens.clone_from(&acting.tokens);
        record.transaction = acting.txn.clone();
        let own = lineage.first().map(|transaction| transaction.hash.to_string());
        record.intent = own.or_else(|| acting.goal.as_ref().map(|(intent, _)| intent.hash().to_string()));
    }

    pub(crate) fn subject(&self, kind: &str, id: &str) -> ledger::Entity {
        self.live.subject(self.pseudonyms, kind, id)
    }

    pub(crate) fn entity(&self, kind: &str, id: &str) -> ledger::Entity {
        self.live.entity(self.pseudonyms, kind, id)
    }

    fn sought(
        &self,
        entity: ledger::Entity,
        shown: impl Fn(&Self, &str, &str) -> ledger::Entity,
    ) -> ledger::Entity {
        match &entity.id {
            Some(id) => shown(self, &entity.kind, id),
            None => entity,
        }
    }
}

/// What a search record says beside its frame.
#[derive(Debug)]
pub struct Searched {
    /// What was looked for.
    pub query: ledger::SearchKind,
    /// How many were found on this page.
    pub results: u32,
    /// The subject, or its type.
    pub subject: ledger::Entity,
    /// The action; none in an action search.
    pub action: Option<String>,
    /// The resource, or its type.
    pub resource: ledger::Entity,
    /// SHA-256 of the context.
    pub context_hash: Option<String>,
    /// `permitted` when something was found.
    pub reason: Reason,
}

/// The ledger's milliseconds of an instant.
#[must_use]
pub fn time(at: Timestamp) -> ledger::Timestamp {
    let ms = at.unix_nanos().div_euclid(1_000_000);
    ledger::Timestamp::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// What a verdict says in its record; all of it, so that a replay can compare.
pub(crate) fn judged(record: &mut ledger::DecisionRecord, verdict: &Verdict) {
    record.reason = Cow::Borrowed(verdict.reason.code());
    record.decision = Some(decision(verdict.decision));
    record.rules = verdict.determining.iter().map(rule).collect();
    record.missing = verdict.missing.iter().map(|fact| fact.path.to_string()).collect();
    record.obligations = verdict.obligations.iter().map(obligation).collect();
    record.failures = verdict.failures.iter().map(failure).collect();
    record.severity = verdict.severity().map(|severity| grade(severity).to_owned());
    record.task = verdict.task.as_ref().map(ToString::to_string);
}

/// Whether a record says of its answer all that [`judged`] would write of this verdict, and nothing else.
pub(crate) fn agrees(was: &ledger::raw::Decided<'_>, verdict: &Verdict) -> bool {
    fn same<A, B>(ours: &[A], theirs: &[B], is: impl Fn(&A, &B) -> bool) -> bool {
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is(ours, theirs))
    }
    let is_rule = |hit: &remit_engine::RuleHit, used: &ledger::raw::Rule<'_>| {
        let version = used.rule.strip_prefix(&*hit.id);
        let same = match &hit.version {
            Some(of) => version.and_then(|rest| rest.strip_prefix('@')) == Some(&**of),
            None => version == Some(""),
        };
        same && effect(hit.effect) == used.effect
    };
    let is_failure = |failure: &remit_engine::Failure, text: &ledger::raw::Text<'_>| {
        let field = text.strip_prefix(failure.reason.code()).and_then(|rest| rest.strip_prefix(' '));
        field == Some(failure.field.as_str())
    };
    *was.reason == *verdict.reason.code()
        && was.decision == Some(decision(verdict.decision))
        && was.severity.as_deref() == verdict.severity().map(grade)
        && was.task.as_deref() == verdict.task.as_ref().map(remit_model::Name::as_str)
        && same(&verdict.determining, &was.rules, is_rule)
        && same(&verdict.missing, &was.missing, |fact, path| *fact.path == **path)
        && same(&verdict.failures, &was.failures, is_failure)
        && was.obliged(&verdict.obligations.iter().map(obligation).collect::<Vec<_>>())
}

/// Why agents, purpose or history denied, as the ledger says it.
pub(crate) fn failure(failure: &remit_engine::Failure) -> String {
    format!("{} {}", failure.reason.code(), failure.field)
}

/// As the ledger says it.
pub(crate) fn decision(allow: bool) -> ledger::Decision {
    if allow { ledger::Decision::Allow } else { ledger::Decision::Deny }
}

/// A rule as the ledger names it.
pub(crate) fn rule(hit: &remit_engine::RuleHit) -> ledger::RuleUse {
    let rule = match &hit.version {
        Some(version) => format!("{}@{version}", hit.id),
        None => hit.id.to_string(),
    };
    ledger::RuleUse { effect: effect(hit.effect), rule }
}

fn grade(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "informational",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn effect(effect: remit_engine::Effect) -> ledger::Effect {
    match effect {
        remit_engine::Effect::Permit => ledger::Effect::Permit,
        remit_engine::Effect::Forbid => ledger::Effect::Forbid,
        remit_engine::Effect::Require => ledger::Effect::Require,
    }
}

fn obligation(duty: &DutyValue) -> ledger::ObligationNote {
    let parameters = duty.properties.iter().map(|(name, value)| (name.to_string(), plain(value))).collect();
    ledger::ObligationNote { id: duty.kind.to_string(), parameters }
}

/// WHY: the ledger's canonical form has no fractions; numbers and everything typed go in as their exact text.
fn plain(value: &Value) -> ledger::Plain {
    match value {
        Value::Bool(it) => ledger::Plain::Bool(*it),
        Value::Set(items) => ledger::Plain::List(items.iter().map(plain).collect()),
        Value::Record(members) => ledger::Plain::Members(
            members.iter().map(|(name, value)| (name.to_string(), plain(value))).collect(),
        ),
        other => ledger::Plain::Text(crate::answer::text(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_engine::{MissingFact, Outcome, RuleHit, RuleIndex};

    /// A verdict with something everywhere.
    fn verdict() -> Verdict {
        let mut verdict = crate::denial::Denial::new(Reason::TaskRepeated, "tasks.pay", "x").verdict();
        verdict.determining = vec![RuleHit {
            rule: RuleIndex(0),
            id: "p.stop".into(),
            effect: remit_engine::Effect::Forbid,
            version: Some("2".into()),
            approved_by: None,
            outcome: Outcome::True,
            because: None,
            severity: Severity::High,
        }];
        verdict.missing = vec![MissingFact { path: "subject.level".into(), rule: RuleIndex(0) }];
        let name = |text| remit_model::Name::new(text).unwrap();
        verdict.task = Some(name("pay"));
        verdict.obligations =
            vec![DutyValue { kind: name("mask"), properties: vec![(name("by"), Value::string("all"))] }];
        verdict
    }

    #[test]
    fn a_record_agrees_with_the_verdict_it_was_written_of_and_with_no_other() {
        let written = |verdict: &Verdict| {
            let text = serde_json::json!({ "decision_id": "d", "engine": "1", "latency_us": 1, "mode": "evaluation",
                "graph": { "digest": "", "revision": 1 }, "policy": { "digest": "", "revision": 1 }, "pep": "t",
                "reason": "", "time": "2026-06-01T12:00:00.000Z" });
            let mut record: ledger::DecisionRecord = serde_json::from_value(text).unwrap();
            judged(&mut record, verdict);
            serde_json::to_string(&record).unwrap()
        };
        let text = written(&verdict());
        let was: ledger::raw::Decided<'_> = serde_json::from_str(&text).unwrap();
        assert!(agrees(&was, &verdict()));
        let others: [fn(&mut Verdict); 10] = [
            |it| it.decision = true,
            |it| it.reason = Reason::Forbidden,
            |it| it.determining[0].version = None,
            |it| it.determining[0].id = "p.sto".into(),
            |it| it.determining[0].effect = remit_engine::Effect::Require,
            |it| it.determining[0].severity = Severity::Critical,
            |it| it.missing.clear(),
            |it| it.failures[0].field.push('s'),
            |it| it.task = None,
            |it| it.obligations[0].properties.clear(),
        ];
        for (at, change) in others.into_iter().enumerate() {
            let mut other = verdict();
            change(&mut other);
            assert!(!agrees(&was, &other), "change {at}");
            let text = written(&other);
            assert!(agrees(&serde_json::from_str(&text).unwrap(), &other), "change {at}");
        }
    }
}
