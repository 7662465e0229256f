//! What the writer's thread takes at once, and how long it lets more come.
//!
//! A sync costs the same for one record as for a thousand, and most of a processor while it lasts. When many append at
//! once, a turn that begins with the first few of them keeps the rest from being made ready; so it waits for those who
//! were answered last and are about to be back, for as long as a sync takes and no longer. Whoever is alone waits for
//! nobody.

use crate::limits::{BATCH_RECORDS, GATHER_FROM, GATHER_MOST_US, GATHER_STEP_US, TURN_BYTES};
use crate::queue::{Job, Room};
use crate::shared::Shared;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// The appends of one turn.
pub(crate) struct Turn {
    pub jobs: Vec<Job>,
    taken: Room,
    /// Whether the end of the queue is among them.
    pub last: bool,
}

impl Turn {
    /// What waits, from this append on, up to one turn.
    pub(crate) fn from(first: Job, queue: &Receiver<Job>, shared: &Shared) -> Self {
        let mut turn = Self { jobs: Vec::new(), taken: Room::default(), last: false };
        turn.add(first, shared);
        turn.fill(queue, shared);
        turn
    }

    fn add(&mut self, job: Job, shared: &Shared) {
        let room = job.room();
        shared.release(room);
        self.taken += room;
        self.last = matches!(job, Job::Close);
        self.jobs.push(job);
    }

    fn is_full(&self) -> bool {
        self.last || self.taken.records >= BATCH_RECORDS || self.taken.bytes >= TURN_BYTES
    }

    fn fill(&mut self, queue: &Receiver<Job>, shared: &Shared) {
        while !self.is_full()
            && let Ok(job) = queue.try_recv()
        {
            self.add(job, shared);
        }
    }
}

/// How the last turns went.
#[derive(Default)]
pub(crate) struct Pace {
    /// How many appends the last turn answered.
    answered: usize,
    /// What a turn takes, of late.
    takes: Duration,
}

impl Pace {
    /// Lets those come who are about to append, when it is worth it.
    pub(crate) fn gather(&self, turn: &mut Turn, queue: &Receiver<Job>, shared: &Shared) {
        if turn.jobs.len() < GATHER_FROM {
            return;
        }
        let expected = turn.jobs.len() + self.answered;
        let began = Instant::now();
        let most = self.takes.min(Duration::from_micros(GATHER_MOST_US));
        while turn.jobs.len() < expected && !turn.is_full() && began.elapsed() < most {
            std::thread::sleep(Duration::from_micros(GATHER_STEP_US));
            let before = turn.jobs.len();
            turn.fill(queue, shared);
            if turn.jobs.len() == before {
                break;
            }
        }
    }

    /// Notes a turn.
    pub(crate) fn note(&mut self, answered: usize, took: Duration) {
        self.answered = answered;
        self.takes = (self.takes * 3 + took) / 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Extent;
    use std::sync::mpsc::{Sender, channel};

    fn job() -> Job {
        let (caller, _answer) = tokio::sync::oneshot::channel();
        Job::Many(Vec::new(), caller)
    }

    fn put(queue: &Sender<Job>, jobs: usize) {
        (0..jobs).for_each(|_| queue.send(job()).unwrap());
    }

    fn pace(answered: usize, takes: Duration) -> Pace {
        Pace { answered, takes }
    }

    #[test]
    fn a_turn_takes_what_waits_to_the_end_of_the_queue() {
        let (queue, jobs) = channel();
        let shared = Shared::new(Extent::EMPTY, 0);
        put(&queue, 5);
        let turn = Turn::from(job(), &jobs, &shared);
        assert_eq!((turn.jobs.len(), turn.last), (6, false));
        put(&queue, 2);
        queue.send(Job::Close).unwrap();
        put(&queue, 3);
        let turn = Turn::from(job(), &jobs, &shared);
        assert_eq!((turn.jobs.len(), turn.last), (4, true));
    }

    #[test]
    fn many_are_waited_for_and_few_are_not() {
        let shared = Shared::new(Extent::EMPTY, 0);
        let hour = Duration::from_secs(3_600);
        for (waiting, answered, takes, come, taken) in [
            // Too few to wait for anybody.
            (GATHER_FROM - 1, 100, hour, 10, GATHER_FROM - 1),
            (GATHER_FROM, 100, hour, 10, GATHER_FROM + 10),
            // Nobody was answered who could be back.
            (GATHER_FROM, 0, hour, 10, GATHER_FROM),
            // A sync takes no time that would be saved.
            (GATHER_FROM, 100, Duration::ZERO, 10, GATHER_FROM),
            // Nobody comes.
            (GATHER_FROM, 100, hour, 0, GATHER_FROM),
        ] {
            let (queue, jobs) = channel();
            put(&queue, waiting - 1);
            let mut turn = Turn::from(job(), &jobs, &shared);
            put(&queue, come);
            pace(answered, takes).gather(&mut turn, &jobs, &shared);
            assert_eq!(turn.jobs.len(), taken, "{waiting} wait, {answered} answered, {come} come");
        }
    }

    #[test]
    fn a_turn_is_never_larger_than_one_because_of_waiting() {
        let (queue, jobs) = channel();
        let shared = Shared::new(Extent::EMPTY, 0);
        put(&queue, GATHER_FROM);
        let mut turn = Turn::from(job(), &jobs, &shared);
        queue.send(Job::Close).unwrap();
        put(&queue, 5);
        pace(100, Duration::from_secs(3_600)).gather(&mut turn, &jobs, &shared);
        assert_eq!((turn.jobs.len(), turn.last), (GATHER_FROM + 2, true));
    }

    #[test]
    fn what_a_turn_takes_follows_the_last_turns() {
        let mut pace = Pace::default();
        (0..50).for_each(|_| pace.note(7, Duration::from_micros(400)));
        assert!(pace.takes > Duration::from_micros(390) && pace.takes <= Duration::from_micros(400));
        assert_eq!(pace.answered, 7);
    }
}
