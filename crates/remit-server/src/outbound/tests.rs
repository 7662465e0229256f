//! The client against loopback servers that misbehave, each beside one that does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers every connection with these bytes, then holds it open or closes it.
async fn server(answer: Vec<u8>, hold: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&hits);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut seen = [0; 4096];
                let _ = stream.read(&mut seen).await;
                let _ = stream.write_all(&answer).await;
                if hold {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
            });
        }
    });
    (port, hits)
}

fn request(url: &str, addresses: AddressRule) -> FetchRequest<'_> {
    FetchRequest {
        url,
        form: None,
        json: None,
        headers: &[],
        authorization: None,
        max_bytes: 100,
        deadline_ms: 400,
        addresses,
    }
}

async fn ask(answer: &str, hold: bool) -> Result<FetchReply, FetchError> {
    let (port, _) = server(answer.as_bytes().to_vec(), hold).await;
    let url = format!("http://127.0.0.1:{port}/keys");
    Outbound::new(None).unwrap().fetch(request(&url, AddressRule::Any)).await
}

#[tokio::test]
async fn a_whole_answer_comes_back_and_nothing_else_does() {
    let fine = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let reply = ask(fine, false).await.unwrap();
    assert!(reply.is_json());
    assert_eq!(reply.body, b"{}");
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(ask(redirect, false).await.unwrap_err(), FetchError::Status(302));
    assert_eq!(ask("HTTP/1.1 204 No Content\r\n\r\n", false).await.unwrap_err(), FetchError::Status(204));
    let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n{}", " ".repeat(101));
    assert_eq!(ask(&long, false).await.unwrap_err(), FetchError::TooLong(100));
    let exact = format!("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}", " ".repeat(100));
    assert_eq!(ask(&exact, false).await.unwrap().body.len(), 100);
    let slow = "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n ";
    assert_eq!(ask(slow, true).await.unwrap_err(), FetchError::Late(400));
    assert_eq!(ask("", true).await.unwrap_err(), FetchError::Late(400));
    assert!(matches!(ask("garbage", false).await, Err(FetchError::Connection(_))));
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n ";
    assert!(matches!(ask(cut, false).await, Err(FetchError::Connection(_))));
}

#[tokio::test]
async fn an_address_inside_is_reached_only_where_it_is_permitted() {
    let fine = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (port, hits) = server(fine.as_bytes().to_vec(), false).await;
    let client = Outbound::new(None).unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{port}/keys");
        let refused = client.fetch(request(&url, AddressRule::Public)).await;
        assert_eq!(refused.unwrap_err(), FetchError::Address, "{host}");
        assert!(client.fetch(request(&url, AddressRule::Any)).await.is_ok(), "{host}");
    }
    assert_eq!(hits.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_name_is_judged_by_where_it_leads() {
    let resolver = |rule| Judged(rule);
    let name = || "localhost".parse::<Name>().unwrap();
    assert!(resolver(AddressRule::Any).resolve(name()).await.is_ok());
    let refused = resolver(AddressRule::Public).resolve(name()).await.err().unwrap();
    assert!(refused.is::<NotPermitted>());
}

#[tokio::test]
async fn forms_and_credentials_are_sent_and_errors_hold_neither() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/introspect", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = vec![0; 4096];
        let mut length = 0;
        while !seen[..length].ends_with(b"token=SECRET") {
            length += stream.read(&mut seen[length..]).await.unwrap();
        }
        String::from_utf8(seen[..length].to_vec()).unwrap()
    });
    let request = FetchRequest {
        form: Some("token=SECRET"),
        authorization: Some("Bearer HIDDEN"),
        ..request(&url, AddressRule::Any)
    };
    let error = Outbound::new(None).unwrap().fetch(request).await.unwrap_err();
    let seen = seen.await.unwrap();
    assert!(seen.starts_with("POST /introspect HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("content-type: application/x-www-form-urlencoded\r\n"), "{seen}");
    assert!(seen.contains("authorization: Bearer HIDDEN\r\n"), "{seen}");
    let shown = format!("{error} {error:?} {request:?}");
    assert!(!shown.contains("SECRET") && !shown.contains("HIDDEN"), "{shown}");
}

#[test]
fn authorities_come_from_a_file_that_holds_some() {
    let missing = Outbound::new(Some(Path::new("/nowhere/ca.pem"))).err().unwrap();
    assert!(missing.to_string().contains("/nowhere/ca.pem"));
}
