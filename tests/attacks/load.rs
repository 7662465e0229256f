//! Many at once: idle connections, more than there is room for, no file handles, equal questions that differ in what stands beside
//! them (THREATS O1, O2, O4, G3; faults 17 to 19).

use std::io::Read as _;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::aftermath::{self, Answered};
use crate::served::{ALLOWED, DENIED, KEY, Served, Start};

#[test]
fn two_hundred_idle_connections_hold_nobody_up_and_are_closed() {
    let data = tempfile::tempdir().expect("a folder");
    let mut start = Start::new(data.path());
    start.tables = "[limits]\nheader_timeout_ms = 3000\n".to_owned();
    let served = start.served();
    let mut idle: Vec<TcpStream> =
        (0..200).map(|_| TcpStream::connect(served.address).expect("connects")).collect();
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(served.decide(ALLOWED).decision(), Some(true));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    for stream in &mut idle {
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        assert_eq!(stream.read(&mut [0; 16]).unwrap_or(0), 0, "an idle connection is closed");
    }
    served.stop();
}

/// Many more callers than there is room for. A minute long with `REMIT_FULL`.
#[test]
fn overload_is_a_503_at_once_and_no_answer_is_wrong_or_unlogged() {
    let full = std::env::var_os("REMIT_FULL").is_some();
    let lasts = Duration::from_secs(if full { 60 } else { 4 });
    let data = tempfile::tempdir().expect("a folder");
    let mut start = Start::new(data.path());
    start.tables = "[limits]\nmax_in_flight = 8\n".to_owned();
    let served = start.served();
    for _ in 0..100 {
        assert_eq!(served.decide(ALLOWED).status, 200);
    }
    let before = served.memory_kb();
    let until = Instant::now() + lasts;
    let (taken, shed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let answered = Mutex::new(Answered::default());
    let times = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for at in 0..80 {
            let (served, taken, shed, answered, times) = (&served, &taken, &shed, &answered, &times);
            scope.spawn(move || {
                let (question, expected) = if at % 2 == 0 { (ALLOWED, true) } else { (DENIED, false) };
                let (mut own, mut took) = (Answered::default(), Vec::new());
                while Instant::now() < until {
                    let began = Instant::now();
                    let Ok(answer) = served.ask_as(KEY, "POST /access/v1/evaluation", question) else {
                        continue;
                    };
                    match answer.status {
                        200 => {
                            assert_eq!(answer.decision(), Some(expected));
                            own.note(&answer);
                            took.push(began.elapsed());
                            taken.fetch_add(1, Ordering::Relaxed);
                        }
                        503 => {
                            assert!(answer.head.contains("retry-after: "), "{}", answer.head);
                            assert_eq!(answer.decision(), None);
                            shed.fetch_add(1, Ordering::Relaxed);
                        }
                        other => panic!("{other}: {answer:?}"),
                    }
                }
                answered.lock().expect("unpoisoned").join(own);
                times.lock().expect("unpoisoned").extend(took);
            });
        }
    });
    let mut times = times.into_inner().expect("unpoisoned");
    times.sort();
    let (taken, shed) = (taken.into_inner(), shed.into_inner());
    println!(
        "{taken} answered, {shed} shed; the slowest of a hundred took {:?}",
        times[times.len() * 99 / 100]
    );
    assert!(taken > 100, "{taken}");
    // Recovery: the next one is answered.
    let began = Instant::now();
    while served.decide(ALLOWED).status != 200 {
        assert!(began.elapsed() < Duration::from_secs(5), "no recovery");
    }
    if let (Some(before), Some(after)) = (before, served.memory_kb()) {
        println!("resident memory: {before} kB before, {after} kB after");
        assert!(after < before * 2 + 64 * 1024, "{before} kB, then {after} kB");
    }
    served.stop();
    aftermath::check(data.path(), &answered.into_inner().expect("unpoisoned"), None);
}

/// With hardly any file handles: who is connected is answered and logged, others wait, nothing spins, and it recovers.
#[test]
fn without_file_handles_accepting_pauses_and_comes_back() {
    let data = tempfile::tempdir().expect("a folder");
    let mut start = Start::new(data.path());
    start.shell = Some("ulimit -n 96; exec \"$@\"".to_owned());
    let served = start.served();
    let mut answered = Answered::default();
    answered.note(&served.decide(ALLOWED));
    let held: Vec<TcpStream> = (0..200).filter_map(|_| TcpStream::connect(served.address).ok()).collect();
    std::thread::sleep(Duration::from_millis(500));
    let busy = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", served.pid())).unwrap_or_default();
        let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        ticks.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>()
    };
    let ticks = busy();
    std::thread::sleep(Duration::from_secs(2));
    let spent = busy() - ticks;
    println!("{spent} of 200 ticks while accepting paused");
    assert!(spent < 60, "{spent} ticks in two seconds: it spins");
    assert!(served.alive());
    drop(held);
    let began = Instant::now();
    loop {
        match served.ask_as(KEY, "POST /access/v1/evaluation", ALLOWED) {
            Ok(answer) if answer.status == 200 => break answered.note(&answer),
            _ => assert!(began.elapsed() < Duration::from_secs(15), "no recovery"),
        }
    }
    served.stop();
    assert_eq!(answered.0.len(), 2);
    aftermath::check(data.path(), &answered, None);
}

const RISK: &str = "package p\n\nentity user { tags: set<string>? from request }\nentity door {}\n\ncontext { risk: int }\n\naction enter on door { amount: int }\n\npermit low_risk\n  for user\n  to enter\n  on door\n  when context.risk <= 10\n\nforbid large\n  for user\n  to enter\n  on door\n  when action.amount > 100\n\nforbid tagged\n  for user\n  to enter\n  on door\n  when subject.tags is present and subject.tags has \"blocked\"\n";
const GRAPH: &str = r#"{"nodes":[{"type":"user","id":"ann"},{"type":"door","id":"front"}]}"#;

fn question(risk: i64, amount: i64, tag: &str) -> serde_json::Value {
    json!({
        "subject": { "type": "user", "id": "ann", "properties": { "tags": [tag] } },
        "action": { "name": "enter", "properties": { "amount": amount } },
        "resource": { "type": "door", "id": "front" },
        "context": { "risk": risk },
    })
}

fn expected(risk: i64, amount: i64, tag: &str) -> bool {
    risk <= 10 && amount <= 100 && tag != "blocked"
}

fn doors(dir: &std::path::Path) -> Served {
    let bundle = dir.join("bundle");
    std::fs::create_dir_all(&bundle).expect("a folder");
    std::fs::write(bundle.join("p.ibac"), RISK).expect("written");
    std::fs::write(bundle.join("graph.json"), GRAPH).expect("written");
    Start::over(&bundle, &dir.join("data")).served()
}

/// The same subject, action and resource at the same time, with other contexts, amounts and tags: each gets its own answer.
#[test]
fn equal_questions_at_once_with_different_contexts_get_each_its_own_answer() {
    let dir = tempfile::tempdir().expect("a folder");
    let served = doors(dir.path());
    let wrong = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..16_i64 {
            let (served, wrong) = (&served, &wrong);
            scope.spawn(move || {
                for round in 0..60 {
                    let (risk, amount) = ((thread * 7 + round * 3) % 21, 90 + (thread + round) % 21);
                    let tag = if (thread + round) % 5 == 0 { "blocked" } else { "guest" };
                    let answer = served.decide(&question(risk, amount, tag).to_string());
                    if answer.decision() != Some(expected(risk, amount, tag)) {
                        wrong.store(true, Ordering::Relaxed);
                        panic!("{risk} {amount} {tag}: {answer:?}");
                    }
                }
            });
        }
    });
    assert!(!wrong.into_inner());
    served.stop();
    aftermath::check(&dir.path().join("data"), &Answered::default(), None);
}

/// Items that share every id and differ only in properties or context are different questions.
#[test]
fn items_of_a_batch_that_share_ids_and_differ_in_properties_get_each_their_own_answer() {
    let dir = tempfile::tempdir().expect("a folder");
    let served = doors(dir.path());
    let mut items = Vec::new();
    let mut right = Vec::new();
    for risk in [0, 10, 11, 500] {
        for amount in [0, 100, 101] {
            for tag in ["guest", "blocked", ""] {
                items.push(question(risk, amount, tag));
                right.push(expected(risk, amount, tag));
            }
        }
    }
    for turn in 0..items.len() {
        items.rotate_left(turn % 5);
        right.rotate_left(turn % 5);
        let answer = served.ask("POST /access/v1/evaluations", &json!({ "evaluations": items }).to_string());
        let body: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let decided: Vec<bool> = body["evaluations"]
            .as_array()
            .expect("items")
            .iter()
            .map(|it| it["decision"].as_bool().expect("a decision"))
            .collect();
        assert_eq!(decided, right);
    }
    assert!(right.iter().any(|it| *it) && right.iter().any(|it| !*it));
    served.stop();
    aftermath::check(&dir.path().join("data"), &Answered::default(), None);
}

/// Twice as many members of an object, or elements of a set that is counted, take about twice as long, not four times.
#[test]
fn twice_as_many_members_and_elements_take_about_twice_as_long() {
    let dir = tempfile::tempdir().expect("a folder");
    let bundle = dir.path().join("bundle");
    std::fs::create_dir_all(&bundle).expect("a folder");
    let policy = "package p\n\nentity user { tags: set<string>? from request }\nentity door {}\n\naction enter on door\n\npermit few\n  for user\n  to enter\n  on door\n  when count(subject.tags) < 1000000\n";
    std::fs::write(bundle.join("p.ibac"), policy).expect("written");
    std::fs::write(bundle.join("graph.json"), GRAPH).expect("written");
    let served = Start::over(&bundle, &dir.path().join("data")).served();
    // The processor time of the server, and the least of several: what else the machine does is nobody's fault here.
    let spent = || -> Option<u64> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", served.pid())).ok()?;
        let of_thread = |thread: std::io::Result<std::fs::DirEntry>| -> Option<u64> {
            let told = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            told.split_whitespace().next()?.parse().ok()
        };
        Some(threads.filter_map(of_thread).sum())
    };
    if spent().is_none_or(|spent| spent == 0) {
        return eprintln!("SKIPPED LOUDLY: the system does not tell what a process has spent");
    }
    let cost = |body: &str| {
        let before = spent().expect("told before");
        assert_eq!(served.decide(body).status, 200);
        Duration::from_nanos(spent().expect("told before").saturating_sub(before))
    };
    let ask = |properties: serde_json::Value, context: serde_json::Value| {
        json!({
            "subject": { "type": "user", "id": "ann", "properties": properties },
            "action": { "name": "enter" }, "resource": { "type": "door", "id": "front" }, "context": context,
        })
        .to_string()
    };
    let members = |many: usize| -> serde_json::Value {
        (0..many).map(|at| (format!("m{at}"), json!(1))).collect::<serde_json::Map<_, _>>().into()
    };
    let elements = |many: usize| json!({ "tags": (0..many).map(|at| format!("t{at}")).collect::<Vec<_>>() });
    for (what, half, whole) in [
        ("members", ask(json!({}), members(25_000)), ask(json!({}), members(50_000))),
        ("elements", ask(elements(25_000), json!({})), ask(elements(50_000), json!({}))),
    ] {
        let pairs: Vec<(Duration, Duration)> = (0..7).map(|_| (cost(&half), cost(&whole))).collect();
        let least = |of: fn(&(Duration, Duration)) -> Duration| pairs.iter().map(of).min().expect("seven");
        let (half, whole) = (least(|pair| pair.0), least(|pair| pair.1));
        println!("{what}: {half:?}, twice as many {whole:?}");
        assert!(half > Duration::from_millis(1), "too little to tell: {half:?}");
        assert!(whole < half * 3, "{what}: {half:?}, then {whole:?}");
    }
    served.stop();
}

/// Hardly more address space than it starts with, and bodies of a megabyte from all sides: it answers, or it ends and the next one
/// starts with everything that was answered.
#[test]
fn with_little_memory_it_answers_or_ends_and_loses_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let size_kb = |served: &Served| -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", served.pid())).ok()?;
        status.lines().find(|line| line.starts_with("VmSize:"))?.split_whitespace().nth(1)?.parse().ok()
    };
    let served = Served::start(data.path());
    let Some(size) = size_kb(&served) else { return eprintln!("SKIPPED LOUDLY: there is no /proc") };
    served.stop();
    let mut start = Start::new(data.path());
    start.shell = Some(format!("ulimit -v {}; exec \"$@\"", size + 48 * 1024));
    let Ok(served) = start.started() else { panic!("no start with {size} kB and some") };
    let items: Vec<_> = (0..100).map(|_| json!({ "context": { "filler": "x".repeat(8_000) } })).collect();
    let mut heavy: serde_json::Value = serde_json::from_str(DENIED).expect("JSON");
    heavy["evaluations"] = items.into();
    let heavy = heavy.to_string();
    let answered = Mutex::new(Answered::default());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..2 {
                    let Ok(answer) = served.ask_as(KEY, "POST /access/v1/evaluations", &heavy) else {
                        continue;
                    };
                    assert!(!answer.body.contains("true"), "{answer:?}");
                    assert!(answer.status < 500 || answer.status == 503, "{answer:?}");
                }
                if let Ok(answer) = served.ask_as(KEY, "POST /access/v1/evaluation", ALLOWED) {
                    answered.lock().expect("unpoisoned").note(&answer);
                }
            });
        }
    });
    let alive = served.alive();
    println!("it {}", if alive { "lives" } else { "ended" });
    if alive {
        answered.lock().expect("unpoisoned").note(&served.decide(ALLOWED));
        served.stop();
    } else {
        drop(served);
        Served::start(data.path()).stop();
    }
    aftermath::check(data.path(), &answered.into_inner().expect("unpoisoned"), None);
}
