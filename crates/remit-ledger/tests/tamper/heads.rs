//! A3, A6 and A7: tails cut, two histories, yesterday's directory; and logs that nothing is wrong with.

use crate::world::{World, copy, frames, full, note};
use remit_ledger::{
    Body, FaultKind, Keys, Ledger, LedgerError, LedgerOptions, Timestamp, consistent, read, verify,
};
use std::fs;

#[test]
fn a_tail_cut_to_any_length_is_refused_below_the_last_signed_size() {
    let world = World::of(12);
    let path = world.segment();
    let good = fs::read(&path).unwrap();
    let (header, all) = frames(&good);
    for kept in 0..12 {
        let end = header.len() + all[..kept].iter().map(Vec::len).sum::<usize>();
        for length in [end, end + 1, end + all[kept].len() - 1] {
            fs::write(&path, &good[..length]).unwrap();
            let missing = FaultKind::Missing { expected: 12, found: kept as u64 };
            let fault = world.verify().unwrap_err();
            assert_eq!((fault.seq, &fault.kind), (kept as u64, &missing), "cut to {length}");
            let Err(LedgerError::Damaged(fault)) = world.open() else { panic!("cut to {length}, opened") };
            assert_eq!(fault.kind, missing);
            assert!(fault.to_string().contains(&format!("{} of 12", 12 - kept)), "{fault}");
            assert_eq!(fs::read(&path).unwrap().len(), length, "a refused start changes nothing");
        }
    }
    fs::write(&path, &good).unwrap();
    assert!(world.open().is_ok());
}

#[test]
fn yesterdays_directory_does_not_start_while_the_key_remembers_today() {
    let world = World::of(10);
    let yesterday = tempfile::tempdir().unwrap();
    copy(&world.ledger(), yesterday.path());
    world.append(25);
    fs::remove_dir_all(world.ledger()).unwrap();
    copy(yesterday.path(), &world.ledger());
    assert!(world.verify().is_ok(), "in itself it is whole");
    let Err(LedgerError::Damaged(fault)) = world.open() else { panic!("rolled back, and opened") };
    assert_eq!(fault.kind, FaultKind::Missing { expected: 25, found: 10 });
    assert!(fault.file.ends_with("ledger.key.signed"), "{fault}");
}

#[test]
fn two_histories_have_no_proof_between_them() {
    let world = World::of(20);
    let (one, two) = (world.copy(), world.copy());
    one.append(30);
    // The other grows differently from the same beginning.
    let ledger = two.open().unwrap();
    for n in 0..20 {
        let _receipt = ledger.append_blocking(note(format!("other {n}"))).unwrap();
    }
    ledger.close().unwrap();
    let (first, second) = (one.open().unwrap(), two.open().unwrap());
    let heads = (first.checkpoint().unwrap().head, second.checkpoint().unwrap().head);
    assert_eq!((heads.0.size, heads.1.size), (30, 40));
    let proof = second.consistency(30, 40).unwrap();
    assert!(consistent((30, &heads.0.root), (40, &heads.1.root), &proof).is_err());
    // Both go on from the beginning they share.
    let start = remit_ledger::Checkpoint::open(&world.checkpoint(), &world.keys.vkeys()).unwrap();
    for (ledger, head) in [(&first, &heads.0), (&second, &heads.1)] {
        let proof = ledger.consistency(20, head.size).unwrap();
        assert_eq!(consistent((20, &start.root), (head.size, &head.root), &proof), Ok(()));
    }
}

#[test]
fn good_logs_are_never_blamed() {
    let logs = if full() { 1_000 } else { 40 };
    for n in 0..logs {
        let world = World::of(1 + n * 7 % 300);
        assert_eq!(world.verify().unwrap().signed, Some(1 + n * 7 % 300), "log {n}");
        world.append(1 + n * 7 % 300 + n % 3);
        let verified = world.verify().unwrap();
        assert_eq!((verified.records, verified.signed), (1 + n * 7 % 300 + n % 3, Some(verified.records)));
    }
}

#[test]
fn a_running_log_verifies_at_any_moment() {
    let world = World::of(5);
    let ledger = world.open().unwrap();
    for round in 0..12 {
        for n in 0..50 {
            let _receipt = ledger.append_blocking(note(format!("{round} {n}"))).unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(120));
        assert!(world.verify().unwrap().records >= 55);
    }
    assert!(ledger.checkpoint().unwrap().head.size > 5, "a head is signed each second");
    assert!(ledger.health().poisoned.is_none());
}

#[test]
fn a_record_changed_under_a_running_log_stops_it_before_the_next_head() {
    let world = World::of(5);
    let ledger = world.open().unwrap();
    let _receipt = ledger.append_blocking(note("to be changed")).unwrap();
    let path = world.segment();
    let changed = String::from_utf8_lossy(&fs::read(&path).unwrap()).contains("to be changed");
    assert!(changed);
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(13).position(|it| it == b"to be changed").unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"to be Changed", at as u64).unwrap();
    assert!(ledger.close().is_err(), "the log on disk is not what was written");
    assert!(world.checkpoint().contains("\n5\n"), "nothing was signed over it");
}

#[test]
fn changes_of_keys_are_records_and_both_keys_sign() {
    let world = World::of(3);
    let path = world.dir.path().join("elsewhere/ledger.key");
    let old = world.keys.vkeys();
    let rotated = World { keys: Keys::rotate(&path).unwrap(), ..world };
    rotated.append(6);
    assert!(rotated.verify().is_ok(), "the new key and the old");
    assert!(
        remit_ledger::open_note(&rotated.checkpoint(), &old).is_ok(),
        "who pinned the old key still believes"
    );
    let id = format!("{:08x}", u32::from_be_bytes(old[0].id()));
    let retired = World { keys: Keys::retire(&path, &id).unwrap(), ..rotated };
    retired.append(9);
    assert!(remit_ledger::open_note(&retired.checkpoint(), &old).is_err());
    assert!(retired.verify().is_ok());
    let changes: Vec<(String, bool)> = read(&retired.ledger(), 0, u64::MAX)
        .filter_map(|record| match record.unwrap().body {
            Body::KeyChanged(it) => Some((it.what, it.vkey == old[0].to_string())),
            _ => None,
        })
        .collect();
    let expected = [("created", true), ("added", false), ("retired", true)];
    assert_eq!(changes, expected.map(|(what, first)| (what.to_owned(), first)));
    // A key that did not sign the last head cannot take the log over.
    let stranger = Keys::generate(crate::world::ORIGIN).unwrap();
    let options =
        LedgerOptions { keys: Some(stranger), ..LedgerOptions::new("test", Timestamp::from_unix_ms(0)) };
    assert!(matches!(Ledger::open(&retired.ledger(), options), Err(LedgerError::Damaged(_))));
}

#[test]
fn a_log_from_before_the_keys_gets_its_tree() {
    let dir = tempfile::tempdir().unwrap();
    let options = || LedgerOptions::new("test", Timestamp::from_unix_ms(0));
    let (ledger, _) = Ledger::open(dir.path(), options()).unwrap();
    for n in 0..300 {
        let _receipt = ledger.append_blocking(note(n.to_string())).unwrap();
    }
    ledger.close().unwrap();
    assert!(dir.path().join("head").exists());
    let keys = Keys::generate(crate::world::ORIGIN).unwrap();
    let (ledger, _) = Ledger::open(dir.path(), LedgerOptions { keys: Some(keys), ..options() }).unwrap();
    ledger.close().unwrap();
    assert!(!dir.path().join("head").exists(), "the signed head stands in its place");
    let verified = verify(dir.path()).unwrap();
    assert_eq!((verified.records, verified.signed), (301, Some(301)));
}
