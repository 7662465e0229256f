//! Shows every record of a stretch of the log, in order, from the index where that can be trusted.
//!
//! What is looked at is a chain without a gap: each chunk of the index begins with the hash the one before ends with,
//! the log goes on from there, and its end is the head that the scan names. On any doubt about the index the scan
//! begins anew and reads the log.

use crate::answer::{Reader, Trouble};
use crate::base;
use crate::chain::Extent;
use crate::errors::{Fault, FaultKind, LedgerError, QueryError};
use crate::hash::LeafHash;
use crate::index::View;
use crate::index::block::{Field, Nths, find, key_of, term};
use crate::index::columns::{Columns, bit};
use crate::index::store::{Broken, Store};
use crate::limits::CHUNK_RECORDS;
use crate::row::{Column, Row, line};
use crate::segment;
use crate::storage::{Directory, Storage};
use crate::time::Timestamp;
use crate::walk::Walk;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// What to show.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Nothing before this time needs to be shown.
    pub from: Option<Timestamp>,
    /// Nothing at or after this time needs to be shown.
    pub to: Option<Timestamp>,
    /// Only records of these numbers; all without.
    pub range: Option<Range<u64>>,
    /// What is looked at of a record that comes from the index.
    pub columns: Vec<Column>,
    /// Only the decision with this id needs to be shown.
    pub decision_id: Option<String>,
    /// Whether to leave the index aside.
    pub from_log: bool,
}

/// What to do after a record was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Go on with the next.
    Next,
    /// Show this one again, whole, as it stands in the log.
    Read,
    /// Enough.
    Stop,
}

/// What came of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Scanned<T> {
    /// What the visitor made of it.
    pub outcome: T,
    /// First and last record that was looked at or lies outside the times asked for; there is no gap between them.
    pub range: Option<(u64, u64)>,
    /// The first record that the log still has.
    pub first: u64,
    /// How far the log reached.
    pub head: Extent,
    /// How many of the records the index vouched for.
    pub indexed: u64,
}

/// A log that is read without being written: of a service that runs, or of one that does not.
pub struct Reading {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) view: Option<View>,
    first: u64,
    head: Extent,
    /// Keeps a service from opening the index at the same time.
    _lock: Option<File>,
}

impl Reading {
    /// Opens the log in a ledger's directory. The index is used when no service holds it; otherwise, and where it does
    /// not reach, the log is read and checked.
    ///
    /// # Errors
    /// When there is no log, or what is read of it is damaged.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        let disk = |source| LedgerError::Disk { path: dir.display().to_string(), source };
        let directory = Directory::at(dir);
        let path = dir.join("index");
        let lock = if path.is_dir() { directory.lock().map_err(disk)? } else { None };
        let storage: Arc<dyn Storage> = Arc::new(directory);
        let view = lock.as_ref().and_then(|_| {
            let store = Arc::new(Store::open(&path).ok()?);
            View::of(store, &storage, None).ok()
        });
        let first = base::get(&*storage)?.map_or(0, |base| base.before.size);
        let mut walk = match &view {
            Some(view) => view.walk(storage.clone())?,
            None => Walk::whole(storage.clone())?,
        };
        loop {
            match walk.step() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(fault) if walk.torn(&fault).is_ok_and(|torn| torn.is_some()) => break,
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(Self { storage, view, first, head: walk.extent(), _lock: lock })
    }

    /// How far the log reaches.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.head
    }

    /// The first record that the log still has.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Shows the records to a visitor; see [`crate::Ledger::scan`].
    ///
    /// # Errors
    /// As [`crate::Ledger::scan`].
    pub fn scan<T>(
        &self,
        scan: &Scan,
        begin: impl Fn() -> T,
        visit: impl FnMut(&mut T, &Row<'_>) -> Step,
    ) -> Result<Scanned<T>, QueryError> {
        run(&self.storage, self.view.clone(), (self.first, self.head), scan, begin, visit)
            .map(|(scanned, _)| scanned)
    }
}

/// Runs a scan; tells also what was found wrong with the index.
pub(crate) fn run<T>(
    storage: &Arc<dyn Storage>,
    view: Option<View>,
    (first, head): (u64, Extent),
    scan: &Scan,
    begin: impl Fn() -> T,
    mut visit: impl FnMut(&mut T, &Row<'_>) -> Step,
) -> Result<(Scanned<T>, Option<Broken>), QueryError> {
    let asked = scan.range.clone().unwrap_or(0..head.size);
    let range = asked.start.clamp(first, head.size)..asked.end.clamp(first, head.size);
    let running = Running { storage, scan, range, first, head };
    let mut broken = None;
    let usable = |view: &View| !scan.from_log && !view.is_empty() && view.chunks * CHUNK_RECORDS <= head.size;
    if let Some(view) = view.filter(usable) {
        let mut outcome = begin();
        match running.indexed(&view, &mut |row| visit(&mut outcome, row)) {
            Ok(covered) => return Ok((running.finish(outcome, covered), None)),
            Err(Trouble::Log(fault)) => return Err(fault.into()),
            Err(Trouble::Index(cause)) => broken = Some(cause),
        }
    }
    let mut outcome = begin();
    let logged = running.logged(None, running.range.clone(), &mut |row| visit(&mut outcome, row))?;
    Ok((running.finish(outcome, Covered { last: logged.last, indexed: 0 }), broken))
}

struct Running<'a> {
    storage: &'a Arc<dyn Storage>,
    scan: &'a Scan,
    range: Range<u64>,
    first: u64,
    head: Extent,
}

struct Covered {
    /// The last record that was looked at, when the visitor had enough before the end.
    last: Option<u64>,
    indexed: u64,
}

struct Logged {
    /// The record at which the visitor had enough, if so.
    last: Option<u64>,
    /// The leaf hash of the last record, when all were shown.
    end: Option<LeafHash>,
}

type Visit<'v> = &'v mut dyn FnMut(&Row<'_>) -> Step;

impl Running<'_> {
    fn finish<T>(&self, outcome: T, covered: Covered) -> Scanned<T> {
        let last = covered.last.unwrap_or(self.range.end.saturating_sub(1));
        let range = (!self.range.is_empty()).then_some((self.range.start, last));
        Scanned { outcome, range, first: self.first, head: self.head, indexed: covered.indexed }
    }

    /// From the chunks, and from the log where they end.
    fn indexed(&self, view: &View, visit: Visit<'_>) -> Result<Covered, Trouble> {
        let Range { start, end: border } = view.part(&self.range);
        // Records before the first chunk: the index was built anew after those before them were dropped.
        let before = self.logged(None, self.range.start..start, visit)?;
        if before.last.is_some() {
            return Ok(Covered { last: before.last, indexed: 0 });
        }
        let mut indexed = 0;
        if start < border {
            let chunks = start / CHUNK_RECORDS..border.div_ceil(CHUNK_RECORDS);
            let mut reader = Reader::new(self.storage.clone());
            let mut prev = if chunks.start == 0 { Some(LeafHash::ZERO) } else { before.end };
            for chunk in chunks {
                let (last, end) = self.chunk(view, chunk, prev, &mut reader, visit)?;
                if let Some(last) = last {
                    return Ok(Covered { last: Some(last), indexed: last + 1 - start });
                }
                prev = Some(end);
            }
            indexed = border - start;
            let whole = border == view.chunks * CHUNK_RECORDS;
            if whole && prev != Some(view.prev) {
                return Err(Broken::new("the chunks end otherwise than the index").into());
            }
        }
        let logged = self.logged(Some(view), border..self.range.end, visit)?;
        Ok(Covered { last: logged.last, indexed })
    }

    /// One chunk: the record at which the visitor had enough, if so, and the hash it ends with.
    fn chunk(
        &self,
        view: &View,
        chunk: u64,
        prev: Option<LeafHash>,
        reader: &mut Reader,
        visit: Visit<'_>,
    ) -> Result<(Option<u64>, LeafHash), Broken> {
        let places = view.places(chunk)?;
        if prev.is_some_and(|prev| prev != places.prev) {
            return Err(Broken::new("a chunk does not continue the one before"));
        }
        let outside = places.span.is_some_and(|(earliest, latest)| {
            self.scan.from.is_some_and(|from| latest < from) || self.scan.to.is_some_and(|to| earliest >= to)
        });
        if outside {
            return Ok((None, places.last));
        }
        let mut wanted = Nths::all();
        if let Some(id) = &self.scan.decision_id {
            let block = view.block(chunk, Field::DecisionId as u8)?;
            let found = find(&block, term(id));
            wanted = found.ok_or_else(|| Broken::new("a block of postings is none"))?;
            if wanted.iter().next().is_none() {
                return Ok((None, places.last));
            }
        }
        let columns = self.columns(view, chunk, places.columns)?;
        for nth in wanted.iter() {
            let seq = chunk * CHUNK_RECORDS + nth as u64;
            if !self.range.contains(&seq) {
                continue;
            }
            let mut step = match &columns {
                Some(columns) => visit(&Row::indexed(seq, columns, nth)),
                None => Step::Read,
            };
            if step == Step::Read {
                let place = places.place(chunk, nth).ok_or_else(|| Broken::new("a place is missing"))?;
                let bytes = reader.read(place)?;
                step = visit(&Row::whole(seq, &line(&bytes).map_err(Broken::new)?));
            }
            if step == Step::Stop {
                return Ok((Some(seq), places.last));
            }
        }
        Ok((None, places.last))
    }

    /// The columns of a chunk; none when it lacks one of them, so that the log must be read.
    fn columns(&self, view: &View, chunk: u64, present: u64) -> Result<Option<Columns>, Broken> {
        let mut columns = Columns::default();
        for column in self.scan.columns.iter().filter(|column| **column != Column::Seq) {
            if !column.is_kept() {
                return Ok(None);
            }
            if present & bit(*column) == 0 {
                continue;
            }
            let block = view.block(chunk, key_of(*column))?;
            if block.is_empty() {
                return Ok(None);
            }
            if !columns.add(*column, block) {
                return Err(Broken::new("a block of columns is none"));
            }
        }
        Ok(Some(columns))
    }

    /// From the log.
    fn logged(&self, view: Option<&View>, part: Range<u64>, visit: Visit<'_>) -> Result<Logged, Fault> {
        if part.is_empty() {
            return Ok(Logged { last: None, end: None });
        }
        let mut walk = Walk::from(self.storage.clone(), part.start)?;
        if let Some(view) = view.filter(|view| view.shortens(&walk, part.start)) {
            walk = view.walk(self.storage.clone())?;
        }
        while walk.extent().size < part.end {
            let Some(place) = walk.step()? else {
                let kind = FaultKind::Missing { expected: part.end, found: walk.extent().size };
                return Err(Fault { file: "segments".to_owned(), offset: 0, seq: walk.extent().size, kind });
            };
            if place.seq < part.start {
                continue;
            }
            let line = line(walk.record()).map_err(|_| Fault {
                file: segment::name(place.segment),
                offset: place.offset,
                seq: place.seq,
                kind: FaultKind::Format,
            })?;
            if visit(&Row::whole(place.seq, &line)) == Step::Stop {
                return Ok(Logged { last: Some(place.seq), end: None });
            }
        }
        // INVARIANT: what was read is the chain that the head stands for.
        if part.end == self.head.size && walk.extent().head != self.head.head {
            let seq = self.head.size.saturating_sub(1);
            return Err(Fault { file: "segments".to_owned(), offset: 0, seq, kind: FaultKind::Head });
        }
        Ok(Logged { last: None, end: Some(walk.extent().head) })
    }
}
