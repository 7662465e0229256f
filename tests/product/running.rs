//! A decision point on a loopback port, with its own data directory, for as long as the value lives.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_pdp::{Call, Clock, Options, Pdp, Pep, Rights};
use remit_server::{Config, Server};
pub use remit_tests::binary::root;

/// A shipped bundle.
pub fn bundle(name: &str) -> PathBuf {
    root().join("policies").join(name)
}

/// A running server.
pub struct Running {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: Option<tokio::task::JoinHandle<()>>,
    _data: tempfile::TempDir,
}

impl Running {
    /// Serves `bundle` without credentials.
    pub async fn of(bundle: &Path) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let pdp =
            Arc::new(Pdp::start(Options::new(bundle, data.path())).unwrap_or_else(|error| panic!("{error}")));
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            bundle: bundle.to_owned(),
            data: data.path().to_owned(),
            insecure_loopback: true,
            watch: false,
            ..Config::default()
        };
        let server = Server::bind(config, pdp).await.expect("a free port");
        let base = format!("http://{}", server.local_addr);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            server.run(async { drop(stopped.await) }).await.expect("the server runs");
        });
        Self { base, stop: Some(stop), task: Some(task), _data: data }
    }

    /// Stops the server and waits for it.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            task.await.expect("the server stops");
        }
    }
}

/// A decision point without a server, at a fixed time.
pub fn pdp(bundle: &Path) -> (Pdp, tempfile::TempDir) {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut options = Options::new(bundle, data.path());
    options.clock = Clock::Fixed(remit_model::Timestamp::parse("2026-06-01T12:00:00Z").expect("a time"));
    (Pdp::start(options).unwrap_or_else(|error| panic!("{error}")), data)
}

/// A caller with every right.
pub fn pep() -> Pep {
    Pep::new("tests", Rights::all())
}

/// A call of that caller.
pub fn call(pep: &Pep) -> Call<'_> {
    Call { pep, request_id: None }
}

/// The bytes of a reply as JSON.
pub fn json(reply: &remit_pdp::Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).expect("a reply is JSON")
}
