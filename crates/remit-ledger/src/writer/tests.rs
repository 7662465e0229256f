//! The log under a disk that fails: what was answered stands, what failed was not answered.

use crate::aside::{Aside, Entry};
use crate::errors::{AppendError, FaultKind, LedgerError};
use crate::ledger::Ledger;
use crate::options::{Durability, LedgerOptions};
use crate::record::{Body, FaultNoted, Record, TransactionChanged};
use crate::segment::{self, SegmentHeader};
use crate::storage::Storage;
use crate::storage::memory::{Faults, Memory};
use crate::time::Timestamp;
use crate::verify::{Records, verify_in};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn options() -> LedgerOptions {
    LedgerOptions::new("test", Timestamp::from_unix_ms(0))
}

fn note(what: impl Into<String>) -> Body {
    let what = what.into();
    Body::Fault(FaultNoted {
        pep: None,
        request_id: None,
        tenant: None,
        time: Timestamp::from_unix_ms(1),
        what,
    })
}

fn open(memory: &Memory, options: LedgerOptions) -> Ledger {
    Ledger::open_in(Arc::new(memory.clone()), options, None).unwrap().0
}

fn append(ledger: &Ledger, what: &str) -> Result<u64, AppendError> {
    ledger.append_blocking(note(what)).map(|receipt| receipt.seq)
}

fn records(memory: &Memory) -> Vec<Record> {
    Records::new(Arc::new(memory.clone()), 0, u64::MAX).map(Result::unwrap).collect()
}

fn said(record: &Record) -> &str {
    if let Body::Fault(it) = &record.body { &it.what } else { record.body.kind() }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

#[test]
fn records_come_back_in_order_and_chained_over_segments() {
    let memory = Memory::default();
    let ledger = open(&memory, LedgerOptions { segment_bytes: 500, ..options() });
    let receipts: Vec<_> = (0..40).map(|n| ledger.append_blocking(note(n.to_string())).unwrap()).collect();
    ledger.close().unwrap();
    assert!(memory.segments().unwrap().len() > 5);
    let records = records(&memory);
    assert_eq!(records.len(), 40);
    for (n, (record, receipt)) in records.iter().zip(&receipts).enumerate() {
        assert_eq!((record.seq, said(record)), (n as u64, n.to_string().as_str()));
        assert_eq!((receipt.seq, receipt.leaf_hash), (record.seq, record.leaf_hash));
        assert_eq!(
            record.prev,
            n.checked_sub(1).map_or(crate::LeafHash::ZERO, |before| records[before].leaf_hash)
        );
    }
    let verified = verify_in(Arc::new(memory.clone())).unwrap();
    assert_eq!((verified.records, verified.head_hash), (40, records[39].leaf_hash));
    // The next process goes on where this one stopped.
    assert_eq!(append(&open(&memory, options()), "next"), Ok(40));
}

#[test]
fn one_sync_serves_all_that_wait_and_a_batch_stands_together() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    append(&ledger, "first").unwrap();
    memory.set(Faults { hold: true, ..Faults::default() });
    let before = memory.syncs();
    run(async {
        let appends: Vec<_> = (0..50).map(|n| ledger.append(note(n.to_string()))).collect();
        let mut appends: Vec<_> = appends.into_iter().map(Box::pin).collect();
        // Polled once, each stands in the queue; the writer may have taken the first ones alone.
        for append in &mut appends {
            assert!(futures_poll(append.as_mut()).is_none());
        }
        let batch = ledger.append_all((0..100).map(|n| note(format!("b{n}"))).collect());
        let mut batch = Box::pin(batch);
        assert!(futures_poll(batch.as_mut()).is_none());
        memory.set(Faults::default());
        for append in appends {
            let _receipt = append.await.unwrap();
        }
        let batch = batch.await.unwrap();
        let first = batch[0].seq;
        assert!(batch.iter().zip(first..).all(|(receipt, seq)| receipt.seq == seq));
    });
    assert!(memory.syncs() - before <= 4, "{} syncs", memory.syncs() - before);
    ledger.close().unwrap();
    assert_eq!(records(&memory).len(), 151);
}

/// Polls once with a waker that does nothing.
fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(it) => Some(it),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_full_queue_refuses_and_loses_nothing() {
    let memory = Memory::default();
    let ledger = Arc::new(open(&memory, LedgerOptions { queue_appends: 4, ..options() }));
    append(&ledger, "first").unwrap();
    memory.set(Faults { hold: true, ..Faults::default() });
    let callers: Vec<_> = (0..32)
        .map(|n| {
            let ledger = ledger.clone();
            std::thread::spawn(move || append(&ledger, &n.to_string()))
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(10);
    while callers.iter().filter(|caller| caller.is_finished()).count() < 32 - 9 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
    memory.set(Faults::default());
    let outcomes: Vec<_> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    let refused = outcomes.iter().filter(|it| **it == Err(AppendError::Overloaded)).count();
    let taken = outcomes.iter().filter(|it| it.is_ok()).count();
    assert!(refused > 0 && taken >= 4 && refused + taken == 32, "{outcomes:?}");
    assert_eq!(ledger.health().queue_depth, 0);
    ledger.close().unwrap();
    assert_eq!(records(&memory).len(), 1 + taken);
}

#[test]
fn a_queue_full_of_bytes_refuses_too() {
    let memory = Memory::default();
    let ledger = open(&memory, LedgerOptions { queue_bytes: 1, ..options() });
    append(&ledger, "a lone one always passes").unwrap();
    memory.set(Faults { hold: true, ..Faults::default() });
    run(async {
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(ledger.append(note("x")))).collect();
        // The writer may take the first before the second comes; the third finds room taken.
        let polled: Vec<_> = waiting.iter_mut().map(|it| futures_poll(it.as_mut())).collect();
        assert!(polled.iter().flatten().all(|it| *it == Err(AppendError::Overloaded)));
        assert!(polled.iter().flatten().count() >= 1);
        memory.set(Faults::default());
    });
}

#[test]
fn a_failed_sync_stops_the_log_for_good_and_is_never_retried() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    append(&ledger, "kept").unwrap();
    memory.set(Faults { sync: true, ..Faults::default() });
    assert!(matches!(append(&ledger, "lost"), Err(AppendError::Poisoned(_))));
    let syncs = memory.syncs();
    memory.set(Faults::default());
    assert!(matches!(append(&ledger, "after"), Err(AppendError::Poisoned(_))));
    assert!(ledger.health().poisoned.is_some());
    assert!(ledger.close().is_err());
    assert_eq!(memory.syncs(), syncs);
    let survivors = memory.after_power_loss();
    assert_eq!(append(&open(&survivors, options()), "goes on"), Ok(1));
    assert_eq!(records(&survivors).iter().map(said).collect::<Vec<_>>(), ["kept", "goes on"]);
}

#[test]
fn a_failed_write_stops_the_log_and_the_next_start_recovers() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    append(&ledger, "kept").unwrap();
    memory.set(Faults { write: Some(37), truncate: true, ..Faults::default() });
    assert!(matches!(append(&ledger, "lost"), Err(AppendError::Poisoned(_))));
    assert!(matches!(append(&ledger, "after"), Err(AppendError::Poisoned(_))));
    drop(ledger);
    memory.set(Faults::default());
    let (ledger, recovery) = Ledger::open_in(Arc::new(memory.clone()), options(), None).unwrap();
    assert_eq!((recovery.found.size, recovery.cuts.len(), recovery.cuts[0].bytes_cut), (1, 1, 37));
    ledger.close().unwrap();
    assert_eq!(records(&memory).iter().map(said).collect::<Vec<_>>(), ["kept", "recovered"]);
    assert_eq!(memory.note("cuts").unwrap(), None);
}

#[test]
fn short_writes_are_finished() {
    let memory = Memory::default();
    memory.set(Faults { short_write: Some(7), ..Faults::default() });
    let ledger = open(&memory, options());
    (0..5).for_each(|n| assert_eq!(append(&ledger, "whole"), Ok(n)));
    ledger.close().unwrap();
    assert_eq!(records(&memory).len(), 5);
}

#[test]
fn a_full_disk_refuses_and_service_resumes_by_itself() {
    let memory = Memory::default();
    let ledger = open(&memory, LedgerOptions { segment_bytes: 700, ..options() });
    let mut kept: usize = 0;
    // Every size of remaining room, so that header, frame and segment change are all hit half way.
    for round in 0..600 {
        let used: usize = memory.segments().unwrap().iter().map(|it| memory.bytes(it).len()).sum();
        memory.set(Faults { capacity: Some(used + round), ..Faults::default() });
        match append(&ledger, &"x".repeat(round % 90)) {
            Ok(_) => kept += 1,
            Err(refused) => assert_eq!(refused, AppendError::DiskFull),
        }
        memory.set(Faults::default());
        assert_eq!(append(&ledger, "room again"), Ok(kept as u64));
        kept += 1;
        assert_eq!(verify_in(Arc::new(memory.clone())).unwrap().records, kept as u64);
    }
    assert!(kept < 1_200);
    ledger.close().unwrap();
}

#[test]
fn a_full_disk_that_cannot_be_cut_stops_the_log() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    append(&ledger, "kept").unwrap();
    memory.set(Faults { capacity: Some(400), truncate: true, ..Faults::default() });
    assert!(matches!(append(&ledger, &"x".repeat(200)), Err(AppendError::Poisoned(_))));
}

#[test]
fn a_panic_of_the_writer_stops_the_log() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    append(&ledger, "kept").unwrap();
    memory.set(Faults { panic: true, ..Faults::default() });
    assert_eq!(append(&ledger, "lost"), Err(AppendError::Poisoned("the writer panicked".to_owned())));
    memory.set(Faults::default());
    assert!(matches!(append(&ledger, "after"), Err(AppendError::Poisoned(_))));
}

#[test]
fn power_loss_takes_nothing_acknowledged_in_strict_mode() {
    let memory = Memory::default();
    let ledger = open(&memory, LedgerOptions { segment_bytes: 1_000, ..options() });
    for n in 0..20 {
        append(&ledger, &n.to_string()).unwrap();
        assert_eq!(records(&memory.after_power_loss()).len(), n + 1);
    }
}

#[test]
fn relaxed_answers_before_the_sync_and_syncs_soon_and_at_close() {
    let memory = Memory::default();
    let ledger =
        open(&memory, LedgerOptions { durability: Durability::Relaxed, segment_bytes: 600, ..options() });
    append(&ledger, "begins the segment").unwrap();
    memory.set(Faults { hold: true, ..Faults::default() });
    assert_eq!(append(&ledger, "answered"), Ok(1));
    assert!(records(&memory.after_power_loss()).len() < 2);
    memory.set(Faults::default());
    let deadline = Instant::now() + Duration::from_secs(10);
    while ledger.health().durable < 2 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(records(&memory.after_power_loss()).len(), 2);
    // Enough to change segments in between.
    (2..20).for_each(|n| assert_eq!(append(&ledger, "x"), Ok(n)));
    ledger.close().unwrap();
    assert_eq!(records(&memory.after_power_loss()).len(), 20);
}

#[test]
fn a_failed_sync_in_relaxed_mode_stops_the_log() {
    let memory = Memory::default();
    let ledger = open(&memory, LedgerOptions { durability: Durability::Relaxed, ..options() });
    append(&ledger, "begins the segment").unwrap();
    memory.set(Faults { sync: true, ..Faults::default() });
    append(&ledger, "answered").unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while ledger.health().poisoned.is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(matches!(append(&ledger, "after"), Err(AppendError::Poisoned(_))));
}

/// Where the header and each frame of a segment end.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![SegmentHeader::BYTES];
    while let Some([low, high, ..]) = bytes.get(ends[ends.len() - 1]..) {
        ends.push(ends[ends.len() - 1] + 8 + usize::from(u16::from_le_bytes([*low, *high])));
    }
    ends
}

#[test]
fn a_log_below_its_head_is_refused_with_the_number_missing() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    (0..5).for_each(|_| assert!(append(&ledger, "x").is_ok()));
    ledger.close().unwrap();
    let name = segment::name(0);
    let whole = memory.bytes(&name);
    let cut = memory.with(&name, whole[..ends(&whole)[3]].to_vec());
    let Err(LedgerError::Damaged(fault)) = Ledger::open_in(Arc::new(cut), options(), None) else {
        panic!("a log that lacks two records was opened")
    };
    assert_eq!(fault.kind, FaultKind::Missing { expected: 5, found: 3 });
    assert!(Ledger::open_in(Arc::new(memory.with(&name, whole)), options(), None).is_ok());
}

#[test]
fn a_torn_write_with_later_records_of_the_same_turn_is_cut_and_damage_is_not() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    append(&ledger, "safe").unwrap();
    let safe = memory.bytes(&segment::name(0)).len();
    run(ledger.append_all((0..8).map(|n| note(format!("{n}{}", "x".repeat(900)))).collect())).unwrap();
    let whole = memory.bytes(&segment::name(0));
    let opened = |bytes: &[u8]| {
        let memory = Memory::default().with(&segment::name(0), bytes.to_vec());
        Ledger::open_in(Arc::new(memory), options(), None).map(|(_, recovery)| recovery)
    };
    // A sector of the last turn that never reached the disk, though later ones did.
    let mut torn = whole.clone();
    torn[safe.next_multiple_of(512)..safe.next_multiple_of(512) + 512].fill(0);
    assert_eq!(opened(&torn).unwrap().found.size, 1);
    // A changed byte in the same place is damage: it had been written.
    let mut damaged = whole.clone();
    damaged[safe + 300] ^= 4;
    assert!(
        matches!(opened(&damaged), Err(LedgerError::Damaged(it)) if it.seq == 1 && it.offset == safe as u64)
    );
    // So is the same hole in a turn that a later one had seen safe.
    append(&ledger, "later").unwrap();
    let mut later = memory.bytes(&segment::name(0));
    later[safe.next_multiple_of(512)..safe.next_multiple_of(512) + 512].fill(0);
    assert!(matches!(opened(&later), Err(LedgerError::Damaged(it)) if it.seq == 1));
}

#[test]
fn a_tail_cut_at_any_byte_recovers_the_prefix() {
    let memory = Memory::default();
    let ledger = open(&memory, options());
    (0..5).for_each(|n| assert!(append(&ledger, &"x".repeat(n * 9)).is_ok()));
    let name = segment::name(0);
    let whole = memory.bytes(&name);
    let ends = ends(&whole);
    for length in 0..whole.len() {
        let cut = memory.with(&name, whole[..length].to_vec());
        cut.remove_note("head").unwrap();
        let (ledger, recovery) = Ledger::open_in(Arc::new(cut.clone()), options(), None).unwrap();
        ledger.close().unwrap();
        let records = records(&cut);
        assert_eq!(records.len() as u64, recovery.found.size + recovery.cuts.len() as u64);
        let kept = if length < SegmentHeader::BYTES { 0 } else { ends[recovery.found.size as usize] };
        assert_eq!(
            recovery.cuts.iter().map(|it| it.bytes_cut).sum::<u64>(),
            (length - kept) as u64,
            "{length}"
        );
    }
}

#[test]
fn any_state_a_power_loss_leaves_opens_with_all_that_was_durable() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % below
    };
    // Ten thousand on demand.
    let each = if std::env::var_os("REMIT_FULL").is_some() { 420 } else { 60 };
    let (mut torn, mut seen) = (0, 0);
    for turn in 0..24 {
        let durability = if turn % 2 == 0 { Durability::Strict } else { Durability::Relaxed };
        let memory = Memory::default();
        let ledger = open(&memory, LedgerOptions { durability, ..options() });
        // Frames begin everywhere within a sector.
        (0..=turn).for_each(|_| assert!(append(&ledger, &"s".repeat(random(60))).is_ok()));
        let deadline = Instant::now() + Duration::from_secs(10);
        while ledger.health().durable <= turn && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        memory.set(Faults { hold: true, ..Faults::default() });
        let entries: Vec<Entry> = (0..1 + random(12)).map(|_| either(random(2), random(700))).collect();
        let before = memory.bytes(&segment::name(0)).len();
        let mut unsynced = Box::pin(ledger.append_all(entries));
        // Relaxed callers first let others come, then write.
        let _answers = [futures_poll(unsynced.as_mut()), futures_poll(unsynced.as_mut())];
        while memory.bytes(&segment::name(0)).len() == before && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        let images: Vec<_> = (0..each).map(|_| memory.torn(&mut random)).collect();
        memory.set(Faults::default());
        drop(unsynced);
        for (nth, image) in images.into_iter().enumerate() {
            image.remove_note("head").unwrap();
            let opened = Ledger::open_in(Arc::new(image), options(), None);
            let (ledger, recovery) =
                opened.unwrap_or_else(|fault| panic!("turn {turn}, image {nth}: {fault}"));
            ledger.close().unwrap();
            assert!(recovery.found.size > turn);
            torn += recovery.cuts.len();
            seen += 1;
        }
    }
    println!("{seen} images, {torn} torn tails cut");
    assert!(torn > 8 * each, "{torn}");
}

/// A record alone, or one with something beside it.
fn either(which: usize, bytes: usize) -> Entry {
    if which == 0 {
        return note("u".repeat(bytes)).into();
    }
    let body = Body::Transaction(TransactionChanged {
        aside: None,
        event: "open".to_owned(),
        pep: "gate".to_owned(),
        request_id: None,
        time: Timestamp::from_unix_ms(1),
        transaction: "t".to_owned(),
    });
    Entry::new(body, Aside::new(&"a".repeat(bytes * 3), [5; 16]).unwrap())
}

fn relaxed() -> LedgerOptions {
    LedgerOptions { durability: Durability::Relaxed, ..options() }
}

#[test]
fn many_callers_of_a_relaxed_log_are_all_answered_and_each_record_stands_once() {
    let memory = Memory::default();
    let ledger = Arc::new(open(&memory, relaxed()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(async {
        let callers: Vec<_> = (0..64)
            .map(|caller| {
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    for n in 0..50 {
                        let _receipt = ledger.append(note(format!("{caller}/{n}"))).await.unwrap();
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
    });
    assert_eq!(ledger.health().queue_depth, 0);
    ledger.close().unwrap();
    let records = records(&memory);
    let distinct: std::collections::BTreeSet<_> = records.iter().map(said).collect();
    assert_eq!((records.len(), distinct.len()), (3_200, 3_200));
    assert_eq!(verify_in(Arc::new(memory.clone())).unwrap().records, 3_200);
}

#[test]
fn callers_of_a_relaxed_log_that_are_ready_together_share_one_write() {
    let memory = Memory::default();
    let ledger = open(&memory, relaxed());
    run(async {
        let mut appends: Vec<_> = (0..50).map(|n| Box::pin(ledger.append(note(n.to_string())))).collect();
        for append in &mut appends {
            assert!(futures_poll(append.as_mut()).is_none(), "a caller lets others in first");
        }
        assert_eq!(ledger.extent().size, 0);
        assert!(futures_poll(appends[17].as_mut()).is_some_and(|it| it.is_ok()));
        assert_eq!(ledger.extent().size, 50, "one turn took all that waited");
        for (n, append) in appends.into_iter().enumerate().filter(|(n, _)| *n != 17) {
            assert_eq!(append.await.unwrap().seq, n as u64);
        }
    });
}

#[test]
fn a_caller_of_a_relaxed_log_who_leaves_early_still_has_his_record_written() {
    let memory = Memory::default();
    let ledger = open(&memory, relaxed());
    let mut left = Box::pin(ledger.append(note("left")));
    assert!(futures_poll(left.as_mut()).is_none());
    drop(left);
    assert_eq!((ledger.extent().size, ledger.health().queue_depth), (1, 0));
    ledger.close().unwrap();
    assert_eq!(records(&memory).iter().map(said).collect::<Vec<_>>(), ["left"]);
}

#[test]
fn a_relaxed_log_that_fails_or_is_closed_answers_no_one_with_success() {
    let memory = Memory::default();
    let ledger = open(&memory, relaxed());
    append(&ledger, "kept").unwrap();
    memory.set(Faults { write: Some(0), ..Faults::default() });
    assert!(matches!(append(&ledger, "lost"), Err(AppendError::Poisoned(_))));
    memory.set(Faults::default());
    assert!(matches!(append(&ledger, "after"), Err(AppendError::Poisoned(_))));
    assert!(ledger.close().is_err());
    let memory = Memory::default();
    let ledger = open(&memory, relaxed());
    append(&ledger, "kept").unwrap();
    ledger.close().unwrap();
    assert_eq!(append(&ledger, "late"), Err(AppendError::Closed));
    assert_eq!(records(&memory).len(), 1);
}
