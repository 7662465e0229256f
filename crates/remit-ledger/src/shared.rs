//! What the writer, the keeper of heads, the index and the callers know in common.

use crate::chain::Extent;
use crate::errors::AppendError;
use crate::queue::Room;
use crate::storage::Appender;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The state of a running log. Each lock is held for a few assignments only.
pub(crate) struct Shared {
    written: Mutex<Written>,
    poison: Mutex<Option<String>>,
    /// Records that wait for the writer.
    pub waiting: AtomicUsize,
    /// Their bytes.
    waiting_bytes: AtomicUsize,
    /// The appends that brought them.
    waiting_appends: AtomicUsize,
    /// The first record that is there.
    first: AtomicU64,
    /// Held by whoever reads old records; alone by whoever deletes them.
    readers: RwLock<()>,
    /// One prune at a time.
    prune: Mutex<()>,
}

/// How far the log reaches.
#[derive(Clone)]
pub(crate) struct Written {
    /// What answers may rest on: written, and in strict mode on disk.
    pub committed: Extent,
    /// What is known to be on disk.
    pub durable: Extent,
    /// The segment that holds what is committed and not durable.
    pub open: Option<Arc<dyn Appender>>,
}

impl Shared {
    pub(crate) fn new(extent: Extent, first: u64) -> Self {
        Self {
            written: Mutex::new(Written { committed: extent, durable: extent, open: None }),
            poison: Mutex::new(None),
            waiting: AtomicUsize::new(0),
            waiting_bytes: AtomicUsize::new(0),
            waiting_appends: AtomicUsize::new(0),
            first: AtomicU64::new(first),
            readers: RwLock::new(()),
            prune: Mutex::new(()),
        }
    }

    /// The first record that is there.
    pub(crate) fn first(&self) -> u64 {
        self.first.load(Ordering::Acquire)
    }

    /// The records before this one are gone.
    pub(crate) fn begin_at(&self, first: u64) {
        self.first.store(first, Ordering::Release);
    }

    /// While this is held no record goes.
    pub(crate) fn reading(&self) -> RwLockReadGuard<'_, ()> {
        self.readers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// While this is held nobody reads old records.
    pub(crate) fn nobody_reads(&self) -> RwLockWriteGuard<'_, ()> {
        self.readers.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// While this is held nobody else drops records.
    pub(crate) fn pruning(&self) -> MutexGuard<'_, ()> {
        lock(&self.prune)
    }

    /// A copy of how far the log reaches now.
    pub(crate) fn written(&self) -> Written {
        lock(&self.written).clone()
    }

    pub(crate) fn commit(&self, committed: Extent, open: &Arc<dyn Appender>) {
        let mut written = lock(&self.written);
        written.committed = committed;
        if !written.open.as_ref().is_some_and(|old| Arc::ptr_eq(old, open)) {
            written.open = Some(open.clone());
        }
    }

    /// Notes that everything up to here is on disk.
    pub(crate) fn settle(&self, durable: Extent) {
        let mut written = lock(&self.written);
        if durable.size > written.durable.size {
            written.durable = durable;
        }
    }

    /// Stops the log for good; the first cause stands.
    pub(crate) fn poison(&self, cause: String) {
        tracing::error!(%cause, "the ledger stops taking records");
        lock(&self.poison).get_or_insert(cause);
    }

    pub(crate) fn poisoned(&self) -> Option<String> {
        lock(&self.poison).clone()
    }

    /// Why nothing more is taken.
    pub(crate) fn refusal(&self) -> AppendError {
        self.poisoned().map_or(AppendError::Closed, AppendError::Poisoned)
    }

    /// Takes room in the queue, or refuses. Of `most` the records do not count.
    pub(crate) fn reserve(&self, room: Room, most: Room) -> Result<(), AppendError> {
        let appends = self.waiting_appends.fetch_add(room.appends, Ordering::Relaxed);
        let bytes = self.waiting_bytes.fetch_add(room.bytes, Ordering::Relaxed);
        self.waiting.fetch_add(room.records, Ordering::Relaxed);
        // A lone append passes whatever its size, or a large batch could never be written.
        let heavy = bytes > 0 && bytes.saturating_add(room.bytes) > most.bytes;
        if heavy || appends >= most.appends {
            self.release(room);
            return Err(AppendError::Overloaded);
        }
        Ok(())
    }

    /// Gives the room back.
    pub(crate) fn release(&self, room: Room) {
        self.waiting_appends.fetch_sub(room.appends, Ordering::Relaxed);
        self.waiting_bytes.fetch_sub(room.bytes, Ordering::Relaxed);
        self.waiting.fetch_sub(room.records, Ordering::Relaxed);
    }
}

/// Poison of a lock says nothing here: each guarded value is whole after every assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
