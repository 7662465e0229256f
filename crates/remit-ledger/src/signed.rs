//! The signed tree of an open ledger: the last head, and the tiles and proofs under it.

use crate::checkpoint::Checkpoint;
use crate::errors::{FaultKind, TreeError};
use crate::hash::LeafHash;
use crate::inclusion::Inclusion;
use crate::key::Keys;
use crate::levels::Levels;
use crate::storage::Storage;
use crate::tile::{Kind, Tile, WIDTH};
use crate::tree::{self, Edge, Hash};
use crate::walk::{Place, Walk};
use crate::watch::fault;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub head: Checkpoint,
    /// The signed note, as issued.
    pub note: Arc<str>,
}

/// What the checkpointer writes and everybody reads.
pub(crate) struct SignedTree {
    pub storage: Arc<dyn Storage>,
    pub levels: Levels,
    pub keys: Keys,
    signed: Mutex<Option<Signed>>,
    /// Where every 256th record stands.
    places: Mutex<Vec<Place>>,
    /// The first record that is left.
    first: AtomicU64,
}

impl SignedTree {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        keys: Keys,
        signed: Option<Signed>,
        places: Vec<Place>,
        first: u64,
    ) -> Self {
        let (levels, first) = (Levels::keep(storage.clone()), AtomicU64::new(first));
        Self { storage, levels, keys, signed: Mutex::new(signed), places: Mutex::new(places), first }
    }

    /// The records before this one are gone. A bundle that is not whole any more is not there any more.
    pub(crate) fn begin_at(&self, first: u64) {
        self.first.store(first, Ordering::Release);
        lock(&self.places).retain(|place| place.seq >= first);
    }

    /// The last signed head.
    pub(crate) fn signed(&self) -> Option<Signed> {
        lock(&self.signed).clone()
    }

    pub(crate) fn publish(&self, signed: Signed) {
        *lock(&self.signed) = Some(signed);
    }

    /// Remembers where a record stands; the first of each bundle suffices.
    pub(crate) fn remember(&self, place: Place) {
        if !place.seq.is_multiple_of(WIDTH) {
            return;
        }
        let mut places = lock(&self.places);
        let first = places.first().map_or(place.seq, |it| it.seq);
        if (place.seq - first) / WIDTH == places.len() as u64 {
            places.push(place);
        }
    }

    fn place(&self, bundle: u64) -> Result<Place, TreeError> {
        let places = lock(&self.places);
        let first = places.first().map_or(0, |it| it.seq);
        let at = (bundle * WIDTH).checked_sub(first).and_then(|it| usize::try_from(it / WIDTH).ok());
        let place = at.and_then(|at| places.get(at).copied());
        place.ok_or(TreeError::Pruned { first: self.first.load(Ordering::Acquire) })
    }

    fn head(&self, asked: u64) -> Result<Signed, TreeError> {
        let signed = self.signed().ok_or(TreeError::NoHead)?;
        if asked > signed.head.size {
            return Err(TreeError::Beyond { asked, size: signed.head.size });
        }
        Ok(signed)
    }

    /// The bytes of a tile or an entry bundle, which the last signed head has all of.
    pub(crate) fn tile(&self, tile: &Tile) -> Result<Vec<u8>, TreeError> {
        let signed = self.head(0)?;
        if !tile.is_in(signed.head.size) {
            return Err(TreeError::Beyond { asked: tile.index, size: signed.head.size });
        }
        match tile.kind {
            Kind::Entries => self.entries(tile),
            Kind::Hashes(level) => {
                let hashes = self.levels.hashes(level, tile.first(), tile.width)?;
                if hashes.len() as u64 == tile.width {
                    return Ok(hashes.into_flattened());
                }
                Err(fault(&format!("tree/{level}"), tile.first(), FaultKind::Hash).into())
            }
        }
    }

    /// Records, each behind its length, and each checked against its leaf hash.
    fn entries(&self, tile: &Tile) -> Result<Vec<u8>, TreeError> {
        let place = self.place(tile.index)?;
        let leaves = self.levels.hashes(0, tile.first(), tile.width)?;
        let prev = match tile.first().checked_sub(1) {
            None => LeafHash::ZERO,
            Some(before) => LeafHash(self.levels.node(0, before)?),
        };
        let mut walk = Walk::resume(self.storage.clone(), place, prev)?;
        let mut bytes = Vec::new();
        for leaf in &leaves {
            let seq = walk.extent().size;
            if walk.step()?.is_none() {
                return Err(fault("segments", seq, FaultKind::Gap).into());
            }
            let length = u16::try_from(walk.record().len()).unwrap_or(u16::MAX);
            if walk.extent().head.0 != *leaf {
                return Err(fault("tree/0", seq, FaultKind::Hash).into());
            }
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(walk.record());
        }
        if leaves.len() as u64 == tile.width {
            return Ok(bytes);
        }
        Err(fault("tree/0", tile.first(), FaultKind::Hash).into())
    }

    /// The proof that a record is in the log, under the last signed head or one of this smaller size.
    pub(crate) fn inclusion(&self, index: u64, size: Option<u64>) -> Result<Inclusion, TreeError> {
        let signed = self.head(size.unwrap_or(0))?;
        let size = size.unwrap_or(signed.head.size);
        if index >= size {
            return Err(TreeError::Beyond { asked: index, size });
        }
        let head = if size == signed.head.size { signed } else { self.earlier(size, &signed)? };
        let path = tree::inclusion(index, size, |height, at| self.levels.node(height, at))?;
        let leaf = self.levels.node(0, index)?;
        // A proof that proves nothing never leaves.
        tree::included(&leaf, index, size, &path, &head.head.root)?;
        Ok(Inclusion { index, path, head: head.note.to_string() })
    }

    /// The head of a smaller size, signed anew: it is consistent with the last one, so this forks nothing.
    fn earlier(&self, size: u64, last: &Signed) -> Result<Signed, TreeError> {
        let root = Edge::at(size, |height, at| self.levels.node(height, at))?.root();
        let proof = tree::consistency(size, last.head.size, |height, at| self.levels.node(height, at))?;
        tree::consistent((size, &root), (last.head.size, &last.head.root), &proof)?;
        let head = Checkpoint { origin: last.head.origin.clone(), size, root };
        let note = head.sign(self.keys.signers()).into();
        Ok(Signed { head, note })
    }

    /// The proof that the log of size `from` is a beginning of the one of size `to`.
    pub(crate) fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, TreeError> {
        let signed = self.head(to)?;
        if from > to {
            return Err(TreeError::Beyond { asked: from, size: to });
        }
        let node = |height, at| self.levels.node(height, at);
        let roots = (Edge::at(from, node)?.root(), Edge::at(to, node)?.root());
        let whole = tree::consistency(to, signed.head.size, node)?;
        tree::consistent((to, &roots.1), (signed.head.size, &signed.head.root), &whole)?;
        let proof = tree::consistency(from, to, node)?;
        tree::consistent((from, &roots.0), (to, &roots.1), &proof)?;
        Ok(proof)
    }
}

/// Poison of a lock says nothing here: each guarded value is whole after every assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
