//! `/governance/v1/queries`, `/query`, `/tail`: questions to the log, for those who may look.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use remit_pdp::query::Form;
use remit_pdp::{Call, Reply};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::app::App;
use crate::extract::{AuthenticatedPep, JsonBody, RequestId};
use crate::limits::{TAIL_EVERY_MS, TAIL_QUIET_ROUNDS, TAILS};
use crate::openapi::{questions, schema};
use crate::problem::Problem;
use crate::routes::reply::Answer;

/// Lists the named questions.
#[utoipa::path(
    get, path = "/governance/v1/queries", tag = "Governance", operation_id = "listQueries",
    summary = "The questions that have a name, with their parameters and texts",
    params(schema::RequestIdHeader),
    responses((status = 200, description = "All of them.", body = questions::NamedQuestions), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn list(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
) -> Result<Answer, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    Ok(Answer(app.pdp.named_queries(&call)?))
}

/// Answers a named question.
#[utoipa::path(
    post, path = "/governance/v1/queries/{id}", tag = "Governance", operation_id = "askNamedQuery",
    summary = "Answers a question that has a name",
    params(schema::RequestIdHeader, questions::FormQuery, ("id" = String, Path, description = "Its name.")),
    request_body(content = questions::NamedQuestion, description = "Its parameters.", content_type = "application/json"),
    responses((status = 200, description = "The answers, part by part.", body = questions::NamedAnswer), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn named(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let (_, form) = members(query.as_deref(), &[])?;
    written(app.pdp.named_query(&call, &name, &body, form).await?, form)
}

/// Answers a named question whose parameters stand in the address.
#[utoipa::path(
    get, path = "/governance/v1/queries/{id}", tag = "Governance", operation_id = "readNamedQuery",
    summary = "Answers a question that has a name; its parameters stand in the address",
    params(schema::RequestIdHeader, questions::FormQuery, ("id" = String, Path, description = "Its name.")),
    responses((status = 200, description = "The answers, part by part.", body = questions::NamedAnswer), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn named_by_address(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let (mut parameters, form) = members(query.as_deref(), &[])?;
    let mut body = Map::new();
    for own in ["limit", "after", "part", "proof"] {
        body.extend(parameters.remove(own).map(|value| (own.to_owned(), value)));
    }
    body.insert("parameters".to_owned(), Value::Object(parameters));
    let body = Value::Object(body).to_string();
    written(app.pdp.named_query(&call, &name, body.as_bytes(), form).await?, form)
}

/// Answers a free question.
#[utoipa::path(
    post, path = "/governance/v1/query", tag = "Governance", operation_id = "askQuery",
    summary = "Answers a question in the language of the policies",
    params(schema::RequestIdHeader, questions::FormQuery),
    request_body(content = questions::Question, description = "The question.", content_type = "application/json"),
    responses((status = 200, description = "The rows, and what they rest on.", body = questions::LogAnswer), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn free(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    RawQuery(query): RawQuery,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let (_, form) = members(query.as_deref(), &[])?;
    written(app.pdp.query(&call, &body, form).await?, form)
}

/// Answers a free question that stands in the address.
#[utoipa::path(
    get, path = "/governance/v1/query", tag = "Governance", operation_id = "readQuery",
    summary = "Answers a question that stands in the address",
    params(schema::RequestIdHeader, questions::QuestionQuery),
    responses((status = 200, description = "The rows, and what they rest on.", body = questions::LogAnswer), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn free_by_address(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let (question, form) = members(query.as_deref(), &["select", "group", "order"])?;
    let body = Value::Object(question).to_string();
    written(app.pdp.query(&call, body.as_bytes(), form).await?, form)
}

/// Follows the log.
#[utoipa::path(
    get, path = "/governance/v1/tail", tag = "Governance", operation_id = "followLog",
    summary = "Records as they come in, as server-sent events; the id of each is its number",
    params(schema::RequestIdHeader, questions::TailQuery),
    responses((status = 200, description = "Events without end.", body = String, content_type = "text/event-stream"), schema::Failures),
    security(("api_key" = []), ("client_secret" = [])),
)]
pub async fn tail(
    State(app): State<Arc<App>>,
    AuthenticatedPep(pep): AuthenticatedPep,
    id: RequestId,
    headers: http::HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let call = Call { pep: &pep, request_id: id.as_str() };
    let (asked, _) = members(query.as_deref(), &[])?;
    // A client that lost its connection says which record it saw last.
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let from = seen.map(|seen| seen.saturating_add(1)).or_else(|| asked.get("from").and_then(Value::as_u64));
    let condition = asked.get("where").and_then(Value::as_str).unwrap_or_default();
    let place = FOLLOWERS.try_acquire().map_err(|_| Problem::Overloaded { retry_after_s: 10 })?;
    let follow = app.pdp.follow(&call, condition, from).await?;
    let (sender, events) = channel(4);
    tokio::spawn(send(Arc::clone(&app), follow, sender, place));
    let mut response = Response::new(Body::from_stream(Events(events)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

static FOLLOWERS: Semaphore = Semaphore::const_new(TAILS);

/// Looks at the log until the client is gone or the server stops.
async fn send(
    app: Arc<App>,
    mut follow: remit_pdp::query::Follow,
    events: Sender<Bytes>,
    _place: SemaphorePermit<'static>,
) {
    let mut quiet = 0;
    if events.send(Bytes::from_static(b": following\n\n")).await.is_err() {
        return;
    }
    while !app.is_stopping() && !events.is_closed() {
        let text = match app.pdp.followed(&mut follow).await {
            Ok(found) if found.is_empty() && quiet < TAIL_QUIET_ROUNDS => {
                quiet += 1;
                tokio::time::sleep(Duration::from_millis(TAIL_EVERY_MS)).await;
                continue;
            }
            Ok(found) if found.is_empty() => ": quiet\n\n".to_owned(),
            Ok(found) => found.iter().map(|(seq, json)| format!("id: {seq}\ndata: {json}\n\n")).collect(),
            Err(fault) => {
                let text = format!("event: error\ndata: {}\n\n", json!({ "message": fault.to_string() }));
                let _gone = events.send(Bytes::from(text)).await;
                return;
            }
        };
        quiet = 0;
        if events.send(Bytes::from(text)).await.is_err() {
            return;
        }
    }
}

/// What a task sends, as a body.
struct Events(Receiver<Bytes>);

impl futures_core::Stream for Events {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|next| next.map(Ok))
    }
}

/// The members of an address as JSON, and the form of the answer: numbers as such, lists cut at commas outside of
/// brackets and quotes.
fn members(query: Option<&str>, lists: &[&str]) -> Result<(Map<String, Value>, Form), Problem> {
    let (mut all, mut form) = (Map::new(), Form::Json);
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned() {
        if name == "format" {
            form = Form::parse(&value).ok_or_else(|| {
                Problem::malformed(format!("`format` is `json`, `jsonl`, `csv` or `parquet`, not `{value}`"))
            })?;
            continue;
        }
        let value = if lists.contains(&name.as_str()) {
            Value::from(cut(&value))
        } else if matches!(name.as_str(), "limit" | "part" | "from") {
            let number: u64 = value
                .parse()
                .map_err(|_| Problem::malformed(format!("`{name}` is a whole number, not `{value}`")))?;
            Value::from(number)
        } else if name == "proof" {
            let wanted: bool = value
                .parse()
                .map_err(|_| Problem::malformed(format!("`proof` is `true` or `false`, not `{value}`")))?;
            Value::from(wanted)
        } else {
            Value::from(value)
        };
        if all.insert(name.clone(), value).is_some() {
            return Err(Problem::malformed(format!("`{name}` is given twice")));
        }
    }
    Ok((all, form))
}

fn cut(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quoted) = (Vec::new(), String::new(), 0_u32, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == ',' && depth == 0 && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn written(reply: Reply, form: Form) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from(reply.body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(form.media()));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_at_commas_that_separate() {
        assert_eq!(
            cut("seq, -time,[\"a\",\"b\"] has x,,\"p,q\""),
            ["seq", "-time", "[\"a\",\"b\"] has x", "\"p,q\""]
        );
    }

    #[test]
    fn an_address_becomes_a_question() {
        let (all, form) =
            members(Some("where=decision+%3D%3D+deny&select=seq,time&limit=3&format=csv"), &["select"])
                .unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!(form, Form::Csv);
        assert_eq!(
            Value::Object(all),
            json!({"where": "decision == deny", "select": ["seq", "time"], "limit": 3})
        );
        for bad in ["format=xml", "limit=x", "where=a&where=b", "proof=yes"] {
            assert!(members(Some(bad), &[]).is_err(), "{bad}");
        }
    }
}
