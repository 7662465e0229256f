//! HTTP/2 as an attacker speaks it, frame by frame: resets without end, heads without end (THREATS O6).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::served::{ALLOWED, Served};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:method GET`, `:scheme http`, `:path /healthz`, `:authority pdp`, by RFC 7541.
fn head() -> Vec<u8> {
    [&[0x82, 0x86, 0x04, 8][..], b"/healthz", &[0x01, 3], b"pdp"].concat()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.set_write_timeout(Some(Duration::from_secs(5))).expect("set");
    stream.set_read_timeout(Some(Duration::from_secs(15))).expect("set");
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).expect("writes");
    stream
}

/// The kinds of the frames that came, with their payloads, until the end, a GOAWAY or `enough`.
fn frames(stream: &mut TcpStream, enough: impl Fn(u8) -> bool) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    let mut head = [0_u8; 9];
    while stream.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        if stream.read_exact(&mut payload).is_err() {
            break;
        }
        found.push((head[3], payload));
        if head[3] == GOAWAY || enough(head[3]) {
            break;
        }
    }
    found
}

/// Attacks on one connection, with others served on theirs meanwhile; the attacked connection is ended.
fn attacked(attack: impl Fn(u32) -> Vec<u8>, most: u32) {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    let before = served.memory_kb();
    let began = Instant::now();
    let mut stream = connect(served.address);
    let sent = (0..most).take_while(|at| stream.write_all(&attack(*at)).is_ok()).count();
    let ended = frames(&mut stream, |_| false);
    println!("{sent} of {most} were taken; the last frame: {:?}", ended.last());
    let went_away = ended.last().is_some_and(|(kind, _)| *kind == GOAWAY);
    assert!(went_away || sent < most as usize, "the connection goes on after {sent}");
    assert_eq!(served.decide(ALLOWED).decision(), Some(true));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    if let (Some(before), Some(after)) = (before, served.memory_kb()) {
        assert!(after < before + 64 * 1024, "{before} kB, then {after} kB");
    }
    served.stop();
}

#[test]
fn an_honest_client_of_http_2_is_served() {
    let data = tempfile::tempdir().expect("a folder");
    let served = Served::start(data.path());
    let mut stream = connect(served.address);
    stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &head())).expect("writes");
    let answered = frames(&mut stream, |kind| kind == HEADERS);
    let (kind, payload) = answered.last().expect("an answer");
    assert_eq!((*kind, payload[0]), (HEADERS, 0x88), "`:status 200` is entry 8 of the static table");
    // Five requests that are given up are no attack.
    for at in 1..6 {
        let stream_id = 2 * at + 1;
        stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, stream_id, &head())).expect("writes");
        stream.write_all(&frame(RST_STREAM, 0, stream_id, &8_u32.to_be_bytes())).expect("writes");
    }
    stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 101, &head())).expect("writes");
    stream.write_all(&frame(PING, 0, 0, &[7; 8])).expect("writes");
    let answered = frames(&mut stream, |kind| kind == PING);
    assert!(answered.iter().all(|(kind, _)| *kind != GOAWAY), "{answered:?}");
    served.stop();
}

#[test]
fn a_client_that_resets_without_end_is_cut() {
    let attack = |at: u32| {
        let stream = 2 * at + 1;
        let opened = frame(HEADERS, END_STREAM | END_HEADERS, stream, &head());
        [opened, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    attacked(attack, 100_000);
}

#[test]
fn a_head_that_is_continued_without_end_is_cut() {
    // A literal header without indexing: a name of one byte and a value of 16,000.
    let piece = [&[0, 1, b'x', 0x7f, 0x81, 0x7c][..], &[b'y'; 16_000]].concat();
    let attack = |at: u32| match at {
        0 => frame(HEADERS, END_STREAM, 1, &head()),
        _ => frame(CONTINUATION, 0, 1, &piece),
    };
    attacked(attack, 20_000);
}
