//! Where segments, notes and columns live: a directory, or memory that fails on demand. Knows no format.

mod directory;
#[cfg(test)]
pub(crate) mod memory;

pub(crate) use directory::Directory;
use std::io::{self, Read};
use std::sync::Arc;

/// A place for segments, which grow, notes, which are replaced whole, and columns, which can be rebuilt.
pub(crate) trait Storage: Send + Sync {
    /// The names of the segments, in order.
    fn segments(&self) -> io::Result<Vec<String>>;
    /// The bytes of a segment.
    fn length(&self, segment: &str) -> io::Result<u64>;
    /// Reads a segment from this offset on.
    fn read(&self, segment: &str, offset: u64) -> io::Result<Box<dyn Read + Send>>;
    /// Opens a segment for reads at any place.
    fn random(&self, segment: &str) -> io::Result<Box<dyn RandomRead>>;
    /// Begins a segment that does not exist yet. Its name is durable only after `sync_names`.
    fn create(&self, segment: &str) -> io::Result<Arc<dyn Appender>>;
    /// Goes on with a segment.
    fn open(&self, segment: &str) -> io::Result<Arc<dyn Appender>>;
    /// Replaces bytes within a segment, durably; its length stays.
    fn overwrite(&self, segment: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Forgets a segment.
    fn remove(&self, segment: &str) -> io::Result<()>;
    /// Makes creations and removals durable.
    fn sync_names(&self) -> io::Result<()>;
    /// A note, when there is one.
    fn note(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Replaces a note: durable when this returns, the old or the new one whole until then.
    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Forgets a note durably.
    fn remove_note(&self, name: &str) -> io::Result<()>;
    /// Opens a column; none when it is not there and is not to be made.
    fn column(&self, name: &str, make: bool) -> io::Result<Option<Arc<dyn Column>>>;
}

/// A side file of entries of one length, written at any place.
pub(crate) trait Column: Send + Sync {
    /// Up to so many bytes from this offset on; fewer only at the end.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
    /// Writes all of these bytes from this offset on.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Its length in bytes.
    fn length(&self) -> io::Result<u64>;
    /// Cuts it to this length.
    fn truncate(&self, length: u64) -> io::Result<()>;
    /// Makes everything written durable.
    fn sync(&self) -> io::Result<()>;
}

/// The growing end of one segment.
pub(crate) trait Appender: Send + Sync {
    /// Writes some of these bytes at the end; how many is the answer.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Makes everything written durable.
    fn sync(&self) -> io::Result<()>;
    /// Cuts the segment to this length.
    fn truncate(&self, length: u64) -> io::Result<()>;
}

/// A segment read at any place.
pub(crate) trait RandomRead {
    /// Up to so many bytes from this offset on; fewer only at the end of the segment.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// Writes all of these bytes, as `write_all` does for a `Write`.
pub(crate) fn write_all(to: &dyn Appender, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// Whether a write failed for want of room alone.
pub(crate) fn is_full(fault: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(fault.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
