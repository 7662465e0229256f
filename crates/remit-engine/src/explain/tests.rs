//! What an explanation says, beside the verdict it must not change.

use remit_model::Reason;

use super::{Clause, explain};
use crate::lower::Effect;
use crate::testing::{ask, bind, entity, ex::*, rule, select};
use crate::truth::Truth;

const GRAPH: &[&str] = &[
    "user:ann.member_of group:staff",
    "group:staff.member_of group:all",
    "user:bob",
    "doc:d.owner user:bob",
];

fn staff_who_own() -> crate::Bound {
    let mut permit = rule("own", Effect::Permit);
    permit.subjects = select("user in group:all");
    permit.condition = equal(follow(resource(), "owner"), subject());
    let mut far = rule("far", Effect::Permit);
    far.subjects = select("user in group:none");
    far.resources = select("doc:other");
    bind(vec![permit, far], GRAPH)
}

#[test]
fn a_deny_names_the_first_failing_part_and_the_nearest_permit() {
    let bound = staff_who_own();
    let explanation = explain(&bound, &ask(&bound, "user:ann", "doc:d"));
    assert_eq!(explanation.verdict.reason, Reason::NoPermitApplies);
    let nearest = explanation.nearest.unwrap();
    assert_eq!(nearest.permit.as_deref(), Some("test.own"));
    assert_eq!(nearest.needs.iter().map(|part| part.clause).collect::<Vec<_>>(), [Clause::When]);
    let far = explanation.rules.iter().find(|trace| &*trace.id == "test.far").unwrap();
    let failing = far.failing.as_ref().unwrap();
    assert_eq!((failing.clause, failing.text.as_str()), (Clause::For, "user in group:\"none\""));
}

#[test]
fn an_allow_shows_how_the_membership_comes_about() {
    let mut permit = rule("all", Effect::Permit);
    permit.subjects = select("user in group:all");
    let bound = bind(vec![permit], GRAPH);
    let explanation = explain(&bound, &ask(&bound, "user:ann", "doc:d"));
    assert!(explanation.verdict.decision && explanation.nearest.is_none());
    assert_eq!(explanation.paths, [["user:ann", "group:staff", "group:all"].map(entity)]);
}

#[test]
fn what_was_missing_is_named() {
    let mut permit = rule("mail", Effect::Permit);
    permit.condition = equal(attr(subject(), "email"), text("x"));
    let bound = bind(vec![permit], GRAPH);
    let explanation = explain(&bound, &ask(&bound, "user:bob", "doc:d"));
    assert_eq!(explanation.verdict.reason, Reason::PermitUnknown);
    let failing = explanation.rules[0].failing.as_ref().unwrap();
    assert_eq!((failing.truth, failing.missing.as_deref()), (Truth::Unknown, Some("subject.email")));
    assert_eq!(explanation.verdict.missing[0].path.as_ref(), "subject.email");
    let read = &explanation.verdict.reads[0];
    assert_eq!((read.path.as_ref(), read.provenance), ("subject.email", None));
}

#[test]
fn a_forbid_stands_in_the_way() {
    let bound = bind(vec![rule("may", Effect::Permit), rule("never", Effect::Forbid)], GRAPH);
    let explanation = explain(&bound, &ask(&bound, "user:ann", "doc:d"));
    let nearest = explanation.nearest.unwrap();
    assert_eq!((nearest.permit, nearest.blocked_by.len()), (None, 1));
    assert_eq!(&*nearest.blocked_by[0], "test.never");
}
