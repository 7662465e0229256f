//! A8 from the outside: tiles, proofs and exports of a real log, and what becomes of changed ones.

use crate::world::{Random, World, full};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remit_ledger::{
    Inclusion, Kind, LeafHash, Receipt, Tile, Timestamp, TreeError, export, read, verify_export,
};
use std::fs;

#[test]
fn every_record_has_a_proof_at_every_size_and_tiles_hold_them() {
    let world = World::of(530);
    let ledger = world.open().unwrap();
    let records: Vec<_> = read(&world.ledger(), 0, 529).map(Result::unwrap).collect();
    for record in &records {
        for size in [None, Some(record.seq + 1), Some(530)] {
            let proof = ledger.inclusion(record.seq, size).unwrap();
            let proof = Inclusion::parse(&proof.text()).unwrap();
            let head = proof.verify(&record.leaf_hash.0, &world.keys.vkeys()).unwrap();
            assert_eq!(head.size, size.unwrap_or(530));
        }
    }
    assert!(matches!(ledger.inclusion(530, None), Err(TreeError::Beyond { .. })));
    assert!(matches!(ledger.inclusion(5, Some(5)), Err(TreeError::Beyond { .. })));
    assert!(matches!(ledger.inclusion(5, Some(531)), Err(TreeError::Beyond { .. })));
    for (index, width) in [(0, 256), (1, 256), (2, 18), (2, 1)] {
        let hashes = ledger.tile(&Tile { kind: Kind::Hashes(0), index, width }).unwrap();
        let mut entries = &ledger.tile(&Tile { kind: Kind::Entries, index, width }).unwrap()[..];
        for (at, hash) in hashes.chunks(32).enumerate() {
            let length = usize::from(u16::from_be_bytes([entries[0], entries[1]]));
            let record = &entries[2..2 + length];
            entries = &entries[2 + length..];
            assert_eq!(record, records[index as usize * 256 + at].json().as_bytes());
            assert_eq!(LeafHash::of(record).0, hash);
        }
        assert!(entries.is_empty());
    }
    assert_eq!(ledger.tile(&Tile { kind: Kind::Hashes(1), index: 0, width: 2 }).unwrap().len(), 64);
    for (kind, index, width) in [(Kind::Hashes(0), 2, 19), (Kind::Entries, 2, 256), (Kind::Hashes(1), 0, 3)] {
        assert!(matches!(ledger.tile(&Tile { kind, index, width }), Err(TreeError::Beyond { .. })));
    }
}

#[test]
fn a_receipt_is_signed_by_the_key_of_the_log() {
    let world = World::of(2);
    let ledger = world.open().unwrap();
    let receipt = Receipt { seq: 1, leaf_hash: LeafHash::of(b"x"), decision_id: Some("d-1".into()) };
    let jws = ledger.receipt_jws(&receipt, Timestamp::from_unix_ms(1_700_000_000_123)).unwrap();
    let (signed, signature) = jws.rsplit_once('.').unwrap();
    let key = &world.keys.vkeys()[0];
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, key.public());
    assert!(public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).is_ok());
    let (_, payload) = signed.split_once('.').unwrap();
    let payload: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let leaf = LeafHash::of(b"x").to_string();
    assert_eq!(
        payload,
        serde_json::json!({"decision_id": "d-1", "iat": 1_700_000_000, "index": 1, "leaf_hash": leaf,
            "origin": crate::world::ORIGIN})
    );
}

#[test]
fn an_export_verifies_and_no_changed_byte_of_it_does() {
    let world = World::of(120);
    let keys = world.keys.vkeys();
    let out = world.dir.path().join("export");
    let exported = export(&world.ledger(), 30..=60, &world.keys, &out).unwrap();
    assert_eq!(verify_export(&out, &keys), Ok(exported));
    assert!(export(&world.ledger(), 30..=60, &world.keys, &out).is_err(), "nothing is written over");
    let mut random = Random(0xe0);
    for name in ["manifest", "checkpoint", "records.jsonl", "range.proof"] {
        let path = out.join(name);
        let good = fs::read(&path).unwrap();
        let ends: Vec<usize> =
            good.iter().enumerate().filter(|(_, it)| **it == b'\n').map(|(at, _)| at).collect();
        let every = if full() { 1 } else { 7 };
        for at in (0..good.len()).filter(|at| at % every == 0) {
            let mut bad = good.clone();
            bad[at] ^= 1 << random.below(8);
            fs::write(&path, &bad).unwrap();
            let fault = verify_export(&out, &keys).unwrap_err();
            let owner = 30 + ends.partition_point(|end| *end < at) as u64;
            if name == "records.jsonl" && good[at] != b'\n' && bad[at] != b'\n' {
                assert_eq!(fault.index(), Some(owner), "byte {at}: {fault}");
            }
        }
        for bad in [&good[..good.len() - 1], &[&good[..], b"\n"].concat(), &[&good[..], &good].concat(), b""]
        {
            fs::write(&path, bad).unwrap();
            assert!(verify_export(&out, &keys).is_err(), "{name}");
        }
        fs::write(&path, &good).unwrap();
    }
    assert!(verify_export(&out, &keys).is_ok());
    // Lines left out, doubled or swapped.
    let path = out.join("records.jsonl");
    let good = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let mut swapped = lines.clone();
        swapped.swap(at, (at + 1) % lines.len());
        for bad in
            [[&lines[..at], &lines[at + 1..]].concat(), [&lines[..=at], &lines[at..]].concat(), swapped]
        {
            fs::write(&path, bad.concat()).unwrap();
            assert!(verify_export(&out, &keys).unwrap_err().index().is_some());
        }
    }
    fs::write(&path, &good).unwrap();
    let stranger = remit_ledger::Keys::generate(crate::world::ORIGIN).unwrap();
    assert!(verify_export(&out, &stranger.vkeys()).is_err());
}

#[test]
fn any_range_can_be_exported_and_none_beyond_the_head() {
    let world = World::of(40);
    for (n, (first, last)) in [(0, 0), (0, 39), (39, 39), (7, 8), (16, 31), (15, 32)].into_iter().enumerate()
    {
        let out = world.dir.path().join(format!("export {n}"));
        let exported = export(&world.ledger(), first..=last, &world.keys, &out).unwrap();
        assert_eq!((exported.first, exported.last, exported.size), (first, last, 40));
        assert_eq!(verify_export(&out, &world.keys.vkeys()), Ok(exported));
    }
    #[expect(clippy::reversed_empty_ranges, reason = "this is what is refused")]
    for range in [0..=40, 41..=42, 5..=4] {
        assert!(export(&world.ledger(), range, &world.keys, &world.dir.path().join("none")).is_err());
        assert!(!world.dir.path().join("none").exists());
    }
}
