//! The ledger as its users see it: open, append, health, close.

use crate::answer;
use crate::aside::{Beside, Entry};
use crate::chain::Extent;
use crate::checkpoint::Checkpoint;
use crate::checkpointer::Checkpointer;
use crate::desk::Desk;
use crate::erase::{self, Region};
use crate::errors::{AppendError, Fault, FaultKind, LedgerError, QueryError};
use crate::hash::LeafHash;
use crate::index::{Index, Indexer};
use crate::keeper::Keeper;
use crate::limits::{BATCH_RECORDS, SEGMENT_BYTES_MOST};
use crate::options::{Durability, LedgerOptions};
use crate::query::{Page, Query};
use crate::queue::{Answer, Job, Placed, Room, wait};
use crate::record::{Body, Erased, Prepared, Record};
use crate::recovery::{self, Recovery};
use crate::row::Row;
use crate::scan::{self, Scan, Scanned, Step};
use crate::segment;
use crate::shared::Shared;
use crate::signed::{Signed, SignedTree};
use crate::storage::{Directory, Storage};
use crate::walk::Walk;
use crate::writer::Writer;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Proof to the caller that a record is in the log, under the promise of the ledger's durability.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an answer may leave only with a receipt"]
pub struct Receipt {
    /// The record's place.
    pub seq: u64,
    /// The record's leaf hash.
    pub leaf_hash: LeafHash,
    /// The decision it records, when it records one.
    pub decision_id: Option<String>,
}

/// The state of a ledger, for readiness and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What a receipt promises.
    pub mode: Durability,
    /// How many records the log holds.
    pub size: u64,
    /// How many of them are known to be on disk.
    pub durable: u64,
    /// How many records wait to be written.
    pub queue_depth: usize,
    /// Why no record is taken any more, once that is so.
    pub poisoned: Option<String>,
    /// How many records the query index has yet to take up.
    pub index_lag: u64,
}

/// An open ledger. Share it by reference or `Arc`; dropping it closes it.
pub struct Ledger {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) index: Arc<Index>,
    desk: Desk,
    /// What may wait for the writer.
    most: Room,
    durability: Durability,
    instance: String,
    running: Mutex<Option<Running>>,
    pub(crate) tree: Option<Arc<SignedTree>>,
}

/// What closing has to end, in this order.
struct Running {
    /// None where callers write.
    writer: Option<JoinHandle<()>>,
    keeper: JoinHandle<()>,
    checkpointer: Option<JoinHandle<()>>,
    indexer: Option<JoinHandle<()>>,
    /// Dropped to end the keeper, the checkpointer and the indexer.
    stop: Vec<Sender<()>>,
    lock: Option<File>,
}

impl Ledger {
    /// Opens the ledger in this directory, or begins one. Checks every record; cuts a tail that a crash tore,
    /// if no answer can rest on it, and records that.
    ///
    /// # Errors
    /// When another process has it, when it is damaged, or when the disk refuses.
    pub fn open(dir: &Path, options: LedgerOptions) -> Result<(Self, Recovery), LedgerError> {
        let disk = |source| LedgerError::Disk { path: dir.display().to_string(), source };
        let directory = Directory::create(dir).map_err(disk)?;
        let lock = directory.lock().map_err(disk)?;
        let lock = lock.ok_or_else(|| LedgerError::InUse(dir.display().to_string()))?;
        Self::open_in(Arc::new(directory), options, Some((lock, dir.join("index"))))
    }

    pub(crate) fn open_in(
        storage: Arc<dyn Storage>,
        options: LedgerOptions,
        held: Option<(File, PathBuf)>,
    ) -> Result<(Self, Recovery), LedgerError> {
        let resumed = recovery::resume(&storage, options.keys.as_ref(), options.now)?;
        let found = resumed.extent;
        let shared = Arc::new(Shared::new(found, resumed.first));
        let writer = Writer {
            storage: storage.clone(),
            shared: shared.clone(),
            durability: options.durability,
            segment_bytes: options.segment_bytes.min(SEGMENT_BYTES_MOST),
            open: resumed.open,
            extent: found,
            buffer: Vec::new(),
        };
        let keeper = Keeper {
            storage: storage.clone(),
            shared: shared.clone(),
            durability: options.durability,
            recorded: resumed.recorded,
            signs: options.keys.is_some(),
        };
        let tree = options.keys.map(|keys| {
            let signed = resumed.signed.as_deref().and_then(last_signed);
            Arc::new(SignedTree::new(storage.clone(), keys, signed, resumed.places, resumed.first))
        });
        let index = Arc::new(Index::default());
        let (stop_keeper, stopped) = channel();
        let (desk, writer) = match options.durability {
            Durability::Strict => {
                let (desk, work) = Desk::with_thread(writer);
                (desk, Some(spawn("ledger-writer", work)?))
            }
            Durability::Relaxed => (Desk::with_callers(writer, shared.clone()), None),
        };
        let mut running = Running {
            writer,
            keeper: spawn("ledger-keeper", move || keeper.run(&stopped))?,
            checkpointer: None,
            indexer: None,
            stop: vec![stop_keeper],
            lock: None,
        };
        if let Some(tree) = &tree {
            let path = || "tree".to_owned();
            let checkpointer = Checkpointer::new(tree.clone(), shared.clone(), resumed.hashed)
                .map_err(|source| LedgerError::Disk { path: path(), source })?;
            let (stop_checkpointer, stopped) = channel();
            running.checkpointer = Some(spawn("ledger-checkpointer", move || checkpointer.run(&stopped))?);
            running.stop.push(stop_checkpointer);
        }
        if let Some((lock, path)) = held {
            let (storage, shared) = (storage.clone(), shared.clone());
            let indexer = Indexer { index: index.clone(), path, storage, shared, store: None };
            let (stop_indexer, stopped) = channel();
            running.indexer = Some(spawn("ledger-indexer", move || indexer.run(&stopped))?);
            running.stop.push(stop_indexer);
            running.lock = Some(lock);
        }
        let ledger = Self {
            storage,
            shared,
            index,
            desk,
            most: Room { appends: options.queue_appends.max(1), records: 0, bytes: options.queue_bytes },
            durability: options.durability,
            instance: options.instance,
            running: Mutex::new(Some(running)),
            tree,
        };
        ledger.record_cuts(&resumed.cuts)?;
        ledger.record_keys(options.now)?;
        Ok((ledger, Recovery { found, cuts: resumed.cuts }))
    }

    fn record_cuts(&self, cuts: &[crate::record::Recovered]) -> Result<(), LedgerError> {
        if cuts.is_empty() {
            return Ok(());
        }
        for cut in cuts {
            tracing::warn!(
                file = cut.file,
                offset = cut.offset,
                bytes = cut.bytes_cut,
                "a torn tail was cut"
            );
            let _receipt =
                self.append_blocking(Body::Recovered(cut.clone())).map_err(LedgerError::Unrecorded)?;
        }
        let path = "cuts".to_owned();
        recovery::recorded(&*self.storage).map_err(|source| LedgerError::Disk { path, source })
    }

    /// Appends one record and waits until it is safe. A caller who stops waiting does not take it back.
    ///
    /// # Errors
    /// When it is not safe; then no answer may rest on it. It is not in the log, except that the last records
    /// before [`AppendError::Poisoned`] may turn up at the next start.
    pub async fn append(&self, entry: impl Into<Entry>) -> Result<Receipt, AppendError> {
        let (answer, id) = self.submit(entry.into())?;
        self.desk.serve().await;
        Ok(receipt(answer.await.unwrap_or_else(|_| Err(self.shared.refusal()))?, id))
    }

    /// As [`Ledger::append`], waiting on this thread.
    ///
    /// # Errors
    /// As [`Ledger::append`].
    pub fn append_blocking(&self, entry: impl Into<Entry>) -> Result<Receipt, AppendError> {
        let (answer, id) = self.submit(entry.into())?;
        self.desk.serve_now();
        Ok(receipt(wait(answer).unwrap_or_else(|| Err(self.shared.refusal()))?, id))
    }

    /// Appends records that stand together, with one wait: a receipt for each, or none.
    ///
    /// # Errors
    /// As [`Ledger::append`].
    pub async fn append_all(&self, entries: Vec<impl Into<Entry>>) -> Result<Vec<Receipt>, AppendError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        if entries.len() > BATCH_RECORDS {
            return Err(AppendError::TooMany { records: entries.len() });
        }
        let mut ids = Vec::with_capacity(entries.len());
        let mut records = Vec::with_capacity(entries.len());
        for entry in entries {
            let entry = entry.into();
            ids.push(decision_id(&entry.body));
            records.push(Prepared::new(entry, &self.instance)?);
        }
        let (caller, answer) = oneshot::channel();
        self.enqueue(Job::Many(records, caller))?;
        self.desk.serve().await;
        let placed = answer.await.unwrap_or_else(|_| Err(self.shared.refusal()))?;
        Ok(placed.into_iter().zip(ids).map(|(placed, id)| receipt(placed, id)).collect())
    }

    fn submit(&self, entry: Entry) -> Result<(Answer<Placed>, Option<String>), AppendError> {
        let id = decision_id(&entry.body);
        let record = Prepared::new(entry, &self.instance)?;
        let (caller, answer) = oneshot::channel();
        self.enqueue(Job::One(record, caller))?;
        Ok((answer, id))
    }

    fn enqueue(&self, job: Job) -> Result<(), AppendError> {
        let room = job.room();
        self.shared.reserve(room, self.most)?;
        self.desk.hand_in(job).map_err(|refused| {
            self.shared.release(room);
            if refused == AppendError::Closed { self.shared.refusal() } else { refused }
        })
    }

    /// How the ledger is.
    #[must_use]
    pub fn health(&self) -> Health {
        let written = self.shared.written();
        Health {
            mode: self.durability,
            size: written.committed.size,
            durable: written.durable.size,
            queue_depth: self.shared.waiting.load(Ordering::Relaxed),
            poisoned: self.shared.poisoned(),
            index_lag: written.committed.size.saturating_sub(self.index.size()),
        }
    }

    /// The decisions that answer a question. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// When the question is not one, or the log is damaged where its answer would be.
    pub fn decisions(&self, query: &Query) -> Result<Page, QueryError> {
        let _reading = self.shared.reading();
        answer::page(&self.storage, &self.index, (self.first(), self.extent()), query)
    }

    /// Erases what stands beside the records of this range that `select` picks, for good, and records that it did. Says
    /// of how many. Reads and writes files: call it where blocking is allowed.
    ///
    /// What was erased already is not picked. Copies elsewhere (backups, exports) are not reached.
    ///
    /// # Errors
    /// The log is damaged, the disk refuses or the erasure cannot be recorded; then nothing was erased.
    pub fn erase(
        &self,
        (from_seq, to_seq): (u64, u64),
        why: Erased,
        mut select: impl FnMut(&Record, &Beside) -> bool,
    ) -> Result<u64, LedgerError> {
        let _reading = self.shared.reading();
        let mut walk = Walk::from(self.storage.clone(), from_seq)?;
        let end = self.extent().size.min(to_seq.saturating_add(1));
        let mut regions = Vec::new();
        while walk.extent().size < end {
            let Some(place) = walk.step()? else { break };
            let fault = |kind| Fault {
                file: segment::name(place.segment),
                offset: place.offset,
                seq: place.seq,
                kind,
            };
            let Some(offset) = walk.beside().filter(|_| place.seq >= from_seq) else { continue };
            let record = Record::parse(walk.record()).map_err(|_| fault(FaultKind::Format))?;
            let beside =
                Beside::of(record.body.aside(), walk.aside()).ok_or_else(|| fault(FaultKind::Aside))?;
            if matches!(beside, Beside::Content(_)) && select(&record, &beside) {
                let length = usize::try_from(place.offset - offset).unwrap_or(usize::MAX);
                regions.push(Region { segment: place.segment, offset, length });
            }
        }
        let records = regions.len() as u64;
        if records == 0 {
            return Ok(0);
        }
        // INVARIANT: what is missing later is known to have been erased, by whom and why.
        let erased = Erased { records, ..why };
        let _receipt = self.append_blocking(Body::Erased(erased)).map_err(LedgerError::Unrecorded)?;
        erase::erase(&*self.storage, &regions)?;
        Ok(records)
    }

    /// Shows every record, in the order of the log, to a visitor that begins with `begin`. Times only spare work: a
    /// record outside of them may be shown. A visitor that gets a record from the index sees the columns that the scan
    /// names, and may ask for the whole. When the index turns out to be damaged everything begins anew. Reads files:
    /// call it where blocking is allowed.
    ///
    /// # Errors
    /// When the log is damaged where it is read.
    pub fn scan<T>(
        &self,
        scan: &Scan,
        begin: impl Fn() -> T,
        visit: impl FnMut(&mut T, &Row<'_>) -> Step,
    ) -> Result<Scanned<T>, QueryError> {
        let _reading = self.shared.reading();
        // The index first: it never reaches further than what is committed after.
        let view = self.index.view();
        let (scanned, broken) =
            scan::run(&self.storage, view, (self.first(), self.extent()), scan, begin, visit)?;
        broken.into_iter().for_each(|broken| self.index.distrust(broken));
        Ok(scanned)
    }

    /// How far the log reaches now.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.shared.written().committed
    }

    /// Takes nothing more, writes what waits, makes everything durable, records the head and lets the
    /// directory go. Later appends are refused; a second close does nothing.
    ///
    /// # Errors
    /// When the log had stopped or its last records could not be made durable.
    pub fn close(&self) -> Result<(), AppendError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else { return Ok(()) };
        self.desk.close();
        let _panicked = running.writer.map(JoinHandle::join);
        drop(running.stop);
        let _panicked = running.keeper.join();
        let _panicked = running.checkpointer.map(JoinHandle::join);
        let _panicked = running.indexer.map(JoinHandle::join);
        drop(running.lock);
        self.shared.poisoned().map_or(Ok(()), |cause| Err(AppendError::Poisoned(cause)))
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if let Err(fault) = self.close() {
            tracing::error!(%fault, "the ledger did not close in order");
        }
    }
}

/// The head in a note that recovery has checked.
fn last_signed(note: &str) -> Option<Signed> {
    Some(Signed { head: Checkpoint::unverified(note).ok()?, note: note.into() })
}

fn receipt((seq, leaf_hash): Placed, decision_id: Option<String>) -> Receipt {
    Receipt { seq, leaf_hash, decision_id }
}

fn decision_id(body: &Body) -> Option<String> {
    body.decision().map(|it| it.decision_id.clone())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, LedgerError> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map_err(|source| LedgerError::Disk { path: name.to_owned(), source })
}
