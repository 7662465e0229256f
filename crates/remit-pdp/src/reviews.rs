//! Access reviews: a named person certifies rows of an answer, such as who can do what now or which rights were never
//! used. The record names scope, reviewer and the end of the log the answer was computed at; the rows stand beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_audit::{AskError, Given, Log, Question};
use remit_json::Object;
use remit_ledger::{Body, Entry, LeafHash, Ledger, Review, ReviewedAt};
use remit_model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::batch::bytes;
use crate::call::{Call, Reply};
use crate::fault::Fault;
use crate::goal::{bad, object, only, text};
use crate::kept;
use crate::pdp::Pdp;
use crate::{intake, record};

/// Rows of one review: more are several reviews.
const ROWS: usize = 2_000;
/// Characters of a row, of a scope, of a name.
const ROW_CHARS: usize = 400;
/// Characters of what the reviewer adds.
const WHY_CHARS: usize = 4_000;

/// The rows of a review, as they stand beside its record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// To stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// To go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<String>,
    /// To be looked into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questioned: Vec<String>,
}

impl Rows {
    /// Whether a row names this party, as `type:id`.
    #[must_use]
    pub fn name(&self, party: &str) -> bool {
        let apart = |c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '@' | '~'));
        let all = self.kept.iter().chain(&self.revoked).chain(&self.questioned);
        all.flat_map(|row| row.split(apart)).any(|word| word == party)
    }
}

impl Pdp {
    /// Records a review.
    ///
    /// # Errors
    /// [`Fault`]: no right, a wrong shape, a head that this log never had, or a record that could not be written.
    pub async fn record_review(&self, call: &Call<'_>, body: &[u8]) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "record reviews")?;
        let now = self.now()?;
        let json = intake::parse(body, &self.json_limits)?;
        let body = object(&json, "")?;
        only(body, &["scope", "reviewer", "due", "why", "head", "kept", "revoked", "questioned"], "")?;
        let rows = rows(body)?;
        let head = head(body)?;
        let live = self.published.load_full();
        let count = |rows: &[String]| u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let review = Review {
            aside: None,
            due: due(body, now)?,
            graph: live.graph_revision(),
            head: self.had(head).await?,
            kept: count(&rows.kept),
            pep: call.pep.name.to_string(),
            policy: live.policy_revision(),
            questioned: count(&rows.questioned),
            request_id: call.request_id.map(str::to_owned),
            reviewer: words(body, "reviewer", ROW_CHARS)?,
            revoked: count(&rows.revoked),
            scope: words(body, "scope", ROW_CHARS)?,
            time: record::time(now),
            why: body.get("why").map(|_| words(body, "why", WHY_CHARS)).transpose()?,
        };
        let entry = Entry::new(Body::Review(Box::new(review.clone())), kept::aside(&rows)?);
        let receipt = self.ledger.append(entry).await.map_err(|error| self.unrecorded(&error))?;
        let mut told = json!(review);
        if let Some(members) = told.as_object_mut() {
            members.insert("seq".to_owned(), json!(receipt.seq));
        }
        Ok(Reply { body: bytes(&told)?, evaluation_id: None })
    }

    /// The last review of each scope, those that are overdue first; with `overdue=true` only those.
    ///
    /// # Errors
    /// [`Fault`]: no right, an unknown parameter, or a log that cannot vouch for the answer.
    pub async fn list_reviews(
        &self,
        call: &Call<'_>,
        parameters: &[(String, String)],
    ) -> Result<Reply, Fault> {
        self.permit(call.pep.rights.governance, "read reviews")?;
        let only_overdue = match parameters {
            [] => false,
            [(name, value)] if name == "overdue" && matches!(value.as_str(), "true" | "false") => {
                value == "true"
            }
            _ => return Err(bad("", "the only parameter is `overdue`, which is `true` or `false`")),
        };
        let now = self.now()?;
        let ledger = Arc::clone(&self.ledger);
        let found = blocking(move || latest(&*ledger, now)).await?;
        let mut reviews = found.map_err(|error| Fault::Unavailable { message: error.to_string() })?;
        reviews.retain(|it| it.overdue || !only_overdue);
        Ok(Reply { body: bytes(&json!({ "reviews": reviews }))?, evaluation_id: None })
    }

    /// The head, when it is one that this log had.
    async fn had(&self, head: ReviewedAt) -> Result<ReviewedAt, Fault> {
        let ledger = Arc::clone(&self.ledger);
        let size = head.size;
        let found = blocking(move || leaf(&ledger, size)).await??;
        if found.is_some_and(|leaf| leaf.to_string() == head.hash) {
            return Ok(head);
        }
        Err(bad(
            "/head",
            "this log never ended so; take it from `evidence.head` of the answer that was reviewed",
        ))
    }
}

/// The leaf hash of the last of so many records.
fn leaf(ledger: &Ledger, size: u64) -> Result<Option<LeafHash>, Fault> {
    let Some(last) = size.checked_sub(1).filter(|_| size <= ledger.extent().size) else { return Ok(None) };
    let found = ledger.prove(&BTreeSet::from([last]));
    let found = found.map_err(|error| Fault::Unavailable { message: error.to_string() })?;
    Ok(found.first().map(|it| it.leaf_hash))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Fault::Internal { message: format!("the answer was lost: {error}") })
}

/// The last review of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Latest {
    /// Its record.
    pub seq: u64,
    /// When.
    pub time: String,
    /// What was reviewed.
    pub scope: String,
    /// By whom.
    pub reviewer: String,
    /// Rows to stay.
    pub kept: u64,
    /// Rows to go.
    pub revoked: u64,
    /// Rows in question.
    pub questioned: u64,
    /// When the next one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Whether that is past.
    pub overdue: bool,
}

/// The last review of each scope in a log, those that are overdue first, then by scope.
///
/// # Errors
/// The log cannot vouch for the answer.
pub fn latest(log: &impl Log, now: Timestamp) -> Result<Vec<Latest>, AskError> {
    let columns = ["seq", "time", "scope", "reviewer", "kept", "revoked", "questioned", "due"];
    let mut question = Question {
        select: columns.map(str::to_owned).to_vec(),
        order: vec!["-seq".to_owned()],
        limit: Some(remit_audit::limits::ROWS),
        ..Question::of("kind == review")
    };
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    loop {
        let page = remit_audit::ask(log, &question, &Given::at(now))?;
        let rows = page.rows.iter().filter_map(|row| Latest::of(row, now));
        found.extend(rows.filter(|review| seen.insert(review.scope.clone())));
        if page.next.is_none() {
            break;
        }
        question.after = page.next;
    }
    found.sort_by(|a, b| (!a.overdue, &a.scope).cmp(&(!b.overdue, &b.scope)));
    Ok(found)
}

impl Latest {
    fn of(row: &[Value], now: Timestamp) -> Option<Self> {
        let [seq, time, scope, reviewer, kept, revoked, questioned, due] = row else { return None };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let due = due.as_str().map(str::to_owned);
        let overdue = due.as_deref().and_then(Timestamp::parse).is_some_and(|due| due <= now);
        Some(Self {
            seq: seq.as_u64()?,
            time: text(time),
            scope: text(scope),
            reviewer: text(reviewer),
            kept: kept.as_u64().unwrap_or_default(),
            revoked: revoked.as_u64().unwrap_or_default(),
            questioned: questioned.as_u64().unwrap_or_default(),
            due,
            overdue,
        })
    }
}

fn words(body: &Object<'_>, member: &str, most: usize) -> Result<String, Fault> {
    let said = text(body, member, "")?;
    let chars = said.chars().count();
    if chars == 0 || chars > most || said.chars().any(char::is_control) {
        return Err(bad(&format!("/{member}"), &format!("must have 1 to {most} characters in one line")));
    }
    Ok(said.to_owned())
}

fn due(body: &Object<'_>, now: Timestamp) -> Result<Option<remit_ledger::Timestamp>, Fault> {
    if body.get("due").is_none() {
        return Ok(None);
    }
    let due = Timestamp::parse(text(body, "due", "")?);
    let due = due.ok_or_else(|| bad("/due", "must be a date or an RFC 3339 time"))?;
    if due <= now {
        return Err(bad("/due", "must be in the future"));
    }
    Ok(Some(record::time(due)))
}

fn head(body: &Object<'_>) -> Result<ReviewedAt, Fault> {
    let head = body
        .get("head")
        .ok_or_else(|| bad("", "`head` is missing: where the log ended that was reviewed"))?;
    let head = object(head, "/head")?;
    only(head, &["hash", "size"], "/head")?;
    let hash = text(head, "hash", "/head")?.to_owned();
    let size = head.get("size").and_then(remit_json::Json::as_number).and_then(|it| it.as_i64());
    let size = size.and_then(|size| u64::try_from(size).ok());
    let size = size.ok_or_else(|| bad("/head/size", "must be a whole number"))?;
    Ok(ReviewedAt { hash, size })
}

fn rows(body: &Object<'_>) -> Result<Rows, Fault> {
    let mut seen = BTreeSet::new();
    let mut list = |member: &str| -> Result<Vec<String>, Fault> {
        let Some(value) = body.get(member) else { return Ok(Vec::new()) };
        let wrong =
            || bad(&format!("/{member}"), &format!("must be a list of rows of 1 to {ROW_CHARS} characters"));
        let mut rows = Vec::new();
        for item in value.as_array().ok_or_else(wrong)? {
            let row = item.as_str().filter(|row| (1..=ROW_CHARS).contains(&row.chars().count()));
            let row = row.ok_or_else(wrong)?;
            if !seen.insert(row.to_owned()) {
                return Err(bad(&format!("/{member}"), &format!("the row `{row}` is there twice")));
            }
            rows.push(row.to_owned());
        }
        Ok(rows)
    };
    let rows = Rows { kept: list("kept")?, revoked: list("revoked")?, questioned: list("questioned")? };
    if seen.is_empty() || seen.len() > ROWS {
        return Err(bad("", &format!("a review has 1 to {ROWS} rows, in `kept`, `revoked` or `questioned`")));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_a_party_as_a_whole_word() {
        let rows =
            Rows { revoked: vec!["user:ann may refund order:7, order:o".to_owned()], ..Rows::default() };
        assert!(rows.name("user:ann") && rows.name("order:7"));
        assert!(!rows.name("user:an") && !rows.name("ann"));
    }
}
