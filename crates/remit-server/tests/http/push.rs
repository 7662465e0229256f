//! Heads in a second place: they get there, and what such a place remembers stops a ledger that does not have it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use remit_pdp::ledger::{Checkpoint, LeafHash, consistent};
use remit_server::config::LedgerPush;

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, QUESTION, Running};

/// Waits until this is so.
async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come about");
}

async fn ready(server: &Running) -> bool {
    server.ask_openly(Ask::get("/readyz")).await.status == 200
}

#[tokio::test]
async fn heads_get_into_a_directory_and_one_from_another_ledger_stops_the_log() {
    let place = tempfile::tempdir().expect("a folder");
    let directory = Some(place.path().to_owned());
    let push = LedgerPush { directory, every: 1, ..LedgerPush::default() };
    let names = || {
        let names =
            std::fs::read_dir(place.path()).expect("a folder").map(|it| it.expect("a file").file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".checkpoint")).count()
    };
    let server = Running::start(|config| config.ledger.push = push.clone()).await;
    until("the first head", async || names() == 1).await;
    assert_eq!(server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 200);
    until("the next head", async || names() == 2).await;
    assert!(ready(&server).await);
    drop(server);
    // Another ledger, which is shorter than what the place keeps.
    std::fs::copy(
        place.path().join(first(place.path())),
        place.path().join(format!("{:020}.checkpoint", 9_999)),
    )
    .expect("copied");
    let server = Running::start(|config| config.ledger.push = push).await;
    until("the stop", async || !ready(&server).await).await;
    assert_eq!(server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 503);
}

fn first(place: &std::path::Path) -> std::ffi::OsString {
    let mut names: Vec<_> =
        std::fs::read_dir(place).expect("a folder").map(|it| it.expect("a file").file_name()).collect();
    names.sort();
    names.swap_remove(0)
}

/// What a witness remembers: the sizes and roots it has cosigned.
type Memory = Arc<Mutex<Vec<(u64, [u8; 32])>>>;

/// A witness that checks consistency and believes every key.
async fn witness(memory: Memory) -> SocketAddr {
    async fn add(State(memory): State<Memory>, body: String) -> (StatusCode, String) {
        let mut cosigned = memory.lock().expect("whole");
        let (proof, note) = body.split_once("\n\n").expect("a request");
        let mut lines = proof.lines();
        let old: u64 =
            lines.next().and_then(|it| it.strip_prefix("old ")?.parse().ok()).expect("an old size");
        let decode = |text: &str| -> [u8; 32] {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
            bytes.try_into().expect("a hash")
        };
        let hashes: Vec<[u8; 32]> = lines.map(decode).collect();
        let mut text = note.lines().skip(1);
        let size: u64 = text.next().and_then(|it| it.parse().ok()).expect("a size");
        let root = decode(text.next().expect("a root"));
        let (last, last_root) = cosigned.last().copied().unwrap_or((0, [0; 32]));
        if old != last {
            return (StatusCode::CONFLICT, format!("{last}\n"));
        }
        if old > 0 && consistent((old, &last_root), (size, &root), &hashes).is_err() {
            return (StatusCode::UNPROCESSABLE_ENTITY, String::new());
        }
        cosigned.push((size, root));
        (StatusCode::OK, String::from("\u{2014} witness.example AAAAAA==\n"))
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = axum::Router::new().route("/w/add-checkpoint", post(add)).with_state(memory);
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

#[tokio::test]
async fn a_witness_follows_the_log_and_one_that_remembers_more_stops_it() {
    let memory = Memory::default();
    let address = witness(Arc::clone(&memory)).await;
    let push =
        LedgerPush { witness: Some(format!("http://{address}/w/")), every: 1, ..LedgerPush::default() };
    let server = Running::start(|config| config.ledger.push = push.clone()).await;
    let count = || memory.lock().expect("whole").len();
    until("the first cosignature", async || count() == 1).await;
    for heads in 2..4 {
        assert_eq!(server.ask(Ask::post(ENDPOINTS[0], QUESTION)).await.status, 200);
        until("the next cosignature", async || count() == heads).await;
    }
    assert!(ready(&server).await);
    let (size, root) = memory.lock().expect("whole").last().copied().expect("a head");
    let keys = server.ask(Ask::get("/audit/v1/log/vkey")).await.text().to_owned();
    let keys = [remit_pdp::ledger::Vkey::parse(keys.trim_end()).expect("a key")];
    let note = server.ask(Ask::get("/audit/v1/log/checkpoint")).await.text().to_owned();
    let head = Checkpoint::open(&note, &keys).expect("signed");
    assert_eq!((head.size, LeafHash(head.root)), (size, LeafHash(root)));
    drop(server);
    // Another ledger under the eyes of the same witness: shorter, and with another beginning.
    memory.lock().expect("whole").push((9_999, [7; 32]));
    let server = Running::start(|config| config.ledger.push = push.clone()).await;
    until("the stop", async || !ready(&server).await).await;
    drop(server);
    *memory.lock().expect("whole") = vec![(1, [7; 32])];
    let server = Running::start(|config| config.ledger.push = push).await;
    until("the stop for another beginning", async || !ready(&server).await).await;
}
