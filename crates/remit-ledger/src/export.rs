//! A run of records that leaves the house: the records, the proof of their place and that none is left out, the signed
//! head it rests on, and a signed manifest that says what should be there. Checked without us.
//!
//! ```text
//! manifest       signed note: origin, first, last, SHA-256 of records.jsonl, leaf hash of the last record, the head
//! checkpoint     the signed head, as issued
//! records.jsonl  the records as hashed, a line each
//! range.proof    roots of everything left and right of the run, base64, a line each
//! vkey           public keys, for first contact only: pin them from elsewhere
//! ```

mod check;

pub use check::{ExportFault, verify_export};

use crate::base;
use crate::checkpoint::{self, Checkpoint};
use crate::errors::Fault;
use crate::hash::LeafHash;
use crate::key::Keys;
use crate::levels::Levels;
use crate::note::{self, NoteError};
use crate::storage::{Directory, Storage};
use crate::tree::{self, Hash, ProofError};
use crate::walk::Walk;
use crate::watch;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MANIFEST: &str = "manifest";
const CHECKPOINT: &str = "checkpoint";
const RECORDS: &str = "records.jsonl";
const PROOF: &str = "range.proof";
const VKEYS: &str = "vkey";
const FORMAT: &str = "remit export v1";

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The range is empty or reaches beyond the last signed head.
    #[error("records {first} to {last} are not all below the last signed head, which has {size}")]
    Range {
        /// The first record asked for.
        first: u64,
        /// The last one.
        last: u64,
        /// The size of the last signed head.
        size: u64,
    },
    /// Some of the records were dropped.
    #[error("records before {first} were pruned")]
    Pruned {
        /// The first record that is left.
        first: u64,
    },
    /// There is no signed head.
    #[error("the ledger has no signed head yet")]
    NoHead,
    /// The head is not signed by the keys given.
    #[error("the head of the ledger: {0}")]
    Head(#[from] NoteError),
    /// The log is damaged.
    #[error(transparent)]
    Damaged(#[from] Fault),
    /// The stored hashes prove nothing.
    #[error("the stored hashes are damaged: {0}")]
    Proof(#[from] ProofError),
    /// The place for it is there already, or the disk refuses.
    #[error("`{path}` cannot be written: {source}", path = path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What an export says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The name of the log.
    pub origin: String,
    /// The first record.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// SHA-256 of the file of records.
    pub records_sha256: Hash,
    /// The leaf hash of the last record.
    pub end: LeafHash,
    /// The size of the head it rests on.
    pub size: u64,
    /// The root of that head.
    pub root: Hash,
}

impl Exported {
    fn text(&self) -> String {
        let head = checkpoint::lines(&[self.root]);
        let records = LeafHash(self.records_sha256);
        format!(
            "{FORMAT}\norigin {}\nfirst {}\nlast {}\nrecords {records}\nend {}\nhead {} {head}",
            self.origin, self.first, self.last, self.end, self.size
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        (lines.next()? == FORMAT).then_some(())?;
        let mut member = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let origin = member("origin")?.to_owned();
        let first = checkpoint::number(member("first")?)?;
        let last = checkpoint::number(member("last")?)?;
        let records_sha256 = LeafHash::parse(member("records")?.as_bytes())?.0;
        let end = LeafHash::parse(member("end")?.as_bytes())?;
        let (size, root) = member("head")?.split_once(' ')?;
        let (size, root) = (checkpoint::number(size)?, checkpoint::hash(root)?);
        lines.next().is_none().then_some(Self { origin, first, last, records_sha256, end, size, root })
    }
}

/// Writes an export of these records into a new folder. The service may run meanwhile.
///
/// # Errors
/// When the records are not all signed for, or something is damaged, or the folder exists.
pub fn export(
    ledger: &Path,
    range: RangeInclusive<u64>,
    keys: &Keys,
    out: &Path,
) -> Result<Exported, ExportError> {
    let storage: Arc<dyn Storage> = Arc::new(Directory::at(ledger));
    let note = watch::note(&*storage)?.ok_or(ExportError::NoHead)?;
    let head = Checkpoint::open(&note, &keys.vkeys())?;
    let (first, last) = (*range.start(), *range.end());
    if first > last || last >= head.size {
        return Err(ExportError::Range { first, last, size: head.size });
    }
    let left = base::get(&*storage)?.map_or(0, |base| base.before.size);
    if first < left {
        return Err(ExportError::Pruned { first: left });
    }
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::Disk { path: path.clone(), source }
    };
    let levels = Levels::at(storage.clone());
    let proof = tree::prove_range(first, last + 1, head.size, &mut |height, at| levels.node(height, at))
        .map_err(disk(&ledger.join("tree")))?;
    fs::create_dir(out).map_err(disk(out))?;
    let records = out.join(RECORDS);
    let file = File::create_new(&records).map_err(disk(&records))?;
    let (leaves, records_sha256) = copy(storage, first, last, file, disk(&records))?;
    let root = tree::root_of_range(first, &leaves, head.size, &proof)?;
    if root != head.root {
        return Err(ProofError::Root.into());
    }
    let end = leaves.last().copied().map(LeafHash).unwrap_or(LeafHash::ZERO);
    let origin = head.origin.clone();
    let exported = Exported { origin, first, last, records_sha256, end, size: head.size, root };
    let vkeys: String = keys.vkeys().iter().map(|key| format!("{key}\n")).collect();
    // The manifest comes last: without it a folder is no export.
    let manifest = note::sign(&exported.text(), keys.signers());
    for (name, text) in
        [(CHECKPOINT, note), (PROOF, checkpoint::lines(&proof)), (VKEYS, vkeys), (MANIFEST, manifest)]
    {
        let path = out.join(name);
        fs::write(&path, text).map_err(disk(&path))?;
    }
    Ok(exported)
}

/// Copies records line by line; gives their leaf hashes and the digest of the file.
fn copy(
    storage: Arc<dyn Storage>,
    first: u64,
    last: u64,
    file: File,
    disk: impl Fn(io::Error) -> ExportError,
) -> Result<(Vec<Hash>, Hash), ExportError> {
    let mut out = BufWriter::new(file);
    let mut digest = Sha256::new();
    let mut leaves = Vec::new();
    let mut walk = Walk::from(storage, first)?;
    while walk.extent().size <= last {
        let Some(place) = walk.step()? else { break };
        if place.seq < first {
            continue;
        }
        leaves.push(walk.extent().head.0);
        for part in [walk.record(), b"\n"] {
            digest.update(part);
            out.write_all(part).map_err(&disk)?;
        }
    }
    let file = out.into_inner().map_err(|fault| disk(fault.into_error()))?;
    file.sync_all().map_err(&disk)?;
    Ok((leaves, digest.finalize().into()))
}
