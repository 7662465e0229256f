//! Copies of a log: taken from a running one, whole, and started only where nothing signed is missing.

use crate::world::{World, note};
use remit_ledger::{BackupError, FaultKind, LedgerError, copy_log};
use std::fs;

#[test]
fn a_copy_of_a_running_log_is_whole_and_an_old_one_does_not_start() {
    let world = World::of(300);
    let ledger = world.open().unwrap();
    let backup = world.dir.path().join("backup");
    let copied = std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            for n in 0..400 {
                let _receipt = ledger.append_blocking(note(format!("meanwhile {n}"))).unwrap();
            }
        });
        let copied = copy_log(&world.ledger(), &backup, &world.trust()).unwrap();
        busy.join().unwrap();
        copied
    });
    assert!(copied.records >= 300 && copied.signed >= Some(300));
    assert!(copy_log(&world.ledger(), &backup, &world.trust()).is_err(), "nothing is written over");
    ledger.close().unwrap();
    drop(ledger);
    // The disk is lost, and the copy is all there is.
    fs::remove_dir_all(world.ledger()).unwrap();
    copy_log(&backup, &world.ledger(), &world.trust()).map(drop).unwrap();
    let Err(LedgerError::Damaged(fault)) = world.open() else { panic!("an old copy started") };
    assert!(matches!(fault.kind, FaultKind::Missing { expected: 700, .. }), "{fault}");
    // A copy from after the last head starts.
    let whole = World::of(20);
    let backup = whole.dir.path().join("backup");
    copy_log(&whole.ledger(), &backup, &whole.trust()).map(drop).unwrap();
    fs::remove_dir_all(whole.ledger()).unwrap();
    copy_log(&backup, &whole.ledger(), &whole.trust()).map(drop).unwrap();
    whole.append(25);
    assert_eq!(whole.verify().unwrap().records, 25);
}

#[test]
fn a_copy_of_a_damaged_log_does_not_count() {
    let world = World::of(20);
    let path = world.segment();
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    let copied = copy_log(&world.ledger(), &world.dir.path().join("backup"), &world.trust());
    assert!(matches!(copied, Err(BackupError::Damaged(_))));
}
