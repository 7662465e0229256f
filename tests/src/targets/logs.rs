//! What is read of a ledger: segments and records, proofs and heads, and questions to it.

use std::sync::{Mutex, OnceLock};

use remit_audit::{Given, Question};
use remit_pdp::ledger::{
    Body, Checkpoint, Decision, FaultNoted, Inclusion, Keys, Ledger, LedgerOptions, Record, Tile, Timestamp,
    Vkey, consistent, included, open_note, read, verify,
};

struct Place {
    dir: tempfile::TempDir,
}

fn place() -> &'static Mutex<Place> {
    static PLACE: OnceLock<Mutex<Place>> = OnceLock::new();
    PLACE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(dir.path().join("segments")).expect("a folder");
        Mutex::new(Place { dir })
    })
}

/// A segment, and each line of it as a record: whole or refused; what verifies can be read to its end.
pub fn segment(data: &[u8]) {
    if let Ok(record) = Record::parse(data) {
        assert_eq!(record.json().as_bytes(), data, "a record that is written otherwise");
        let decided = record.body.decision().and_then(|it| it.decision);
        assert!(decided.is_none() || record.body.kind() == "decision");
        assert!(decided != Some(Decision::Allow) || record.body.decision().is_some());
    }
    let place = place().lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let file = place.dir.path().join("segments/00000000000000000000.seg");
    std::fs::write(&file, data).expect("written");
    let whole = read(place.dir.path(), 0, u64::MAX).try_fold(0_u64, |count, it| it.map(|_| count + 1));
    if let Ok(verified) = verify(place.dir.path()) {
        assert_eq!(whole.ok(), Some(verified.records), "what verifies reads otherwise");
    }
}

/// The key that nobody has signed anything with.
fn vkey() -> &'static Vkey {
    static KEY: OnceLock<Vkey> = OnceLock::new();
    KEY.get_or_init(|| Keys::generate("fuzz.example").expect("a key").vkeys().swap_remove(0))
}

/// Proofs, notes, heads, keys and addresses of tiles: refused, or as they are written again; never believed.
pub fn proof(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let keys = std::slice::from_ref(vkey());
    if let Ok(proof) = Inclusion::parse(text) {
        assert_eq!(proof.text(), text, "a proof that is written otherwise");
        assert!(proof.verify(&[7; 32], keys).is_err(), "a proof without a signature is believed");
    }
    assert!(open_note(text, keys).is_err() && Checkpoint::open(text, keys).is_err(), "believed: {text}");
    if let Ok(key) = Vkey::parse(text.trim()) {
        assert_eq!(key.to_string(), text.trim());
    }
    if let Some(tile) = Tile::parse(text) {
        assert_eq!(tile.path(), text, "an address with two spellings");
    }
    let (numbers, rest) = data.split_at(data.len().min(16));
    let number = |at: usize| {
        let mut bytes = [0; 8];
        numbers.iter().skip(at).take(8).zip(&mut bytes).for_each(|(from, to)| *to = *from);
        u64::from_le_bytes(bytes)
    };
    let path: Vec<[u8; 32]> = rest.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).collect();
    // Nobody finds a path from this leaf to this root.
    assert!(included(&[1; 32], number(0), number(8), &path, &[2; 32]).is_err());
    if number(0) != number(8) {
        let (one, other) = ((number(0), &[1; 32]), (number(8), &[2; 32]));
        assert!(consistent(one, other, &path).is_err() || number(0) == 0);
    }
}

/// A condition: refused with its place, or answered.
pub fn query(data: &[u8]) {
    static LEDGER: OnceLock<(tempfile::TempDir, Ledger)> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (_, ledger) = LEDGER.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let now = Timestamp::from_unix_ms(1_800_000_000_000);
        let (ledger, _) = Ledger::open(dir.path(), LedgerOptions::new("fuzz", now)).expect("an empty log");
        for what in ["one", "two"] {
            let noted =
                FaultNoted { pep: None, request_id: None, tenant: None, time: now, what: what.into() };
            let _receipt = ledger.append_blocking(Body::Fault(noted)).expect("a receipt");
        }
        (dir, ledger)
    });
    let now = remit_model::Timestamp::from_unix_seconds(1_800_000_000).expect("in range");
    match remit_audit::ask(ledger, &Question::of(text), &Given::at(now)) {
        Ok(answer) => assert!(!remit_audit::table(&answer).is_empty()),
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}
