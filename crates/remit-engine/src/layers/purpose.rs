//! Layers `intent_covers` and `history_fits`: which intents bound the step, whether the transaction still counts and
//! continues with the same people, and then whether some open task holds the step.

use std::sync::Arc;

use remit_model::narrow::widenings;
use remit_model::transaction::{Misfit, follows, usable};
use remit_model::{Intent, Name, Reason, Transaction};
use smallvec::SmallVec;

use super::tasks::{self, Frame};
use super::world::Graph;
use super::{Findings, actor};
use crate::agency::{Agency, Goal, History, entity, same};
use crate::eval::Eval;
use crate::purpose::Template;
use crate::query::Party;
use crate::truth::Truth;
use crate::verdict::Layer;

/// Everything that must hold the step.
pub(super) type Frames<'a> = SmallVec<[Frame<'a>; 4]>;

/// Adds everything that is wrong.
pub(super) fn judge<'a>(eval: &Eval<'a>, findings: &mut Findings) {
    let Some(agency) = eval.query.agency else { return };
    match agency.history {
        History::None => {}
        History::Unknown | History::Known([]) => {
            findings.fail(Layer::HistoryFits, Reason::TransactionUnknown, "transaction", "is not known");
            return;
        }
        History::Known(lineage) => {
            findings.present(Layer::HistoryFits);
            if !continues(eval, agency, lineage, findings) {
                return;
            }
        }
    }
    if agency.intent().is_none() {
        return;
    }
    findings.present(Layer::IntentCovers);
    let Some(frames) = frames(eval, agency, findings) else { return };
    if let Some(attempted) = tasks::Attempted::of(eval) {
        match tasks::place(eval, agency.transaction(), &frames, &attempted) {
            Ok(task) => {
                skilled(eval, agency, &frames, task.as_str(), findings);
                findings.judged.task = Some(task);
            }
            Err(misfit) => fail(findings, misfit),
        }
        findings.judged.attempted = Some(Box::new(attempted));
    } else {
        findings.fail(Layer::IntentCovers, Reason::IntentNotCovering, "resource", "is no entity");
    }
}

/// Every task of the intent with the first thing that does not fit, for explanations.
pub(crate) fn trace(eval: &Eval<'_>) -> Vec<(Name, Option<Misfit>)> {
    let Some(agency) = eval.query.agency.filter(|agency| agency.intent().is_some()) else {
        return Vec::new();
    };
    let (frames, attempted) = (frames(eval, agency, &mut Findings::default()), tasks::Attempted::of(eval));
    match (frames, attempted) {
        (Some(frames), Some(attempted)) => tasks::trace(eval, agency.transaction(), &frames, &attempted),
        _ => Vec::new(),
    }
}

/// The transaction still counts, and the same people continue it. False when there is no sense in asking for tasks.
fn continues(
    eval: &Eval<'_>,
    agency: &Agency<'_>,
    lineage: &[Arc<Transaction>],
    findings: &mut Findings,
) -> bool {
    let usable = lineage.iter().try_for_each(|transaction| usable(transaction, eval.query.now));
    let mut sound = usable.is_ok();
    if let Err(misfit) = usable {
        fail(findings, misfit);
    }
    let (subject, chain) = (entity(&eval.query.subject), agency.delegation());
    if let Some(transaction) = lineage.first()
        && let Err(misfit) = follows(transaction, subject.as_ref(), agency.service, chain.as_ref())
    {
        sound &= misfit.reason == Reason::ChainTooDeep;
        fail(findings, misfit);
    }
    sound
}

/// The intents that must hold the step: the transaction's and its ancestors', the one that came with the request where
/// it says more, and the declared ones that they name. Nothing when one of them does not count.
fn frames<'a>(eval: &Eval<'a>, agency: &'a Agency<'a>, findings: &mut Findings) -> Option<Frames<'a>> {
    let lineage = agency.lineage();
    let mut frames = Frames::new();
    if let Some(goal) = agency.goal {
        if !goal_counts(eval, agency, goal, findings) {
            return None;
        }
        if !lineage.iter().any(|transaction| same(&transaction.intent, goal.intent)) {
            let current = lineage.first().map(|transaction| &transaction.intent);
            // WHY: the narrower of the two wins, and what the transaction narrows already needs no second look.
            let narrowed = current.is_some_and(|own| widenings(own, goal.intent, &Graph(eval)).is_empty());
            if !narrowed {
                if let Some(own) = current
                    && !inside(eval, goal.intent, own, findings)
                {
                    return None;
                }
                frames.push(Frame { intent: goal.intent, transaction: agency.transaction(), template: None });
            }
        }
    }
    for transaction in lineage {
        frames.push(Frame { intent: &transaction.intent, transaction: Some(transaction), template: None });
    }
    let mut named: SmallVec<[&'a Template; 2]> = SmallVec::new();
    for frame in &frames {
        let Some(name) = &frame.intent.template else { continue };
        let Some(template) = eval.program.template(name.as_str()) else {
            findings.fail(
                Layer::IntentCovers,
                Reason::IntentUnknown,
                "template",
                format!("`{name}` is not declared"),
            );
            return None;
        };
        if !named.iter().any(|other| other.name == template.name) {
            named.push(template);
        }
    }
    for template in named {
        if !declared(eval, agency, template, findings) {
            return None;
        }
        let root = lineage.last().map(|transaction| &**transaction);
        frames.push(Frame { intent: &template.bounds, transaction: root, template: Some(template) });
    }
    Some(frames)
}

/// The intent that came with the request is of this subject and this time, and its chain is not longer than it says.
fn goal_counts(eval: &Eval<'_>, agency: &Agency<'_>, goal: Goal<'_>, findings: &mut Findings) -> bool {
    let intent = goal.intent;
    let mut wrong = |reason, field: &str, detail: &str| {
        findings.fail(Layer::IntentCovers, reason, field, detail);
        false
    };
    if entity(&eval.query.subject).is_none_or(|subject| subject != intent.subject) {
        return wrong(Reason::IntentNotCovering, "subject", "is not the one whose intent it is");
    }
    if intent.not_before.is_some_and(|first| eval.query.now < first) {
        return wrong(Reason::IntentExpired, "not_before", "is still to come");
    }
    if intent.not_after.is_some_and(|last| last < eval.query.now) {
        return wrong(Reason::IntentExpired, "not_after", "has passed");
    }
    if too_deep(intent, agency.chain) {
        return wrong(Reason::ChainTooDeep, "hops_at_most", "is less than the hops of the chain");
    }
    true
}

fn too_deep(intent: &Intent, chain: &[Party<'_>]) -> bool {
    intent.hops_at_most.is_some_and(|most| chain.len() > usize::try_from(most).unwrap_or(usize::MAX))
}

/// The declared intent may be this subject's, allows this chain, and holds the intent that names it.
fn declared(eval: &Eval<'_>, agency: &Agency<'_>, template: &Template, findings: &mut Findings) -> bool {
    eval.begin();
    if eval.selects(template.subjects, crate::lower::Who::Subject) != Truth::True {
        let detail = format!("`{}` is not for this subject", template.name);
        findings.fail(Layer::IntentCovers, Reason::IntentNotCovering, "subject", detail);
        return false;
    }
    if too_deep(&template.bounds, agency.chain) {
        let detail = format!("of `{}` is less than the hops of the chain", template.name);
        findings.fail(Layer::IntentCovers, Reason::ChainTooDeep, "hops_at_most", detail);
        return false;
    }
    // WHY: a transaction was held against its template when it was opened, and each step is held against it below; an
    // intent that only comes with the request has been held against nothing yet.
    if agency.transaction().is_none()
        && let Some(goal) = agency.goal
    {
        let mut bounds = template.bounds.clone();
        bounds.subject = goal.intent.subject.clone();
        return inside(eval, goal.intent, &bounds, findings);
    }
    true
}

/// The first field in which `child` asks for more than `parent` is a failure.
fn inside(eval: &Eval<'_>, child: &Intent, parent: &Intent, findings: &mut Findings) -> bool {
    let Some(wider) = widenings(child, parent, &Graph(eval)).into_iter().next() else { return true };
    findings.fail(
        Layer::IntentCovers,
        Reason::IntentWidened,
        wider.field,
        "asks for more than it is derived from",
    );
    false
}

/// The tool is used over a skill that every intent admits; without a tool the agent must own one of the skills.
fn skilled(eval: &Eval<'_>, agency: &Agency<'_>, frames: &Frames<'_>, task: &str, findings: &mut Findings) {
    let Some(agent) = agency.chain.first() else { return };
    if frames.iter().all(|frame| frame.intent.skills.is_none()) {
        return;
    }
    let admitted = |skill| {
        let skill = eval.graph.entity(skill);
        frames.iter().all(|frame| frame.intent.skills.as_ref().is_none_or(|all| all.contains(&skill)))
    };
    let (mut any, mut needed) = (false, false);
    match eval.tool() {
        Some(tool) => eval.skills_for(agent.node, tool.node, &mut |skill| {
            any = true;
            needed |= admitted(skill);
        }),
        None => eval.skills(agent.node, &mut |skill| needed |= admitted(skill)),
    };
    if needed {
        return;
    }
    if any {
        let detail = format!("is used by no skill that task `{task}` needs");
        findings.fail(Layer::IntentCovers, Reason::SkillNotNeeded, "tool", detail);
    } else {
        let detail = format!("of {} fulfils task `{task}`", actor::shown(agent));
        findings.fail(Layer::IntentCovers, Reason::SkillMissing, "no skill", detail);
    }
}

/// Gives a misfit to the layer it is one of.
fn fail(findings: &mut Findings, misfit: Misfit) {
    let Misfit { reason, field, detail } = misfit;
    findings.fail(layer(reason), reason, field, detail);
}

fn layer(reason: Reason) -> Layer {
    match reason {
        Reason::IntentExpired
        | Reason::IntentNotCovering
        | Reason::IntentWidened
        | Reason::ChainTooDeep
        | Reason::ArgumentNotAllowed
        | Reason::ArgumentOriginUnknown => Layer::IntentCovers,
        _ => Layer::HistoryFits,
    }
}
