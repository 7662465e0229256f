//! Intents and labels.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::ast::{
    Amount, Argument, ClauseKind, Expr, ExprKind, Intent, IntentPart, IntentPartKind, ItemKind, Label,
    Origin, Task, TaskClause, TaskClauseKind,
};
use remit_lang::checked::Reach;
use remit_lang::source::{Span, Spanned};

use super::exprs::{at_zero, expr};
use super::rules::{clause_of, selectors};
use super::{any_name, comment, entity, no_first_blank, plain_name, spanned, text, trailing, trivia};

fn amount() -> impl Strategy<Value = Amount> {
    let number = select(&["0", "1", "42", "50_000", "0.75", "-3"][..]);
    let number = number.prop_map(|text| ExprKind::Number(text.to_owned()));
    let long = select(&["15m", "1h30m"][..]).prop_map(|text| ExprKind::Duration(text.to_owned()));
    let limit = any_name().prop_map(|name| ExprKind::Step {
        base: Box::new(at_zero(ExprKind::Name("limits".to_owned()))),
        name,
        inverse: false,
        reach: Reach::One,
        filter: None,
    });
    prop_oneof![3 => number, 1 => long, 1 => limit]
        .prop_map(|kind| Amount { span: Span::default(), value: at_zero(kind) })
}

fn argument() -> impl Strategy<Value = Argument> {
    vec(any_name(), 1..3).prop_map(|path| Argument { span: Span::default(), path })
}

fn origin() -> impl Strategy<Value = Spanned<Origin>> {
    let set = vec(expr(), 0..3).prop_map(|all: Vec<Expr>| Origin::OneOf(at_zero(ExprKind::Set(all))));
    prop_oneof![
        Just(Origin::Literal),
        Just(Origin::Created),
        set,
        (any_name(), option::of(any_name())).prop_map(|(of, attribute)| Origin::RecordOf(of, attribute)),
        (plain_name(), vec(any_name(), 1..3)).prop_map(|(task, path)| Origin::Result(task, path)),
        any_name().prop_map(Origin::Text),
    ]
    .prop_map(spanned)
}

fn task_clause() -> impl Strategy<Value = TaskClause> {
    let kind = prop_oneof![
        2 => vec(plain_name(), 1..3).prop_map(TaskClauseKind::After),
        1 => amount().prop_map(TaskClauseKind::Times),
        1 => (amount(), argument()).prop_map(|(most, of)| TaskClauseKind::Budget(most, of)),
        2 => expr().prop_map(TaskClauseKind::When),
        1 => expr().prop_map(TaskClauseKind::Unless),
        2 => (argument(), vec(origin(), 1..4)).prop_map(|(of, all)| TaskClauseKind::From(of, all)),
        1 => Just(TaskClauseKind::Closed),
    ];
    (kind, trivia(), trailing()).prop_map(|(kind, trivia, trailing)| TaskClause {
        span: Span::default(),
        trivia,
        kind,
        trailing,
    })
}

fn task() -> impl Strategy<Value = IntentPartKind> {
    (plain_name(), vec(any_name(), 1..3), option::of(selectors()), vec(task_clause(), 0..4)).prop_map(
        |(name, actions, resources, clauses)| {
            IntentPartKind::Task(Task { name, actions, resources, head: Span::default(), clauses })
        },
    )
}

fn part() -> impl Strategy<Value = IntentPart> {
    let kind = prop_oneof![
        1 => selectors().prop_map(IntentPartKind::For),
        4 => task(),
        1 => vec(entity(), 1..3).prop_map(IntentPartKind::Using),
        1 => amount().prop_map(IntentPartKind::Hops),
        1 => amount().prop_map(IntentPartKind::Lasts),
    ];
    let doc = prop_oneof![2 => Just(Vec::new()), 1 => vec(comment(), 1..3)];
    (kind, doc, trivia(), trailing()).prop_map(|(kind, doc, trivia, trailing)| IntentPart {
        span: Span::default(),
        doc,
        trivia,
        kind,
        trailing,
    })
}

pub fn intent() -> impl Strategy<Value = ItemKind> {
    (plain_name(), option::of(text().prop_map(spanned)), vec(part(), 0..5)).prop_map(
        |(name, goal, mut parts)| {
            if let Some(first) = parts.first_mut() {
                no_first_blank(&mut first.trivia);
            }
            ItemKind::Intent(Intent { name, goal, parts })
        },
    )
}

pub fn label() -> impl Strategy<Value = ItemKind> {
    let kind = prop_oneof![
        selectors().prop_map(ClauseKind::For),
        selectors().prop_map(ClauseKind::As),
        selectors().prop_map(ClauseKind::On),
        selectors().prop_map(ClauseKind::Via),
        vec(super::dotted(), 1..3).prop_map(ClauseKind::Within),
        expr().prop_map(ClauseKind::When),
        expr().prop_map(ClauseKind::Unless),
    ];
    (any::<bool>(), plain_name(), vec(any_name(), 0..3), vec(clause_of(kind), 0..4)).prop_map(
        |(removes, name, after, mut clauses)| {
            if let Some(first) = clauses.first_mut() {
                no_first_blank(&mut first.trivia);
            }
            ItemKind::Label(Label { removes, name, after, clauses })
        },
    )
}
