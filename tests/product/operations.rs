//! What operators and supervisors meet: doctor, completions, manual pages, exit codes, readiness.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::running::{bundle, root};
use remit_tests::binary::{command, run, text};

/// A configuration that is good, in a folder of its own, listening on this port.
struct Installed {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Installed {
    fn new(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let config = folder.path().join("remit.toml");
        let settings = format!(
            "listen = \"127.0.0.1:{port}\"\nbundle = {:?}\ndata = {:?}\ninsecure_loopback = true\nwatch = false\n\
             [limits]\nmax_connections = 64\n[log]\nlevel = \"error\"\n",
            bundle("starter"),
            folder.path().join("data"),
        );
        std::fs::write(&config, settings).expect("written");
        Self { folder, config }
    }

    fn with(port: u16, more: &str) -> Self {
        let it = Self::new(port);
        let settings = std::fs::read_to_string(&it.config).expect("read");
        std::fs::write(&it.config, format!("{more}\n{settings}")).expect("written");
        it
    }

    fn run(&self, command: &str, more: &[&str]) -> Output {
        let config = self.config.to_str().expect("a path");
        run(&[&[command, "--config", config], more].concat())
    }

    /// `remit doctor --json`: exit code, and the levels by check.
    fn doctor(&self) -> (Option<i32>, Vec<(String, String)>) {
        let output = self.run("doctor", &["--json"]);
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
        let word = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
        let findings = report["findings"].as_array().expect("findings");
        (output.status.code(), findings.iter().map(|it| (word(it, "check"), word(it, "level"))).collect())
    }

    fn serve(&self, variables: &[(&str, &Path)]) -> Child {
        let mut command = command();
        command.args(["serve", "--config"]).arg(&self.config).envs(variables.iter().copied());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("remit starts");
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().expect("standard error")).read_line(&mut line).expect("a line");
        assert!(line.starts_with("remit answers at "), "{line}");
        child
    }
}

fn level<'f>(findings: &'f [(String, String)], check: &str) -> &'f str {
    &findings.iter().find(|(name, _)| name == check).unwrap_or_else(|| panic!("no {check} in {findings:?}")).1
}

fn terminated(mut child: Child) -> Option<i32> {
    let kill = format!("kill {}", child.id());
    let killed = Command::new("sh").args(["-c", &kill]).status().expect("a shell runs");
    assert!(killed.success());
    child.wait().expect("ends").code()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("an address").port()
}

#[test]
fn the_doctor_finds_nothing_before_a_start_the_key_after_it_and_knows_a_running_service() {
    let installed = Installed::new(free_port());
    let (code, findings) = installed.doctor();
    // Free space and open files are of the machine that runs this.
    let of_ours: Vec<_> = findings.iter().filter(|(check, _)| check != "space" && check != "files").collect();
    assert!(of_ours.iter().all(|(_, level)| level == "ok"), "{findings:?}");
    assert!(code <= Some(1), "{findings:?}");
    let child = installed.serve(&[]);
    // The first head is signed within a second or two of the start; until then the records rest on none.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let findings = loop {
        let (_, findings) = installed.doctor();
        if level(&findings, "ledger") == "ok" || std::time::Instant::now() > until {
            break findings;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    for (check, expected) in
        [("lock", "ok"), ("port", "ok"), ("ledger", "ok"), ("time", "ok"), ("key", "warn")]
    {
        assert_eq!(level(&findings, check), expected, "{check} in {findings:?}");
    }
    assert_eq!(terminated(child), Some(0), "asked to stop, and stopped");
    let (code, findings) = installed.doctor();
    assert_eq!((code, level(&findings, "key")), (Some(1), "warn"), "{findings:?}");
}

#[test]
fn the_doctor_names_what_keeps_a_service_from_starting() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let installed = Installed::new(taken.local_addr().expect("an address").port());
    let (code, findings) = installed.doctor();
    assert_eq!((code, level(&findings, "port")), (Some(2), "fail"), "{findings:?}");
    let wrong = Installed::with(free_port(), "lisen = \"127.0.0.1:1\"");
    let (code, findings) = wrong.doctor();
    assert_eq!((code, level(&findings, "config")), (Some(2), "fail"), "{findings:?}");
    let shown = wrong.run("doctor", &[]);
    assert!(text(&shown).contains("did you mean `listen`") && text(&shown).contains("→"), "{}", text(&shown));
}

#[test]
fn exit_codes_tell_what_may_pass_from_what_somebody_must_repair() {
    let installed = Installed::new(free_port());
    assert_eq!(installed.run("serve", &["--check-config"]).status.code(), Some(0));
    let newer = Installed::with(free_port(), "format = 99\nsomething_new = true");
    for flags in [&["--check-config"][..], &[]] {
        let refused = newer.run("serve", flags);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
        assert!(
            text(&refused).contains("format 99") && text(&refused).contains("newer Remit"),
            "{}",
            text(&refused)
        );
    }
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let occupied = Installed::new(taken.local_addr().expect("an address").port());
    let refused = occupied.run("serve", &[]);
    assert_eq!(refused.status.code(), Some(3), "a port may become free: {}", text(&refused));
    let child = installed.serve(&[]);
    let second = Installed::new(free_port());
    let data = installed.folder.path().join("data");
    let refused = second.run("serve", &["--data", data.to_str().expect("a path")]);
    assert_eq!(refused.status.code(), Some(3), "a ledger may become free: {}", text(&refused));
    assert_eq!(terminated(child), Some(0));
    let broken = second.run("serve", &["--bundle", data.to_str().expect("a path")]);
    assert_eq!(broken.status.code(), Some(2), "no policies: {}", text(&broken));
}

#[test]
fn a_supervisor_is_told_when_it_is_ready_and_when_it_stops() {
    let installed = Installed::new(free_port());
    let socket = installed.folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&socket).expect("a socket");
    supervisor.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    let hear = || {
        let mut buffer = [0; 64];
        let length = supervisor.recv(&mut buffer).expect("told in time");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let child = installed.serve(&[("NOTIFY_SOCKET", &socket)]);
    assert_eq!(hear(), "READY=1");
    assert_eq!(terminated(child), Some(0));
    assert_eq!(hear(), "STOPPING=1");
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let help = text(&run(&["--help"]));
    let commands: Vec<&str> = help
        .split_once("Commands:")
        .expect("commands")
        .1
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 15 && commands.contains(&"doctor"), "{commands:?}");
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&run(&["completions", shell]));
        for command in &commands {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
        assert!(script.contains("check-config"), "{shell} does not know the options");
    }
    assert_eq!(run(&["completions", "none"]).status.code(), Some(2));
    if Command::new("bash").arg("--version").output().is_ok() {
        let script = text(&run(&["completions", "bash"]));
        let parsed = Command::new("bash").args(["-n", "-c", &script]).status().expect("bash runs");
        assert!(parsed.success(), "bash cannot read its completions");
    }
    let folder = tempfile::tempdir().expect("folder");
    assert!(run(&["man", folder.path().to_str().expect("a path")]).status.success());
    for command in &commands {
        let page =
            std::fs::read_to_string(folder.path().join(format!("remit-{command}.1"))).unwrap_or_default();
        assert!(page.contains(".TH"), "no page of {command}");
    }
    assert!(text(&run(&["man"])).contains(".SH SUBCOMMANDS"));
}

/// What is written about operating names commands and settings that exist.
#[test]
fn files_of_deployments_name_what_exists() {
    let unit = std::fs::read_to_string(root().join("deploy/systemd/remit.service")).expect("the unit");
    let help = text(&run(&["serve", "--help"]));
    let start =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/remit ")).expect("a start");
    for flag in start.split_whitespace().filter(|word| word.starts_with("--")) {
        assert!(help.contains(flag), "{flag}");
    }
    let reference = std::fs::read_to_string(root().join("schemas/CONFIG.md")).expect("the reference");
    let pod = std::fs::read_to_string(root().join("deploy/helm/remit/templates/statefulset.yaml"))
        .expect("the pod");
    let named: Vec<&str> =
        pod.lines().filter_map(|line| line.trim().strip_prefix("- name: REMIT_")).collect();
    assert!(named.len() > 4, "{named:?}");
    for variable in named {
        assert!(reference.contains(&format!("`REMIT_{variable}`")), "REMIT_{variable} is no setting");
    }
}
