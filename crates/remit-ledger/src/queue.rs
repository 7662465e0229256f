//! What waits for the writer, and how its callers learn of it.

use crate::chain::Extent;
use crate::errors::AppendError;
use crate::hash::LeafHash;
use crate::record::Prepared;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use tokio::sync::oneshot;

/// Where a record came to stand.
pub(crate) type Placed = (u64, LeafHash);
/// How a caller learns what became of his records.
pub(crate) type Answer<T> = oneshot::Receiver<Result<T, AppendError>>;

/// One append.
pub(crate) enum Job {
    /// One record.
    One(Prepared, oneshot::Sender<Result<Placed, AppendError>>),
    /// Several that stand together.
    Many(Vec<Prepared>, oneshot::Sender<Result<Vec<Placed>, AppendError>>),
    /// Nothing more comes: write what was taken, and end.
    Close,
}

/// The room that an append takes while it waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Room {
    pub appends: usize,
    pub records: usize,
    /// In a segment, at most.
    pub bytes: usize,
}

impl std::ops::AddAssign for Room {
    fn add_assign(&mut self, more: Self) {
        self.appends += more.appends;
        self.records += more.records;
        self.bytes += more.bytes;
    }
}

impl Job {
    pub(crate) fn room(&self) -> Room {
        match self {
            Self::One(record, _) => Room { appends: 1, records: 1, bytes: record.weight() },
            Self::Many(records, _) => {
                Room { appends: 1, records: records.len(), bytes: records.iter().map(Prepared::weight).sum() }
            }
            Self::Close => Room::default(),
        }
    }

    /// Renders the frames behind `extent`; gives what to tell the caller once they are safe.
    pub(crate) fn render(self, into: &mut Vec<u8>, extent: &mut Extent, durable: u64) -> Waiting {
        let mut place = |record: Prepared| {
            let unsynced = u16::try_from(extent.size.saturating_sub(durable)).unwrap_or(u16::MAX);
            let seq = extent.size;
            let leaf = record.finish(into, seq, &extent.head, unsynced);
            *extent = Extent { size: seq + 1, head: leaf };
            (seq, leaf)
        };
        match self {
            Self::One(record, caller) => Waiting::One(place(record), caller),
            Self::Many(records, caller) => Waiting::Many(records.into_iter().map(place).collect(), caller),
            Self::Close => Waiting::Nobody,
        }
    }
}

/// A caller whose records are being written.
pub(crate) enum Waiting {
    /// For one record.
    One(Placed, oneshot::Sender<Result<Placed, AppendError>>),
    /// For several.
    Many(Vec<Placed>, oneshot::Sender<Result<Vec<Placed>, AppendError>>),
    /// The end of the queue waits for nothing.
    Nobody,
}

impl Waiting {
    /// Tells the caller; one who no longer listens misses it, his record stands all the same.
    pub(crate) fn tell(self, outcome: &Result<(), AppendError>) {
        match self {
            Self::One(placed, caller) => drop(caller.send(outcome.clone().map(|()| placed))),
            Self::Many(placed, caller) => drop(caller.send(outcome.clone().map(|()| placed))),
            Self::Nobody => {}
        }
    }
}

/// Waits for an answer on this thread, inside a runtime or not.
pub(crate) fn wait<T>(answer: Answer<T>) -> Option<Result<T, AppendError>> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut answer = pin!(answer);
    loop {
        match answer.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome.ok(),
            Poll::Pending => std::thread::park(),
        }
    }
}
