//! Conditions that no request can change.

use std::cmp::Ordering;

use remit_model::{Ty, Value};

use crate::checked::{Comparison, Expr, ExprKind};
use crate::source::Span;

/// The place and value of a condition, or of one of its conjuncts, that is always the same.
pub(in crate::check) fn found(condition: &Expr) -> Option<(Span, bool)> {
    match &condition.kind {
        ExprKind::And(operands) => {
            operands.iter().find_map(|operand| truth(operand).map(|value| (operand.span, value)))
        }
        _ => truth(condition).map(|value| (condition.span, value)),
    }
}

/// The value, when it is the same for every request. What may be unknown has none.
pub(super) fn truth(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Literal(Value::Bool(value)) => Some(*value),
        ExprKind::Not(inner) => truth(inner).map(|value| !value),
        ExprKind::And(operands) => all(operands, true),
        ExprKind::Or(operands) => all(operands, false),
        ExprKind::If(condition, then, other) => match truth(condition)? {
            true => truth(then),
            false => truth(other),
        },
        ExprKind::Compare(comparison, left, right) => compared(*comparison, left, right),
        ExprKind::Present(base, present) => always_there(base).then_some(*present),
        ExprKind::Is(base, id) => match (&base.kind, &base.ty) {
            (ExprKind::Party(_), Ty::Entity(types)) if **types == [*id] => Some(true),
            _ => None,
        },
        ExprKind::Contains { set, .. } | ExprKind::HasAny(_, set) => {
            matches!(&set.kind, ExprKind::Set(elements) if elements.is_empty()).then_some(false)
        }
        _ => None,
    }
}

/// `and` when `neutral` is true, `or` when it is false.
fn all(operands: &[Expr], neutral: bool) -> Option<bool> {
    let values: Vec<Option<bool>> = operands.iter().map(truth).collect();
    if values.contains(&Some(!neutral)) {
        return Some(!neutral);
    }
    values.iter().all(|value| *value == Some(neutral)).then_some(neutral)
}

fn always_there(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Literal(_) | ExprKind::Limit(_) | ExprKind::Party(_) | ExprKind::Now | ExprKind::ActionName
    )
}

fn compared(comparison: Comparison, left: &Expr, right: &Expr) -> Option<bool> {
    let (ExprKind::Literal(left), ExprKind::Literal(right)) = (&left.kind, &right.kind) else { return None };
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Level(of, a), Value::Level(other, b)) if of == other => a.cmp(b),
        (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
        (Value::Entity(a), Value::Entity(b)) => a.cmp(b),
        _ => return None,
    };
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}
