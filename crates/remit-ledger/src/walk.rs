//! Reads a log in order, checking everything on the way; knows no lock and no index.

use crate::aside::{MARK, PACKED};
use crate::base;
use crate::chain::Extent;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::limits::{ASIDE_BYTES, GIVE_WAY_RECORDS};
use crate::packed;
use crate::segment::{self, Frames, Step};
use crate::storage::Storage;
use crate::tail;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

const BUFFER: usize = 256 << 10;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first record of its segment, which names the segment.
    pub segment: u64,
    /// Where its frame begins.
    pub offset: u64,
    /// Its number.
    pub seq: u64,
}

/// A walk through the segments of a log.
pub(crate) struct Walk {
    storage: Arc<dyn Storage>,
    segments: Vec<String>,
    /// Which segment is being read, counted in `segments`.
    at: usize,
    frames: Option<Frames<BufReader<Box<dyn Read + Send>>>>,
    extent: Extent,
    /// Whether nobody asks for what stands beside records.
    alone: bool,
    /// What stands beside the record of the last step.
    aside: Vec<u8>,
    /// Its short form.
    packed: Vec<u8>,
    /// Where the frames of the record that comes next begin, once the first was read.
    group: Option<u64>,
}

impl Walk {
    /// From the first record that is left.
    pub(crate) fn whole(storage: Arc<dyn Storage>) -> Result<Self, Fault> {
        // WHY: names before the note, so that a prune in between takes names from the list and never the beginning.
        let mut segments = storage.segments().map_err(|fault| unreadable("segments", 0, &fault))?;
        let begin = base::get(&*storage)?.map_or(Extent::EMPTY, |base| base.before);
        segments.retain(|name| segment::first_seq(name).is_some_and(|first| first >= begin.size));
        Ok(Self {
            storage,
            segments,
            at: 0,
            frames: None,
            extent: begin,
            alone: false,
            aside: Vec::new(),
            packed: Vec::new(),
            group: None,
        })
    }

    /// From the beginning of the segment that holds this record.
    pub(crate) fn from(storage: Arc<dyn Storage>, seq: u64) -> Result<Self, Fault> {
        let mut walk = Self::whole(storage)?;
        let after =
            walk.segments.partition_point(|name| segment::first_seq(name).is_some_and(|first| first <= seq));
        if after > 1 {
            walk.at = after - 1;
            let name = walk.name();
            let reader = walk.storage.read(&name, 0).map_err(|fault| unreadable(&name, seq, &fault))?;
            let header = Frames::begin(reader).map_err(|fault| unreadable(&name, seq, &fault))?;
            let (header, _) = header.map_err(|kind| Fault { file: name.clone(), offset: 0, seq, kind })?;
            walk.extent = Extent { size: header.first_seq, head: header.prev };
        }
        Ok(walk)
    }

    /// From this place on, which an index remembered; `prev` is the leaf hash of the record before it.
    pub(crate) fn resume(storage: Arc<dyn Storage>, place: Place, prev: LeafHash) -> Result<Self, Fault> {
        let mut walk = Self::whole(storage)?;
        let name = segment::name(place.segment);
        let lost =
            || Fault { file: name.clone(), offset: place.offset, seq: place.seq, kind: FaultKind::Gap };
        walk.at = walk.segments.iter().position(|it| *it == name).ok_or_else(lost)?;
        let reader = walk.storage.read(&name, place.offset);
        let reader = reader.map_err(|fault| unreadable(&name, place.seq, &fault))?;
        walk.frames = Some(Frames::new(BufReader::with_capacity(BUFFER, reader), place.offset));
        walk.extent = Extent { size: place.seq, head: prev };
        Ok(walk)
    }

    /// The same walk, on which what stands beside records is passed by: it is not read, and [`Self::aside`] is none.
    pub(crate) fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    /// How far the walk has come.
    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    /// The bytes of the record the last step came to.
    pub(crate) fn record(&self) -> &[u8] {
        self.frames.as_ref().map(Frames::record).unwrap_or_default()
    }

    /// Where the frame after that record begins.
    pub(crate) fn end(&self) -> u64 {
        self.frames.as_ref().map_or(0, Frames::offset)
    }

    /// What stands beside that record; none when it stands alone.
    pub(crate) fn aside(&self) -> Option<&[u8]> {
        (!self.aside.is_empty()).then_some(self.aside.as_slice())
    }

    /// Where the frames of what stands beside that record begin; they end where the record's begins.
    pub(crate) fn beside(&self) -> Option<u64> {
        self.group
    }

    /// The segments in order, as far as they were there when the walk began.
    pub(crate) fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Goes to the next record; none at the end of the log.
    pub(crate) fn step(&mut self) -> Result<Option<Place>, Fault> {
        self.aside.clear();
        self.packed.clear();
        self.group = None;
        loop {
            if self.frames.is_none() && !self.enter()? {
                return Ok(None);
            }
            let Some(frames) = self.frames.as_mut() else { return Ok(None) };
            let step = frames.step();
            let offset = frames.offset();
            match step.map_err(|fault| unreadable(&self.name(), self.extent.size, &fault))? {
                Step::Frame { offset } => {
                    let seq = self.extent.size;
                    let record = self.frames.as_ref().map(Frames::record).unwrap_or_default();
                    if let Some((mark @ (&MARK | &PACKED), part)) = record.split_first() {
                        self.group.get_or_insert(offset);
                        if self.alone {
                            continue;
                        }
                        if *mark == MARK { &mut self.aside } else { &mut self.packed }
                            .extend_from_slice(part);
                        continue;
                    }
                    self.extent.accept(record).map_err(|kind| self.fault(offset, kind))?;
                    let short = !self.packed.is_empty();
                    if short && packed::unpack(&self.packed, ASIDE_BYTES, &mut self.aside).is_none() {
                        return Err(self.fault(offset, FaultKind::Format));
                    }
                    let segment = segment::first_seq(&self.name()).unwrap_or_default();
                    return Ok(Some(Place { segment, offset, seq }));
                }
                // A crash between the two writes of one turn leaves something beside a record that is not there.
                Step::End if self.group.is_some() => return Err(self.fault(offset, FaultKind::Torn)),
                Step::End => {
                    self.frames = None;
                    self.at += 1;
                }
                Step::Bad(kind) => return Err(self.fault(offset, kind)),
            }
        }
    }

    /// After a fault: how many bytes from its place on a crash tore off; none when it is damage.
    pub(crate) fn torn(&self, fault: &Fault) -> io::Result<Option<u64>> {
        if self.at + 1 != self.segments.len() || matches!(fault.kind, FaultKind::Version(_)) {
            return Ok(None);
        }
        if matches!(fault.kind, FaultKind::Header) {
            // INVARIANT: a header is on disk before the first frame of its segment is written.
            let length = self.storage.length(&self.name())?;
            return Ok((length <= segment::SegmentHeader::BYTES as u64).then_some(length));
        }
        if !matches!(fault.kind, FaultKind::Torn | FaultKind::Length | FaultKind::Checksum) {
            return Ok(None);
        }
        let bad = self.frames.as_ref().map_or(fault.offset, Frames::offset);
        let mut rest = Vec::new();
        self.storage.read(&self.name(), bad)?.read_to_end(&mut rest)?;
        let beside = bad.saturating_sub(fault.offset);
        let torn = rest.is_empty() || tail::is_torn(&rest, bad, self.extent.size);
        Ok(torn.then_some(beside + rest.len() as u64))
    }

    /// Opens the next segment, if there is one; it must begin where the last one ended.
    fn enter(&mut self) -> Result<bool, Fault> {
        let Some(name) = self.segments.get(self.at).cloned() else { return Ok(false) };
        let reader = self.storage.read(&name, 0);
        let reader = reader.map_err(|cause| self.unopened(&name, &cause))?;
        let begun = Frames::begin(BufReader::with_capacity(BUFFER, reader));
        let begun = begun.map_err(|fault| unreadable(&name, self.extent.size, &fault))?;
        let (header, frames) = begun.map_err(|kind| self.fault(0, kind))?;
        let fits = header.first_seq == self.extent.size && header.prev == self.extent.head;
        if !fits || segment::first_seq(&name) != Some(header.first_seq) {
            return Err(self.fault(0, FaultKind::Gap));
        }
        self.frames = Some(frames);
        Ok(true)
    }

    /// A segment that cannot be opened; one that was dropped meanwhile is no damage.
    fn unopened(&self, name: &str, cause: &io::Error) -> Fault {
        let base = base::get(&*self.storage).ok().flatten().map_or(0, |base| base.before.size);
        let fault = unreadable(name, self.extent.size, cause);
        match segment::first_seq(name) {
            Some(first) if first < base && cause.kind() == io::ErrorKind::NotFound => {
                Fault { kind: FaultKind::Dropped, ..fault }
            }
            _ => fault,
        }
    }

    fn name(&self) -> String {
        self.segments.get(self.at).cloned().unwrap_or_default()
    }

    fn fault(&self, offset: u64, kind: FaultKind) -> Fault {
        Fault { file: self.name(), offset: self.group.unwrap_or(offset), seq: self.extent.size, kind }
    }
}

/// Lets others run, every few records of a walk that nobody waits for: whoever is about to answer would otherwise wait for
/// a whole slice of the scheduler, some milliseconds, when all processors are taken.
pub(crate) fn give_way(seq: u64) {
    if seq.is_multiple_of(GIVE_WAY_RECORDS) {
        std::thread::yield_now();
    }
}

/// The fault of a file that the system does not let us read.
pub(crate) fn unreadable(file: &str, seq: u64, cause: &io::Error) -> Fault {
    Fault { file: file.to_owned(), offset: 0, seq, kind: FaultKind::Unreadable(cause.to_string()) }
}
