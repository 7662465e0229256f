//! `View`: consents and signals as one question sees them, and what is kept of that so that a replay can tell whether it
//! sees the same. Also what the state held at an instant of the past.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use remit_engine::Standing;
use remit_ledger::raw::Decided;
use remit_ledger::{Decision, DecisionRecord, Mode, PSEUDONYM_MARK};
use remit_model::signal::TOOL_USED;
use remit_model::{EntityRef, Grant, Name, Seen, Signal, Timestamp};
use remit_state::{Change, Limits, State};
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
    /// Allowed steps of it, when they were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    steps: Option<u64>,
}

impl Witness {
    /// Whether this state holds what was seen.
    #[must_use]
    pub fn agrees(&self, state: &State) -> bool {
        self.consents.is_none_or(|seen| seen == changes(state.consents(&self.party).as_deref()))
            && self.signals.is_none_or(|seen| seen == state.seen(&self.party).map_or(0, |seen| seen.total()))
            && self.steps.is_none_or(|seen| seen == state.steps(&self.party).map_or(0, |seen| seen.total()))
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
    steps: Option<Option<Arc<Seen>>>,
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
            steps: looked.steps.as_ref().map(|seen| seen.as_ref().map_or(0, |seen| seen.total())),
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

    fn steps(&self, kind: &str, id: &str) -> Option<Arc<Seen>> {
        self.looked(kind, id, |looked| &mut looked.steps, State::steps)
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

/// What a decision says of the agent that acted: that it was denied, or that it was allowed a step; nothing when no
/// agent acted, or nothing was decided.
pub(crate) fn told(record: &DecisionRecord) -> Option<Change> {
    let agent = record.actor.as_ref().or(record.subject.as_ref())?;
    let tool = record.resource.as_ref().filter(|it| is_tool(&it.kind)).and_then(|it| it.id.as_deref());
    let of = (record.decision, &*record.decision_id, record.time);
    if matches!(record.mode, Mode::Search { .. }) {
        return None;
    }
    of_agent(of, (&agent.kind, agent.id.as_deref()), tool, record.chain.len())
}

/// As [`told`], of a record that is read in part.
pub(crate) fn told_of(record: &Decided<'_>) -> Option<Change> {
    let agent = record.actor.as_ref().or(record.subject.as_ref())?;
    let tool = record.resource.as_ref().filter(|it| is_tool(&it.kind)).and_then(|it| it.id.as_deref());
    let of = (record.decision, &*record.decision_id, record.time);
    if matches!(record.mode, Mode::Search { .. }) {
        return None;
    }
    of_agent(of, (&agent.kind, agent.id.as_deref()), tool, record.chain.len())
}

/// By the name that the language gives to what agents call.
fn is_tool(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("tool")
}

fn of_agent(
    (decision, decision_id, time): (Option<Decision>, &str, remit_ledger::Timestamp),
    (kind, id): (&str, Option<&str>),
    tool: Option<&str>,
    chain: usize,
) -> Option<Change> {
    let decision = decision?;
    // WHY: a subject that stands under its own id is an agent; a person stands under a pseudonym.
    let id = id.filter(|id| !id.starts_with(PSEUDONYM_MARK))?;
    let party = EntityRef::new(Name::new(kind).ok()?, id);
    let signal = |kind| Some(Signal::new(decision_id, party, Name::new(kind).ok()?, instant(time)?));
    match decision {
        Decision::Deny => signal(DENIAL).map(|denial| Change::Observed(Box::new(denial))),
        Decision::Allow => signal(TOOL_USED).map(|step| {
            let hops = u32::try_from(chain).ok();
            Change::Used(Box::new(Signal { tool: tool.map(str::to_owned), hops, ..step }))
        }),
    }
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
