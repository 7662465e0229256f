//! The world of one expectation: its chain, its open transaction and the steps before it, in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_engine::{Agency, Bound, History, Party, Query, Tool, Verdict};
use remit_lang::checked::{Asked, Expect, StepTaken};
use remit_model::transaction::{FieldKind, Integrity, Reported, Seen};
use remit_model::{DelegationChain, EntityRef, Name, Outcome, Roles, Timestamp, Transaction, Value};
use remit_state::{Ask, Opening, State};

/// The id of the one transaction of an expectation.
const TXN: &str = "expected";
/// How long it lasts when its intent does not say: an expectation has one instant.
const DAY: i128 = 24 * 3_600 * 1_000_000_000;

/// One question of an expectation.
struct Question<'e> {
    action: &'e Name,
    properties: &'e [(Name, Value)],
    resource: &'e Asked,
}

/// The verdict of an expectation, or why its steps could not be taken.
pub(super) fn verdict(expect: &Expect, bound: &Bound, now: Timestamp) -> Result<Verdict, String> {
    let state = State::new(remit_state::Limits::default());
    if let Some(intent) = &expect.within {
        open(expect, bound, now, &state, &intent.to_string())?;
    }
    for (index, step) in expect.after.iter().enumerate() {
        take(expect, step, &format!("step-{index}"), (bound, now), &state)?;
    }
    let asked =
        Question { action: &expect.action, properties: &expect.action_properties, resource: &expect.resource };
    Ok(decide(expect, &asked, &state.lineage(TXN), (bound, now)))
}

fn open(expect: &Expect, bound: &Bound, now: Timestamp, state: &State, name: &str) -> Result<(), String> {
    let subject = &expect.subject.entity;
    let intent = bound.program().open(name, subject, now).ok_or_else(|| format!("no intent `{name}`"))?;
    let latest = now.checked_add(remit_model::Duration::from_nanos(DAY));
    let expires = intent.not_after.or(latest).ok_or("the instant lies at the end of the calendar")?;
    let opening = Opening { id: TXN.to_owned(), intent, expires, chain: expect.chain() };
    let held = state.open(opening, now).map_err(|refused| format!("the intent cannot be opened: {refused}"))?;
    held.commit().map(drop).ok_or_else(|| "the transaction is gone".to_owned())
}

/// A step before the question: it must be allowed, or the expectation says something that cannot have happened.
fn take(
    expect: &Expect,
    step: &StepTaken,
    id: &str,
    (bound, now): (&Bound, Timestamp),
    state: &State,
) -> Result<(), String> {
    let asked =
        Question { action: &step.action, properties: &step.action_properties, resource: &step.resource };
    let lineage = state.lineage(TXN);
    let verdict = decide(expect, &asked, &lineage, (bound, now));
    let before = |why: &str| format!("the step before, `{} {}`, {why}", step.action, step.resource.entity);
    let reason = verdict.reason;
    let (Some(changes), Some(own)) = (verdict.changes.filter(|_| verdict.decision), lineage.first()) else {
        return Err(before(&format!("is denied itself: `{reason}`")));
    };
    let task = changes.task.clone();
    let ask = Ask {
        task: changes.task,
        action: changes.action,
        resource: changes.resource,
        arguments: changes.arguments,
        chain: changes.chain,
        decision_id: id.to_owned(),
        at: now,
        labels: changes.labels,
    };
    let held = state.reserve(TXN, own.version, ask).map_err(|refused| before(&refused.to_string()))?;
    let _now = held.commit();
    if step.returning.is_empty() {
        return Ok(());
    }
    let outcome = Outcome { decision_id: id.to_owned(), task, fields: returned(&step.returning) };
    let held = state.report(TXN, outcome).map_err(|refused| before(&refused.to_string()))?;
    let _now = held.commit();
    Ok(())
}

fn returned(fields: &[(Name, Value)]) -> Vec<Reported> {
    let one = |(name, value): &(Name, Value)| Reported {
        path: name.to_string(),
        value: Seen::Canonical(remit_model::origin::canonical(value)),
        integrity: Integrity::Trusted,
        kind: FieldKind::Structured,
        created: false,
    };
    let distinct: BTreeSet<Reported> = fields.iter().map(one).collect();
    distinct.into_iter().collect()
}

fn decide(
    expect: &Expect,
    asked: &Question<'_>,
    lineage: &[Arc<Transaction>],
    (bound, now): (&Bound, Timestamp),
) -> Verdict {
    let agents: Vec<EntityRef> = expect.chain().iter().flat_map(DelegationChain::iter).cloned().collect();
    let chain: Vec<Party<'_>> =
        agents.iter().map(|agent| Party::resolve(bound, agent.kind.as_str(), &agent.id)).collect();
    let (properties, context) = (borrowed(asked.properties), borrowed(&expect.context));
    let claims = borrowed(&expect.claims);
    let (subject, resource) = (borrowed(&expect.subject.properties), borrowed(&asked.resource.properties));
    let text = |name: &str| match context.iter().find(|(member, _)| *member == name) {
        Some((_, Value::String(text))) => Some(text.to_string()),
        _ => None,
    };
    let (tool, fingerprint) = (text("tool"), text("tool_hash"));
    let schema = bound.program().schema();
    let tool_type = Roles::of(schema).tool.and_then(|of| schema.entity_type(of));
    let tool = tool.as_deref().zip(tool_type.map(|of| of.name.as_str()));
    let agency = Agency {
        chain: &chain,
        tool: tool.map(|(id, kind)| Tool {
            party: Party::resolve(bound, kind, id),
            fingerprint: fingerprint.as_deref(),
        }),
        history: if expect.within.is_some() { History::Known(lineage) } else { History::None },
        claims: (!claims.is_empty()).then_some(&claims),
        ..Agency::default()
    };
    let from = &expect.subject.entity;
    let to = &asked.resource.entity;
    let query = Query {
        subject: Party::resolve(bound, from.kind.as_str(), &from.id).asserting(&subject),
        resource: Party::resolve(bound, to.kind.as_str(), &to.id).asserting(&resource),
        action_properties: &properties,
        context: &context,
        pep: "remit test",
        ..Query::new(bound, (from.kind.as_str(), &from.id), asked.action.as_str(), (to.kind.as_str(), &to.id), now)
    };
    remit_engine::evaluate(bound, &query.through(&agency))
}

fn borrowed(members: &[(Name, Value)]) -> Vec<(&str, Value)> {
    members.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}
