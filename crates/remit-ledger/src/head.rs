//! The head of a log without keys: how far it was known to reach, in a note of three lines beside it.
//!
//! It is what shows that a tail is missing. A log with keys has a signed head in its place.

use crate::chain::Extent;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::storage::Storage;
use crate::walk::unreadable;
use crate::watch::{Expected, Mark};
use std::io;

const NOTE: &str = "head";
const ORIGIN: &str = "remit ledger head v1";

/// Writes the head durably. The extent must be on disk already.
pub(crate) fn put(storage: &dyn Storage, extent: &Extent) -> io::Result<()> {
    storage.put_note(NOTE, format!("{ORIGIN}\n{}\n{}\n", extent.size, extent.head).as_bytes())
}

/// The recorded head; the empty extent when none was recorded yet.
pub(crate) fn get(storage: &dyn Storage) -> Result<Extent, Fault> {
    match storage.note(NOTE) {
        Ok(None) => Ok(Extent::EMPTY),
        Ok(Some(bytes)) => parse(&bytes).ok_or_else(|| fault(0, FaultKind::Format)),
        Err(cause) => Err(unreadable(NOTE, 0, &cause)),
    }
}

fn parse(bytes: &[u8]) -> Option<Extent> {
    let mut lines = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.split('\n');
    (lines.next()? == ORIGIN).then_some(())?;
    let size = lines.next()?.parse().ok()?;
    let head = LeafHash::parse(lines.next()?.as_bytes())?;
    lines.next().is_none().then_some(Extent { size, head })
}

/// What the recorded head asks of the log.
pub(crate) fn mark(extent: &Extent) -> Mark {
    Mark { file: NOTE.to_owned(), size: extent.size, expected: Expected::Leaf(extent.head) }
}

/// Forgets the head, once a signed one says more.
pub(crate) fn remove(storage: &dyn Storage) -> io::Result<()> {
    match storage.note(NOTE)? {
        Some(_) => storage.remove_note(NOTE),
        None => Ok(()),
    }
}

fn fault(seq: u64, kind: FaultKind) -> Fault {
    Fault { file: NOTE.to_owned(), offset: 0, seq, kind }
}
