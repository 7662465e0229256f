//! Spot checks of the typed tree.

use remit_model::{Ty, Value};

use crate::checked::{Effect, ExprKind, Party, Policies, Rule, Severity, Term};
use crate::compile;
use crate::source::Sources;

use super::{WORLD, sources};

fn policies(text: &str) -> (Sources, Policies) {
    let sources = sources(&[("base.ibac", WORLD), ("case.ibac", text)]);
    let (policies, _) = compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    (sources, policies)
}

fn rule(text: &str) -> (Policies, Rule) {
    let (_, policies) = policies(text);
    let rule = policies.rules.first().expect("there is a rule").clone();
    (policies, rule)
}

/// The type of the left side of a rule's one comparison.
fn left_type(condition: &str) -> String {
    let (policies, rule) = rule(&format!("permit a for user as agent to read on doc when {condition}"));
    let (ExprKind::Compare(_, left, _) | ExprKind::Contains { set: left, .. }) = rule.condition.kind else {
        panic!("{condition} is no comparison");
    };
    show(&policies, &left.ty)
}

fn show(policies: &Policies, ty: &Ty) -> String {
    match ty {
        Ty::Entity(types) => {
            let name = |id| policies.schema.entity_type(id).expect("the type is declared").name.to_string();
            types.iter().map(|id| name(*id)).collect::<Vec<_>>().join("|")
        }
        Ty::Set(inner) => format!("set<{}>", show(policies, inner)),
        Ty::Level(id) => policies.schema.level(*id).expect("the level is declared").name.to_string(),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn navigation_has_the_types_of_its_ends() {
    for (condition, expected) in [
        ("subject.boss == subject", "user"),
        ("subject.boss.boss.class == low", "class"),
        ("subject.member_of has team:x", "set<team>"),
        ("subject.member_of.lead has subject", "set<user>"),
        ("subject.member_of.name has \"x\"", "set<string>"),
        ("subject.roles has \"x\"", "set<string>"),
        ("subject.boss* has subject", "set<user>"),
        ("subject.member_of* has team:x", "set<team|user>"),
        ("subject.member_of+ has team:x", "set<team>"),
        ("subject.^readers has resource", "set<doc>"),
        ("subject.^lead has team:x", "set<team>"),
        ("resource.readers has subject", "set<team|user>"),
        ("actor.uses[share > 0.5 and since < now] has tool:x", "set<tool>"),
        ("subject.age + 1 == 2", "int"),
        ("subject.age * subject.ratio == 2", "decimal"),
        ("now - subject.born == 1d", "duration"),
        ("subject.born + 1d == now", "time"),
        ("count(subject.roles) == 1", "int"),
        ("limits.most == 1", "int"),
        ("action.name == \"read\"", "string"),
        ("pep == \"gateway\"", "string"),
        ("message.x.y == 1", "any"),
        ("(if subject.active then subject else resource.owner) == subject", "user"),
        ("\"high\" == subject.class", "class"),
    ] {
        assert_eq!(left_type(condition), expected, "{condition}");
    }
}

#[test]
fn texts_and_names_become_what_the_other_side_is() {
    for (condition, expected) in [
        ("subject.class == \"high\"", "Level"),
        ("subject.rank == mid", "Level"),
        ("subject.born < \"2026-01-01\"", "Time"),
        ("subject.stay < \"15m\"", "Duration"),
        ("subject.address == \"10.0.0.1\"", "Ip"),
        ("subject.name == \"15m\"", "String"),
        ("context.x == \"15m\"", "String"),
    ] {
        let (_, rule) = rule(&format!("permit a for user to read when {condition}"));
        let ExprKind::Compare(_, _, right) = rule.condition.kind else { panic!("{condition}") };
        let ExprKind::Literal(value) = right.kind else { panic!("{condition}") };
        assert!(format!("{value:?}").starts_with(expected), "{condition} {value:?}");
    }
}

#[test]
fn in_means_what_its_sides_are() {
    let kind = |condition: &str| {
        let (_, rule) = rule(&format!("permit a for user to read when {condition}"));
        rule.condition.kind
    };
    assert!(matches!(kind("subject in team:x"), ExprKind::MemberOf(..)));
    assert!(matches!(kind("subject.address in limits.net"), ExprKind::Within(..)));
    assert!(matches!(kind("context.address in limits.net"), ExprKind::Within(..)));
    assert!(matches!(kind("\"x\" in subject.roles"), ExprKind::Contains { .. }));
    assert!(matches!(kind("subject in resource.readers"), ExprKind::Contains { .. }));
    assert!(matches!(kind("subject.name in [\"a\", \"b\"]"), ExprKind::Contains { .. }));
}

#[test]
fn a_condition_is_all_whens_and_no_unless_and_not_the_that() {
    let (_, one) =
        rule("permit a to read when resource.size > 1 and resource.size < 5 unless context.x when context.y");
    let ExprKind::And(parts) = &one.condition.kind else { panic!("{:?}", one.condition) };
    let kinds: Vec<_> = parts.iter().map(|part| std::mem::discriminant(&part.kind)).collect();
    assert_eq!(parts.len(), 4);
    assert_eq!(kinds[0], kinds[1]);
    assert!(matches!(parts[2].kind, ExprKind::Context(_)));
    assert!(matches!(parts[3].kind, ExprKind::Not(_)));

    let (_, required) = rule("require a as agent to read that context.x == 1 when context.y");
    let ExprKind::And(parts) = &required.condition.kind else { panic!("{:?}", required.condition) };
    assert_eq!(required.effect, Effect::Require);
    assert!(matches!(&parts[..], [first, last]
        if matches!(first.kind, ExprKind::Context(_)) && matches!(last.kind, ExprKind::Not(_))));

    let (_, bare) = rule("permit a to read");
    assert!(matches!(&bare.condition.kind, ExprKind::And(parts) if parts.is_empty()));
}

#[test]
fn what_is_tested_first_narrows_what_follows() {
    let (_, rule) = rule(
        "permit a when resource is doc and resource.size > 1 when resource.class == low unless subject is user and subject.age < 18",
    );
    assert!(matches!(&rule.condition.kind, ExprKind::And(parts) if parts.len() == 4));
    let otherwise = super::found("permit a when resource.size > 1 and resource is doc");
    assert_eq!(otherwise.first().map(|one| one.code), Some("check/attribute-not-in-all"));
    let after = super::found("permit a when (resource is doc and resource.size > 1) or resource.size > 2");
    assert_eq!(after.first().map(|one| one.code), Some("check/attribute-not-in-all"));
}

#[test]
fn a_rule_keeps_its_clauses_texts_and_duties() {
    let text = "/// Why this is so,\n/// in two lines.\nforbid a for user in team:x, agent:y as agent to write, read, read severity critical\n  oblige step-up { level: \"3\", who: subject, r: { n: [1] } } advise tell";
    let (policies, rule) = rule(text);
    assert_eq!(rule.id.to_string(), "main.a");
    assert_eq!(rule.doc.as_deref(), Some("Why this is so, in two lines."));
    assert_eq!(rule.because.map(|because| because.parts.len()), Some(1));
    assert_eq!(rule.severity, Severity::Critical);
    let user = policies.schema.type_id("user").expect("declared");
    let terms = rule.subjects.expect("written").terms;
    assert!(matches!(&terms[..], [Term::MemberOf(of, _), Term::Entity(..)] if *of == user));
    assert_eq!(rule.actions.map(|actions| actions.len()), Some(2));
    assert!(rule.resources.is_none());
    let properties = &rule.obligations[0].properties;
    assert!(matches!(properties[1].1.kind, ExprKind::Party(Party::Subject)));
    assert!(matches!(&properties[2].1.kind, ExprKind::Literal(Value::Record(members)) if members.len() == 1));
    assert_eq!(rule.advice[0].kind.as_str(), "tell");
}

#[test]
fn any_among_terms_selects_everything() {
    let (_, rule) = rule("permit a for user, any to read on any");
    assert!(rule.subjects.is_none() && rule.resources.is_none());
}

#[test]
fn attributes_know_their_sources_and_relations() {
    let (_, policies) = policies("permit a to read");
    let schema = &policies.schema;
    let user = schema.type_id("user").expect("declared");
    let attribute = |name| schema.attribute(user, schema.attr_id(name).expect("named")).expect("declared");
    assert_eq!(attribute("device").sources, [remit_model::Provenance::Request]);
    let member_of = attribute("member_of").relation.as_ref().expect("a relation");
    assert!(member_of.membership && member_of.many);
    let boss = attribute("boss");
    assert!(boss.optional && boss.relation.as_ref().is_some_and(|of| !of.many && !of.membership));
}

#[test]
fn the_language_page_checks_whole() {
    let sources = sources(&[
        ("language.ibac", include_str!("../../../tests/accepted/language.ibac")),
        ("language.extra.ibac", include_str!("../../../tests/accepted/language.extra.ibac")),
    ]);
    let (policies, _) = compile(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!((policies.rules.len(), policies.expects.len(), policies.limits.len()), (5, 4, 2));
    let payments = policies.packages.iter().find(|package| package.name.as_str() == "payments");
    assert!(payments.is_some_and(|package| package.valid_until.is_some()));
    let names: Vec<&str> = policies.intents[0].tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["look_up", "pay", "vet"]);
    let last = policies.expects.last().expect("four");
    assert_eq!(last.within.as_ref().map(ToString::to_string).as_deref(), Some("payments.pay_invoice"));
    assert_eq!(last.chain().map(|chain| chain.origin().to_string()).as_deref(), Some("agent:\"invoicer\""));
}
