//! What is logged at the most talkative level: the route and the request id, but no credential, body or entity.

use std::io;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::client::Ask;
use crate::fixture::{ENDPOINTS, KEY, QUESTION, Running};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_credential_and_no_content_is_ever_logged() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    // WHY: for the whole process, as what one thread alone listens to is lost when another thread meets the place first; so
    // what is looked for below is in no other test.
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
    let server = Running::start(|_| {}).await;
    let secret = QUESTION.replacen('{', "{\"context\":{\"pin\":\"hush-4711\"},", 1);
    let secret = secret.replace("alice", "hush-person");
    let good = server.ask(Ask::post(ENDPOINTS[0], &secret).header("x-request-id", "seen-in-the-log")).await;
    assert_eq!(good.status, 200);
    let bad = server.ask(Ask::post(ENDPOINTS[0], &secret.replace("\"hush-person\"", "7"))).await;
    assert_eq!(bad.status, 400);
    let stranger = Ask::post(ENDPOINTS[0], &secret).header("authorization", "Bearer wrong-key");
    assert_eq!(stranger.send(server.address).await.status, 401);
    let text = String::from_utf8(lines.0.lock().expect("whole").clone()).expect("text");
    assert!(text.contains("seen-in-the-log") && text.contains("evaluation"), "{text}");
    for hidden in [KEY, "wrong-key", "hush-4711", "hush-person"] {
        assert!(!text.contains(hidden), "{hidden} in\n{text}");
    }
}
