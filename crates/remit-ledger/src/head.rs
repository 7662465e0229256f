//! The head: how far the log was known to reach, in a note of three lines beside it.
//!
//! It is what shows that a tail is missing. The three lines are those of a C2SP checkpoint, without signature.

use crate::chain::Extent;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::storage::Storage;
use crate::walk::unreadable;
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

/// Watches a walk go past the recorded head.
pub(crate) struct Watch(Extent);

impl Watch {
    pub(crate) fn new(recorded: Extent) -> Self {
        Self(recorded)
    }

    /// Refuses a log that has another record where the head was.
    pub(crate) fn pass(&self, reached: &Extent) -> Result<(), Fault> {
        if reached.size == self.0.size && reached.head != self.0.head {
            return Err(fault(reached.size.saturating_sub(1), FaultKind::Head));
        }
        Ok(())
    }

    /// Refuses a log that ends below the head.
    pub(crate) fn end(&self, reached: &Extent) -> Result<(), Fault> {
        if reached.size < self.0.size {
            let kind = FaultKind::Missing { expected: self.0.size, found: reached.size };
            return Err(fault(reached.size, kind));
        }
        Ok(())
    }
}

fn fault(seq: u64, kind: FaultKind) -> Fault {
    Fault { file: NOTE.to_owned(), offset: 0, seq, kind }
}
