//! Old records that are dropped: every proof stays valid; who drops them by hand is found; a crash at any step of it
//! neither loses a newer record nor raises an alarm.

use crate::python::believes;
use crate::world::World;
use remit_ledger::{
    Body, ExportError, FaultKind, Inclusion, Kind, Ledger, LedgerError, PruneError, PruneNote, Record, Tile,
    Timestamp, TreeError, Trust, copy_log, export, pruned, read, verify_export, verify_with,
};
use std::fs;
use std::path::PathBuf;

const RECORDS: u64 = 700;

fn note() -> PruneNote {
    PruneNote {
        author: Some("ops".into()),
        graph: None,
        policy: None,
        time: Timestamp::from_unix_ms(9),
        why: "older than a year".into(),
    }
}

fn world() -> World {
    World::in_segments(RECORDS, 8_000)
}

/// Drops everything before this record that whole segments allow; the first record that is left.
fn prune(ledger: &Ledger, below: u64) -> u64 {
    let what = ledger.prunable(below).unwrap().unwrap();
    assert!(what.records > 0 && what.first <= below, "{what:?}");
    assert_eq!(ledger.prune(what.first, note()).unwrap(), what);
    what.first
}

fn names(world: &World) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        fs::read_dir(world.ledger().join("segments")).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    names
}

#[test]
fn proofs_of_what_was_dropped_stay_valid_and_the_log_goes_on() {
    let world = world();
    let early = World::in_segments(40, 8_000);
    let all: Vec<Record> = read(&world.ledger(), 0, u64::MAX).map(Result::unwrap).collect();
    let (before, kept_head) = (names(&world).len(), world.checkpoint());
    let ledger = world.open().unwrap();
    let old = ledger.inclusion(3, None).unwrap();
    let first = prune(&ledger, 600);
    assert!(first > 512, "{first}");
    assert_eq!(ledger.first(), first);
    assert!(names(&world).len() < before);

    // Proofs made before and after, and from any size on.
    let keys = world.keys.vkeys();
    for index in [0, 3, 255, 256, first - 1, first, 699] {
        let proof = Inclusion::parse(&ledger.inclusion(index, None).unwrap().text()).unwrap();
        proof.verify(&all[index as usize].leaf_hash.0, &keys).unwrap();
        assert!(proof.verify(&all[7].leaf_hash.0, &keys).is_err());
    }
    assert!(old.verify(&all[3].leaf_hash.0, &keys).is_ok());
    for (from, to) in [(1, 700), (300, 513), (first - 1, first + 1), (256, 512)] {
        assert!(!ledger.consistency(from, to).unwrap().is_empty(), "{from} {to}");
    }
    // Tiles of hashes are all there; a bundle that is not whole any more is not there any more.
    assert!(ledger.tile(&Tile { kind: Kind::Hashes(0), index: 0, width: 256 }).is_ok());
    assert!(ledger.tile(&Tile { kind: Kind::Hashes(1), index: 0, width: 2 }).is_ok());
    for index in [0, 1, 2] {
        let gone =
            ledger.tile(&Tile { kind: Kind::Entries, index, width: if index == 2 { 100 } else { 256 } });
        assert!(matches!(gone, Err(TreeError::Pruned { first: at }) if at == first), "{index}: {gone:?}");
    }
    ledger.close().unwrap();

    let trust = Trust { heads: vec![kept_head], ..world.trust() };
    let verified = verify_with(&world.ledger(), &trust).unwrap();
    assert_eq!((verified.first, verified.signed), (first, Some(verified.records)));
    let strange = Trust { heads: vec![early.checkpoint()], ..early.trust() };
    assert!(verify_with(&world.ledger(), &strange).is_err());
    let said = pruned(&world.ledger()).unwrap().unwrap();
    assert_eq!((said.first, said.records, said.author.as_deref()), (first, first, Some("ops")));
    let left: Vec<u64> = read(&world.ledger(), 0, u64::MAX).map(|it| it.unwrap().seq).collect();
    assert_eq!(left, (first..verified.records).collect::<Vec<_>>());

    // Exports and copies are of what is left.
    let out = |name: &str| world.dir.path().join(name);
    let refused = export(&world.ledger(), first - 1..=699, &world.keys, &out("none")).unwrap_err();
    assert!(matches!(refused, ExportError::Pruned { first: at } if at == first));
    export(&world.ledger(), first..=699, &world.keys, &out("export")).unwrap();
    verify_export(&out("export"), &keys).unwrap();
    let copied = copy_log(&world.ledger(), &out("copy"), &trust).unwrap();
    assert_eq!((copied.first, copied.records), (first, verified.records));
    let key = keys[0].to_string();
    if let Some(good) = believes(&["export", out("export").to_str().unwrap(), &key]) {
        assert!(good);
        fs::write(out("record"), all[3].json()).unwrap();
        let ledger = world.open().unwrap();
        fs::write(out("proof"), ledger.inclusion(3, None).unwrap().text()).unwrap();
        let arguments = ["proof", out("proof").to_str().unwrap(), out("record").to_str().unwrap(), &key]
            .map(str::to_owned);
        assert_eq!(believes(&arguments.each_ref().map(String::as_str)), Some(true));
    }

    // The log goes on, and is pruned again.
    world.append(1_500);
    let ledger = world.open().unwrap();
    let second = prune(&ledger, 1_400);
    assert!(second > first);
    let proof = ledger.inclusion(3, None).unwrap();
    proof.verify(&all[3].leaf_hash.0, &keys).unwrap();
    ledger.close().unwrap();
    assert_eq!(verify_with(&world.ledger(), &trust).unwrap().first, second);
    assert_eq!(pruned(&world.ledger()).unwrap().unwrap().records, second - first);
}

#[test]
fn only_whole_old_segments_under_a_signed_head_go() {
    let world = world();
    let ledger = world.open().unwrap();
    assert_eq!(ledger.prunable(5).unwrap(), None, "not a whole segment");
    let most = ledger.prunable(u64::MAX).unwrap().unwrap();
    assert!(most.first < RECORDS, "the last segment stays");
    assert!(matches!(ledger.prune(most.first + 1, note()), Err(PruneError::Place { .. })));
    assert!(matches!(ledger.prune(0, note()), Err(PruneError::Place { .. })));
    assert_eq!(ledger.first(), 0);
    ledger.close().unwrap();
    assert_eq!(world.verify().unwrap().first, 0);

    // Without a key nothing is signed, and nothing can go.
    let dir = tempfile::tempdir().unwrap();
    let options = remit_ledger::LedgerOptions::new("test", Timestamp::MIN);
    let (bare, _) = Ledger::open(dir.path(), options).unwrap();
    assert!(matches!(bare.prunable(1), Err(PruneError::Tree(TreeError::NoKey))));

    // A stored hash that is not the one of its record would be all that is left of it.
    let column = world.ledger().join("tree/0");
    let good = fs::read(&column).unwrap();
    let ledger = world.open().unwrap();
    let what = ledger.prunable(500).unwrap().unwrap();
    let mut bad = good.clone();
    bad[32 * 77] ^= 1;
    fs::write(&column, bad).unwrap();
    let before = names(&world);
    assert!(ledger.prune(what.first, note()).is_err());
    fs::write(&column, good).unwrap();
    assert_eq!(names(&world), before, "nothing went");
    assert_eq!(ledger.prune(what.first, note()).unwrap(), what);
}

#[test]
fn segments_dropped_by_hand_are_found_with_any_forged_base() {
    let world = world();
    let all = names(&world);
    let hash = |seq: u64| read(&world.ledger(), seq, seq).next().unwrap().unwrap().leaf_hash;
    let second = all[1].file_stem().unwrap().to_str().unwrap().parse::<u64>().unwrap();
    let third = all[2].file_stem().unwrap().to_str().unwrap().parse::<u64>().unwrap();
    let (leaf, further) = (hash(second - 1), hash(third - 1));
    let base = |first: u64, leaf: remit_ledger::LeafHash, record: u64| {
        format!("remit ledger base v1\n{first}\n{leaf}\n{record}\n")
    };

    let bare = world.copy();
    fs::remove_file(&names(&bare)[0]).unwrap();
    let fault = bare.verify().unwrap_err();
    assert_eq!((fault.seq, fault.kind), (0, FaultKind::Gap), "no note");
    assert!(bare.open().is_err());
    for record in [second, 500, 699, 700, 5_000] {
        fs::write(bare.ledger().join("base"), base(second, leaf, record)).unwrap();
        let fault = bare.verify().unwrap_err();
        assert_eq!(
            (fault.file.as_str(), fault.kind),
            ("base", FaultKind::Base),
            "no record {record} says so"
        );
        assert!(bare.open().is_err());
    }
    fs::write(bare.ledger().join("base"), base(second, further, 500)).unwrap();
    assert!(bare.verify().is_err(), "another hash");
    fs::write(bare.ledger().join("base"), "remit ledger base v1\n0\n").unwrap();
    assert_eq!(bare.verify().unwrap_err().kind, FaultKind::Format);

    // A true prune, and then one segment more by hand.
    let ledger = world.open().unwrap();
    assert_eq!(prune(&ledger, second), second);
    ledger.close().unwrap();
    assert!(world.verify().is_ok());
    let record = fs::read_to_string(world.ledger().join("base")).unwrap();
    let record: u64 = record.lines().nth(3).unwrap().parse().unwrap();
    let more = world.copy();
    fs::remove_file(&names(&more)[0]).unwrap();
    assert_eq!(more.verify().unwrap_err().kind, FaultKind::Gap);
    fs::write(more.ledger().join("base"), base(third, further, record)).unwrap();
    assert_eq!(more.verify().unwrap_err().kind, FaultKind::Base);
    assert!(more.open().is_err());
    // The note taken away.
    let without = world.copy();
    fs::remove_file(without.ledger().join("base")).unwrap();
    assert!(matches!(without.verify().unwrap_err().kind, FaultKind::Gap));
    // One of the hashes that are all that is left, leaf or inner.
    for (level, at) in [("0", 5 * 32), ("1", 3)] {
        let bad = world.copy();
        let path = bad.ledger().join("tree").join(level);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(bad.verify().is_err(), "level {level}");
        if level == "0" {
            assert!(matches!(bad.open(), Err(LedgerError::Damaged(_))), "they cannot be built again");
        }
    }
    let cut = world.copy();
    let column = fs::OpenOptions::new().write(true).open(cut.ledger().join("tree/0")).unwrap();
    column.set_len(32 * (second - 1)).unwrap();
    assert!(cut.verify().is_err() && cut.open().is_err());
    assert!(world.open().is_ok(), "the one that was pruned in order starts");
}

#[test]
fn a_crash_at_any_step_is_finished_or_passed_over() {
    let world = world();
    let before = world.copy();
    let ledger = world.open().unwrap();
    let first = prune(&ledger, 300);
    ledger.close().unwrap();
    let end = world.verify().unwrap().records;

    // Before the note: the record is there, and everything else too.
    let early = world.copy();
    fs::remove_file(early.ledger().join("base")).unwrap();
    for name in names(&before)
        .iter()
        .filter(|name| !names(&world).iter().any(|it| it.file_name() == name.file_name()))
    {
        fs::copy(name, early.ledger().join("segments").join(name.file_name().unwrap())).unwrap();
    }
    let verified = early.verify().unwrap();
    assert_eq!((verified.first, verified.records), (0, end));
    let ledger = early.open().unwrap();
    assert_eq!(ledger.first(), 0);
    assert_eq!(prune(&ledger, 300), first, "it is done anew");
    ledger.close().unwrap();
    assert!(early.verify().is_ok());

    // After the note, with none, some or all of the segments deleted.
    let gone: Vec<_> = names(&before)
        .into_iter()
        .take_while(|it| *it.file_stem().unwrap().to_str().unwrap() < *format!("{first:020}"))
        .collect();
    for deleted in 0..=gone.len() {
        let half = world.copy();
        for name in &gone[deleted..] {
            fs::copy(name, half.ledger().join("segments").join(name.file_name().unwrap())).unwrap();
        }
        let verified = half.verify().unwrap();
        assert_eq!((verified.first, verified.records), (first, end), "{deleted}: no alarm");
        let ledger = half.open().unwrap();
        assert_eq!((ledger.first(), ledger.extent().size), (first, end));
        ledger.close().unwrap();
        assert_eq!(names(&half).len(), names(&world).len(), "{deleted}: the start deleted the rest");
        let last = read(&half.ledger(), end - 1, end - 1).next().unwrap().unwrap();
        assert!(matches!(last.body, Body::Pruned(_)));
    }
}
