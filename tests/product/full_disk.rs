//! A disk that takes no more: decisions are 503, reading and verifying go on, and so do decisions once there is room.
//!
//! The disk is played by the limit on the size of files (`RLIMIT_FSIZE`), which can be changed while a process runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::running::{bundle, root};
use remit_tests::binary::{remit, run, text, untold};

const QUESTION: &str = r#"{"subject":{"type":"user","id":"imani"},"action":{"name":"read"},"resource":{"type":"record","id":"ecg-7"}}"#;

/// A decision point that a write beyond the limit does not kill by a signal; killed when dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(data: &Path) -> Self {
        let mut shell = Command::new("sh");
        untold(&mut shell);
        let mut child = shell
            .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
            .arg(remit())
            .args(["serve", "--insecure-loopback", "--listen", "127.0.0.1:0", "--log-level", "error"])
            .arg("--bundle")
            .arg(bundle("starter"))
            .arg("--data")
            .arg(data)
            .current_dir(root())
            .stderr(Stdio::piped())
            .spawn()
            .expect("remit starts");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        // What it says later must find a reader.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let address = line.trim().rsplit_once("//").unwrap_or_else(|| panic!("no address in `{line}`")).1;
        Self { address: address.to_owned(), child }
    }

    /// The most bytes that a file may have from now on; false where there is no `prlimit`.
    fn room(&self, most: &str) -> bool {
        let pid = self.child.id().to_string();
        let limit = format!("--fsize={most}:unlimited");
        match Command::new("prlimit").args(["--pid", &pid, &limit]).status() {
            Ok(status) => status.success(),
            Err(fault) => {
                eprintln!("SKIPPED LOUDLY: a full disk is played by prlimit: {fault}");
                false
            }
        }
    }

    fn ask(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        let request = format!(
            "{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
        (status, answer)
    }

    fn decide(&self) -> u16 {
        self.ask("POST /access/v1/evaluation", QUESTION).0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[test]
fn a_full_disk_stops_decisions_alone_and_only_while_it_is_full() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path();
    let served = Served::start(data);
    assert_eq!(served.decide(), 200);
    // A head is signed over what is there, so that there is one to serve while nothing can be written.
    let signed = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        served.ask("GET /audit/v1/log/checkpoint", "").0 == 200
    });
    assert!(signed, "a head within ten seconds");
    let segments = std::fs::read_dir(data.join("ledger/segments")).expect("segments");
    let length = || {
        let segment = data.join("ledger/segments/00000000000000000000.seg");
        std::fs::metadata(segment).expect("a segment").len()
    };
    assert_eq!(segments.count(), 1);
    // No room at all, then less than a record needs.
    for spare in [0, 100] {
        if !served.room(&(length() + spare).to_string()) {
            return;
        }
        let before = length();
        for _ in 0..3 {
            assert_eq!(served.decide(), 503);
        }
        assert_eq!(length(), before, "nothing of it stays");
        let (status, decisions) = served.ask("GET /governance/v1/decisions", "");
        assert_eq!(status, 200, "{decisions}");
        assert!(decisions.contains("ecg-7"), "{decisions}");
        let question = r#"{"where":"decision == allow"}"#;
        assert_eq!(served.ask("POST /governance/v1/query", question).0, 200);
        assert_eq!(served.ask("GET /audit/v1/log/checkpoint", "").0, 200);
        assert_eq!(served.ask("GET /healthz", "").0, 200);
        let verified = run(&["ledger", "verify", data.to_str().expect("a path")]);
        assert!(verified.status.success(), "{}", text(&verified));
        // Room again: it goes on by itself.
        assert!(served.room("unlimited"));
        assert_eq!(served.decide(), 200);
    }
    assert_eq!(served.decide(), 200);
    drop(served);
    let recorded = remit_pdp::ledger::read(&data.join("ledger"), 0, u64::MAX)
        .filter(|it| it.as_ref().expect("whole").body.decision().is_some());
    assert_eq!(recorded.count(), 4, "each that was answered, and no other");
}
