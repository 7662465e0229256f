//! The decisions of the interpreter where the texts are silent, one by one, on a hand-made policy.

use std::sync::Arc;

use remit_lang::checked::{
    Effect, Expr, ExprKind, Party, Policies, Reach, Rule, RuleId, Selector, Severity, Term,
};
use remit_lang::source::Span;
use remit_model::{
    Action, AttrId, Attribute, EntityRef, Name, Number, Provenance, Reason, Relation, Schema, Timestamp, Ty,
    TypeId, Value,
};

use super::{Ask, Asked, Edge, Oracle, World};

const USER: TypeId = TypeId(0);
const GROUP: TypeId = TypeId(1);
const AGE: AttrId = AttrId(0);
const MEMBER_OF: AttrId = AttrId(1);

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn user(id: &str) -> EntityRef {
    EntityRef::new(name("user"), id)
}

fn group(id: &str) -> EntityRef {
    EntityRef::new(name("group"), id)
}

/// `entity user { age: int from request or graph, member_of: set<group> }  entity group {}  action read on user`
fn schema() -> Schema {
    let mut builder = Schema::builder();
    builder.declare_type(name("user")).unwrap();
    builder.declare_type(name("group")).unwrap();
    let age = builder.attr(&name("age")).unwrap();
    let member_of = builder.attr(&name("member_of")).unwrap();
    let attribute = |id, text, ty, sources: &[Provenance], relation| Attribute {
        id,
        name: name(text),
        ty,
        optional: true,
        sources: sources.to_vec(),
        relation,
    };
    let sources = [Provenance::Request, Provenance::Graph];
    builder.add_attribute(USER, attribute(age, "age", Ty::Int, &sources, None)).unwrap();
    let relation = Relation { targets: Arc::from([GROUP]), many: true, membership: true, properties: vec![] };
    let groups = Ty::entity(GROUP).set();
    let sources = [Provenance::Graph];
    builder.add_attribute(USER, attribute(member_of, "member_of", groups, &sources, Some(relation))).unwrap();
    builder.declare_action(Action { name: name("read"), resources: vec![USER], properties: vec![] }).unwrap();
    builder.finish()
}

fn expr(ty: Ty, kind: ExprKind) -> Expr {
    Expr { span: Span::default(), ty, kind }
}

fn party(party: Party) -> Expr {
    expr(Ty::entity(USER), ExprKind::Party(party))
}

fn groups_of(base: Expr, inverse: bool) -> Expr {
    let of = if inverse { USER } else { GROUP };
    let kind = ExprKind::Follow {
        base: Box::new(base),
        relation: MEMBER_OF,
        reach: Reach::One,
        inverse,
        filter: None,
    };
    expr(Ty::entity(of).set(), kind)
}

fn has(set: Expr, item: EntityRef) -> Expr {
    let item = expr(Ty::Entity(Arc::from([])), ExprKind::Literal(Value::Entity(item)));
    expr(Ty::Bool, ExprKind::Contains { set: Box::new(set), item: Box::new(item) })
}

fn not(inner: Expr) -> Expr {
    expr(Ty::Bool, ExprKind::Not(Box::new(inner)))
}

fn present(inner: Expr) -> Expr {
    expr(Ty::Bool, ExprKind::Present(Box::new(inner), true))
}

fn age_of(base: Expr) -> Expr {
    expr(Ty::Int, ExprKind::Attribute(Box::new(base), AGE))
}

fn truly() -> Expr {
    expr(Ty::Bool, ExprKind::And(vec![]))
}

fn rule(effect: Effect, subjects: Option<Term>, condition: Expr) -> Rule {
    Rule {
        id: RuleId { package: name("p"), name: name("r") },
        span: Span::default(),
        effect,
        subjects: subjects.map(|term| Selector { terms: vec![term] }),
        actors: None,
        actions: None,
        resources: None,
        via: None,
        within: None,
        condition,
        because: None,
        obligations: vec![],
        advice: vec![],
        severity: Severity::Low,
        on_request: None,
        doc: None,
    }
}

/// `ann` is in `staff` and 30; `bob` is a recorded user in no group; `cy` is only named by an edge when `placeholder`.
fn world(placeholder: bool) -> World {
    let mut world = World::default();
    let age = Value::Number(Number::from(30));
    world.nodes.insert(user("ann"), [("age".to_owned(), age)].into());
    world.nodes.insert(user("bob"), [].into());
    world.nodes.insert(group("staff"), [].into());
    let mut edges = vec![user("ann")];
    edges.extend(placeholder.then(|| user("cy")));
    world.edges.extend(edges.into_iter().map(|from| Edge {
        from,
        relation: "member_of".into(),
        to: group("staff"),
        valid_from: None,
        valid_until: None,
        properties: [].into(),
    }));
    world
}

fn reason(rule: Rule, world: &World, subject: &str, asserted: &[(&str, Value)]) -> Reason {
    let policies = Policies {
        schema: Arc::new(schema()),
        packages: vec![],
        limits: vec![],
        sources: vec![],
        rules: vec![rule],
        intents: vec![],
        labels: vec![],
        expects: vec![],
    };
    let asserted = asserted.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let ask = Ask {
        subject: Asked { entity: user(subject), asserted },
        actor: None,
        action: "read".into(),
        action_properties: vec![],
        resource: Asked { entity: user("ann"), asserted: vec![] },
        context: vec![],
        now: Timestamp::parse("2026-01-01").unwrap(),
        pep: "app".into(),
        unsupported: None,
        standing: None,
        acting: None,
    };
    Oracle::new(&policies, world).answer(&ask).0.reason
}

fn permit(condition: Expr) -> Rule {
    rule(Effect::Permit, None, condition)
}

#[test]
fn clauses_are_three_valued() {
    let staff = |effect| rule(effect, Some(Term::MemberOf(USER, group("staff"))), truly());
    let cases = [
        ("ann", Reason::Permitted, Reason::Forbidden),
        ("bob", Reason::NoPermitApplies, Reason::NoPermitApplies),
        ("nobody", Reason::PermitUnknown, Reason::ForbidUnknown),
    ];
    for (who, permitted, forbidden) in cases {
        assert_eq!(reason(staff(Effect::Permit), &world(false), who, &[]), permitted, "{who}");
        assert_eq!(reason(staff(Effect::Forbid), &world(false), who, &[]), forbidden, "{who}");
    }
}

#[test]
fn a_recorded_node_has_certainly_no_other_edges_and_an_unrecorded_one_may() {
    let outside = || permit(not(has(groups_of(party(Party::Subject), false), group("staff"))));
    assert_eq!(reason(outside(), &world(false), "ann", &[]), Reason::NoPermitApplies);
    assert_eq!(reason(outside(), &world(false), "bob", &[]), Reason::Permitted);
    assert_eq!(reason(outside(), &world(false), "nobody", &[]), Reason::PermitUnknown);
}

#[test]
fn against_direction_a_placeholder_or_an_unrecorded_party_could_be_one_more() {
    let staff = || expr(Ty::entity(GROUP), ExprKind::Literal(Value::Entity(group("staff"))));
    let bob_outside = || permit(not(has(groups_of(staff(), true), user("bob"))));
    assert_eq!(reason(bob_outside(), &world(false), "ann", &[]), Reason::Permitted);
    assert_eq!(reason(bob_outside(), &world(true), "ann", &[]), Reason::PermitUnknown);
    assert_eq!(reason(bob_outside(), &world(false), "nobody", &[]), Reason::PermitUnknown);
}

#[test]
fn what_is_asserted_counts_only_in_the_declared_type_and_before_the_graph() {
    let thirty = || {
        let thirty = expr(Ty::Int, ExprKind::Literal(Value::Number(Number::from(30))));
        let (age, how) = (age_of(party(Party::Subject)), remit_lang::checked::Comparison::Equal);
        permit(expr(Ty::Bool, ExprKind::Compare(how, Box::new(age), Box::new(thirty))))
    };
    let asked = |value: Value| reason(thirty(), &world(false), "ann", &[("age", value)]);
    assert_eq!(asked(Value::Number(Number::from(31))), Reason::NoPermitApplies);
    assert_eq!(asked(Value::string("31")), Reason::Permitted, "ill-typed is not seen, the graph says 30");
    assert_eq!(reason(thirty(), &world(false), "bob", &[]), Reason::PermitUnknown);
}

#[test]
fn presence_is_never_unknown_and_an_empty_set_that_is_known_is_present() {
    let groups = || permit(present(groups_of(party(Party::Subject), false)));
    let age = || permit(present(age_of(party(Party::Subject))));
    for (who, has_groups, has_age) in [("ann", true, true), ("bob", true, false), ("nobody", false, false)] {
        let of = |yes| if yes { Reason::Permitted } else { Reason::NoPermitApplies };
        assert_eq!(reason(groups(), &world(false), who, &[]), of(has_groups), "{who}");
        assert_eq!(reason(age(), &world(false), who, &[]), of(has_age), "{who}");
    }
}
