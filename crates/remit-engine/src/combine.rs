//! Many rules to one decision: forbid overrides, permits unite, default deny. Nothing depends on order.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use remit_model::Reason;
use smallvec::SmallVec;

use crate::bind::Bound;
use crate::eval::Eval;
use crate::index;
use crate::layers;
use crate::lower::Effect;
use crate::program::{Card, Duty, Ix, RuleIndex};
use crate::query::Query;
use crate::render;
use crate::truth::Truth;
use crate::verdict::{DutyValue, LayerOutcome, Layers, MissingFact, Outcome, RuleHit, Verdict};

/// How the candidate rules came out.
#[derive(Debug, Default)]
struct Tally {
    /// Forbids and requires that are true or unknown.
    denying: SmallVec<[(u32, Truth); 4]>,
    permitting: SmallVec<[u32; 8]>,
    permit_unknown: bool,
    /// A permit holds but for the intent it speaks of, and the question states none.
    lacks_intent: bool,
    /// Rules that came out unknown, each with the node that found nothing.
    missing: SmallVec<[(u32, Option<Ix>); 4]>,
}

/// Decides a query, with every rule that decided, the obligations and what was missing.
pub fn evaluate(bound: &Bound, query: &Query<'_>) -> Verdict {
    let eval = Eval::new(bound, query);
    let candidates = index::candidates(&eval);
    verdict(&eval, &candidates)
}

/// As [`evaluate`], and records what was read and from where.
pub fn evaluate_explained(bound: &Bound, query: &Query<'_>) -> Verdict {
    let eval = Eval::new(bound, query).recording();
    let candidates = index::candidates(&eval);
    let mut verdict = verdict(&eval, &candidates);
    verdict.reads = eval.take_reads();
    verdict
}

/// The decision alone: equal to [`evaluate`]'s, and stops as soon as it cannot change.
#[must_use]
pub fn decides(bound: &Bound, query: &Query<'_>) -> bool {
    if query.unsupported.is_some() || query.action.id.is_none() {
        return false;
    }
    let eval = Eval::new(bound, query);
    let permitted = permitted(&eval);
    permitted && (query.agency.is_none() || layers::judge(&eval).failures.is_empty())
}

/// Whether some permit applies and nothing forbids.
fn permitted(eval: &Eval<'_>) -> bool {
    let mut permitted = false;
    for ix in index::candidates(eval) {
        let rule = eval.program.rule(ix);
        match rule.effect {
            Effect::Permit => permitted = permitted || eval.rule(rule) == Truth::True,
            Effect::Forbid | Effect::Require => {
                if eval.rule(rule) != Truth::False {
                    return false;
                }
            }
        }
    }
    permitted
}

/// Decides over the given rules, which must include every rule that can apply.
pub(crate) fn verdict(eval: &Eval<'_>, candidates: &[u32]) -> Verdict {
    if eval.query.action.id.is_none() {
        let reason =
            if eval.query.unsupported.is_some() { Reason::NotSupportedYet } else { Reason::UnknownAction };
        return refused(reason, layers(&Tally::default()));
    }
    let tally = count(eval, candidates);
    if eval.query.unsupported.is_some() {
        return refused(Reason::NotSupportedYet, layers(&tally));
    }
    let mut judged = layers::judge(eval);
    let reason = first(told(eval, candidates, &tally), judged.reason());
    let decision = reason == Reason::Permitted;
    let deciding = || {
        let permits = if decision { tally.permitting.as_slice() } else { &[] };
        tally.denying.iter().copied().chain(permits.iter().map(|rule| (*rule, Truth::True)))
    };
    let missing = if decision { Vec::new() } else { missing(eval, &tally) };
    let mut determining =
        Vec::with_capacity(tally.denying.len() + if decision { tally.permitting.len() } else { 0 });
    determining.extend(deciding().map(|(rule, truth)| hit(eval, rule, truth)));
    let changes = if decision { judged.changes(eval) } else { None };
    let mut layers = layers(&tally);
    judged.fill(&mut layers);
    Verdict {
        decision,
        reason,
        layers,
        determining,
        obligations: united(eval, deciding(), |card| &card.obligations),
        advice: united(eval, deciding(), |card| &card.advice),
        missing,
        reads: Vec::new(),
        failures: judged.failures,
        task: judged.task,
        changes,
    }
}

/// What the rules say, unless a layer has something graver, or the rules have nothing against.
fn first(rules: Reason, layers: Option<Reason>) -> Reason {
    match layers {
        Some(failed) if rules == Reason::Permitted || layers::rank(failed) < layers::RULES => failed,
        _ => rules,
    }
}

fn count(eval: &Eval<'_>, candidates: &[u32]) -> Tally {
    let mut tally = Tally::default();
    for ix in candidates {
        let rule = eval.program.rule(*ix);
        let truth = eval.rule(rule);
        match (rule.effect, truth) {
            (Effect::Permit, Truth::False) => {
                tally.lacks_intent |= eval.lacks_intent(rule);
                continue;
            }
            (_, Truth::False) => continue,
            (Effect::Permit, Truth::True) => tally.permitting.push(*ix),
            (Effect::Permit, Truth::Unknown) => tally.permit_unknown = true,
            (Effect::Forbid | Effect::Require, _) => tally.denying.push((*ix, truth)),
        }
        if truth == Truth::Unknown {
            tally.missing.push((*ix, eval.missing()));
        }
    }
    tally
}

/// What the rules say. Where nothing but the assurance of somebody stands against it, that is the reason.
fn told(eval: &Eval<'_>, candidates: &[u32], tally: &Tally) -> Reason {
    let told = reason(eval, tally);
    let asks = |ix: &u32| {
        let beyond = eval.program.rule(*ix).beyond.and_then(|beyond| eval.program.beyond(beyond));
        beyond.is_some_and(|beyond| beyond.asks_assurance)
    };
    if told == Reason::Permitted || !candidates.iter().any(asks) || eval.assurance().is_none() {
        return told;
    }
    let assured = eval.assuming_assurance(|| reason(eval, &count(eval, candidates)));
    if assured == Reason::Permitted { Reason::AssuranceTooLow } else { told }
}

/// The first that holds: a certain forbid, one by what the transaction carries, a certain require, an uncertain
/// forbid, an uncertain require, a require that asks for an intent, a permit. Where no permit applies, one that only
/// lacks the intent it speaks of says so.
fn reason(eval: &Eval<'_>, tally: &Tally) -> Reason {
    let denied = tally.denying.iter().map(|(ix, truth)| {
        let rule = eval.program.rule(*ix);
        let beyond = rule.beyond.and_then(|beyond| eval.program.beyond(beyond));
        match (rule.effect, truth) {
            (Effect::Require, _) if beyond.is_some_and(|beyond| beyond.asks_intent) => {
                (5, Reason::IntentRequired)
            }
            (Effect::Require, Truth::True) => (2, Reason::RequirementFailed),
            (Effect::Require, _) => (4, Reason::RequirementUnknown),
            (_, Truth::True) if beyond.is_some_and(|beyond| beyond.asks_labels) => (1, Reason::LabelForbids),
            (_, Truth::True) => (0, Reason::Forbidden),
            (_, _) => (3, Reason::ForbidUnknown),
        }
    });
    match denied.min_by_key(|(rank, _)| *rank) {
        Some((_, reason)) => reason,
        None if !tally.permitting.is_empty() => Reason::Permitted,
        None if tally.lacks_intent => Reason::IntentRequired,
        None if tally.permit_unknown => Reason::PermitUnknown,
        None if !declared(eval) => Reason::UnknownAction,
        None => Reason::NoPermitApplies,
    }
}

/// Whether the action is declared for resources of this type: if not, nobody meant to permit it and the question is
/// more likely misspelled than refused.
fn declared(eval: &Eval<'_>) -> bool {
    let action = eval.query.action.id.and_then(|id| eval.program.schema.action(id));
    let resource = eval.query.resource.type_id;
    action.is_some_and(|action| resource.is_some_and(|of| action.resources.binary_search(&of).is_ok()))
}

fn layers(tally: &Tally) -> Layers {
    let outcome = |holds| if holds { LayerOutcome::Holds } else { LayerOutcome::Fails };
    Layers {
        subject_may: outcome(!tally.permitting.is_empty()),
        nothing_forbids: outcome(tally.denying.is_empty()),
        ..Layers::default()
    }
}

fn refused(reason: Reason, layers: Layers) -> Verdict {
    Verdict {
        decision: false,
        reason,
        layers,
        determining: Vec::new(),
        obligations: Vec::new(),
        advice: Vec::new(),
        missing: Vec::new(),
        reads: Vec::new(),
        failures: Vec::new(),
        task: None,
        changes: None,
    }
}

/// A rule that decided, with its text filled in.
pub(crate) fn hit(eval: &Eval<'_>, ix: u32, truth: Truth) -> RuleHit {
    let card = eval.program.card(ix);
    RuleHit {
        rule: RuleIndex(ix),
        id: Arc::clone(&card.text),
        effect: eval.program.rule(ix).effect,
        version: card.version.clone(),
        approved_by: card.approved_by.clone(),
        outcome: if truth == Truth::True { Outcome::True } else { Outcome::Unknown },
        because: card.because.as_ref().map(|parts| render::text(eval, parts)),
        severity: card.severity,
    }
}

/// The duties of all deciding rules, each once, in order of rule and writing.
fn united<'e>(
    eval: &Eval<'e>,
    deciding: impl Iterator<Item = (u32, Truth)>,
    of: impl Fn(&'e Card) -> &'e [Duty],
) -> Vec<DutyValue> {
    let mut united: Vec<DutyValue> = Vec::new();
    for (ix, _) in deciding {
        for duty in of(eval.program.card(ix)) {
            let value = render::duty(eval, duty);
            if !united.contains(&value) {
                united.push(value);
            }
        }
    }
    united
}

fn missing(eval: &Eval<'_>, tally: &Tally) -> Vec<MissingFact> {
    let named = tally.missing.iter().filter_map(|(rule, ix)| {
        Some(MissingFact { path: Arc::clone(eval.program.path((*ix)?)?), rule: RuleIndex(*rule) })
    });
    named.collect()
}
