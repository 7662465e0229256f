//! The rules of the game by table: effects, truths, reasons, duties.

use std::sync::Arc;

use remit_lang::checked::{Duty, Part, Rule};
use remit_model::{Reason, Timestamp, Value};

use super::{decides, evaluate};
use crate::lower::{Effect, Severity, Span};
use crate::testing::{ask, because, bind, ex::*, name, rule, select};
use crate::truth::Truth;
use crate::verdict::{LayerOutcome, Outcome};

const GRAPH: &[&str] = &["user:ann.member_of group:staff", "doc:d"];

fn is(truth: Truth) -> remit_lang::checked::Expr {
    match truth {
        Truth::True => equal(text("a"), text("a")),
        Truth::False => equal(text("a"), text("b")),
        Truth::Unknown => equal(context("absent"), text("a")),
    }
}

fn that(id: &str, effect: Effect, truth: Truth) -> Rule {
    let mut rule = rule(id, effect);
    rule.condition = is(truth);
    rule
}

#[test]
fn forbid_overrides_and_default_is_deny() {
    use Effect::{Forbid, Permit, Require};
    use Truth::{False, True, Unknown};
    type Case = (&'static [(Effect, Truth)], Reason, &'static [usize]);
    let table: &[Case] = &[
        (&[], Reason::NoPermitApplies, &[]),
        (&[(Permit, True)], Reason::Permitted, &[0]),
        (&[(Permit, True), (Permit, False), (Permit, True)], Reason::Permitted, &[0, 2]),
        (&[(Permit, False)], Reason::NoPermitApplies, &[]),
        (&[(Permit, Unknown)], Reason::PermitUnknown, &[]),
        (&[(Permit, Unknown), (Permit, True)], Reason::Permitted, &[1]),
        (&[(Permit, True), (Forbid, False), (Require, False)], Reason::Permitted, &[0]),
        (&[(Permit, True), (Forbid, True)], Reason::Forbidden, &[1]),
        (&[(Permit, True), (Forbid, Unknown)], Reason::ForbidUnknown, &[1]),
        (&[(Permit, True), (Require, True)], Reason::RequirementFailed, &[1]),
        (&[(Permit, True), (Require, Unknown)], Reason::RequirementUnknown, &[1]),
        (&[(Require, Unknown), (Forbid, Unknown), (Require, True)], Reason::RequirementFailed, &[0, 1, 2]),
        (&[(Require, Unknown), (Forbid, Unknown)], Reason::ForbidUnknown, &[0, 1]),
        (&[(Require, True), (Forbid, True)], Reason::Forbidden, &[0, 1]),
    ];
    for (rules, reason, determining) in table {
        let rule =
            |(at, (effect, truth)): (usize, &(Effect, Truth))| that(&format!("r{at}"), *effect, *truth);
        let mut built: Vec<Rule> = rules.iter().enumerate().map(rule).collect();
        for _ in 0..2 {
            let bound = bind(built.clone(), GRAPH);
            let query = ask(&bound, "user:ann", "doc:d");
            let verdict = evaluate(&bound, &query);
            assert_eq!(verdict.reason, *reason, "{rules:?}");
            assert_eq!(verdict.decision, *reason == Reason::Permitted);
            assert_eq!(decides(&bound, &query), verdict.decision, "{rules:?}");
            let ids: Vec<String> = determining.iter().map(|at| format!("test.r{at}")).collect();
            assert_eq!(verdict.determining.iter().map(|hit| &*hit.id).collect::<Vec<_>>(), ids, "{rules:?}");
            built.reverse();
        }
    }
}

#[test]
fn what_is_not_supported_or_not_declared_is_denied() {
    let bound = bind(vec![rule("all", Effect::Permit)], GRAPH);
    let query = ask(&bound, "user:ann", "doc:d");
    assert!(evaluate(&bound, &query).decision);
    let mut chain = query;
    chain.unsupported = Some("delegation chain");
    assert_eq!(evaluate(&bound, &chain).reason, Reason::NotSupportedYet);
    let mut other = query;
    other.action = crate::Asked::resolve(&bound, "erase");
    assert_eq!(evaluate(&bound, &other).reason, Reason::UnknownAction);
    assert!(!decides(&bound, &chain) && !decides(&bound, &other));
}

#[test]
fn permits_end_with_their_package_and_forbids_do_not() {
    let bound = bind(vec![rule("all", Effect::Permit)], GRAPH);
    let mut query = ask(&bound, "user:ann", "doc:d");
    query.now = Timestamp::parse("2029-12-31T23:59:59Z").unwrap();
    assert!(evaluate(&bound, &query).decision, "one second before");
    query.now = Timestamp::parse("2030-01-01").unwrap();
    assert_eq!(evaluate(&bound, &query).reason, Reason::NoPermitApplies);
    let bound = bind(vec![rule("never", Effect::Forbid)], GRAPH);
    assert_eq!(evaluate(&bound, &query).reason, Reason::Forbidden);
}

#[test]
fn clauses_are_three_valued() {
    let table = [
        ("user:ann", Effect::Permit, Reason::Permitted),
        ("user:absent", Effect::Permit, Reason::PermitUnknown),
        ("user:absent", Effect::Forbid, Reason::ForbidUnknown),
        ("group:staff", Effect::Forbid, Reason::NoPermitApplies),
        ("robot:r", Effect::Forbid, Reason::NoPermitApplies),
    ];
    for (subject, effect, reason) in table {
        let mut scoped = rule("r", effect);
        scoped.subjects = select("user in group:staff");
        let bound = bind(vec![scoped], GRAPH);
        assert_eq!(evaluate(&bound, &ask(&bound, subject, "doc:d")).reason, reason, "{subject} {effect:?}");
    }
}

#[test]
fn duties_of_all_deciding_rules_unite_and_texts_are_filled() {
    let duty = |kind: &str, value: remit_lang::checked::Expr| Duty {
        kind: name(kind),
        properties: vec![(name("level"), value)],
        span: Span::default(),
    };
    let mut one = rule("one", Effect::Permit);
    one.obligations = vec![duty("log", text("full")), duty("mfa", context("absent"))];
    one.because =
        because(vec![Part::Text("for ".to_owned()), Part::Hole(subject()), Part::Hole(context("absent"))]);
    let mut two = rule("two", Effect::Permit);
    two.obligations = vec![duty("log", text("full")), duty("log", text("brief"))];
    two.advice = vec![duty("hint", text("x"))];
    let mut never = that("never", Effect::Forbid, Truth::False);
    never.severity = Severity::High;
    never.obligations = vec![duty("alarm", text("loud"))];
    let bound = bind(vec![one.clone(), two.clone(), never.clone()], GRAPH);
    let verdict = evaluate(&bound, &ask(&bound, "user:ann", "doc:d"));
    let kinds: Vec<&str> = verdict.obligations.iter().map(|duty| duty.kind.as_str()).collect();
    assert_eq!(kinds, ["log", "mfa", "log"]);
    assert!(verdict.obligations[1].properties.is_empty(), "what is unknown is left out");
    assert_eq!(verdict.obligations[2].properties, [(name("level"), Value::string("brief"))]);
    assert_eq!(verdict.advice.len(), 1);
    let hit = &verdict.determining[0];
    assert_eq!(hit.because.as_deref(), Some("for user:\"ann\"?"));
    assert_eq!((hit.version.as_deref(), hit.approved_by.as_deref()), (Some("1"), Some("the board")));
    assert_eq!(verdict.severity(), None);

    never.condition = is(Truth::Unknown);
    let bound = bind(vec![one, two, never], GRAPH);
    let verdict = evaluate(&bound, &ask(&bound, "user:ann", "doc:d"));
    let kinds: Vec<&str> = verdict.obligations.iter().map(|duty| duty.kind.as_str()).collect();
    assert_eq!(kinds, ["alarm"], "obligations of permits do not go with a deny");
    assert_eq!(
        (verdict.determining[0].outcome, verdict.severity()),
        (Outcome::Unknown, Some(Severity::High))
    );
    assert_eq!(&*verdict.missing[0].path, "context.absent");
    let layers = verdict.layers;
    assert_eq!((layers.subject_may, layers.nothing_forbids), (LayerOutcome::Holds, LayerOutcome::Fails));
    assert_eq!(layers.intent_covers, LayerOutcome::Absent);
}

#[test]
fn a_graph_of_another_schema_says_nothing() {
    let mut scoped = rule("r", Effect::Permit);
    scoped.subjects = select("user in group:staff");
    let own = bind(vec![scoped], GRAPH);
    assert!(evaluate(&own, &ask(&own, "user:ann", "doc:d")).decision);
    let other = remit_graph::Snapshot::empty(Arc::new(remit_model::Schema::builder().finish()));
    let program = Arc::new(crate::lower(&crate::testing::policies(vec![])).unwrap());
    let bound = crate::Program::bind(program, Arc::new(other));
    assert!(!bound.same_schema() && own.same_schema());
    assert!(!evaluate(&bound, &ask(&bound, "user:ann", "doc:d")).decision);
}
