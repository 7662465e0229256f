//! Search against brute force: every entity of the type is asked, one by one.

use remit_graph::NodeId;

use super::{actions, asked, resources, subjects};
use crate::lower::{Effect, Who};
use crate::testing::{DOC, READ, USER, ask, bind, ex::*, rule, select};
use crate::{Bound, Query, decides};

fn world() -> Vec<String> {
    let mut lines = Vec::new();
    for n in 0..40 {
        lines.push(format!("user:u{n:02}.member_of group:g{}", n % 7));
        lines.push(format!("user:u{n:02}.email = u{}@x", n % 3));
        lines.push(format!("doc:d{n:02}.owner user:u{:02}", n * 3 % 40));
        lines.push(format!("doc:d{n:02}.parent doc:d{:02}", n / 2));
        lines.push(format!("doc:d{n:02}.viewer group:g{}", n % 5));
    }
    for n in 1..7 {
        lines.push(format!("group:g{n}.member_of group:g{}", n / 2));
    }
    lines.push("doc:d01.viewer user:u33".to_owned());
    lines
}

fn bound(rules: Vec<remit_lang::checked::Rule>) -> Bound {
    let lines = world();
    bind(rules, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

fn brute(bound: &Bound, query: &Query<'_>, who: Who, of: remit_model::TypeId) -> Vec<NodeId> {
    let all = bound.snapshot().nodes_of(of).map(NodeId);
    all.filter(|node| decides(bound, &asked(bound, query, who, *node))).collect()
}

/// Both searches equal brute force; returns how few entities a resource search had to decide.
fn agree(bound: &Bound) -> usize {
    let mut examined = usize::MAX;
    for n in [0, 7, 33] {
        let (user, doc) = (format!("user:u{n:02}"), format!("doc:d{n:02}"));
        let query = ask(bound, &user, &doc);
        let found = resources(bound, &query, DOC);
        assert_eq!(found.found, brute(bound, &query, Who::Resource, DOC), "resources of {user}");
        assert_eq!(found.total, found.found.len());
        examined = examined.min(found.examined);
        let found = subjects(bound, &query, USER);
        assert_eq!(found.found, brute(bound, &query, Who::Subject, USER), "subjects of {doc}");
    }
    examined
}

#[test]
fn every_shape_that_is_solved_agrees_with_brute_force() {
    let shapes = [
        ("owner", equal(follow(resource(), "owner"), subject()), true),
        ("owner's group", is_in(follow(resource(), "owner"), the("group:g3")), true),
        ("viewer over folders", has(follow(follow(resource(), "parent*"), "viewer"), subject()), true),
        ("backwards", has(follow(subject(), "^owner"), resource()), true),
        ("children of mine", has(follow(follow(subject(), "^owner"), "^parent+"), resource()), true),
        ("any viewer group", any(follow(resource(), "viewer"), is_in(subject(), variable_entity())), true),
        (
            "either",
            or(vec![equal(follow(resource(), "owner"), subject()), equal(resource(), the("doc:d05"))]),
            true,
        ),
        ("property of the known party", equal(attr(subject(), "email"), text("u1@x")), true),
        ("property", equal(attr(resource(), "label"), context("label")), false),
        ("not", not(equal(follow(resource(), "owner"), subject())), false),
    ];
    for (shape, condition, narrow) in shapes {
        let mut permit = rule("r", Effect::Permit);
        permit.condition = condition;
        let bound = bound(vec![permit]);
        assert_eq!(agree(&bound) < 40, narrow, "{shape} is solved: {narrow}");
    }
}

fn variable_entity() -> remit_lang::checked::Expr {
    variable(remit_model::Ty::Entity(std::sync::Arc::from([])))
}

#[test]
fn clauses_unions_and_forbids() {
    let mut group = rule("group", Effect::Permit);
    group.subjects = select("user in group:g1");
    group.resources = select("doc:d03, doc:d04, doc:nowhere");
    let mut own = rule("own", Effect::Permit);
    own.condition = equal(follow(resource(), "owner"), subject());
    let mut never = rule("never", Effect::Forbid);
    never.resources = select("doc:d04");
    agree(&bound(vec![group, own, never]));
}

#[test]
fn actions_are_those_that_would_be_allowed() {
    let mut permit = rule("r", Effect::Permit);
    permit.actions = Some(vec![READ]);
    let bound = bound(vec![permit]);
    assert_eq!(actions(&bound, &ask(&bound, "user:u01", "doc:d01")), [READ]);
}
