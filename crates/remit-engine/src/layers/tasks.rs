//! Which open task holds the step: bounds, conditions, order, counts, budgets, origins. Every intent that bounds the
//! step must hold it under one and the same task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_model::transaction::{Attempt, Misfit, covers, fits, fits_history};
use remit_model::{Duration, EntityRef, Intent, Name, Reason, Scope, Status, Task, Transaction, Value};
use smallvec::SmallVec;

use super::purpose::Frames;
use super::world::Graph;
use crate::agency::entity;
use crate::eval::Eval;
use crate::limits::MAX_CHOICES;
use crate::lower::Who;
use crate::purpose::{Plan, Template};
use crate::truth::Truth;

/// One intent that bounds the step.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub intent: &'a Intent,
    /// The history that its order, counts and budgets are held against.
    pub transaction: Option<&'a Transaction>,
    /// What its tasks ask beyond their bounds, when it is a declared one.
    pub template: Option<&'a Template>,
}

/// The step, as values of its own.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub action: Name,
    pub resource: EntityRef,
    pub arguments: BTreeMap<String, Value>,
}

impl Attempted {
    /// Nothing when the action is not declared or the resource has no valid type name.
    pub(super) fn of(eval: &Eval<'_>) -> Option<Self> {
        let action = eval.program.schema().action(eval.query.action.id?)?.name.clone();
        let properties = eval.query.action_properties.iter();
        let arguments = properties.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Some(Self { action, resource: entity(&eval.query.resource)?, arguments })
    }

    fn attempt(&self) -> Attempt<'_> {
        Attempt { action: &self.action, resource: &self.resource, arguments: &self.arguments }
    }
}

/// The task that the step belongs to: the first by name that fits.
///
/// # Errors
/// The misfit of the task that came closest; on a tie the first by name.
pub(super) fn place<'a>(
    eval: &Eval<'a>,
    transaction: Option<&'a Transaction>,
    frames: &Frames<'a>,
    attempted: &Attempted,
) -> Result<Name, Misfit> {
    let nothing = || misfit(Reason::IntentNotCovering, "tasks".to_owned(), "hold no such step");
    let Some(first) = frames.first() else { return Err(nothing()) };
    let mut tasks: SmallVec<[&Task; 16]> = first.intent.tasks.iter().collect();
    tasks.sort_by(|a, b| a.name.cmp(&b.name));
    tasks.dedup_by(|a, b| a.name == b.name);
    let mut closest: Option<Misfit> = None;
    for task in tasks {
        // WHY: most tasks are about something else, and a misfit that is not nearer than another is not worth its text.
        let elsewhere = closest.is_some() && is_elsewhere(&task.resource, &attempted.resource);
        if elsewhere || !task.actions.contains(&attempted.action) {
            continue;
        }
        let name = &task.name;
        match fits_task(eval, transaction, frames, name, attempted) {
            Ok(()) => return Ok(name.clone()),
            Err(misfit) => {
                let nearer = nearness(&misfit) > closest.as_ref().map_or(0, nearness);
                closest = if nearer { Some(misfit) } else { closest };
            }
        }
    }
    Err(closest.unwrap_or_else(nothing))
}

/// Whether the scope certainly does not hold the resource, as far as that can be told without the graph.
fn is_elsewhere(scope: &Scope, resource: &EntityRef) -> bool {
    match scope {
        Scope::Any(kind) => *kind != resource.kind,
        Scope::AnyOf(kinds) => !kinds.contains(&resource.kind),
        Scope::OneOf(all) => !all.contains(resource),
        Scope::Under(..) => false,
    }
}

/// Every task with the first thing that does not fit.
pub(super) fn trace<'a>(
    eval: &Eval<'a>,
    transaction: Option<&'a Transaction>,
    frames: &Frames<'a>,
    attempted: &Attempted,
) -> Vec<(Name, Option<Misfit>)> {
    let tasks = frames.first().into_iter().flat_map(|first| &first.intent.tasks);
    let judged =
        |task: &Task| (task.name.clone(), fits_task(eval, transaction, frames, &task.name, attempted).err());
    let mut traced: Vec<_> = tasks.map(judged).collect();
    traced.sort_by(|a, b| a.0.cmp(&b.0));
    traced
}

/// Does the step fit the task of that name in every intent. First what each task covers, then its history, then the
/// conditions that may read that history, then where arguments come from.
///
/// # Errors
/// The first misfit.
fn fits_task<'a>(
    eval: &Eval<'a>,
    transaction: Option<&'a Transaction>,
    frames: &Frames<'a>,
    name: &Name,
    attempted: &Attempted,
) -> Result<(), Misfit> {
    let attempt = attempted.attempt();
    let world = Graph(eval);
    for frame in frames {
        let Some(task) = frame.intent.task(name.as_str()) else {
            return Err(misfit(
                Reason::IntentNotCovering,
                format!("tasks.{name}"),
                "is no task of the intent",
            ));
        };
        covers(task, &attempt, &world)?;
    }
    let plans = || frames.iter().filter_map(|frame| frame.template?.plan(name.as_str()));
    for plan in plans() {
        eval.begin();
        if eval.selects(plan.resources, Who::Resource) != Truth::True {
            let field = format!("tasks.{name}.resource");
            return Err(misfit(Reason::IntentNotCovering, field, "does not hold the resource"));
        }
    }
    let tasks = || frames.iter().filter_map(|frame| Some((frame, frame.intent.task(name.as_str())?)));
    for (frame, task) in tasks() {
        history(frame.transaction, task, &attempt)?;
    }
    for plan in plans() {
        conditions(eval, transaction, plan)?;
    }
    for (frame, task) in tasks() {
        if task.arguments.values().any(|argument| argument.origins.is_some()) {
            origins(eval, frame, task, &attempt)?;
        }
    }
    Ok(())
}

/// Order, counts and budgets. Where nothing remembers steps, nothing is done, and nothing can be counted.
fn history(transaction: Option<&Transaction>, task: &Task, attempt: &Attempt<'_>) -> Result<(), Misfit> {
    if let Some(transaction) = transaction {
        return fits_history(transaction, task, attempt);
    }
    if let Some(first) = task.after.first() {
        let field = format!("tasks.{}.after.{first}", task.name);
        return Err(misfit(Reason::TaskOutOfOrder, field, "is not done"));
    }
    if task.at_most.is_some() || !task.budgets.is_empty() {
        let detail = "is not known, so that nothing can be counted";
        return Err(misfit(Reason::TransactionUnknown, "transaction".to_owned(), detail));
    }
    Ok(())
}

/// Where arguments come from. Without a transaction only what the intent itself names can be a source.
fn origins(eval: &Eval<'_>, frame: &Frame<'_>, task: &Task, attempt: &Attempt<'_>) -> Result<(), Misfit> {
    let now = eval.query.now;
    if let Some(transaction) = frame.transaction {
        return fits(transaction, task, attempt, now, &Graph(eval));
    }
    let fresh = Transaction {
        id: String::new(),
        parent: None,
        intent: Arc::new(frame.intent.clone()),
        hash: frame.intent.hash(),
        named: Arc::new(frame.intent.named()),
        status: Status::Open,
        opened: now,
        expires: Duration::parse("1s").and_then(|second| now.checked_add(second)).unwrap_or(now),
        subject: frame.intent.subject.clone(),
        chain: None,
        inherited: Vec::new(),
        steps: Vec::new(),
        labels: BTreeSet::new(),
        created: Arc::default(),
        outcomes: Vec::new(),
        version: 0,
    };
    fits(&fresh, task, attempt, now, &Graph(eval))
}

/// The condition of a declared task holds for one choice of a step of each task it reads.
fn conditions<'a>(
    eval: &Eval<'a>,
    transaction: Option<&'a Transaction>,
    plan: &'a Plan,
) -> Result<(), Misfit> {
    eval.begin();
    for conjunct in plan.conjuncts.iter().filter(|conjunct| !conjunct.reads_step) {
        if eval.truth(conjunct.ix) != Truth::True {
            return Err(unmet(plan, conjunct.reads_argument));
        }
    }
    let reading: Vec<_> = plan.conjuncts.iter().filter(|conjunct| conjunct.reads_step).collect();
    if reading.is_empty() {
        return Ok(());
    }
    let mut tries = MAX_CHOICES;
    let mut furthest = 0;
    let mut holds = || {
        let met = reading.iter().take_while(|conjunct| eval.truth(conjunct.ix) == Truth::True).count();
        furthest = furthest.max(met);
        met == reading.len()
    };
    if choose(eval, transaction, &plan.reads, &mut tries, &mut holds) {
        return Ok(());
    }
    Err(unmet(plan, reading.get(furthest).is_none_or(|conjunct| conjunct.reads_argument)))
}

/// Tries every choice of a done step of each of the tasks until one holds.
fn choose<'a>(
    eval: &Eval<'a>,
    transaction: Option<&'a Transaction>,
    tasks: &'a [Name],
    tries: &mut u32,
    holds: &mut dyn FnMut() -> bool,
) -> bool {
    let Some((task, rest)) = tasks.split_first() else {
        *tries = tries.saturating_sub(1);
        return holds();
    };
    let Some(transaction) = transaction else { return false };
    for step in transaction.done_steps(task.as_str()) {
        if *tries == 0 {
            return false;
        }
        if eval.choosing(task.as_str(), step, || choose(eval, Some(transaction), rest, tries, holds)) {
            return true;
        }
    }
    false
}

fn unmet(plan: &Plan, of_argument: bool) -> Misfit {
    let reason = if of_argument { Reason::ArgumentNotAllowed } else { Reason::IntentNotCovering };
    misfit(reason, format!("tasks.{}.when", plan.name), "does not hold")
}

fn misfit(reason: Reason, field: String, detail: &str) -> Misfit {
    Misfit { reason, field, detail: detail.to_owned() }
}

/// How far a step came before it failed.
pub(super) fn nearness(misfit: &Misfit) -> u8 {
    match misfit.reason {
        Reason::IntentNotCovering if misfit.field.ends_with(".resource") => 1,
        Reason::IntentNotCovering if misfit.field.ends_with(".when") => 2,
        Reason::IntentNotCovering => 0,
        Reason::ArgumentNotAllowed => 3,
        Reason::ArgumentOriginUnknown => 4,
        _ => 5,
    }
}
