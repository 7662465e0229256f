//! A running server, over one keep-alive connection. Plain sockets, so that this crate builds in a moment.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value as Json, json};

use super::{Decider, Question, Verdict, wire};
use crate::intents::{self, Goal};
use crate::outcome::Field;
use crate::outgoing;
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

impl Http {
    fn decide(
        &mut self,
        transaction: &str,
        question: Question<'_>,
        action: &Json,
        message: Option<Json>,
    ) -> anyhow::Result<Verdict> {
        let mut body = json!({
            "subject": wire::entity(&intents::user()?),
            "action": action,
            "resource": wire::entity(&intents::tool_entity(&question.tool.name)?),
            "context": {
                "txn": transaction,
                "act": { "sub": AGENT },
                "hands_authority": question.goal.hands_authority,
                "labels_only": question.goal.labels_only,
                "messages": question.goal.messages,
            },
            "options": { "detail": "full" },
        });
        if let (Some(message), Some(context)) =
            (message, body.pointer_mut("/context").and_then(Json::as_object_mut))
        {
            context.insert("message".to_owned(), message);
        }
        let answer = self.post("/access/v1/evaluation", &body)?;
        ensure!(answer.status == 200, "no decision: {} {}", answer.status, answer.body);
        let context = answer.body.get("context");
        let advice = context.and_then(|context| context.get("advice")).and_then(Json::as_array);
        let asks = |one: &Json| one.get("type").and_then(Json::as_str) == Some(ADVICE);
        let allowed = answer.body.get("decision").and_then(Json::as_bool).context("no decision")?;
        let reason = context.and_then(|context| context.get("reason")).and_then(Json::as_str);
        let rules = answer.body.pointer("/context/reason_admin/rules").and_then(Json::as_array);
        let rules = rules.into_iter().flatten().filter_map(|rule| rule.get("rule")?.as_str());
        let rules = rules.map(|id| id.rsplit('.').next().unwrap_or(id).to_owned());
        Ok(Verdict {
            allowed,
            reason: reason.unwrap_or("unnamed").to_owned(),
            rules: if allowed { Vec::new() } else { rules.collect() },
            requestable: !allowed && advice.into_iter().flatten().any(asks),
            decision: answer.evaluation.context("the answer has no evaluation id")?,
        })
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
        let seen = question.goal.messages && question.tool.side_effecting;
        let message = seen.then(|| outgoing::message(question.tool, question.arguments));
        let action = json!({ "name": intents::call()?.as_str(), "properties": question.arguments });
        self.decide(transaction, question, &action, message)
    }

    fn hand_over(
        &mut self,
        transaction: &str,
        question: Question<'_>,
        result: &Json,
    ) -> anyhow::Result<Verdict> {
        let action = json!({ "name": intents::receive()?.as_str() });
        self.decide(transaction, question, &action, Some(json!({ "role": "tool", "content": result })))
    }

    fn report(&mut self, transaction: &str, decision: &str, fields: &[Field]) -> anyhow::Result<()> {
        let path = format!("/ibac/v1/transactions/{transaction}/outcomes");
        let answer = self.post(&path, &wire::report(decision, fields))?;
        ensure!(answer.status == 204, "a report is refused: {} {}", answer.status, answer.body);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::TcpListener;

    use super::*;
    use crate::given::{Given, Prompt, Tool};
    use crate::setting::Setting;

    /// A server that gives these answers in turn, whatever is asked.
    fn answering(answers: Vec<(u16, Json)>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        std::thread::spawn(move || {
            let mut http = Http {
                address: String::new(),
                stream: BufReader::new(listener.accept().expect("a caller").0),
            };
            for (status, body) in answers {
                request(&mut http);
                let body = body.to_string();
                let answer = format!(
                    "HTTP/1.1 {status} x\r\nRemit-Evaluation-Id: e1\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                http.stream.get_mut().write_all(answer.as_bytes()).expect("written");
            }
        });
        address
    }

    /// Reads one request to its end.
    fn request(http: &mut Http) {
        let mut length = 0;
        loop {
            let line = http.line().expect("a line");
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.parse().expect("a length");
            }
        }
        http.stream.read_exact(&mut vec![0; length]).expect("a body");
    }

    #[test]
    fn answers_are_read_and_refusals_are_errors() {
        let advice = json!([{ "type": ADVICE }]);
        let address = answering(vec![
            (201, json!({ "transaction": "t1" })),
            (200, json!({ "decision": false, "context": { "reason": "forbidden", "advice": advice } })),
            (200, json!({ "decision": true })),
            (503, json!({})),
        ]);
        let tool = json!({ "name": "pay", "judged": { "effect": "pay", "side_effecting": true } });
        let tool = Tool::read(&tool, &BTreeSet::new()).expect("a tool");
        let prompt: Prompt = serde_json::from_value(json!({ "id": "t", "prompt": "pay" })).expect("a prompt");
        let given = Given {
            suite: "s".into(),
            tools: vec![tool.clone()],
            directory: crate::given::Directory::default(),
            prompts: vec![prompt.clone()],
        };
        let goal = intents::goal(&given, &prompt, Setting::Strict).expect("a goal");
        let arguments = serde_json::Map::new();
        let question = Question { tool: &tool, arguments: &arguments, goal: &goal };
        let mut http = Http::connect(&address).expect("a connection");
        let id = http.open(&goal).expect("a transaction");
        let denied = http.ask(&id, question).expect("a verdict");
        assert_eq!((denied.allowed, denied.requestable, &*denied.reason), (false, true, "forbidden"));
        let allowed = http.ask(&id, question).expect("a verdict");
        assert_eq!((allowed.allowed, allowed.requestable, &*allowed.decision), (true, false, "e1"));
        assert!(http.ask(&id, question).is_err(), "a fault is no denial");
    }
}
