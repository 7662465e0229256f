//! The places of intents, set to zero.

use super::super::{Amount, Argument, Intent, IntentPart, IntentPartKind, Origin, Task, TaskClauseKind};
use super::{entity, expr, selector, word, words};
use crate::source::{Span, Spanned};

pub(super) fn intent(intent: &mut Intent) {
    word(&mut intent.name);
    intent.goal.iter_mut().for_each(word);
    intent.parts.iter_mut().for_each(part);
}

fn part(part: &mut IntentPart) {
    part.span = Span::default();
    match &mut part.kind {
        IntentPartKind::For(all) => all.iter_mut().for_each(selector),
        IntentPartKind::Task(one) => task(one),
        IntentPartKind::Using(all) => all.iter_mut().for_each(entity),
        IntentPartKind::Hops(one) | IntentPartKind::Lasts(one) => amount(one),
    }
}

fn task(task: &mut Task) {
    word(&mut task.name);
    words(&mut task.actions);
    task.resources.iter_mut().flatten().for_each(selector);
    task.head = Span::default();
    for clause in &mut task.clauses {
        clause.span = Span::default();
        match &mut clause.kind {
            TaskClauseKind::After(names) => words(names),
            TaskClauseKind::Times(one) => amount(one),
            TaskClauseKind::Budget(one, of) => {
                amount(one);
                argument(of);
            }
            TaskClauseKind::When(one) | TaskClauseKind::Unless(one) => expr(one),
            TaskClauseKind::From(of, origins) => {
                argument(of);
                origins.iter_mut().for_each(origin);
            }
            TaskClauseKind::Closed => {}
        }
    }
}

fn amount(amount: &mut Amount) {
    amount.span = Span::default();
    expr(&mut amount.value);
}

fn argument(argument: &mut Argument) {
    argument.span = Span::default();
    words(&mut argument.path);
}

fn origin(origin: &mut Spanned<Origin>) {
    word(origin);
    match &mut origin.node {
        Origin::Literal | Origin::Created => {}
        Origin::OneOf(set) => expr(set),
        Origin::RecordOf(of, attribute) => {
            word(of);
            attribute.iter_mut().for_each(word);
        }
        Origin::Result(task, path) => {
            word(task);
            words(path);
        }
        Origin::Text(source) => word(source),
    }
}
