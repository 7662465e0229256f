//! The corpora of the fuzzers, on a stable compiler: every file, and each with bytes changed, is answered.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "support code of tests fails loudly")]

use std::path::Path;
use std::time::{Duration, Instant};

use remit_testkit::random::Random;
use remit_tests::targets::ALL;

/// Variants of each file; a hundred times as many with `REMIT_FULL`.
fn variants() -> usize {
    if std::env::var_os("REMIT_FULL").is_some() { 2_000 } else { 20 }
}

#[test]
fn every_seed_of_the_fuzzers_is_answered() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, target) in ALL {
        let mut random = Random::new(name.len() as u64);
        let mut files: Vec<_> = std::fs::read_dir(corpora.join(name))
            .expect("a corpus")
            .map(|it| it.expect("readable").path())
            .collect();
        files.sort();
        assert!(files.len() >= 3, "{name} has too small a corpus");
        for file in &files {
            let seed = std::fs::read(file).expect("readable");
            let began = Instant::now();
            target(&seed);
            assert!(
                began.elapsed() < Duration::from_secs(5),
                "{name} {}: {:?}",
                file.display(),
                began.elapsed()
            );
            for _ in 0..variants() {
                target(&changed(&seed, &mut random));
            }
        }
        println!("{name}: {} files, {} variants each", files.len(), variants());
    }
}

/// A few bytes changed, cut out, doubled or put in.
fn changed(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1));
        let end = (at + 1 + random.below(12)).min(bytes.len());
        match random.below(5) {
            _ if bytes.is_empty() => bytes.push(b'x'),
            0 => bytes[at] ^= 1 << random.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => bytes.insert(at, random.below(256) as u8),
            _ => bytes.truncate(at + 1),
        }
    }
    bytes
}
