//! A verifier in another language, written from the specifications, says the same of exports and proofs as ours.

use crate::world::{Random, World};
use remit_ledger::{export, read, verify_export};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/verifiers/verify.py")
}

/// Whether the other verifier believes it; none where there is no Python.
pub fn believes(arguments: &[&str]) -> Option<bool> {
    let output = match Command::new("python3").arg(script()).args(arguments).output() {
        Ok(output) => output,
        Err(fault) => {
            eprintln!("SKIPPED LOUDLY: the second verifier needs python3: {fault}");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => Some(true),
        Some(1) if said.starts_with("refused: ") => Some(false),
        other => panic!("the second verifier ended with {other:?}: {said}"),
    }
}

#[test]
fn a_second_verifier_agrees_about_exports() {
    let world = World::of(90);
    let key = world.keys.vkeys()[0].to_string();
    let out = world.dir.path().join("export");
    export(&world.ledger(), 20..=70, &world.keys, &out).unwrap();
    let folder = out.to_str().unwrap();
    let Some(good) = believes(&["export", folder, &key]) else { return };
    assert!(good);
    let stranger = remit_ledger::Keys::generate(crate::world::ORIGIN).unwrap().vkeys()[0].to_string();
    assert_eq!(believes(&["export", folder, &stranger]), Some(false));
    let mut random = Random(0x9e37);
    for name in ["manifest", "checkpoint", "records.jsonl", "range.proof"] {
        let path = out.join(name);
        let good = fs::read(&path).unwrap();
        for _ in 0..6 {
            let mut bad = good.clone();
            bad[random.below(good.len())] ^= 1 << random.below(8);
            fs::write(&path, &bad).unwrap();
            assert!(verify_export(&out, &world.keys.vkeys()).is_err(), "{name}");
            assert_eq!(believes(&["export", folder, &key]), Some(false), "{name}");
        }
        fs::write(&path, &good).unwrap();
    }
    assert_eq!(believes(&["export", folder, &key]), Some(true));
}

#[test]
fn a_second_verifier_agrees_about_proofs_of_records() {
    let world = World::of(70);
    let ledger = world.open().unwrap();
    let key = world.keys.vkeys()[0].to_string();
    let path = |name: &str| world.dir.path().join(name);
    for index in [0, 33, 64, 69] {
        let record = read(&world.ledger(), index, index).next().unwrap().unwrap();
        let proof = ledger.inclusion(index, None).unwrap();
        fs::write(path("record"), record.json()).unwrap();
        fs::write(path("proof"), proof.text()).unwrap();
        let (proof_file, record_file) = (path("proof"), path("record"));
        let arguments = ["proof", proof_file.to_str().unwrap(), record_file.to_str().unwrap(), &key];
        let Some(good) = believes(&arguments) else { return };
        assert!(good, "record {index}");
        fs::write(path("record"), record.json().replacen("record", "recorD", 2)).unwrap();
        if record.json().contains("record ") {
            assert_eq!(believes(&arguments), Some(false), "record {index} changed");
        }
        fs::write(path("record"), record.json()).unwrap();
        fs::write(path("proof"), proof.text().replace(&format!("index {index}"), "index 7")).unwrap();
        assert_eq!(believes(&arguments), Some(false), "record {index} in another place");
    }
}
