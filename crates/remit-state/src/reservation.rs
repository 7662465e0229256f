//! A reservation: what is spent while its record is on the way. Dropped, it gives everything back.

use std::sync::Arc;

use remit_model::Transaction;

use crate::change::{Booking, Change};
use crate::state::Inner;

/// A change that holds its place and is not yet real. Commit it once its record is durable.
#[derive(Debug)]
#[must_use = "dropped, it gives back what it holds"]
pub struct Reservation {
    inner: Arc<Inner>,
    change: Change,
    held: Held,
    number: u64,
}

/// What a reservation holds.
#[derive(Debug)]
pub(crate) enum Held {
    /// Pending steps.
    Step(Vec<Booking>),
    /// The right to be the one who records this.
    Key(String),
}

impl Reservation {
    /// `number` comes from the table, under the lock under which it was decided.
    pub(crate) fn new(inner: &Arc<Inner>, number: u64, change: Change, held: Held) -> Self {
        Self { inner: Arc::clone(inner), change, held, number }
    }

    /// What the record must carry.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The record is durable: the change is real. Returns the transaction as it is now, unless it was forgotten in
    /// the meantime.
    pub fn commit(self) -> Option<Arc<Transaction>> {
        let mut table = self.inner.write();
        let _ = table.apply(&self.change, &self.inner.limits);
        let id = self.change.transaction()?;
        table.held.get(id).map(|entry| Arc::clone(&entry.now))
    }
}

impl Drop for Reservation {
    /// After a commit nothing is pending any more, so that there is nothing to give back.
    fn drop(&mut self) {
        let mut table = self.inner.write();
        table.open.remove(&self.number);
        match &self.held {
            Held::Step(bookings) => table.release(bookings),
            Held::Key(key) => {
                table.busy.remove(key);
            }
        }
    }
}
