//! The thread that keeps an unsigned head up to date and, in relaxed mode, forces the log to disk.

use crate::chain::Extent;
use crate::head;
use crate::limits::{HEAD_EVERY_MS, RELAXED_SYNC_MS};
use crate::options::Durability;
use crate::shared::Shared;
use crate::storage::Storage;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Keeps the head.
pub(crate) struct Keeper {
    pub storage: Arc<dyn Storage>,
    pub shared: Arc<Shared>,
    pub durability: Durability,
    pub recorded: Extent,
    /// Whether heads are signed, by somebody else.
    pub signs: bool,
}

impl Keeper {
    /// Works until the other end of `stop` is gone; then writes the last head.
    pub(crate) fn run(mut self, stop: &Receiver<()>) {
        let turn = Duration::from_millis(match self.durability {
            Durability::Strict => HEAD_EVERY_MS,
            Durability::Relaxed => RELAXED_SYNC_MS,
        });
        let mut last = Instant::now();
        while stop.recv_timeout(turn) == Err(RecvTimeoutError::Timeout) {
            self.sync();
            if last.elapsed() >= Duration::from_millis(HEAD_EVERY_MS) {
                self.record();
                last = Instant::now();
            }
        }
        self.record();
    }

    fn sync(&self) {
        let written = self.shared.written();
        if self.durability == Durability::Strict
            || written.durable.size == written.committed.size
            || self.shared.poisoned().is_some()
        {
            return;
        }
        // INVARIANT: `open` holds everything between durable and committed; older segments were synced at their end.
        match written.open.map(|appender| appender.sync()) {
            Some(Ok(())) => self.shared.settle(written.committed),
            Some(Err(fault)) => self.shared.poison(format!("a sync failed: {fault}")),
            None => {}
        }
    }

    /// Writes the head when there is news. A failure is retried on a fresh file: decisions do not rest on it.
    fn record(&mut self) {
        let durable = self.shared.written().durable;
        if self.signs || durable == self.recorded {
            return;
        }
        match head::put(&*self.storage, &durable) {
            Ok(()) => self.recorded = durable,
            Err(fault) => tracing::warn!(%fault, "the head of the ledger could not be written"),
        }
    }
}
