//! Where a log begins whose oldest records were dropped.
//!
//! A note beside the log names the place, the hash of the record before it, and the record that says so. It is believed
//! only with that record, under a signed head, and with stored hashes that lead from the first record ever to that head.
//! So whoever deletes segments by hand is found, with a note of his own as well as without.

use crate::chain::Extent;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::levels::Levels;
use crate::limits::LEAVES_AT_ONCE;
use crate::record::{Body, Pruned, Record};
use crate::storage::{Directory, Storage};
use crate::verify::Records;
use crate::walk::unreadable;
use crate::watch::{Watch, fault};
use std::io;
use std::path::Path;
use std::sync::Arc;

const NOTE: &str = "base";
const FORMAT: &str = "remit ledger base v1";

/// Where the records that are left begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Base {
    /// Everything before: how many records, and the leaf hash of the last.
    pub before: Extent,
    /// The record that says so.
    pub record: u64,
}

impl Base {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.split('\n');
        (lines.next()? == FORMAT).then_some(())?;
        let size = lines.next()?.parse().ok().filter(|size| *size > 0)?;
        let head = LeafHash::parse(lines.next()?.as_bytes())?;
        let record = lines.next()?.parse().ok().filter(|record| *record >= size)?;
        lines.next().is_none().then_some(Self { before: Extent { size, head }, record })
    }
}

/// Writes the note durably; from then on the records before do not count.
pub(crate) fn put(storage: &dyn Storage, base: &Base) -> io::Result<()> {
    let Extent { size, head } = base.before;
    storage.put_note(NOTE, format!("{FORMAT}\n{size}\n{head}\n{}\n", base.record).as_bytes())
}

/// The note; none where the log has all of its records.
pub(crate) fn get(storage: &dyn Storage) -> Result<Option<Base>, Fault> {
    match storage.note(NOTE) {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) => Base::parse(&bytes).map(Some).ok_or_else(|| fault(NOTE, 0, FaultKind::Format)),
        Err(cause) => Err(unreadable(NOTE, 0, &cause)),
    }
}

/// What a log says of the records that it no longer has; none when it has them all. Says only what its note and its
/// record agree on; [`crate::verify()`] says whether to believe it.
///
/// # Errors
/// When the note or the record it names is damaged.
pub fn pruned(dir: &Path) -> Result<Option<Pruned>, Fault> {
    let storage: Arc<dyn Storage> = Arc::new(Directory::at(dir));
    let Some(base) = get(&*storage)? else { return Ok(None) };
    let record = Records::new(storage, base.record, base.record).next().transpose()?;
    record.and_then(|record| says(&base, record)).map(Some).ok_or_else(|| unfounded(&base))
}

fn says(base: &Base, record: Record) -> Option<Pruned> {
    match record.body {
        Body::Pruned(it) if (it.first, it.leaf) == (base.before.size, base.before.head) => Some(it),
        _ => None,
    }
}

fn unfounded(base: &Base) -> Fault {
    fault(NOTE, base.before.size, FaultKind::Base)
}

/// The note under suspicion, until the walk has come to the record that it names.
pub(crate) struct Claim {
    base: Option<Base>,
    /// The root over the records before, as the stored hashes have it.
    root: LeafHash,
    confirmed: bool,
}

impl Claim {
    /// Shows the watch the stored hashes of what is no longer there, so that it knows the tree so far.
    pub(crate) fn of(
        base: Option<Base>,
        storage: &Arc<dyn Storage>,
        watch: &mut Watch,
    ) -> Result<Self, Fault> {
        let mut reached = Extent::EMPTY;
        if let Some(base) = base {
            let levels = Levels::at(storage.clone());
            while reached.size < base.before.size {
                let count = (base.before.size - reached.size).min(LEAVES_AT_ONCE as u64);
                let leaves = levels.hashes(0, reached.size, count);
                let leaves = leaves.map_err(|cause| unreadable("tree/0", reached.size, &cause))?;
                for leaf in &leaves {
                    reached = Extent { size: reached.size + 1, head: LeafHash(*leaf) };
                    watch.pass(&reached)?;
                }
                if leaves.len() as u64 != count {
                    return Err(fault("tree/0", reached.size, FaultKind::Hash));
                }
            }
            if reached != base.before {
                return Err(fault("tree/0", base.before.size.saturating_sub(1), FaultKind::Hash));
            }
        }
        let root = LeafHash(watch.edge().root());
        Ok(Self { base, root, confirmed: base.is_none() })
    }

    /// The first record that is left.
    pub(crate) fn first(&self) -> u64 {
        self.base.map_or(0, |base| base.before.size)
    }

    /// Takes a record that the walk came to.
    pub(crate) fn pass(&mut self, seq: u64, record: &[u8]) -> Result<(), Fault> {
        let Some(base) = self.base.filter(|base| base.record == seq) else { return Ok(()) };
        let said = Record::parse(record).ok().and_then(|record| says(&base, record));
        self.confirmed = said.is_some_and(|said| said.root == self.root);
        if self.confirmed { Ok(()) } else { Err(unfounded(&base)) }
    }

    /// After the walk: whether the note is to be believed under a signed head of this size.
    pub(crate) fn end(&self, signed: u64, watch: &Watch) -> Result<(), Fault> {
        let Some(base) = self.base else { return Ok(()) };
        if !self.confirmed || base.record >= signed {
            return Err(unfounded(&base));
        }
        if watch.agreed() < base.before.size {
            return Err(fault("tree", watch.agreed(), FaultKind::Hash));
        }
        Ok(())
    }
}
