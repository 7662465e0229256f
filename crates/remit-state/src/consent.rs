//! Consents by person and by id: what was granted, and when it was withdrawn. Nothing is forgotten, so that it can be
//! told what counted at any instant.

use std::collections::HashMap;
use std::sync::Arc;

use remit_model::{EntityRef, Grant, Timestamp};

use crate::change::{Applied, Change};
use crate::limits::MAX_ID_BYTES;
use crate::refusal::Refused;
use crate::reservation::{Held, Reservation};
use crate::state::State;

/// What the lock guards.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    by_person: HashMap<EntityRef, Arc<Vec<Grant>>>,
    owners: HashMap<String, EntityRef>,
}

impl Consents {
    pub(crate) fn len(&self) -> usize {
        self.owners.len()
    }

    fn of(&self, person: &EntityRef) -> Option<&Arc<Vec<Grant>>> {
        self.by_person.get(person)
    }

    fn find(&self, id: &str) -> Option<&Grant> {
        self.of(self.owners.get(id)?)?.iter().find(|grant| grant.id == id)
    }

    /// Everything, by person and in the order of granting.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Grant> {
        self.by_person.values().flat_map(|grants| grants.iter())
    }

    pub(crate) fn grant(&mut self, grant: &Grant) -> Applied {
        if self.owners.contains_key(&grant.id) {
            return Applied::Known;
        }
        self.owners.insert(grant.id.clone(), grant.subject.clone());
        let held = self.by_person.entry(grant.subject.clone()).or_default();
        Arc::make_mut(held).push(grant.clone());
        Applied::Changed
    }

    /// The earlier of two withdrawals counts, whichever is applied first.
    pub(crate) fn withdraw(&mut self, id: &str, at: Timestamp) -> Applied {
        let owner = self.owners.get(id);
        let Some(held) = owner.and_then(|owner| self.by_person.get_mut(owner)) else {
            return Applied::Stranger;
        };
        let later = |grant: &Grant| grant.id == id && grant.withdrawn.is_none_or(|known| at < known);
        if !held.iter().any(later) {
            return Applied::Known;
        }
        if let Some(grant) = Arc::make_mut(held).iter_mut().find(|grant| grant.id == id) {
            grant.withdrawn = Some(at);
        }
        Applied::Changed
    }
}

impl State {
    /// Takes a consent in. It counts once the reservation is committed.
    ///
    /// # Errors
    /// The id is taken, malformed or being recorded, the consent is over before it begins, or no more can be held.
    pub fn grant(&self, grant: Grant) -> Result<Reservation, Refused> {
        let id = &grant.id;
        if id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
            return Err(Refused::Malformed("the id must have 1 to 256 bytes and no control characters"));
        }
        if grant.expires.is_some_and(|end| end <= grant.from) || grant.withdrawn.is_some() {
            return Err(Refused::Malformed("a consent must end later than it begins"));
        }
        let mut table = self.inner.write();
        if table.consents.find(id).is_some() {
            return Err(Refused::Taken(id.clone()));
        }
        let limits = &self.inner.limits;
        let theirs = table.consents.of(&grant.subject).map_or(0, |held| held.len());
        if theirs >= limits.consents_of_one || table.consents.len() >= limits.consents {
            return Err(Refused::Full("consents"));
        }
        let key = format!("consent {id}");
        if !table.busy.insert(key.clone()) {
            return Err(Refused::Busy(grant.id));
        }
        let number = table.begin();
        drop(table);
        Ok(Reservation::new(&self.inner, number, Change::Granted(Box::new(grant)), Held::Key(key)))
    }

    /// Takes a consent back from an instant on. It counts until the reservation is committed.
    ///
    /// # Errors
    /// There is no such consent, or it was taken back before, or is being taken back at this moment.
    pub fn withdraw(&self, id: &str, at: Timestamp) -> Result<Reservation, Refused> {
        let mut table = self.inner.write();
        let grant = table.consents.find(id).ok_or_else(|| Refused::NoConsent(id.to_owned()))?;
        if grant.withdrawn.is_some() {
            return Err(Refused::Withdrawn(id.to_owned()));
        }
        let key = format!("consent {id}");
        if !table.busy.insert(key.clone()) {
            return Err(Refused::Busy(id.to_owned()));
        }
        let number = table.begin();
        drop(table);
        let change = Change::Withdrawn { consent: id.to_owned(), at };
        Ok(Reservation::new(&self.inner, number, change, Held::Key(key)))
    }

    /// Everything a person has ever agreed to, in the order of granting; nothing when that is nothing.
    #[must_use]
    pub fn consents(&self, person: &EntityRef) -> Option<Arc<Vec<Grant>>> {
        self.inner.read().consents.of(person).cloned()
    }

    /// The consents that count at an instant and name somebody or something of whom this holds, as whose, for whom or
    /// with what they are, by id.
    #[must_use]
    pub fn consents_naming(&self, at: Timestamp, holds: impl Fn(&EntityRef) -> bool) -> Vec<Grant> {
        let table = self.inner.read();
        let names = |grant: &&Grant| {
            let named = [Some(&grant.subject), grant.recipient.as_ref(), grant.resource.as_ref()];
            grant.active(at) && named.into_iter().flatten().any(&holds)
        };
        let mut found: Vec<Grant> = table.consents.all().filter(names).cloned().collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    }

    /// One consent.
    #[must_use]
    pub fn consent(&self, id: &str) -> Option<Grant> {
        self.inner.read().consents.find(id).cloned()
    }
}
