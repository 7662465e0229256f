//! The generator writes everything the language has: each kind of expression and each form of a clause.

use std::collections::BTreeSet;

use remit_lang::checked::{Effect, Expr, ExprKind, Reach, Rule, Selector, Term};
use remit_testkit::generate::{PolicyText, Taste};
use remit_testkit::random::Random;

use crate::case::compile;

#[test]
fn every_form_is_generated() {
    let mut seen = BTreeSet::new();
    for seed in 0..150 {
        let policy = PolicyText::generate(&mut Random::new(seed), Taste { presence: true });
        let Ok(policies) = compile(&policy.files()) else { continue };
        if policies.packages.iter().filter(|package| package.valid_until.is_some()).count() > 0 {
            seen.insert("package that ends");
        }
        policies.rules.iter().for_each(|rule| see_rule(rule, &mut seen));
    }
    let missing: Vec<&str> = ALL.iter().filter(|form| !seen.contains(*form)).copied().collect();
    assert!(missing.is_empty(), "never generated: {missing:?}");
}

const ALL: [&str; 57] = [
    "literal",
    "limit",
    "party",
    "now",
    "pep",
    "action name",
    "action property",
    "context",
    "message",
    "member",
    "variable",
    "attribute",
    "attributes of a set",
    "step",
    "step *",
    "step +",
    "step ^",
    "filter",
    "edge property",
    "not",
    "and",
    "or",
    "if",
    "compare",
    "contains",
    "has any",
    "has all",
    "member of",
    "within",
    "is",
    "present",
    "missing",
    "text",
    "matches",
    "arithmetic",
    "set",
    "any",
    "all",
    "count",
    "permit",
    "forbid",
    "require",
    "type",
    "entity",
    "member in",
    "for",
    "as",
    "on",
    "to",
    "because",
    "oblige",
    "advise",
    "severity",
    "several terms",
    "step from a set",
    "closure against direction",
    "package that ends",
];

fn see_rule(rule: &Rule, seen: &mut BTreeSet<&'static str>) {
    seen.insert(match rule.effect {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
        Effect::Require => "require",
    });
    for (word, selector) in [("for", &rule.subjects), ("as", &rule.actors), ("on", &rule.resources)] {
        if let Some(Selector { terms }) = selector {
            seen.insert(word);
            if terms.len() > 1 {
                seen.insert("several terms");
            }
            seen.extend(terms.iter().map(|term| match term {
                Term::Type(_) => "type",
                Term::Entity(..) => "entity",
                Term::MemberOf(..) => "member in",
            }));
        }
    }
    let written = [
        ("to", rule.actions.is_some()),
        ("because", rule.because.is_some()),
        ("oblige", !rule.obligations.is_empty()),
        ("advise", !rule.advice.is_empty()),
        ("severity", rule.severity != remit_lang::checked::Severity::Low),
    ];
    seen.extend(written.iter().filter(|(_, there)| *there).map(|(word, _)| *word));
    see(&rule.condition, seen);
}

fn see(expr: &Expr, seen: &mut BTreeSet<&'static str>) {
    let is_set = |expr: &Expr| matches!(expr.ty, remit_model::Ty::Set(_));
    let (form, parts): (&str, Vec<&Expr>) = match &expr.kind {
        ExprKind::Literal(_) => ("literal", vec![]),
        ExprKind::Limit(_) => ("limit", vec![]),
        ExprKind::Party(_) => ("party", vec![]),
        ExprKind::Now => ("now", vec![]),
        ExprKind::Pep => ("pep", vec![]),
        ExprKind::ActionName => ("action name", vec![]),
        ExprKind::ActionProperty(_) => ("action property", vec![]),
        ExprKind::Context(_) => ("context", vec![]),
        ExprKind::Message(_) => ("message", vec![]),
        ExprKind::Member(base, _) => ("member", vec![base]),
        ExprKind::Variable(_) => ("variable", vec![]),
        ExprKind::Attribute(base, _) => {
            (if is_set(base) { "attributes of a set" } else { "attribute" }, vec![base])
        }
        ExprKind::Follow { base, reach, inverse, filter, .. } => {
            if *inverse {
                seen.insert(if *reach == Reach::One { "step ^" } else { "closure against direction" });
            }
            if is_set(base) {
                seen.insert("step from a set");
            }
            if let Some(filter) = filter {
                seen.insert("filter");
                see(filter, seen);
            }
            let form = match reach {
                Reach::One => "step",
                Reach::ZeroOrMore => "step *",
                Reach::OneOrMore => "step +",
            };
            (form, vec![base])
        }
        ExprKind::EdgeProperty(_) => ("edge property", vec![]),
        // What agents, purpose and history are asked, and consents and signals, have generators of their own: `agents` and
        // `standing` in remit-engine's tests. What services outside say is unknown here, and tested over HTTP.
        ExprKind::Chain(_)
        | ExprKind::ChainMatches(_)
        | ExprKind::Transaction(_)
        | ExprKind::Intent(_)
        | ExprKind::Token(_)
        | ExprKind::AnyToken
        | ExprKind::Consent(..)
        | ExprKind::Signal(..)
        | ExprKind::Outside(..)
        | ExprKind::Task { .. } => ("agents", vec![]),
        ExprKind::Not(a) => ("not", vec![a]),
        ExprKind::And(all) => ("and", all.iter().collect()),
        ExprKind::Or(all) => ("or", all.iter().collect()),
        ExprKind::If(a, b, c) => ("if", vec![a, b, c]),
        ExprKind::Compare(_, a, b) => ("compare", vec![a, b]),
        ExprKind::Contains { set, item } => ("contains", vec![set, item]),
        ExprKind::HasAny(a, b) => ("has any", vec![a, b]),
        ExprKind::HasAll(a, b) => ("has all", vec![a, b]),
        ExprKind::MemberOf(a, b) => ("member of", vec![a, b]),
        ExprKind::Within(a, b) => ("within", vec![a, b]),
        ExprKind::Is(a, _) => ("is", vec![a]),
        ExprKind::Present(a, yes) => (if *yes { "present" } else { "missing" }, vec![a]),
        ExprKind::Text(_, a, b) => ("text", vec![a, b]),
        ExprKind::Matches(a, _) => ("matches", vec![a]),
        ExprKind::Arithmetic(_, a, b) => ("arithmetic", vec![a, b]),
        ExprKind::Set(all) => ("set", all.iter().collect()),
        ExprKind::AnyOf { set, body, .. } => ("any", vec![set, body]),
        ExprKind::AllOf { set, body, .. } => ("all", vec![set, body]),
        ExprKind::Count(a) => ("count", vec![a]),
    };
    seen.insert(form);
    parts.into_iter().for_each(|part| see(part, seen));
}
