//! Rows 3 to 5, 9, 23 and 24 of the faults: a bad disk and a bad clock beneath the whole process.
//!
//! `disk/disk.c` is compiled and loaded before the C library; a file says what goes wrong, and can change while the process runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use remit_pdp::ledger::{Body, read};

use crate::aftermath::{self, Answered};
use crate::served::{ALLOWED, DENIED, KEY, Served, Start, root};

/// The compiled layer; none where it cannot be made.
fn layer() -> Option<&'static Path> {
    static LAYER: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let made = LAYER.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("disk.so");
        let source = root().join("tests/attacks/disk/disk.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&file).arg(source).arg("-ldl");
        let built = compiler.status().is_ok_and(|status| status.success());
        (built && cfg!(target_os = "linux")).then_some((dir, file))
    });
    if made.is_none() {
        eprintln!("SKIPPED LOUDLY: a bad disk needs a C compiler and LD_PRELOAD");
    }
    made.as_ref().map(|(_, file)| file.as_path())
}

/// A process above a disk that can be made bad.
struct Above {
    start: Start,
    says: PathBuf,
    dir: tempfile::TempDir,
}

impl Above {
    fn new(top: &str, tables: &str) -> Option<Self> {
        let layer = layer()?;
        let dir = tempfile::tempdir().expect("a folder");
        let says = dir.path().join("bad-disk");
        let mut start = Start::new(&dir.path().join("data"));
        start.top = format!("watch = false\n{top}");
        start.tables = tables.to_owned();
        let quoted = |path: &Path| format!("'{}'", path.display());
        start.shell = Some(format!("LD_PRELOAD={} BAD_DISK={} exec \"$@\"", quoted(layer), quoted(&says)));
        Some(Self { start, says, dir })
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn say(&self, what: &str) {
        let aside = self.says.with_extension("new");
        std::fs::write(&aside, format!("{what}\n")).expect("written");
        std::fs::rename(aside, &self.says).expect("renamed");
    }

    fn well_again(&self) {
        let _there = std::fs::remove_file(&self.says);
    }
}

/// Asks once; what was decided is kept.
fn ask(served: &Served, question: &str, answered: &mut Answered) -> u16 {
    match served.ask_as(KEY, "POST /access/v1/evaluation", question) {
        Ok(answer) => {
            assert!(answer.status == 200 || answer.decision().is_none(), "{answer:?}");
            answered.note(&answer);
            answer.status
        }
        Err(_) => 0,
    }
}

/// After one sync that failed nothing is decided and the sync is never tried again: the process ends, and the next start recovers.
#[test]
fn a_sync_that_fails_once_ends_the_process_and_the_next_start_recovers() {
    for fault in ["sync-eio 1", "write-eio 1"] {
        let Some(above) = Above::new("", "") else { return };
        let mut answered = Answered::default();
        let served = above.start.served();
        assert_eq!(ask(&served, ALLOWED, &mut answered), 200);
        above.say(fault);
        let mut refused = 0;
        for _ in 0..5 {
            // The disk is well again after the first, and still nothing is decided.
            let status = ask(&served, ALLOWED, &mut answered);
            assert_ne!(status, 200, "{fault}: decided after a write that may be lost");
            refused += 1;
        }
        assert!(refused == 5 && !above.says.exists(), "{fault} happened");
        assert_eq!(served.ended(Duration::from_secs(10)), Some(3), "{fault}: {}", served.said());
        assert!(served.said().contains("the ledger takes no records any more"), "{fault}: {}", served.said());
        above.well_again();
        let again = above.start.served();
        assert_eq!(ask(&again, DENIED, &mut answered), 200);
        again.stop();
        assert_eq!(answered.0.len(), 2, "{fault}");
        aftermath::check(&above.data(), &answered, None);
    }
}

/// Short and interrupted writes are gone on with; nobody notices.
#[test]
fn short_and_interrupted_writes_are_finished_without_a_gap() {
    for fault in ["write-short 7", "write-eintr 1"] {
        let Some(above) = Above::new("", "") else { return };
        let mut answered = Answered::default();
        let served = above.start.served();
        above.say(fault);
        for at in 0..20 {
            let question = if at % 2 == 0 { ALLOWED } else { DENIED };
            assert_eq!(ask(&served, question, &mut answered), 200, "{fault}");
        }
        served.stop();
        above.well_again();
        assert_eq!(answered.0.len(), 20);
        aftermath::check(&above.data(), &answered, None);
    }
}

/// A kill amid short writes leaves a torn record; it is cut, the cut is on record, and what was answered stays.
#[test]
fn a_record_torn_by_a_kill_amid_short_writes_is_cut_and_the_cut_recorded() {
    let Some(above) = Above::new("", "") else { return };
    let mut answered = Answered::default();
    let served = above.start.served();
    assert_eq!(ask(&served, ALLOWED, &mut answered), 200);
    let segment = above.data().join("ledger/segments/00000000000000000000.seg");
    let whole = std::fs::metadata(&segment).expect("a segment").len();
    // One byte at a time gives the kill something to hit.
    above.say("write-short 1");
    let torn = std::thread::scope(|scope| {
        scope.spawn(|| ask(&served, DENIED, &mut Answered::default()));
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let length = std::fs::metadata(&segment).expect("a segment").len();
            if length > whole + 20 || Instant::now() > until {
                served.signal("KILL");
                break length;
            }
        }
    });
    assert!(torn > whole);
    assert_eq!(served.ended(Duration::from_secs(20)), None, "killed");
    above.well_again();
    let again = above.start.served();
    assert_eq!(ask(&again, ALLOWED, &mut answered), 200);
    again.stop();
    let cuts: Vec<_> = read(&above.data().join("ledger"), 0, u64::MAX)
        .filter_map(
            |it| if let Body::Recovered(it) = it.expect("whole").body { Some(it.bytes_cut) } else { None },
        )
        .collect();
    println!("cut: {cuts:?}");
    aftermath::check(&above.data(), &answered, None);
}

/// While the disk stalls, answers are 503 by their deadline and none leaves unlogged; afterwards it goes on by itself.
#[test]
fn a_disk_that_stalls_costs_answers_and_loses_none() {
    let Some(above) = Above::new("", "[limits]\nrequest_timeout_ms = 500\n") else { return };
    let answered = Mutex::new(Answered::default());
    let served = above.start.served();
    assert_eq!(ask(&served, ALLOWED, &mut answered.lock().expect("unpoisoned")), 200);
    let stall = if std::env::var_os("REMIT_FULL").is_some() { 30_000 } else { 2_000 };
    above.say(&format!("sync-stall {stall}"));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let began = Instant::now();
                    let mut own = Answered::default();
                    let status = ask(&served, ALLOWED, &mut own);
                    answered.lock().expect("unpoisoned").join(own);
                    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
                    status
                })
            })
            .collect();
        asked.into_iter().map(|it| it.join().expect("no panic")).collect()
    });
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    above.well_again();
    std::thread::sleep(Duration::from_millis(stall + 500));
    let mut answered = answered.into_inner().expect("unpoisoned");
    assert_eq!(ask(&served, DENIED, &mut answered), 200, "it goes on by itself");
    served.stop();
    aftermath::check(&above.data(), &answered, None);
}

/// No room: 503, nothing written; room again: it goes on.
#[test]
fn a_disk_without_room_is_a_503_until_there_is_room() {
    let Some(above) = Above::new("", "") else { return };
    let mut answered = Answered::default();
    let served = above.start.served();
    assert_eq!(ask(&served, ALLOWED, &mut answered), 200);
    above.say("write-full 1");
    for _ in 0..5 {
        assert_eq!(ask(&served, ALLOWED, &mut answered), 503);
    }
    assert_eq!(served.ask("GET /governance/v1/decisions", "").status, 200);
    above.well_again();
    assert_eq!(ask(&served, ALLOWED, &mut answered), 200);
    served.stop();
    assert_eq!(answered.0.len(), 2);
    aftermath::check(&above.data(), &answered, None);
}

/// The wall clock jumps: the order of the log is the sequence, and each jump is on record.
#[test]
fn a_clock_that_jumps_is_on_record_and_the_order_stays() {
    let Some(above) = Above::new("", "") else { return };
    let mut answered = Answered::default();
    let served = above.start.served();
    for step in [-3600, 3600, -10 * 365 * 24 * 3600, 0] {
        above.say(&format!("time-step {step}"));
        assert_eq!(ask(&served, ALLOWED, &mut answered), 200, "{step}");
        std::thread::sleep(Duration::from_millis(2200));
    }
    served.stop();
    above.well_again();
    let mut steps = Vec::new();
    for (at, record) in read(&above.data().join("ledger"), 0, u64::MAX).enumerate() {
        let record = record.expect("whole");
        assert_eq!(record.seq, at as u64);
        if let Body::ClockStepped(it) = record.body {
            steps.push(it.by_ms / 1000);
        }
    }
    assert!(steps.len() >= 3, "{steps:?}");
    aftermath::check(&above.data(), &answered, None);
}
