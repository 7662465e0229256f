//! Checks and reads a log from outside: needs no lock, no index and no running service.

use crate::aside::{self, Beside};
use crate::base::{self, Claim};
use crate::chain::Extent;
use crate::errors::{Fault, FaultKind};
use crate::hash::LeafHash;
use crate::head;
use crate::levels::Levels;
use crate::note::Vkey;
use crate::record::Record;
use crate::storage::{Directory, Storage};
use crate::tree::{Edge, Hash};
use crate::walk::{Place, Walk, unreadable};
use crate::watch::{self, Mark, Watch};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

/// A log in which every record is as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verified {
    /// How many records were ever written to it.
    pub records: u64,
    /// The first that is left; those before were dropped, and their hashes are whole.
    pub first: u64,
    /// The leaf hash of the last one, which stands for all of them.
    pub head_hash: LeafHash,
    /// In how many segments.
    pub segments: usize,
    /// Bytes at the very end that a crash tore off, or that a running service is just writing; no answer
    /// rests on them and the next start cuts them.
    pub torn_bytes: u64,
    /// Of how many records what stood beside them was erased.
    pub erased: u64,
    /// The root of the tree over the records.
    pub root: Hash,
    /// How many of them the signed head vouches for; none when there is no signed head.
    pub signed: Option<u64>,
}

/// What a log is held against besides itself.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The public keys; with them the head must be signed by one.
    pub keys: Vec<Vkey>,
    /// Signed heads that were kept elsewhere. Only they show a rewrite by somebody who has the key.
    pub heads: Vec<String>,
}

/// Verifies the log in a ledger's directory, record by record.
///
/// # Errors
/// The first place that is not as it was written.
pub fn verify(dir: &Path) -> Result<Verified, Fault> {
    verify_with(dir, &Trust::default())
}

/// As [`verify`], held against keys and heads that are known from elsewhere.
///
/// # Errors
/// As [`verify`]; also when the head is not signed by these keys, or the log does not have one of these heads.
pub fn verify_with(dir: &Path, trust: &Trust) -> Result<Verified, Fault> {
    verify_against(Arc::new(Directory::at(dir)), trust)
}

#[cfg(test)]
pub(crate) fn verify_in(storage: Arc<dyn Storage>) -> Result<Verified, Fault> {
    verify_against(storage, &Trust::default())
}

fn verify_against(storage: Arc<dyn Storage>, trust: &Trust) -> Result<Verified, Fault> {
    // The heads are read first: a running service only ever adds to what they name.
    let marks = marks(&*storage, trust)?;
    let signed = watch::signed(&marks);
    let hashes = Levels::at(storage.clone()).size().map_err(|cause| unreadable("tree/0", 0, &cause))?;
    let mut watch = Watch::new(storage.clone(), Edge::default(), marks);
    let mut claim = Claim::of(base::get(&*storage)?, &storage, &mut watch)?;
    let mut walk = Walk::whole(storage)?;
    let (mut torn_bytes, mut erased) = (0, 0);
    loop {
        match walk.step() {
            Ok(Some(place)) => {
                watch.pass(&walk.extent())?;
                claim.pass(place.seq, walk.record())?;
                let bad = |kind| Fault {
                    file: crate::segment::name(place.segment),
                    offset: place.offset,
                    seq: place.seq,
                    kind,
                };
                let outline: Outline<'_> =
                    serde_json::from_slice(walk.record()).map_err(|_| bad(FaultKind::Format))?;
                if !aside::fits(outline.body.aside, walk.aside()) {
                    return Err(bad(FaultKind::Aside));
                }
                erased += u64::from(walk.aside().is_some_and(aside::is_erased));
            }
            Ok(None) => break,
            Err(fault) => {
                torn_bytes = walk.torn(&fault).ok().flatten().ok_or_else(|| watch.sharpen(fault))?;
                break;
            }
        }
    }
    let Extent { size, head } = walk.extent();
    watch.end(&walk.extent())?;
    claim.end(signed.unwrap_or(0), &watch)?;
    // Hashes that a crash kept from the disk are built again; those under a signed head were on it before the head.
    if watch.agreed() < signed.unwrap_or(0).min(hashes) || signed.unwrap_or(0) > hashes {
        return Err(watch::fault("tree", watch.agreed(), FaultKind::Hash));
    }
    let root = watch.edge().root();
    let segments = walk.segments().len();
    let first = claim.first();
    Ok(Verified { records: size, first, head_hash: head, segments, torn_bytes, erased, root, signed })
}

/// Every head the log must have.
fn marks(storage: &dyn Storage, trust: &Trust) -> Result<Vec<Mark>, Fault> {
    let mut marks = vec![head::mark(&head::get(storage)?)];
    match watch::note(storage)? {
        Some(note) => marks.push(Mark::of_note(watch::NOTE, &note, &trust.keys)?),
        None if trust.keys.is_empty() => {}
        None => {
            let none = FaultKind::Signature("there is no signed head".into());
            return Err(watch::fault(watch::NOTE, 0, none));
        }
    }
    for (at, note) in trust.heads.iter().enumerate() {
        marks.push(Mark::of_note(&format!("head {} of those given", at + 1), note, &trust.keys)?);
    }
    Ok(marks)
}

/// A record as far as verifying looks into it; parsing shows that the rest is JSON.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    body: OutlineBody<'a>,
}

#[derive(Deserialize)]
struct OutlineBody<'a> {
    aside: Option<&'a str>,
}

/// The records from `from_seq` up to and including `to_seq`, in order, each checked. Ends early where the log
/// ends, and after the first fault.
#[must_use]
pub fn read(dir: &Path, from_seq: u64, to_seq: u64) -> Records {
    Records::new(Arc::new(Directory::at(dir)), from_seq, to_seq)
}

/// As [`read`], each record with what stands beside it.
#[must_use]
pub fn read_whole(dir: &Path, from_seq: u64, to_seq: u64) -> WholeRecords {
    WholeRecords(Records::new(Arc::new(Directory::at(dir)), from_seq, to_seq))
}

/// Reads records in order; see [`read`].
pub struct Records {
    state: State,
    from_seq: u64,
    to_seq: u64,
}

/// Reads records in order with what stands beside them; see [`read_whole`].
pub struct WholeRecords(Records);

enum State {
    Refused(Fault),
    Reading(Box<Walk>),
    Done,
}

impl Records {
    pub(crate) fn new(storage: Arc<dyn Storage>, from_seq: u64, to_seq: u64) -> Self {
        let state = match Walk::from(storage, from_seq) {
            Ok(walk) => State::Reading(Box::new(walk)),
            Err(fault) => State::Refused(fault),
        };
        Self { state, from_seq, to_seq }
    }

    /// The next record as this makes it of where the walk stands.
    fn next_as<T>(&mut self, make: impl FnOnce(&Walk) -> Result<T, FaultKind>) -> Option<Result<T, Fault>> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Done => None,
            State::Refused(fault) => Some(Err(fault)),
            State::Reading(mut walk) => match advance(&mut walk, self.from_seq, self.to_seq) {
                Ok(Some(place)) => {
                    let made = make(&walk).map_err(|kind| Fault {
                        file: crate::segment::name(place.segment),
                        offset: place.offset,
                        seq: place.seq,
                        kind,
                    });
                    if made.is_ok() {
                        self.state = State::Reading(walk);
                    }
                    Some(made)
                }
                Ok(None) => None,
                Err(fault) => Some(Err(fault)),
            },
        }
    }
}

#[cfg(test)]
impl WholeRecords {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self(Records::new(storage, 0, u64::MAX))
    }
}

/// Goes to the next record of this range.
pub(crate) fn advance(walk: &mut Walk, from: u64, to: u64) -> Result<Option<Place>, Fault> {
    while walk.extent().size <= to {
        match walk.step() {
            Ok(Some(place)) if place.seq >= from => return Ok(Some(place)),
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(fault) if walk.torn(&fault).is_ok_and(|torn| torn.is_some()) => break,
            Err(fault) => return Err(fault),
        }
    }
    Ok(None)
}

fn record(walk: &Walk) -> Result<Record, FaultKind> {
    Record::parse(walk.record()).map_err(|_| FaultKind::Format)
}

impl Iterator for Records {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_as(record)
    }
}

impl Iterator for WholeRecords {
    type Item = Result<(Record, Beside), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_as(|walk| {
            let record = record(walk)?;
            let beside = Beside::of(record.body.aside(), walk.aside()).ok_or(FaultKind::Aside)?;
            Ok((record, beside))
        })
    }
}
