//! What stands beside records: kept whole or not at all by a crash, noticed when changed, and gone when erased.

use super::{Region, erase};
use crate::aside::{Aside, Beside, Entry};
use crate::errors::{FaultKind, LedgerError};
use crate::ledger::Ledger;
use crate::options::LedgerOptions;
use crate::record::{Body, Erased, TransactionChanged};
use crate::segment;
use crate::storage::Storage;
use crate::storage::memory::Memory;
use crate::time::Timestamp;
use crate::verify::{Records, WholeRecords, verify_in};
use std::sync::Arc;

const WORDS: [&str; 3] = ["alpha", "bravo", "carol"];

fn options() -> LedgerOptions {
    LedgerOptions::new("test", Timestamp::from_unix_ms(0))
}

fn open(memory: &Memory) -> Ledger {
    Ledger::open_in(Arc::new(memory.clone()), options(), None).unwrap().0
}

fn entry(content: &str) -> Entry {
    let body = Body::Transaction(TransactionChanged {
        aside: None,
        event: "open".to_owned(),
        pep: "gate".to_owned(),
        request_id: None,
        time: Timestamp::from_unix_ms(1),
        transaction: "t-1".to_owned(),
    });
    Entry::new(body, Aside::new(&content, [9; 16]).unwrap())
}

fn why() -> Erased {
    Erased { author: None, records: 0, time: Timestamp::from_unix_ms(2), why: "asked for".to_owned() }
}

/// What stands beside each transaction record.
fn beside(memory: &Memory) -> Vec<Beside> {
    let all = WholeRecords::new(Arc::new(memory.clone()));
    let all = all.map(Result::unwrap).filter(|(record, _)| matches!(record.body, Body::Transaction(_)));
    all.map(|(_, beside)| beside).collect()
}

fn content(word: &str) -> Beside {
    Beside::Content(format!("\"{word}\""))
}

fn filled() -> (Memory, Ledger) {
    let memory = Memory::default();
    let ledger = open(&memory);
    for word in WORDS {
        let _receipt = ledger.append_blocking(entry(word)).unwrap();
    }
    (memory, ledger)
}

#[test]
fn long_content_comes_back_whole_and_too_long_is_refused() {
    let memory = Memory::default();
    let ledger = open(&memory);
    let long = "x".repeat(200_000);
    let _receipt = ledger.append_blocking(entry(&long)).unwrap();
    assert!(ledger.append_blocking(entry(&"x".repeat(crate::limits::ASIDE_BYTES))).is_err());
    let _receipt = ledger.append_blocking(entry("after")).unwrap();
    assert_eq!(beside(&memory), [content(&long), content("after")]);
}

#[test]
fn a_tail_cut_at_any_byte_keeps_a_record_with_all_that_stands_beside_it_or_neither() {
    let (memory, ledger) = filled();
    ledger.close().unwrap();
    let name = segment::name(0);
    let whole = memory.bytes(&name);
    for length in 0..whole.len() {
        let cut = memory.with(&name, whole[..length].to_vec());
        cut.remove_note("head").unwrap();
        let (ledger, recovery) = Ledger::open_in(Arc::new(cut.clone()), options(), None).unwrap();
        ledger.close().unwrap();
        let found = beside(&cut);
        assert_eq!(found.len() as u64, recovery.found.size);
        let words: Vec<_> = WORDS.iter().take(found.len()).map(|word| content(word)).collect();
        assert_eq!(found, words, "at {length}");
        let _whole = verify_in(Arc::new(cut)).unwrap();
    }
}

#[test]
fn each_changed_byte_beside_a_record_is_found_with_its_record() {
    let (memory, ledger) = filled();
    ledger.close().unwrap();
    let name = segment::name(0);
    let whole = memory.bytes(&name);
    let at = whole.windows(5).position(|window| window == b"bravo").unwrap();
    for byte in at - 40..at + 5 {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1;
        let fault = verify_in(Arc::new(memory.with(&name, bytes))).unwrap_err();
        assert_eq!(fault.seq, 1, "byte {byte}: {fault}");
    }
    // With the checksum made to fit, the commitment still tells.
    let mut frames = Vec::new();
    crate::record::beside(
        &mut frames,
        br#"{"salt":"09090909090909090909090909090909","content":"other"}"#,
        0,
    );
    let (start, end) = region(&whole, b"bravo");
    let swapped = [&whole[..start], &frames, &whole[end..]].concat();
    let fault = verify_in(Arc::new(memory.with(&name, swapped))).unwrap_err();
    assert_eq!((fault.seq, fault.kind), (1, FaultKind::Aside));
    // Nor can it be taken away.
    let removed = [&whole[..start], &whole[end..]].concat();
    let fault = verify_in(Arc::new(memory.with(&name, removed))).unwrap_err();
    assert_eq!((fault.seq, fault.kind), (1, FaultKind::Aside));
}

/// Where the frame with this word begins and ends.
fn region(bytes: &[u8], word: &[u8]) -> (usize, usize) {
    let at = bytes.windows(word.len()).position(|window| window == word).unwrap();
    let start = bytes[..at].iter().rposition(|byte| *byte == b'P').unwrap() - 8;
    let length = usize::from(u16::from_le_bytes([bytes[start], bytes[start + 1]]));
    (start, start + 8 + length)
}

#[test]
fn what_is_erased_is_gone_for_good_and_every_hash_stands() {
    let (memory, ledger) = filled();
    let before: Vec<_> = Records::new(Arc::new(memory.clone()), 0, 2).map(Result::unwrap).collect();
    let picked = ledger.erase((0, u64::MAX), why(), |_, it| *it == content("bravo")).unwrap();
    assert_eq!(picked, 1);
    assert_eq!(ledger.erase((0, u64::MAX), why(), |_, it| *it == content("bravo")).unwrap(), 0);
    assert_eq!(ledger.erase((0, 1), why(), |_, it| *it == content("carol")).unwrap(), 0, "out of range");
    let _receipt = ledger.append_blocking(entry("later")).unwrap();
    ledger.close().unwrap();
    assert_eq!(beside(&memory), [content("alpha"), Beside::Erased, content("carol"), content("later")]);
    let after: Vec<_> = Records::new(Arc::new(memory.clone()), 0, 3).map(Result::unwrap).collect();
    assert_eq!(after[..3], before);
    assert!(matches!(&after[3].body, Body::Erased(it) if it.records == 1 && it.why == "asked for"));
    assert!(!memory.bytes(&segment::name(0)).windows(5).any(|window| window == b"bravo"));
    let verified = verify_in(Arc::new(memory.clone())).unwrap();
    assert_eq!((verified.records, verified.erased), (5, 1));
    assert!(Ledger::open_in(Arc::new(memory), options(), None).is_ok());
}

#[test]
fn an_erasure_that_a_crash_interrupts_is_finished_by_the_next_start() {
    let (memory, ledger) = filled();
    ledger.close().unwrap();
    let name = segment::name(0);
    let whole = memory.bytes(&name);
    let (start, end) = region(&whole, b"bravo");
    let regions = [Region { segment: 0, offset: start as u64, length: end - start }];
    let done = memory.with(&name, whole.clone());
    erase(&done, &regions).unwrap();
    let blanks = done.bytes(&name);
    for reached in start..=end {
        let half = [&blanks[..reached], &whole[reached..]].concat();
        let half = memory.with(&name, half);
        half.put_note("erasing", &serde_json::to_vec(&regions).unwrap()).unwrap();
        open(&half).close().unwrap();
        assert_eq!(half.bytes(&name), blanks, "at {reached}");
        assert_eq!(half.note("erasing").unwrap(), None);
    }
    // A note that leads to a record is not followed.
    let wrong = [Region { segment: 0, offset: end as u64, length: 60 }];
    memory.put_note("erasing", &serde_json::to_vec(&wrong).unwrap()).unwrap();
    let refused = Ledger::open_in(Arc::new(memory.clone()), options(), None).map(|_| ());
    assert!(matches!(refused, Err(LedgerError::Damaged(_))));
    assert_eq!(memory.bytes(&name), whole);
}
