//! `View`: consents and signals as one question sees them, and what is kept of that so that a replay can tell whether it
//! sees the same. Also what the state held at an instant of the past.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use remit_engine::Standing;
use remit_ledger::raw::Decided;
use remit_ledger::{Decision, DecisionRecord, PSEUDONYM_MARK};
use remit_model::{EntityRef, Grant, Name, Seen, Signal, Timestamp};
use remit_state::{Limits, State};
use serde::{Deserialize, Serialize};

use crate::history;

/// What a party's consents and signals were when a question was decided: as much as tells whether they are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    party: EntityRef,
    /// Changes of its consents, when they were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consents: Option<u64>,
    /// Signals of it, when they were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signals: Option<u64>,
}

impl Witness {
    /// Whether this state holds what was seen.
    #[must_use]
    pub fn agrees(&self, state: &State) -> bool {
        self.consents.is_none_or(|seen| seen == changes(state.consents(&self.party).as_deref()))
            && self.signals.is_none_or(|seen| seen == state.seen(&self.party).map_or(0, |seen| seen.total()))
    }
}

/// How often the consents changed: each was given once and withdrawn at most once.
fn changes(grants: Option<&Vec<Grant>>) -> u64 {
    let each = grants.into_iter().flatten().map(|grant| 1 + u64::from(grant.withdrawn.is_some()));
    each.sum()
}

/// The state as one question sees it: what was looked at once stays the same.
#[derive(Debug)]
pub struct View<'s> {
    state: &'s State,
    parties: Mutex<BTreeMap<EntityRef, Looked>>,
}

/// One party, as far as it was looked at.
#[derive(Debug, Default)]
struct Looked {
    consents: Option<Option<Arc<Vec<Grant>>>>,
    signals: Option<Option<Arc<Seen>>>,
}

impl<'s> View<'s> {
    /// Nothing is looked at yet.
    #[must_use]
    pub fn of(state: &'s State) -> Self {
        Self { state, parties: Mutex::default() }
    }

    /// What was looked at, by party.
    #[must_use]
    pub fn witnesses(&self) -> Vec<Witness> {
        let each = |(party, looked): (&EntityRef, &Looked)| Witness {
            party: party.clone(),
            consents: looked.consents.as_ref().map(|seen| changes(seen.as_deref())),
            signals: looked.signals.as_ref().map(|seen| seen.as_ref().map_or(0, |seen| seen.total())),
        };
        self.parties().iter().map(each).collect()
    }

    fn parties(&self) -> MutexGuard<'_, BTreeMap<EntityRef, Looked>> {
        self.parties.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a party; nothing when it can be nobody.
    fn looked<T>(
        &self,
        kind: &str,
        id: &str,
        part: impl FnOnce(&mut Looked) -> &mut Option<Option<T>>,
        look: impl FnOnce(&State, &EntityRef) -> Option<T>,
    ) -> Option<T>
    where
        T: Clone,
    {
        let party = EntityRef::new(Name::new(kind).ok()?, id);
        let mut parties = self.parties();
        let known = part(parties.entry(party.clone()).or_default());
        known.get_or_insert_with(|| look(self.state, &party)).clone()
    }
}

impl Standing for View<'_> {
    fn consents(&self, kind: &str, id: &str) -> Option<Arc<Vec<Grant>>> {
        self.looked(kind, id, |looked| &mut looked.consents, State::consents)
    }

    fn signals(&self, kind: &str, id: &str) -> Option<Arc<Seen>> {
        self.looked(kind, id, |looked| &mut looked.signals, State::seen)
    }
}

/// The state as this data directory tells it up to an instant. The service may be running.
///
/// # Errors
/// The log is damaged or holds a change that cannot be read.
pub fn state_at(data: &Path, at: remit_ledger::Timestamp) -> Result<State, String> {
    let state = State::new(Limits::default());
    for found in remit_ledger::read_whole(&data.join("ledger"), 0, u64::MAX) {
        let (record, beside) = found.map_err(|fault| fault.to_string())?;
        if record.body.time() <= at {
            history::take_in(&state, &record, &beside)?;
        }
    }
    Ok(state)
}

/// What a denial says of the agent that was denied; nothing when no agent acted.
pub(crate) fn denial(record: &DecisionRecord) -> Option<Signal> {
    let agent = record.actor.as_ref().or(record.subject.as_ref())?;
    let of = (record.decision, &*record.decision_id, record.time);
    denied(of, (&agent.kind, agent.id.as_deref()))
}

/// As [`denial`], of a record that is read in part.
pub(crate) fn denial_of(record: &Decided<'_>) -> Option<Signal> {
    let agent = record.actor.as_ref().or(record.subject.as_ref())?;
    let of = (record.decision, &*record.decision_id, record.time);
    denied(of, (&agent.kind, agent.id.as_deref()))
}

fn denied(
    (decision, decision_id, time): (Option<Decision>, &str, remit_ledger::Timestamp),
    (kind, id): (&str, Option<&str>),
) -> Option<Signal> {
    if decision != Some(Decision::Deny) {
        return None;
    }
    // WHY: a subject that stands under its own id is an agent; a person stands under a pseudonym.
    let id = id.filter(|id| !id.starts_with(PSEUDONYM_MARK))?;
    let party = EntityRef::new(Name::new(kind).ok()?, id);
    Some(Signal::new(decision_id, party, Name::new(DENIAL).ok()?, instant(time)?))
}

/// The kind under which denials are counted.
const DENIAL: &str = "denial";

/// The instant of a record.
pub(crate) fn instant(at: remit_ledger::Timestamp) -> Option<Timestamp> {
    Timestamp::from_unix_nanos(i128::from(at.unix_ms()) * 1_000_000)
}

/// The instant as records hold it, in whole milliseconds, so that a replay compares what was compared.
pub(crate) fn whole(at: Timestamp) -> Timestamp {
    instant(crate::record::time(at)).unwrap_or(at)
}
