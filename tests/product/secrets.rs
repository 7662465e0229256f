//! O9: what is secret stands in nothing that the product writes: logs at the most talkative level, errors, numbers, the
//! description of the API, help texts, the ledger. Each secret is used, so that it had its chance.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::running::bundle;
use remit_tests::binary::{command, text};

const KEY: &str = "remit_caller-key-4711";
const WRONG: &str = "remit_wrong-key-0815";
const PERSON: &str = "remit_person-key-2342";
const WEBHOOK: &str = "webhook-secret-webhook-secret-webhook";
const OUTCOMES: &str = "outcome-key-outcome-key-outcome-key-1";
const INTROSPECTION: &str = "introspection-password-99";
const TOKEN: &str = "opaque-token-of-a-user-31337";
const ENVIRONMENT: &str = "remit_key-in-the-environment-77";

/// SHA-256 of a text in hexadecimal.
fn digest(text: &str) -> String {
    remit_server::keyring::sha256_hex(text.as_bytes())
}

fn private(path: &Path, content: &str) {
    std::fs::write(path, content).expect("writes");
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("an address").port()
}

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }
}

/// Everything that an answer says; the connection ends with it.
fn exchange(port: u16, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
    write!(stream, "{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The content of every file below a folder, as far as it is text.
fn contents(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            contents(&path, into);
        } else {
            into.push_str(&String::from_utf8_lossy(&std::fs::read(&path).expect("readable")));
        }
    }
}

#[test]
fn o_9_no_output_of_a_run_holds_a_secret() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    private(&at("webhook.secret"), WEBHOOK);
    private(&at("outcomes.key"), OUTCOMES);
    let (port, people, nobody) = (free_port(), free_port(), free_port());
    let config = format!(
        r#"
listen = "127.0.0.1:{port}"
bundle = {bundle:?}
data = {data:?}
[transactions]
outcome_key_file = {outcomes:?}
[incidents]
from = "informational"
[incidents.webhook]
url = "http://127.0.0.1:{nobody}/hook"
secret_file = {webhook:?}
private_addresses = true
[[peps]]
name = "gate"
detail = "full"
assert_identity = true
keys = [{{ sha256 = "{caller}", expires_at = "2999-01-01T00:00:00Z" }}]
[admin]
listen = "127.0.0.1:{people}"
proposals = false
people = [{{ name = "ada", roles = ["operator", "auditor"], key_sha256 = "{person}" }}]
[identity]
allow_private_addresses = true
[[identity.issuers]]
issuer = "https://login.example"
accepts = ["access_token"]
audiences = ["pdp"]
introspection = {{ endpoint = "http://127.0.0.1:{nobody}/introspect", authorization = "Basic {INTROSPECTION}", opaque = true }}
[log]
level = "trace"
format = "json"
"#,
        bundle = bundle("starter"),
        data = at("data"),
        outcomes = at("outcomes.key"),
        webhook = at("webhook.secret"),
        caller = digest(KEY),
        person = digest(PERSON),
    );
    private(&at("remit.toml"), &config);
    let log = |name: &str| Stdio::from(File::create(at(name)).expect("a log"));
    let mut served = Served(
        command()
            .args(["serve", "--config"])
            .arg(at("remit.toml"))
            .env("REMIT_API_KEY", ENVIRONMENT)
            .stdout(log("stdout"))
            .stderr(log("stderr"))
            .spawn()
            .expect("remit starts"),
    );
    wait_for(people);
    let mut told = String::new();
    let question = |context: &str| {
        format!(
            r#"{{"subject":{{"type":"user","id":"noor"}},"action":{{"name":"read"}},"resource":{{"type":"record","id":"ecg-7"}},"context":{{{context}}},"options":{{"detail":"full"}}}}"#
        )
    };
    let tokens =
        format!(r#""tokens":[{{"type":"urn:ietf:params:oauth:token-type:access_token","token":"{TOKEN}"}}]"#);
    let post = |path: &str, key: &str| {
        format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}")
    };
    let evaluation = |key: &str| post("/access/v1/evaluation", key);
    for (head, body, status) in [
        (evaluation(KEY), question(""), "200"),
        (evaluation(KEY), question(&tokens), "503"),
        (evaluation(KEY), format!("{{\"{TOKEN}"), "400"),
        (evaluation(WRONG), question(""), "401"),
        (evaluation(PERSON), question(""), "401"),
        (post("/nowhere", KEY), String::new(), "404"),
        ("GET /openapi.json HTTP/1.1".to_owned(), String::new(), "200"),
    ] {
        let answer = exchange(port, &head, &body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
        told.push_str(&answer);
    }
    let get = |path: &str, key: &str| format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {key}");
    for (head, status) in [
        (get("/admin/v1/status", PERSON), "200"),
        (get("/admin/v1/status", KEY), "401"),
        (get("/admin/v1/proposals", PERSON), "404"),
        (post("/admin/v1/reload", PERSON), "200"),
        (get("/metrics", PERSON), "200"),
        (get("/governance/v1/decisions", PERSON), "200"),
        (get("/governance/v1/incidents", PERSON), "200"),
    ] {
        let answer = exchange(people, &head, "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{head}: {answer}");
        told.push_str(&answer);
    }
    served.signal("-HUP");
    // The webhook is tried once a second, and nobody is there.
    std::thread::sleep(Duration::from_millis(1_500));
    served.signal("-TERM");
    assert!(served.0.wait().expect("ends").success());
    for name in ["stdout", "stderr"] {
        told.push_str(&std::fs::read_to_string(at(name)).expect("readable"));
    }
    assert!(told.contains("the webhook did not take an incident"), "it was tried, with its secret");
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["ask", "--help"],
        &["key", "--help"],
        &["erase", "--help"],
        &["ledger", "--help"],
        &["replay", "--help"],
        &["ask", "--url", "http://127.0.0.1:1", "denials"],
    ] {
        let output = command().args(arguments).env("REMIT_API_KEY", ENVIRONMENT).output().expect("runs");
        told.push_str(&text(&output));
    }
    let seeds = ["data/ledger.key", "data/pseudonyms.json"]
        .map(|name| std::fs::read_to_string(at(name)).unwrap_or_default());
    for (at, file) in seeds.iter().enumerate() {
        let words = file.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c)));
        let long = words.filter(|word| word.len() >= 40).collect::<Vec<_>>();
        assert!(!long.is_empty(), "file {at} holds keys");
        for word in long {
            assert!(!told.contains(word), "a key of file {at} is told");
        }
    }
    contents(&at("data"), &mut told);
    for secret in [KEY, WRONG, PERSON, WEBHOOK, OUTCOMES, INTROSPECTION, TOKEN, ENVIRONMENT] {
        assert!(!told.contains(secret), "{secret} is told");
    }
    assert!(told.contains("noor") || told.contains("ecg-7"), "what is not secret is there");
}

#[cfg(unix)]
#[test]
fn o_10_a_secret_that_everybody_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("folder");
    let secret = folder.path().join("webhook.secret");
    let config = folder.path().join("remit.toml");
    private(&secret, WEBHOOK);
    let open = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    let write = |data: &Path| {
        let text = format!(
            "listen = \"127.0.0.1:0\"\ninsecure_loopback = true\nbundle = {:?}\ndata = {data:?}\n\
             [incidents.webhook]\nurl = \"https://hook.example\"\nsecret_file = {secret:?}\n",
            bundle("starter"),
        );
        private(&config, &text);
    };
    let serve = || {
        let mut child = command()
            .args(["serve", "--config"])
            .arg(&config)
            .stderr(Stdio::piped())
            .spawn()
            .expect("remit starts");
        let mut told = String::new();
        let mut stderr = std::io::BufReader::new(child.stderr.take().expect("standard error"));
        let mut line = String::new();
        while !told.contains("remit answers at")
            && std::io::BufRead::read_line(&mut stderr, &mut line).expect("reads") > 0
        {
            told.push_str(&line);
            line.clear();
        }
        let _ = child.kill();
        let _ = child.wait();
        told
    };
    let data = folder.path().join("data");
    write(&data);
    open(&secret, 0o644);
    let told = serve();
    assert!(told.contains("webhook.secret") && told.contains("644"), "{told}");
    assert!(!told.contains("answers") && !data.exists(), "nothing was begun: {told}");
    open(&secret, 0o600);
    let told = serve();
    assert!(told.contains("answers"), "{told}");
    assert_eq!(std::fs::metadata(&data).expect("made").permissions().mode() & 0o777, 0o700);
    open(&data, 0o755);
    let told = serve();
    assert!(told.contains("answers") && told.contains("755"), "warned of: {told}");
    open(&data, 0o777);
    assert!(!serve().contains("answers"));
}

/// A log that nobody reads any more is no reason to stop answering.
#[cfg(unix)]
#[test]
fn f_22_closed_outputs_end_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let mut child = command()
        .args(["serve", "--insecure-loopback", "--log-level", "trace", "--listen"])
        .arg(format!("127.0.0.1:{port}"))
        .arg("--bundle")
        .arg(bundle("starter"))
        .arg("--data")
        .arg(folder.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("remit starts");
    // Both ends are closed here: the next line is written to nobody.
    drop((child.stdout.take(), child.stderr.take()));
    let served = Served(child);
    wait_for(port);
    let question = r#"{"subject":{"type":"user","id":"imani"},"action":{"name":"read"},"resource":{"type":"record","id":"ecg-7"}}"#;
    for _ in 0..3 {
        let head = "POST /access/v1/evaluation HTTP/1.1\r\nContent-Type: application/json";
        let answer = exchange(port, head, question);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"decision\":true"), "{answer}");
    }
    for signal in ["-PIPE", "-HUP"] {
        served.signal(signal);
        assert!(exchange(port, "GET /healthz HTTP/1.1", "").starts_with("HTTP/1.1 200"), "{signal}");
    }
}
