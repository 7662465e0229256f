//! Verdicts to answers: minimal unless the PEP asked for more and may see it.

use remit_authzen::EvaluationResponse;
use remit_engine::{DutyValue, Failure, LayerOutcome, Layers, Outcome, Requestable, RuleHit, Verdict};
use remit_ledger::{Ledger, Receipt};
use remit_model::{Timestamp, Value};
use serde_json::{Map, Value as Json, json};

use crate::call::Detail;
use crate::live::Live;
use crate::record;

/// What an answer tells beside the verdict.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The id in the ledger and in the response header.
    pub evaluation_id: &'a str,
    /// `now` of the decision.
    pub now: Timestamp,
    /// What the PEP asked for, capped by what it may see.
    pub detail: Detail,
    /// What the decision saw.
    pub live: &'a Live,
}

/// The wire form of a verdict.
pub fn render(verdict: &Verdict, requestable: &[Requestable], setting: &Setting<'_>) -> EvaluationResponse {
    let mut context = Map::new();
    if !verdict.obligations.is_empty() {
        context.insert("obligations".into(), duties(&verdict.obligations));
    }
    if !verdict.advice.is_empty() {
        context.insert("advice".into(), duties(&verdict.advice));
    }
    if setting.detail >= Detail::Reason {
        context.insert("evaluation_id".into(), setting.evaluation_id.into());
        context.insert("evaluated_at".into(), setting.now.to_string().into());
        context.insert("reason".into(), verdict.reason.code().into());
        context.insert("reason_user".into(), user_text(verdict).into());
    }
    if setting.detail >= Detail::Full {
        context.insert("reason_admin".into(), admin(verdict, requestable));
        context.insert("policy_revision".into(), revision(&setting.live.policy_revision()));
        context.insert("graph_revision".into(), revision(&setting.live.graph_revision()));
    }
    EvaluationResponse::new(verdict.decision).with_context(context)
}

/// Adds where the record of the decision stands, with a signature that holds outside: a promise, which a proof under a
/// later head of the log redeems.
pub(crate) fn receipted(answer: &mut EvaluationResponse, log: &Ledger, receipt: &Receipt, now: Timestamp) {
    if let Some(jws) = log.receipt_jws(receipt, record::time(now)) {
        let place = json!({ "origin": log.origin(), "index": receipt.seq, "leaf_hash": receipt.leaf_hash });
        answer.insert("log", place);
        answer.insert("receipt", jws.into());
    }
}

/// SPEC: AuthZEN obligations profile, `{id, type, properties}`. The id is the place in the sorted list, so that equal
/// questions get equal answers.
pub(crate) fn duties(duties: &[DutyValue]) -> Json {
    let one = |(at, duty): (usize, &DutyValue)| {
        let properties: Map<String, Json> =
            duty.properties.iter().map(|(name, value)| (name.to_string(), wire(value))).collect();
        json!({ "id": format!("{}-{}", duty.kind, at + 1), "type": duty.kind.as_str(), "properties": properties })
    };
    duties.iter().enumerate().map(one).collect()
}

/// The texts of the rules that decided, else the general sentence of the reason.
fn user_text(verdict: &Verdict) -> String {
    let told: Vec<&str> = verdict.determining.iter().filter_map(|hit| hit.because.as_deref()).collect();
    if told.is_empty() { verdict.reason.user_text().to_owned() } else { told.join("; ") }
}

fn admin(verdict: &Verdict, requestable: &[Requestable]) -> Json {
    let missing: Vec<Json> = verdict.missing.iter().map(|fact| json!(fact.path)).collect();
    json!({
        "en": sentence(verdict),
        "layers": layers(&verdict.layers),
        "rules": verdict.determining.iter().map(rule).collect::<Vec<_>>(),
        "missing": missing,
        "failures": verdict.failures.iter().map(failure).collect::<Vec<_>>(),
        "task": verdict.task.as_ref().map(remit_model::Name::as_str),
        "requestable": requestable.iter().map(request).collect::<Vec<_>>(),
    })
}

/// A rule by which the denial may be turned into an access request.
fn request(it: &Requestable) -> Json {
    json!({ "rule": &*it.rule, "template": it.template.as_str() })
}

/// Why agents, purpose or history deny; names agents, tools and tasks, never a value of the request.
fn failure(failure: &Failure) -> Json {
    json!({ "reason": failure.reason.code(), "field": failure.field, "detail": failure.detail })
}

/// The whole as one sentence, by language: clients show the text under a language code, or the first they find.
fn sentence(verdict: &Verdict) -> String {
    let rules: Vec<&str> = verdict.determining.iter().map(|hit| &*hit.id).collect();
    let meaning = verdict.reason.meaning();
    if rules.is_empty() { meaning.to_owned() } else { format!("{meaning}: {}", rules.join(", ")) }
}

/// Every layer that has something to say, by name.
pub(crate) fn layers(layers: &Layers) -> Json {
    let all = [
        ("subject_may", layers.subject_may),
        ("actor_may", layers.actor_may),
        ("intent_covers", layers.intent_covers),
        ("history_fits", layers.history_fits),
        ("nothing_forbids", layers.nothing_forbids),
    ];
    let outcome = |outcome| match outcome {
        LayerOutcome::Holds => Some("holds"),
        LayerOutcome::Fails => Some("fails"),
        LayerOutcome::Absent => None,
    };
    let told = all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), Json::from(outcome(it)?))));
    Json::Object(told.collect())
}

pub(crate) fn rule(hit: &RuleHit) -> Json {
    let mut rule = json!({
        "rule": &*hit.id,
        "effect": format!("{:?}", hit.effect).to_lowercase(),
        "outcome": match hit.outcome { Outcome::True => "true", Outcome::Unknown => "unknown" },
    });
    if let Some(members) = rule.as_object_mut() {
        let told = [("version", hit.version.as_deref()), ("approved_by", hit.approved_by.as_deref())];
        members.extend(told.into_iter().filter_map(|(name, it)| Some((name.to_owned(), Json::from(it?)))));
        members.extend(hit.because.clone().map(|because| ("because".to_owned(), Json::from(because))));
    }
    rule
}

fn revision(revision: &remit_ledger::Revision) -> Json {
    json!({ "revision": revision.revision, "digest": revision.digest })
}

/// A value of the language as JSON; numbers that a double does not hold exactly, and everything typed, are text.
pub(crate) fn wire(value: &Value) -> Json {
    match value {
        Value::Bool(it) => Json::Bool(*it),
        Value::Number(it) => match it.to_i64() {
            Some(whole) if whole.unsigned_abs() < 1 << 53 => Json::from(whole),
            _ => Json::from(it.to_string()),
        },
        Value::Set(items) => items.iter().map(wire).collect(),
        Value::Record(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.to_string(), wire(value))).collect())
        }
        other => Json::from(text(other)),
    }
}

/// The exact text of a plain value.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(it) => it.to_string(),
        Value::Time(it) => it.to_string(),
        Value::Duration(it) => it.to_string(),
        Value::Ip(it) => it.to_string(),
        Value::Level(_, rank) => format!("level {rank}"),
        Value::Entity(it) => format!("{}:{}", it.kind, it.id),
        Value::Set(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Record(_) => wire(value).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use remit_engine::{Effect, RuleIndex, Severity};
    use remit_model::Reason;

    use super::*;

    fn denied(reason: Reason, rules: &[&str]) -> Verdict {
        let hit = |id: &&str| RuleHit {
            rule: RuleIndex(0),
            id: (*id).into(),
            effect: Effect::Forbid,
            version: None,
            approved_by: None,
            outcome: Outcome::True,
            because: None,
            severity: Severity::Low,
        };
        Verdict {
            decision: false,
            reason,
            layers: Layers::default(),
            determining: rules.iter().map(hit).collect(),
            obligations: Vec::new(),
            advice: Vec::new(),
            missing: Vec::new(),
            reads: Vec::new(),
            failures: Vec::new(),
            task: None,
            changes: None,
        }
    }

    #[test]
    fn the_explanation_for_administrators_has_a_sentence_that_names_the_rules() {
        let forbidden = admin(&denied(Reason::Forbidden, &["clinic.first", "clinic.second"]), &[]);
        assert_eq!(forbidden["en"], "a forbid rule applied: clinic.first, clinic.second");
        let nothing = admin(&denied(Reason::NoPermitApplies, &[]), &[]);
        assert_eq!(nothing["en"], Reason::NoPermitApplies.meaning());
    }
}
