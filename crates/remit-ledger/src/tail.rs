//! Tells the end of a log that a crash tore from one that was damaged. Pure.
//!
//! A crash leaves the last turn cut short, or, when power fails, with sectors that never reached the disk and
//! read as zeros; no record holds more than a few zero bytes in a row. Anything else was written whole once and is not
//! ours to cut.

use crate::packed;
use crate::record::trailer;
use crate::segment::{FrameHeader, frame, record};

/// A run of zeros that no flipped byte and no header makes.
const HOLE: usize = 16;
/// What a disk writes whole or not at all.
const SECTOR: u64 = 512;

/// Whether these bytes, which begin at this offset with a bad frame in the place of record `next`, are what
/// a crash leaves of records that were never acknowledged.
pub(crate) fn is_torn(rest: &[u8], offset: u64, next: u64) -> bool {
    let later = first_good(rest, 1);
    let bad = rest.get(..later.map_or(rest.len(), |(at, _, _)| at)).unwrap_or_default();
    let hole = has_hole(bad, offset, later.is_none());
    if later.is_none() {
        return hole || (ends_beyond(rest) && !is_whole(rest));
    }
    hole && knew_nothing_safe(rest, next)
}

/// Whether the frame's stated length leads beyond the end.
fn ends_beyond(rest: &[u8]) -> bool {
    match rest.split_first_chunk() {
        Some((header, record)) => usize::from(FrameHeader::read(*header).length) > record.len(),
        None => true,
    }
}

/// Whether the bytes are one whole record under a wrong length.
fn is_whole(rest: &[u8]) -> bool {
    let content = rest.get(FrameHeader::BYTES..).and_then(record);
    content.is_some_and(|record| trailer(&record).is_some())
}

/// Whether sectors are missing: by a long run of zeros, or by a short one where what is missing of a sector
/// begins with the turn or ends with the file.
fn has_hole(bad: &[u8], offset: u64, to_the_end: bool) -> bool {
    let mut begin = None;
    for (at, byte) in bad.iter().chain(&[1]).enumerate() {
        let Some(first) = begin else {
            begin = (*byte == 0).then_some(at);
            continue;
        };
        if *byte == 0 {
            continue;
        }
        let aligned = |at: usize| (offset + at as u64).is_multiple_of(SECTOR);
        let ends_file = to_the_end && at == bad.len();
        let begins_turn = first == 0 && (aligned(at) || ends_file);
        if at - first >= HOLE || begins_turn || (ends_file && aligned(first)) {
            return true;
        }
        begin = None;
    }
    false
}

/// The next good frame at or after this place: where, its number, and what it knew to be unsynced.
fn first_good(rest: &[u8], from: usize) -> Option<(usize, u64, u16)> {
    (from..rest.len().saturating_sub(FrameHeader::BYTES)).find_map(|at| {
        let here = rest.get(at..)?;
        let content = here.get(FrameHeader::BYTES..)?;
        let begins =
            content.first() == Some(&packed::RECORD) || content.starts_with(packed::OPENING.as_bytes());
        begins.then_some(())?;
        let (header, content) = frame(here)?;
        Some((at, trailer(&record(content)?)?.1, header.unsynced))
    })
}

/// Whether no later frame was written after record `next` was known to be on disk.
fn knew_nothing_safe(rest: &[u8], next: u64) -> bool {
    let mut from = 1;
    while let Some((at, seq, unsynced)) = first_good(rest, from) {
        let safe_below = seq.saturating_sub(u64::from(unsynced));
        if unsynced == u16::MAX || safe_below > next {
            return false;
        }
        from = at + 1;
    }
    true
}
