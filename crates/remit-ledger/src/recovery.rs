//! Opening a log: check all of it, cut what a crash tore, refuse what is damaged.

use crate::base::{self, Claim};
use crate::chain::Extent;
use crate::erase;
use crate::errors::{Fault, LedgerError};
use crate::head;
use crate::key::Keys;
use crate::levels::Levels;
use crate::prune;
use crate::record::Recovered;
use crate::segment::{Frames, SegmentHeader, VERSION};
use crate::storage::Storage;
use crate::tile::WIDTH;
use crate::time::Timestamp;
use crate::tree::Edge;
use crate::walk::{Place, Walk};
use crate::watch::{self, Mark, Watch};
use crate::writer::Open;
use std::io;
use std::sync::Arc;

/// Cuts made and not yet recorded, so that a crash in between leaves none unrecorded.
const NOTE: &str = "cuts";

/// What opening a ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// How far the log reached before this start added anything.
    pub found: Extent,
    /// The torn tails that were cut, now recorded in the log.
    pub cuts: Vec<Recovered>,
}

/// A log ready to be continued.
pub(crate) struct Resumed {
    pub extent: Extent,
    pub open: Option<Open>,
    /// What the head said; it may lag behind.
    pub recorded: Extent,
    /// Cuts that the log does not record yet.
    pub cuts: Vec<Recovered>,
    /// The signed head.
    pub signed: Option<String>,
    /// How many of the stored hashes are those of the records.
    pub hashed: u64,
    /// Where every 256th record stands.
    pub places: Vec<Place>,
    /// The first record that is left.
    pub first: u64,
}

/// Checks the log and makes it ready.
pub(crate) fn resume(
    storage: &Arc<dyn Storage>,
    keys: Option<&Keys>,
    now: Timestamp,
) -> Result<Resumed, LedgerError> {
    let erased = erase::resume(&**storage)?;
    if erased > 0 {
        tracing::warn!(records = erased, "an erasure that was interrupted has been finished");
    }
    let recorded = head::get(&**storage)?;
    let signed = watch::note(&**storage)?;
    let marks = marks(recorded, signed.as_deref(), keys)?;
    let signed_size = watch::signed(&marks).unwrap_or(0);
    let mut watch = Watch::new(storage.clone(), Edge::default(), marks);
    let mut claim = Claim::of(base::get(&**storage)?, storage, &mut watch)?;
    let mut places = Vec::new();
    let mut walk = Walk::whole(storage.clone())?;
    let mut cut = None;
    loop {
        match walk.step() {
            Ok(Some(place)) => {
                watch.pass(&walk.extent())?;
                claim.pass(place.seq, walk.record())?;
                if place.seq.is_multiple_of(WIDTH) {
                    places.push(place);
                }
            }
            Ok(None) => break,
            Err(fault) => {
                let bytes_cut = walk.torn(&fault).map_err(|cause| disk(&fault.file, cause))?;
                let bytes_cut = bytes_cut.ok_or_else(|| fault.clone())?;
                cut = Some(Recovered { bytes_cut, file: fault.file, offset: fault.offset, time: now });
                break;
            }
        }
    }
    let extent = walk.extent();
    // INVARIANT: nothing is changed before the log is known to reach its head.
    watch.end(&extent)?;
    claim.end(signed_size, &watch)?;
    let left = prune::finish(&**storage, claim.first()).map_err(|cause| disk("segments", cause))?;
    if left > 0 {
        tracing::warn!(segments = left, "a prune that was interrupted has been finished");
    }
    let mut cuts = noted(&**storage)?;
    if let Some(cut) = cut {
        cuts.push(cut.clone());
        note(&**storage, &cuts)
            .and_then(|()| make(&**storage, &cut))
            .map_err(|cause| disk(&cut.file, cause))?;
    }
    let open = last(&**storage).map_err(|cause| disk("segments", cause))?;
    let hashed = if keys.is_some() { hashes(storage, &watch)? } else { 0 };
    Ok(Resumed { extent, open, recorded, cuts, signed, hashed, places, first: claim.first() })
}

/// Every head that is known of this log.
fn marks(recorded: Extent, signed: Option<&str>, keys: Option<&Keys>) -> Result<Vec<Mark>, LedgerError> {
    let vkeys = keys.map(Keys::vkeys).unwrap_or_default();
    let mut marks = vec![head::mark(&recorded)];
    if let Some(note) = signed {
        marks.push(Mark::of_note(watch::NOTE, note, &vkeys)?);
    }
    if let Some(keys) = keys
        && let Some(path) = keys.mark()
    {
        let path = path.display().to_string();
        if let Some(note) = keys.marked().map_err(|cause| disk(&path, cause))? {
            marks.push(Mark::of_note(&path, &note, &vkeys)?);
        }
    }
    Ok(marks)
}

/// Forgets the stored hashes from the first one on that is not of this log; they are built again from the records.
fn hashes(storage: &Arc<dyn Storage>, watch: &Watch) -> Result<u64, LedgerError> {
    let levels = Levels::keep(storage.clone());
    let agreed = watch.agreed();
    levels.cut(agreed).map_err(|cause| disk("tree", cause))?;
    Ok(agreed)
}

/// Forgets the cuts once the log records them.
pub(crate) fn recorded(storage: &dyn Storage) -> io::Result<()> {
    storage.remove_note(NOTE)
}

fn noted(storage: &dyn Storage) -> Result<Vec<Recovered>, LedgerError> {
    let Some(bytes) = storage.note(NOTE).map_err(|cause| disk(NOTE, cause))? else { return Ok(Vec::new()) };
    let bad = |_| Fault { file: NOTE.to_owned(), offset: 0, seq: 0, kind: crate::errors::FaultKind::Format };
    serde_json::from_slice(&bytes).map_err(bad).map_err(LedgerError::from)
}

fn note(storage: &dyn Storage, cuts: &[Recovered]) -> io::Result<()> {
    storage.put_note(NOTE, &serde_json::to_vec(cuts)?)
}

fn make(storage: &dyn Storage, cut: &Recovered) -> io::Result<()> {
    if cut.offset < SegmentHeader::BYTES as u64 {
        storage.remove(&cut.file)?;
        return storage.sync_names();
    }
    let appender = storage.open(&cut.file)?;
    appender.truncate(cut.offset)?;
    appender.sync()
}

/// Opens the last segment to go on with it.
fn last(storage: &dyn Storage) -> io::Result<Option<Open>> {
    let Some(name) = storage.segments()?.pop() else { return Ok(None) };
    let appender = storage.open(&name)?;
    // What a killed process wrote may be in the kernel only; from here on it counts as durable.
    appender.sync()?;
    storage.sync_names()?;
    let length = storage.length(&name)?;
    let header = Frames::begin(storage.read(&name, 0)?)?.map(|(header, _)| header);
    if header.is_ok_and(|header| header.version == VERSION) {
        return Ok(Some(Open { appender, length }));
    }
    // Of an older format: the next record begins a segment, which may have the name of one without records.
    if length <= SegmentHeader::BYTES as u64 {
        storage.remove(&name)?;
        storage.sync_names()?;
    }
    Ok(None)
}

fn disk(path: &str, source: io::Error) -> LedgerError {
    LedgerError::Disk { path: path.to_owned(), source }
}
