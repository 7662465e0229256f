//! Erases what stands beside records. The records stay, and so does every hash.
//!
//! The frames keep their places and lengths; only their content becomes blanks. Which frames is noted before the first
//! is touched, so that a crash in between is made good by the next start.

use crate::aside::{BLANK, MARK, PACKED};
use crate::errors::{Fault, FaultKind, LedgerError};
use crate::segment::{self, FrameHeader};
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use std::io;

/// Frames that are to be blank.
const NOTE: &str = "erasing";

/// A run of frames of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Region {
    /// The first record of the segment.
    pub segment: u64,
    /// Where the first frame begins.
    pub offset: u64,
    /// Bytes of all of them.
    pub length: usize,
}

/// Makes these frames blank, durably.
pub(crate) fn erase(storage: &dyn Storage, regions: &[Region]) -> Result<(), LedgerError> {
    let disk = |source| LedgerError::Disk { path: NOTE.to_owned(), source };
    storage
        .put_note(NOTE, &serde_json::to_vec(regions).map_err(io::Error::from).map_err(disk)?)
        .map_err(disk)?;
    blank_all(storage, regions)?;
    storage.remove_note(NOTE).map_err(disk)
}

/// Ends what a crash interrupted; says of how many records.
pub(crate) fn resume(storage: &dyn Storage) -> Result<usize, LedgerError> {
    let disk = |source| LedgerError::Disk { path: NOTE.to_owned(), source };
    let Some(bytes) = storage.note(NOTE).map_err(disk)? else { return Ok(0) };
    let bad = |_| Fault { file: NOTE.to_owned(), offset: 0, seq: 0, kind: FaultKind::Format };
    let regions: Vec<Region> = serde_json::from_slice(&bytes).map_err(bad)?;
    blank_all(storage, &regions)?;
    storage.remove_note(NOTE).map_err(disk)?;
    Ok(regions.len())
}

fn blank_all(storage: &dyn Storage, regions: &[Region]) -> Result<(), LedgerError> {
    for region in regions {
        let name = segment::name(region.segment);
        let disk = |source| LedgerError::Disk { path: name.clone(), source };
        let found = storage.random(&name).and_then(|file| file.read_at(region.offset, region.length));
        let fault = || Fault { file: name.clone(), offset: region.offset, seq: 0, kind: FaultKind::Length };
        let blanks = blank(&found.map_err(disk)?).filter(|it| it.len() == region.length).ok_or_else(fault)?;
        storage.overwrite(&name, region.offset, &blanks).map_err(disk)?;
    }
    Ok(())
}

/// The same frames with blanks for content; none when these are not whole frames of the kind.
// WHY: only lengths and marks are read, which erasing does not change: a half-erased region gives the same again.
fn blank(mut frames: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(frames.len());
    while let Some((header, rest)) = frames.split_first_chunk() {
        let header = FrameHeader::read(*header);
        let (content, rest) = rest.split_at_checked(usize::from(header.length))?;
        let mark = *content.first().filter(|mark| matches!(**mark, MARK | PACKED))?;
        let mut blanks = vec![BLANK; content.len()];
        *blanks.first_mut()? = mark;
        let mut crc = crc32fast::Hasher::new();
        crc.update(&blanks);
        out.extend_from_slice(&FrameHeader::seal(header.length, header.unsynced, crc));
        out.extend_from_slice(&blanks);
        frames = rest;
    }
    (frames.is_empty() && !out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests;
