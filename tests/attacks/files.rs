//! Files that are broken, gone or of another time: policies, the graph, the index, tiles, keys, a backup, a newer format (faults 6, 7,
//! 12, 13, 15 and 25 to 28; THREATS O10).

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use remit_pdp::{Options, Pdp};
use remit_testkit::random::Random;

use crate::aftermath::{self, Answered};
use crate::served::{ALLOWED, DENIED, Served, Start, root, run, text};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("readable") {
        let path = entry.expect("readable").path();
        let target = to.join(path.file_name().expect("named"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// A data directory with a few dozen answered decisions in it.
fn filled(data: &Path) -> Answered {
    let served = Start::new(data).served();
    let mut answered = Answered::default();
    for at in 0..40 {
        answered.note(&served.decide(if at % 3 == 0 { DENIED } else { ALLOWED }));
    }
    served.stop();
    answered
}

/// 1 to 16 bytes of any file of the ledger: a damaged record or head is never taken for whole, and what is built from them is built anew.
#[test]
fn flipped_bytes_anywhere_are_named_or_built_anew_and_never_believed() {
    let full = std::env::var_os("REMIT_FULL").is_some();
    let dir = tempfile::tempdir().expect("a folder");
    let good = dir.path().join("good");
    let answered = filled(&good);
    let mut all = Vec::new();
    files(&good.join("ledger"), &mut all);
    all.retain(|path| !path.ends_with("LOCK") && std::fs::metadata(path).expect("there").len() > 0);
    println!("{all:?}");
    let mut random = Random::new(6);
    let (mut refused, mut started) = (0, 0);
    for round in 0..if full { 500 } else { 120 } {
        let bad = dir.path().join(format!("bad-{round}"));
        copy(&good, &bad);
        let file = &all[round % all.len()];
        let file = bad.join(file.strip_prefix(&good).expect("below"));
        let mut bytes = std::fs::read(&file).expect("readable");
        for _ in 0..=random.below(16) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        if bytes == std::fs::read(&file).expect("readable") {
            continue;
        }
        std::fs::write(&file, bytes).expect("written");
        let shown = file.strip_prefix(&bad).expect("below").display().to_string();
        let truth = shown.ends_with(".seg");
        let verified = run_verify(&bad);
        assert!(!truth || verified.is_err(), "{shown}: a damaged segment verifies");
        match Pdp::start(Options::new(root().join("policies/starter"), &bad)) {
            Err(fault) => {
                refused += 1;
                assert!(!fault.to_string().is_empty());
            }
            Ok(pdp) => {
                started += 1;
                assert!(!truth, "{shown}: a start over a damaged segment");
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                runtime.block_on(pdp.stop("test"));
                drop(pdp);
                aftermath_quick(&bad, &answered, &shown);
            }
        }
        std::fs::remove_dir_all(&bad).expect("removed");
    }
    println!("{refused} refused, {started} started");
    assert!(refused > 10 && started > 10);
}

fn run_verify(data: &Path) -> Result<(), String> {
    remit_pdp::ledger::verify(&data.join("ledger")).map(drop).map_err(|fault| fault.to_string())
}

/// F2 and F3 in process, for many rounds.
fn aftermath_quick(data: &Path, answered: &Answered, shown: &str) {
    run_verify(data).unwrap_or_else(|fault| panic!("{shown}: {fault}"));
    let kept: std::collections::HashSet<String> = remit_pdp::ledger::read(&data.join("ledger"), 0, u64::MAX)
        .filter_map(|it| it.expect("whole").body.decision().map(|it| it.decision_id.clone()))
        .collect();
    assert!(answered.0.keys().all(|id| kept.contains(id)), "{shown}: an answered decision is gone");
}

#[test]
fn an_index_that_is_gone_is_built_anew_with_the_same_answers() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut answered = filled(dir.path());
    let asked = |served: &Served| {
        let page = served.ask("GET /governance/v1/decisions?decision=deny&limit=200", "");
        assert_eq!(page.status, 200);
        let page: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
        page["decisions"].clone()
    };
    let served = Start::new(dir.path()).served();
    let before = asked(&served);
    served.stop();
    for gone in ["ledger/index", "ledger/tree"] {
        let path = dir.path().join(gone);
        assert!(path.is_dir(), "there is no {gone}");
        std::fs::remove_dir_all(path).expect("removed");
        let served = Start::new(dir.path()).served();
        assert_eq!(asked(&served), before, "without {gone}");
        answered.note(&served.decide(ALLOWED));
        served.stop();
        aftermath::check(dir.path(), &answered, None);
    }
}

const POLICY: &str = "package p\n\nentity user { tags: set<string> }\nentity door {}\naction enter on door\n\npermit guests\n  for user\n  to enter\n  on door\n  when subject.tags has \"guest\"\n";
const GRAPH: &str =
    r#"{"nodes":[{"type":"user","id":"ann","properties":{"tags":["guest"]}},{"type":"door","id":"front"}]}"#;
const ENTER: &str = r#"{"subject":{"type":"user","id":"ann"},"action":{"name":"enter"},"resource":{"type":"door","id":"front"}}"#;

fn door(dir: &Path) -> (PathBuf, Served) {
    let bundle = dir.join("bundle");
    std::fs::create_dir_all(&bundle).expect("a folder");
    std::fs::write(bundle.join("p.ibac"), POLICY).expect("written");
    std::fs::write(bundle.join("graph.json"), GRAPH).expect("written");
    let served = Start::over(&bundle, &dir.join("data")).served();
    (bundle, served)
}

fn digest(served: &Served) -> String {
    let ready: serde_json::Value = serde_json::from_str(&served.ask("GET /readyz", "").body).expect("JSON");
    ready["policy_digest"].as_str().expect("a digest").to_owned()
}

/// Sends SIGHUP and waits until the reload is over; what was said about it.
fn reload(served: &Served) -> String {
    let before = served.said().len();
    served.signal("HUP");
    for _ in 0..500 {
        std::thread::sleep(Duration::from_millis(10));
        if served.said().len() > before {
            std::thread::sleep(Duration::from_millis(50));
            break;
        }
    }
    served.said()[before..].to_owned()
}

#[test]
fn files_half_written_gone_or_unreadable_leave_the_old_policy_in_force() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bundle, served) = door(dir.path());
    let active = digest(&served);
    let mut answered = Answered::default();
    let (policy, graph) = (bundle.join("p.ibac"), bundle.join("graph.json"));
    let as_root = std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    type Breaks<'a> = (&'a str, Box<dyn Fn() + 'a>);
    let breaks: Vec<Breaks<'_>> = vec![
        (
            "a policy cut in its last line",
            Box::new(|| std::fs::write(&policy, &POLICY[..POLICY.len() - 5]).expect("written")),
        ),
        ("an empty policy", Box::new(|| std::fs::write(&policy, "").expect("written"))),
        ("nul bytes", Box::new(|| std::fs::write(&policy, [0; 512]).expect("written"))),
        ("a policy that is gone", Box::new(|| std::fs::remove_file(&policy).expect("removed"))),
        (
            "a folder in its place",
            Box::new(|| {
                std::fs::remove_file(&policy).expect("removed");
                std::fs::create_dir(&policy).expect("made");
            }),
        ),
        ("half a graph", Box::new(|| std::fs::write(&graph, &GRAPH[..GRAPH.len() / 2]).expect("written"))),
        ("a graph that is no JSON", Box::new(|| std::fs::write(&graph, "nodes").expect("written"))),
        (
            "an unreadable policy",
            Box::new(|| {
                std::fs::set_permissions(&policy, PermissionsExt::from_mode(0o000)).expect("set");
            }),
        ),
    ];
    for (name, broken) in breaks {
        if name == "an unreadable policy" && as_root {
            eprintln!("SKIPPED LOUDLY: root reads everything");
            continue;
        }
        broken();
        let said = reload(&served);
        assert!(said.contains("the old one keeps answering"), "{name}: {said}");
        let answer = served.decide(ENTER);
        assert_eq!(answer.decision(), Some(true), "{name}");
        answered.note(&answer);
        assert_eq!(digest(&served), active, "{name}");
        if policy.is_dir() {
            std::fs::remove_dir(&policy).expect("removed");
        }
        let _gone = std::fs::remove_file(&policy);
        std::fs::write(&policy, POLICY).expect("written");
        std::fs::write(&graph, GRAPH).expect("written");
    }
    std::fs::write(&policy, POLICY.replace("\"guest\"", "\"member\"")).expect("written");
    served.signal("HUP");
    for _ in 0..500 {
        if digest(&served) != active {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let active = digest(&served);
    let answer = served.decide(ENTER);
    assert_eq!(answer.decision(), Some(false), "a whole one is taken");
    answered.note(&answer);
    served.stop();
    aftermath::check(&dir.path().join("data"), &answered, Some(&active));
}

/// A hundred sets that are wrong in a hundred ways: revision and answers stay.
#[test]
fn a_hundred_invalid_sets_change_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let bundle = dir.path().join("bundle");
    std::fs::create_dir_all(&bundle).expect("a folder");
    std::fs::write(bundle.join("p.ibac"), POLICY).expect("written");
    std::fs::write(bundle.join("graph.json"), GRAPH).expect("written");
    let pdp =
        Pdp::start(Options::new(&bundle, dir.path().join("data"))).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut random = Random::new(13);
    let words: Vec<&str> = POLICY.split(' ').collect();
    let (mut refused, mut tried) = (0, 0);
    while refused < 100 {
        tried += 1;
        assert!(tried < 2_000, "only {refused} were refused");
        let mut broken: Vec<&str> = words.clone();
        let at = random.below(broken.len());
        match random.below(4) {
            0 => drop(broken.remove(at)),
            1 => broken.insert(at, "permit"),
            2 => broken[at] = "subject.nothing",
            _ => broken.swap(at, words.len() - 1),
        }
        let broken = broken.join(" ");
        if broken == POLICY || remit_lang_takes(&broken) {
            continue;
        }
        std::fs::write(bundle.join("p.ibac"), &broken).expect("written");
        let fault = runtime.block_on(pdp.reload()).expect_err("refused");
        // The refusal says where: file, line and column.
        assert!(fault.rendered.contains("p.ibac:"), "{}", fault.rendered);
        assert_eq!(pdp.status().revisions.policy.revision, 1);
        refused += 1;
    }
    let active = pdp.status().revisions.policy.digest.clone();
    runtime.block_on(pdp.stop("test"));
    drop(pdp);
    aftermath::check(&dir.path().join("data"), &Answered::default(), Some(&active));
}

fn remit_lang_takes(policy: &str) -> bool {
    let mut sources = remit_lang::source::Sources::default();
    sources.add("p.ibac", policy);
    remit_lang::compile(&sources).is_ok()
}

/// A graph that arrives in pieces: whatever of it is there when it is read, the old graph or the new one answers.
#[test]
fn a_graph_that_is_cut_anywhere_is_taken_whole_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let bundle = dir.path().join("bundle");
    std::fs::create_dir_all(&bundle).expect("a folder");
    std::fs::write(bundle.join("p.ibac"), POLICY).expect("written");
    let json = |tag: &str| {
        let nodes: Vec<String> = (0..40)
            .map(|at| {
                format!("{{\"type\":\"user\",\"id\":\"u{at}\",\"properties\":{{\"tags\":[\"{tag}\"]}}}}")
            })
            .collect();
        format!("{{\"nodes\":[{},{{\"type\":\"door\",\"id\":\"front\"}}]}}", nodes.join(","))
    };
    let (old, new) = (json("guest"), json("member"));
    let graph = bundle.join("graph.json");
    std::fs::write(&graph, &old).expect("written");
    let pdp =
        Pdp::start(Options::new(&bundle, dir.path().join("data"))).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let pep = remit_pdp::Pep::new("tests", remit_pdp::Rights::all());
    let call = remit_pdp::Call { pep: &pep, request_id: None };
    let allowed = || {
        let items: Vec<_> = (0..40)
            .map(|at| serde_json::json!({ "subject": { "type": "user", "id": format!("u{at}") } }))
            .collect();
        let body = serde_json::json!({ "action": { "name": "enter" }, "resource": { "type": "door", "id": "front" }, "evaluations": items });
        let reply = runtime.block_on(pdp.evaluations(&call, body.to_string().as_bytes())).expect("an answer");
        let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        body["evaluations"].as_array().expect("items").iter().filter(|it| it["decision"] == true).count()
    };
    assert_eq!(allowed(), 40);
    let mut random = Random::new(15);
    for _ in 0..100 {
        let cut = random.below(new.len());
        std::fs::write(&graph, &new[..cut]).expect("written");
        assert!(runtime.block_on(pdp.reload()).is_err(), "cut at {cut}");
        assert_eq!(allowed(), 40, "cut at {cut}");
    }
    std::fs::write(&graph, &new).expect("written");
    runtime.block_on(pdp.reload()).expect("taken");
    assert_eq!(allowed(), 0);
    let active = pdp.status().revisions.policy.digest.clone();
    runtime.block_on(pdp.stop("test"));
    drop(pdp);
    aftermath::check(&dir.path().join("data"), &Answered::default(), Some(&active));
}

#[test]
fn a_key_that_others_can_read_that_changed_or_is_gone_stops_the_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let answered = filled(dir.path());
    let key = dir.path().join("ledger.key");
    let kept = std::fs::read(&key).expect("a key");
    let refused = |why: &str| match Start::new(dir.path()).started() {
        Ok(_) => panic!("{why}: it started"),
        Err((code, said)) => {
            assert_eq!(code, Some(2), "{why}: {said}");
            println!("{why}: {}", said.trim());
            said
        }
    };
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("set");
    assert!(refused("readable by others").contains("ledger.key"));
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("set");

    std::fs::remove_file(&key).expect("removed");
    refused("gone");
    let _made = std::fs::remove_file(&key);

    let other = dir.path().join("other.key");
    let made = run(&["ledger", "key", "new", "--origin", "elsewhere", other.to_str().expect("a path")]);
    assert!(made.status.success(), "{}", text(&made));
    std::fs::rename(&other, &key).expect("renamed");
    refused("of another log");

    std::fs::write(&key, "no key at all\n").expect("written");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("set");
    refused("damaged");

    std::fs::write(&key, kept).expect("written");
    let served = Start::new(dir.path()).served();
    assert_eq!(served.decide(ALLOWED).decision(), Some(true));
    served.stop();
    aftermath::check(dir.path(), &answered, None);
}

#[test]
fn a_witness_that_is_down_changes_no_decision() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut start = Start::new(dir.path());
    start.tables =
        "[ledger.push]\nwitness = \"http://127.0.0.1:9/\"\nurl = \"http://127.0.0.1:9/heads\"\nevery = 1\n"
            .to_owned();
    let served = start.served();
    let mut answered = Answered::default();
    for _ in 0..20 {
        let answer = served.decide(ALLOWED);
        assert_eq!(answer.decision(), Some(true));
        answered.note(&answer);
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(served.said().contains("head"), "the alarm: {}", served.said());
    served.stop();
    aftermath::check(dir.path(), &answered, None);
}

#[test]
fn a_backup_of_a_running_log_is_whole_and_one_below_the_last_head_does_not_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let served = Start::new(&data).served();
    let mut answered = Answered::default();
    for _ in 0..10 {
        answered.note(&served.decide(ALLOWED));
    }
    std::thread::sleep(Duration::from_millis(1500));
    let backup = dir.path().join("backup");
    let taken = run(&[
        "ledger",
        "backup",
        backup.to_str().expect("a path"),
        "--data",
        data.to_str().expect("a path"),
    ]);
    assert!(taken.status.success(), "{}", text(&taken));
    let early = answered.clone();
    for _ in 0..10 {
        answered.note(&served.decide(DENIED));
    }
    served.stop();
    aftermath::check(&data, &answered, None);
    // What is older than the key remembers does not start: history would fork.
    std::fs::rename(data.join("ledger"), dir.path().join("lost")).expect("renamed");
    let restored = run(&[
        "ledger",
        "restore",
        backup.to_str().expect("a path"),
        "--data",
        data.to_str().expect("a path"),
    ]);
    println!("{}", text(&restored));
    if restored.status.success() {
        let (code, said) = Start::new(&data).started().map(drop).expect_err("an old copy must not start");
        assert_eq!(code, Some(2), "{said}");
    }
    let _old = std::fs::remove_dir_all(data.join("ledger"));
    std::fs::rename(dir.path().join("lost"), data.join("ledger")).expect("renamed");
    let served = Start::new(&data).served();
    assert_eq!(served.decide(ALLOWED).decision(), Some(true));
    served.stop();
    assert!(early.0.len() == 10 && answered.0.len() == 20);
    aftermath::check(&data, &answered, None);
}

#[test]
fn a_log_of_a_newer_format_is_refused_with_its_version() {
    let dir = tempfile::tempdir().expect("a folder");
    filled(dir.path());
    let segment = dir.path().join("ledger/segments/00000000000000000000.seg");
    let mut bytes = std::fs::read(&segment).expect("a segment");
    // The version stands right behind the magic word of eight bytes, a CRC-32 of all before it at the end of the header.
    bytes[8] = bytes[8].wrapping_add(1);
    let crc = crc32(&bytes[..52]).to_le_bytes();
    bytes[52..56].copy_from_slice(&crc);
    std::fs::write(&segment, bytes).expect("written");
    let (code, said) = Start::new(dir.path()).started().map(drop).expect_err("refused");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("version"), "{said}");
}

/// CRC-32 as in IEEE 802.3, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
