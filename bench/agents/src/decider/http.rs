//! A running server, over one keep-alive connection. Plain sockets, so that this crate builds in a moment.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value as Json, json};

use super::{Decider, Question, Verdict, wire};
use crate::intents::{self, Goal};
use crate::outcome::Field;
use crate::server::{ADVICE, AGENT};

/// Decides by asking a server.
#[derive(Debug)]
pub struct Http {
    address: String,
    stream: BufReader<TcpStream>,
}

/// Longest header line read, and longest body: an answer is a few kilobytes.
const MAX_LINE: u64 = 16 * 1024;
const MAX_BODY: usize = 16 * 1024 * 1024;

struct Answer {
    status: u16,
    evaluation: Option<String>,
    body: Json,
}

impl Http {
    /// Connects to `HOST:PORT`.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn connect(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to `{address}`"))?;
        stream.set_nodelay(true)?;
        Ok(Self { address: address.to_owned(), stream: BufReader::new(stream) })
    }

    fn post(&mut self, path: &str, body: &Json) -> anyhow::Result<Answer> {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.read().with_context(|| format!("no answer to `{path}`"))
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.stream.by_ref().take(MAX_LINE).read_line(&mut line)?;
        ensure!(line.ends_with('\n'), "the connection ended");
        Ok(line.trim_end().to_owned())
    }

    fn read(&mut self) -> anyhow::Result<Answer> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
        let (mut length, mut evaluation) = (0, None);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "remit-evaluation-id" => evaluation = Some(value.trim().to_owned()),
                "transfer-encoding" => bail!("a chunked answer"),
                _ => {}
            }
        }
        ensure!(length <= MAX_BODY, "an answer of {length} bytes");
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let body = if body.is_empty() { Json::Null } else { serde_json::from_slice(&body)? };
        Ok(Answer { status, evaluation, body })
    }
}

impl Decider for Http {
    fn open(&mut self, goal: &Goal) -> anyhow::Result<String> {
        let answer = self.post("/ibac/v1/transactions", &wire::opening(&goal.intent))?;
        ensure!(answer.status == 201, "a transaction is not opened: {} {}", answer.status, answer.body);
        let id = answer.body.get("transaction").and_then(Json::as_str);
        Ok(id.context("the answer names no transaction")?.to_owned())
    }

    fn ask(&mut self, transaction: &str, question: Question<'_>) -> anyhow::Result<Verdict> {
        let body = json!({
            "subject": wire::entity(&intents::user()?),
            "action": { "name": intents::call()?.as_str(), "properties": question.arguments },
            "resource": wire::entity(&intents::tool_entity(&question.tool.name)?),
            "context": {
                "txn": transaction,
                "act": { "sub": AGENT },
                "hands_authority": question.goal.hands_authority,
                "labels_only": question.goal.labels_only,
            },
            "options": { "detail": "reason" },
        });
        let answer = self.post("/access/v1/evaluation", &body)?;
        ensure!(answer.status == 200, "no decision: {} {}", answer.status, answer.body);
        let context = answer.body.get("context");
        let advice = context.and_then(|context| context.get("advice")).and_then(Json::as_array);
        let asks = |one: &Json| one.get("type").and_then(Json::as_str) == Some(ADVICE);
        let allowed = answer.body.get("decision").and_then(Json::as_bool).context("no decision")?;
        let reason = context.and_then(|context| context.get("reason")).and_then(Json::as_str);
        Ok(Verdict {
            allowed,
            reason: reason.unwrap_or("unnamed").to_owned(),
            requestable: !allowed && advice.into_iter().flatten().any(asks),
            decision: answer.evaluation.context("the answer has no evaluation id")?,
        })
    }

    fn report(&mut self, transaction: &str, decision: &str, fields: &[Field]) -> anyhow::Result<()> {
        let path = format!("/ibac/v1/transactions/{transaction}/outcomes");
        let answer = self.post(&path, &wire::report(decision, fields))?;
        ensure!(answer.status == 204, "a report is refused: {} {}", answer.status, answer.body);
        Ok(())
    }
}
