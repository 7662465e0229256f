//! Rules and `expect` lines.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::ast::{
    Clause, ClauseKind, Duty, Expect, ItemKind, Rule, Selector, SelectorKind, Sighting, StepTaken,
};
use remit_lang::checked::Effect;
use remit_lang::source::Span;

use super::exprs::{expr, properties, template};
use super::{any_name, dotted, entity, no_first_blank, plain_name, spanned, text, time, trailing, trivia};

pub fn selectors() -> impl Strategy<Value = Vec<Selector>> {
    vec(selector(), 1..3)
}

pub fn selector() -> impl Strategy<Value = Selector> {
    let kind = prop_oneof![
        Just(SelectorKind::Any),
        any_name().prop_map(SelectorKind::Type),
        entity().prop_map(SelectorKind::Entity),
        (any_name(), entity()).prop_map(|(name, group)| SelectorKind::MemberOf(name, group)),
    ];
    kind.prop_map(|kind| Selector { span: Span::default(), kind })
}

fn duties() -> impl Strategy<Value = Vec<Duty>> {
    let duty = (any_name(), properties()).prop_map(|(kind, properties)| Duty {
        span: Span::default(),
        kind,
        properties,
    });
    vec(duty, 1..3)
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
        1 => selectors().prop_map(ClauseKind::Via),
        1 => vec(dotted(), 1..3).prop_map(ClauseKind::Within),
        1 => any_name().prop_map(ClauseKind::OnRequest),
    ];
    clause_of(kind)
}

pub fn clause_of(kind: impl Strategy<Value = ClauseKind>) -> impl Strategy<Value = Clause> {
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

fn step() -> impl Strategy<Value = StepTaken> {
    ((any_name(), properties()), (entity(), properties()), properties()).prop_map(
        |(action, resource, returning)| StepTaken { span: Span::default(), action, resource, returning },
    )
}

fn sighting() -> impl Strategy<Value = Sighting> {
    (entity(), any_name(), properties()).prop_map(|(party, kind, properties)| Sighting {
        span: Span::default(),
        party,
        kind,
        properties,
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
        vec(entity(), 0..3),
        option::of(dotted()),
        vec(step(), 0..3),
        (vec(properties(), 0..3), vec(sighting(), 0..3)),
    );
    (question, (properties(), properties(), properties()), option::of(time().prop_map(spanned)), answer)
        .prop_map(
            |(
                (permit, subject, action, resource),
                (given, bearing, answering),
                at,
                (by, because, obliging, actor, through, within, after, (consenting, observing)),
            )| {
                ItemKind::Expect(Expect {
                    permit: spanned(permit),
                    subject,
                    action,
                    resource,
                    given,
                    bearing,
                    answering,
                    at,
                    by,
                    because,
                    obliging,
                    actor,
                    through,
                    within,
                    after,
                    consenting,
                    observing,
                })
            },
        )
}
