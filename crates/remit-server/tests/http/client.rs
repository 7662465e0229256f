//! A client that sends exactly the bytes it is told to and reads one answer.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// No test waits longer than this for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The bytes of a header.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// The text of a header; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.bytes(name).map_or("", |value| std::str::from_utf8(value).expect("text"))
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// A request in the making.
#[derive(Debug, Clone)]
pub struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Ask {
    pub fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A JSON question.
    pub fn post(path: &str, body: &str) -> Self {
        Self::new("POST", path).header("content-type", "application/json").body(body)
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name, value.as_ref().to_vec()));
        self
    }

    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Everything up to the body.
    pub fn head(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: pdp\r\n", self.method, self.path).into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if self.method != "GET" {
            head.extend(format!("content-length: {}\r\n", self.body.len()).into_bytes());
        }
        head.extend(b"\r\n");
        head
    }

    /// Sends it on a connection of its own.
    pub async fn send(&self, to: SocketAddr) -> Answer {
        let mut stream = TcpStream::connect(to).await.expect("connects");
        self.send_on(&mut stream).await
    }

    /// Sends it on this connection.
    pub async fn send_on(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Answer {
        stream.write_all(&self.head()).await.expect("writes");
        stream.write_all(&self.body).await.expect("writes");
        read(stream, self.method).await.expect("an answer")
    }
}

/// Reads one answer; nothing when the connection closes without one.
pub async fn read(stream: &mut (impl AsyncRead + Unpin), method: &str) -> Option<Answer> {
    tokio::time::timeout(PATIENCE, read_now(stream, method)).await.expect("an answer or the end in time")
}

async fn read_now(stream: &mut (impl AsyncRead + Unpin), method: &str) -> Option<Answer> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = String::from_utf8(lines.next().expect("a status line").to_vec()).expect("text");
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let headers: Vec<(String, Vec<u8>)> = lines
        .filter_map(|line| {
            let at = line.iter().position(|byte| *byte == b':')?;
            let name = String::from_utf8(line[..at].to_vec()).expect("text").to_ascii_lowercase();
            Some((name, line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..]).to_vec()))
        })
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new() };
    if method != "HEAD" && status != 204 && status != 304 {
        let length = answer.header("content-length").parse().expect("answers have a length");
        answer.body = vec![0; length];
        stream.read_exact(&mut answer.body).await.expect("the whole body");
    }
    Some(answer)
}
