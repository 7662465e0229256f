//! Questions to the log, for callers that may read decisions: named ones, free ones, and what comes in from now on.

use std::collections::BTreeMap;
use std::sync::Arc;

use remit_audit::{AskError, Given, Named, Personal, Question, Replies, ask};
use remit_ledger::{Ledger, PSEUDONYM_MARK, Pseudonyms};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::live::Live;
use crate::pdp::Pdp;

/// Questions that run at once: each may read the whole index, and decisions come first.
static RUNNING: Semaphore = Semaphore::const_new(2);

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// One JSON object.
    #[default]
    Json,
    /// A JSON object a line, rows only.
    Lines,
    /// Comma-separated values, rows only.
    Csv,
    /// Apache Parquet, rows with their types; what they rest on stands in its notes.
    Parquet,
}

impl Form {
    /// Reads its name on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "json" => Self::Json,
            "jsonl" => Self::Lines,
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            _ => return None,
        })
    }

    /// Its media type.
    #[must_use]
    pub fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What a named question is asked with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    parameters: BTreeMap<String, Value>,
    limit: Option<usize>,
    after: Option<String>,
    /// Which part a form of rows shows.
    part: Option<usize>,
    /// Whether the log itself is read and the records of the answers are proved.
    proof: bool,
}

#[derive(Serialize)]
struct Names {
    queries: &'static [Named],
}

impl Pdp {
    /// The questions that have a name.
    ///
    /// # Errors
    /// A caller without the right.
    pub fn named_queries(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "ask the log")?;
        reply(&Names { queries: remit_audit::named() })
    }

    /// Answers a question that has a name.
    ///
    /// # Errors
    /// No such question, a parameter that is missing or wrong, a log that cannot vouch for the answer.
    pub async fn named_query(
        &self,
        call: &Call<'_>,
        name: &str,
        body: &[u8],
        form: Form,
    ) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "ask the log")?;
        let asked: Asked = read(body)?;
        let query = Named::find(name).map_err(told)?;
        let parameters = asked.parameters.iter().map(|(name, value)| Ok((name.clone(), text(name, value)?)));
        let parameters = parameters.collect::<Result<BTreeMap<_, _>, Fault>>()?;
        let (limit, after) = (asked.limit, asked.after.clone());
        let replies = self
            .asked(parameters, asked.proof, move |ledger, given| {
                query.ask(ledger, given, limit, after.as_deref())
            })
            .await?;
        if form == Form::Json {
            return reply(&replies);
        }
        let rows = one_part(&replies, asked.part)?;
        Ok(Reply { body: written(rows, form)?, evaluation_id: None })
    }

    /// Answers a free question.
    ///
    /// # Errors
    /// A question that is not one, or a log that cannot vouch for the answer.
    pub async fn query(&self, call: &Call<'_>, body: &[u8], form: Form) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "ask the log")?;
        let question: Question = read(body)?;
        let answer =
            self.asked(BTreeMap::new(), false, move |ledger, given| ask(ledger, &question, given)).await?;
        if form == Form::Json {
            return reply(&answer);
        }
        Ok(Reply { body: written(&answer, form)?, evaluation_id: None })
    }

    /// Begins to follow the log: records that a condition selects, from this one on, or from now on.
    ///
    /// # Errors
    /// A caller without the right, or a condition that is not one.
    pub async fn follow(&self, call: &Call<'_>, condition: &str, from: Option<u64>) -> Result<Follow, Fault> {
        self.permit(call.pep.rights.governance, "ask the log")?;
        let end = self.ledger.extent().size;
        let follow = Follow { condition: condition.to_owned(), next: from.unwrap_or(end).min(end) };
        let probe = Question { limit: Some(1), ..follow.question() };
        let probe = Question { condition: format!("seq < 0 and ({})", non_empty(condition)), ..probe };
        let _none =
            self.asked(BTreeMap::new(), false, move |ledger, given| ask(ledger, &probe, given)).await?;
        Ok(follow)
    }

    /// The records that came in since: each with its number, as a JSON object.
    ///
    /// # Errors
    /// A log that cannot vouch for the answer.
    pub async fn followed(&self, follow: &mut Follow) -> Result<Vec<(u64, String)>, Fault> {
        if self.ledger.extent().size <= follow.next {
            return Ok(Vec::new());
        }
        let question = follow.question();
        let answer =
            self.asked(BTreeMap::new(), false, move |ledger, given| ask(ledger, &question, given)).await?;
        let seqs = answer.rows.iter().map(|row| row.first().and_then(Value::as_u64).unwrap_or_default());
        let lines = remit_audit::json_lines(&answer);
        let found: Vec<(u64, String)> = seqs.zip(lines.lines().map(str::to_owned)).collect();
        if let Some((_, last)) = answer.evidence.range {
            follow.next = last + 1;
        }
        Ok(found)
    }

    /// Runs a question where blocking is allowed.
    async fn asked<T: Send + 'static>(
        &self,
        parameters: BTreeMap<String, String>,
        proof: bool,
        run: impl FnOnce(&Ledger, &Given<'_>) -> Result<T, AskError> + Send + 'static,
    ) -> Result<T, Fault> {
        let lost = |error: &dyn std::fmt::Display| Fault::Internal {
            message: format!("the query was lost: {error}"),
        };
        let turn = RUNNING.acquire().await.map_err(|error| lost(&error))?;
        let now = self.clock.now().ok_or_else(|| Fault::Unavailable {
            message: "the system clock shows no usable time".to_owned(),
        })?;
        let (ledger, live) = (Arc::clone(&self.ledger), self.published.load_full());
        let pseudonyms = self.pseudonyms.clone();
        // WHY: the ledger reads files; a thread that answers decisions must not wait for them.
        let answered = tokio::task::spawn_blocking(move || {
            let alternatives = |it: &Personal<'_>| names(&pseudonyms, &live, it);
            run(&ledger, &Given { now, parameters, alternatives: &alternatives, proof })
        });
        let answered = answered.await.map_err(|error| lost(&error))?.map_err(told);
        drop(turn);
        answered
    }
}

/// A log that is being followed.
#[derive(Debug, Clone)]
pub struct Follow {
    condition: String,
    next: u64,
}

impl Follow {
    fn question(&self) -> Question {
        let condition = format!("seq >= {} and ({})", self.next, non_empty(&self.condition));
        let select = [
            "seq", "time", "kind", "decision", "reason", "severity", "subject", "actor", "action",
            "resource", "rules",
        ];
        Question {
            condition,
            select: select.map(str::to_owned).to_vec(),
            limit: Some(500),
            ..Question::default()
        }
    }
}

fn non_empty(condition: &str) -> &str {
    if condition.trim().is_empty() { "true" } else { condition }
}

/// Everything a literal may stand as in records: a person's id is there as the pseudonyms of all epochs.
fn names(pseudonyms: &Pseudonyms, live: &Live, it: &Personal<'_>) -> Vec<String> {
    let literal = it.literal.to_owned();
    if literal.starts_with(PSEUDONYM_MARK) {
        return vec![literal];
    }
    match it.kind {
        Some(kind) if live.agent.as_deref() == Some(kind) => vec![literal],
        Some(kind) => {
            let mut names = pseudonyms.all_of(kind, it.literal);
            if !live.persons.contains(kind) {
                // As a subject it is a person; as anything else it stands as it is.
                names.push(literal);
            }
            names
        }
        None => {
            let declared = live.bound.program().schema().types().iter().map(|of| of.name.to_string());
            let mut kinds: Vec<String> = declared.chain(live.persons.iter().cloned()).collect();
            kinds.sort();
            kinds.dedup();
            let known = kinds.iter().flat_map(|kind| pseudonyms.all_of(kind, it.literal));
            std::iter::once(literal).chain(known).collect()
        }
    }
}

fn one_part(replies: &Replies, part: Option<usize>) -> Result<&remit_audit::Answer, Fault> {
    let several = replies.answers.len() > 1;
    let at = match part {
        None if several => {
            let titles: Vec<&str> = replies.answers.iter().map(|it| it.title.as_str()).collect();
            return Err(bad(format!(
                "`{}` has several parts: name one by `part` from 0: {titles:?}",
                replies.name
            )));
        }
        part => part.unwrap_or(0),
    };
    let answer = replies.answers.get(at).map(|it| &it.answer);
    answer.ok_or_else(|| bad(format!("`{}` has no part {at}", replies.name)))
}

fn written(answer: &remit_audit::Answer, form: Form) -> Result<Vec<u8>, Fault> {
    match form {
        Form::Csv => Ok(remit_audit::csv(answer).into_bytes()),
        Form::Parquet => {
            let unwritten = |error: remit_audit::Unwritten| Fault::Internal { message: error.to_string() };
            remit_audit::parquet(answer).map_err(unwritten)
        }
        Form::Json | Form::Lines => Ok(remit_audit::json_lines(answer).into_bytes()),
    }
}

fn reply(answer: &impl Serialize) -> Result<Reply, Fault> {
    let body = serde_json::to_vec(answer)
        .map_err(|error| Fault::Internal { message: format!("the answer is not JSON: {error}") })?;
    Ok(Reply { body, evaluation_id: None })
}

fn read<T: for<'de> Deserialize<'de> + Default>(body: &[u8]) -> Result<T, Fault> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| bad(format!("the question cannot be read: {error}")))
}

fn text(name: &str, value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err(bad(format!("the parameter `{name}` is a text or a number"))),
    }
}

fn told(error: AskError) -> Fault {
    match error {
        AskError::UnknownName { .. } => Fault::NotFound { message: error.to_string() },
        AskError::Log(cause) => Fault::Unavailable { message: cause.to_string() },
        refused => bad(refused.to_string()),
    }
}

fn bad(message: String) -> Fault {
    Fault::BadRequest { message, pointer: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_texts_or_numbers() {
        let asked: Asked = read(br#"{"parameters":{"size":3,"seed":"a"}}"#).unwrap();
        assert_eq!(text("size", &asked.parameters["size"]).unwrap(), "3");
        assert_eq!(text("seed", &asked.parameters["seed"]).unwrap(), "a");
        assert!(text("x", &Value::Null).is_err());
        assert!(read::<Asked>(br#"{"parameter":{}}"#).is_err());
        assert!(read::<Asked>(b" ").is_ok());
    }
}
