//! Bytes out, answers in: sends exactly what it is given and reads whatever comes until the end or until nothing more comes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What a case does on its connection.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one with pauses between them.
    Trickle(Vec<u8>, Duration),
    /// Sends this piece again and again until so many bytes are sent or the other side has enough.
    Flood(Vec<u8>, usize),
    /// Does nothing for a while.
    Pause(Duration),
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its head, lower case.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// Everything that came back on one connection.
#[derive(Debug, Default)]
pub struct Exchange {
    /// The answers, without those of status 100.
    pub answers: Vec<Answer>,
    /// What is no answer.
    pub rest: Vec<u8>,
    /// The other side ended the connection.
    pub ended: bool,
    /// From the first byte sent to the end.
    pub took: Duration,
}

/// One connection to its end. `patience` is how long nothing may come before it is taken for the end.
pub fn exchange(address: SocketAddr, pieces: &[Piece], patience: Duration) -> Exchange {
    let began = Instant::now();
    let mut exchange = Exchange::default();
    let Ok(mut stream) = TcpStream::connect(address) else { return exchange };
    let _ = stream.set_write_timeout(Some(Duration::from_secs(5)));
    let _ = stream.set_nodelay(true);
    for piece in pieces {
        // WHY: whoever is refused early may find nobody who reads on; what was said before that still counts.
        if send(&mut stream, piece).is_err() {
            break;
        }
    }
    let _ = stream.set_read_timeout(Some(patience));
    let mut came = Vec::new();
    let mut buffer = [0_u8; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => exchange.ended = true,
            Ok(read) => {
                came.extend_from_slice(buffer.get(..read).unwrap_or_default());
                continue;
            }
            Err(fault) => {
                use std::io::ErrorKind::{TimedOut, WouldBlock};
                exchange.ended = !matches!(fault.kind(), TimedOut | WouldBlock);
            }
        }
        break;
    }
    exchange.took = began.elapsed();
    exchange.rest = came;
    while let Some((answer, used)) = first(&exchange.rest) {
        exchange.rest.drain(..used);
        if answer.status >= 200 {
            exchange.answers.push(answer);
        }
    }
    exchange
}

fn send(stream: &mut TcpStream, piece: &Piece) -> std::io::Result<()> {
    match piece {
        Piece::Send(bytes) => stream.write_all(bytes),
        Piece::Pause(time) => {
            std::thread::sleep(*time);
            Ok(())
        }
        Piece::Trickle(bytes, pause) => bytes.chunks(1).try_for_each(|byte| {
            std::thread::sleep(*pause);
            stream.write_all(byte)
        }),
        Piece::Flood(bytes, most) => {
            let times = most.checked_div(bytes.len()).unwrap_or_default();
            (0..times).try_for_each(|_| stream.write_all(bytes))
        }
    }
}

/// The first answer in `bytes` and how long it is. A body that is shorter than announced (the answer to a HEAD) is taken as it is.
fn first(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(bytes.get(..end)?).to_lowercase();
    let status: u16 = head.strip_prefix("http/1.")?.split(' ').nth(1)?.trim().parse().ok()?;
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let length: usize = match length {
        Some(length) => length.trim().parse().ok()?,
        None if status < 200 || status == 204 || status == 304 => 0,
        None => bytes.len(),
    };
    let until = end.saturating_add(length).min(bytes.len());
    let body = bytes.get(end..until)?;
    // The next answer where a body should be: this was an answer to a HEAD.
    let (body, until) = if body.starts_with(b"HTTP/1.") { (&[][..], end) } else { (body, until) };
    Some((Answer { status, head, body: body.to_vec() }, until))
}
