//! Puts a question to a running decision point and reads its answer.

use std::path::Path;

use anyhow::{Context as _, bail};
use remit_server::outbound::Outbound;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A decision point that can be asked.
pub struct Elsewhere {
    base: String,
    key: Option<String>,
    outbound: Outbound,
    runtime: tokio::runtime::Runtime,
}

impl Elsewhere {
    /// At this address, with this API key.
    pub fn new(url: &str, key: Option<String>, ca: Option<&Path>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { base, key, outbound: Outbound::new(ca)?, runtime })
    }

    /// Puts a question to an address under `/governance/v1`.
    pub fn ask<T: DeserializeOwned>(&self, path: &[&str], question: &impl Serialize) -> anyhow::Result<T> {
        self.post(path, question, 200)
    }

    /// Has something recorded at an address under `/governance/v1`.
    pub fn tell<T: DeserializeOwned>(&self, path: &[&str], what: &impl Serialize) -> anyhow::Result<T> {
        self.post(path, what, 201)
    }

    fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        question: &impl Serialize,
        expected: u16,
    ) -> anyhow::Result<T> {
        let safe = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        // A name becomes a part of an address, so it holds nothing that an address reads differently.
        anyhow::ensure!(path.iter().all(safe), "`{}` is not the name of a question", path.join("/"));
        let url = format!("{}/governance/v1/{}", self.base, path.join("/"));
        let body = serde_json::to_vec(question)?;
        let answered = self.runtime.block_on(self.outbound.ask(&url, self.key.as_deref(), body));
        let (status, body) = answered.with_context(|| format!("`{}` does not answer", self.base))?;
        if status != expected {
            bail!("`{}` refuses with {status}: {}", self.base, cause(&body));
        }
        serde_json::from_slice(&body).with_context(|| format!("`{}` answers something else", self.base))
    }
}

/// What a refusal says, as far as it is readable.
fn cause(body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = ["detail", "message", "title"].into_iter().find_map(|name| problem.get(name)?.as_str());
    let said = said.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    said.chars().filter(|c| !c.is_control() || *c == '\n').take(4_000).collect()
}
