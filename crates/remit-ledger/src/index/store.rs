//! The fence around sled: nothing it does wrong, not even a panic, gets past this file.
//!
//! sled holds copies only. It is opened after its known traps are cleared, must be as large as when it was
//! last flushed, and is flushed by hand; on any doubt the caller throws it away and builds it anew.

use crate::limits::INDEX_CACHE_BYTES;
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The index cannot be trusted; why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub String);

impl Broken {
    pub(crate) fn new(cause: impl ToString) -> Self {
        Self(cause.to_string())
    }
}

/// A block's key.
pub(crate) type Key = [u8; 9];

/// An open sled database.
pub(crate) struct Store {
    db: sled::Db,
    path: PathBuf,
}

impl Store {
    /// Opens or begins the database.
    pub(crate) fn open(path: &Path) -> Result<Self, Broken> {
        if path.is_dir() {
            clear_snapshots(path).map_err(Broken::new)?;
            check_size(path)?;
        }
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(INDEX_CACHE_BYTES)
            .mode(sled::Mode::LowSpace)
            .flush_every_ms(Some(2_000));
        Ok(Self { db: fenced(|| config.open())?, path: path.to_owned() })
    }

    pub(crate) fn put(&self, blocks: Vec<(Key, Vec<u8>)>) -> Result<(), Broken> {
        fenced(|| {
            let mut batch = sled::Batch::default();
            blocks.into_iter().for_each(|(key, block)| batch.insert(&key, block));
            self.db.apply_batch(batch)
        })
    }

    pub(crate) fn get(&self, key: &Key) -> Result<Vec<u8>, Broken> {
        let block = fenced(|| self.db.get(key))?;
        block.map(|it| it.to_vec()).ok_or_else(|| Broken::new("a block is missing"))
    }

    /// Removes everything under smaller keys.
    pub(crate) fn remove_below(&self, key: &Key) -> Result<(), Broken> {
        fenced(|| {
            while let Some((found, _)) = self.db.first()?.filter(|(found, _)| found.as_ref() < &key[..]) {
                self.db.remove(found)?;
            }
            Ok(())
        })
    }

    /// The smallest key.
    pub(crate) fn first(&self) -> Result<Option<Vec<u8>>, Broken> {
        Ok(fenced(|| self.db.first())?.map(|(key, _)| key.to_vec()))
    }

    /// The greatest key.
    pub(crate) fn last(&self) -> Result<Option<Vec<u8>>, Broken> {
        Ok(fenced(|| self.db.last())?.map(|(key, _)| key.to_vec()))
    }

    /// Makes everything durable, length of the file included, and notes that length.
    pub(crate) fn flush(&self) -> Result<(), Broken> {
        fenced(|| self.db.flush())?;
        note_size(&self.path).map_err(Broken::new)
    }

    /// Flushes, and lets sled go. It may give back room at the end of its file then, so the length is noted anew.
    pub(crate) fn close(self) -> Result<(), Broken> {
        self.flush()?;
        catch_unwind(AssertUnwindSafe(|| drop(self.db))).map_err(|_| Broken::new("sled panicked"))?;
        note_size(&self.path).map_err(Broken::new)
    }

    /// Lets sled go, whatever comes of it.
    pub(crate) fn abandon(self) {
        let _gone = catch_unwind(AssertUnwindSafe(|| drop(self.db)));
    }

    /// Throws a closed database away.
    pub(crate) fn discard(path: &Path) -> io::Result<()> {
        for gone in [fs::remove_dir_all(path), fs::remove_file(size_note(path))] {
            match gone {
                Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
                _ => {}
            }
        }
        Ok(())
    }
}

fn fenced<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, Broken> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(Broken::new),
        Err(_) => Err(Broken::new("sled panicked")),
    }
}

/// A snapshot whose writing was interrupted makes sled refuse its database for ever; snapshots are
/// a shortcut only.
fn clear_snapshots(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && (name.ends_with(".generating") || entry.metadata()?.len() == 0) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file that lost its end would open as an empty database, without an error.
fn check_size(path: &Path) -> Result<(), Broken> {
    let noted = match fs::read_to_string(size_note(path)) {
        Ok(text) => text.parse::<u64>().map_err(Broken::new)?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(Broken::new(fault)),
    };
    let found = fs::metadata(path.join("db")).map_err(Broken::new)?.len();
    if found < noted { Err(Broken::new(format!("{found} of {noted} bytes are left"))) } else { Ok(()) }
}

fn note_size(path: &Path) -> io::Result<()> {
    let file = File::open(path.join("db"))?;
    file.sync_all()?;
    let aside = path.with_extension("size.new");
    fs::write(&aside, file.metadata()?.len().to_string())?;
    fs::rename(aside, size_note(path))
}

fn size_note(path: &Path) -> PathBuf {
    path.with_extension("size")
}
