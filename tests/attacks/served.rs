//! `remit serve` as a process of its own, with two callers; killed when dropped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use remit_server::keyring::sha256_hex;
use remit_tests::binary::command;
pub use remit_tests::binary::{remit, root, run, text, untold};

/// Key of the caller that may evaluate, search and read.
pub const KEY: &str = "Key-of-the-gate-0123456789";
/// Key of the caller that may only evaluate.
pub const PLAIN: &str = "Key-of-a-plain-one-0123456";

/// A question that the starter bundle answers with yes.
pub const ALLOWED: &str = r#"{"subject":{"type":"user","id":"imani"},"action":{"name":"read"},"resource":{"type":"record","id":"ecg-7"}}"#;
/// One that it answers with no.
pub const DENIED: &str = r#"{"subject":{"type":"user","id":"noor"},"action":{"name":"read"},"resource":{"type":"record","id":"ecg-7"}}"#;

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// What was decided; nothing when it is no decision.
    pub fn decision(&self) -> Option<bool> {
        serde_json::from_str::<serde_json::Value>(&self.body).ok()?.get("decision")?.as_bool()
    }

    /// The id of the decision, from the head.
    pub fn id(&self) -> Option<String> {
        let rest = self.head.split("remit-evaluation-id: ").nth(1)?;
        Some(rest.lines().next()?.trim().to_owned())
    }
}

/// How to start one.
pub struct Start {
    pub bundle: PathBuf,
    pub data: PathBuf,
    /// More lines of the configuration, before its tables.
    pub top: String,
    /// More tables of the configuration.
    pub tables: String,
    /// A shell that prepares the process and ends in `exec "$@"`.
    pub shell: Option<String>,
}

impl Start {
    /// Over the starter bundle.
    pub fn new(data: &Path) -> Self {
        Self {
            bundle: root().join("policies/starter"),
            data: data.to_owned(),
            top: "watch = false".to_owned(),
            tables: String::new(),
            shell: None,
        }
    }

    /// Over another bundle.
    pub fn over(bundle: &Path, data: &Path) -> Self {
        Self { bundle: bundle.to_owned(), ..Self::new(data) }
    }

    fn config(&self) -> PathBuf {
        let file = self.data.join("remit.toml");
        let shown = |path: &Path| toml::Value::String(path.display().to_string());
        let text = format!(
            "listen = \"127.0.0.1:0\"\nbundle = {}\ndata = {}\n{}\n\n[log]\nlevel = \"warn\"\n{}\n\n[[peps]]\nname = \"gate\"\n\
             key_sha256 = \"{}\"\ndetail = \"full\"\ngovernance = true\naudit = true\nassert_identity = true\n\n[[peps]]\n\
             name = \"plain\"\nkey_sha256 = \"{}\"\nsearch = false\n",
            shown(&self.bundle),
            shown(&self.data),
            self.top,
            self.tables,
            sha256_hex(KEY.as_bytes()),
            sha256_hex(PLAIN.as_bytes()),
        );
        std::fs::create_dir_all(&self.data).expect("a folder");
        std::fs::write(&file, text).expect("written");
        file
    }

    fn command(&self) -> Command {
        let mut command = match &self.shell {
            Some(shell) => {
                let mut command = Command::new("sh");
                untold(&mut command);
                command.args(["-c", shell, "sh"]).arg(remit());
                command
            }
            None => command(),
        };
        command.args(["serve", "--config"]).arg(self.config()).current_dir(root());
        command.stderr(Stdio::piped()).stdout(Stdio::null()).stdin(Stdio::null());
        command
    }

    /// Starts it; it answers from then on.
    pub fn served(&self) -> Served {
        self.started().unwrap_or_else(|(code, said)| panic!("no start ({code:?}): {said}"))
    }

    /// Starts it, or says how it ended and what it said.
    pub fn started(&self) -> Result<Served, (Option<i32>, String)> {
        let mut child = self.command().spawn().expect("remit starts");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error"));
        let mut said = String::new();
        let address: SocketAddr = loop {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                return Err((child.wait().expect("gone").code(), said));
            }
            said.push_str(&line);
            if let Some(address) = line.trim().strip_prefix("remit answers at http") {
                let address = address.trim_start_matches("s").trim_start_matches("://");
                break address.parse().expect("an address");
            }
        };
        let said = Arc::new(Mutex::new(said));
        let more = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap_or(0) > 0 {
                more.lock().expect("unpoisoned").push_str(&line);
                line.clear();
            }
        });
        Ok(Served { child: Mutex::new(child), address, said })
    }
}

/// A running process.
pub struct Served {
    child: Mutex<Child>,
    pub address: SocketAddr,
    said: Arc<Mutex<String>>,
}

impl Served {
    /// Over the starter bundle.
    pub fn start(data: &Path) -> Self {
        Start::new(data).served()
    }

    pub fn pid(&self) -> u32 {
        self.child.lock().expect("unpoisoned").id()
    }

    /// What it wrote to standard error so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("unpoisoned").clone()
    }

    pub fn alive(&self) -> bool {
        self.child.lock().expect("unpoisoned").try_wait().expect("a child").is_none()
    }

    /// Resident memory in kB; none where there is no `/proc`.
    pub fn memory_kb(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "{name}");
    }

    /// Waits for the end; the exit code, when it ended by itself.
    pub fn ended(&self, within: Duration) -> Option<i32> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if let Some(status) = self.child.lock().expect("unpoisoned").try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it still runs after {within:?}: {}", self.said());
    }

    /// Stops it as a supervisor does.
    pub fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.ended(Duration::from_secs(20)), Some(0), "{}", self.said());
    }

    /// One request on a connection of its own.
    pub fn try_send(&self, bytes: &[u8]) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.write_all(bytes)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(Answer { status, head: head.to_lowercase(), body: body.to_owned() })
    }

    /// One request with a key.
    pub fn ask_as(&self, key: &str, line: &str, body: &str) -> std::io::Result<Answer> {
        self.try_send(&request(key, line, body))
    }

    /// One request of the gate.
    pub fn ask(&self, line: &str, body: &str) -> Answer {
        self.ask_as(KEY, line, body).expect("an answer")
    }

    /// One question of the gate.
    pub fn decide(&self, question: &str) -> Answer {
        self.ask("POST /access/v1/evaluation", question)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _gone = child.kill();
        let _gone = child.wait();
    }
}

/// The bytes of a request that ends its connection.
pub fn request(key: &str, line: &str, body: &str) -> Vec<u8> {
    format!(
        "{line} HTTP/1.1\r\nHost: pdp\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
