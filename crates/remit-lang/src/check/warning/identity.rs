//! One text per meaning: two expressions with the same text say the same, wherever they were written. Operands of
//! `and` and `or` are sorted, for their order says nothing.

use std::fmt::Write as _;

use crate::checked::{Duty, Expr, ExprKind};

/// The text of an expression without its places.
pub(super) fn of(expr: &Expr) -> String {
    let mut text = String::new();
    write(expr, &mut text);
    text
}

/// The text of duties without their places, sorted.
pub(super) fn of_duties(duties: &[Duty]) -> Vec<String> {
    let mut texts: Vec<String> = duties
        .iter()
        .map(|duty| {
            let mut properties: Vec<String> =
                duty.properties.iter().map(|(name, value)| format!("{name:?}={}", of(value))).collect();
            properties.sort();
            format!("{:?}{properties:?}", duty.kind)
        })
        .collect();
    texts.sort();
    texts
}

fn write(expr: &Expr, out: &mut String) {
    match &expr.kind {
        ExprKind::Literal(value) => leaf(out, value),
        ExprKind::Limit(id) => leaf(out, id),
        ExprKind::Party(party) => leaf(out, party),
        ExprKind::Now => out.push_str("now"),
        ExprKind::Pep => out.push_str("pep"),
        ExprKind::ActionName => out.push_str("action"),
        ExprKind::ActionProperty(name) => node(out, &format!("action.{name:?}"), &[]),
        ExprKind::Context(name) => node(out, &format!("context.{name:?}"), &[]),
        // WHY: `message.a` is short for `context.message.a`.
        ExprKind::Message(name) => {
            let _ = write!(out, "member{name:?}(context.Name(\"message\")(),)");
        }
        ExprKind::Member(base, name) => node(out, &format!("member{name:?}"), &[base]),
        ExprKind::Variable(depth) => node(out, &format!("variable{depth}"), &[]),
        ExprKind::Attribute(base, id) => node(out, &format!("attribute{}", id.0), &[base]),
        ExprKind::Follow { base, relation, reach, inverse, filter } => {
            let head = format!("follow{}{reach:?}{inverse}", relation.0);
            match filter {
                Some(filter) => node(out, &head, &[base, filter]),
                None => node(out, &head, &[base]),
            }
        }
        ExprKind::Chain(part) => leaf(out, part),
        ExprKind::ChainMatches(links) => leaf(out, links),
        ExprKind::Transaction(part) => node(out, &format!("transaction{part:?}"), &[]),
        ExprKind::Intent(part) => node(out, &format!("intent{part:?}"), &[]),
        ExprKind::Token(name) => node(out, &format!("token.{name:?}"), &[]),
        ExprKind::AnyToken => out.push_str("token"),
        ExprKind::Task { task, part } => node(out, &format!("task{task:?}.{part:?}"), &[]),
        ExprKind::Consent(category, purpose) => node(out, "consent", &[category, purpose]),
        ExprKind::Signal(whose, fact) => {
            node(out, &format!("signals{whose:?}.{}", fact.name()), &fact.parts())
        }
        ExprKind::Outside(source, name) => node(out, &format!("source{}.{name:?}", source.0), &[]),
        ExprKind::EdgeProperty(name) => node(out, &format!("edge.{name:?}"), &[]),
        ExprKind::Not(inner) => node(out, "not", &[inner]),
        ExprKind::And(operands) => unordered(out, "and", operands),
        ExprKind::Or(operands) => unordered(out, "or", operands),
        ExprKind::If(condition, then, other) => node(out, "if", &[condition, then, other]),
        ExprKind::Compare(comparison, a, b) => node(out, &format!("{comparison:?}"), &[a, b]),
        ExprKind::Contains { set, item } => node(out, "contains", &[set, item]),
        ExprKind::HasAny(a, b) => node(out, "has any", &[a, b]),
        ExprKind::HasAll(a, b) => node(out, "has all", &[a, b]),
        ExprKind::MemberOf(a, b) => node(out, "member of", &[a, b]),
        ExprKind::Within(a, b) => node(out, "within", &[a, b]),
        ExprKind::Is(base, id) => node(out, &format!("is{}", id.0), &[base]),
        ExprKind::Present(base, present) => node(out, &format!("present{present}"), &[base]),
        ExprKind::Text(test, a, b) => node(out, &format!("{test:?}"), &[a, b]),
        ExprKind::Matches(base, pattern) => node(out, &format!("matches{pattern:?}"), &[base]),
        ExprKind::Arithmetic(operator, a, b) => node(out, &format!("{operator:?}"), &[a, b]),
        ExprKind::Set(elements) => unordered(out, "set", elements),
        ExprKind::AnyOf { depth, set, body } => node(out, &format!("any{depth}"), &[set, body]),
        ExprKind::AllOf { depth, set, body } => node(out, &format!("all{depth}"), &[set, body]),
        ExprKind::Count(set) => node(out, "count", &[set]),
    }
}

fn leaf(out: &mut String, value: &impl std::fmt::Debug) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value:?}");
}

fn node(out: &mut String, head: &str, children: &[&Expr]) {
    out.push_str(head);
    out.push('(');
    for child in children {
        write(child, out);
        out.push(',');
    }
    out.push(')');
}

fn unordered(out: &mut String, head: &str, children: &[Expr]) {
    let mut texts: Vec<String> = children.iter().map(of).collect();
    texts.sort();
    // WHY: joined by hand; a nested `{:?}` would escape the escapes of every level below.
    let _ = write!(out, "{head}[{}]", texts.join(";"));
}
