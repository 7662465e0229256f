//! Every kind of expression by table, against one small graph.

use std::sync::Arc;

use remit_lang::checked::{Comparison, Expr, ExprKind};
use remit_model::{Duration, IpNet, Number, Timestamp, Ty, Value};

use crate::lower::{Arithmetic, Effect, TextTest};
use crate::testing::{DOC, LEVEL, USER, ask, bind, ex::*, name, rule};
use crate::truth::Truth::{self, False, True, Unknown};

const GRAPH: &[&str] = &[
    "user:ann.email = ann@x.org",
    "user:ann.age = 40",
    "user:ann.clearance = #1",
    "user:ann.manager user:bob",
    "user:bob.manager user:cid",
    "user:cid",
    "user:ann.member_of group:staff",
    "group:staff.member_of group:all",
    "group:all",
    "user:lost.member_of group:ghost",
    "doc:d.owner user:ann",
    "doc:d.label = #2",
    "doc:d.parent doc:folder",
    "doc:folder.viewer group:staff",
    "doc:folder.viewer user:cid",
    "doc:bare",
];

/// The truth of a condition for a subject and a resource, with some context.
fn truth(condition: Expr, subject: &str, resource: &str, context: &[(&str, Value)]) -> Truth {
    let mut permit = rule("r", Effect::Permit);
    permit.condition = condition;
    let bound = bind(vec![permit], GRAPH);
    let mut query = ask(&bound, subject, resource);
    query.context = context;
    let amount = [("amount", Value::Number(Number::from(5)))];
    query.action_properties = &amount;
    query.pep = "gateway";
    let eval = super::Eval::new(&bound, &query);
    eval.rule(eval.program.rule(0))
}

fn check(cases: Vec<(&str, Expr, Truth)>) {
    for (case, condition, expected) in cases {
        assert_eq!(truth(condition, "user:ann", "doc:d", &given()), expected, "{case}");
    }
}

fn given() -> Vec<(&'static str, Value)> {
    let record = Value::Record(Arc::from([(Arc::from("kind"), Value::string("card"))]));
    vec![
        ("n", Value::Number(Number::from(3))),
        ("text", Value::string("mid")),
        ("day", Value::string("2026-01-01")),
        ("span", Value::string("15m")),
        ("ip", Value::string("10.1.2.3")),
        ("list", Value::Set(Arc::from([Value::string("a"), Value::Number(Number::from(1))]))),
        ("none", Value::Set(Arc::from([]))),
        ("finds", Value::Set(Arc::from([record.clone()]))),
        ("message", record),
    ]
}

/// A list as a limit has it: one value.
fn listed(texts: &[&str]) -> Expr {
    literal(Value::Set(texts.iter().map(|it| Value::string(it)).collect()), Ty::String.set())
}

fn cmp(op: Comparison, a: Expr, b: Expr) -> Expr {
    compare(op, a, b)
}

fn level(rank: u16) -> Expr {
    literal(Value::Level(LEVEL, rank), Ty::Level(LEVEL))
}

fn text_test(test: TextTest, a: Expr, b: Expr) -> Expr {
    boolean(ExprKind::Text(test, Box::new(a), Box::new(b)))
}

fn sum(op: Arithmetic, a: Expr, b: Expr) -> Expr {
    of(ExprKind::Arithmetic(op, Box::new(a), Box::new(b)), Ty::Any)
}

fn unknown() -> Expr {
    equal(context("absent"), text("x"))
}

#[test]
fn values_and_comparison() {
    let time = Timestamp::parse("2026-01-01").unwrap();
    let span = Duration::parse("15m").unwrap();
    let net = literal(Value::Ip(IpNet::parse("10.0.0.0/8").unwrap()), Ty::Ip);
    let within = |a| boolean(ExprKind::Within(Box::new(a), Box::new(net.clone())));
    check(vec![
        ("attribute", equal(attr(subject(), "email"), text("ann@x.org")), True),
        ("attribute differs", equal(attr(subject(), "email"), text("x")), False),
        ("missing attribute", equal(attr(resource(), "email"), text("x")), Unknown),
        ("not equal missing", cmp(Comparison::NotEqual, attr(resource(), "email"), text("x")), Unknown),
        ("less", cmp(Comparison::Less, attr(subject(), "age"), number("40.5")), True),
        ("greater or equal", cmp(Comparison::GreaterOrEqual, attr(subject(), "age"), number("41")), False),
        ("levels", cmp(Comparison::Less, attr(subject(), "clearance"), attr(resource(), "label")), True),
        ("string beside level", equal(context("text"), level(1)), True),
        ("odd string beside level", equal(context("day"), level(1)), Unknown),
        ("string beside time", equal(context("day"), literal(Value::Time(time), Ty::Time)), True),
        (
            "string beside duration",
            equal(context("span"), literal(Value::Duration(span), Ty::Duration)),
            True,
        ),
        ("ill-typed equal", equal(context("n"), text("3")), Unknown),
        ("ill-typed unequal", cmp(Comparison::NotEqual, context("n"), text("3")), Unknown),
        ("now is after", cmp(Comparison::Greater, of(ExprKind::Now, Ty::Time), context("day")), True),
        ("pep", equal(of(ExprKind::Pep, Ty::String), text("gateway")), True),
        ("action name", equal(of(ExprKind::ActionName, Ty::String), text("read")), True),
        (
            "action property",
            equal(of(ExprKind::ActionProperty(name("amount")), Ty::Decimal), number("5")),
            True,
        ),
        ("message", equal(of(ExprKind::Message(name("kind")), Ty::Any), text("card")), True),
        ("member", equal(member(context("message"), "kind"), text("card")), True),
        ("within", within(context("ip")), True),
        ("not an address", within(context("text")), Unknown),
        ("starts", text_test(TextTest::StartsWith, attr(subject(), "email"), text("ann")), True),
        ("ends", text_test(TextTest::EndsWith, attr(subject(), "email"), text(".com")), False),
        ("contains", text_test(TextTest::Contains, context("n"), text("1")), Unknown),
        ("matches", boolean(ExprKind::Matches(Box::new(attr(subject(), "email")), Arc::from("@x"))), True),
        ("entity equal", equal(follow(resource(), "owner"), subject()), True),
        ("entity of two kinds", equal(the("user:nobody"), the("user:nobody")), True),
        ("is", boolean(ExprKind::Is(Box::new(subject()), USER)), True),
        ("is not", boolean(ExprKind::Is(Box::new(subject()), DOC)), False),
    ]);
}

#[test]
fn arithmetic_is_exact_and_overflow_unknown() {
    let huge = || number("100000000000000000000");
    check(vec![
        ("add", equal(sum(Arithmetic::Add, number("0.1"), number("0.2")), number("0.3")), True),
        ("subtract", equal(sum(Arithmetic::Subtract, number("1"), number("3")), number("-2")), True),
        ("multiply", equal(sum(Arithmetic::Multiply, context("n"), number("2.5")), number("7.5")), True),
        ("overflow", equal(sum(Arithmetic::Add, huge(), huge()), number("1")), Unknown),
        ("text", equal(sum(Arithmetic::Add, context("text"), number("1")), number("1")), Unknown),
    ]);
}

#[test]
fn logic_and_presence() {
    let branch = |c, a, b| boolean(ExprKind::If(Box::new(c), Box::new(a), Box::new(b)));
    check(vec![
        ("not unknown", not(unknown()), Unknown),
        ("false and unknown", and(vec![unknown(), truth_of(false)]), False),
        ("true and unknown", and(vec![truth_of(true), unknown()]), Unknown),
        ("true or unknown", or(vec![unknown(), truth_of(true)]), True),
        ("empty and", and(vec![]), True),
        ("if true", branch(truth_of(true), truth_of(false), unknown()), False),
        ("if unknown, branches differ", branch(unknown(), truth_of(true), truth_of(false)), Unknown),
        ("if unknown, branches agree", branch(unknown(), truth_of(true), truth_of(true)), True),
        ("present", present(context("n")), True),
        ("missing", present(context("absent")), False),
        ("is missing", boolean(ExprKind::Present(Box::new(context("absent")), false)), True),
        ("a known empty set is present", present(follow(resource(), "viewer")), True),
        (
            "a relation to one without edge is missing",
            present(follow(follow(subject(), "manager"), "member_of")),
            True,
        ),
    ]);
    let viewers = || present(follow(resource(), "viewer"));
    assert_eq!(truth(viewers(), "user:ann", "doc:absent", &[]), False, "of an absent node nothing is known");
    assert_eq!(truth(present(follow(resource(), "owner")), "user:ann", "doc:bare", &[]), False);
}

fn truth_of(value: bool) -> Expr {
    literal(Value::Bool(value), Ty::Bool)
}

#[test]
fn sets_and_quantifiers() {
    let tags = || set(vec![text("a"), text("b")]);
    let any_all = |all, a, b| {
        boolean(if all {
            ExprKind::HasAll(Box::new(a), Box::new(b))
        } else {
            ExprKind::HasAny(Box::new(a), Box::new(b))
        })
    };
    let is_a = || equal(variable(Ty::Any), text("a"));
    check(vec![
        ("has", has(tags(), text("a")), True),
        ("has not", has(tags(), text("c")), False),
        ("has unknown item", has(tags(), context("absent")), Unknown),
        ("incomplete has", has(set(vec![text("a"), context("absent")]), text("a")), True),
        ("incomplete has not", has(set(vec![text("a"), context("absent")]), text("c")), Unknown),
        ("mixed kinds", has(context("list"), text("c")), Unknown),
        ("no set", has(context("n"), text("c")), Unknown),
        ("has any", any_all(false, tags(), set(vec![text("c"), text("b")])), True),
        ("has any of none", any_all(false, tags(), context("none")), False),
        ("has any of unknown", any_all(false, tags(), context("absent")), Unknown),
        ("nothing has any of a list", any_all(false, context("none"), listed(&["a"])), False),
        ("something has any of a list", any_all(false, context("list"), listed(&["b", "a"])), True),
        ("unknown has any of a list", any_all(false, context("absent"), listed(&["a"])), Unknown),
        ("no set has any of a list", any_all(false, context("text"), listed(&["a"])), Unknown),
        ("unknown has any of an empty list", any_all(false, context("absent"), listed(&[])), False),
        ("nothing has all of a list", any_all(true, context("none"), listed(&["a"])), False),
        ("unknown has all of an empty list", any_all(true, context("absent"), listed(&[])), True),
        ("has all", any_all(true, tags(), set(vec![text("a")])), True),
        ("has all not", any_all(true, tags(), set(vec![text("a"), text("c")])), False),
        (
            "has all of unknown, with a counterexample",
            any_all(true, tags(), set(vec![text("c"), context("absent")])),
            False,
        ),
        ("any", any(context("list"), is_a()), True),
        ("any in none", any(context("none"), is_a()), False),
        ("any unknown", any(context("absent"), is_a()), Unknown),
        ("all", all(tags(), is_a()), False),
        ("all in none", all(context("none"), is_a()), True),
        ("all mixed", all(context("list"), is_a()), Unknown),
        ("all unknown", all(context("absent"), is_a()), Unknown),
        ("count", equal(count(set(vec![text("a"), text("a"), text("b")])), number("2")), True),
        ("count unknown", equal(count(set(vec![text("a"), context("absent")])), number("1")), Unknown),
        ("mapped members", has(member(context("finds"), "kind"), text("card")), True),
        ("equal sets", equal(tags(), set(vec![text("b"), text("a")])), True),
        ("unequal sets", equal(tags(), set(vec![text("b")])), False),
    ]);
}

#[test]
fn navigation() {
    let managers = |step| follow(subject(), step);
    let folder_viewers = || follow(follow(resource(), "parent*"), "viewer");
    let has_any = |a, b| boolean(ExprKind::HasAny(Box::new(a), Box::new(b)));
    check(vec![
        ("to one", equal(managers("manager"), the("user:bob")), True),
        ("two steps", equal(follow(managers("manager"), "manager"), the("user:cid")), True),
        (
            "past the end",
            equal(follow(follow(managers("manager"), "manager"), "manager"), subject()),
            Unknown,
        ),
        ("closure", has(managers("manager*"), the("user:cid")), True),
        ("closure holds its start", has(managers("manager*"), subject()), True),
        ("one or more does not", has(managers("manager+"), subject()), False),
        ("one or more", has(managers("manager+"), the("user:bob")), True),
        ("backwards", has(follow(the("user:cid"), "^manager+"), subject()), True),
        ("backwards not", has(follow(subject(), "^manager"), the("user:cid")), False),
        ("over a set", has(folder_viewers(), the("user:cid")), True),
        ("through groups", has_any(folder_viewers(), managers("member_of*")), True),
        ("attributes of a set", has(attr(follow(subject(), "^owner"), "label"), level(2)), True),
        ("member", is_in(subject(), the("group:all")), True),
        ("member of itself", is_in(the("group:all"), the("group:all")), True),
        ("no member", is_in(subject(), the("group:other")), False),
        ("member of what nobody knows", is_in(the("user:absent"), the("group:all")), Unknown),
        ("beyond a placeholder", is_in(the("user:lost"), the("group:all")), Unknown),
        ("the placeholder itself", is_in(the("user:lost"), the("group:ghost")), True),
        (
            "closure beyond a placeholder",
            has(follow(the("user:lost"), "member_of*"), the("group:all")),
            Unknown,
        ),
        ("count", equal(count(managers("manager*")), number("3")), True),
    ]);
}

#[test]
fn a_filter_keeps_the_edges_for_which_it_is_true() {
    let filter = |condition| has(filtered(subject(), "manager+", Some(condition)), the("user:cid"));
    check(vec![
        ("true", filter(truth_of(true)), True),
        ("false", filter(truth_of(false)), False),
        ("unknown", filter(unknown()), Unknown),
        (
            "edge property",
            filter(equal(of(ExprKind::EdgeProperty(name("p")), Ty::String), text("x"))),
            Unknown,
        ),
    ]);
}

#[test]
fn asserted_attributes_count_only_from_the_request_where_the_schema_says_so() {
    let bound = |condition| {
        let mut permit = rule("r", Effect::Permit);
        permit.condition = condition;
        bind(vec![permit], &["user:ann.device = old", "doc:d"])
    };
    let decide = |condition, asserted: &[(&str, Value)]| {
        let bound = bound(condition);
        let mut query = ask(&bound, "user:ann", "doc:d");
        query.subject = query.subject.asserting(asserted);
        query.resource = query.resource.asserting(asserted);
        crate::evaluate(&bound, &query).decision
    };
    let new = [("device", Value::string("new")), ("email", Value::string("new"))];
    let odd = [("device", Value::Bool(true))];
    assert!(decide(equal(attr(subject(), "device"), text("new")), &new), "request comes first");
    assert!(
        decide(equal(attr(subject(), "device"), text("old")), &odd),
        "ill-typed is not seen: next source"
    );
    assert!(!decide(equal(attr(subject(), "email"), text("new")), &new), "email is not the PEP's to say");
    let sharers = [("sharers", Value::Set(Arc::from([Value::string("ann")])))];
    let shared = || has(follow(resource(), "sharers"), subject());
    assert!(decide(shared(), &sharers), "a relation may be asserted by ids");
    assert!(!decide(shared(), &[]));
}

#[test]
fn work_is_bounded() {
    let many: Vec<Value> = (0..3000).map(|n| Value::Number(Number::from(n))).collect();
    let list = [("big", Value::Set(many.into()))];
    let inner = boolean(ExprKind::AllOf {
        depth: 1,
        set: Box::new(context("big")),
        body: Box::new(cmp(Comparison::GreaterOrEqual, variable(Ty::Any), number("0"))),
    });
    assert_eq!(truth(all(context("big"), inner), "user:ann", "doc:d", &list), Unknown);
}

#[test]
fn the_deepest_expression_fits_the_stack_and_one_deeper_is_refused() {
    let nested = |levels: u16| {
        (0..levels).rev().fold(truth_of(true), |body, depth| {
            let set = set(vec![text("a")]);
            boolean(ExprKind::AnyOf { depth, set: Box::new(set), body: Box::new(body) })
        })
    };
    assert_eq!(truth(nested(142), "user:ann", "doc:d", &[]), True);
    let mut permit = rule("deep", Effect::Permit);
    permit.condition = nested(143);
    let refused = crate::lower(&crate::testing::policies(vec![permit]));
    assert!(matches!(refused, Err(crate::LowerError::TooDeep { limit: 144, .. })));
}

#[test]
fn a_pattern_that_grows_too_large_is_refused() {
    let with = |pattern: &str| {
        let mut permit = rule("p", Effect::Permit);
        permit.condition = boolean(ExprKind::Matches(Box::new(context("text")), Arc::from(pattern)));
        crate::lower(&crate::testing::policies(vec![permit]))
    };
    assert!(with("^m[aeiou]d$").is_ok());
    assert!(matches!(with("(x{1000}){1000}"), Err(crate::LowerError::Pattern { .. })));
}
