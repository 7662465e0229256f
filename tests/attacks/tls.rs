//! TLS as an attacker speaks it: old versions, half a handshake, plain text, renegotiation (THREATS O5).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::served::{Served, Start};

/// A certificate made by the `openssl` command; none where there is no such command.
fn certified(dir: &Path) -> Option<Served> {
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    let mut made = Command::new("openssl");
    made.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]);
    made.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout"]);
    made.arg(&key).arg("-out").arg(&cert).stderr(Stdio::null());
    if !made.status().is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED LOUDLY: these need the openssl command");
        return None;
    }
    let mut start = Start::new(&dir.join("data"));
    start.tables = format!(
        "[limits]\nheader_timeout_ms = 2000\n\n[tls]\ncert_file = {:?}\nkey_file = {:?}\n",
        cert.display().to_string(),
        key.display().to_string()
    );
    Some(start.served())
}

fn client(served: &Served, dir: &Path, more: &[&str], said: &[u8]) -> Output {
    let mut client = Command::new("openssl");
    client.args(["s_client", "-connect", &served.address.to_string(), "-servername", "localhost", "-CAfile"]);
    client.arg(dir.join("cert.pem")).args(more);
    let mut client = client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl runs");
    let mut stdin = client.stdin.take().expect("an input");
    let _early = stdin.write_all(said);
    std::thread::sleep(Duration::from_millis(700));
    drop(stdin);
    client.wait_with_output().expect("ends")
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn old_versions_weak_ciphers_and_renegotiation_are_refused_and_new_ones_served() {
    let dir = tempfile::tempdir().expect("a folder");
    let Some(served) = certified(dir.path()) else { return };
    for new in [&["-tls1_3", "-quiet"][..], &["-tls1_2", "-quiet"]] {
        let output = client(&served, dir.path(), new, HEALTH);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            said.starts_with("HTTP/1.1 200"),
            "{new:?}: {said} {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    for old in [
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"][..],
        &["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "NULL:@SECLEVEL=0"],
    ] {
        let output = client(&served, dir.path(), old, HEALTH);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!said.contains("HTTP/1.1"), "{old:?}: {said}");
        assert!(!output.status.success(), "{old:?}: {said}");
    }
    // `R` on a line asks for a renegotiation.
    let output = client(&served, dir.path(), &["-tls1_2"], b"R\n");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("Secure Renegotiation IS") || !said.contains("verify return:1\nread R BLOCK\n---"),
        "{said}"
    );
    assert!(served.alive());
    served.stop();
}

#[test]
fn half_handshakes_and_plain_text_are_cut_and_hold_nobody_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let Some(served) = certified(dir.path()) else { return };
    let began = Instant::now();
    let hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
    let mut held: Vec<TcpStream> = Vec::new();
    for bytes in [&[][..], &hello, b"GET / HTTP/1.1\r\n\r\n", &[0x80, 0x2e, 1, 0, 2]] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(served.address).expect("connects");
            stream.write_all(bytes).expect("writes");
            held.push(stream);
        }
    }
    let output = client(&served, dir.path(), &["-quiet"], HEALTH);
    assert!(output.stdout.starts_with(b"HTTP/1.1 200"), "others are served meanwhile");
    for stream in &mut held {
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        let mut rest = Vec::new();
        let _end = stream.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP"), "an answer in plain text");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    served.stop();
}
