//! Records with the proof that they are in the log, for those who do not take our word for it.

use crate::answer::Reader;
use crate::checkpoint::Checkpoint;
use crate::errors::{Fault, FaultKind, QueryError, TreeError};
use crate::hash::LeafHash;
use crate::inclusion::Inclusion;
use crate::index::View;
use crate::ledger::Ledger;
use crate::levels::Levels;
use crate::limits::CHUNK_RECORDS;
use crate::scan::Reading;
use crate::storage::Storage;
use crate::tree;
use crate::walk::Walk;
use crate::watch;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A record as it stands in the log, with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Its place.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf_hash: LeafHash,
    /// Its canonical JSON, exactly as hashed.
    pub record: String,
    /// That it is in the log, under the last signed head; none while no head has it.
    pub inclusion: Option<Inclusion>,
}

impl Ledger {
    /// These records with their proofs, in order. Reads files: call it where blocking is allowed.
    ///
    /// # Errors
    /// The log or its stored hashes are damaged where they are read, or it does not have one of them.
    pub fn prove(&self, seqs: &BTreeSet<u64>) -> Result<Vec<Proved>, QueryError> {
        let _reading = self.shared.reading();
        let records = read(&self.storage, self.index.view().as_ref(), seqs)?;
        records.into_iter().map(|(seq, bytes)| proved(seq, &bytes, self.inclusion(seq, None))).collect()
    }
}

impl Reading {
    /// As [`Ledger::prove`], under the signed head in the directory, whose signature is not checked here.
    ///
    /// # Errors
    /// As [`Ledger::prove`].
    pub fn prove(&self, seqs: &BTreeSet<u64>) -> Result<Vec<Proved>, QueryError> {
        let note = watch::note(&*self.storage)?;
        let levels = Levels::at(self.storage.clone());
        let inclusion = |index: u64| {
            let head = note.clone().ok_or(TreeError::NoHead)?;
            let size = Checkpoint::unverified(&head).map_err(|_| TreeError::NoHead)?.size;
            if index >= size {
                return Err(TreeError::Beyond { asked: index, size });
            }
            let path = tree::inclusion(index, size, |height, at| levels.node(height, at))?;
            Ok(Inclusion { index, path, head })
        };
        let records = read(&self.storage, self.view.as_ref(), seqs)?;
        records.into_iter().map(|(seq, bytes)| proved(seq, &bytes, inclusion(seq))).collect()
    }
}

fn proved(seq: u64, bytes: &[u8], inclusion: Result<Inclusion, TreeError>) -> Result<Proved, QueryError> {
    let leaf_hash = LeafHash::of(bytes);
    let inclusion = match inclusion {
        Ok(found) => Some(found),
        Err(TreeError::NoKey | TreeError::NoHead | TreeError::Beyond { .. }) => None,
        Err(cause) => return Err(cause.into()),
    };
    // A proof that proves nothing never leaves.
    if let Some(found) = &inclusion {
        let head = Checkpoint::unverified(&found.head).map_err(|_| TreeError::NoHead)?;
        tree::included(&leaf_hash.0, seq, head.size, &found.path, &head.root).map_err(TreeError::from)?;
    }
    let record = String::from_utf8_lossy(bytes).into_owned();
    Ok(Proved { seq, leaf_hash, record, inclusion })
}

/// The bytes of these records: from where the index says they stand, the others by walking the log.
fn read(
    storage: &Arc<dyn Storage>,
    view: Option<&View>,
    seqs: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Vec<u8>>, Fault> {
    let mut reader = Reader::new(storage.clone());
    let at_once = |seq: &u64| Some((*seq, known(view?, &mut reader, *seq)?));
    let mut found: BTreeMap<u64, Vec<u8>> = seqs.iter().filter_map(at_once).collect();
    let rest: BTreeSet<u64> = seqs.iter().copied().filter(|seq| !found.contains_key(seq)).collect();
    let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return Ok(found) };
    let mut walk = Walk::from(storage.clone(), *first)?;
    if let Some(view) = view.filter(|view| view.shortens(&walk, *first)) {
        walk = view.walk(storage.clone())?;
    }
    while walk.extent().size <= *last {
        let Some(place) = walk.step()? else { break };
        if rest.contains(&place.seq) {
            found.insert(place.seq, walk.record().to_vec());
        }
    }
    match rest.iter().find(|seq| !found.contains_key(seq)) {
        None => Ok(found),
        Some(seq) => {
            let kind = FaultKind::Missing { expected: seq + 1, found: walk.extent().size };
            Err(watch::fault("segments", *seq, kind))
        }
    }
}

/// A record where the index says it stands; none when that is not to be relied on.
fn known(view: &View, reader: &mut Reader, seq: u64) -> Option<Vec<u8>> {
    let chunk = seq / CHUNK_RECORDS;
    if !(view.first..view.chunks).contains(&chunk) {
        return None;
    }
    let nth = usize::try_from(seq % CHUNK_RECORDS).ok()?;
    let place = view.places(chunk).ok()?.place(chunk, nth)?;
    reader.read(place).ok()
}
