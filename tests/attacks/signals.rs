//! Signals, a closed standard output, and an orderly stop amid questions (faults 14, 21 and 22).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::aftermath::{self, Answered};
use crate::served::{ALLOWED, DENIED, KEY, Start, request};

#[test]
fn an_orderly_stop_answers_the_sixty_four_that_are_in_flight() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Start::new(data.path()).served();
    // Their heads are read, their bodies are on the way.
    let requests = request(KEY, "POST /access/v1/evaluation", ALLOWED);
    let split = requests.len() - 10;
    let mut under_way: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address).expect("connects");
            stream.write_all(&requests[..split]).expect("writes");
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    served.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(served.address).is_err(), "nobody new");
    let mut answered = Answered::default();
    for stream in &mut under_way {
        stream.write_all(&requests[split..]).expect("writes");
    }
    for mut stream in under_way {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        let (head, body) = (head.to_lowercase(), body.to_owned());
        answered.note(&crate::served::Answer { status: 200, head, body });
    }
    assert_eq!(served.ended(Duration::from_secs(10)), Some(0), "{}", served.said());
    assert_eq!(answered.0.len(), 64);
    let last = remit_pdp::ledger::read(&data.path().join("ledger"), 0, u64::MAX).last().expect("records");
    assert_eq!(last.expect("whole").body.kind(), "stopped", "the stop is the last record");
    let verified = remit_pdp::ledger::verify(&data.path().join("ledger")).expect("whole");
    assert_eq!(verified.signed, Some(verified.records), "the final head is signed");
    aftermath::check(data.path(), &answered, None);
}

#[test]
fn no_signal_but_those_to_stop_ends_it() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Start::new(data.path()).served();
    let mut answered = Answered::default();
    for signal in ["PIPE", "HUP", "WINCH", "CHLD", "URG", "CONT"] {
        served.signal(signal);
        std::thread::sleep(Duration::from_millis(50));
        assert!(served.alive(), "it dies of SIG{signal}");
        answered.note(&served.decide(ALLOWED));
    }
    // Whoever goes away amid an answer ends his connection and nothing else.
    for _ in 0..50 {
        let mut stream = TcpStream::connect(served.address).expect("connects");
        stream.write_all(&request(KEY, "POST /access/v1/evaluation", DENIED)).expect("writes");
        drop(stream);
    }
    answered.note(&served.decide(ALLOWED));
    assert_eq!(answered.0.len(), 7);
    served.stop();
    aftermath::check(data.path(), &answered, None);
}

#[test]
fn a_closed_output_and_a_reader_who_left_do_not_matter() {
    let data = tempfile::tempdir().expect("a folder");
    let mut answered = Answered::default();
    for shell in ["exec \"$@\" >&- <&-", "exec \"$@\" > /dev/full"] {
        let mut start = Start::new(data.path());
        start.shell = Some(shell.to_owned());
        let served = start.served();
        for _ in 0..5 {
            answered.note(&served.decide(ALLOWED));
        }
        served.stop();
    }
    assert_eq!(answered.0.len(), 10);
    aftermath::check(data.path(), &answered, None);
}

/// Two policies take turns, a hundred times, under load: each answer is that of one of them, and names it.
#[test]
fn a_storm_of_reloads_never_mixes_two_policies() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bundle, data) = (dir.path().join("bundle"), dir.path().join("data"));
    std::fs::create_dir_all(&bundle).expect("a folder");
    // Under the one both may enter, under the other nobody may: an answer of a mixture would allow one alone.
    let policy = |tag: &str| {
        format!(
            "package p\n\nentity user {{ tags: set<string> }}\nentity door {{}}\naction enter on door\n\npermit guests\n  for user\n  to enter\n  on door\n  when subject.tags has \"{tag}\"\n"
        )
    };
    let graph = |tag: &str| {
        format!(
            r#"{{"nodes":[{{"type":"user","id":"ann","properties":{{"tags":["{tag}"]}}}},{{"type":"user","id":"bob","properties":{{"tags":["{tag}"]}}}},{{"type":"door","id":"front"}}]}}"#
        )
    };
    let write = |at: usize| {
        let tags = [("guest", "guest"), ("member", "guest")][at % 2];
        for (name, text) in [("p.ibac", policy(tags.0)), ("graph.json", graph(tags.1))] {
            let aside = dir.path().join(name);
            std::fs::write(&aside, text).expect("written");
            std::fs::rename(aside, bundle.join(name)).expect("renamed");
        }
    };
    write(0);
    let served = Start::over(&bundle, &data).served();
    let before = served.memory_kb();
    let done = AtomicBool::new(false);
    let answered = Mutex::new(Answered::default());
    let both = r#"{"action":{"name":"enter"},"resource":{"type":"door","id":"front"},"options":{"detail":"full"},"evaluations":[{"subject":{"type":"user","id":"ann"}},{"subject":{"type":"user","id":"bob"}}]}"#;
    let mixed = std::thread::scope(|scope| {
        let (served, done) = (&served, &done);
        let askers: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(move || {
                    let (mut mixed, mut seen) = (0, [0, 0]);
                    while !done.load(Ordering::Relaxed) {
                        let answer = served.ask("POST /access/v1/evaluations", both);
                        assert_eq!(answer.status, 200, "{answer:?}");
                        let body: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
                        let item = |at: usize| &body["evaluations"][at];
                        let revision = |at: usize| &item(at)["context"]["policy_revision"];
                        assert!(!revision(0).is_null(), "{body}");
                        mixed += usize::from(
                            item(0)["decision"] != item(1)["decision"] || revision(0) != revision(1),
                        );
                        seen[usize::from(item(0)["decision"] == true)] += 1;
                    }
                    (mixed, seen)
                })
            })
            .collect();
        for at in 1..=100 {
            write(at);
            served.signal("HUP");
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(500));
        done.store(true, Ordering::Relaxed);
        let all: Vec<_> = askers.into_iter().map(|it| it.join().expect("no panic")).collect();
        let seen = all.iter().fold([0, 0], |sum, (_, seen)| [sum[0] + seen[0], sum[1] + seen[1]]);
        println!("{seen:?} answers under the one and the other");
        assert!(seen[0] > 10 && seen[1] > 10, "{seen:?}");
        all.iter().map(|(mixed, _)| mixed).sum::<usize>()
    });
    assert_eq!(mixed, 0);
    let enter = r#"{"subject":{"type":"user","id":"ann"},"action":{"name":"enter"},"resource":{"type":"door","id":"front"}}"#;
    answered.lock().expect("unpoisoned").note(&served.decide(enter));
    let ready: serde_json::Value = serde_json::from_str(&served.ask("GET /readyz", "").body).expect("JSON");
    let active = ready["policy_digest"].as_str().expect("a digest").to_owned();
    if let (Some(before), Some(after)) = (before, served.memory_kb()) {
        assert!(after < before + 96 * 1024, "{before} kB, then {after} kB");
    }
    served.stop();
    aftermath::check(&data, &answered.into_inner().expect("unpoisoned"), Some(&active));
}
