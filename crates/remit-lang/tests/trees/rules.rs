//! Rules and `expect` lines.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::ast::{Clause, ClauseKind, Duty, Expect, ItemKind, Rule, Selector, SelectorKind};
use remit_lang::checked::Effect;
use remit_lang::source::Span;

use super::exprs::{expr, properties, template};
use super::{any_name, dotted, entity, no_first_blank, plain_name, spanned, text, time, trailing, trivia};

fn selectors() -> impl Strategy<Value = Vec<Selector>> {
    let kind = prop_oneof![
        Just(SelectorKind::Any),
        any_name().prop_map(SelectorKind::Type),
        entity().prop_map(SelectorKind::Entity),
        (any_name(), entity()).prop_map(|(name, group)| SelectorKind::MemberOf(name, group)),
    ];
    vec(kind.prop_map(|kind| Selector { span: Span::default(), kind }), 1..3)
}

fn duties() -> impl Strategy<Value = Vec<Duty>> {
    let duty = (any_name(), properties()).prop_map(|(kind, properties)| Duty {
        span: Span::default(),
        kind,
        properties,
    });
    vec(duty, 1..3)
}

fn later() -> impl Strategy<Value = ClauseKind> {
    let texts = ["via skill:x, tool:\"y\"", "within pay", "on_request \"t\" { a: [1, (2)] // c }\n  }"];
    select(texts.to_vec()).prop_map(|text| ClauseKind::Later {
        keyword: spanned(text.split(' ').next().unwrap_or_default().to_owned()),
        text: text.to_owned(),
    })
}

fn clause() -> impl Strategy<Value = Clause> {
    let kind = prop_oneof![
        1 => selectors().prop_map(ClauseKind::For),
        1 => selectors().prop_map(ClauseKind::As),
        1 => selectors().prop_map(ClauseKind::On),
        1 => vec(any_name(), 0..3).prop_map(ClauseKind::To),
        3 => expr().prop_map(ClauseKind::When),
        1 => expr().prop_map(ClauseKind::Unless),
        1 => expr().prop_map(ClauseKind::That),
        2 => template().prop_map(ClauseKind::Because),
        1 => duties().prop_map(ClauseKind::Oblige),
        1 => duties().prop_map(ClauseKind::Advise),
        1 => plain_name().prop_map(ClauseKind::Severity),
        1 => later(),
    ];
    (kind, trivia(), trailing()).prop_map(|(kind, trivia, trailing)| Clause {
        span: Span::default(),
        trivia,
        kind,
        trailing,
    })
}

pub fn rule() -> impl Strategy<Value = ItemKind> {
    let effect = select(&[Effect::Permit, Effect::Forbid, Effect::Require][..]);
    (effect, plain_name(), vec(clause(), 0..4)).prop_map(|(effect, name, mut clauses)| {
        if let Some(first) = clauses.first_mut() {
            no_first_blank(&mut first.trivia);
        }
        ItemKind::Rule(Rule { effect: spanned(effect), name, clauses })
    })
}

pub fn expect() -> impl Strategy<Value = ItemKind> {
    let question =
        (any::<bool>(), (entity(), properties()), (any_name(), properties()), (entity(), properties()));
    let answer = (
        vec(dotted(), 0..3),
        option::of(text().prop_map(spanned)),
        option::of(vec(any_name(), 0..3)),
        option::of(entity()),
        option::of(plain_name()),
    );
    (question, properties(), option::of(time().prop_map(spanned)), answer).prop_map(
        |((permit, subject, action, resource), given, at, (by, because, obliging, actor, within))| {
            ItemKind::Expect(Expect {
                permit: spanned(permit),
                subject,
                action,
                resource,
                given,
                at,
                by,
                because,
                obliging,
                actor,
                within,
            })
        },
    )
}
