//! A running server over a small bundle, on a port of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use remit_pdp::{Options, Pdp};
use remit_server::Server;
use remit_server::config::{Config, Detail, PepEntry};
use remit_server::keyring::sha256_hex;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{Answer, Ask};

/// Key of the caller that may do everything.
pub const KEY: &str = "key-of-the-gate";
/// Key of the caller that may do nothing.
pub const POWERLESS: &str = "key-of-nobody";
/// The five endpoints that decide.
pub const ENDPOINTS: [&str; 5] = [
    "/access/v1/evaluation",
    "/access/v1/evaluations",
    "/access/v1/search/subject",
    "/access/v1/search/resource",
    "/access/v1/search/action",
];
/// A question that is good for every endpoint, answered with yes by the single ones.
pub const QUESTION: &str = r#"{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"record-1"}}"#;

/// The committed bundle.
pub fn bundle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bundle")
}

/// A server under test. It stops when told to, or with the test.
pub struct Running {
    pub address: SocketAddr,
    pub admin: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
    data: TempDir,
}

impl Running {
    /// Starts over the committed bundle with two callers, after `change` had its say.
    pub async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::over(&bundle(), change).await
    }

    /// Starts over another bundle.
    pub async fn over(bundle: &Path, change: impl FnOnce(&mut Config)) -> Self {
        Self::with(bundle, |_| {}, change).await
    }

    /// Starts over another bundle, with other options of the decision point.
    pub async fn with(
        bundle: &Path,
        options: impl FnOnce(&mut Options),
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let mut chosen = Options::new(bundle.to_owned(), data.path().to_owned());
        options(&mut chosen);
        let pdp = Pdp::start(chosen).expect("the bundle is good");
        let mut config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            peps: vec![pep("gate", KEY, true), pep("nobody", POWERLESS, false)],
            watch: false,
            ..Config::default()
        };
        change(&mut config);
        let server = Server::bind(config, Arc::new(pdp)).await.expect("binds");
        let (address, admin) = (server.local_addr, server.admin_addr);
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            server.run(until).await.expect("runs");
        });
        Self { address, admin, stop: Some(stop), running, data }
    }

    /// The folder of its ledger.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Asks with the key of the caller that may do everything.
    pub async fn ask(&self, ask: Ask) -> Answer {
        ask.header("authorization", format!("Bearer {KEY}")).send(self.address).await
    }

    /// Asks without any credential.
    pub async fn ask_openly(&self, ask: Ask) -> Answer {
        ask.send(self.address).await
    }

    /// Asks the server to stop; returns at once.
    pub fn begin_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits for the end of the server.
    pub async fn ended(self) {
        tokio::time::timeout(crate::client::PATIENCE, self.running)
            .await
            .expect("ends in time")
            .expect("ends well");
    }
}

/// One caller.
pub fn pep(name: &str, key: &str, may: bool) -> PepEntry {
    PepEntry {
        key_sha256: Some(sha256_hex(key.as_bytes())),
        evaluate: may,
        search: may,
        detail: Detail::Full,
        governance: may,
        audit: may,
        admin: may,
        consents: may,
        signals: may,
        assert_identity: may,
        ..PepEntry::new(name)
    }
}
