//! What answers and the log say, and to whom: nothing about rules to those who may not see it, the same words for the unknown and the
//! denied, a count of everything that was refused (THREATS R24, A9, A11, O11, O12, P14).

use std::time::{Duration, Instant};

use remit_pdp::ledger::{Body, read};

use crate::aftermath::{self, Answered};
use crate::served::{ALLOWED, DENIED, KEY, PLAIN, Served, Start};

/// Who may see no reasons learns nothing but yes or no: neither whether an id is known, nor by its time.
#[test]
fn the_unknown_and_the_denied_are_answered_alike() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(), Vec::new()];
    let questions =
        [DENIED.to_owned(), DENIED.replace("noor", "who-is-this"), DENIED.replace("ecg-7", "none-such")];
    for _ in 0..200 {
        for (at, question) in questions.iter().enumerate() {
            let began = Instant::now();
            let answer = served.ask_as(PLAIN, "POST /access/v1/evaluation", question).expect("an answer");
            times[usize::from(at > 0)].push(began.elapsed());
            assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"decision":false}"#));
            let ids = ["remit-evaluation-id", "x-request-id", "date"];
            let head = answer.head.lines().filter(|line| !ids.iter().any(|id| line.starts_with(id)));
            let head: Vec<&str> = head.collect();
            assert!(!head.iter().any(|line| line.contains("clinic")), "{head:?}");
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    let median = |at: usize| times[at][times[at].len() / 2];
    println!("denied {:?}, unknown {:?}", median(0), median(1));
    let (fast, slow) = (median(0).min(median(1)), median(0).max(median(1)));
    assert!(slow < fast * 2 + Duration::from_millis(2), "{slow:?} and {fast:?}");
    served.stop();
}

/// Refusals name no rule, no file and nothing of the graph.
#[test]
fn refusals_reveal_no_rule() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    let secrets =
        ["clearance", "treating", "ibac", "ward-3", "cardiology", "health", "/policies", "src/", "panicked"];
    let full = DENIED.replacen('{', r#"{"options":{"detail":"full"},"#, 1);
    for (line, body) in [
        ("POST /access/v1/evaluation", full.as_str()),
        ("POST /access/v1/evaluation", "{"),
        ("POST /access/v1/evaluation", r#"{"subject":1}"#),
        ("POST /access/v1/evaluations", r#"{"evaluations":1}"#),
        ("POST /access/v1/search/subject", ALLOWED),
        ("GET /governance/v1/decisions", ""),
        ("GET /nowhere", ""),
        ("DELETE /access/v1/evaluation", ""),
    ] {
        let answer = served.ask_as(PLAIN, line, body).expect("an answer");
        let whole = format!("{}\n{}", answer.head, answer.body);
        let found: Vec<_> = secrets.iter().filter(|word| whole.contains(*word)).collect();
        assert!(found.is_empty(), "{line}: {found:?} in {whole}");
    }
    // Who may see reasons sees them.
    assert!(served.decide(&full).body.contains("clearance_too_low"));
    served.stop();
}

/// What belongs to auditors and operators is closed to a caller that may only ask.
#[test]
fn a_caller_that_may_ask_may_not_read_or_administer() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    assert_eq!(served.ask_as(PLAIN, "POST /access/v1/evaluation", ALLOWED).expect("an answer").status, 200);
    for line in [
        "GET /governance/v1/decisions",
        "GET /governance/v1/incidents",
        "GET /governance/v1/query?where=decision%20%3D%3D%20deny",
        "GET /governance/v1/tail",
        "GET /audit/v1/log/checkpoint",
        "GET /audit/v1/log/vkey",
        "POST /ibac/v1/transactions",
        "POST /governance/v1/consents",
        "POST /signals/v1/events",
        "POST /access/v1/search/subject",
    ] {
        let status = served
            .ask_as(PLAIN, line, if line.starts_with("POST") { ALLOWED } else { "" })
            .expect("an answer")
            .status;
        assert!([400, 403].contains(&status), "{line}: {status}");
    }
    // There is no push of policies or graphs over the decision port at all.
    for line in [
        "PUT /policies",
        "POST /admin/v1/policies",
        "PUT /admin/v1/graph",
        "POST /reload",
        "POST /admin/reload",
    ] {
        assert_eq!(served.ask(line, "{}").status, 404, "{line}");
    }
    assert_eq!(served.ask("GET /governance/v1/decisions", "").status, 200);
    // The first head is signed within a second or so.
    let until = Instant::now() + Duration::from_secs(10);
    while served.ask("GET /audit/v1/log/checkpoint", "").status != 200 {
        assert!(Instant::now() < until, "no head");
        std::thread::sleep(Duration::from_millis(100));
    }
    served.stop();
}

/// What was refused is no decision: not in the log, and counted.
#[test]
fn refused_requests_are_counted_and_are_no_decisions() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    let count = |status: &str| -> u64 {
        let metrics = served.ask("GET /metrics", "").body;
        let lines = metrics.lines().filter(|line| {
            line.contains("evaluation\"") && line.contains(status) && !line.contains("_bucket")
        });
        lines
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .map(|it| it as u64)
            .max()
            .unwrap_or(0)
    };
    for _ in 0..7 {
        assert_eq!(served.decide("{").status, 400);
    }
    for _ in 0..5 {
        assert_eq!(
            served.ask_as("no-such-key", "POST /access/v1/evaluation", ALLOWED).expect("an answer").status,
            401
        );
    }
    assert_eq!(served.decide(ALLOWED).status, 200);
    assert_eq!((count("400"), count("401")), (7, 5), "{}", served.ask("GET /metrics", "").body);
    served.stop();
    let decisions = read(&data.path().join("ledger"), 0, u64::MAX)
        .filter(|it| it.as_ref().expect("whole").body.decision().is_some());
    assert_eq!(decisions.count(), 1);
}

/// Line breaks, escapes of terminals and JSON in ids: one record each, exactly as it was asked.
#[test]
fn whatever_stands_in_an_id_is_one_record_with_an_exact_round_trip() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    let odd = [
        "a\nb",
        "\u{1b}[2J",
        "{\"decision\":\"allow\"}",
        "\",\"x\":\"",
        "a\\u0000b",
        "\u{2028}",
        "\r\n\r\n",
        "é中\u{1f600}",
    ];
    let mut answered = Answered::default();
    let mut taken = Vec::new();
    for text in odd {
        let mut question: serde_json::Value = serde_json::from_str(DENIED).expect("JSON");
        question["resource"]["id"] = text.into();
        let answer =
            served.ask_as(KEY, "POST /access/v1/evaluation", &question.to_string()).expect("an answer");
        assert!([200, 400].contains(&answer.status) && answer.decision() != Some(true), "{answer:?}");
        answered.note(&answer);
        taken.extend((answer.status == 200).then_some(text));
    }
    served.stop();
    let kept: Vec<String> = read(&data.path().join("ledger"), 0, u64::MAX)
        .filter_map(|it| it.expect("whole").body.decision().and_then(|it| it.resource.clone()?.id))
        .collect();
    assert_eq!(kept, taken);
    assert!(taken.len() >= 4, "{taken:?}");
    aftermath::check(data.path(), &answered, None);
}

/// Back to an old policy is a step forward: a revision of its own, on record.
#[test]
fn going_back_to_an_old_policy_is_a_new_revision_on_record() {
    let dir = tempfile::tempdir().expect("a folder");
    let bundle = dir.path().join("bundle");
    std::fs::create_dir_all(&bundle).expect("a folder");
    let policy = |tag: &str| {
        format!(
            "package p\n\nentity user {{ tags: set<string> }}\nentity door {{}}\naction enter on door\n\npermit guests\n  for user\n  to enter\n  on door\n  when subject.tags has \"{tag}\"\n"
        )
    };
    std::fs::write(bundle.join("graph.json"), r#"{"nodes":[{"type":"door","id":"front"}]}"#)
        .expect("written");
    std::fs::write(bundle.join("p.ibac"), policy("one")).expect("written");
    let served = Start::over(&bundle, &dir.path().join("data")).served();
    let now = || -> (u64, String) {
        let ready: serde_json::Value =
            serde_json::from_str(&served.ask("GET /readyz", "").body).expect("JSON");
        (
            ready["policy_revision"].as_u64().expect("a number"),
            ready["policy_digest"].as_str().expect("a digest").to_owned(),
        )
    };
    let mut seen = vec![now()];
    for tag in ["two", "one"] {
        std::fs::write(bundle.join("p.ibac"), policy(tag)).expect("written");
        served.signal("HUP");
        let until = Instant::now() + Duration::from_secs(10);
        while now().0 == seen[seen.len() - 1].0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        seen.push(now());
    }
    assert_eq!(seen.iter().map(|it| it.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(seen[0].1, seen[2].1, "the same text");
    served.stop();
    let published: Vec<_> = read(&dir.path().join("data/ledger"), 0, u64::MAX)
        .filter_map(|it| {
            if let Body::PolicyPublished(it) = it.expect("whole").body {
                Some((it.revision, it.digest))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(published, seen);
    aftermath::check(&dir.path().join("data"), &Answered::default(), Some(&seen[2].1));
}
