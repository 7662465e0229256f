//! The real place: `segments/` and notes in a directory that one process holds.

use super::{Appender, Column, RandomRead, Storage};
use crate::segment;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory with a ledger in it.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    segments: PathBuf,
}

impl Directory {
    /// For reading: creates nothing.
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), segments: root.join("segments") }
    }

    /// For writing: creates what is not there.
    pub(crate) fn create(root: &Path) -> io::Result<Self> {
        let it = Self::at(root);
        if !it.segments.is_dir() {
            fs::create_dir_all(&it.segments)?;
            sync(&it.root)?;
            if let Some(parent) = it.root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync(parent)?;
            }
        }
        Ok(it)
    }

    /// Takes the directory for the life of the file given back; none when another process has it.
    pub(crate) fn lock(&self) -> io::Result<Option<File>> {
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.root.join("LOCK"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(fault)) => Err(fault),
        }
    }
}

/// Makes the names in a directory durable.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

impl Storage for Directory {
    fn segments(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.segments)? {
            let name = entry?.file_name();
            names.extend(name.to_str().filter(|name| segment::first_seq(name).is_some()).map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

    fn length(&self, segment: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.segments.join(segment))?.len())
    }

    fn read(&self, segment: &str, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = File::open(self.segments.join(segment))?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset))?;
        }
        Ok(Box::new(file))
    }

    fn random(&self, segment: &str) -> io::Result<Box<dyn RandomRead>> {
        Ok(Box::new(File::open(self.segments.join(segment))?))
    }

    fn create(&self, segment: &str) -> io::Result<Arc<dyn Appender>> {
        let path = self.segments.join(segment);
        Ok(Arc::new(OpenOptions::new().append(true).create_new(true).open(path)?))
    }

    fn open(&self, segment: &str) -> io::Result<Arc<dyn Appender>> {
        Ok(Arc::new(OpenOptions::new().append(true).open(self.segments.join(segment))?))
    }

    fn overwrite(&self, segment: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.segments.join(segment))?;
        file.write_all_at(bytes, offset)?;
        file.sync_data()
    }

    fn remove(&self, segment: &str) -> io::Result<()> {
        fs::remove_file(self.segments.join(segment))
    }

    fn sync_names(&self) -> io::Result<()> {
        sync(&self.segments)
    }

    fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.root.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = self.root.join(format!("{name}.new"));
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, self.root.join(name))?;
        sync(&self.root)
    }

    fn remove_note(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.root.join(name)) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
            _ => sync(&self.root),
        }
    }

    fn column(&self, name: &str, make: bool) -> io::Result<Option<Arc<dyn Column>>> {
        let folder = self.root.join("tree");
        let path = folder.join(name);
        match OpenOptions::new().read(true).write(make).open(&path) {
            Ok(file) => return Ok(Some(Arc::new(file))),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound && !make => return Ok(None),
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            Err(_) => {}
        }
        if !folder.is_dir() {
            fs::create_dir_all(&folder)?;
            sync(&self.root)?;
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        sync(&folder)?;
        Ok(Some(Arc::new(file)))
    }
}

impl Column for File {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        RandomRead::read_at(self, offset, length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

impl Appender for File {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut file: &File = self;
        Write::write(&mut file, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

impl RandomRead for File {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match FileExt::read_at(self, rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(got) => filled += got,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => return Err(fault),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}
