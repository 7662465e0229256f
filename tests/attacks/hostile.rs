//! The hostile requests of `remit-conformance` against the served binary: nothing is allowed that must not be, nothing breaks, and
//! the process is as large afterwards as before.

use remit_conformance::{Target, run_hostile};

use crate::aftermath::{self, Answered};
use crate::served::{ALLOWED, KEY, Start};

/// Memory that a run may leave behind in kB: caches, the index of the ledger and what the allocator keeps.
const LEFT_KB: u64 = 96 * 1024;

#[test]
fn no_hostile_request_gets_an_allow_or_breaks_anything() {
    let data = tempfile::tempdir().expect("a folder");
    let mut start = Start::new(data.path());
    start.tables = "[limits]\nheader_timeout_ms = 5000\nbody_timeout_ms = 5000\n".to_owned();
    let served = start.served();
    let mut answered = Answered::default();
    for _ in 0..50 {
        answered.note(&served.decide(ALLOWED));
    }
    let before = served.memory_kb();
    let question = serde_json::from_str(ALLOWED).expect("a question");
    let target = Target { address: served.address, key: Some(KEY.to_owned()), question };
    let summary = run_hostile(&target);
    println!("{summary}");
    assert!(served.alive(), "{}", served.said());
    let after = served.memory_kb();
    println!("resident memory: {before:?} kB before, {after:?} kB after");
    if let (Some(before), Some(after)) = (before, after) {
        assert!(after < before + LEFT_KB, "{before} kB, then {after} kB");
    }
    answered.note(&served.decide(ALLOWED));
    assert!(!served.said().contains("panicked"), "{}", served.said());
    served.stop();

    assert_eq!(summary.wrong_allows, 0, "{summary}");
    assert_eq!(summary.server_errors, 0, "{summary}");
    assert!(summary.faults.is_empty(), "{} cases came out wrong", summary.faults.len());
    assert!(summary.cases() >= 400, "{} cases", summary.cases());
    for (group, count) in &summary.groups {
        assert!(count.hostile > 0 && count.neighbours > 0, "{group}: {count:?}");
    }
    aftermath::check(data.path(), &answered, None);
}
