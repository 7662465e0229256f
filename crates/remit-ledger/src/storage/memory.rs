//! Memory that behaves like a bad disk: short writes, no room, failing syncs, and only synced bytes survive.

use super::{Appender, Column, RandomRead, Storage};
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What goes wrong.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    /// The most bytes one write takes.
    pub short_write: Option<usize>,
    /// How many bytes all segments may hold together.
    pub capacity: Option<usize>,
    /// Whether syncs of segments fail.
    pub sync: bool,
    /// How many bytes writes still take before they fail with an I/O error.
    pub write: Option<usize>,
    /// Whether cutting fails.
    pub truncate: bool,
    /// Whether writes panic.
    pub panic: bool,
    /// Whether syncs wait until this is lifted.
    pub hold: bool,
}

#[derive(Clone, Default)]
struct Segment {
    bytes: Vec<u8>,
    synced: usize,
}

#[derive(Default)]
struct Disk {
    segments: BTreeMap<String, Segment>,
    notes: BTreeMap<String, Vec<u8>>,
    columns: BTreeMap<String, Segment>,
    faults: Faults,
    syncs: usize,
}

/// A disk in memory.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<(Mutex<Disk>, Condvar)>);

impl Memory {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn set(&self, faults: Faults) {
        self.disk().faults = faults;
        self.0.1.notify_all();
    }

    pub(crate) fn syncs(&self) -> usize {
        self.disk().syncs
    }

    pub(crate) fn bytes(&self, segment: &str) -> Vec<u8> {
        self.disk().segments[segment].bytes.clone()
    }

    /// A copy in which this segment holds these bytes.
    pub(crate) fn with(&self, segment: &str, bytes: Vec<u8>) -> Self {
        let copy = self.copy(|it| it.bytes.clone());
        copy.disk().segments.insert(segment.to_owned(), Segment { synced: bytes.len(), bytes });
        copy
    }

    /// What a power loss leaves: only synced bytes.
    pub(crate) fn after_power_loss(&self) -> Self {
        self.copy(|it| it.bytes[..it.synced].to_vec())
    }

    /// One of the many states a power loss may leave: of what was not synced, some sectors are there, others
    /// read as zeros, and the file may have any length.
    pub(crate) fn torn(&self, mut random: impl FnMut(usize) -> usize) -> Self {
        let random = std::cell::RefCell::new(&mut random);
        self.copy(|it| {
            let mut bytes = it.bytes.clone();
            let mut at = it.synced;
            while at < bytes.len() {
                let end = (at + 1).next_multiple_of(512).min(bytes.len());
                if random.borrow_mut()(3) == 0 {
                    bytes[at..end].fill(0);
                }
                at = end;
            }
            if random.borrow_mut()(2) == 0 {
                bytes.truncate(it.synced + random.borrow_mut()(bytes.len() - it.synced + 1));
            }
            bytes
        })
    }

    fn copy(&self, bytes: impl Fn(&Segment) -> Vec<u8>) -> Self {
        let disk = self.disk();
        let copied = |segment: &Segment| {
            let bytes = bytes(segment);
            Segment { synced: bytes.len(), bytes }
        };
        let segments = disk.segments.iter().map(|(name, it)| (name.clone(), copied(it))).collect();
        let columns = disk.columns.iter().map(|(name, it)| (name.clone(), copied(it))).collect();
        let copy = Disk { segments, notes: disk.notes.clone(), columns, ..Disk::default() };
        Self(Arc::new((Mutex::new(copy), Condvar::new())))
    }

    fn end(&self, segment: &str) -> Arc<dyn Appender> {
        Arc::new(End { memory: self.clone(), segment: segment.to_owned() })
    }
}

struct End {
    memory: Memory,
    segment: String,
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Storage for Memory {
    fn segments(&self) -> io::Result<Vec<String>> {
        Ok(self.disk().segments.keys().cloned().collect())
    }

    fn length(&self, segment: &str) -> io::Result<u64> {
        Ok(self.disk().segments.get(segment).ok_or_else(missing)?.bytes.len() as u64)
    }

    fn read(&self, segment: &str, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let bytes = self.disk().segments.get(segment).ok_or_else(missing)?.bytes.clone();
        let mut cursor = Cursor::new(bytes);
        cursor.set_position(offset);
        Ok(Box::new(cursor))
    }

    fn random(&self, segment: &str) -> io::Result<Box<dyn RandomRead>> {
        Ok(Box::new(self.bytes(segment)))
    }

    fn create(&self, segment: &str) -> io::Result<Arc<dyn Appender>> {
        if self.disk().segments.insert(segment.to_owned(), Segment::default()).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(self.end(segment))
    }

    fn open(&self, segment: &str) -> io::Result<Arc<dyn Appender>> {
        self.length(segment).map(|_| self.end(segment))
    }

    fn overwrite(&self, segment: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        let held = &mut disk.segments.get_mut(segment).ok_or_else(missing)?.bytes;
        let start = usize::try_from(offset).unwrap();
        held[start..start + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn remove(&self, segment: &str) -> io::Result<()> {
        self.disk().segments.remove(segment).map(|_| ()).ok_or_else(missing)
    }

    fn sync_names(&self) -> io::Result<()> {
        Ok(())
    }

    fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.disk().notes.get(name).cloned())
    }

    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.disk().notes.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn remove_note(&self, name: &str) -> io::Result<()> {
        self.disk().notes.remove(name);
        Ok(())
    }

    fn column(&self, name: &str, make: bool) -> io::Result<Option<Arc<dyn Column>>> {
        let mut disk = self.disk();
        if !make && !disk.columns.contains_key(name) {
            return Ok(None);
        }
        disk.columns.entry(name.to_owned()).or_default();
        Ok(Some(Arc::new(End { memory: self.clone(), segment: name.to_owned() })))
    }
}

impl Column for End {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        RandomRead::read_at(&self.memory.disk().columns[&self.segment].bytes, offset, length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.memory.disk();
        let column = disk.columns.get_mut(&self.segment).ok_or_else(missing)?;
        let start = usize::try_from(offset).unwrap();
        let end = start + bytes.len();
        column.bytes.resize(column.bytes.len().max(end), 0);
        column.bytes[start..end].copy_from_slice(bytes);
        column.synced = column.synced.min(start);
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.memory.disk().columns[&self.segment].bytes.len() as u64)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut disk = self.memory.disk();
        let column = disk.columns.get_mut(&self.segment).ok_or_else(missing)?;
        column.bytes.truncate(usize::try_from(length).unwrap());
        column.synced = column.synced.min(column.bytes.len());
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut disk = self.memory.disk();
        let column = disk.columns.get_mut(&self.segment).ok_or_else(missing)?;
        column.synced = column.bytes.len();
        Ok(())
    }
}

impl RandomRead for Vec<u8> {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap().min(self.len());
        Ok(self[start..self.len().min(start + length)].to_vec())
    }
}

impl Appender for End {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.memory.disk();
        let faults = disk.faults.clone();
        let left = faults.write.unwrap_or(usize::MAX);
        if left == 0 {
            return Err(io::Error::other("the disk was told to fail a write"));
        }
        assert!(!faults.panic, "the disk was told to panic");
        let used: usize = disk.segments.values().map(|it| it.bytes.len()).sum();
        let room = faults.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(used));
        let taken = bytes.len().min(faults.short_write.unwrap_or(usize::MAX)).min(room).min(left);
        disk.faults.write = faults.write.map(|left| left - taken);
        let segment = disk.segments.get_mut(&self.segment).ok_or_else(missing)?;
        if taken == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        segment.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn sync(&self) -> io::Result<()> {
        let mut disk = self.memory.disk();
        // Not for ever, so that a test that fails meanwhile ends.
        let patience = std::time::Duration::from_secs(20);
        disk = self.memory.0.1.wait_timeout_while(disk, patience, |disk| disk.faults.hold).unwrap().0;
        disk.syncs += 1;
        if disk.faults.sync {
            return Err(io::Error::other("the disk was told to fail a sync"));
        }
        let segment = disk.segments.get_mut(&self.segment).ok_or_else(missing)?;
        segment.synced = segment.bytes.len();
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut disk = self.memory.disk();
        if disk.faults.truncate {
            return Err(io::Error::other("the disk was told to fail a cut"));
        }
        let segment = disk.segments.get_mut(&self.segment).ok_or_else(missing)?;
        segment.bytes.truncate(usize::try_from(length).unwrap());
        segment.synced = segment.synced.min(segment.bytes.len());
        Ok(())
    }
}
