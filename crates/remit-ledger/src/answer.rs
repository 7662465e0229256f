//! Answers a question from the index where that can be trusted, and from the log where it cannot.
//!
//! Every record of an answer is read from its segment and checked; the index only says where to look. What
//! the index says wrongly or not at all is noticed, and then the log itself is read.

use crate::chain::Extent;
use crate::errors::{Fault, FaultKind, QueryError};
use crate::index::block::{Field, Nths, Places, find, terms};
use crate::index::store::Broken;
use crate::index::{Index, View};
use crate::limits::{CHUNK_RECORDS, PAGE_RECORDS};
use crate::query::{Page, Query};
use crate::record::{Record, trailer};
use crate::row;
use crate::segment::{self, FrameHeader};
use crate::storage::{RandomRead, Storage};
use crate::walk::{Place, Walk};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Answers one question about the log from `first` up to `head`.
pub(crate) fn page(
    storage: &Arc<dyn Storage>,
    index: &Index,
    (first, head): (u64, Extent),
    query: &Query,
) -> Result<Page, QueryError> {
    if query.limit == 0 || query.limit > PAGE_RECORDS {
        return Err(QueryError::PageSize { records: query.limit });
    }
    let range = match (query.after, query.newest_first) {
        (Some(after), _) if after >= head.size => return Err(QueryError::Cursor),
        (Some(after), true) => first.min(after)..after,
        (Some(after), false) => (after + 1).max(first)..head.size,
        (None, _) => first..head.size,
    };
    let asked = Asked { storage, query, range: range.clone(), terms: terms(query) };
    let found = match index.view().map(|view| asked.indexed(&view)) {
        Some(Ok(found)) => found,
        Some(Err(Trouble::Log(fault))) => return Err(fault.into()),
        Some(Err(Trouble::Index(broken))) => {
            index.distrust(broken);
            asked.scanned(None, range.clone())?
        }
        None => asked.scanned(None, range.clone())?,
    };
    Ok(Page { first, ..cut(found, &range, head, query) })
}

/// Makes a page of the matches, of which there is one too many when another page follows.
fn cut(mut found: Vec<Record>, range: &Range<u64>, head: Extent, query: &Query) -> Page {
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().map(|record| record.seq).filter(|_| more);
    let (first, last) = match (next, query.newest_first) {
        (Some(next), true) => (next, range.end - 1),
        (Some(next), false) => (range.start, next),
        (None, _) => (range.start, range.end.saturating_sub(1)),
    };
    let range = (!range.is_empty()).then_some((first, last));
    Page { records: found, next, range, first: 0, head }
}

pub(crate) enum Trouble {
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

/// A question with the records it may look at.
struct Asked<'a> {
    storage: &'a Arc<dyn Storage>,
    query: &'a Query,
    range: Range<u64>,
    terms: Vec<(Field, u64)>,
}

impl Asked<'_> {
    /// One more than the page, which tells whether another follows.
    fn wanted(&self) -> usize {
        self.query.limit + 1
    }

    /// From the chunks, and from the log where they end.
    fn indexed(&self, view: &View) -> Result<Vec<Record>, Trouble> {
        let part = view.part(&self.range);
        let (before, border) = (self.range.start..part.start, part.end);
        let chunks = match part.is_empty() {
            true => 0..0,
            false => part.start / CHUNK_RECORDS..border.div_ceil(CHUNK_RECORDS).min(view.chunks),
        };
        let mut found;
        if self.query.newest_first {
            found = self.scanned(Some(view), border..self.range.end)?;
            self.chunks(chunks.rev(), view, &mut found)?;
            if found.len() < self.wanted() {
                found.extend(self.scanned(None, before)?);
            }
        } else {
            found = self.scanned(None, before)?;
            self.chunks(chunks, view, &mut found)?;
            if found.len() < self.wanted() {
                found.extend(self.scanned(Some(view), border..self.range.end)?);
            }
        }
        found.truncate(self.wanted());
        Ok(found)
    }

    fn chunks(
        &self,
        chunks: impl Iterator<Item = u64>,
        view: &View,
        found: &mut Vec<Record>,
    ) -> Result<(), Broken> {
        let mut reader = Reader::new(self.storage.clone());
        for chunk in chunks {
            if found.len() >= self.wanted() {
                break;
            }
            if let Some((nths, places)) = self.candidates(chunk, view)? {
                self.read(chunk, &nths, &places, &mut reader, found)?;
            }
        }
        Ok(())
    }

    /// The records of a chunk that may answer.
    fn candidates(&self, chunk: u64, view: &View) -> Result<Option<(Nths, Places)>, Broken> {
        let mut nths = Nths::all();
        for (field, term) in &self.terms {
            let block = view.block(chunk, *field as u8)?;
            nths.keep(&find(&block, *term).ok_or_else(|| Broken::new("a block of postings is none"))?);
            if nths.iter().next().is_none() {
                return Ok(None);
            }
        }
        let places = view.places(chunk)?;
        let overlaps = places.times.is_some_and(|(earliest, latest)| self.query.overlaps(earliest, latest));
        Ok(overlaps.then_some((nths, places)))
    }

    fn read(
        &self,
        chunk: u64,
        nths: &Nths,
        places: &Places,
        reader: &mut Reader,
        found: &mut Vec<Record>,
    ) -> Result<(), Broken> {
        let order: Box<dyn Iterator<Item = usize>> =
            if self.query.newest_first { Box::new(nths.iter().rev()) } else { Box::new(nths.iter()) };
        for nth in order {
            if found.len() >= self.wanted() {
                break;
            }
            let place = places.place(chunk, nth).ok_or_else(|| Broken::new("a place is missing"))?;
            if self.range.contains(&place.seq) {
                found.extend(self.matching(&reader.read(place)?).map_err(Broken::new)?);
            }
        }
        Ok(())
    }

    /// By reading this part of the log from one end to the other.
    fn scanned(&self, view: Option<&View>, part: Range<u64>) -> Result<Vec<Record>, Fault> {
        let mut found = VecDeque::new();
        if part.is_empty() {
            return Ok(Vec::new());
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
            let matching = self.matching(walk.record()).map_err(|_| Fault {
                file: segment::name(place.segment),
                offset: place.offset,
                seq: place.seq,
                kind: FaultKind::Format,
            })?;
            found.extend(matching);
            if found.len() > self.wanted() {
                found.pop_front();
            }
            if !self.query.newest_first && found.len() == self.wanted() {
                break;
            }
        }
        Ok(if self.query.newest_first { found.into_iter().rev().collect() } else { found.into() })
    }

    /// The record, if it answers.
    fn matching(&self, bytes: &[u8]) -> serde_json::Result<Option<Record>> {
        let line = row::line(bytes)?;
        if line.is_decision() && self.query.admits(&line.keys) {
            Record::parse(bytes).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// What one read fetches: most records whole.
const GUESS: usize = 2_048;

/// Reads single records at places that an index remembered.
pub(crate) struct Reader {
    storage: Arc<dyn Storage>,
    open: Option<(u64, Box<dyn RandomRead>)>,
}

impl Reader {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, open: None }
    }

    /// The record at this place, if it is the one that should stand there.
    pub(crate) fn read(&mut self, place: Place) -> Result<Vec<u8>, Broken> {
        if self.open.as_ref().is_none_or(|(segment, _)| *segment != place.segment) {
            let file = self.storage.random(&segment::name(place.segment)).map_err(Broken::new)?;
            self.open = Some((place.segment, file));
        }
        let Some((_, file)) = &self.open else { return Err(Broken::new("no segment is open")) };
        let mut bytes = file.read_at(place.offset, GUESS).map_err(Broken::new)?;
        let length = bytes.split_first_chunk().map_or(0, |(header, _)| FrameHeader::read(*header).length);
        let whole = FrameHeader::BYTES + usize::from(length);
        if whole > bytes.len() {
            bytes = file.read_at(place.offset, whole).map_err(Broken::new)?;
        }
        let record = segment::frame(&bytes).and_then(|(_, content)| segment::record(content));
        let record = record.filter(|record| trailer(record).is_some_and(|(_, seq)| seq == place.seq));
        record.map(Cow::into_owned).ok_or_else(|| Broken::new("a record is not where the index says"))
    }
}
