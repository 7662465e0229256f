//! What was seen of parties, as much of it as windows ask for, and up to when their sessions are over.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use remit_model::{EntityRef, Seen, Signal, Timestamp};

use crate::change::{Applied, Change};
use crate::refusal::Refused;
use crate::reservation::{Held, Reservation};
use crate::state::State;

/// What the lock guards.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    pub(crate) seen: HashMap<EntityRef, Arc<Seen>>,
    /// The allowed steps of agents, apart: there are many of them, and they push out nothing else.
    pub(crate) used: HashMap<EntityRef, Arc<Seen>>,
    /// Never let go: what is over must stay over.
    pub(crate) ended: HashMap<EntityRef, Timestamp>,
}

/// What the id of a party begins with when it is known by its pseudonym alone.
const PSEUDONYM: char = '~';

impl Signals {
    /// Takes one in. Says also whether more of the party's past is over than before.
    pub(crate) fn observe(&mut self, signal: &Signal, parties: usize) -> (Applied, bool) {
        let ends =
            signal.ends_sessions() && self.ended.get(&signal.party).is_none_or(|known| *known < signal.at);
        if ends {
            self.ended.insert(signal.party.clone(), signal.at);
        }
        if !self.seen.contains_key(&signal.party) && self.seen.len() >= parties {
            make_room(&mut self.seen, parties);
        }
        let seen = self.seen.entry(signal.party.clone()).or_default();
        let new = Arc::make_mut(seen).take_in(Arc::new(signal.clone()));
        (if new || ends { Applied::Changed } else { Applied::Known }, ends)
    }

    /// Takes an allowed step in.
    pub(crate) fn used(&mut self, step: &Signal, parties: usize) -> Applied {
        if !self.used.contains_key(&step.party) && self.used.len() >= parties {
            make_room(&mut self.used, parties);
        }
        let steps = self.used.entry(step.party.clone()).or_default();
        let new = Arc::make_mut(steps).take_in_own(Arc::new(step.clone()));
        if new { Applied::Changed } else { Applied::Known }
    }
}

/// Lets a sixteenth of the parties go, those that were quiet for longest.
fn make_room(all: &mut HashMap<EntityRef, Arc<Seen>>, parties: usize) {
    let mut by_age: Vec<(Option<Timestamp>, EntityRef)> =
        all.iter().map(|(party, seen)| (seen.latest(), party.clone())).collect();
    by_age.sort();
    by_age.truncate(parties / 16 + 1);
    for (_, party) in &by_age {
        all.remove(party);
    }
}

impl State {
    /// Takes an allowed step of an agent in. It counts once the reservation is committed.
    pub fn used(&self, step: Signal) -> Reservation {
        let number = self.inner.write().begin();
        Reservation::new(&self.inner, number, Change::Used(Box::new(step)), Held::Step(Vec::new()))
    }

    /// The allowed steps of an agent; nothing when there are none.
    #[must_use]
    pub fn steps(&self, agent: &EntityRef) -> Option<Arc<Seen>> {
        self.inner.read().signals.used.get(agent).cloned()
    }

    /// Takes a signal in; nothing when it is known. It counts once the reservation is committed.
    ///
    /// # Errors
    /// It is being recorded at this moment.
    pub fn observe(&self, signal: Signal) -> Result<Option<Reservation>, Refused> {
        let mut table = self.inner.write();
        let known = table.signals.seen.get(&signal.party);
        // A report of a step that was allowed here, by the id of its evaluation, is that step.
        let used = table.signals.used.get(&signal.party);
        let same = |seen: &Arc<Seen>| seen.signals().iter().any(|held| held.id == signal.id);
        if known.is_some_and(same) || used.is_some_and(same) {
            return Ok(None);
        }
        let key = format!("signal {} {}", signal.party, signal.id);
        if !table.busy.insert(key.clone()) {
            return Err(Refused::Busy(signal.id));
        }
        let number = table.begin();
        drop(table);
        Ok(Some(Reservation::new(&self.inner, number, Change::Observed(Box::new(signal)), Held::Key(key))))
    }

    /// What was seen of a party; nothing when that is nothing.
    #[must_use]
    pub fn seen(&self, party: &EntityRef) -> Option<Arc<Seen>> {
        self.inner.read().signals.seen.get(party).cloned()
    }

    /// Everybody of whom anything was seen, who did anything, or for whom a transaction was opened.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<EntityRef> {
        let table = self.inner.read();
        let agents =
            table.held.values().filter_map(|entry| entry.now.chain.as_ref()).flat_map(|it| it.iter());
        let subjects = table.held.values().map(|entry| &entry.now.subject);
        let seen = table.signals.seen.keys().chain(table.signals.used.keys());
        seen.chain(subjects).chain(agents).cloned().collect()
    }

    /// Whether the sessions of anybody who is known by a pseudonym alone have ended: what was said of them was erased.
    #[must_use]
    pub fn has_ends_of_pseudonyms(&self) -> bool {
        self.inner.read().signals.ended.keys().any(|party| party.id.starts_with(PSEUDONYM))
    }

    /// Up to which instant everything that a party has begun is over.
    #[must_use]
    pub fn ended(&self, party: &EntityRef) -> Option<Timestamp> {
        self.inner.read().signals.ended.get(party).copied()
    }
}
