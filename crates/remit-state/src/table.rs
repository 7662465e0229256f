//! Every transaction held, and how a change makes the next version of it. Called under the one lock.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use remit_model::{DelegationChain, EntityRef, Name, Outcome, Status, Step, Timestamp, Transaction};

use crate::change::{Applied, Booking, Change};
use crate::consent::Consents;
use crate::limits::{self, Limits};
use crate::marks::{Marks, Steps};
use crate::signal::Signals;

/// A transaction, its children, and the number of its next step.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) now: Arc<Transaction>,
    pub(crate) children: BTreeSet<String>,
    next: u64,
}

/// What the lock guards.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) held: HashMap<String, Entry>,
    /// The labels of a family, by its root; a family without an entry has none.
    pub(crate) marks: HashMap<String, Marks>,
    /// Ids that may not be opened again before the instant.
    pub(crate) gone: HashMap<String, Timestamp>,
    /// What is being recorded at this moment and is not in the table yet.
    pub(crate) busy: HashSet<String>,
    /// The reservations that are neither committed nor dropped.
    pub(crate) open: BTreeSet<u64>,
    /// How many reservations there have been.
    pub(crate) reservations: u64,
    pub(crate) consents: Consents,
    pub(crate) signals: Signals,
}

impl Table {
    /// The transaction and everything it was narrowed from, root last; empty when one of them is missing.
    pub(crate) fn lineage(&self, id: &str) -> Vec<Arc<Transaction>> {
        let mut all = Vec::new();
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            // An ancestor that is missing cannot be asked, so nothing below it may go on.
            let Some(entry) = self.held.get(&id) else { return Vec::new() };
            next = entry.now.parent.clone();
            all.push(Arc::clone(&entry.now));
        }
        all
    }

    /// Counts one more reservation.
    pub(crate) fn begin(&mut self) -> u64 {
        self.reservations += 1;
        self.open.insert(self.reservations);
        self.reservations
    }

    pub(crate) fn apply(&mut self, change: &Change, limits: &Limits) -> Applied {
        match change {
            Change::Opened(transaction) => self.open(transaction),
            Change::Stepped { bookings, step, labels, unlabels } => {
                let applied = self.step(bookings, step);
                if applied != Applied::Stranger && !(labels.is_empty() && unlabels.is_empty()) {
                    self.mark(bookings, labels, unlabels);
                }
                applied
            }
            Change::Reported { transaction, outcome } => self.report(transaction, outcome),
            Change::Labelled { transaction, labels } => self.label(transaction, labels),
            Change::Revoked { transaction } => self.end(transaction, Status::Revoked),
            Change::Closed { transaction } => self.end(transaction, Status::Closed),
            Change::Granted(grant) => self.consents.grant(grant),
            Change::Withdrawn { consent, at } => self.consents.withdraw(consent, *at),
            Change::Used(signal) => self.signals.used(signal, limits.parties),
            Change::Observed(signal) => {
                let (applied, ends) = self.signals.observe(signal, limits.parties);
                if ends {
                    self.end_all_of(&signal.party, signal.at, signal.ends_the_party());
                }
                applied
            }
        }
    }

    /// Books a pending step in the whole lineage and returns where.
    pub(crate) fn book(&mut self, lineage: &[Arc<Transaction>], step: &Step) -> Vec<Booking> {
        let mut bookings = Vec::with_capacity(lineage.len());
        for transaction in lineage {
            let Some(entry) = self.held.get_mut(&transaction.id) else { continue };
            let number = entry.next;
            entry.next += 1;
            let via = lineage.first().map(|own| own.id.clone()).filter(|own| *own != transaction.id);
            entry.change(|it| {
                it.steps.push(Arc::new(Step { number, via, pending: true, ..step.clone() }));
            });
            bookings.push(Booking { transaction: transaction.id.clone(), number });
        }
        bookings
    }

    /// Takes pending steps back. Committed ones stay.
    pub(crate) fn release(&mut self, bookings: &[Booking]) {
        for booking in bookings {
            if let Some(entry) = self.held.get_mut(&booking.transaction) {
                entry.change(|it| it.steps.retain(|step| step.number != booking.number || !step.pending));
            }
        }
    }

    /// Forgets what expired long ago, children before parents; frees ids that have rested.
    pub(crate) fn sweep(&mut self, now: Timestamp) -> usize {
        let over = |transaction: &Transaction| {
            transaction.expires.checked_add(limits::grace()).is_some_and(|until| until <= now)
        };
        let ids: Vec<String> =
            self.held.values().filter(|entry| over(&entry.now)).map(|entry| entry.now.id.clone()).collect();
        for id in &ids {
            let Some(entry) = self.held.remove(id) else { continue };
            self.marks.remove(id);
            if let Some(parent) = entry.now.parent.as_ref().and_then(|parent| self.held.get_mut(parent)) {
                parent.children.remove(id);
            }
            if let Some(until) = entry.now.expires.checked_add(limits::rest()) {
                self.gone.insert(id.clone(), until);
            }
        }
        self.gone.retain(|_, until| now < *until);
        ids.len()
    }

    /// Takes a transaction in as it is, without asking.
    pub(crate) fn hold(&mut self, transaction: Transaction) {
        if let Some(parent) = transaction.parent.as_ref().and_then(|parent| self.held.get_mut(parent)) {
            parent.children.insert(transaction.id.clone());
        }
        let next = transaction.steps.iter().map(|step| step.number + 1).max().unwrap_or(0);
        let id = transaction.id.clone();
        self.held.insert(id, Entry { now: Arc::new(transaction), children: BTreeSet::new(), next });
    }

    fn open(&mut self, transaction: &Transaction) -> Applied {
        if self.held.contains_key(&transaction.id) || self.gone.contains_key(&transaction.id) {
            return Applied::Known;
        }
        let mut opened = transaction.clone();
        // What ended the sessions while the opening was being recorded ends it as well.
        if self.signals.ended.get(&opened.subject).is_some_and(|until| opened.opened <= *until) {
            opened.status = opened.status.max(Status::Revoked);
        }
        if let Some(parent) = &transaction.parent {
            let Some(parent) = self.held.get(parent) else { return Applied::Stranger };
            // What befell the parent while the opening was being recorded befalls the child as well.
            opened.status = opened.status.max(parent.now.status);
            opened.labels.clone_from(&parent.now.labels);
        } else if !opened.labels.is_empty() {
            self.marks.entry(opened.id.clone()).or_default().fix(&opened.labels);
        }
        self.hold(opened);
        Applied::Changed
    }

    fn step(&mut self, bookings: &[Booking], step: &Step) -> Applied {
        let Some(own) = bookings.first() else { return Applied::Stranger };
        let mut applied = Applied::Stranger;
        for booking in bookings {
            let Some(entry) = self.held.get_mut(&booking.transaction) else { continue };
            let via = (booking.transaction != own.transaction).then_some(own.transaction.as_str());
            applied = entry.settle(booking.number, via, step).max(applied);
        }
        applied
    }

    /// The marks that stand for these labels in the family.
    pub(crate) fn seen(&self, lineage: &[Arc<Transaction>], labels: &BTreeSet<Name>) -> Steps {
        let marks = lineage.last().and_then(|root| self.marks.get(&root.id));
        marks.map(|marks| marks.seen(labels)).unwrap_or_default()
    }

    /// A step marks the family, or takes marks away that it has seen.
    fn mark(&mut self, bookings: &[Booking], labels: &BTreeSet<Name>, unlabels: &Steps) {
        let Some(root) = bookings.last().filter(|root| self.held.contains_key(&root.transaction)) else {
            return;
        };
        let marks = self.marks.entry(root.transaction.clone()).or_default();
        let put = marks.put(labels, root.number);
        if marks.take(unlabels) || put {
            self.relabel(root.transaction.clone());
        }
    }

    /// The whole family carries what its marks say.
    fn relabel(&mut self, root: String) {
        let labels = self.marks.get(&root).map(Marks::labels).unwrap_or_default();
        for id in self.ids_downward(root) {
            if let Some(entry) = self.held.get_mut(&id) {
                entry.change(|it| it.labels.clone_from(&labels));
            }
        }
    }

    fn report(&mut self, id: &str, outcome: &Outcome) -> Applied {
        let lineage = self.ids_upward(id);
        if lineage.is_empty() {
            return Applied::Stranger;
        }
        let outcome = Arc::new(outcome.clone());
        let mut applied = Applied::Known;
        for id in lineage {
            if let Some(entry) = self.held.get_mut(&id) {
                applied = entry.learn(&outcome).max(applied);
            }
        }
        applied
    }

    fn label(&mut self, id: &str, labels: &BTreeSet<Name>) -> Applied {
        let Some(root) = self.ids_upward(id).pop() else { return Applied::Stranger };
        if !self.marks.entry(root.clone()).or_default().fix(labels) {
            return Applied::Known;
        }
        self.relabel(root);
        Applied::Changed
    }

    fn end(&mut self, id: &str, status: Status) -> Applied {
        if !self.held.contains_key(id) {
            return Applied::Stranger;
        }
        let mut applied = Applied::Known;
        for id in self.ids_downward(id.to_owned()) {
            let Some(entry) = self.held.get_mut(&id) else { continue };
            if entry.now.status < status {
                entry.change(|it| it.status = status);
                applied = Applied::Changed;
            }
        }
        applied
    }

    /// Stops what was opened for a party by then; also what it acts in as an agent, when it is gone for good.
    fn end_all_of(&mut self, party: &EntityRef, until: Timestamp, gone: bool) {
        let acts =
            |it: &Transaction| it.chain.as_ref().is_some_and(|it| it.iter().any(|agent| agent == party));
        let theirs = |it: &Transaction| it.subject == *party || (gone && acts(it));
        let theirs = self.held.values().filter(|it| it.now.opened <= until && theirs(&it.now));
        let ids: Vec<String> = theirs.map(|entry| entry.now.id.clone()).collect();
        for id in ids {
            self.end(&id, Status::Revoked);
        }
    }

    fn ids_upward(&self, id: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            let Some(entry) = self.held.get(&id) else { break };
            next = entry.now.parent.clone();
            all.push(id);
        }
        all
    }

    fn ids_downward(&self, id: String) -> Vec<String> {
        let (mut all, mut from) = (vec![id], 0);
        while let Some(entry) = all.get(from).and_then(|id| self.held.get(id)) {
            all.extend(entry.children.iter().cloned());
            from += 1;
        }
        all
    }
}

impl Entry {
    /// Makes the next version.
    fn change(&mut self, with: impl FnOnce(&mut Transaction)) {
        let next = Arc::make_mut(&mut self.now);
        with(next);
        next.version += 1;
    }

    /// A reserved step is done, or a step from the ledger takes its place.
    fn settle(&mut self, number: u64, via: Option<&str>, done: &Step) -> Applied {
        let place = self.now.steps.iter().position(|step| step.number >= number);
        let found = place.and_then(|at| self.now.steps.get(at)).filter(|step| step.number == number);
        if found.is_some_and(|step| !step.pending) {
            return Applied::Known;
        }
        let reserved = found.is_some();
        self.next = self.next.max(number + 1);
        self.change(|it| {
            if via.is_none() && is_longer(done.chain.as_ref(), it.chain.as_ref()) {
                it.chain.clone_from(&done.chain);
            }
            let at = place.unwrap_or(it.steps.len());
            match it.steps.get_mut(at).filter(|_| reserved) {
                Some(step) => Arc::make_mut(step).pending = false,
                None => {
                    let via = via.map(str::to_owned);
                    it.steps.insert(at, Arc::new(Step { number, via, pending: false, ..done.clone() }));
                }
            }
        });
        Applied::Changed
    }

    fn learn(&mut self, outcome: &Arc<Outcome>) -> Applied {
        let place = self.now.outcomes.binary_search_by(|known| known.decision_id.cmp(&outcome.decision_id));
        let Err(at) = place else { return Applied::Known };
        self.change(|it| {
            it.outcomes.insert(at, Arc::clone(outcome));
            let made = outcome.fields.iter().filter(|field| field.created).map(|field| field.value.clone());
            Arc::make_mut(&mut it.created).extend(made);
        });
        Applied::Changed
    }
}

/// Chains of one transaction only ever grow, so the longer one is the later one.
fn is_longer(one: Option<&DelegationChain>, other: Option<&DelegationChain>) -> bool {
    let length = |chain: Option<&DelegationChain>| chain.map_or(0, |chain| chain.iter().count());
    length(one) > length(other)
}
