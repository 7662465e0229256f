//! Bounds of size, time and number (C-05); each is reached, and just below it the request is answered.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Ask, PATIENCE, read};
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running};

fn question() -> Ask {
    Ask::post(ENDPOINTS[0], QUESTION).header("authorization", format!("Bearer {KEY}"))
}

/// The same question, blown up with blanks to exactly this many bytes.
fn padded(length: usize) -> String {
    format!("{QUESTION}{}", " ".repeat(length - QUESTION.len()))
}

#[tokio::test]
async fn c_05_a_body_over_the_limit_is_413_and_at_the_limit_is_answered() {
    let server = Running::start(|config| config.limits.body_bytes = 4096).await;
    for path in ENDPOINTS {
        assert_eq!(server.ask(Ask::post(path, &padded(4096))).await.status, 200, "{path}");
        for length in [4097, 30_000] {
            let refused = server.ask(Ask::post(path, &padded(length))).await;
            assert_eq!(refused.status, 413, "{path} {length}");
            assert!(refused.json()["message"].as_str().expect("text").contains("4096"));
        }
    }
}

#[tokio::test]
async fn a_chunked_body_is_measured_as_it_comes() {
    let server = Running::start(|config| config.limits.body_bytes = 4096).await;
    for (length, status) in [(4096, 200), (4097, 413)] {
        let mut stream = TcpStream::connect(server.address).await.expect("connects");
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {KEY}\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\n\r\n",
            ENDPOINTS[0]
        );
        stream.write_all(head.as_bytes()).await.expect("writes");
        for piece in padded(length).as_bytes().chunks(1000) {
            let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
            stream.write_all(&chunk).await.expect("writes");
        }
        stream.write_all(b"0\r\n\r\n").await.expect("writes");
        assert_eq!(read(&mut stream, "POST").await.expect("an answer").status, status, "{length}");
    }
}

#[tokio::test]
async fn a_slow_body_is_408_and_a_slower_start_than_that_is_fine() {
    let server = Running::start(|config| config.limits.body_timeout_ms = 300).await;
    let (head, body) = (question().header("x-request-id", "slow").head(), QUESTION.as_bytes());
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    stream.write_all(&head).await.expect("writes");
    stream.write_all(&body[..10]).await.expect("writes");
    let late = read(&mut stream, "POST").await.expect("an answer");
    assert_eq!((late.status, late.header("x-request-id")), (408, "slow"));
    assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0, "the connection is over");

    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    stream.write_all(&head).await.expect("writes");
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream.write_all(body).await.expect("writes");
    assert_eq!(read(&mut stream, "POST").await.expect("an answer").status, 200);
}

#[tokio::test]
async fn who_closes_the_sending_half_is_answered_and_who_leaves_half_a_question_is_not() {
    let server = Running::start(|_| {}).await;
    let whole = [question().head(), QUESTION.as_bytes().to_vec()].concat();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address).await.expect("connects");
        stream.write_all(&whole).await.expect("writes");
        stream.shutdown().await.expect("the sending half ends");
        let answer = read(&mut stream, "POST").await.expect("an answer");
        assert_eq!((answer.status, answer.json()["decision"].is_boolean()), (200, true));
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0, "then the connection is over");
    }
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    stream.write_all(&whole[..whole.len() - 1]).await.expect("writes");
    stream.shutdown().await.expect("the sending half ends");
    let answer = read(&mut stream, "POST").await;
    assert!(answer.is_none_or(|answer| answer.status == 400), "nothing is decided");
}

#[tokio::test]
async fn connections_that_never_finish_a_head_are_closed() {
    let server = Running::start(|config| config.limits.header_timeout_ms = 300).await;
    let halves: [&[u8]; 4] =
        [b"", b"P", b"PRI * HTTP/2.0\r\n", b"POST /access/v1/evaluation HTTP/1.1\r\nhost: h\r\n"];
    for half in halves {
        let mut stream = TcpStream::connect(server.address).await.expect("connects");
        stream.write_all(half).await.expect("writes");
        let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await;
        assert!(closed.is_ok(), "{:?} holds its connection", String::from_utf8_lossy(half));
    }
    let mut stream = TcpStream::connect(server.address).await.expect("connects");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(question().send_on(&mut stream).await.status, 200);
    assert_eq!(question().send_on(&mut stream).await.status, 200, "the connection is kept");
}

#[tokio::test]
async fn an_oversized_head_is_refused_and_the_server_goes_on() {
    let server = Running::start(|_| {}).await;
    let big = question().header("x-filler", "y".repeat(64 * 1024));
    assert_eq!(big.send(server.address).await.status, 431);
    let fits = question().header("x-filler", "y".repeat(8 * 1024));
    assert_eq!(fits.send(server.address).await.status, 200);
}

#[tokio::test]
async fn requests_beyond_the_bound_are_shed_and_room_comes_back() {
    let server = Running::start(|config| config.limits.max_in_flight = 1).await;
    let mut holder = TcpStream::connect(server.address).await.expect("connects");
    holder.write_all(&question().head()).await.expect("writes");
    let shed = loop {
        let answer = question().header("x-request-id", "shed").send(server.address).await;
        if answer.status == 503 {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!((shed.header("x-request-id"), shed.header("retry-after")), ("shed", "1"));
    assert!(shed.json().get("decision").is_none());
    assert_eq!(server.ask_openly(Ask::get("/healthz")).await.status, 200, "probes are not shed");
    holder.write_all(QUESTION.as_bytes()).await.expect("writes");
    assert_eq!(read(&mut holder, "POST").await.expect("an answer").status, 200);
    assert_eq!(question().send(server.address).await.status, 200);
}

#[tokio::test]
async fn connections_beyond_the_bound_are_closed_and_room_comes_back() {
    let server = Running::start(|config| config.limits.max_connections = 1).await;
    let mut kept = TcpStream::connect(server.address).await.expect("connects");
    assert_eq!(question().send_on(&mut kept).await.status, 200);
    let mut second = TcpStream::connect(server.address).await.expect("connects");
    let _ = second.write_all(&question().head()).await;
    assert!(read(&mut second, "POST").await.is_none(), "closed without an answer");
    drop(kept);
    let answered = async {
        loop {
            let mut stream = TcpStream::connect(server.address).await.expect("connects");
            let whole = [question().head(), QUESTION.as_bytes().to_vec()].concat();
            let _ = stream.write_all(&whole).await;
            if let Some(answer) = read(&mut stream, "POST").await {
                break answer.status;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, answered).await.expect("room comes back"), 200);
}
