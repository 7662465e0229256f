//! Rules: one clause a line, keywords aligned.

use super::{WIDTH, expr, keyword, trailing, trivia, word};
use crate::ast::{Clause, ClauseKind, Duty, Expr, Rule, Selector, SelectorKind};
use crate::checked::Effect;

pub(super) fn rule(rule: &Rule, out: &mut String) {
    out.push_str(match rule.effect.node {
        Effect::Permit => "permit ",
        Effect::Forbid => "forbid ",
        Effect::Require => "require ",
    });
    out.push_str(&rule.name.node);
    clauses(&rule.clauses, out);
}

/// Each on a line of its own.
pub(super) fn clauses(all: &[Clause], out: &mut String) {
    let width = all.iter().map(|clause| keyword(&clause.kind).len()).max().unwrap_or(0);
    for clause in all {
        out.push('\n');
        trivia(&clause.trivia, "  ", out);
        out.push_str(&format!("  {:width$} ", keyword(&clause.kind)));
        body(&clause.kind, width + 3, out);
        trailing(clause.trailing.as_deref(), out);
    }
}

/// A clause on one line, however long.
pub(super) fn line(kind: &ClauseKind) -> String {
    let mut out = format!("{} ", keyword(kind));
    match kind {
        ClauseKind::When(one) | ClauseKind::Unless(one) | ClauseKind::That(one) => {
            out.push_str(&expr::text(one))
        }
        kind => body(kind, 0, &mut out),
    }
    out
}

/// What follows the keyword; it begins in the given column.
fn body(kind: &ClauseKind, column: usize, out: &mut String) {
    match kind {
        ClauseKind::For(all) | ClauseKind::As(all) | ClauseKind::On(all) | ClauseKind::Via(all) => {
            out.push_str(&selectors(all));
        }
        ClauseKind::Within(names) => out.push_str(&word::names(names, str::to_owned)),
        ClauseKind::OnRequest(name) => out.push_str(&word::free_name(&name.node)),
        ClauseKind::To(names) if names.is_empty() => out.push_str("any"),
        ClauseKind::To(names) => out.push_str(&word::names(names, word::free_name)),
        ClauseKind::When(one) | ClauseKind::Unless(one) | ClauseKind::That(one) => {
            condition(one, column, out)
        }
        ClauseKind::Because(text) => out.push_str(&expr::template(text)),
        ClauseKind::Oblige(all) | ClauseKind::Advise(all) => duties(all, column, out),
        ClauseKind::Severity(name) => out.push_str(&name.node),
    }
}

/// A long row of `and` or `or` stands one operand a line, operands under one another.
pub(super) fn condition(one: &Expr, column: usize, out: &mut String) {
    let text = expr::text(one);
    match expr::row(one) {
        Some((word, operands)) if column + text.chars().count() > WIDTH => {
            let indent = column.saturating_sub(word.len() + 1);
            out.push_str(&operands.join(&format!("\n{}{word} ", " ".repeat(indent))));
        }
        _ => out.push_str(&text),
    }
}

fn duties(all: &[Duty], column: usize, out: &mut String) {
    let texts: Vec<String> = all.iter().map(duty).collect();
    let line = texts.join(", ");
    if column + line.chars().count() <= WIDTH {
        out.push_str(&line);
    } else {
        out.push_str(&texts.join(&format!(",\n{}", " ".repeat(column))));
    }
}

fn duty(duty: &Duty) -> String {
    let kind = word::duty_kind(&duty.kind.node);
    if duty.properties.is_empty() { kind } else { format!("{kind} {}", expr::properties(&duty.properties)) }
}

/// Selectors joined with `, `.
pub(super) fn selectors(all: &[Selector]) -> String {
    word::list(all.iter().map(selector))
}

pub(crate) fn selector(selector: &Selector) -> String {
    match &selector.kind {
        SelectorKind::Any => "any".to_owned(),
        SelectorKind::Type(name) => word::free_name(&name.node),
        SelectorKind::Entity(entity) => word::entity(entity),
        SelectorKind::MemberOf(name, group) => {
            format!("{} in {}", word::free_name(&name.node), word::entity(group))
        }
    }
}
