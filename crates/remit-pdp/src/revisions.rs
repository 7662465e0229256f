//! Revision numbers that go on counting after a restart: a small file beside the ledger says which digest had which.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What was last published, kept in `revisions.json` of the data directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisions {
    /// Policies.
    pub policy: Numbered,
    /// Graph.
    pub graph: Numbered,
    /// SHA-256 of the settings of the last start.
    #[serde(default)]
    pub config: Option<String>,
}

/// A digest and its number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// The number; 0 before anything was published.
    pub revision: u64,
    /// SHA-256 in hex.
    pub digest: Arc<str>,
}

impl Numbered {
    /// The same when the digest is the same, else the next number.
    #[must_use]
    pub fn next(&self, digest: &str) -> Self {
        if *self.digest == *digest {
            return self.clone();
        }
        Self { revision: self.revision + 1, digest: digest.into() }
    }
}

impl Numbered {
    /// As records name it.
    #[must_use]
    pub fn as_recorded(&self) -> remit_ledger::Revision {
        remit_ledger::Revision { digest: self.digest.clone(), revision: self.revision }
    }
}

impl Revisions {
    /// Reads the file; a missing one is the beginning.
    ///
    /// # Errors
    /// It cannot be read or is damaged: numbers must not start over silently.
    pub fn read(data: &Path) -> Result<Self, String> {
        let path = file(data);
        match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| format!("`{}`: {error}", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("`{}`: {error}", path.display())),
        }
    }

    /// Writes the file whole: temporary file, sync, rename, sync of the directory.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, data: &Path) -> std::io::Result<()> {
        let path = file(data);
        let temporary = path.with_extension("json.tmp");
        let mut handle = std::fs::File::create(&temporary)?;
        handle.write_all(&serde_json::to_vec(self)?)?;
        handle.sync_all()?;
        std::fs::rename(&temporary, &path)?;
        std::fs::File::open(data)?.sync_all()
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("revisions.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_a_restart_and_damage_is_not_a_beginning() {
        let dir = tempfile::tempdir().unwrap();
        let mut revisions = Revisions::read(dir.path()).unwrap();
        revisions.policy = revisions.policy.next("a");
        revisions.write(dir.path()).unwrap();
        let again = Revisions::read(dir.path()).unwrap();
        assert_eq!(again.policy, Numbered { revision: 1, digest: "a".into() });
        assert_eq!(again.policy.next("a").revision, 1);
        assert_eq!(again.policy.next("b").revision, 2);
        std::fs::write(file(dir.path()), "{").unwrap();
        assert!(Revisions::read(dir.path()).is_err());
    }
}
