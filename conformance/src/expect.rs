//! What an answer must look like; every check that can fail is here, none of them asks.

use remit_json::{Json, Limits, Object};
use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::Value;

use crate::client::{Call, Reply};

/// What held is silent but for its warnings; what did not has a reason.
pub(crate) type Held = Result<Vec<String>, String>;

/// What the answer to one call must be.
#[derive(Debug, Clone)]
pub(crate) enum Expect {
    /// One of these status codes; the body does not matter.
    Status(&'static [u16]),
    /// 401, and a challenge with it.
    Unauthorized,
    /// One decision, of this value if one is given.
    Decision(Option<bool>),
    /// As many decisions, in this order.
    Batch(Vec<Option<bool>>),
    /// `[true, false]`, or what the text of the specification gives where the suite differs from it.
    TypeFromDefault,
    /// Results of this type (`None` for actions), these among them.
    Found(Option<&'static str>, Vec<Value>),
    /// No results.
    Nothing,
}

impl Expect {
    pub fn check(&self, call: &Call, reply: &Reply) -> Held {
        echoed(call, reply)?;
        match self {
            Self::Status(allowed) => {
                status(reply, allowed)?;
                Ok(Vec::new())
            }
            Self::Unauthorized => {
                status(reply, &[401])?;
                let challenge = reply.headers.contains_key(WWW_AUTHENTICATE);
                Ok(warn(!challenge, "the 401 has no WWW-Authenticate header"))
            }
            Self::Decision(expected) => with_body(reply, |body| decision_answer(body, *expected)),
            Self::Batch(expected) => with_body(reply, |body| batch(body, expected)),
            Self::TypeFromDefault => with_body(reply, type_from_default),
            Self::Found(kind, includes) => with_body(reply, |body| {
                found(body, *kind, includes)?;
                page(body)
            }),
            Self::Nothing => with_body(reply, |body| match results(body)?.len() {
                0 => page(body),
                some => Err(format!("expected no results, found {some}")),
            }),
        }
    }
}

fn warn(condition: bool, warning: &str) -> Vec<String> {
    if condition { vec![warning.to_owned()] } else { Vec::new() }
}

pub(crate) fn status(reply: &Reply, allowed: &[u16]) -> Result<(), String> {
    if allowed.contains(&reply.status.as_u16()) {
        return Ok(());
    }
    Err(format!("expected status {allowed:?}, found {}", reply.status.as_u16()))
}

fn echoed(call: &Call, reply: &Reply) -> Result<(), String> {
    let Some(sent) = &call.request_id else { return Ok(()) };
    let back = reply.headers.get("X-Request-ID").map(|value| value.as_bytes());
    if back == Some(sent.as_bytes()) {
        return Ok(());
    }
    let back = back.map(String::from_utf8_lossy);
    Err(format!("sent X-Request-ID `{sent}`, got {back:?} back"))
}

/// Status 200 with a JSON object, given to `check`.
pub(crate) fn with_body<T>(
    reply: &Reply,
    check: impl FnOnce(&Object<'_>) -> Result<T, String>,
) -> Result<T, String> {
    status(reply, &[200])?;
    let content_type = reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(format!("expected application/json, found content type `{content_type}`"));
    }
    let json = remit_json::parse(&reply.body, &Limits::trusted())
        .map_err(|fault| format!("the answer is not I-JSON: {fault}"))?;
    check(json.as_object().ok_or_else(|| format!("expected an object, found {}", json.kind_name()))?)
}

/// The `decision` of a decision object; its context, if there, is an object.
pub(crate) fn decision(answer: &Object<'_>) -> Result<bool, String> {
    if answer.get("context").is_some_and(|context| context.as_object().is_none()) {
        return Err("`context` is not an object".into());
    }
    answer.get("decision").and_then(Json::as_bool).ok_or_else(|| "`decision` is not a boolean".into())
}

fn decision_answer(body: &Object<'_>, expected: Option<bool>) -> Held {
    if body.get("evaluations").is_some() {
        return Err("a single answer has `evaluations`".into());
    }
    let decision = decision(body)?;
    match expected {
        Some(expected) if expected != decision => {
            Err(format!("expected decision {expected}, found {decision}"))
        }
        _ => Ok(Vec::new()),
    }
}

/// The decisions of a batch answer.
pub(crate) fn decisions(body: &Object<'_>) -> Result<Vec<bool>, String> {
    let items = body.get("evaluations").and_then(Json::as_array).ok_or("`evaluations` is not an array")?;
    let read = |(index, item): (usize, &Json<'_>)| {
        let item = item.as_object().ok_or_else(|| format!("item {index} is not an object"))?;
        decision(item).map_err(|fault| format!("item {index}: {fault}"))
    };
    items.iter().enumerate().map(read).collect()
}

fn batch(body: &Object<'_>, expected: &[Option<bool>]) -> Held {
    let decisions = decisions(body)?;
    let same = |(expected, found): (&Option<bool>, &bool)| expected.is_none_or(|expected| expected == *found);
    if decisions.len() != expected.len() || !expected.iter().zip(&decisions).all(same) {
        let words: Vec<_> =
            expected.iter().map(|word| word.map_or("any".into(), |word| word.to_string())).collect();
        return Err(format!("expected decisions [{}], found {decisions:?}", words.join(", ")));
    }
    Ok(warn(body.get("decision").is_some(), "`decision` stands beside `evaluations`"))
}

fn type_from_default(body: &Object<'_>) -> Held {
    match decisions(body)?.as_slice() {
        [true, false] => Ok(Vec::new()),
        [false, false] => Ok(warn(
            true,
            "entities are replaced whole, as the specification says; the suite wants `type` taken from the default",
        )),
        other => Err(format!("expected decisions [true, false], found {other:?}")),
    }
}

/// The `results` of a search answer.
pub(crate) fn results<'o, 'a>(body: &'o Object<'a>) -> Result<&'o [Json<'a>], String> {
    body.get("results").and_then(Json::as_array).ok_or_else(|| "`results` is not an array".into())
}

/// Shape of each result, and that `includes` are among them as whole objects.
pub(crate) fn found(body: &Object<'_>, kind: Option<&str>, includes: &[Value]) -> Result<(), String> {
    let results = results(body)?;
    for result in results {
        let text = |name: &str| result.as_object().and_then(|object| object.get(name)).and_then(Json::as_str);
        let shaped = match kind {
            Some(kind) => text("type") == Some(kind) && text("id").is_some(),
            None => text("name").is_some(),
        };
        if !shaped {
            return Err(format!("`{result}` is not a result of this search"));
        }
    }
    let values: Vec<_> = results.iter().map(Json::to_serde).collect();
    match includes.iter().find(|wanted| !values.contains(wanted)) {
        Some(missing) => Err(format!("`{missing}` is not among the results")),
        None => Ok(()),
    }
}

/// Rules of the `page` member, where there is one.
pub(crate) fn page(body: &Object<'_>) -> Held {
    let Some(page) = body.get("page") else { return Ok(Vec::new()) };
    let page = page.as_object().ok_or("`page` is not an object")?;
    if page.get("next_token").and_then(Json::as_str).is_none() {
        return Err("`page.next_token` is not a string".into());
    }
    for name in ["count", "total"] {
        let counts =
            |value: &Json<'_>| value.as_number().and_then(|number| number.as_i64()).is_some_and(|n| n >= 0);
        if page.get(name).is_some_and(|value| !counts(value)) {
            return Err(format!("`page.{name}` is not a non-negative integer"));
        }
    }
    let first = body.iter().next().is_some_and(|member| member.key == "page");
    Ok(warn(!first, "`page` is not the first member"))
}

/// The token of the next page; `None` without a page, `Some("")` at the end.
pub(crate) fn next_token(body: &Object<'_>) -> Option<String> {
    body.get("page")?.as_object()?.get("next_token")?.as_str().map(str::to_owned)
}
