//! The thread that signs heads: reads what is new back from the disk, extends the tree by it, signs, publishes.
//!
//! It never signs what it only remembers, never a head that does not extend the last one, and never two heads of one
//! size with different roots: then it stops the log instead.

use crate::checkpoint::Checkpoint;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::head;
use crate::limits::{HEAD_EVERY_MS, LEAVES_AT_ONCE, READ_AGAIN_MS};
use crate::shared::Shared;
use crate::signed::{Signed, SignedTree};
use crate::tree::{self, Edge, Hash};
use crate::walk::{Place, Walk, give_way};
use crate::watch;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Signs the heads.
pub(crate) struct Checkpointer {
    tree: Arc<SignedTree>,
    shared: Arc<Shared>,
    edge: Edge,
    /// The last record taken, and the leaf hash of the one before it.
    last: Option<(Place, LeafHash)>,
    /// Whether the last failure to write was told.
    told: bool,
}

/// Why no head was signed.
enum Failure {
    /// A file could not be read or written: worth another try.
    Disk(String),
    /// The log is not what was written, or a head would contradict another.
    Fork(String),
}

impl From<io::Error> for Failure {
    fn from(fault: io::Error) -> Self {
        Self::Disk(fault.to_string())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault.kind {
            FaultKind::Unreadable(_) => Self::Disk(fault.to_string()),
            _ => Self::Fork(fault.to_string()),
        }
    }
}

impl Checkpointer {
    /// Over a tree of which so many stored hashes are known to be good.
    pub(crate) fn new(tree: Arc<SignedTree>, shared: Arc<Shared>, hashed: u64) -> io::Result<Self> {
        let edge = Edge::at(hashed, |height, at| tree.levels.node(height, at))?;
        Ok(Self { tree, shared, edge, last: None, told: false })
    }

    /// Works until the other end of `stop` is gone; then signs the last head.
    pub(crate) fn run(mut self, stop: &Receiver<()>) {
        let turn = Duration::from_millis(HEAD_EVERY_MS);
        while stop.recv_timeout(turn) == Err(RecvTimeoutError::Timeout) {
            self.turn();
        }
        self.turn();
    }

    /// Signs a head when there is news.
    pub(crate) fn turn(&mut self) {
        if self.shared.poisoned().is_some() {
            return;
        }
        // Twice: an erasure may be writing over what is being read.
        let signed = self.sign().or_else(|failure| match failure {
            Failure::Fork(_) => {
                std::thread::sleep(Duration::from_millis(READ_AGAIN_MS));
                self.sign()
            }
            disk => Err(disk),
        });
        match signed {
            Ok(()) => self.told = false,
            Err(Failure::Fork(cause)) => self.shared.poison(cause),
            Err(Failure::Disk(cause)) if self.told => tracing::debug!(cause, "still no head can be signed"),
            Err(Failure::Disk(cause)) => {
                tracing::warn!(cause, "no head of the ledger can be signed");
                self.told = true;
            }
        }
    }

    fn sign(&mut self) -> Result<(), Failure> {
        let durable = self.shared.written().durable;
        let last = self.tree.signed().map(|it| it.head);
        if self.edge.size() < durable.size {
            self.read_to(durable.size)?;
        }
        if durable.size == 0 || last.as_ref().is_some_and(|it| it.size >= durable.size) {
            return Ok(());
        }
        let here = self.tree.levels.node(0, durable.size - 1)?;
        if here != durable.head.0 {
            return Err(Failure::Fork("the last record on disk is not the one that was written".into()));
        }
        if !self.extends(last.as_ref())? {
            // The stored hashes may be at fault; the records decide.
            tracing::warn!("the stored hashes of the ledger are damaged and built anew");
            // Of records that were dropped the hashes are all there is.
            self.edge = Edge::at(self.shared.first(), |height, at| self.tree.levels.node(height, at))?;
            self.last = None;
            self.read_to(durable.size)?;
            if !self.extends(last.as_ref())? {
                return Err(Failure::Fork("the log on disk does not extend its last signed head".into()));
            }
        }
        self.tree.levels.sync()?;
        let origin = self.tree.keys.origin().to_owned();
        let head = Checkpoint { origin, size: durable.size, root: self.edge.root() };
        let note: Arc<str> = head.sign(self.tree.keys.signers()).into();
        // INVARIANT: nobody sees a signature that the place beside the key does not know.
        self.tree.keys.set_mark(&note)?;
        self.tree.storage.put_note(watch::NOTE, note.as_bytes())?;
        self.tree.publish(Signed { head, note });
        head::remove(&*self.tree.storage)?;
        Ok(())
    }

    /// Reads records from the disk and takes them into the tree until it has this size.
    fn read_to(&mut self, size: u64) -> Result<(), Failure> {
        let mut walk = match self.last {
            Some((place, prev)) => Walk::resume(self.tree.storage.clone(), place, prev)?.alone(),
            None => Walk::from(self.tree.storage.clone(), self.edge.size())?.alone(),
        };
        let mut edge = self.edge.clone();
        let mut leaves: Vec<Hash> = Vec::new();
        let mut prev = walk.extent().head;
        while walk.extent().size < size {
            let Some(place) = walk.step()? else {
                return Err(Failure::Fork(format!("record {} is not on disk", walk.extent().size)));
            };
            give_way(place.seq);
            let leaf = walk.extent().head;
            let here = (place, prev);
            prev = leaf;
            if place.seq < edge.size() {
                continue;
            }
            edge.push(leaf.0);
            leaves.push(leaf.0);
            self.tree.remember(place);
            if leaves.len() >= LEAVES_AT_ONCE || edge.size() == size {
                // INVARIANT: what counts as taken is stored.
                self.tree.levels.put(self.edge.size(), &leaves)?;
                leaves.clear();
                (self.edge, self.last) = (edge.clone(), Some(here));
            }
        }
        Ok(())
    }

    /// Whether the stored hashes lead from the last signed head to the tree that was read.
    fn extends(&self, last: Option<&Checkpoint>) -> Result<bool, Failure> {
        let node = |height, at| self.tree.levels.node(height, at);
        let (size, root) = (self.edge.size(), self.edge.root());
        let stored = Edge::at(size, node)?;
        if stored.root() != root {
            return Ok(false);
        }
        let Some(last) = last else { return Ok(true) };
        let proof = tree::consistency(last.size, size, node)?;
        Ok(tree::consistent((last.size, &last.root), (size, &root), &proof).is_ok())
    }
}
