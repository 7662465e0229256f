//! What stands in a record for a person: a keyed pseudonym, the same for the same person within an epoch.
//!
//! Without the key nobody can tell who it is, not even by trying every name; with it, a question about a person finds
//! all of that person's records. Destroying the key of an epoch makes its pseudonyms anonymous for good.

use crate::hash::hex;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::OnceLock;

/// The first character of every pseudonym.
pub const PSEUDONYM_MARK: char = '~';

/// Of the code so much stands in one: 128 bits, so that two persons never share one.
const BYTES: usize = 16;

/// The keys of all epochs that are still known.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pseudonyms {
    /// The latest is last.
    epochs: Vec<Epoch>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Epoch {
    epoch: u32,
    /// 64 hexadecimal digits.
    key: String,
    /// The state of the code once it has taken the key, which is half of its work.
    #[serde(skip)]
    keyed: OnceLock<Option<Hmac<Sha256>>>,
}

/// Keys stay out of logs.
impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.epochs.iter().map(|it| it.epoch)).finish()
    }
}

/// Why the keys of pseudonyms cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PseudonymError {
    /// The file cannot be read or written.
    #[error("the keys of pseudonyms cannot be used: {0}")]
    File(#[from] io::Error),
    /// The file holds something else.
    #[error("the file holds no keys of pseudonyms: {0}")]
    Format(String),
    /// Others than its owner may read the file.
    #[error("the keys of pseudonyms can be read by others: their mode is {0:o}, not 600")]
    Open(u32),
}

impl Pseudonyms {
    /// A first epoch with this key, which must be random.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { epochs: vec![Epoch::new(1, key)] }
    }

    /// The keys in this file, or a first epoch with a key from `fresh`, written there.
    ///
    /// # Errors
    /// [`PseudonymError`]; a file that is there and cannot be used is never replaced.
    pub fn open(path: &Path, fresh: impl FnOnce() -> io::Result<[u8; 32]>) -> Result<Self, PseudonymError> {
        match fs::read(path) {
            Ok(bytes) => {
                private(path)?;
                let read: Self = serde_json::from_slice(&bytes)
                    .map_err(|error| PseudonymError::Format(error.to_string()))?;
                let whole = |it: &Epoch| it.key.len() == 64 && it.key.bytes().all(|b| b.is_ascii_hexdigit());
                if read.epochs.is_empty() || !read.epochs.iter().all(whole) {
                    return Err(PseudonymError::Format("a key is not 64 hexadecimal digits".to_owned()));
                }
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Self::new(fresh()?);
                made.write(path)?;
                Ok(made)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Begins an epoch: from now on everybody has another pseudonym.
    pub fn begin_epoch(&mut self, key: [u8; 32]) {
        let epoch = self.epochs.last().map_or(1, |last| last.epoch + 1);
        self.epochs.push(Epoch::new(epoch, key));
    }

    /// Forgets the keys of all epochs before the latest; says how many.
    pub fn forget_past_epochs(&mut self) -> usize {
        let past = self.epochs.len().saturating_sub(1);
        self.epochs.drain(..past);
        past
    }

    /// Writes the keys, readable by their owner alone: temporary file, sync, rename.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let temporary = path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        path.parent().map_or(Ok(()), |above| fs::File::open(above)?.sync_all())
    }

    /// What stands for this entity in the latest epoch.
    #[must_use]
    pub fn of(&self, kind: &str, id: &str) -> String {
        self.epochs.last().map_or_else(|| PSEUDONYM_MARK.to_string(), |epoch| epoch.of(kind, id))
    }

    /// What stands for it in any epoch whose key is known.
    #[must_use]
    pub fn all_of(&self, kind: &str, id: &str) -> Vec<String> {
        self.epochs.iter().map(|epoch| epoch.of(kind, id)).collect()
    }
}

impl Epoch {
    fn new(epoch: u32, key: [u8; 32]) -> Self {
        Self { epoch, key: hex(&key), keyed: OnceLock::new() }
    }

    fn of(&self, kind: &str, id: &str) -> String {
        // HMAC takes keys of any length.
        let keyed = self.keyed.get_or_init(|| Hmac::new_from_slice(self.key.as_bytes()).ok());
        let Some(mut mac) = keyed.clone() else { return PSEUDONYM_MARK.to_string() };
        mac.update(&(kind.len() as u64).to_be_bytes());
        mac.update(kind.as_bytes());
        mac.update(id.as_bytes());
        let code = mac.finalize().into_bytes();
        format!("{PSEUDONYM_MARK}{}.{}", self.epoch, hex(code.get(..BYTES).unwrap_or_default()))
    }
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), PseudonymError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(PseudonymError::Open(mode)) }
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), PseudonymError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_one_pseudonym_an_epoch_and_nobody_shares_it() {
        let mut keys = Pseudonyms::new([1; 32]);
        let first = keys.of("user", "alice");
        assert_eq!(keys.of("user", "alice"), first);
        assert!(first.starts_with("~1.") && first.len() == 3 + 2 * BYTES && !first.contains("alice"));
        // Worked out apart (Python's `hmac`): records of earlier versions are found by it.
        assert_eq!(first, "~1.37bfd5d6d70816bbc0ab482d19272f19");
        // Neither another id nor another cut between type and id.
        for (kind, id) in [("user", "alicf"), ("usera", "lice"), ("agent", "alice")] {
            assert_ne!(keys.of(kind, id), first);
        }
        assert_ne!(Pseudonyms::new([2; 32]).of("user", "alice"), first, "the key counts");
        keys.begin_epoch([3; 32]);
        let second = keys.of("user", "alice");
        assert_eq!(keys.all_of("user", "alice"), [first, second.clone()]);
        assert_eq!(keys.forget_past_epochs(), 1);
        assert_eq!(keys.all_of("user", "alice"), [second]);
    }

    #[test]
    fn the_file_is_made_once_and_refused_when_others_can_read_it_or_it_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pseudonyms.json");
        let made = Pseudonyms::open(&path, || Ok([7; 32])).unwrap();
        let again = Pseudonyms::open(&path, || panic!("there is a key already")).unwrap();
        assert_eq!(made.of("user", "a"), again.of("user", "a"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(Pseudonyms::open(&path, || Ok([8; 32])), Err(PseudonymError::Open(0o640))));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        for damaged in ["", "{}", r#"{"epochs":[]}"#, r#"{"epochs":[{"epoch":1,"key":"00"}]}"#] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(Pseudonyms::open(&path, || Ok([8; 32])), Err(PseudonymError::Format(_))));
        }
    }
}
