//! A1: any one bit.

use crate::world::{World, frames, full};
use remit_ledger::verify;
use std::fs;
use std::os::unix::fs::FileExt;

#[test]
fn every_flipped_bit_of_a_log_is_found_at_its_record() {
    let records = if full() { 1_000 } else { 200 };
    let world = World::of(records);
    let path = world.segment();
    let good = fs::read(&path).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let (header, frames) = frames(&good);
    let mut at = header.len();
    // A flipped bit of the header belongs to the first record. Only the log itself is read up to the fault.
    let mut owners = vec![0; at];
    for (seq, frame) in frames.iter().enumerate() {
        owners.extend(vec![seq as u64; frame.len()]);
        at += frame.len();
    }
    assert_eq!((at, frames.len() as u64), (good.len(), records));
    for (at, owner) in owners.iter().enumerate() {
        for bit in 0..8 {
            file.write_all_at(&[good[at] ^ (1 << bit)], at as u64).unwrap();
            // Without the keys: here nothing but the records is changed.
            let fault = verify(&world.ledger()).unwrap_err();
            assert_eq!(fault.seq, *owner, "byte {at}, bit {bit}: {fault}");
        }
        file.write_all_at(&good[at..=at], at as u64).unwrap();
    }
    assert_eq!(world.verify().unwrap().records, records);
}

#[test]
fn every_flipped_bit_of_the_signed_head_and_of_the_stored_hashes_is_found() {
    let world = World::of(9);
    for name in ["checkpoint", "tree/0"] {
        let path = world.ledger().join(name);
        let good = fs::read(&path).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &bad).unwrap();
            let fault = world.verify().unwrap_err();
            if name == "tree/0" {
                assert_eq!(fault.seq, bit as u64 / 256, "bit {bit}: {fault}");
            }
        }
        fs::write(&path, &good).unwrap();
        assert!(world.verify().is_ok(), "{name}");
    }
}

#[test]
fn damaged_hashes_are_built_anew_and_a_damaged_head_is_not() {
    let world = World::of(600);
    let path = world.ledger().join("tree/0");
    let good = fs::read(&path).unwrap();
    for bad in [vec![], good[..100].to_vec(), vec![0; good.len()], [&good[..], &[1; 64]].concat()] {
        fs::write(&path, &bad).unwrap();
        world.append(600);
        assert!(fs::read(&path).unwrap() == good, "nothing was new, and they stand again");
        assert!(world.verify().is_ok());
    }
    fs::remove_file(world.ledger().join("tree/1")).unwrap();
    world.append(601);
    assert!(world.verify().is_ok());
    let path = world.ledger().join("checkpoint");
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[30] ^= 1;
    fs::write(&path, bad).unwrap();
    assert!(world.open().is_err());
    fs::write(&path, good).unwrap();
    assert!(world.open().is_ok());
}
