//! One case: what is sent, what may come back, and the judgement.

use std::time::Duration;

use serde_json::Value;

use super::wire::{Answer, Exchange, Piece};
use super::{Summary, Target};

/// Where single questions are asked.
pub const EVALUATION: &str = "/access/v1/evaluation";
/// Where many are.
pub const EVALUATIONS: &str = "/access/v1/evaluations";

/// Statuses for what is no request that can be read.
pub const BAD: &[u16] = &[400, CLOSED];
/// The connection was closed without an answer.
pub const CLOSED: u16 = 0;

/// Answers that fit into the buffers of a connection that nobody reads from; some hundred are asked for.
const CUT_BELOW: usize = 200;

/// What must come back.
#[derive(Debug, Clone)]
pub enum Expect {
    /// A permitted neighbour: 200 with exactly these decisions.
    Decisions(Vec<bool>),
    /// A permitted neighbour: this status, and the head or body holds this text.
    Answer(u16, &'static str),
    /// The first answer has one of these statuses, and nothing is allowed.
    Refused(&'static [u16]),
    /// Refused, closed or denied: anything but an allow.
    NoAllow,
    /// A hostile batch: 200 with exactly these decisions.
    Denied(Vec<bool>),
    /// Valid JSON on which readers differ: as good as without it, or refused.
    AllowOrRefused,
    /// The other side gave up before everything was answered, and nothing is allowed.
    Cut,
    /// No allow, and the answers hold nothing of this text.
    Without(&'static str),
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    pub group: &'static str,
    pub name: String,
    pub pieces: Vec<Piece>,
    pub expect: Expect,
    pub patience: Duration,
    /// The longest it may take.
    pub within: Duration,
    /// How long it waits before it connects.
    pub before: Duration,
}

impl Case {
    pub fn new(group: &'static str, name: impl Into<String>, bytes: Vec<u8>, expect: Expect) -> Self {
        let pieces = vec![Piece::Send(bytes)];
        let (patience, within) = (Duration::from_millis(2500), Duration::from_secs(30));
        Self { group, name: name.into(), pieces, expect, patience, within, before: Duration::ZERO }
    }

    pub fn neighbour(&self) -> bool {
        matches!(self.expect, Expect::Decisions(_) | Expect::Answer(..) | Expect::AllowOrRefused)
    }

    /// What is wrong with what came back.
    pub fn judge(&self, exchange: &Exchange) -> Judgement {
        let answers = &exchange.answers;
        let decisions: Vec<bool> = answers.iter().flat_map(decisions).collect();
        let allowed = decisions.iter().any(|it| *it) || answers.iter().any(found_somebody);
        let first = answers.first().map_or(CLOSED, |answer| answer.status);
        let statuses = || answers.iter().map(|answer| answer.status).collect::<Vec<_>>();
        let fault = match &self.expect {
            Expect::Decisions(expected) | Expect::Denied(expected) => {
                (first != 200 || decisions != *expected).then(|| format!("expected {expected:?}"))
            }
            Expect::Answer(status, text) => {
                let holds = |it: &Answer| {
                    it.head.contains(text) || String::from_utf8_lossy(&it.body).to_lowercase().contains(text)
                };
                (first != *status || !answers.first().is_some_and(holds))
                    .then(|| format!("expected {status} with `{text}`"))
            }
            Expect::Refused(expected) => {
                (!expected.contains(&first)).then(|| format!("expected one of {expected:?}"))
            }
            Expect::AllowOrRefused => ((first != 200 || !allowed) && !(400..500).contains(&first))
                .then(|| "expected an allow or 4xx".into()),
            Expect::Without(text) => {
                let holds = |it: &Answer| it.head.contains(text) || contains(&it.body, text.as_bytes());
                answers.iter().any(holds).then(|| format!("the answer holds `{text}`"))
            }
            // Whoever waits until somebody reads has answered everything in the end.
            Expect::Cut => {
                (!exchange.ended || answers.len() > CUT_BELOW).then(|| "the connection was held".into())
            }
            Expect::NoAllow => None,
        };
        let wrong_allow = allowed && !self.neighbour() && !matches!(self.expect, Expect::Denied(_));
        let errors = answers.iter().filter(|it| it.status > 499 && it.status != 503).count();
        let late = exchange.took > self.within;
        let fault = if wrong_allow {
            Some("allowed".to_owned())
        } else if errors > 0 {
            Some("an error of the server".to_owned())
        } else if late {
            Some(format!("took {:?}", exchange.took))
        } else {
            fault
        };
        let body =
            answers.first().map(|it| String::from_utf8_lossy(&it.body).chars().take(160).collect::<String>());
        let fault = fault.map(|fault| {
            format!(
                "{} `{}`: {fault}, got {:?} {}",
                self.group,
                self.name,
                statuses(),
                body.unwrap_or_default()
            )
        });
        Judgement { fault, wrong_allow, errors }
    }
}

/// The judgement of one case.
#[derive(Debug)]
pub struct Judgement {
    fault: Option<String>,
    wrong_allow: bool,
    errors: usize,
}

impl Judgement {
    /// Adds it to the summary.
    pub fn count(self, case: &Case, exchange: &Exchange, summary: &mut Summary) {
        let count = summary.groups.entry(case.group).or_default();
        let first = exchange.answers.first().map_or(CLOSED, |answer| answer.status);
        let hostile = !case.neighbour();
        count.hostile += usize::from(hostile);
        count.neighbours += usize::from(!hostile);
        count.refused += usize::from((400..500).contains(&first));
        count.closed += usize::from(first == CLOSED);
        count.denied += usize::from(first == 200 && hostile);
        count.unavailable += usize::from(first == 503);
        count.wrong += usize::from(self.fault.is_some());
        summary.wrong_allows += usize::from(self.wrong_allow);
        summary.server_errors += self.errors;
        summary.faults.extend(self.fault);
    }
}

/// The decisions of an answer; a text that only looks like an allow is one.
fn decisions(answer: &Answer) -> Vec<bool> {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        return if contains(&answer.body, br#""decision":true"#) { vec![true] } else { Vec::new() };
    };
    match body.get("evaluations").and_then(Value::as_array) {
        Some(items) => items.iter().filter_map(|item| item.get("decision")?.as_bool()).collect(),
        None => body.get("decision").and_then(Value::as_bool).into_iter().collect(),
    }
}

/// A search that found anybody is an allow.
fn found_somebody(answer: &Answer) -> bool {
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    body.get("results").and_then(Value::as_array).is_some_and(|found| !found.is_empty())
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len().max(1)).any(|window| window == part)
}

impl Target {
    /// The credential as a header line, or nothing.
    pub(super) fn credential(&self) -> String {
        self.key.as_ref().map_or_else(String::new, |key| format!("Authorization: Bearer {key}\r\n"))
    }

    /// A whole request that ends its connection.
    pub(super) fn post(&self, path: &str, body: &[u8]) -> Vec<u8> {
        self.post_with(path, "Content-Type: application/json\r\nConnection: close\r\n", body)
    }

    /// A whole request with these header lines besides host, credential and length.
    pub(super) fn post_with(&self, path: &str, lines: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: pdp\r\n{}{lines}Content-Length: {}\r\n\r\n",
            self.credential(),
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    /// The permitted question as text.
    pub(super) fn good(&self) -> String {
        self.question.to_string()
    }

    /// The same question of somebody whom nobody knows.
    pub(super) fn bad(&self) -> String {
        self.with(&["subject", "id"], "nobody-at-all".into()).to_string()
    }

    /// The question with this member replaced.
    pub(super) fn with(&self, path: &[&str], value: Value) -> Value {
        let mut question = self.question.clone();
        set(&mut question, path, Some(value));
        question
    }

    /// The question without this member.
    pub(super) fn without(&self, path: &[&str]) -> Value {
        let mut question = self.question.clone();
        set(&mut question, path, None);
        question
    }

    /// A text of the question, such as the id of its subject.
    pub(super) fn text(&self, part: &str, member: &str) -> String {
        let text = self.question.get(part).and_then(|part| part.get(member)).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    }
}

fn set(at: &mut Value, path: &[&str], value: Option<Value>) {
    let (Some((name, rest)), Value::Object(members)) = (path.split_first(), at) else { return };
    match (rest.is_empty(), value) {
        (true, Some(value)) => drop(members.insert((*name).to_owned(), value)),
        (true, None) => drop(members.remove(*name)),
        (false, value) => {
            let inner =
                members.entry((*name).to_owned()).or_insert_with(|| Value::Object(Default::default()));
            set(inner, rest, value);
        }
    }
}
