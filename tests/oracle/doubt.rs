//! The oracle doubts itself: an interpreter that was given another policy must be seen to differ.

use remit_lang::checked::{Effect, Expr, ExprKind, Policies, Reach};
use remit_testkit::generate::{Maker, PolicyText, Taste};
use remit_testkit::oracle::Oracle;
use remit_testkit::random::Random;

use crate::case::{answer, bind, compile, verdict};

/// Runs the comparison with the interpreter's copy changed; counts changes that applied and that were seen.
fn doubted(change: impl Fn(&mut Policies, usize) -> bool) -> (usize, usize) {
    let (mut changed, mut seen) = (0, 0);
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let policy = PolicyText::generate(&mut random, Taste { presence: true });
        let Ok(policies) = compile(&policy.files()) else { continue };
        let mut other = policies.clone();
        let at = random.below(other.rules.len());
        if !change(&mut other, at) {
            continue;
        }
        changed += 1;
        let mut maker = Maker { random, schema: &policies.schema };
        seen += usize::from((0..3).any(|_| {
            let world = maker.world();
            let (bound, oracle) = (bind(&policies, &world), Oracle::new(&other, &world));
            (0..250).any(|_| {
                let ask = maker.ask();
                answer(&verdict(&bound, &ask)) != oracle.answer(&ask).0
            })
        }));
    }
    (changed, seen)
}

#[test]
fn a_flipped_effect_is_seen() {
    let (changed, seen) = doubted(|policies, at| {
        let rule = &mut policies.rules[at];
        rule.effect = if rule.effect == Effect::Permit { Effect::Forbid } else { Effect::Permit };
        true
    });
    assert!(changed > 30 && seen * 10 > changed * 7, "{seen} of {changed} flipped effects were seen");
}

#[test]
fn a_negated_condition_is_seen() {
    let (changed, seen) = doubted(|policies, at| {
        let rule = &mut policies.rules[at];
        let condition = rule.condition.clone();
        let (span, ty) = (condition.span, condition.ty.clone());
        rule.condition = Expr { span, ty, kind: ExprKind::Not(Box::new(condition)) };
        true
    });
    assert!(changed > 30 && seen * 10 > changed * 5, "{seen} of {changed} negated conditions were seen");
}

#[test]
fn a_shortened_closure_is_seen() {
    let (changed, seen) =
        doubted(|policies, _| policies.rules.iter_mut().any(|rule| shorten(&mut rule.condition)));
    assert!(changed > 10 && seen * 10 > changed, "{seen} of {changed} shortened closures were seen");
}

/// `a.b*` becomes `a.b`, somewhere near the top.
fn shorten(expr: &mut Expr) -> bool {
    match &mut expr.kind {
        ExprKind::Follow { base, reach, .. } => {
            let closure = *reach != Reach::One;
            *reach = Reach::One;
            closure || shorten(base)
        }
        ExprKind::Not(inner) | ExprKind::Count(inner) | ExprKind::Attribute(inner, _) => shorten(inner),
        ExprKind::And(all) | ExprKind::Or(all) => all.iter_mut().any(shorten),
        ExprKind::Compare(_, a, b) | ExprKind::HasAny(a, b) | ExprKind::HasAll(a, b) => {
            shorten(a) || shorten(b)
        }
        ExprKind::Contains { set, item } => shorten(set) || shorten(item),
        ExprKind::AnyOf { set, body, .. } | ExprKind::AllOf { set, body, .. } => {
            shorten(set) || shorten(body)
        }
        _ => false,
    }
}
