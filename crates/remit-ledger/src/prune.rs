//! Drops old records. Whole segments go; the hashes stay, and with them every proof.
//!
//! ```text
//! record written and signed for → note of the new beginning → segments deleted
//! ```
//!
//! A crash before the note leaves a log that has everything, and a record that was premature; one after it leaves
//! segments that the next start deletes. No order of events takes a record that is not to go.

use crate::base::{self, Base};
use crate::chain::Extent;
use crate::errors::{Fault, FaultKind, LedgerError, TreeError};
use crate::hash::LeafHash;
use crate::ledger::Ledger;
use crate::limits::SIGNED_WITHIN_MS;
use crate::record::{Body, Pruned, Revision};
use crate::row;
use crate::segment;
use crate::signed::SignedTree;
use crate::storage::Storage;
use crate::time::Timestamp;
use crate::tree::{self, Edge, Hash};
use crate::walk::Walk;
use crate::watch::{self, Watch};
use std::io;
use std::time::{Duration, Instant};

/// Old records that can be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prunable {
    /// The first record that would be left.
    pub first: u64,
    /// How many records would go.
    pub records: u64,
    /// In how many segments.
    pub segments: usize,
    /// Of how many bytes.
    pub bytes: u64,
}

/// Who drops records and why, and what was live where the records that are left begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneNote {
    /// Who has it done, where that is known.
    pub author: Option<String>,
    /// The graph that was live there.
    pub graph: Option<Revision>,
    /// The policies that were live there.
    pub policy: Option<Revision>,
    /// When.
    pub time: Timestamp,
    /// Why. Names nobody.
    pub why: String,
}

/// Why nothing was dropped, or not all of it yet.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// The tree cannot vouch for what would go.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The log is damaged, or the disk refuses. What a record and a note say is finished by the next start.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It is not where a segment begins, or not all before it is under a signed head.
    #[error("record {first} is not where a segment begins under the last signed head")]
    Place {
        /// What was to be the first record.
        first: u64,
    },
    /// No head was signed over the record of it; nothing was dropped.
    #[error("no head was signed over the record of it; nothing was dropped")]
    Unsigned,
}

impl From<Fault> for PruneError {
    fn from(fault: Fault) -> Self {
        Self::Ledger(fault.into())
    }
}

/// What the walk over the records that are to go found.
struct Passed {
    before: Extent,
    root: Hash,
    until: Timestamp,
}

impl Ledger {
    /// The first record that the log still has.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.shared.first()
    }

    /// What can be dropped when the record of this number and all after it are to stay: whole segments, all under the
    /// last signed head. None when that is nothing.
    ///
    /// # Errors
    /// The ledger signs nothing, or the disk refuses.
    pub fn prunable(&self, below: u64) -> Result<Option<Prunable>, PruneError> {
        let below = below.min(self.checkpoint()?.head.size);
        let (mut found, from) = (None, self.first());
        let mut total = Prunable { first: from, records: 0, segments: 0, bytes: 0 };
        for (name, first) in self.old_segments(below)? {
            let length = self.storage.length(&name).map_err(disk(&name))?;
            total.segments += 1;
            total.bytes += length;
            (total.first, total.records) = (first, first - from);
            found = Some(total);
        }
        Ok(found)
    }

    /// The segments that end before this record, each with the first record after it; never the last segment.
    fn old_segments(&self, below: u64) -> Result<Vec<(String, u64)>, LedgerError> {
        let names = self.storage.segments().map_err(disk("segments"))?;
        let next = names.iter().skip(1).filter_map(|name| segment::first_seq(name));
        let pairs = names.iter().cloned().zip(next);
        Ok(pairs.filter(|(_, next)| *next <= below && *next > self.first()).collect())
    }

    /// Drops the records before `first`, which must be the beginning of a segment as [`Ledger::prunable`] says. Checks
    /// before that the stored hashes prove every one of them. Reads and writes files, and waits for a signed head: call
    /// it where blocking is allowed.
    ///
    /// Copies elsewhere (backups, exports) are not reached.
    ///
    /// # Errors
    /// [`PruneError`]; before the note of the new beginning is written nothing is dropped.
    pub fn prune(&self, first: u64, note: PruneNote) -> Result<Prunable, PruneError> {
        let _alone = self.shared.pruning();
        let what = self.prunable(first)?.filter(|it| it.first == first);
        let what = what.ok_or(PruneError::Place { first })?;
        let tree = self.tree.as_ref().ok_or(TreeError::NoKey)?;
        let passed = self.passed(tree, first)?;
        let body = Body::Pruned(Pruned {
            author: note.author,
            first,
            graph: note.graph,
            leaf: passed.before.head,
            policy: note.policy,
            records: what.records,
            root: LeafHash(passed.root),
            time: note.time,
            until: passed.until,
            why: note.why,
        });
        let receipt = self.append_blocking(body).map_err(LedgerError::Unrecorded)?;
        self.signed_for(receipt.seq)?;
        let segments = self.old_segments(first)?;
        // Whoever is reading finishes first; whoever comes later begins behind what goes.
        let _nobody = self.shared.nobody_reads();
        let base = Base { before: passed.before, record: receipt.seq };
        // INVARIANT: nothing is deleted before the log says, under a signature, that it goes.
        base::put(&*self.storage, &base).map_err(disk("base"))?;
        self.shared.begin_at(first);
        tree.begin_at(first);
        for (name, _) in &segments {
            self.storage.remove(name).map_err(disk(name))?;
        }
        self.storage.sync_names().map_err(disk("segments"))?;
        Ok(what)
    }

    /// Reads everything before `first` once more: the stored hashes must be those of the records, and lead to the head.
    fn passed(&self, tree: &SignedTree, first: u64) -> Result<Passed, PruneError> {
        let node = |height, at| tree.levels.node(height, at);
        let signed = self.checkpoint()?.head;
        let edge = Edge::at(self.first(), node).map_err(TreeError::from)?;
        let mut watch = Watch::new(self.storage.clone(), edge, Vec::new());
        let mut walk = Walk::whole(self.storage.clone())?;
        let mut until = Timestamp::MIN;
        while walk.extent().size < first {
            let place = walk.step()?;
            let seq = place.map_or(walk.extent().size, |place| place.seq);
            let line = place.and_then(|_| row::line(walk.record()).ok());
            let line = line.ok_or_else(|| watch::fault("segments", seq, FaultKind::Format))?;
            until = until.max(line.keys.time);
            watch.pass(&walk.extent())?;
        }
        watch.end(&walk.extent())?;
        if watch.agreed() < first {
            return Err(watch::fault("tree", watch.agreed(), FaultKind::Hash).into());
        }
        let root = watch.edge().root();
        let proof = tree::consistency(first, signed.size, node).map_err(TreeError::from)?;
        tree::consistent((first, &root), (signed.size, &signed.root), &proof).map_err(TreeError::from)?;
        tree.levels.sync().map_err(TreeError::from)?;
        Ok(Passed { before: walk.extent(), root, until })
    }

    /// Waits until a head is signed that has this record.
    fn signed_for(&self, seq: u64) -> Result<(), PruneError> {
        let begun = Instant::now();
        while self.checkpoint()?.head.size <= seq {
            if begun.elapsed() > Duration::from_millis(SIGNED_WITHIN_MS) {
                return Err(PruneError::Unsigned);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

fn disk(path: &str) -> impl Fn(io::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::Disk { path: path.clone(), source }
}

/// Deletes what a prune left behind that a crash interrupted; says how many segments.
pub(crate) fn finish(storage: &dyn Storage, first: u64) -> io::Result<usize> {
    let mut left = storage.segments()?;
    left.retain(|name| segment::first_seq(name).is_some_and(|begin| begin < first));
    for name in &left {
        storage.remove(name)?;
    }
    if !left.is_empty() {
        storage.sync_names()?;
    }
    Ok(left.len())
}
