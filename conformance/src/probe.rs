//! Tests as data: what is asked, how often, and which answers must agree.

use remit_json::{Json, Object};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Call, Client, Credentials, Endpoint, Reply};
use crate::expect::{self, Expect, Held};
use crate::fixture;
use crate::report::{Level, Outcome, Row};

/// A walk over pages that takes longer does not end.
const PAGES: usize = 100;

/// One row of a table.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub id: String,
    pub level: Level,
    pub title: &'static str,
    pub probe: Probe,
}

/// How a test is carried out.
#[derive(Debug, Clone)]
pub(crate) enum Probe {
    /// Each call has its own expectation.
    Asks(Vec<(Call, Expect)>),
    /// All bodies find the same results.
    SameResults(Endpoint, Vec<Value>),
    /// The same call three times gives the same answer.
    Idempotent(Endpoint, Value),
    /// All pages of a search together; with `repeat`, later calls name the limit again.
    Walk { endpoint: Endpoint, body: Value, limit: u64, repeat: bool, includes: Vec<Value> },
    /// A call that must be refused for its credentials; needs some to be configured.
    Refused(Call),
    /// Transport security of the base URL.
    Https,
}

impl Probe {
    /// One good body and what it must give.
    pub fn ask(endpoint: Endpoint, body: Value, expect: Expect) -> Self {
        Self::Asks(vec![(Call::post(endpoint, body), expect)])
    }

    /// Bodies that must all be refused as malformed.
    pub fn bad(endpoint: Endpoint, bodies: impl IntoIterator<Item = Value>) -> Self {
        let refused = |body| (Call::post(endpoint, body), Expect::Status(&[400]));
        Self::Asks(bodies.into_iter().map(refused).collect())
    }

    /// A text that is no JSON object and must be refused.
    pub fn bad_text(endpoint: Endpoint, text: &str) -> Self {
        Self::Asks(vec![(Call::post(endpoint, text), Expect::Status(&[400]))])
    }

    /// A good body under another method.
    pub fn method(endpoint: Endpoint, method: Method, body: Value) -> Self {
        let call = Call { method, ..Call::post(endpoint, body) };
        Self::Asks(vec![(call, Expect::Status(&[400, 404, 405]))])
    }

    /// A good body under another content type.
    pub fn content_type(endpoint: Endpoint, content_type: &'static str, body: Value, expect: Expect) -> Self {
        let call = Call { content_type: Some(content_type), ..Call::post(endpoint, body) };
        Self::Asks(vec![(call, expect)])
    }

    /// A good body with a request id, which must come back.
    pub fn echo(endpoint: Endpoint, body: Value, expect: Expect) -> Self {
        let request_id = Some(format!("conformance-{}", uuid::Uuid::now_v7()));
        Self::Asks(vec![(Call { request_id, ..Call::post(endpoint, body) }, expect)])
    }

    /// A good body without, or with wrong, credentials.
    pub fn refused(endpoint: Endpoint, credentials: Credentials) -> Self {
        Self::Refused(Call { credentials, ..Call::post(endpoint, fixture::permitted()) })
    }
}

impl Test {
    pub fn new(id: impl Into<String>, level: Level, title: &'static str, probe: Probe) -> Self {
        Self { id: id.into(), level, title, probe }
    }

    /// Carries the test out.
    pub async fn row(self, client: &Client) -> Row {
        let held = match &self.probe {
            Probe::Asks(asks) => each(client, asks).await,
            Probe::SameResults(endpoint, bodies) => same_results(client, *endpoint, bodies).await,
            Probe::Idempotent(endpoint, body) => idempotent(client, *endpoint, body).await,
            Probe::Walk { .. } => walk(client, &self.probe).await,
            Probe::Refused(_) if !client.has_credentials() => {
                return self.skipped("no credentials are configured");
            }
            Probe::Refused(call) => each(client, &[(call.clone(), Expect::Unauthorized)]).await,
            Probe::Https if client.plain_http => {
                return self.skipped("the base URL is plain http on loopback");
            }
            // The client has refused every other scheme before the first call.
            Probe::Https => Ok(Vec::new()),
        };
        let outcome = match held {
            Ok(warnings) => Outcome::Passed { warnings },
            Err(reason) => Outcome::Failed { reason },
        };
        Row { id: self.id, level: Some(self.level), title: self.title, outcome }
    }

    fn skipped(self, reason: &str) -> Row {
        let outcome = Outcome::Skipped { reason: reason.into() };
        Row { id: self.id, level: Some(self.level), title: self.title, outcome }
    }
}

async fn each(client: &Client, asks: &[(Call, Expect)]) -> Held {
    let mut warnings = Vec::new();
    for (call, expect) in asks {
        let reply = client.call(call).await?;
        let told = |reason| if asks.len() > 1 { format!("{reason} (asked `{}`)", call.body) } else { reason };
        warnings.extend(expect.check(call, &reply).map_err(told)?);
    }
    Ok(warnings)
}

async fn same_results(client: &Client, endpoint: Endpoint, bodies: &[Value]) -> Held {
    let mut first: Option<Vec<String>> = None;
    for body in bodies {
        let reply = client.call(&Call::post(endpoint, body)).await?;
        let found = expect::with_body(&reply, sorted_results)?;
        match &first {
            Some(first) if *first != found => {
                return Err(format!("results differ: {first:?} and, for `{body}`, {found:?}"));
            }
            Some(_) => {}
            None => first = Some(found),
        }
    }
    Ok(Vec::new())
}

fn sorted_results(body: &Object<'_>) -> Result<Vec<String>, String> {
    let mut texts: Vec<_> = expect::results(body)?.iter().map(Json::canonical).collect();
    texts.sort_unstable();
    Ok(texts)
}

async fn idempotent(client: &Client, endpoint: Endpoint, body: &Value) -> Held {
    let mut first = None;
    for _ in 0..3 {
        let reply = client.call(&Call::post(endpoint, body)).await?;
        let told = steady_part(endpoint, &reply)?;
        match &first {
            Some(first) if *first != told => return Err(format!("answers differ: `{first}` and `{told}`")),
            Some(_) => {}
            None => first = Some(told),
        }
    }
    Ok(Vec::new())
}

/// What must not change between two answers to the same question.
fn steady_part(endpoint: Endpoint, reply: &Reply) -> Result<String, String> {
    expect::with_body(reply, |body| match endpoint {
        Endpoint::Evaluation => expect::decision(body).map(|decision| decision.to_string()),
        Endpoint::Evaluations => Ok(Json::from(body.clone()).canonical()),
        Endpoint::Subject | Endpoint::Resource | Endpoint::Action => {
            let results = sorted_results(body)?;
            let mut rest = body.to_serde();
            rest.remove("results");
            if let Some(page) = rest.get_mut("page").and_then(Value::as_object_mut) {
                page.remove("next_token");
            }
            Ok(format!("{results:?} {}", Value::Object(rest)))
        }
    })
}

async fn walk(client: &Client, probe: &Probe) -> Held {
    let Probe::Walk { endpoint, body, limit, repeat, includes } = probe else { return Ok(Vec::new()) };
    let (mut collected, mut warnings) = (Vec::new(), Vec::new());
    let mut page = json!({ "limit": limit });
    for number in 0..PAGES {
        let asked = fixture::plus(body.clone(), json!({ "page": page }));
        let reply = client.call(&Call::post(*endpoint, asked)).await?;
        let next = expect::with_body(&reply, |answer| {
            warnings.extend(expect::page(answer)?);
            let results = expect::results(answer)?;
            if u64::try_from(results.len()).unwrap_or(u64::MAX) > *limit {
                warnings.push(format!("page {} holds more than {limit} results", number + 1));
            }
            collected.extend(results.iter().map(Json::to_serde));
            match expect::next_token(answer) {
                // Without a page on the first answer, the server does not page at all.
                None if number > 0 => Err("the last page has no `page`".to_owned()),
                next => Ok(next.unwrap_or_default()),
            }
        })?;
        if next.is_empty() {
            return match includes.iter().find(|wanted| !collected.contains(wanted)) {
                Some(missing) => Err(format!("`{missing}` is on no page")),
                None => Ok(distinct(warnings)),
            };
        }
        page = if *repeat { json!({ "token": next, "limit": limit }) } else { json!({ "token": next }) };
    }
    Err(format!("no end after {PAGES} pages"))
}

fn distinct(mut warnings: Vec<String>) -> Vec<String> {
    warnings.dedup();
    warnings
}
