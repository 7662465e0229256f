//! Does a step fit a task now: what the task covers, where its arguments come from, what has happened before. The
//! first thing that does not fit is named by field; values of the request are never repeated.

use std::sync::Arc;

use super::{Attempt, Misfit, Status, Transaction, World, total, traced};
use crate::intent::arguments;
use crate::{Argument, Containment, EntityRef, Name, Number, Reason, Scope, Task, Timestamp, Value};

/// May any step follow at this time.
///
/// # Errors
/// The transaction is revoked, closed or expired, or its intent does not count at this time.
pub fn usable(transaction: &Transaction, now: Timestamp) -> Result<(), Misfit> {
    let refuse = |reason, field, detail| Err(Misfit::new(reason, field, detail));
    match transaction.status {
        Status::Revoked => return refuse(Reason::TransactionRevoked, "status", "is revoked"),
        Status::Closed => return refuse(Reason::TransactionClosed, "status", "is closed"),
        Status::Open => {}
    }
    if transaction.expires <= now {
        return refuse(Reason::TransactionExpired, "expires", "has passed");
    }
    if transaction.intent.not_before.is_some_and(|first| now < first) {
        return refuse(Reason::IntentExpired, "not_before", "is still to come");
    }
    if transaction.intent.not_after.is_some_and(|last| last < now) {
        return refuse(Reason::IntentExpired, "not_after", "has passed");
    }
    Ok(())
}

/// Does the task contain the step, whatever has happened and wherever its arguments come from.
///
/// # Errors
/// The action, the resource or an argument is outside.
pub fn covers(task: &Task, attempt: &Attempt<'_>, world: &dyn Containment) -> Result<(), Misfit> {
    if !task.actions.contains(attempt.action) {
        return Err(outside(task, Reason::IntentNotCovering, "actions", "does not hold the action"));
    }
    if !within(&task.resource, attempt.resource, world) {
        return Err(outside(task, Reason::IntentNotCovering, "resource", "does not hold the resource"));
    }
    for (path, argument) in &task.arguments {
        admits(argument, attempt, path).map_err(|detail| {
            outside(task, Reason::ArgumentNotAllowed, &format!("arguments.{path}"), detail)
        })?;
    }
    if task.closed
        && let Some(extra) = arguments::unnamed(attempt.arguments, task.arguments.keys().map(String::as_str))
    {
        let field = format!("arguments.{extra}");
        return Err(outside(task, Reason::ArgumentNotAllowed, &field, "is not named by the task"));
    }
    Ok(())
}

/// Do order, count and budgets of this transaction allow one more step of the task. Pending steps count as done
/// when they spend, and as not done when others wait for them.
///
/// # Errors
/// A task that must come first is not done, or nothing is left.
pub fn fits_history(transaction: &Transaction, task: &Task, attempt: &Attempt<'_>) -> Result<(), Misfit> {
    if let Some(first) = task.after.iter().find(|first| !transaction.done(first.as_str())) {
        return Err(outside(task, Reason::TaskOutOfOrder, &format!("after.{first}"), "is not done"));
    }
    if let Some(at_most) = task.at_most
        && transaction.count(task.name.as_str()) >= usize::try_from(at_most).unwrap_or(usize::MAX)
    {
        return Err(outside(task, Reason::TaskRepeated, "at_most", "is reached"));
    }
    if transaction.steps.len() >= crate::limits::MAX_STEPS {
        return Err(outside(task, Reason::BudgetExceeded, "steps", "are as many as a transaction holds"));
    }
    for (path, limit) in &task.budgets {
        spend(transaction, task, attempt, path, *limit)?;
    }
    Ok(())
}

/// Does the step fit the task now.
///
/// # Errors
/// The first thing that does not fit: the transaction, what the task covers, the history, an origin.
pub fn fits(
    transaction: &Transaction,
    task: &Task,
    attempt: &Attempt<'_>,
    now: Timestamp,
    world: &dyn World,
) -> Result<(), Misfit> {
    usable(transaction, now)?;
    covers(task, attempt, world)?;
    fits_history(transaction, task, attempt)?;
    for (path, argument) in &task.arguments {
        let Some(origins) = &argument.origins else { continue };
        for value in arguments::at(attempt.arguments, path).values {
            if !traced::has_origin(transaction, origins, value, world) {
                let field = format!("arguments.{path}");
                let detail = "comes from no source that the task names";
                return Err(outside(task, Reason::ArgumentOriginUnknown, &field, detail));
            }
        }
    }
    Ok(())
}

/// Does the step fit the task of that name in a transaction and in everything it was narrowed from. The lineage runs
/// from the transaction to its root.
///
/// # Errors
/// The first misfit; an ancestor without such a task does not cover the step; an empty lineage is no transaction.
pub fn fits_lineage(
    lineage: &[Arc<Transaction>],
    task: &Name,
    attempt: &Attempt<'_>,
    now: Timestamp,
    world: &dyn World,
) -> Result<(), Misfit> {
    if lineage.is_empty() {
        return Err(Misfit::new(Reason::TransactionUnknown, "id", "names no transaction"));
    }
    for transaction in lineage {
        usable(transaction, now)?;
    }
    for transaction in lineage {
        let Some(own) = transaction.intent.task(task.as_str()) else {
            let field = format!("tasks.{task}");
            return Err(Misfit::new(Reason::IntentNotCovering, field, "is no task of the intent"));
        };
        fits(transaction, own, attempt, now, world)?;
    }
    Ok(())
}

/// The task that the step belongs to: the first by name that fits in the whole lineage.
///
/// # Errors
/// The misfit of the task that came closest: history before origins before arguments before coverage.
pub fn place(
    lineage: &[Arc<Transaction>],
    attempt: &Attempt<'_>,
    now: Timestamp,
    world: &dyn World,
) -> Result<Name, Misfit> {
    let Some(transaction) = lineage.first() else {
        return Err(Misfit::new(Reason::TransactionUnknown, "id", "names no transaction"));
    };
    // A task of another action never fits and never comes close.
    let tasks = transaction.intent.tasks.iter().filter(|task| task.actions.contains(attempt.action));
    let mut names: Vec<&Name> = tasks.map(|task| &task.name).collect();
    names.sort_unstable();
    names.dedup();
    let mut closest = Misfit::new(Reason::IntentNotCovering, "tasks", "hold no such step");
    for name in names {
        match fits_lineage(lineage, name, attempt, now, world) {
            Ok(()) => return Ok(name.clone()),
            Err(misfit) if nearness(misfit.reason) > nearness(closest.reason) => closest = misfit,
            Err(_) => {}
        }
    }
    Err(closest)
}

/// How far a step came before it failed.
fn nearness(reason: Reason) -> u8 {
    match reason {
        Reason::IntentNotCovering => 0,
        Reason::ArgumentNotAllowed => 1,
        Reason::ArgumentOriginUnknown => 2,
        Reason::TaskOutOfOrder | Reason::TaskRepeated | Reason::BudgetExceeded => 3,
        _ => 4,
    }
}

fn outside(task: &Task, reason: Reason, field: &str, detail: &str) -> Misfit {
    Misfit::new(reason, format!("tasks.{}.{field}", task.name), detail)
}

/// Is the entity one of the scope.
pub(crate) fn within(scope: &Scope, entity: &EntityRef, world: &dyn Containment) -> bool {
    match scope {
        Scope::Any(kind) => world.is_of(entity, kind),
        Scope::AnyOf(kinds) => kinds.iter().any(|kind| world.is_of(entity, kind)),
        Scope::OneOf(all) => all.contains(entity),
        Scope::Under(root, relation) => world.is_under(entity, root, relation),
    }
}

/// An absent value is unknown, and unknown is outside; an empty list is as absent as a missing member.
fn admits(argument: &Argument, attempt: &Attempt<'_>, path: &str) -> Result<(), &'static str> {
    let found = arguments::at(attempt.arguments, path);
    let empty = |value: &&Value| matches!(value, Value::Set(items) if items.is_empty());
    let absent = found.missing || found.values.iter().any(empty);
    if absent && !argument.allows_absence() {
        return Err("is missing");
    }
    let inside = found.values.iter().all(|value| argument.bound.admits(value));
    if inside { Ok(()) } else { Err("is outside its bound") }
}

fn spend(
    transaction: &Transaction,
    task: &Task,
    attempt: &Attempt<'_>,
    path: &str,
    limit: Number,
) -> Result<(), Misfit> {
    let field = format!("budgets.{path}");
    let refuse = |reason, detail| Err(outside(task, reason, &field, detail));
    let optional = task.arguments.get(path).is_some_and(|argument| argument.optional);
    if !optional && arguments::at(attempt.arguments, path).missing {
        return refuse(Reason::ArgumentNotAllowed, "is missing, so nothing can be counted");
    }
    let Some(asked) = total(attempt.arguments, path) else {
        return refuse(Reason::ArgumentNotAllowed, "is no number that can be counted");
    };
    let spent = transaction.sum(task.name.as_str(), path);
    match spent.and_then(|spent| spent.checked_add(asked)) {
        Some(sum) if sum <= limit => Ok(()),
        _ => refuse(Reason::BudgetExceeded, "has less left"),
    }
}
