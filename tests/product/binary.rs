//! The `remit` binary itself: subcommands, exit codes, the README's words, and `kill -9` while clients ask.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use remit_tests::binary::{command, run, text};

use crate::running::bundle;

#[test]
fn check_test_and_fmt_say_yes_to_shipped_bundles_and_no_to_wrong_ones() {
    for (args, part) in [
        (&["check", "policies/starter"][..], "ok: 2 files"),
        (&["test", "policies/starter"][..], "0 failed"),
        (&["test", "policies/canbank", "--format", "junit"][..], "failures=\"0\""),
        (&["test", "policies/todo", "--format", "json"][..], "\"failure\": null"),
        (&["fmt", "--check", "policies"][..], ""),
    ] {
        let output = run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output));
        assert!(text(&output).contains(part), "{args:?}: {}", text(&output));
    }
    let work = tempfile::tempdir().expect("folder");
    let wrong = work.path().join("wrong.ibac");
    std::fs::write(&wrong, "package p\nentity user {}\npermit a for usr\npermit b to fly\n")
        .expect("written");
    let path = wrong.to_str().expect("a path");
    for (format, part) in
        [("terminal", "did you mean"), ("json", "check/unknown-type"), ("sarif", "\"2.1.0\"")]
    {
        let output = run(&["check", "--format", format, path]);
        assert_eq!(output.status.code(), Some(1), "{format}: {}", text(&output));
        assert!(text(&output).contains(part), "{format}: {}", text(&output));
    }
    assert!(!run(&["fmt", "--check", path]).status.success(), "not in canonical form");
    assert!(run(&["fmt", path]).status.success());
    assert!(run(&["fmt", "--check", path]).status.success(), "formatting is idempotent");
}

#[test]
fn eval_says_why_and_exits_by_the_decision() {
    let work = tempfile::tempdir().expect("folder");
    let file = work.path().join("request.json");
    let ask = |user: &str| {
        let body = format!(
            r#"{{"subject":{{"type":"user","id":"{user}"}},"action":{{"name":"read"}},"resource":{{"type":"record","id":"ecg-7"}}}}"#
        );
        std::fs::write(&file, body).expect("written");
        run(&["eval", file.to_str().expect("a path")])
    };
    let allowed = ask("imani");
    assert_eq!(allowed.status.code(), Some(0), "{}", text(&allowed));
    assert!(text(&allowed).contains("permit clinic.treating_team_reads: applies"), "{}", text(&allowed));
    let denied = ask("noor");
    assert_eq!(denied.status.code(), Some(1), "{}", text(&denied));
    assert!(text(&denied).contains("blocked by clinic.clearance_too_low"), "{}", text(&denied));
    std::fs::write(&file, "{").expect("written");
    assert_eq!(run(&["eval", file.to_str().expect("a path")]).status.code(), Some(2));
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest_one() {
    let work = tempfile::tempdir().expect("folder");
    let file = work.path().join("remit.toml");
    std::fs::write(&file, "bundel = \"policies/starter\"\n").expect("written");
    let output = run(&["serve", "--config", file.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("did you mean `bundle`"), "{}", text(&output));
}

/// A running `remit serve`, killed when dropped.
struct Served {
    child: std::process::Child,
    address: String,
}

impl Served {
    fn start(data: &Path) -> Self {
        let mut child = command()
            .args([
                "serve",
                "--insecure-loopback",
                "--listen",
                "127.0.0.1:0",
                "--log-level",
                "error",
                "--bundle",
            ])
            .arg(bundle("starter"))
            .arg("--data")
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()
            .expect("remit starts");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let address =
            line.trim().rsplit_once("//").unwrap_or_else(|| panic!("no address in `{line}`")).1.to_owned();
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

/// Asks until the connection breaks; every id that was answered was acknowledged.
fn ask_until_broken(address: &str, acknowledged: &Mutex<Vec<String>>) {
    let body = r#"{"subject":{"type":"user","id":"imani"},"action":{"name":"read"},"resource":{"type":"record","id":"ecg-7"}}"#;
    let request = format!(
        "POST /access/v1/evaluation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let Ok(mut stream) = TcpStream::connect(address) else { return };
    let mut buffer = vec![0_u8; 4096];
    while stream.write_all(request.as_bytes()).is_ok() {
        let mut answer = Vec::new();
        while !answer.ends_with(br#"{"decision":true}"#) {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(read) => answer.extend_from_slice(&buffer[..read]),
            }
        }
        let head = String::from_utf8_lossy(&answer).to_lowercase();
        let id = head.split("remit-evaluation-id: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        acknowledged.lock().expect("unpoisoned").push(id.expect("an id in the head").to_owned());
    }
}

/// THREATS section 2, row 1: every acknowledged decision is in the log after `kill -9`, and the log is whole.
#[test]
fn kill_minus_nine_under_load_loses_no_answered_decision() {
    let rounds = if std::env::var_os("REMIT_FULL").is_some() { 50 } else { 6 };
    let data = tempfile::tempdir().expect("folder");
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for round in 0..rounds {
        let served = Served::start(data.path());
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (address, acknowledged) = (served.address.clone(), Arc::clone(&acknowledged));
                std::thread::spawn(move || ask_until_broken(&address, &acknowledged))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(100 + 70 * (round % 5)));
        served.kill();
        for client in clients {
            client.join().expect("no client panics");
        }
    }
    // One more start recovers a torn tail, if there is one, and records that.
    let served = Served::start(data.path());
    served.kill();
    let ledger = data.path().join("ledger");
    let verified = remit_pdp::ledger::verify(&ledger).unwrap_or_else(|fault| panic!("{fault}"));
    let records = remit_pdp::ledger::read(&ledger, 0, verified.records.saturating_sub(1));
    let recorded: std::collections::HashSet<String> = records
        .filter_map(|record| {
            record.expect("readable").body.decision().map(|decision| decision.decision_id.clone())
        })
        .collect();
    let acknowledged = acknowledged.lock().expect("unpoisoned");
    assert!(acknowledged.len() > 50, "only {} decisions were answered", acknowledged.len());
    let missing = acknowledged.iter().filter(|id| !recorded.contains(*id)).count();
    assert_eq!(missing, 0, "of {} answered decisions", acknowledged.len());
}
