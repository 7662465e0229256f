//! Damage and crashes on real files: what `verify` names, what `open` cuts, what it refuses.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy does not take helpers for tests")]

use remit_ledger::{
    Body, FaultKind, FaultNoted, Ledger, LedgerError, LedgerOptions, Record, Recovered, Timestamp, read,
    verify,
};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const RECORDS: u64 = 6;
/// Enough for a cut in the first, a middle and the last record; each cut costs several syncs.
const FEW: u64 = 3;

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

/// A small closed log; gives the directory, its one segment, and where each frame begins and the last ends.
fn small() -> (TempDir, PathBuf, Vec<usize>) {
    closed(RECORDS)
}

fn closed(records: u64) -> (TempDir, PathBuf, Vec<usize>) {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), options()).unwrap();
    for n in 0..records {
        assert_eq!(ledger.append_blocking(note(n.to_string())).unwrap().seq, n);
    }
    ledger.close().unwrap();
    let segment = fs::read_dir(dir.path().join("segments")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&segment).unwrap();
    let mut places = vec![56];
    while *places.last().unwrap() < bytes.len() {
        let at = *places.last().unwrap();
        places.push(at + 8 + usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]])));
    }
    assert_eq!(places.len() as u64, records + 1);
    (dir, segment, places)
}

/// The record a byte belongs to; the header belongs to the first.
fn record_at(places: &[usize], byte: usize) -> u64 {
    places.iter().skip(1).position(|end| byte < *end).unwrap() as u64
}

fn open(dir: &Path) -> Result<(Ledger, remit_ledger::Recovery), LedgerError> {
    Ledger::open(dir, options())
}

#[test]
fn every_changed_byte_is_found_at_its_record_and_never_opened() {
    let (dir, segment, places) = small();
    let good = fs::read(&segment).unwrap();
    for byte in 0..good.len() {
        for change in [0x01, 0x80, 0xff, good[byte]] {
            if change == 0 {
                continue;
            }
            let mut bad = good.clone();
            bad[byte] ^= change;
            fs::write(&segment, &bad).unwrap();
            let fault = verify(dir.path()).unwrap_err();
            let start = if byte < 56 { 0 } else { places[record_at(&places, byte) as usize] };
            let expected = if byte < 56 { 0 } else { record_at(&places, byte) };
            assert_eq!(
                (fault.seq, fault.offset),
                (expected, start as u64),
                "byte {byte} ^ {change:#x}: {fault}"
            );
            assert!(fault.to_string().contains(".seg"), "{fault}");
        }
        let left = fs::read(&segment).unwrap();
        assert!(matches!(open(dir.path()), Err(LedgerError::Damaged(_))), "byte {byte}");
        assert_eq!(fs::read(&segment).unwrap(), left, "a refused start changes nothing");
    }
    fs::write(&segment, &good).unwrap();
    assert_eq!(verify(dir.path()).unwrap().records, RECORDS);
    assert_eq!(open(dir.path()).unwrap().1.found.size, RECORDS);
}

#[test]
fn every_changed_byte_of_an_unclean_log_is_refused_too() {
    // Without the head only the shape of the tail tells damage from a torn write.
    let (dir, segment, _) = small();
    fs::remove_file(dir.path().join("head")).unwrap();
    let good = fs::read(&segment).unwrap();
    for byte in 0..good.len() {
        let mut bad = good.clone();
        bad[byte] ^= 0x20;
        fs::write(&segment, &bad).unwrap();
        assert!(matches!(open(dir.path()), Err(LedgerError::Damaged(_))), "byte {byte}");
    }
    fs::write(&segment, &good).unwrap();
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_tail_cut_recovers_the_prefix_and_records_the_cut() {
    let (dir, segment, places) = closed(FEW);
    let good = fs::read(&segment).unwrap();
    let head = fs::read(dir.path().join("head")).unwrap();
    // Every length is tried in memory beside the writer; here those around the frames, and some between.
    let near =
        |length: &usize| places.iter().any(|place| place.abs_diff(*length) < 3) || length.is_multiple_of(29);
    for length in (0..good.len()).filter(near) {
        // With the head known, the same cut is refused: records are missing.
        fs::write(&segment, &good[..length]).unwrap();
        fs::write(dir.path().join("head"), &head).unwrap();
        assert!(verify(dir.path()).is_err(), "length {length}");
        let Err(LedgerError::Damaged(fault)) = open(dir.path()) else { panic!("cut to {length}, opened") };
        let whole = places.iter().filter(|place| **place <= length).count().saturating_sub(1) as u64;
        assert_eq!(fault.kind, FaultKind::Missing { expected: FEW, found: whole });
        // Without it, as after a crash within the first second, the prefix stands.
        fs::remove_file(dir.path().join("head")).unwrap();
        let (ledger, recovery) = open(dir.path()).unwrap();
        assert_eq!(recovery.found.size, whole, "length {length}");
        let place = if length < 56 { 0 } else { places[whole as usize] };
        let torn = length - place;
        let cuts: Vec<_> = recovery.cuts.iter().map(|cut| (cut.offset, cut.bytes_cut)).collect();
        let clean = torn == 0 && length >= 56;
        assert_eq!(cuts, if clean { vec![] } else { vec![(place as u64, torn as u64)] });
        ledger.close().unwrap();
        let records: Vec<Record> = read(dir.path(), 0, u64::MAX).map(Result::unwrap).collect();
        assert_eq!(records.len() as u64, whole + u64::from(!clean));
        if let Some(Body::Recovered(Recovered { bytes_cut, file, .. })) = records.last().map(|it| &it.body) {
            assert_eq!((*bytes_cut, segment.ends_with(file)), (torn as u64, true));
        } else {
            assert!(clean);
        }
        assert_eq!(verify(dir.path()).unwrap().records, records.len() as u64);
        for file in fs::read_dir(dir.path().join("segments")).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn deleted_swapped_and_doubled_records_are_found() {
    let (dir, segment, places) = small();
    let good = fs::read(&segment).unwrap();
    let part = |n: usize| good[places[n]..places[n + 1]].to_vec();
    let header = good[..56].to_vec();
    let table: [(&str, Vec<usize>, u64); 4] = [
        ("second deleted", vec![0, 2, 3, 4, 5], 1),
        ("third and fourth swapped", vec![0, 1, 3, 2, 4, 5], 2),
        ("fifth doubled", vec![0, 1, 2, 3, 4, 4, 5], 5),
        ("last deleted", vec![0, 1, 2, 3, 4], 5),
    ];
    for (case, order, seq) in table {
        let bytes = order.iter().fold(header.clone(), |bytes, n| [bytes, part(*n)].concat());
        fs::write(&segment, bytes).unwrap();
        assert_eq!(verify(dir.path()).unwrap_err().seq, seq, "{case}");
        assert!(matches!(open(dir.path()), Err(LedgerError::Damaged(_))), "{case}");
    }
}

#[test]
fn a_missing_or_strange_segment_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), LedgerOptions { segment_bytes: 500, ..options() }).unwrap();
    for n in 0..20 {
        let _receipt = ledger.append_blocking(note(format!("{n}"))).unwrap();
    }
    ledger.close().unwrap();
    let mut segments: Vec<_> =
        fs::read_dir(dir.path().join("segments")).unwrap().map(|it| it.unwrap().path()).collect();
    segments.sort();
    assert!(segments.len() > 4);
    for name in &segments {
        let aside = dir.path().join("aside");
        fs::rename(name, &aside).unwrap();
        let fault = verify(dir.path()).unwrap_err();
        let last = name == segments.last().unwrap();
        assert_eq!(matches!(fault.kind, FaultKind::Missing { .. }), last, "{fault}");
        assert_eq!(matches!(fault.kind, FaultKind::Gap), !last, "{fault}");
        assert!(open(dir.path()).is_err());
        fs::rename(&aside, name).unwrap();
    }
    // A torn end is only ever in the last segment.
    let bytes = fs::read(&segments[1]).unwrap();
    fs::write(&segments[1], &bytes[..bytes.len() - 3]).unwrap();
    let Err(LedgerError::Damaged(fault)) = open(dir.path()) else { panic!("opened") };
    assert!(segments[1].ends_with(&fault.file), "{fault}");
    fs::write(&segments[1], &bytes).unwrap();
    assert_eq!(verify(dir.path()).unwrap().segments, segments.len());
}

#[test]
fn a_changed_head_is_refused() {
    let (dir, ..) = small();
    let path = dir.path().join("head");
    let good = fs::read(&path).unwrap();
    for byte in 0..good.len() {
        let mut bad = good.clone();
        bad[byte] ^= 1;
        fs::write(&path, bad).unwrap();
        assert_eq!(verify(dir.path()).unwrap_err().file, "head", "byte {byte}");
        assert!(open(dir.path()).is_err());
    }
    fs::write(&path, good).unwrap();
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let (dir, ..) = small();
    let (first, _) = open(dir.path()).unwrap();
    let Err(refused) = open(dir.path()) else { panic!("two ledgers on one directory") };
    assert!(matches!(refused, LedgerError::InUse(_)));
    assert!(refused.to_string().contains("in use by another process"));
    // Verifying and reading need no lock.
    assert_eq!(verify(dir.path()).unwrap().records, RECORDS);
    assert_eq!(read(dir.path(), 2, 3).map(|it| it.unwrap().seq).collect::<Vec<_>>(), [2, 3]);
    first.close().unwrap();
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_cut_whose_record_was_lost_is_recorded_by_the_next_start() {
    let (dir, ..) = small();
    let cut = r#"[{"bytes_cut":9,"file":"00000000000000000000.seg","offset":99,"time":"2026-11-25T16:00:00.000Z"}]"#;
    fs::write(dir.path().join("cuts"), cut).unwrap();
    let (ledger, recovery) = open(dir.path()).unwrap();
    assert_eq!((recovery.found.size, recovery.cuts.len()), (RECORDS, 1));
    ledger.close().unwrap();
    let last = read(dir.path(), RECORDS, RECORDS).next().unwrap().unwrap();
    assert_eq!(last.body, Body::Recovered(recovery.cuts[0].clone()));
    assert!(!dir.path().join("cuts").exists());
}
