//! The load client: keep-alive connections that send one prepared request again and again, over plain sockets so that
//! the client costs as little as can be.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What to send, where, and how hard.
#[derive(Debug, Clone)]
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// The path of the request.
    pub path: String,
    /// Its JSON body.
    pub body: String,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// Client threads.
    pub threads: usize,
    /// Requests a second over all connections, at even distances; as fast as the answers come when there is none.
    pub rate: Option<f64>,
    /// How long.
    pub time: Duration,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Answers with status 200.
    pub answers: u64,
    /// Answers with any other status.
    pub others: u64,
    /// Requests a second, 200 or not.
    pub rate: f64,
    /// Median time to the answer.
    pub p50: Duration,
    /// 99th percentile of it.
    pub p99: Duration,
    /// The last body with status 200.
    pub sample: String,
}

impl Load {
    /// Runs the load.
    ///
    /// # Errors
    /// A connection cannot be made or breaks.
    pub fn run(&self) -> anyhow::Result<Outcome> {
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
            self.path,
            self.address,
            self.body.len(),
            self.body
        );
        let began = Instant::now();
        let threads = self.threads.clamp(1, self.connections.max(1));
        let results: Vec<anyhow::Result<Vec<Connection>>> = std::thread::scope(|scope| {
            let share =
                |thread| self.connections / threads + usize::from(thread < self.connections % threads);
            let running: Vec<_> = (0..threads)
                .map(|thread| (share(thread), request.as_bytes()))
                .map(|(connections, request)| scope.spawn(move || self.thread(connections, request)))
                .collect();
            let gone = |_| Err(anyhow::anyhow!("a client thread panicked"));
            running.into_iter().map(|thread| thread.join().unwrap_or_else(gone)).collect()
        });
        let took = began.elapsed();
        let mut outcome = Outcome::default();
        let mut times = Vec::new();
        for connections in results {
            for connection in connections? {
                outcome.answers += connection.answers;
                outcome.others += connection.others;
                times.extend(connection.times);
                if outcome.sample.is_empty() {
                    outcome.sample = connection.sample;
                }
            }
        }
        times.sort_unstable();
        let at = |percent: usize| {
            Duration::from_nanos(times.get(times.len() * percent / 100).copied().unwrap_or(0))
        };
        (outcome.p50, outcome.p99) = (at(50), at(99));
        outcome.rate = (outcome.answers + outcome.others) as f64 / took.as_secs_f64();
        Ok(outcome)
    }

    /// The time between two requests of one connection.
    fn pace(&self) -> Option<Duration> {
        self.rate.map(|rate| Duration::from_secs_f64(self.connections as f64 / rate))
    }

    fn thread(&self, connections: usize, request: &[u8]) -> anyhow::Result<Vec<Connection>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let local = tokio::task::LocalSet::new();
        let end = Instant::now() + self.time;
        let request: std::rc::Rc<[u8]> = request.into();
        local.block_on(&runtime, async {
            let tasks: Vec<_> = (0..connections)
                .map(|nth| {
                    let due = self.pace().map(|pace| Due::first(pace, nth as f64 / connections as f64));
                    let request = std::rc::Rc::clone(&request);
                    tokio::task::spawn_local(connection(self.address, request, due, end))
                })
                .collect();
            let mut all = Vec::new();
            for task in tasks {
                all.push(task.await??);
            }
            Ok(all)
        })
    }
}

/// When the next request of a connection is due.
struct Due {
    next: Instant,
    pace: Duration,
}

impl Due {
    /// The first, after this share of the time between two.
    fn first(pace: Duration, share: f64) -> Self {
        Self { next: Instant::now() + pace.mul_f64(share), pace }
    }

    /// Waits until it is due and says since when its time counts: since it was due when the answer before it came too
    /// late, so that a slow server cannot hide behind the requests that it kept from being sent; else since it is sent, so
    /// that the client's own timer is nobody's fault.
    async fn wait(&mut self) -> Instant {
        let due = self.next;
        self.next += self.pace;
        if due <= Instant::now() {
            return due;
        }
        tokio::time::sleep_until(due.into()).await;
        Instant::now()
    }
}

#[derive(Debug, Default)]
struct Connection {
    answers: u64,
    others: u64,
    times: Vec<u64>,
    sample: String,
}

async fn connection(
    address: SocketAddr,
    request: std::rc::Rc<[u8]>,
    mut due: Option<Due>,
    end: Instant,
) -> anyhow::Result<Connection> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut seen = Connection::default();
    let mut buffer = vec![0_u8; 64 << 10];
    while Instant::now() < end {
        let began = match &mut due {
            Some(due) => due.wait().await,
            None => Instant::now(),
        };
        stream.write_all(&request).await?;
        let mut filled = 0;
        let (status, length) = loop {
            let read = stream.read(&mut buffer[filled..]).await?;
            anyhow::ensure!(read > 0, "the server closed the connection or answered more than 64 KiB");
            filled += read;
            if let Some((status, length)) = complete(&buffer[..filled]) {
                break (status, length);
            }
        };
        seen.times.push(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX));
        if status == 200 {
            seen.answers += 1;
            if seen.sample.is_empty() {
                seen.sample = String::from_utf8_lossy(&buffer[filled - length..filled]).into_owned();
            }
        } else {
            seen.others += 1;
        }
    }
    Ok(seen)
}

/// Status and length of the body, once the whole answer is there.
fn complete(bytes: &[u8]) -> Option<(u16, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    (bytes.len() >= head + 4 + length).then_some((status, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_kept_back_by_a_late_answer_counts_from_when_it_was_due() {
        let begun = Instant::now();
        let mut due = Due { next: begun, pace: Duration::from_secs(3_600) };
        assert_eq!(due.wait().await, begun, "due at once");
        let mut late = Due { next: begun.checked_sub(Duration::from_millis(5)).expect("a time"), ..due };
        assert_eq!(late.wait().await, begun.checked_sub(Duration::from_millis(5)).expect("a time"));
        assert_eq!(late.next, begun + Duration::from_secs(3_600) - Duration::from_millis(5));
    }

    #[test]
    fn an_answer_is_complete_when_its_body_is_there() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1234";
        assert_eq!(complete(whole), Some((200, 4)));
        assert_eq!(complete(&whole[..whole.len() - 1]), None);
        assert_eq!(complete(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"), Some((503, 0)));
    }
}
