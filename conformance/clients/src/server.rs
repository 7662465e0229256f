//! `Remit`: one `remit serve` with TLS, one known caller and a bundle; it ends with its test.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::authority::Authority;

/// The API key of the one caller that the server knows.
pub const KEY: &str = "the-key-of-the-client-tests";
/// SHA-256 of [`KEY`], as the configuration wants it.
const KEY_SHA256: &str = "08d9feb4edc9ef8c18c13439e5ec3c0a69864422ef367a5d2179dc033e1dbcb1";
/// How long a server may take until it answers; generous, since the machine may be busy compiling.
const START: Duration = Duration::from_secs(60);

/// A running decision point.
pub struct Remit {
    /// What callers know it by: `https://localhost:PORT` and its path.
    pub identifier: String,
    /// A client that trusts this server and no other.
    pub http: reqwest::Client,
    child: Child,
    folder: TempDir,
}

impl Remit {
    /// Serves `policies/BUNDLE` under `https://localhost:PORT` followed by `path`, which is empty or begins with a slash.
    pub async fn serve(bundle: &str, path: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new();
        let (cert, key) = authority.certify(folder.path());
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).expect("the authority is written");
        let port = free_port();
        let identifier = format!("https://localhost:{port}{path}");
        let config = folder.path().join("remit.toml");
        let text = format!(
            "listen = '127.0.0.1:{port}'\nbundle = '{}'\ndata = '{}'\npublic_url = '{identifier}'\nwatch = false\n\n\
             [tls]\ncert_file = '{}'\nkey_file = '{}'\n\n\
             [[peps]]\nname = 'client-tests'\nkey_sha256 = '{KEY_SHA256}'\ndetail = 'full'\n",
            repository().join("policies").join(bundle).display(),
            folder.path().join("data").display(),
            cert.display(),
            key.display(),
        );
        std::fs::write(&config, text).expect("the configuration is written");
        let child = start(&config, folder.path());
        let mut remit = Self { identifier, http: authority.client(), child, folder };
        remit.wait_until_ready(port).await;
        remit
    }

    async fn wait_until_ready(&mut self, port: u16) {
        let probe = format!("https://localhost:{port}/readyz");
        let begun = Instant::now();
        loop {
            if self.http.get(&probe).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let ended = self.child.try_wait().expect("the server's state");
            assert!(ended.is_none() && begun.elapsed() < START, "remit does not serve:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The file of the authority that the server's certificate comes from.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What the server wrote to its standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Remit {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(config: &Path, folder: &Path) -> Child {
    let binary = std::env::var_os("REMIT_BIN").expect(
        "REMIT_BIN names the `remit` binary to test; `conformance/run` builds it and sets the variable",
    );
    let log = std::fs::File::create(folder.join("log")).expect("a log file");
    // WHY: the server reads every `REMIT_…` variable as a setting, and refuses those it does not know.
    let inherited = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("REMIT_"));
    Command::new(binary)
        .arg("serve")
        .arg("--config")
        .arg(config)
        .env_clear()
        .envs(inherited)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("remit starts")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate is two folders deep").to_path_buf()
}
