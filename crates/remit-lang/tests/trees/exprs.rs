//! Expressions, templates and properties.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::ast::{Expr, ExprKind, Link, Operator, Template, TemplatePart};
use remit_lang::checked::Reach;
use remit_lang::source::Span;

use super::{Properties, any_name, entity, plain_name, spanned, text, time, word};

pub fn at_zero(kind: ExprKind) -> Expr {
    Expr { span: Span::default(), kind }
}

fn leaf() -> impl Strategy<Value = Expr> {
    let numbers = ["0", "42", "50_000", "0.75", "-3", "-0.5"];
    prop_oneof![
        4 => word().prop_map(ExprKind::Name),
        1 => any::<bool>().prop_map(ExprKind::Bool),
        1 => select(numbers.to_vec()).prop_map(|text| ExprKind::Number(text.to_owned())),
        1 => text().prop_map(ExprKind::String),
        1 => select(&["15m", "1h30m", "90d"][..]).prop_map(|text| ExprKind::Duration(text.to_owned())),
        1 => time().prop_map(ExprKind::Time),
        1 => text().prop_map(ExprKind::Ip),
        1 => entity().prop_map(ExprKind::Entity),
    ]
    .prop_map(at_zero)
}

const OPERATORS: &[Operator] = &[
    Operator::Or,
    Operator::And,
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::In,
    Operator::Has,
    Operator::HasAny,
    Operator::HasAll,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Contains,
    Operator::Add,
    Operator::Subtract,
    Operator::Multiply,
];

fn link() -> impl Strategy<Value = Link> {
    let one = select(vec![true, false]);
    (one, super::rules::selector())
        .prop_map(|(one, selector)| if one { Link::One(selector) } else { Link::AnyNumber(Span::default()) })
}

pub fn expr() -> BoxedStrategy<Expr> {
    leaf()
        .prop_recursive(5, 24, 3, |inner| {
            let boxed = || inner.clone().prop_map(Box::new);
            let reach = select(&[Reach::One, Reach::ZeroOrMore, Reach::OneOrMore][..]);
            let pattern = "[ !#-~]{0,8}".prop_map(spanned);
            prop_oneof![
                3 => (boxed(), any_name(), any::<bool>(), reach, option::weighted(0.2, boxed())).prop_map(
                    |(base, name, inverse, reach, filter)| ExprKind::Step { base, name, inverse, reach, filter }
                ),
                6 => (select(OPERATORS), boxed(), boxed()).prop_map(|(op, a, b)| ExprKind::Binary(op, a, b)),
                2 => boxed().prop_map(ExprKind::Not),
                1 => vec(inner.clone(), 0..3).prop_map(ExprKind::Set),
                1 => (boxed(), boxed(), boxed()).prop_map(|(a, b, c)| ExprKind::If(a, b, c)),
                1 => (boxed(), any_name()).prop_map(|(a, name)| ExprKind::Is(a, name)),
                1 => (boxed(), any::<bool>()).prop_map(|(a, present)| ExprKind::Presence(a, present)),
                1 => (boxed(), pattern).prop_map(|(a, pattern)| ExprKind::Matches(a, pattern)),
                1 => (any::<bool>(), plain_name(), boxed(), boxed()).prop_map(|(any, variable, set, body)| {
                    ExprKind::Quantifier { any, variable, set, body }
                }),
                1 => boxed().prop_map(ExprKind::Count),
                1 => (boxed(), any_name(), vec(inner.clone(), 0..3)).prop_map(|(base, name, arguments)| {
                    ExprKind::Call { base, name, arguments }
                }),
                1 => (boxed(), vec(link(), 0..3)).prop_map(|(a, links)| ExprKind::MatchesLinks(a, links)),
            ]
            .prop_map(at_zero)
        })
        .boxed()
}

pub fn properties() -> BoxedStrategy<Properties> {
    let plain = vec((any_name(), expr()), 0..3);
    let nested = (any_name(), vec((any_name(), expr()), 0..2))
        .prop_map(|(name, record)| (name, at_zero(ExprKind::Record(record))));
    (plain, option::weighted(0.2, nested))
        .prop_map(|(mut all, nested)| {
            all.extend(nested);
            all
        })
        .boxed()
}

/// Text and holes; two texts never stand side by side.
pub fn template() -> impl Strategy<Value = Template> {
    let part = prop_oneof![
        text().prop_filter("not empty", |text| !text.is_empty()).prop_map(TemplatePart::Text),
        expr().prop_map(TemplatePart::Hole),
    ];
    vec(part, 0..4).prop_map(|mut parts| {
        parts.dedup_by(|a, b| matches!((a, b), (TemplatePart::Text(_), TemplatePart::Text(_))));
        Template { span: Span::default(), parts }
    })
}
