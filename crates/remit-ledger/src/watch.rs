//! Watches a walk go past every head that is known: at its size the log must have its last record, or its root.

use crate::chain::Extent;
use crate::checkpoint::Checkpoint;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::levels::Levels;
use crate::note::Vkey;
use crate::storage::Storage;
use crate::tile::WIDTH;
use crate::tree::{Edge, Hash};
use crate::walk::unreadable;
use std::sync::Arc;

/// The signed head in a ledger's directory.
pub(crate) const NOTE: &str = "checkpoint";

/// What the log must have at a size.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Who says so.
    pub file: String,
    pub size: u64,
    pub expected: Expected,
}

/// How it is recognised.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// By its last record, and with it by the chain.
    Leaf(LeafHash),
    /// By the root of its tree.
    Root(Hash),
}

impl Mark {
    /// What a signed head says; believed without its signature where no keys are given.
    pub(crate) fn of_note(file: &str, note: &str, keys: &[Vkey]) -> Result<Self, Fault> {
        let head = if keys.is_empty() { Checkpoint::unverified(note) } else { Checkpoint::open(note, keys) };
        let head = head.map_err(|cause| fault(file, 0, FaultKind::Signature(cause.to_string())))?;
        Ok(Self { file: file.to_owned(), size: head.size, expected: Expected::Root(head.root) })
    }
}

/// The size of the signed head in the directory, among these marks.
pub(crate) fn signed(marks: &[Mark]) -> Option<u64> {
    let is_signed = |mark: &&Mark| mark.file == NOTE && matches!(mark.expected, Expected::Root(_));
    marks.iter().find(is_signed).map(|mark| mark.size)
}

/// The signed head in the directory, as its text.
pub(crate) fn note(storage: &dyn Storage) -> Result<Option<String>, Fault> {
    let bytes = storage.note(NOTE).map_err(|cause| unreadable(NOTE, 0, &cause))?;
    let text = bytes.map(String::from_utf8).transpose();
    text.map_err(|_| fault(NOTE, 0, FaultKind::Format))
}

/// The watch itself, which builds the tree as it goes.
pub(crate) struct Watch {
    /// Those not passed yet, the smallest last.
    marks: Vec<Mark>,
    edge: Edge,
    levels: Levels,
    /// Leaves since the last whole tile.
    recent: Vec<Hash>,
    /// The first leaf for which the stored hashes are not those of the log.
    differs: Option<u64>,
}

impl Watch {
    /// Over a walk that begins behind the leaves of this edge.
    pub(crate) fn new(storage: Arc<dyn Storage>, edge: Edge, mut marks: Vec<Mark>) -> Self {
        marks.sort_by_key(|mark| std::cmp::Reverse(mark.size));
        marks.retain(|mark| mark.size > 0);
        Self { marks, edge, levels: Levels::at(storage), recent: Vec::new(), differs: None }
    }

    /// Takes the record that the walk came to.
    pub(crate) fn pass(&mut self, reached: &Extent) -> Result<(), Fault> {
        self.edge.push(reached.head.0);
        self.recent.push(reached.head.0);
        if reached.size.is_multiple_of(WIDTH) {
            self.compare();
        }
        while let Some(mark) = self.marks.pop_if(|mark| mark.size <= reached.size) {
            let (fits, kind) = match mark.expected {
                Expected::Leaf(leaf) => (leaf == reached.head, FaultKind::Head),
                Expected::Root(root) => (root == self.edge.root(), FaultKind::Root),
            };
            // A head from before the first record that is left cannot be checked against records.
            if !fits && mark.size == reached.size {
                self.compare();
                let seq = self.differs.filter(|seq| *seq < reached.size).unwrap_or(reached.size - 1);
                return Err(fault(&mark.file, seq, kind));
            }
        }
        Ok(())
    }

    /// Refuses a log that ends below a head.
    pub(crate) fn end(&mut self, reached: &Extent) -> Result<(), Fault> {
        self.compare();
        match self.marks.first() {
            Some(mark) => {
                let kind = FaultKind::Missing { expected: mark.size, found: reached.size };
                Err(fault(&mark.file, reached.size, kind))
            }
            None => Ok(()),
        }
    }

    /// A fault of the walk, named at the first record that is not the one of the stored hashes.
    pub(crate) fn sharpen(&mut self, fault: Fault) -> Fault {
        self.compare();
        match self.differs {
            Some(seq) if seq < fault.seq && matches!(fault.kind, FaultKind::Chain) => {
                Fault { seq, kind: FaultKind::Hash, ..fault }
            }
            _ => fault,
        }
    }

    /// The tree over the walk.
    pub(crate) fn edge(&self) -> &Edge {
        &self.edge
    }

    /// How many of the stored hashes, from the first on, are those of the log.
    pub(crate) fn agreed(&self) -> u64 {
        self.differs.unwrap_or(self.edge.size())
    }

    fn compare(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        let first = self.edge.size() - recent.len() as u64;
        if self.differs.is_none() && !recent.is_empty() {
            // What cannot be read is as good as not there.
            self.differs = self.levels.differs(first, &recent).unwrap_or(Some(first));
        }
        let partial = self.edge.size() % WIDTH;
        if partial > 0 {
            // Kept, so that the tile can still be compared when it is whole.
            self.recent = recent;
        }
    }
}

pub(crate) fn fault(file: &str, seq: u64, kind: FaultKind) -> Fault {
    Fault { file: file.to_owned(), offset: 0, seq, kind }
}
