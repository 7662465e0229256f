//! A stop loses no answer: what is in flight is finished, new connections are refused, and the ledger is closed.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::{Ask, read};
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running};

#[tokio::test]
async fn a_request_in_flight_is_answered_and_nobody_new_is_let_in() {
    let mut server = Running::start(|_| {}).await;
    let address = server.address;
    let ask = Ask::post(ENDPOINTS[0], QUESTION).header("authorization", format!("Bearer {KEY}"));
    let mut idle = TcpStream::connect(address).await.expect("connects");
    assert_eq!(ask.send_on(&mut idle).await.status, 200);
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(&ask.head()).await.expect("writes");
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.begin_stop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(read(&mut idle, "POST").await.is_none(), "an idle connection is closed");
    assert!(TcpStream::connect(address).await.is_err(), "nobody new");
    stream.write_all(QUESTION.as_bytes()).await.expect("writes");
    assert_eq!(read(&mut stream, "POST").await.expect("an answer").status, 200);
    server.ended().await;
}
