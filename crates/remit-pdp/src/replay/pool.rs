//! One thread reads and checks the log, several decide, and whatever the order of the log matters to is done in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use remit_ledger::raw::{Raw, Spot, read_raw};

/// Records of one turn.
// WHY: handing over costs some microseconds, deciding a few for each record; and the end of a log is shared fairly.
const RECORDS: usize = 256;
/// Turns under way for each thread that decides.
// WHY: enough that none waits for the reader, and a bound on memory: a turn of usual records has 0.3 MB.
const TURNS: usize = 4;

/// Some records, in the order of the log.
#[derive(Default)]
pub(super) struct Turn {
    nth: u64,
    bytes: Vec<u8>,
    items: Vec<Item>,
    /// Why the log ends here, when that is a fault.
    fault: Option<String>,
}

struct Item {
    record: Range<usize>,
    aside: Option<Range<usize>>,
    spot: Spot,
}

impl Turn {
    fn add(&mut self, raw: &Raw<'_>) {
        let mut take = |bytes: &[u8]| {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            start..self.bytes.len()
        };
        let (record, aside) = (take(raw.record), raw.aside.map(&mut take));
        self.items.push(Item { record, aside, spot: raw.spot });
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.items.clear();
        self.fault = None;
    }

    /// The records with their places in the turn.
    fn iter(&self) -> impl Iterator<Item = (usize, Raw<'_>)> {
        let part = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        self.items.iter().enumerate().map(move |(at, item)| {
            let aside = item.aside.as_ref().map(part);
            (at, Raw { record: part(&item.record), aside, spot: item.spot })
        })
    }
}

/// What one thread made of a record.
pub(super) enum Made {
    /// It is done.
    Done,
    /// It is done, and is to be noted in order.
    Noted,
    /// It is to be taken in order.
    Later,
}

/// What decides in one thread.
pub(super) trait Work: Send {
    /// Looks at a record, in any order.
    fn any(&mut self, raw: &Raw<'_>) -> Result<Made, String>;
}

/// A turn that was worked on: which of its records are to be taken in order, and where it broke off.
struct Worked {
    turn: Turn,
    /// And whether it is done already.
    later: Vec<(usize, bool)>,
    broken: Option<(usize, String)>,
}

/// Reads the log to this record; gives what each thread made of it. `later` sees the records that are to be taken in
/// order, with whether they are done already, and after each turn the last record of it is told to `progress`.
pub(super) fn run<W: Work>(
    log: &Path,
    last: u64,
    workers: Vec<W>,
    mut later: impl FnMut(&Raw<'_>, bool) -> Result<(), String>,
    mut progress: impl FnMut(u64),
) -> Result<Vec<W>, String> {
    thread::scope(|scope| {
        let turns = workers.len() * TURNS;
        let (empty, empties) = channel();
        (0..turns).for_each(|_| drop(empty.send(Turn::default())));
        let (read, to_work) = sync_channel(turns);
        let (worked, to_order) = sync_channel(turns);
        scope.spawn(move || reader(log, last, &empties, &read));
        let to_work = Arc::new(Mutex::new(to_work));
        let threads: Vec<_> = workers
            .into_iter()
            .map(|worker| {
                let (turns, worked) = (Arc::clone(&to_work), worked.clone());
                scope.spawn(move || work(worker, &turns, &worked))
            })
            .collect();
        // INVARIANT: when either side gives up, the other's channel is closed and all threads end.
        drop((to_work, worked));
        let outcome = ordered(&to_order, &empty, &mut later, &mut progress);
        drop((to_order, empty));
        let parts: Vec<W> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        outcome.map(|()| parts)
    })
}

fn reader(log: &Path, last: u64, empties: &Receiver<Turn>, read: &SyncSender<Turn>) {
    let mut raw = read_raw(log, 0, last);
    for nth in 0.. {
        let Ok(mut turn) = empties.recv() else { return };
        turn.clear();
        turn.nth = nth;
        let mut over = false;
        while turn.items.len() < RECORDS && !over {
            match raw.step() {
                Ok(Some(one)) => turn.add(&one),
                Ok(None) => over = true,
                Err(fault) => {
                    turn.fault = Some(fault.to_string());
                    over = true;
                }
            }
        }
        if read.send(turn).is_err() || over {
            return;
        }
    }
}

fn work<W: Work>(mut worker: W, turns: &Mutex<Receiver<Turn>>, worked: &SyncSender<Worked>) -> W {
    loop {
        let turn = turns.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(turn) = turn else { return worker };
        let (mut later, mut broken) = (Vec::new(), None);
        for (at, raw) in turn.iter() {
            match worker.any(&raw) {
                Ok(Made::Done) => {}
                Ok(Made::Noted) => later.push((at, true)),
                Ok(Made::Later) => later.push((at, false)),
                Err(why) => {
                    broken = Some((at, why));
                    break;
                }
            }
        }
        if worked.send(Worked { turn, later, broken }).is_err() {
            return worker;
        }
    }
}

/// Takes the turns in the order of the log.
fn ordered(
    worked: &Receiver<Worked>,
    empty: &Sender<Turn>,
    later: &mut dyn FnMut(&Raw<'_>, bool) -> Result<(), String>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), String> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0_u64);
    for one in worked {
        waiting.insert(one.turn.nth, one);
        while let Some(Worked { turn, later: places, broken }) = waiting.remove(&next) {
            next += 1;
            let mut places = places.into_iter().peekable();
            for (at, raw) in turn.iter() {
                if broken.as_ref().is_some_and(|(broken, _)| *broken == at) {
                    break;
                }
                if let Some((_, done)) = places.next_if(|(place, _)| *place == at) {
                    later(&raw, done)?;
                }
            }
            if let Some(why) = broken.map(|(_, why)| why).or_else(|| turn.fault.clone()) {
                return Err(why);
            }
            if let Some(last) = turn.items.last() {
                progress(last.spot.seq());
            }
            // A closed channel means that the reader is done.
            drop(empty.send(turn));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_ledger::{Body, Durability, Ledger, LedgerOptions, Started, Timestamp};

    /// Takes every third record in order, and breaks off at one.
    struct Third {
        seen: u64,
        breaks: u64,
    }

    impl Work for Third {
        fn any(&mut self, raw: &Raw<'_>) -> Result<Made, String> {
            self.seen += 1;
            match raw.spot.seq() {
                seq if seq == self.breaks => Err(format!("broken at {seq}")),
                seq if seq.is_multiple_of(3) => Ok(Made::Later),
                _ => Ok(Made::Done),
            }
        }
    }

    fn filled(records: u64) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let options =
            LedgerOptions { durability: Durability::Relaxed, ..LedgerOptions::new("pool", Timestamp::MIN) };
        let (ledger, _) = Ledger::open(dir.path(), options).unwrap();
        for at in 0..records {
            let time = Timestamp::from_unix_ms(i64::try_from(at).unwrap());
            let started = Started { config_digest: None, time, version: "1".into() };
            let _receipt = ledger.append_blocking(Body::Started(started)).unwrap();
        }
        ledger.close().unwrap();
        dir
    }

    fn run_over(log: &Path, breaks: u64) -> (Result<u64, String>, Vec<u64>, u64) {
        let workers = (0..3).map(|_| Third { seen: 0, breaks }).collect();
        let (mut later, mut last) = (Vec::new(), 0);
        let add = |raw: &Raw<'_>, _done: bool| {
            later.push(raw.spot.seq());
            Ok(())
        };
        let parts = run(log, u64::MAX, workers, add, |seq| last = seq);
        (parts.map(|parts| parts.iter().map(|part| part.seen).sum()), later, last)
    }

    #[test]
    fn every_record_is_seen_once_and_those_for_later_in_order() {
        let records = (RECORDS * 5 + 7) as u64;
        let dir = filled(records);
        let (seen, later, last) = run_over(dir.path(), u64::MAX);
        assert_eq!((seen, last), (Ok(records), records - 1));
        assert_eq!(later, (0..records).step_by(3).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_fault_in_the_order_of_the_log_is_the_one_that_is_told() {
        let records = (RECORDS * 5) as u64;
        let dir = filled(records);
        let at = (RECORDS + 100) as u64;
        let (seen, later, _) = run_over(dir.path(), at);
        assert_eq!(seen, Err(format!("broken at {at}")));
        assert_eq!(later, (0..at).step_by(3).collect::<Vec<_>>());

        let segment = dir.path().join("segments/00000000000000000000.seg");
        let mut bytes = std::fs::read(&segment).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&segment, bytes).unwrap();
        let told = remit_ledger::read_whole(dir.path(), 0, u64::MAX).find_map(Result::err).unwrap();
        assert_eq!(run_over(dir.path(), u64::MAX).0, Err(told.to_string()));
    }
}
