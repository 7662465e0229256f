//! The query index: follows the log in chunks, is rebuilt from it at will, and is never believed.
//!
//! A thread of its own takes up each chunk once all its records are in the log, so that the writer never waits
//! for sled. What is not in a chunk yet is read from the log itself by whoever asks.

pub(crate) mod block;
pub(crate) mod columns;
pub(crate) mod store;

use crate::base;
use crate::chain::Extent;
use crate::errors::Fault;
use crate::hash::LeafHash;
use crate::limits::{CHUNK_RECORDS, INDEX_EVERY_MS};
use crate::row;
use crate::shared::Shared;
use crate::storage::Storage;
use crate::walk::{Place, Walk, give_way};
use block::{Builder, PLACES, Places, key, unseal};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::{Broken, Store};

/// How long new chunks may stay unflushed; they can be built again.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// The longest pause after a fault.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a question sees of the index.
#[derive(Clone)]
pub(crate) struct View {
    pub store: Arc<Store>,
    /// The first chunk there is: above 0 when the index was built after records were dropped.
    pub first: u64,
    /// The chunk after the last there is.
    pub chunks: u64,
    /// Where the record after them stands, when there are any.
    end: Place,
    /// The leaf hash of the record before that.
    pub prev: LeafHash,
}

impl View {
    /// What a database holds of a log of at most so many records, if it is one of this log.
    pub(crate) fn of(
        store: Arc<Store>,
        storage: &Arc<dyn Storage>,
        most: Option<u64>,
    ) -> Result<Self, Broken> {
        let base = base::get(&**storage).map_err(Broken::new)?.map_or(0, |base| base.before.size);
        let end = Place { segment: 0, offset: 0, seq: 0 };
        let least = base.div_ceil(CHUNK_RECORDS);
        let mut view = Self { store, first: least, chunks: least, end, prev: LeafHash::ZERO };
        if let (Some(first), Some(last)) = (view.store.first()?, view.store.last()?) {
            let chunk = chunk_of(&last)?;
            // Of a chunk in whose midst records were dropped, those behind are still good.
            view.first = chunk_of(&first)?.max(base / CHUNK_RECORDS);
            view.chunks = chunk.saturating_add(1);
            let size = view.chunks.saturating_mul(CHUNK_RECORDS);
            let places = view.places(chunk)?;
            let place = places.place(chunk, CHUNK_RECORDS as usize - 1);
            let place = place.filter(|_| most.is_none_or(|most| size <= most));
            let place = place.ok_or_else(|| Broken::new("it reaches further than the log"))?;
            let found = crate::answer::Reader::new(storage.clone()).read(place)?;
            // The last record stands for all before it: it carries their chain.
            if LeafHash::of(&found) != places.last {
                return Err(Broken::new("it belongs to another log"));
            }
            view.end = Place { segment: places.next.0, offset: places.next.1, seq: size };
            view.prev = places.last;
        }
        Ok(view)
    }

    /// Whether there is no chunk.
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks <= self.first
    }

    /// The part of a range that the chunks speak of.
    pub(crate) fn part(&self, range: &Range<u64>) -> Range<u64> {
        let within = |seq: u64| seq.clamp(range.start, range.end.max(range.start));
        within(self.first.saturating_mul(CHUNK_RECORDS))..within(self.chunks.saturating_mul(CHUNK_RECORDS))
    }

    /// Whether a walk that is to come to this record is shorter from the end of the chunks.
    pub(crate) fn shortens(&self, walk: &Walk, to: u64) -> bool {
        !self.is_empty() && (walk.extent().size..=to).contains(&self.end.seq)
    }

    /// From the record after the chunks on.
    pub(crate) fn walk(&self, storage: Arc<dyn Storage>) -> Result<Walk, Fault> {
        if !self.is_empty() {
            return Walk::resume(storage, self.end, self.prev);
        }
        let mut walk = Walk::whole(storage)?;
        while walk.extent().size < self.first.saturating_mul(CHUNK_RECORDS) && walk.step()?.is_some() {}
        Ok(walk)
    }

    /// The content of a block, as it was written.
    pub(crate) fn block(&self, chunk: u64, field: u8) -> Result<Vec<u8>, Broken> {
        let key = key(chunk, field);
        let block = self.store.get(&key)?;
        let content = unseal(&key, &block).ok_or_else(|| Broken::new("a block is damaged"))?;
        Ok(content.to_vec())
    }

    /// Where the records of a chunk stand.
    pub(crate) fn places(&self, chunk: u64) -> Result<Places, Broken> {
        let places: Places = serde_json::from_slice(&self.block(chunk, PLACES)?).map_err(Broken::new)?;
        if places.offsets.len() as u64 != CHUNK_RECORDS {
            return Err(Broken::new("a chunk is not whole"));
        }
        Ok(places)
    }
}

fn chunk_of(key: &[u8]) -> Result<u64, Broken> {
    let (chunk, _) = key.split_first_chunk().ok_or_else(|| Broken::new("a key is not one of ours"))?;
    Ok(u64::from_be_bytes(*chunk))
}

/// The index as the ledger and its questions share it.
#[derive(Default)]
pub(crate) struct Index(Mutex<State>);

#[derive(Default)]
struct State {
    view: Option<View>,
    broken: Option<Broken>,
}

impl Index {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What can be asked now; none while the index is being built or not trusted.
    pub(crate) fn view(&self) -> Option<View> {
        self.state().view.clone()
    }

    /// Has the index thrown away and built anew.
    pub(crate) fn distrust(&self, broken: Broken) {
        let mut state = self.state();
        state.view = None;
        state.broken.get_or_insert(broken);
    }

    /// How many records it holds.
    pub(crate) fn size(&self) -> u64 {
        self.state().view.as_ref().map_or(0, |view| view.chunks * CHUNK_RECORDS)
    }
}

/// The thread that keeps the index up.
pub(crate) struct Indexer {
    pub index: Arc<Index>,
    pub path: PathBuf,
    pub storage: Arc<dyn Storage>,
    pub shared: Arc<Shared>,
    /// The database, beside the one in the view.
    pub store: Option<Arc<Store>>,
}

/// Why a round ended early.
enum Trouble {
    Index(Broken),
    Log(Fault),
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        Self::Index(broken)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Log(fault)
    }
}

impl Indexer {
    /// Works until the other end of `stop` is gone.
    pub(crate) fn run(mut self, stop: &Receiver<()>) {
        let regular = Duration::from_millis(INDEX_EVERY_MS);
        let (mut pause, mut unflushed) = (Duration::ZERO, None);
        while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            pause = match self.round(stop, &mut unflushed) {
                Ok(()) => regular,
                Err(Trouble::Index(broken)) => {
                    tracing::warn!(cause = broken.0, "the query index is built anew");
                    unflushed = None;
                    self.throw_away();
                    (pause * 2).clamp(regular, LONGEST_PAUSE)
                }
                Err(Trouble::Log(fault)) => {
                    tracing::error!(%fault, "the log cannot be indexed");
                    LONGEST_PAUSE
                }
            };
        }
        self.end();
    }

    fn round(&mut self, stop: &Receiver<()>, unflushed: &mut Option<Instant>) -> Result<(), Trouble> {
        if let Some(broken) = self.index.state().broken.take() {
            return Err(Trouble::Index(broken));
        }
        let committed = self.shared.written().committed;
        let mut view = match self.index.view() {
            Some(view) => view,
            None => self.open(committed)?,
        };
        let base = self.shared.first();
        if view.chunks.saturating_mul(CHUNK_RECORDS) < base {
            return Err(Broken::new("it ends before the records that are left").into());
        }
        view = self.forget(view, base / CHUNK_RECORDS)?;
        while committed.size >= (view.chunks + 1) * CHUNK_RECORDS
            && stop.try_recv() == Err(TryRecvError::Empty)
        {
            view = self.take_up(&view)?;
            unflushed.get_or_insert_with(Instant::now);
        }
        if unflushed.is_some_and(|since| since.elapsed() >= FLUSH_EVERY) {
            view.store.flush()?;
            *unflushed = None;
        }
        Ok(())
    }

    /// Opens what is there, if it belongs to this log.
    fn open(&mut self, committed: Extent) -> Result<View, Trouble> {
        let store = Arc::new(Store::open(&self.path)?);
        self.store = Some(store.clone());
        let view = View::of(store, &self.storage, Some(committed.size))?;
        self.publish(&view);
        Ok(view)
    }

    /// Indexes the next chunk, which is in the log as a whole.
    fn take_up(&self, view: &View) -> Result<View, Trouble> {
        let mut walk = view.walk(self.storage.clone())?.alone();
        let mut builder = Builder::new(view.chunks, walk.extent().head);
        let mut next = view.clone();
        for _ in 0..CHUNK_RECORDS {
            let place = walk.step()?.ok_or_else(|| Broken::new("the log ended early"))?;
            let record = walk.record();
            let end = walk.end();
            let line = row::line(record).map_err(Broken::new)?;
            builder.add(place, end, walk.extent().head, &line);
            give_way(place.seq);
            next.end = Place { segment: place.segment, offset: end, seq: place.seq + 1 };
        }
        view.store.put(builder.finish())?;
        next.chunks += 1;
        next.prev = walk.extent().head;
        self.publish(&next);
        Ok(next)
    }

    /// Lets the chunks go of which every record was dropped.
    fn forget(&self, view: View, first: u64) -> Result<View, Trouble> {
        if view.first >= first || view.is_empty() {
            return Ok(view);
        }
        view.store.remove_below(&key(first, 0))?;
        let next = View { first, ..view };
        self.publish(&next);
        Ok(next)
    }

    fn publish(&self, view: &View) {
        let mut state = self.index.state();
        if state.broken.is_none() {
            state.view = Some(view.clone());
        }
    }

    /// Removes the database once nobody asks it any more.
    fn throw_away(&mut self) {
        if let Some(store) = self.release() {
            store.abandon();
        }
        if let Err(fault) = Store::discard(&self.path) {
            tracing::warn!(%fault, "the query index could not be removed");
        }
    }

    fn end(&mut self) {
        if let Some(Err(broken)) = self.release().map(Store::close) {
            tracing::warn!(cause = broken.0, "the query index was not closed in order");
        }
    }

    /// Takes the database from the questions; those that still hold it are waited for.
    fn release(&mut self) -> Option<Store> {
        self.index.state().view = None;
        let mut store = self.store.take()?;
        loop {
            match Arc::try_unwrap(store) {
                Ok(store) => return Some(store),
                Err(held) => store = held,
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[cfg(test)]
mod tests;
