//! How appends reach the writer: by a thread of its own, or by whoever appends.
//!
//! In strict mode every turn waits for the disk, so a thread does the turns and callers wait for it. In relaxed mode a
//! turn is one write into memory of the operating system: handing it to a thread would cost more than the turn itself,
//! so the first caller at the desk writes for all who wait.

use crate::errors::AppendError;
use crate::limits::{BATCH_RECORDS, TURN_BYTES};
use crate::queue::{Job, Room};
use crate::shared::Shared;
use crate::turn::{Pace, Turn};
use crate::writer::Writer;
use std::future::poll_fn;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::Poll;
use std::time::Instant;

/// Where appends are handed in.
pub(crate) enum Desk {
    /// A thread takes them.
    Thread(Sender<Job>),
    /// Whoever appends takes them.
    Callers(Callers),
}

impl Desk {
    /// A desk, and the work of the thread behind it.
    pub(crate) fn with_thread(writer: Writer) -> (Self, impl FnOnce() + Send + 'static) {
        // WHY: without a bound of its own, which would take its memory before anybody waits. `Shared::reserve` bounds it.
        let (queue, jobs) = channel();
        (Self::Thread(queue), move || run(writer, &jobs))
    }

    /// A desk that is served by its callers.
    pub(crate) fn with_callers(writer: Writer, shared: Arc<Shared>) -> Self {
        Self::Callers(Callers { waiting: Mutex::new(Vec::new()), writer: Mutex::new(Some(writer)), shared })
    }

    /// Hands in an append that has room in the queue.
    pub(crate) fn hand_in(&self, job: Job) -> Result<(), AppendError> {
        match self {
            Self::Thread(queue) => queue.send(job).map_err(|_| AppendError::Closed),
            Self::Callers(callers) => {
                lock(&callers.waiting).push(job);
                Ok(())
            }
        }
    }

    /// Sees to it that what was handed in is written, with others that are about to append.
    pub(crate) async fn serve(&self) {
        if let Self::Callers(callers) = self {
            // A caller who stops waiting here still serves what he handed in.
            let _leaving = Leaving(callers);
            pause().await;
        }
    }

    /// As [`Desk::serve`], at once.
    pub(crate) fn serve_now(&self) {
        if let Self::Callers(callers) = self {
            callers.serve();
        }
    }

    /// Takes nothing more and has everything written; the thread ends.
    pub(crate) fn close(&self) {
        match self {
            // A dead writer makes it fail, which is as good.
            Self::Thread(queue) => drop(queue.send(Job::Close)),
            Self::Callers(callers) => callers.close(),
        }
    }
}

/// A desk that is served by whoever appends.
pub(crate) struct Callers {
    waiting: Mutex<Vec<Job>>,
    /// None once closed.
    writer: Mutex<Option<Writer>>,
    shared: Arc<Shared>,
}

impl Callers {
    /// Writes what waits, unless somebody else is at it: that one looks again before leaving for good.
    fn serve(&self) {
        loop {
            let mut writer = match self.writer.try_lock() {
                Ok(writer) => writer,
                Err(TryLockError::Poisoned(writer)) => writer.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            let jobs = self.take();
            if jobs.is_empty() {
                return;
            }
            self.turn(&mut writer, jobs);
        }
    }

    /// What waits, up to one turn.
    fn take(&self) -> Vec<Job> {
        let mut waiting = lock(&self.waiting);
        let mut taken = Room::default();
        let fits = waiting.iter().take_while(|job| {
            let fits = taken.records < BATCH_RECORDS && taken.bytes < TURN_BYTES;
            taken += job.room();
            fits
        });
        let count = fits.count();
        if count == waiting.len() { std::mem::take(&mut *waiting) } else { waiting.drain(..count).collect() }
    }

    /// One turn. A log that has stopped drops the appends, which tells their callers.
    fn turn(&self, writer: &mut Option<Writer>, jobs: Vec<Job>) {
        let mut taken = Room::default();
        jobs.iter().for_each(|job| taken += job.room());
        self.shared.release(taken);
        let Some(open) = writer else { return drop(jobs) };
        if self.shared.poisoned().is_some() || !open.turn(jobs) {
            *writer = None;
        }
    }

    fn close(&self) {
        let mut writer = lock(&self.writer);
        loop {
            let jobs = self.take();
            if jobs.is_empty() {
                break;
            }
            self.turn(&mut writer, jobs);
        }
        if let Some(writer) = writer.take() {
            writer.finish();
        }
    }
}

/// Serves the desk when dropped.
struct Leaving<'a>(&'a Callers);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.serve();
    }
}

/// The thread behind a desk: works until the queue is closed or something fails for good.
fn run(mut writer: Writer, queue: &Receiver<Job>) {
    let mut pace = Pace::default();
    while let Ok(first) = queue.recv() {
        let mut turn = Turn::from(first, queue, &writer.shared);
        pace.gather(&mut turn, queue, &writer.shared);
        let (began, answered) = (Instant::now(), turn.jobs.len());
        if writer.shared.poisoned().is_some() || !writer.turn(turn.jobs) || turn.last {
            break;
        }
        pace.note(answered, began.elapsed());
    }
    writer.finish();
}

/// Lets everything else that is ready run first: one turn for many costs each of them less.
async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Poison of a lock says nothing here: a panic inside a turn poisons the log itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
