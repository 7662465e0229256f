//! A small log of the format before this one still opens, verifies, answers and goes on; `tests/data/format-2` says how
//! it was made.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy does not take helpers for tests")]

use remit_ledger::{
    Aside, Beside, Body, Entry, FaultNoted, Keys, Ledger, LedgerOptions, Query, Stopped, Timestamp, Trust,
    read_whole, verify_with,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const RECORDS: u64 = 43;
const ROOT: &str = "2047f47452832aa2059e2c44804e0072abebd9fb5636b3191e57cba81ebee093";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// The log as it was written, and its keys.
fn old() -> (TempDir, PathBuf, Keys) {
    let dir = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format-2"), dir.path());
    let keys = Keys::read(&dir.path().join("ledger.key")).unwrap();
    let log = dir.path().join("ledger");
    (dir, log, keys)
}

fn open(log: &Path, keys: &Keys) -> Ledger {
    let options =
        LedgerOptions { keys: Some(keys.clone()), ..LedgerOptions::new("now", Timestamp::from_unix_ms(0)) };
    Ledger::open(log, options).unwrap().0
}

/// The version in the header of each segment, oldest first.
fn versions(log: &Path) -> Vec<u8> {
    let mut segments: Vec<_> =
        fs::read_dir(log.join("segments")).unwrap().map(|it| it.unwrap().path()).collect();
    segments.sort();
    segments.iter().map(|path| fs::read(path).unwrap()[8]).collect()
}

#[test]
fn it_verifies_and_says_what_it_said() {
    let (_dir, log, keys) = old();
    let verified = verify_with(&log, &Trust { keys: keys.vkeys(), heads: vec![] }).unwrap();
    assert_eq!((verified.records, verified.erased, hex(&verified.root)), (RECORDS, 6, ROOT.to_owned()));
    assert_eq!(verified.signed, Some(RECORDS));
    let all: Vec<_> = read_whole(&log, 0, u64::MAX).map(Result::unwrap).collect();
    let contents = all.iter().filter(|(_, beside)| matches!(beside, Beside::Content(_))).count();
    assert_eq!((all.len() as u64, contents), (RECORDS, 30));
    let (sixth, beside) = &all[6];
    assert_eq!(sixth.body.decision().unwrap().decision_id, "01a21679-d0db-767a-bddf-70b9d57a9805");
    let Beside::Content(text) = beside else { panic!("{beside:?}") };
    assert!(text.contains(r#""asked":"\u0001\u0002\u001f"#), "{text}");
}

#[test]
fn it_goes_on_in_new_segments_and_is_one_log() {
    let (_dir, log, keys) = old();
    assert_eq!(versions(&log), [2, 2, 2]);
    let ledger = open(&log, &keys);
    let time = Timestamp::from_unix_ms(1_767_225_700_000);
    let found = ledger.decisions(&Query::default()).unwrap();
    assert_eq!(found.records.len(), 32);
    let stopped = || Stopped { cause: "now".to_owned(), time };
    assert_eq!(ledger.append_blocking(Body::Stopped(stopped())).unwrap().seq, RECORDS);
    ledger.close().unwrap();
    assert_eq!(versions(&log), [2, 2, 2, 3], "no segment of the old format is written on");

    // What stands beside an old record can still be erased.
    let ledger = open(&log, &keys);
    let why = remit_ledger::Erased { author: None, records: 0, time, why: "asked for".to_owned() };
    assert_eq!(ledger.erase((0, u64::MAX), why, |record, _| record.seq == 1).unwrap(), 1);
    let fault = FaultNoted { pep: None, request_id: None, tenant: None, time, what: "ab".repeat(32) };
    let entry = Entry::new(Body::Fault(fault), Aside::new(&1, [0; 16]).unwrap());
    let _receipt = ledger.append_blocking(entry).unwrap();
    ledger.close().unwrap();
    assert_eq!(versions(&log), [2, 2, 2, 3], "and those of the new one are");
    let verified = verify_with(&log, &Trust { keys: keys.vkeys(), heads: vec![] }).unwrap();
    assert_eq!((verified.records, verified.erased), (RECORDS + 3, 7));
    assert_eq!(open(&log, &keys).extent().size, RECORDS + 3);
}
