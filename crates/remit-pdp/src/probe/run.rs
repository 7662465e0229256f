//! Asks probes: one decision point for those that leave nothing behind, and one each for those that begin with a graph or
//! a transaction of their own.

use std::path::Path;

use remit_ledger::Durability;
use remit_model::Timestamp;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::{Outcome, Probe, ProbeError, ProbeFile, Report, SetUp};
use crate::bundle::{self, Purpose};
use crate::call::{Call, Pep, Reply, Rights};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::pdp::{Options, Pdp};

/// The instant at which probes are asked, so that their answers never depend on the day.
const NOON: &str = "2026-06-01T12:00:00Z";

/// Asks every probe of the bundle. What decision points write goes below `scratch`, an empty folder.
///
/// # Errors
/// [`ProbeError`] when the bundle cannot be asked at all; what single probes meet stands in the report.
pub async fn run(dir: &Path, files: &[ProbeFile], scratch: &Path) -> Result<Report, ProbeError> {
    let issuer = Issuer::new()?;
    let shared = start(dir, &scratch.join("shared"), &issuer)?;
    let mut report = Report::default();
    for (number, (file, probe)) in
        files.iter().flat_map(|file| file.probes.iter().map(move |probe| (file, probe))).enumerate()
    {
        // WHY: what an agent was denied counts against it, and must not count in the next probe.
        let alone = !probe.setup.is_empty() || probe.graph.is_some() || shared.reads_standing();
        let answer = if alone {
            let place = scratch.join(number.to_string());
            match own(dir, probe, &place, &issuer) {
                Ok(pdp) => {
                    let answer = ask(&pdp, probe, &issuer).await;
                    pdp.stop("the probe is asked").await;
                    answer
                }
                Err(error) => Err(error.to_string()),
            }
        } else {
            ask(&shared, probe, &issuer).await
        };
        let (got, failure) = match answer {
            Ok(answer) => (answer.shown(), answer.failure(probe)),
            Err(message) => (message.clone(), Some(message)),
        };
        report.outcomes.push(Outcome {
            category: file.category.clone(),
            id: probe.id.clone(),
            kind: probe.kind,
            title: probe.title.clone(),
            severity: probe.severity,
            got,
            failure,
        });
    }
    shared.stop("all probes are asked").await;
    report.outcomes.sort_by(|a, b| (&a.category, &a.id).cmp(&(&b.category, &b.id)));
    Ok(report)
}

fn start(bundle: &Path, data: &Path, issuer: &Issuer) -> Result<Pdp, ProbeError> {
    let noon =
        Timestamp::parse(NOON).ok_or_else(|| ProbeError::Start("the constant is no time".to_owned()))?;
    let mut options = Options::new(bundle, data);
    options.clock = Clock::Fixed(noon);
    options.durability = Durability::Relaxed;
    options.identity = issuer.config();
    Pdp::start(options).map_err(|error| ProbeError::Start(error.to_string()))
}

/// A decision point over the bundle and the graph of a probe.
fn own(dir: &Path, probe: &Probe, place: &Path, issuer: &Issuer) -> Result<Pdp, ProbeError> {
    let Some(graph) = &probe.graph else { return start(dir, &place.join("data"), issuer) };
    let failed =
        |error: std::io::Error| ProbeError::Io { path: place.to_owned(), message: error.to_string() };
    let copy = place.join("bundle");
    std::fs::create_dir_all(&copy).map_err(failed)?;
    let files =
        bundle::load(dir, Purpose::Serve).map_err(|error| ProbeError::Start(error.to_string()))?.files;
    for path in files.policies.iter().chain(&files.schemas).chain(&files.documents).chain(&files.description)
    {
        let to = copy.join(path.strip_prefix(dir).unwrap_or(path));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::copy(path, to).map_err(failed)?;
    }
    std::fs::write(copy.join("probe-graph.json"), graph.to_string()).map_err(failed)?;
    start(&copy, &place.join("data"), issuer)
}

/// What was answered.
#[derive(Debug)]
enum Answer {
    Decided { decision: bool, reason: String, rules: Vec<String>, duties: Vec<String> },
    Fault { kind: &'static str, message: String },
}

async fn ask(pdp: &Pdp, probe: &Probe, issuer: &Issuer) -> Result<Answer, String> {
    let everything = Pep::new("remit probe", Rights::all());
    for (number, step) in probe.setup.iter().enumerate() {
        before(pdp, &everything, step, issuer)
            .await
            .map_err(|why| format!("step {} before: {why}", number + 1))?;
    }
    let mut rights = Rights::all();
    if let Some(caller) = probe.caller {
        rights.assert_identity = caller.assert_identity;
    }
    let pep = Pep::new("remit probe", rights);
    let reply = pdp.evaluation(&call(&pep), &explained(&issuer.minted(&probe.request))).await;
    Ok(match reply {
        Ok(reply) => decided(&reply)?,
        Err(fault) => Answer::Fault { kind: kind(&fault), message: fault.to_string() },
    })
}

fn call(pep: &Pep) -> Call<'_> {
    Call { pep, request_id: None }
}

async fn before(pdp: &Pdp, pep: &Pep, step: &SetUp, issuer: &Issuer) -> Result<(), String> {
    let told = |fault: Fault| format!("{}: {fault}", kind(&fault));
    match step {
        SetUp::Open(body) => {
            pdp.open_transaction(&call(pep), body.to_string().as_bytes()).await.map(drop).map_err(told)
        }
        SetUp::Narrow { txn, body } => {
            pdp.narrow_transaction(&call(pep), txn, body.to_string().as_bytes()).await.map(drop).map_err(told)
        }
        SetUp::Revoke(txn) => pdp.revoke_transaction(&call(pep), txn).await.map_err(told),
        SetUp::Close(txn) => pdp.close_transaction(&call(pep), txn).await.map_err(told),
        SetUp::Consent(body) => {
            pdp.grant_consent(&call(pep), body.to_string().as_bytes()).await.map(drop).map_err(told)
        }
        SetUp::Withdraw(id) => pdp.withdraw_consent(&call(pep), id).await.map(drop).map_err(told),
        SetUp::Signals(events) => {
            let body = json!({ "events": events }).to_string();
            pdp.report_signals(&call(pep), body.as_bytes()).await.map(drop).map_err(told)
        }
        SetUp::Step { request, decision, returns } => {
            let request = &issuer.minted(request);
            let reply = pdp.evaluation(&call(pep), &explained(request)).await.map_err(told)?;
            let answer = decided(&reply)?;
            if !matches!(&answer, Answer::Decided { decision: found, .. } if found == decision) {
                return Err(format!("it was decided otherwise: {}", answer.shown()));
            }
            let txn = request.pointer("/context/txn").and_then(Value::as_str);
            let (false, Some(txn), Some(id)) = (returns.is_empty(), txn, &reply.evaluation_id) else {
                return Ok(());
            };
            let outcome = json!({ "evaluation_id": id, "fields": returns });
            pdp.report_outcome(&call(pep), txn, outcome.to_string().as_bytes()).await.map_err(told)
        }
    }
}

/// The question, asking for everything that explains the answer.
fn explained(request: &Value) -> Vec<u8> {
    let mut request = request.clone();
    if let Some(members) = request.as_object_mut() {
        let options = members.entry("options").or_insert_with(|| json!({}));
        if let Some(options) = options.as_object_mut() {
            options.insert("detail".to_owned(), "full".into());
        }
    }
    request.to_string().into_bytes()
}

fn decided(reply: &Reply) -> Result<Answer, String> {
    let json: Value =
        serde_json::from_slice(&reply.body).map_err(|error| format!("the answer is no JSON: {error}"))?;
    let texts = |pointer: &str, member: &str| -> Vec<String> {
        let items = json.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| Some(item.get(member)?.as_str()?.to_owned())).collect()
    };
    let decision = json.get("decision").and_then(Value::as_bool).ok_or("the answer has no decision")?;
    let reason = json.pointer("/context/reason").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rules = texts("/context/reason_admin/rules", "rule");
    let duties = texts("/context/obligations", "type");
    Ok(Answer::Decided { decision, reason, rules, duties })
}

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::BadRequest { .. } => "bad_request",
        Fault::Forbidden { .. } => "forbidden",
        Fault::Refused { .. } => "refused",
        Fault::Conflict { .. } => "conflict",
        Fault::Stale { .. } | Fault::Unconditional => "stale",
        Fault::NotFound { .. } => "not_found",
        Fault::TooMany { .. } => "too_many",
        Fault::Overloaded { .. } => "overloaded",
        Fault::Unavailable { .. } => "unavailable",
        Fault::Internal { .. } => "internal",
    }
}

impl Answer {
    fn shown(&self) -> String {
        match self {
            Self::Decided { decision, reason, rules, .. } => {
                let word = if *decision { "permit" } else { "deny" };
                let by = if rules.is_empty() { String::new() } else { format!(" by {}", rules.join(", ")) };
                format!("{word}{by}, reason `{reason}`")
            }
            Self::Fault { kind, message } => format!("no decision, {kind}: {message}"),
        }
    }

    fn failure(&self, probe: &Probe) -> Option<String> {
        let expect = &probe.expect;
        match self {
            Self::Fault { kind, .. } => (expect.fault.as_deref() != Some(*kind))
                .then(|| format!("expected {}, got {}", wanted(probe), self.shown())),
            Self::Decided { decision, reason, rules, duties } => {
                let right = expect.decision == Some(*decision)
                    && expect.by.iter().all(|rule| rules.contains(rule))
                    && expect.reason.as_ref().is_none_or(|wanted| wanted == reason);
                let mut duties = duties.clone();
                duties.sort();
                let obliged = expect.obliging.as_ref().is_none_or(|wanted| {
                    let mut wanted = wanted.clone();
                    wanted.sort();
                    wanted == duties
                });
                (!right || !obliged).then(|| format!("expected {}, got {}", wanted(probe), self.shown()))
            }
        }
    }
}

fn wanted(probe: &Probe) -> String {
    let expect = &probe.expect;
    let Some(decision) = expect.decision else {
        return format!("no decision, {}", expect.fault.as_deref().unwrap_or_default());
    };
    let mut text = if decision { "permit" } else { "deny" }.to_owned();
    if !expect.by.is_empty() {
        text.push_str(&format!(" by {}", expect.by.join(", ")));
    }
    if let Some(reason) = &expect.reason {
        text.push_str(&format!(", reason `{reason}`"));
    }
    if let Some(duties) = &expect.obliging {
        text.push_str(&format!(", obliging [{}]", duties.join(", ")));
    }
    text
}
