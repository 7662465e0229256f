//! Checks an export with nothing but the folder and the keys.

use super::{CHECKPOINT, Exported, MANIFEST, PROOF, RECORDS};
use crate::checkpoint::{self, Checkpoint};
use crate::hash::LeafHash;
use crate::limits::{NOTE_BYTES, RECORD_BYTES};
use crate::note::{self, NoteError, Vkey};
use crate::record::trailer;
use crate::tree::{self, Hash, ProofError};
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The first thing that is wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// A file cannot be read.
    #[error("`{file}` cannot be read: {cause}")]
    Unreadable {
        /// Which.
        file: &'static str,
        /// Why.
        cause: String,
    },
    /// A signed file is not believed.
    #[error("`{file}`: {source}")]
    Signature {
        /// Which.
        file: &'static str,
        /// Why.
        source: NoteError,
    },
    /// A file is not what it should be.
    #[error("`{file}` is not one of an export")]
    Format {
        /// Which.
        file: &'static str,
    },
    /// The manifest and the head speak of different trees.
    #[error("the manifest and the signed head do not belong together")]
    Head,
    /// A record is not as it was written, or not in its place.
    #[error("record {index} {what}")]
    Record {
        /// Its place.
        index: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The file of records is another one than the manifest says.
    #[error("the file of records is not the one of the manifest")]
    Digest,
    /// The records have another root than the head.
    #[error("the records do not stand in the signed log: {0}")]
    Proof(#[from] ProofError),
}

impl ExportFault {
    /// The first record that cannot be vouched for, where the fault is one of a record.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        if let Self::Record { index, .. } = self { Some(*index) } else { None }
    }
}

/// Checks everything in an export against these keys.
///
/// # Errors
/// The first fault.
pub fn verify_export(folder: &Path, keys: &[Vkey]) -> Result<Exported, ExportFault> {
    let manifest = signed(folder, MANIFEST, keys)?;
    let exported = Exported::parse(&manifest).ok_or(ExportFault::Format { file: MANIFEST })?;
    let note = text(folder, CHECKPOINT)?;
    let head = Checkpoint::open(&note, keys)
        .map_err(|source| ExportFault::Signature { file: CHECKPOINT, source })?;
    let same = (&head.origin, head.size, head.root) == (&exported.origin, exported.size, exported.root);
    if !same || exported.first > exported.last || exported.last >= exported.size {
        return Err(ExportFault::Head);
    }
    let lines = text(folder, PROOF)?;
    let proof: Option<Vec<Hash>> = lines.lines().map(checkpoint::hash).collect();
    let proof = proof.filter(|it| checkpoint::lines(it) == lines);
    let proof = proof.ok_or(ExportFault::Format { file: PROOF })?;
    let (leaves, digest) = leaves(folder, &exported)?;
    if digest != exported.records_sha256 {
        return Err(ExportFault::Digest);
    }
    let root = tree::root_of_range(exported.first, &leaves, exported.size, &proof)?;
    if root == exported.root { Ok(exported) } else { Err(ProofError::Root.into()) }
}

/// The leaf hashes of the records, whose chain is whole, and the digest of their file.
fn leaves(folder: &Path, exported: &Exported) -> Result<(Vec<Hash>, Hash), ExportFault> {
    let bad = |cause: io::Error| unreadable(RECORDS, &cause);
    let mut lines = BufReader::new(File::open(folder.join(RECORDS)).map_err(bad)?);
    let mut digest = Sha256::new();
    let mut leaves: Vec<Hash> = Vec::new();
    // A record that does not fit the one before it: which of the two was changed, the one after it tells.
    let mut doubt = false;
    for index in exported.first..=exported.last {
        let record = |what| ExportFault::Record { index, what };
        let before = ExportFault::Record { index: index.saturating_sub(1), what: "was changed" };
        let mut line = Vec::new();
        let most = RECORD_BYTES as u64 + 1;
        (&mut lines).take(most).read_until(b'\n', &mut line).map_err(bad)?;
        digest.update(&line);
        let here =
            line.strip_suffix(b"\n").ok_or(if doubt { before.clone() } else { record("is missing") })?;
        let trailer = trailer(here).filter(|_| serde_json::from_slice::<IgnoredAny>(here).is_ok());
        let Some((prev, seq)) = trailer else {
            return Err(if doubt { before } else { record("is not a record") });
        };
        let leaf = LeafHash::of(here);
        if doubt {
            // It names the one before as that stands here: so that one is whole, and the one before it is not.
            let whole = leaves.last() == Some(&prev.0);
            let index = if whole { index - 2 } else { index - 1 };
            return Err(ExportFault::Record { index, what: "was changed" });
        }
        if seq != index {
            return Err(record("carries another number"));
        }
        doubt = leaves.last().is_some_and(|last| *last != prev.0);
        leaves.push(leaf.0);
    }
    let whole = leaves.last() == Some(&exported.end.0);
    if doubt || !whole {
        let index = if whole { exported.last - 1 } else { exported.last };
        return Err(ExportFault::Record { index, what: "was changed" });
    }
    if lines.read(&mut [0]).map_err(bad)? > 0 {
        let what = "is more than the manifest says";
        return Err(ExportFault::Record { index: exported.last + 1, what });
    }
    Ok((leaves, digest.finalize().into()))
}

fn signed(folder: &Path, file: &'static str, keys: &[Vkey]) -> Result<String, ExportFault> {
    let note = text(folder, file)?;
    let text = note::open(&note, keys).map_err(|source| ExportFault::Signature { file, source })?;
    Ok(text.to_owned())
}

fn text(folder: &Path, file: &'static str) -> Result<String, ExportFault> {
    let path = folder.join(file);
    let length = fs::metadata(&path).map_err(|cause| unreadable(file, &cause))?.len();
    if length > NOTE_BYTES as u64 {
        return Err(ExportFault::Format { file });
    }
    fs::read_to_string(path).map_err(|cause| unreadable(file, &cause))
}

fn unreadable(file: &'static str, cause: &io::Error) -> ExportFault {
    ExportFault::Unreadable { file, cause: cause.to_string() }
}
