//! One turn of the log: numbers what waits, writes it once, makes it durable, answers.

use crate::chain::Extent;
use crate::errors::AppendError;
use crate::options::Durability;
use crate::queue::{Job, Waiting};
use crate::segment::{self, SegmentHeader};
use crate::shared::Shared;
use crate::storage::{Appender, Storage, is_full, write_all};
use std::io;
use std::sync::Arc;

/// The segment being written.
pub(crate) struct Open {
    pub appender: Arc<dyn Appender>,
    /// Its length without anything that failed.
    pub length: u64,
}

/// The writer; owns the growing end of the log.
pub(crate) struct Writer {
    pub storage: Arc<dyn Storage>,
    pub shared: Arc<Shared>,
    pub durability: Durability,
    pub segment_bytes: u64,
    pub open: Option<Open>,
    pub extent: Extent,
    pub buffer: Vec<u8>,
}

/// Why a turn failed.
enum Failure {
    /// Nothing of it is in the log; the next may fare better.
    Full,
    /// The log must not be written again.
    Fatal(String),
}

impl Writer {
    /// Writes these appends and answers them; false when nothing may follow.
    pub(crate) fn turn(&mut self, jobs: Vec<Job>) -> bool {
        let before = self.extent;
        let durable = self.shared.written().durable.size;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let mut after = before;
        let waiting: Vec<Waiting> =
            jobs.into_iter().map(|job| job.render(&mut buffer, &mut after, durable)).collect();
        // WHY: declared after `waiting`, so that a panic poisons the log before the callers are let go.
        let _guard = StopGuard(self.shared.clone());
        let outcome = match self.write(&buffer, after) {
            Ok(()) => Ok(()),
            Err(Failure::Full) => Err(AppendError::DiskFull),
            Err(Failure::Fatal(cause)) => {
                self.shared.poison(cause);
                Err(self.shared.refusal())
            }
        };
        self.buffer = buffer;
        let goes_on = !matches!(outcome, Err(AppendError::Poisoned(_)));
        // INVARIANT: no caller hears of success before the state above says so.
        waiting.into_iter().for_each(|caller| caller.tell(&outcome));
        goes_on
    }

    fn write(&mut self, frames: &[u8], after: Extent) -> Result<(), Failure> {
        if frames.is_empty() {
            return Ok(());
        }
        let mut open = self.room_for(frames.len() as u64)?;
        if let Err(fault) = write_all(&*open.appender, frames) {
            let cut = open.appender.truncate(open.length);
            let failure = match (is_full(&fault), cut) {
                (true, Ok(())) => Failure::Full,
                _ => Failure::Fatal(format!("a write failed: {fault}")),
            };
            self.open = Some(open);
            return Err(failure);
        }
        if self.durability == Durability::Strict {
            // WHY: never again on this file. The kernel may have dropped the pages and call the next one a success.
            open.appender.sync().map_err(|fault| Failure::Fatal(format!("a sync failed: {fault}")))?;
        }
        open.length += frames.len() as u64;
        self.extent = after;
        self.shared.commit(after, &open.appender);
        if self.durability == Durability::Strict {
            self.shared.settle(after);
        }
        self.open = Some(open);
        Ok(())
    }

    /// The open segment, or a new one when these bytes would make it too large.
    fn room_for(&mut self, bytes: u64) -> Result<Open, Failure> {
        if let Some(open) = self.open.take() {
            let fits =
                open.length + bytes <= self.segment_bytes || open.length <= SegmentHeader::BYTES as u64;
            if fits {
                return Ok(open);
            }
            // INVARIANT: only the last segment may hold records that are not on disk.
            if self.durability == Durability::Relaxed {
                open.appender.sync().map_err(|fault| Failure::Fatal(format!("a sync failed: {fault}")))?;
                self.shared.settle(self.extent);
            }
            return self.begin_segment().inspect_err(|_| self.open = Some(open));
        }
        self.begin_segment()
    }

    fn begin_segment(&self) -> Result<Open, Failure> {
        let name = segment::name(self.extent.size);
        let header = SegmentHeader::begin(self.extent.size, self.extent.head);
        let begun = self.storage.create(&name).and_then(|appender| {
            write_all(&*appender, &header.write())?;
            appender.sync()?;
            self.storage.sync_names()?;
            Ok(appender)
        });
        match begun {
            Ok(appender) => Ok(Open { appender, length: SegmentHeader::BYTES as u64 }),
            Err(fault) if is_full(&fault) => match self.storage.remove(&name) {
                Err(left) if left.kind() != io::ErrorKind::NotFound => {
                    Err(Failure::Fatal(format!("a segment could not be taken back: {left}")))
                }
                _ => Err(Failure::Full),
            },
            Err(fault) => Err(Failure::Fatal(format!("a segment could not be begun: {fault}"))),
        }
    }

    /// Makes durable what `relaxed` answered before its time.
    pub(crate) fn finish(&self) {
        if self.shared.poisoned().is_none()
            && let Some(open) = &self.open
            && self.durability == Durability::Relaxed
        {
            match open.appender.sync() {
                Ok(()) => self.shared.settle(self.extent),
                Err(fault) => self.shared.poison(format!("the last sync failed: {fault}")),
            }
        }
    }
}

/// Poisons the log when the writer panics.
struct StopGuard(Arc<Shared>);

impl Drop for StopGuard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison("the writer panicked".to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
