//! Expressions, with the parentheses that precedence needs and no others.

use super::{rule, word};
use crate::ast::{Expr, ExprKind, Link, Operator, Template, TemplatePart};
use crate::checked::Reach;
use crate::source::Spanned;

/// How tightly a form holds together; loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bond {
    /// `if` and quantifiers: they reach as far right as they can.
    Open,
    Or,
    And,
    Not,
    Comparison,
    /// `is`, `matches`
    Test,
    Sum,
    Product,
    /// What a step can start from.
    Single,
}

/// The text of a whole expression.
pub(super) fn text(expr: &Expr) -> String {
    within(expr, Bond::Open)
}

/// The text where a form must hold at least this tightly.
fn within(expr: &Expr, least: Bond) -> String {
    let text = bare(expr);
    if bond(expr) < least { format!("({text})") } else { text }
}

fn bond(expr: &Expr) -> Bond {
    match &expr.kind {
        ExprKind::If(..) | ExprKind::Quantifier { .. } => Bond::Open,
        ExprKind::Binary(operator, ..) => operator_bond(*operator),
        ExprKind::Not(_) => Bond::Not,
        ExprKind::Is(..) | ExprKind::Presence(..) | ExprKind::Matches(..) | ExprKind::MatchesLinks(..) => {
            Bond::Test
        }
        ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::Duration(_)
        | ExprKind::Time(_)
        | ExprKind::Ip(_)
        | ExprKind::Set(_)
        | ExprKind::Record(_)
        | ExprKind::Entity(_)
        | ExprKind::Name(_)
        | ExprKind::Step { .. }
        | ExprKind::Call { .. }
        | ExprKind::Count(_) => Bond::Single,
    }
}

fn operator_bond(operator: Operator) -> Bond {
    match operator {
        Operator::Or => Bond::Or,
        Operator::And => Bond::And,
        Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In
        | Operator::Has
        | Operator::HasAny
        | Operator::HasAll
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::Contains => Bond::Comparison,
        Operator::Add | Operator::Subtract => Bond::Sum,
        Operator::Multiply => Bond::Product,
    }
}

/// What the operands of an operator must hold at least. Two comparisons in a row get parentheses for the reader.
fn operands(operator: Operator) -> (Bond, Bond) {
    match operator_bond(operator) {
        Bond::Or => (Bond::Or, Bond::And),
        Bond::And => (Bond::And, Bond::Not),
        Bond::Sum => (Bond::Sum, Bond::Product),
        Bond::Product => (Bond::Product, Bond::Single),
        _ => (Bond::Test, Bond::Test),
    }
}

fn spelling(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "or",
        Operator::And => "and",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::In => "in",
        Operator::Has => "has",
        Operator::HasAny => "has any",
        Operator::HasAll => "has all",
        Operator::StartsWith => "starts with",
        Operator::EndsWith => "ends with",
        Operator::Contains => "contains",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
    }
}

fn bare(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(text) | ExprKind::Duration(text) | ExprKind::Time(text) | ExprKind::Name(text) => {
            text.clone()
        }
        ExprKind::String(text) => word::quoted(text),
        ExprKind::Ip(text) => format!("ip{}", word::quoted(text)),
        ExprKind::Set(all) => format!("[{}]", word::list(all.iter().map(text))),
        ExprKind::Record(all) => properties(all),
        ExprKind::Entity(entity) => word::entity(entity),
        ExprKind::Step { base, name, inverse, reach, filter } => {
            step(base, &name.node, *inverse, *reach, filter.as_deref())
        }
        ExprKind::Not(inner) => format!("not {}", within(inner, Bond::Not)),
        ExprKind::Binary(operator, left, right) => {
            let (least_left, least_right) = operands(*operator);
            format!("{} {} {}", within(left, least_left), spelling(*operator), within(right, least_right))
        }
        ExprKind::If(test, then, other) => {
            format!("if {} then {} else {}", text(test), text(then), text(other))
        }
        ExprKind::Is(inner, name) => {
            let quoted = matches!(name.node.as_str(), "present" | "missing");
            let name = if quoted { word::quoted(&name.node) } else { word::free_name(&name.node) };
            format!("{} is {name}", within(inner, Bond::Test))
        }
        ExprKind::Presence(inner, present) => {
            format!("{} is {}", within(inner, Bond::Test), if *present { "present" } else { "missing" })
        }
        ExprKind::Matches(inner, pattern) => {
            format!("{} matches r\"{}\"", within(inner, Bond::Test), pattern.node)
        }
        ExprKind::MatchesLinks(inner, links) => {
            format!("{} matches [{}]", within(inner, Bond::Test), word::list(links.iter().map(link)))
        }
        ExprKind::Call { base, name, arguments } => {
            let arguments = word::list(arguments.iter().map(text));
            format!("{}.{}({arguments})", start(base), word::name(&name.node))
        }
        ExprKind::Quantifier { any, variable, set, body } => {
            let word = if *any { "any" } else { "all" };
            format!("{word} {} in {}: {}", variable.node, text(set), text(body))
        }
        ExprKind::Count(inner) => format!("count({})", text(inner)),
    }
}

fn link(link: &Link) -> String {
    match link {
        Link::AnyNumber(_) => "any*".to_owned(),
        Link::One(selector) => rule::selector(selector),
    }
}

/// What a step starts from.
fn start(base: &Expr) -> String {
    match &base.kind {
        ExprKind::Entity(entity) => word::entity_quoted(entity),
        // A dot directly after digits would be read as part of the number.
        ExprKind::Number(_) | ExprKind::Duration(_) | ExprKind::Time(_) => format!("({})", bare(base)),
        _ => within(base, Bond::Single),
    }
}

fn step(base: &Expr, name: &str, inverse: bool, reach: Reach, filter: Option<&Expr>) -> String {
    let start = start(base);
    let reach = match reach {
        Reach::One => "",
        Reach::ZeroOrMore => "*",
        Reach::OneOrMore => "+",
    };
    let filter = filter.map(|filter| format!("[{}]", text(filter))).unwrap_or_default();
    format!("{start}.{}{}{reach}{filter}", if inverse { "^" } else { "" }, word::name(name))
}

/// `{ a: 1, b: "x" }`
pub(super) fn properties(all: &[(Spanned<String>, Expr)]) -> String {
    if all.is_empty() {
        return "{}".to_owned();
    }
    let inside = all.iter().map(|(name, value)| format!("{}: {}", word::name(&name.node), text(value)));
    format!("{{ {} }}", word::list(inside))
}

/// The operands of a row of the same `and` or `or`, each with the parentheses it needs, and the word between them.
pub(super) fn row(expr: &Expr) -> Option<(&'static str, Vec<String>)> {
    let ExprKind::Binary(top @ (Operator::And | Operator::Or), ..) = &expr.kind else { return None };
    let (least_left, least_right) = operands(*top);
    let (mut operands, mut rest) = (Vec::new(), expr);
    while let ExprKind::Binary(operator, left, right) = &rest.kind {
        if operator != top {
            break;
        }
        operands.push(within(right, least_right));
        rest = left;
    }
    operands.push(within(rest, least_left));
    operands.reverse();
    Some((spelling(*top), operands))
}

/// `"text {hole}"`
pub(super) fn template(template: &Template) -> String {
    let mut out = String::from("\"");
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => {
                out.push_str(&word::escaped(&text.replace('{', "{{").replace('}', "}}")));
            }
            TemplatePart::Hole(hole) => {
                out.push('{');
                out.push_str(&word::escaped(&text(hole)));
                out.push('}');
            }
        }
    }
    out.push('"');
    out
}
