//! What was seen of parties, as much of it as windows ask for, and up to when their sessions are over.

use std::collections::HashMap;
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
            self.make_room(parties);
        }
        let seen = self.seen.entry(signal.party.clone()).or_default();
        let new = Arc::make_mut(seen).take_in(Arc::new(signal.clone()));
        (if new || ends { Applied::Changed } else { Applied::Known }, ends)
    }

    /// Lets a sixteenth of the parties go, those that were quiet for longest.
    fn make_room(&mut self, parties: usize) {
        let mut by_age: Vec<(Option<Timestamp>, EntityRef)> =
            self.seen.iter().map(|(party, seen)| (seen.latest(), party.clone())).collect();
        by_age.sort();
        by_age.truncate(parties / 16 + 1);
        for (_, party) in &by_age {
            self.seen.remove(party);
        }
    }
}

impl State {
    /// Takes a signal in; nothing when it is known. It counts once the reservation is committed.
    ///
    /// # Errors
    /// It is being recorded at this moment.
    pub fn observe(&self, signal: Signal) -> Result<Option<Reservation>, Refused> {
        let mut table = self.inner.write();
        let known = table.signals.seen.get(&signal.party);
        if known.is_some_and(|seen| seen.signals().iter().any(|held| held.id == signal.id)) {
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
