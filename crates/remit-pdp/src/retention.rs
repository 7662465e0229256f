//! Retention: which old records may go, and letting them go. What is not over keeps everything it rests on.
//!
//! The first record of a transaction that is open, of a consent that still counts, of an incident that is not resolved or still to be disclosed, and of
//! the decision it was found in, stays, and with it everything after. So the state is rebuilt whole from what is left.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use remit_ledger::{
    Body, ConsentChanged, Disclosure, IncidentEvent, Keys, Ledger, LedgerOptions, Prunable, PruneNote,
    Record, Revision, pruned,
};
pub use remit_model::Duration as Age;
use remit_model::{Status, Timestamp as Instant};
use remit_state::State;
use serde::Serialize;

use crate::history;
use crate::incidents::Incidents;
use crate::limits::RETAIN_LEAST_DAYS;
use crate::pdp::{LEDGER_KEY, Pdp};
use crate::record;

/// Who wants records to go that are older than what.
#[derive(Debug, Clone)]
pub struct Request {
    /// Records from this time on stay.
    pub before: Instant,
    /// Who has it done.
    pub author: Option<String>,
    /// Why, without naming anybody.
    pub why: String,
    /// The file of the key that signs the heads, when it is not in the data directory.
    pub key: Option<PathBuf>,
    /// Whether younger records may go than the law lets most keepers drop.
    pub below_minimum: bool,
}

/// What would go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The first record that is there now.
    pub first: u64,
    /// The first record that would be left.
    pub left: u64,
    /// How many records would go.
    pub records: u64,
    /// In how many segments.
    pub segments: usize,
    /// Of how many bytes.
    pub bytes: u64,
    /// What keeps older records than was asked for, and its first record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<(u64, String)>,
    /// The policies that were live where what is left begins.
    #[serde(skip)]
    policy: Option<Revision>,
    /// The graph that was.
    #[serde(skip)]
    graph: Option<Revision>,
}

/// The shortest time for which records are kept unless it is said that less will do.
#[must_use]
pub fn least() -> Age {
    Age::from_nanos(i128::from(RETAIN_LEAST_DAYS) * 86_400 * 1_000_000_000)
}

/// Says what would go from the data directory of a decision point that is not running, and lets it go when `done`.
///
/// # Errors
/// The request is for younger records than may go, the ledger is in use or damaged, it signs nothing, or the disk refuses.
pub fn prune(data: &Path, request: &Request, now: Instant, done: bool) -> Result<Plan, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    permitted(request.before, now, request.below_minimum)?;
    let options = LedgerOptions::new(format!("remit-prune-{}", std::process::id()), record::time(now));
    let own = data.join(LEDGER_KEY);
    let key = request.key.clone().or_else(|| own.is_file().then_some(own));
    let keys = key.map(|path| Keys::read(&path)).transpose().map_err(|error| text(&error))?;
    let options = LedgerOptions { keys, ..options };
    let (ledger, _) = Ledger::open(&data.join("ledger"), options).map_err(|error| text(&error))?;
    let incidents = Incidents::default();
    let state = history::restore(data, &ledger, &incidents)?;
    let plan = plan(data, &ledger, (&state, &incidents), request.before, now)?;
    if done {
        carry_out(&ledger, &plan, request.author.clone(), &request.why, now)?;
    }
    ledger.close().map_err(|error| text(&error))?;
    Ok(plan)
}

fn permitted(before: Instant, now: Instant, below_minimum: bool) -> Result<(), String> {
    if before > now {
        return Err(format!("`{before}` lies in the future"));
    }
    if !below_minimum && now.since(before).nanos() < least().nanos() {
        return Err(format!(
            "records younger than {RETAIN_LEAST_DAYS} days would go, and most keepers of logs must keep them: say so \
             explicitly if yours need not"
        ));
    }
    Ok(())
}

impl Pdp {
    /// Drops records older than this, as far as nothing rests on them. Blocks on the disk.
    ///
    /// # Errors
    /// The log is damaged or the disk refuses.
    pub fn retain(&self, age: Age) -> Result<Plan, String> {
        let now = self.now().map_err(|fault| fault.to_string())?;
        let before = now.checked_sub(age).ok_or("the age lies before the calendar")?;
        let plan = plan(&self.data, &self.ledger, (&self.state, &self.incidents), before, now)?;
        carry_out(&self.ledger, &plan, None, &format!("older than {age}, as configured"), now)?;
        Ok(plan)
    }
}

fn carry_out(
    ledger: &Ledger,
    plan: &Plan,
    author: Option<String>,
    why: &str,
    now: Instant,
) -> Result<(), String> {
    if plan.records == 0 {
        return Ok(());
    }
    let note = PruneNote {
        author,
        graph: plan.graph.clone(),
        policy: plan.policy.clone(),
        time: record::time(now),
        why: why.to_owned(),
    };
    ledger.prune(plan.left, note).map(drop).map_err(|error| error.to_string())
}

/// What is older than `before` and needed by nobody.
fn plan(
    data: &Path,
    ledger: &Ledger,
    (state, incidents): (&State, &Incidents),
    before: Instant,
    now: Instant,
) -> Result<Plan, String> {
    let dir = data.join("ledger");
    let (first, before) = (ledger.first(), record::time(before));
    let mut scout = Scout { state, now, open: incidents.open(), unknown: BTreeMap::new() };
    let said = pruned(&dir).map_err(|fault| fault.to_string())?;
    let mut published =
        vec![(0, said.as_ref().and_then(|it| it.policy.clone()), said.and_then(|it| it.graph))];
    let (mut end, mut held) = (first, None);
    let Some(last) = ledger.extent().size.checked_sub(1) else { return Ok(Plan::default()) };
    for found in remit_ledger::read(&dir, first, last) {
        let record = found.map_err(|fault| fault.to_string())?;
        if record.body.time() >= before {
            break;
        }
        held = scout.holds(&record).map(|by| (record.seq, by));
        if held.is_some() {
            break;
        }
        let (mut policy, mut graph) =
            published.last().map(|(_, policy, graph)| (policy.clone(), graph.clone())).unwrap_or_default();
        match &record.body {
            Body::PolicyPublished(it) => {
                policy = Some(Revision { digest: it.digest.as_str().into(), revision: it.revision })
            }
            Body::GraphPublished(it) => {
                graph = Some(Revision { digest: it.digest.as_str().into(), revision: it.revision })
            }
            _ => {}
        }
        if published.last().is_some_and(|last| (&last.1, &last.2) != (&policy, &graph)) {
            published.push((record.seq, policy, graph));
        }
        end = record.seq + 1;
    }
    if let Some((seq, id)) = scout.unresolved().filter(|(seq, _)| *seq < end) {
        (end, held) = (seq, Some((seq, format!("incident `{id}`"))));
    }
    let what = ledger.prunable(end).map_err(|error| error.to_string())?;
    let none = Prunable { first, records: 0, segments: 0, bytes: 0 };
    let Prunable { first: left, records, segments, bytes } = what.unwrap_or(none);
    let live = published.into_iter().rev().find(|(seq, ..)| *seq < left);
    let (policy, graph) = live.map(|(_, policy, graph)| (policy, graph)).unwrap_or_default();
    Ok(Plan { first, left, records, segments, bytes, held, policy, graph })
}

/// What is not over yet.
#[derive(Debug, Default)]
pub(crate) struct Open {
    /// Ids of incidents.
    pub incidents: HashSet<String>,
    /// The decisions that they were found in.
    pub decisions: HashSet<String>,
    /// The transactions that they happened in.
    pub transactions: HashSet<String>,
    /// Incidents that are over.
    pub over: HashSet<String>,
}

/// Looks for the first record that something rests on.
struct Scout<'a> {
    state: &'a State,
    now: Instant,
    open: Open,
    /// Incidents that are no longer known otherwise: their first record, while they are not over.
    unknown: BTreeMap<String, u64>,
}

impl Scout<'_> {
    fn holds(&mut self, record: &Record) -> Option<String> {
        // Exhaustive: whoever adds a kind of record says here whether something rests on it.
        match &record.body {
            Body::Decision(it) => {
                if self.open.decisions.contains(&it.decision_id) {
                    return Some(format!("an incident that decision `{}` was", it.decision_id));
                }
                self.transaction(it.transaction.as_deref()?)
            }
            Body::Transaction(it) => self.transaction(&it.transaction),
            Body::Incident(it) if self.open.incidents.contains(&it.id) => {
                Some(format!("incident `{}`", it.id))
            }
            Body::Incident(it) if self.open.over.contains(&it.id) => None,
            Body::Incident(it) => {
                if it.event == IncidentEvent::Resolved && it.disclosure != Disclosure::Due {
                    self.unknown.remove(&it.id);
                } else {
                    self.unknown.entry(it.id.clone()).or_insert(record.seq);
                }
                None
            }
            Body::Consent(it) => self.consent(it),
            // What ended sessions is older than any token it could refuse; what was familiar of a party goes with its signals.
            Body::Signal(_)
            | Body::PolicyPublished(_)
            | Body::GraphPublished(_)
            | Body::Started(_)
            | Body::Stopped(_)
            | Body::Recovered(_)
            | Body::ConfigChanged(_)
            | Body::Fault(_)
            | Body::KeyChanged(_)
            | Body::Erased(_)
            | Body::ClockStepped(_)
            | Body::Pruned(_)
            | Body::Review(_) => None,
        }
    }

    fn transaction(&self, id: &str) -> Option<String> {
        let open = self.state.get(id).is_some_and(|it| it.status == Status::Open && it.expires > self.now);
        if open {
            return Some(format!("transaction `{id}`, which is open"));
        }
        self.open.transactions.contains(id).then(|| format!("an incident in transaction `{id}`"))
    }

    /// A consent that still counts, or will, rests on the record of its grant.
    fn consent(&self, changed: &ConsentChanged) -> Option<String> {
        let grant = self.state.consent(&changed.consent)?;
        let over = |end: Option<Instant>| end.is_some_and(|end| end <= self.now);
        let over = over(grant.expires) || over(grant.withdrawn);
        (!over).then(|| format!("consent `{}`, which still counts", changed.consent))
    }

    fn unresolved(&self) -> Option<(u64, String)> {
        self.unknown.iter().map(|(id, seq)| (*seq, id.clone())).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_ledger::Entity;
    use remit_model::{EntityRef, Grant, Name};
    use remit_state::Limits;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_consent_that_counts_keeps_the_record_of_its_grant() {
        let state = State::new(Limits::default());
        let subject = EntityRef::new(Name::new("user").unwrap(), "asha");
        let grant = |id: &str, expires| Grant {
            id: id.to_owned(),
            subject: subject.clone(),
            category: "portfolio".to_owned(),
            purpose: "show".to_owned(),
            recipient: None,
            resource: None,
            from: at("2026-01-01T00:00:00Z"),
            expires,
            withdrawn: None,
            proof: None,
        };
        let _none = state.grant(grant("lasting", None)).unwrap().commit();
        let _none = state.grant(grant("ended", Some(at("2026-02-01T00:00:00Z")))).unwrap().commit();
        let _none = state.grant(grant("withdrawn", None)).unwrap().commit();
        let _none = state.withdraw("withdrawn", at("2026-03-01T00:00:00Z")).unwrap().commit();
        let scout = Scout {
            state: &state,
            now: at("2026-06-01T00:00:00Z"),
            open: Open::default(),
            unknown: BTreeMap::new(),
        };
        let granted = |consent: &str| ConsentChanged {
            aside: None,
            category: "portfolio".to_owned(),
            consent: consent.to_owned(),
            event: "grant".to_owned(),
            expires: None,
            pep: "gateway".to_owned(),
            purpose: "show".to_owned(),
            recipient: None,
            request_id: None,
            resource: None,
            subject: Entity::any("user"),
            time: record::time(at("2026-01-01T00:00:00Z")),
        };
        let held = scout.consent(&granted("lasting"));
        assert_eq!(held.as_deref(), Some("consent `lasting`, which still counts"));
        assert_eq!(scout.consent(&granted("ended")), None);
        assert_eq!(scout.consent(&granted("withdrawn")), None);
        assert_eq!(scout.consent(&granted("never heard of")), None);
    }
}
