//! Why, and why not: one question decided apart from the ledger, with every rule that speaks of it.

use remit_authzen::EvaluationRequest;
use remit_engine::{Clause, Failing, LayerOutcome, Nearest, RuleTrace, Truth, Verdict, explain};
use remit_lang::source::Sources;
use serde::Serialize;

use crate::acting::Acting;
use crate::answer;
use crate::call::Rights;
use crate::enrich::Sight;
use crate::fault::Fault;
use crate::live::Live;
use crate::{enrich, intake};

/// An explained answer, for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// The decision.
    pub decision: bool,
    /// The reason code.
    pub reason: &'static str,
    /// What the reason code means.
    pub meaning: &'static str,
    /// Each layer that has something to say.
    pub layers: Vec<(&'static str, &'static str)>,
    /// Why agents, purpose or history deny, the gravest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<FailureNote>,
    /// The task of the intent that the step belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Every rule for this action and these types.
    pub rules: Vec<RuleNote>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub rules_omitted: usize,
    /// What the PEP must do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<serde_json::Value>,
    /// What was read, and where it came from.
    pub reads: Vec<Read>,
    /// How memberships came about, edge by edge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Vec<String>>,
    /// On a deny, the least that would have been enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<NearestNote>,
}

/// One reason of the layers for agents, purpose and history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureNote {
    /// The reason code.
    pub reason: &'static str,
    /// What it is about: `chain`, `tool`, `tasks.pay.arguments.amount`.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// How one rule came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleNote {
    /// `package.name`
    pub rule: String,
    /// `permit`, `forbid`, `require`.
    pub effect: String,
    /// `applies`, `does not apply`, `unknown`.
    pub outcome: &'static str,
    /// `file:line`
    pub place: String,
    /// The first part that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing: Option<String>,
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Read {
    /// As the policy spells it.
    pub name: String,
    /// `graph`, `token`, `request`; none when no source had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// The least that would have to be different for an allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NearestNote {
    /// The permit that is closest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permit: Option<String>,
    /// What it lacks.
    pub needs: Vec<String>,
    /// What stands in the way besides.
    pub blocked_by: Vec<String>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Decides and explains the question in `body`, an access evaluation request. Nothing is recorded. Without a standing
/// what conditions ask of consents and signals is unknown.
///
/// # Errors
/// [`Fault::BadRequest`] when the body is not a request.
pub fn why(live: &Live, body: &[u8], sight: &Sight<'_>) -> Result<Why, Fault> {
    let json = intake::parse(body, &remit_json::Limits::default())?;
    let request = EvaluationRequest::parse(&json).map_err(|error| intake::refused(&error))?;
    let draft = intake::accept(&request, &Rights::all())?;
    let explained = match &draft.said {
        None => explain(&live.bound, &enrich::resolve(&draft, live, sight)),
        Some(said) => {
            if !said.tokens.is_empty() || said.txn.is_some() {
                let message = "tokens and transactions are known to a running decision point only".to_owned();
                return Err(Fault::BadRequest { message, pointer: Some("/context".to_owned()) });
            }
            let subject = (draft.subject.kind, draft.subject.id);
            let acting =
                Acting::joined(said, None, subject, live, sight.now)?.map_err(|denial| Fault::Refused {
                    reason: denial.reason.code(),
                    field: Some(denial.field),
                    message: denial.detail,
                })?;
            acting.ask(&draft, &[], (live, sight), explain)
        }
    };
    let verdict = &explained.verdict;
    let sources = &live.sources;
    Ok(Why {
        decision: verdict.decision,
        reason: verdict.reason.code(),
        meaning: verdict.reason.meaning(),
        layers: layers(verdict),
        failures: verdict.failures.iter().map(failed).collect(),
        task: verdict.task.as_ref().map(ToString::to_string),
        rules: explained.rules.iter().map(|trace| note(trace, sources)).collect(),
        rules_omitted: explained.omitted,
        obligations: answer::duties(&verdict.obligations).as_array().cloned().unwrap_or_default(),
        reads: reads(verdict),
        paths: explained.paths.iter().map(|path| path.iter().map(ToString::to_string).collect()).collect(),
        nearest: explained.nearest.as_ref().map(|nearest| near(nearest, sources)),
    })
}

fn failed(failure: &remit_engine::Failure) -> FailureNote {
    FailureNote {
        reason: failure.reason.code(),
        field: failure.field.clone(),
        detail: failure.detail.clone(),
    }
}

fn layers(verdict: &Verdict) -> Vec<(&'static str, &'static str)> {
    let it = &verdict.layers;
    let all = [
        ("subject_may", it.subject_may),
        ("actor_may", it.actor_may),
        ("intent_covers", it.intent_covers),
        ("history_fits", it.history_fits),
        ("nothing_forbids", it.nothing_forbids),
    ];
    all.into_iter()
        .filter_map(|(name, outcome)| match outcome {
            LayerOutcome::Holds => Some((name, "holds")),
            LayerOutcome::Fails => Some((name, "fails")),
            LayerOutcome::Absent => None,
        })
        .collect()
}

fn reads(verdict: &Verdict) -> Vec<Read> {
    let mut reads: Vec<Read> = verdict
        .reads
        .iter()
        .map(|read| Read { name: read.path.to_string(), from: read.provenance.map(|it| it.to_string()) })
        .collect();
    reads.sort_by(|a, b| a.name.cmp(&b.name));
    reads.dedup();
    reads
}

fn note(trace: &RuleTrace, sources: &Sources) -> RuleNote {
    let outcome = match (trace.truth, trace.expired) {
        (Truth::True, false) => "applies",
        (Truth::True | Truth::False, _) => "does not apply",
        (Truth::Unknown, _) => "unknown",
    };
    let place = sources
        .file(trace.span.file)
        .map_or_else(String::new, |file| format!("{}:{}", file.name, file.place(trace.span.start).line));
    let expired = trace.expired.then(|| "its package is past its date".to_owned());
    RuleNote {
        rule: trace.id.to_string(),
        effect: format!("{:?}", trace.effect).to_lowercase(),
        outcome,
        place,
        failing: expired.or_else(|| trace.failing.as_ref().map(|failing| words(failing, sources))),
    }
}

/// A failing part in the author's own words.
fn words(failing: &Failing, sources: &Sources) -> String {
    let clause = match failing.clause {
        Clause::For => "for",
        Clause::As => "as",
        Clause::On => "on",
        Clause::Via => "via",
        Clause::Within => "within",
        Clause::When => "when",
    };
    let text = match failing.clause {
        Clause::When => sources.text(failing.span).split_whitespace().collect::<Vec<_>>().join(" "),
        Clause::For | Clause::As | Clause::On | Clause::Via | Clause::Within => failing.text.clone(),
    };
    let truth = match (&failing.missing, failing.truth) {
        (Some(missing), _) => format!("unknown: `{missing}` is missing"),
        (None, Truth::Unknown) => "unknown".to_owned(),
        (None, _) => "false".to_owned(),
    };
    format!("{clause} {text}   is {truth}")
}

fn near(nearest: &Nearest, sources: &Sources) -> NearestNote {
    NearestNote {
        permit: nearest.permit.as_ref().map(ToString::to_string),
        needs: nearest.needs.iter().map(|failing| words(failing, sources)).collect(),
        blocked_by: nearest.blocked_by.iter().map(ToString::to_string).collect(),
    }
}
