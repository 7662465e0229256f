//! Files of whole tokens with the key sets and settings to judge them by; no token may cause a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use remit_identity::{
    AlgorithmName, Answer, Fetch, FetchError, FetchRequest, IdentityConfig, IssuerConfig, KeySource,
    PresentedToken, Profile, TokenType, Unverified, Verifier,
};
use remit_json::{Json, Limits};
use remit_model::Timestamp;

use crate::report::{Outcome, Report, Row, Table};

/// Verifies every token of a file under the settings it states.
///
/// An error means that the file cannot be used at all; whatever is judged wrongly is in the report.
pub async fn run_tokens(name: &str, text: &[u8]) -> Result<Report> {
    let json =
        remit_json::parse(text, &Limits::trusted()).with_context(|| format!("`{name}` is not JSON"))?;
    let cases = json.pointer("/cases").and_then(Json::as_array).context("there are no `cases`")?;
    if cases.is_empty() {
        bail!("`cases` is empty");
    }
    let settings = json.pointer("/verifier").context("there is no `verifier`")?;
    let now = integer(settings, "/now")?.context("`now` is missing")?;
    let now = Timestamp::from_unix_seconds(now).context("`now` is not a time")?;
    let watch = Arc::new(Watch::default());
    let config = config(settings, json.pointer("/jwks").context("there is no `jwks`")?)?;
    let verifier = Verifier::new(&config, Arc::clone(&watch) as Arc<dyn Fetch>)?;
    let mut table = Table::new(name);
    for (index, case) in cases.iter().enumerate() {
        table.rows.push(row(index, case, &verifier, &watch, now).await?);
    }
    Ok(Report::new("own verifier", vec![table]))
}

/// Counts what should never happen.
#[derive(Default)]
struct Watch(AtomicUsize);

impl Fetch for Watch {
    fn fetch<'a>(&'a self, _request: FetchRequest<'a>) -> Answer<'a> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Err(FetchError::Connection("nothing is fetched here".into()))))
    }
}

async fn row(
    index: usize,
    case: &Json<'_>,
    verifier: &Verifier,
    watch: &Watch,
    now: Timestamp,
) -> Result<Row> {
    let text = |name: &str| case.pointer(name).and_then(Json::as_str);
    let id = text("/id").map_or_else(|| format!("[{index}]"), str::to_owned);
    let token = text("/token").with_context(|| format!("case `{id}` has no `token`"))?;
    let expect = text("/expect").with_context(|| format!("case `{id}` has no `expect`"))?;
    let before = watch.0.load(Ordering::Relaxed);
    let presented = PresentedToken::new(TokenType::AccessToken.urn(), token);
    let verdict = verifier.verify(&[presented], now).await;
    let comment = text("/comment").unwrap_or_default();
    let wrong = match (expect, &verdict) {
        _ if watch.0.load(Ordering::Relaxed) != before => Some("something was fetched".to_owned()),
        (_, Err(Unverified::Fault(fault))) => Some(fault.to_string()),
        ("accept", Err(Unverified::Token { fault, .. })) => Some(format!("refused: {}", fault.code())),
        ("reject", Ok(_)) => Some("accepted".to_owned()),
        ("accept" | "either", Ok(_)) | ("reject" | "either", Err(Unverified::Token { .. })) => None,
        (other, _) => bail!("case `{id}` expects `{other}`"),
    };
    let outcome = match wrong {
        None => Outcome::Passed { warnings: Vec::new() },
        Some(found) => Outcome::Failed { reason: format!("{comment}: {found}") },
    };
    Ok(Row { id, level: None, title: "", outcome })
}

fn config(settings: &Json<'_>, key_sets: &Json<'_>) -> Result<IdentityConfig> {
    let algorithms: Option<Vec<_>> =
        texts(settings, "/algorithms")?.into_iter().map(AlgorithmName::parse).collect();
    let algorithms = algorithms.context("`algorithms` holds an unknown one")?;
    let audiences = match settings.pointer("/audience").and_then(Json::as_str) {
        Some(one) => vec![one],
        None => texts(settings, "/audience")?,
    };
    let key_sets = key_sets.as_object().context("`jwks` is not an object")?;
    let mut config = IdentityConfig::default();
    for issuer in texts(settings, "/issuers")? {
        let keys = key_sets.get(issuer).with_context(|| format!("issuer `{issuer}` has no key set"))?;
        let source = KeySource::Inline(keys.to_string());
        let mut entry = IssuerConfig::new(issuer, &[Profile::AccessToken], &audiences, source);
        entry.algorithms.clone_from(&algorithms);
        entry.typ = texts(settings, "/typ")?.into_iter().map(str::to_owned).collect();
        entry.details_types =
            texts(settings, "/authorization_details_types")?.into_iter().map(str::to_owned).collect();
        if let Some(leeway) = integer(settings, "/leeway_seconds")? {
            entry.leeway_s = u32::try_from(leeway)?;
        }
        if let Some(lifetime) = integer(settings, "/max_lifetime_seconds")? {
            entry.max_lifetime_s = u32::try_from(lifetime)?;
        }
        if let Some(depth) = integer(settings, "/max_act_depth")? {
            entry.max_actors = usize::try_from(depth)?;
        }
        config.issuers.push(entry);
    }
    Ok(config)
}

fn integer(json: &Json<'_>, pointer: &str) -> Result<Option<i64>> {
    let Some(value) = json.pointer(pointer) else { return Ok(None) };
    let number = value.as_number().and_then(|number| number.as_i64());
    number.map(Some).with_context(|| format!("`{pointer}` is not an integer"))
}

fn texts<'j>(json: &'j Json<'_>, pointer: &str) -> Result<Vec<&'j str>> {
    let Some(value) = json.pointer(pointer) else { return Ok(Vec::new()) };
    let texts: Option<Vec<_>> = value.as_array().and_then(|items| items.iter().map(Json::as_str).collect());
    texts.with_context(|| format!("`{pointer}` is not a list of texts"))
}
