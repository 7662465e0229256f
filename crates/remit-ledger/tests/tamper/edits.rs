//! A2 and A4: records removed, put in, swapped, doubled, renumbered, with checksums that fit; and the whole log anew.

use crate::world::{Random, World, frame, frames, full, note};
use remit_ledger::{FaultKind, Keys, Ledger, LedgerOptions, Timestamp, Trust, read, verify, verify_with};
use std::fs;

const RECORDS: usize = 60;

#[test]
fn no_edit_of_records_goes_unseen() {
    let world = World::of(RECORDS as u64);
    let path = world.segment();
    let good = fs::read(&path).unwrap();
    let (header, all) = frames(&good);
    // Plain frames: the checksums fit, and the short form is no secret anyway.
    let plain: Vec<String> =
        read(&world.ledger(), 0, u64::MAX).map(|it| it.unwrap().json().to_owned()).collect();
    assert_eq!(plain.len(), all.len());
    let records: Vec<&[u8]> = plain.iter().map(String::as_bytes).collect();
    let mut random = Random(0x0dd_ba11);
    let edits = if full() { 100_000 } else { 2_000 };
    let mut done = 0;
    while done < edits {
        let mut edited: Vec<Vec<u8>> = records.iter().map(|it| it.to_vec()).collect();
        let (at, other) = (random.below(RECORDS), random.below(RECORDS));
        let first = match random.below(7) {
            0 => {
                edited.remove(at);
                at
            }
            1 => {
                edited.insert(at, records[other].to_vec());
                // Doubled in place: the second one is one too many.
                at + usize::from(at == other)
            }
            2 => {
                edited.swap(at, other);
                at.min(other)
            }
            3 => {
                edited[at] = records[other].to_vec();
                at
            }
            4 => {
                // Another text of the same length, everything else as it was.
                let text = String::from_utf8(edited[at].clone()).unwrap();
                edited[at] = text.replacen("record", "recorD", 1).into_bytes();
                at
            }
            5 => {
                let text = String::from_utf8(edited[at].clone()).unwrap();
                let renumbered = format!("\"seq\":{}}}", random.below(99));
                edited[at] = text.replace(&format!("\"seq\":{at}}}"), &renumbered).into_bytes();
                at
            }
            _ => {
                edited.truncate(at);
                at
            }
        };
        if edited.iter().map(Vec::as_slice).eq(records.iter().copied()) {
            continue;
        }
        done += 1;
        let frames: Vec<u8> = edited.iter().flat_map(|it| frame(it)).collect();
        fs::write(&path, [&header[..], &frames].concat()).unwrap();
        let fault = world.verify().unwrap_err();
        assert_eq!(fault.seq, first as u64, "{fault}");
    }
    fs::write(&path, &good).unwrap();
    assert_eq!(world.verify().unwrap().records, RECORDS as u64);
}

/// Somebody writes the whole log again, chain and all, with one record different.
fn rewritten(records: u64, changed: u64, keys: Option<Keys>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let options = LedgerOptions { keys, ..LedgerOptions::new("test", Timestamp::from_unix_ms(0)) };
    let (ledger, _) = Ledger::open(dir.path(), options).unwrap();
    while ledger.extent().size < records {
        let seq = ledger.extent().size;
        let word = if seq == changed { "another" } else { "record" };
        let _receipt = ledger.append_blocking(note(format!("{word} {seq}"))).unwrap();
    }
    ledger.close().unwrap();
    dir
}

#[test]
fn a_log_written_anew_without_the_key_is_found() {
    let world = World::of(40);
    let forged = rewritten(40, 17, Some(world.stolen_keys()));
    // Only the records are put in: what is signed stays.
    let genuine = fs::read(world.segment()).unwrap();
    let bytes = fs::read(forged.path().join("segments/00000000000000000000.seg")).unwrap();
    assert!(verify(forged.path()).is_ok(), "in itself it is whole");
    fs::write(world.segment(), bytes).unwrap();
    let fault = world.verify().unwrap_err();
    assert_eq!((fault.seq, fault.kind), (17, FaultKind::Root), "named at the record that is another one");
    assert!(world.open().is_err());
    fs::write(world.segment(), genuine).unwrap();
    assert!(world.verify().is_ok());
    // With a key of their own everything fits but the signature.
    let stranger = Keys::generate(crate::world::ORIGIN).unwrap();
    let forged = rewritten(40, 17, Some(stranger));
    assert!(verify(forged.path()).is_ok());
    let fault = verify_with(forged.path(), &world.trust()).unwrap_err();
    assert!(matches!(fault.kind, FaultKind::Signature(_)), "{fault}");
}

#[test]
fn a_log_written_anew_with_the_key_differs_from_any_head_kept_elsewhere() {
    let world = World::of(40);
    let kept = world.checkpoint();
    world.append(60);
    let trust = Trust { heads: vec![kept], ..world.trust() };
    assert!(verify_with(&world.ledger(), &trust).is_ok(), "the log has what it had");
    let forged = rewritten(60, 17, Some(world.stolen_keys()));
    // Without a head from elsewhere nothing shows it: the documentation says so.
    assert!(verify_with(forged.path(), &world.trust()).is_ok());
    let fault = verify_with(forged.path(), &trust).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Root);
    let shorter = rewritten(30, 99, Some(world.stolen_keys()));
    let fault = verify_with(shorter.path(), &trust).unwrap_err();
    assert!(matches!(fault.kind, FaultKind::Missing { expected: 40, .. }), "{fault}");
}
