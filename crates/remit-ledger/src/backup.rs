//! A copy of a log that can stand in for it: taken while the service runs, checked before it counts, restored whole.
//!
//! A copy that is older than the last head its key signed does not start: records are missing, and to sign other heads
//! of the same sizes would fork the log. Such a copy stays an archive, and a new log under a new key begins.

use crate::errors::Fault;
use crate::verify::{Trust, Verified, verify_with};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The copy is not a whole log.
    #[error("the copy is not whole: {0}")]
    Damaged(#[from] Fault),
    /// The place is taken, or the disk refuses.
    #[error("`{path}` cannot be copied: {source}", path = path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What belongs to a log, in the order in which it may be copied while records are being added: what a head names is on
/// disk before the head is. The index is left out; it is built anew. A copy that a prune overtakes is not whole, and refused.
const PARTS: [&str; 7] = ["checkpoint", "head", "vkey", "cuts", "base", "tree", "segments"];

/// Copies the log in one directory to a new one, and checks the copy.
///
/// # Errors
/// When the target exists, the disk refuses, or the copy is not what the head says.
pub fn copy_log(from: &Path, to: &Path, trust: &Trust) -> Result<Verified, BackupError> {
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::Disk { path, source }
    };
    fs::create_dir(to).map_err(disk(to))?;
    for part in PARTS {
        let source = from.join(part);
        if source.is_dir() {
            let target = to.join(part);
            fs::create_dir(&target).map_err(disk(&target))?;
            for entry in fs::read_dir(&source).map_err(disk(&source))? {
                let name = entry.map_err(disk(&source))?.file_name();
                copy(&source.join(&name), &target.join(&name)).map_err(disk(&source.join(&name)))?;
            }
            sync(&target).map_err(disk(&target))?;
        } else if source.is_file() {
            copy(&source, &to.join(part)).map_err(disk(&source))?;
        }
    }
    sync(to).map_err(disk(to))?;
    Ok(verify_with(to, trust)?)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::File::open(to)?.sync_all()
}

fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}
