//! The keys that sign heads: a file of their own that nobody else may read, and the last head they signed beside it.

use crate::note::{NoteError, Signer, Vkey};
use std::fmt::{self, Write as _};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the key file `{path}` cannot be used: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others may read or write it.
    #[error("others may read the key file `{path}` (mode {mode:o}); it must be 600", path = path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A line of it is no key.
    #[error("line {line} of the key file `{path}`: {source}", path = path.display())]
    Line {
        /// Which.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// What is wrong.
        source: NoteError,
    },
    /// It holds no key.
    #[error("the key file `{path}` holds no key", path = path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
    /// Its keys have several names.
    #[error("the keys of one log have one name: `{first}` and `{other}` are two")]
    Names {
        /// One name.
        first: String,
        /// Another.
        other: String,
    },
    /// The name makes no key.
    #[error(transparent)]
    Key(#[from] NoteError),
    /// There is no such key to retire, or it is the only one.
    #[error("`{id}` is not one of several keys in the file")]
    Unknown {
        /// The id asked for.
        id: String,
    },
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    Randomness,
}

/// The keys of one log: the first is the one in force; further ones sign too, while auditors still pin them.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    signers: Vec<Signer>,
    file: Option<PathBuf>,
}

impl Keys {
    /// A new key for the log of this name, in no file.
    ///
    /// # Errors
    /// When the name makes no key or the system has no randomness.
    pub fn generate(origin: &str) -> Result<Self, KeyError> {
        Ok(Self(Arc::new(Inner { signers: vec![Signer::new(origin, secret()?)?], file: None })))
    }

    /// Makes a file with a new key. It must not exist yet.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path, origin: &str) -> Result<Self, KeyError> {
        let key = Signer::new(origin, secret()?)?;
        write_new(path, &text(&[&key])).map_err(|source| failed(path, source))?;
        Self::read(path)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// When it is none, or not for its owner alone.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|source| failed(path, source))?;
        let mode = file.metadata().map_err(|source| failed(path, source))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Open { path: path.to_owned(), mode });
        }
        let text = io::read_to_string(file).map_err(|source| failed(path, source))?;
        let mut signers: Vec<Signer> = Vec::new();
        for (line, key) in text.lines().enumerate().filter(|(_, it)| !it.is_empty() && !it.starts_with('#')) {
            let bad = |source| KeyError::Line { path: path.to_owned(), line: line + 1, source };
            signers.push(Signer::parse(key).map_err(bad)?);
        }
        let Some(first) = signers.first().map(|it| it.vkey().name().to_owned()) else {
            return Err(KeyError::Empty { path: path.to_owned() });
        };
        if let Some(other) = signers.iter().map(|it| it.vkey().name()).find(|name| *name != first) {
            return Err(KeyError::Names { other: other.to_owned(), first });
        }
        Ok(Self(Arc::new(Inner { signers, file: Some(path.to_owned()) })))
    }

    /// Reads the key file, or makes one for a log whose name nobody has chosen; true when it was made.
    ///
    /// # Errors
    /// As [`Keys::read`] and [`Keys::create`].
    pub fn read_or_create(path: &Path) -> Result<(Self, bool), KeyError> {
        match Self::read(path) {
            Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok((Self::create(path, &fresh_name()?)?, true))
            }
            read => Ok((read?, false)),
        }
    }

    /// Puts a new key in front of those in the file; the old ones go on signing until they are retired.
    ///
    /// # Errors
    /// When the file cannot be replaced.
    pub fn rotate(path: &Path) -> Result<Self, KeyError> {
        let old = Self::read(path)?;
        let new = Signer::new(old.origin(), secret()?)?;
        let all: Vec<&Signer> = std::iter::once(&new).chain(&old.0.signers).collect();
        replace(path, &text(&all)).map_err(|source| failed(path, source))?;
        Self::read(path)
    }

    /// Takes the key with this id (eight digits, as in its public text) out of the file.
    ///
    /// # Errors
    /// When it is not there, is the only one, or the file cannot be replaced.
    pub fn retire(path: &Path, id: &str) -> Result<Self, KeyError> {
        let old = Self::read(path)?;
        let has_id = |it: &Signer| format!("{:08x}", u32::from_be_bytes(it.vkey().id())) == id;
        let left: Vec<&Signer> = old.0.signers.iter().filter(|it| !has_id(it)).collect();
        if left.is_empty() || left.len() == old.0.signers.len() {
            return Err(KeyError::Unknown { id: id.to_owned() });
        }
        replace(path, &text(&left)).map_err(|source| failed(path, source))?;
        Self::read(path)
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.0.signers.first().map_or("", |it| it.vkey().name())
    }

    /// The public keys, the one in force first.
    #[must_use]
    pub fn vkeys(&self) -> Vec<Vkey> {
        self.signers().map(|it| it.vkey().clone()).collect()
    }

    pub(crate) fn signers(&self) -> impl Iterator<Item = &Signer> {
        self.0.signers.iter()
    }

    /// Where the last head they signed is kept, apart from the log.
    pub(crate) fn mark(&self) -> Option<PathBuf> {
        let mut path = self.0.file.clone()?.into_os_string();
        path.push(".signed");
        Some(path.into())
    }

    /// The last head these keys signed, as far as the place beside their file knows.
    pub(crate) fn marked(&self) -> io::Result<Option<String>> {
        match self.mark().map(fs::read_to_string) {
            Some(Err(fault)) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
            Some(Ok(note)) => Ok(Some(note)),
            _ => Ok(None),
        }
    }

    /// Notes durably that this head is about to be signed.
    pub(crate) fn set_mark(&self, note: &str) -> io::Result<()> {
        self.mark().map_or(Ok(()), |path| replace(&path, note))
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.vkeys() == other.vkeys()
    }
}

impl Eq for Keys {}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.0.signers).finish()
    }
}

/// A name that no other log has; operators choose a telling one with `remit ledger key new`.
fn fresh_name() -> Result<String, KeyError> {
    let [a, b, c, d, e, f, g, h, ..] = secret()?;
    let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    Ok(format!("remit.invalid/{number:016x}"))
}

fn secret() -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyError::Randomness)?;
    Ok(bytes)
}

fn text(keys: &[&Signer]) -> String {
    let mut text =
        String::from("# Signs the heads of a Remit ledger. Keep it secret, and apart from the ledger.\n");
    for key in keys {
        // INVARIANT: writing to a String cannot fail.
        let _ = writeln!(text, "{}", key.secret_text());
    }
    text
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(path: &Path, source: io::Error) -> KeyError {
    KeyError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys/ledger.key");
        let keys = Keys::create(&path, "log.example/a").unwrap();
        assert_eq!(Keys::read(&path).unwrap(), keys);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(Keys::read(&path), Err(KeyError::Open { .. })), "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(Keys::read(&path).is_ok());
        assert!(Keys::create(&path, "log.example/a").is_err(), "a key is never written over");
    }

    #[test]
    fn a_key_is_made_once_and_rotated_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.key");
        let (first, made) = Keys::read_or_create(&path).unwrap();
        assert!(made);
        assert_eq!(Keys::read_or_create(&path).unwrap(), (first.clone(), false));
        let both = Keys::rotate(&path).unwrap();
        assert_eq!((both.vkeys().len(), both.origin()), (2, first.origin()));
        assert_eq!(both.vkeys()[1], first.vkeys()[0]);
        let id = |key: &Vkey| format!("{:08x}", u32::from_be_bytes(key.id()));
        assert!(Keys::retire(&path, "00000000").is_err());
        let after = Keys::retire(&path, &id(&first.vkeys()[0])).unwrap();
        assert_eq!(after.vkeys(), both.vkeys()[..1]);
        assert!(Keys::retire(&path, &id(&after.vkeys()[0])).is_err(), "the last key stays");
    }

    #[test]
    fn a_file_with_anything_else_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.key");
        let key = |name: &str| Signer::new(name, [1; 32]).unwrap().secret_text();
        let write = |text: &str| {
            let _ = fs::remove_file(&path);
            write_new(&path, text).unwrap();
            Keys::read(&path)
        };
        assert!(write(&format!("# a remark\n\n{}\n", key("a"))).is_ok());
        assert!(matches!(write(""), Err(KeyError::Empty { .. })));
        assert!(matches!(write(&format!("{}\nx\n", key("a"))), Err(KeyError::Line { line: 2, .. })));
        assert!(matches!(write(&format!("{}\n{}\n", key("a"), key("b"))), Err(KeyError::Names { .. })));
    }
}
