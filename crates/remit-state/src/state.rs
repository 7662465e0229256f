//! The state: one lock, immutable transactions, and the operations that change them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use remit_model::transaction::{Attempt, Misfit, fits_history, follows, usable};
use remit_model::{DelegationChain, EntityRef, Name, Outcome, Reason, Step, Timestamp, Transaction, Value};

use crate::change::{Applied, Change};
use crate::limits::Limits;
use crate::refusal::{NotReserved, Refused};
use crate::reservation::{Held, Reservation};
use crate::table::Table;

/// Every transaction. A handle: clones share it.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) limits: Limits,
    table: RwLock<Table>,
}

impl Inner {
    // A thread that panics while it holds the lock leaves at worst a step pending, which only ever denies.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that was decided and is to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The task that it was found to belong to.
    pub task: Name,
    /// What is done.
    pub action: Name,
    /// To what.
    pub resource: EntityRef,
    /// The members of `action.properties`.
    pub arguments: BTreeMap<String, Value>,
    /// Who acts.
    pub chain: Option<DelegationChain>,
    /// The decision: unique for ever.
    pub decision_id: String,
    /// When.
    pub at: Timestamp,
    /// What it labels the transaction with.
    pub labels: BTreeSet<Name>,
    /// What it takes away, as far as steps put it there before this one was decided.
    pub unlabels: BTreeSet<Name>,
}

impl State {
    /// An empty state.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { inner: Arc::new(Inner { limits, table: RwLock::default() }) }
    }

    pub(crate) fn with_table(limits: Limits, table: Table) -> Self {
        Self { inner: Arc::new(Inner { limits, table: RwLock::new(table) }) }
    }

    /// The transaction as it is now.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Transaction>> {
        self.inner.read().held.get(id).map(|entry| Arc::clone(&entry.now))
    }

    /// The transaction and everything it was narrowed from, root last, all of one moment. Empty when it is unknown.
    #[must_use]
    pub fn lineage(&self, id: &str) -> Vec<Arc<Transaction>> {
        self.inner.read().lineage(id)
    }

    /// The ids of its children, sorted.
    #[must_use]
    pub fn children(&self, id: &str) -> Vec<String> {
        self.inner
            .read()
            .held
            .get(id)
            .map(|entry| entry.children.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// How many transactions are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.read().held.len()
    }

    /// True when none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reserves a step that was decided on `version`. Order, count and budgets are checked again, here and in every
    /// transaction that this one was narrowed from, and spent before anybody else can look.
    ///
    /// # Errors
    /// [`NotReserved::Conflict`] when the transaction is no longer the one that was decided on: decide again.
    /// [`NotReserved::Refused`] when the step does not fit.
    pub fn reserve(&self, id: &str, version: u64, ask: Ask) -> Result<Reservation, NotReserved> {
        let mut table = self.inner.write();
        let lineage = table.lineage(id);
        let Some(own) = lineage.first() else {
            return Err(Misfit::new(Reason::TransactionUnknown, "id", "names no transaction").into());
        };
        // Status before version: nobody needs to decide again to learn that it is revoked.
        lineage.iter().try_for_each(|transaction| usable(transaction, ask.at))?;
        if own.version != version {
            return Err(NotReserved::Conflict(Arc::clone(own)));
        }
        follows(own, Some(&own.subject), false, ask.chain.as_ref())?;
        for transaction in &lineage {
            fits_again(transaction, &ask)?;
        }
        let Ask { task, action, resource, arguments, chain, decision_id, at, labels, unlabels } = ask;
        // INVARIANT: a mark that is new makes a new version, so that all which stand now were seen by the decision.
        let unlabels = table.seen(&lineage, &(&unlabels - &labels));
        let step = Step {
            number: 0,
            task,
            action,
            resource,
            arguments,
            via: None,
            chain,
            decision_id,
            at,
            pending: false,
        };
        let bookings = table.book(&lineage, &step);
        let number = table.begin();
        drop(table);
        let change = Change::Stepped { bookings: bookings.clone(), step: Box::new(step), labels, unlabels };
        Ok(Reservation::new(&self.inner, number, change, Held::Step(bookings)))
    }

    /// Reports what a step returned. Nothing is known before the reservation is committed.
    ///
    /// # Errors
    /// The transaction or the step is unknown, the step has another outcome, or too much is reported.
    pub fn report(&self, id: &str, outcome: Outcome) -> Result<Reservation, Refused> {
        let mut table = self.inner.write();
        let transaction = table.held.get(id).ok_or_else(|| Refused::Unknown(id.to_owned()))?;
        may_report(&transaction.now, &outcome)?;
        let key = format!("outcome {id} {}", outcome.decision_id);
        if !table.busy.insert(key.clone()) {
            return Err(Refused::Busy(outcome.decision_id));
        }
        let number = table.begin();
        drop(table);
        let change = Change::Reported { transaction: id.to_owned(), outcome: Box::new(outcome) };
        Ok(Reservation::new(&self.inner, number, change, Held::Key(key)))
    }

    /// Labels the transaction and its family at once, for good. The change must be recorded; should that fail, the labels stay.
    ///
    /// # Errors
    /// The transaction is unknown, or there would be too many labels.
    pub fn label(&self, id: &str, labels: BTreeSet<Name>) -> Result<Change, Refused> {
        let known = self.get(id).ok_or_else(|| Refused::Unknown(id.to_owned()))?;
        if known.labels.union(&labels).count() > remit_model::limits::MAX_LABELS {
            return Err(Refused::Full("labels"));
        }
        self.now(Change::Labelled { transaction: id.to_owned(), labels })
    }

    /// Stops the transaction and its children at once: no step is reserved after this returns. The change must be
    /// recorded; should that fail, it stays stopped until the next start.
    ///
    /// # Errors
    /// The transaction is unknown.
    pub fn revoke(&self, id: &str) -> Result<Change, Refused> {
        self.now(Change::Revoked { transaction: id.to_owned() })
    }

    /// Finishes the transaction and its children at once. The change must be recorded.
    ///
    /// # Errors
    /// The transaction is unknown.
    pub fn close(&self, id: &str) -> Result<Change, Refused> {
        self.now(Change::Closed { transaction: id.to_owned() })
    }

    /// Applies a change that the ledger holds.
    pub fn apply(&self, change: &Change) -> Applied {
        self.inner.write().apply(change, &self.inner.limits)
    }

    /// Forgets what has been expired for a while; says how many. Call it now and then.
    pub fn sweep(&self, now: Timestamp) -> usize {
        self.inner.write().sweep(now)
    }

    fn now(&self, change: Change) -> Result<Change, Refused> {
        match self.apply(&change) {
            Applied::Changed | Applied::Known => Ok(change),
            Applied::Stranger => Err(Refused::Unknown(change.transaction().unwrap_or_default().to_owned())),
        }
    }
}

/// What may have changed since the decision, and what an ancestor was perhaps never asked.
fn fits_again(transaction: &Transaction, ask: &Ask) -> Result<(), Misfit> {
    let Some(task) = transaction.intent.task(ask.task.as_str()) else {
        let field = format!("tasks.{}", ask.task);
        return Err(Misfit::new(Reason::IntentNotCovering, field, "is no task of the intent"));
    };
    if transaction.steps.iter().any(|step| step.decision_id == ask.decision_id) {
        return Err(Misfit::new(Reason::TaskRepeated, "steps", "hold this very decision"));
    }
    let labels = transaction.labels.union(&ask.labels).count();
    if labels > remit_model::limits::MAX_LABELS {
        return Err(Misfit::new(Reason::LabelForbids, "labels", "are as many as a transaction holds"));
    }
    let attempt = Attempt { action: &ask.action, resource: &ask.resource, arguments: &ask.arguments };
    fits_history(transaction, task, &attempt)
}

fn may_report(transaction: &Transaction, outcome: &Outcome) -> Result<(), Refused> {
    let step = transaction
        .steps
        .iter()
        .find(|step| step.decision_id == outcome.decision_id && step.via.is_none() && !step.pending);
    let Some(step) = step else { return Err(Refused::UnknownStep(outcome.decision_id.clone())) };
    if step.task != outcome.task {
        return Err(Refused::Malformed("the outcome names another task than the step"));
    }
    let known = transaction.outcomes.iter().find(|known| known.decision_id == outcome.decision_id);
    if known.is_some_and(|known| **known != *outcome) {
        return Err(Refused::OtherOutcome(outcome.decision_id.clone()));
    }
    let held: usize = transaction.outcomes.iter().map(|known| known.fields.len()).sum();
    if held + outcome.fields.len() > remit_model::limits::MAX_OUTCOME_FIELDS {
        return Err(Refused::Full("reported values"));
    }
    let long = |field: &remit_model::transaction::Reported| match &field.value {
        remit_model::transaction::Seen::Canonical(text) | remit_model::transaction::Seen::Keyed(text) => {
            text.len().max(field.path.len()) > remit_model::limits::MAX_ORIGIN_BYTES
        }
    };
    if outcome.fields.iter().any(long) {
        return Err(Refused::Malformed("a reported value is too long to be compared"));
    }
    Ok(())
}
