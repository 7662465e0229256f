//! For tests of this crate: a small schema, checked trees by hand, and a graph to ask.

use std::sync::Arc;

use remit_graph::{EdgeData, GraphBuilder, PropertyMetadata, Snapshot};
use remit_lang::checked::{
    Comparison, Expr, ExprKind, Package, Part, Party, Reach, Rule, Selector, Template, Term,
};
use remit_model::{
    Action, ActionId, AttrId, Attribute, EntityRef, Field, Level, LevelId, Name, Number, Provenance,
    Relation, Schema, Timestamp, Ty, TypeId, Value,
};

use crate::lower::{Effect, Policies, RuleId, Severity, Span, lower};
use crate::program::Program;
use crate::{Bound, Query};

pub(crate) const USER: TypeId = TypeId(0);
pub(crate) const GROUP: TypeId = TypeId(1);
pub(crate) const DOC: TypeId = TypeId(2);
pub(crate) const READ: ActionId = ActionId(0);
pub(crate) const LEVEL: LevelId = LevelId(0);

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-06-01").unwrap()
}

/// `user { email, age: int, roles: set<string>, device: string from request, clearance: level, manager: user?,
/// member_of: set<group> }`, `group { member_of: set<group> }`, `doc { owner: user, parent: doc, viewer:
/// set<user | group> { until: time }, label: level, tags: set<string> }`, `read on doc { amount }`, `write on doc`.
pub(crate) fn schema() -> Schema {
    let mut b = Schema::builder();
    for kind in ["user", "group", "doc"] {
        b.declare_type(name(kind)).unwrap();
    }
    let level =
        b.declare_level(Level { name: name("level"), members: ["low", "mid", "high"].map(name).into() });
    assert_eq!(level, Ok(LEVEL));
    let members = Ty::Entity(Arc::from([USER, GROUP]));
    let graph = [Provenance::Graph];
    let either = [Provenance::Request, Provenance::Graph];
    let mut add = |to, text: &str, ty: Ty, sources: &[Provenance]| {
        let id = b.attr(&name(text)).unwrap();
        let relation = ty.entity_types().map(|targets| Relation {
            targets: Arc::clone(targets),
            many: matches!(ty, Ty::Set(_)),
            membership: text == "member_of",
            properties: vec![],
        });
        let attribute =
            Attribute { id, name: name(text), ty, optional: true, sources: sources.to_vec(), relation };
        b.add_attribute(to, attribute).unwrap();
    };
    add(USER, "email", Ty::String, &graph);
    add(USER, "age", Ty::Int, &graph);
    add(USER, "roles", Ty::String.set(), &graph);
    add(USER, "device", Ty::String, &either);
    add(USER, "clearance", Ty::Level(LEVEL), &graph);
    add(USER, "manager", Ty::entity(USER), &graph);
    add(USER, "member_of", Ty::entity(GROUP).set(), &graph);
    add(GROUP, "member_of", Ty::entity(GROUP).set(), &graph);
    add(DOC, "owner", Ty::entity(USER), &graph);
    add(DOC, "parent", Ty::entity(DOC), &graph);
    add(DOC, "viewer", members.set(), &graph);
    add(DOC, "label", Ty::Level(LEVEL), &graph);
    add(DOC, "tags", Ty::String.set(), &graph);
    add(DOC, "sharers", Ty::entity(USER).set(), &either);
    let amount = Field { name: name("amount"), ty: Ty::Decimal, optional: true };
    for (action, properties) in [("read", vec![amount]), ("write", vec![])] {
        b.declare_action(Action { name: name(action), resources: vec![DOC], properties }).unwrap();
    }
    b.finish()
}

/// A graph as lines: `user:ann`, `user:ann.member_of group:staff`, `user:ann.age = 7`.
pub(crate) fn graph(schema: &Arc<Schema>, lines: &[&str]) -> Snapshot {
    let mut b = GraphBuilder::new(Arc::clone(schema));
    let split = |text: &str| {
        let (kind, id) = text.split_once(':').unwrap();
        (schema.type_id(kind).unwrap(), id.to_owned())
    };
    for line in lines {
        let Some((node, rest)) = line.split_once('.') else {
            let (kind, id) = split(line);
            b.add_node(kind, &id);
            continue;
        };
        let (kind, id) = split(node);
        let from = b.add_node(kind, &id);
        if let Some((attr, value)) = rest.split_once(" = ") {
            // `true @1`: recorded with assurance level 1.
            let (value, level) =
                value.split_once(" @").map_or((value, None), |(value, of)| (value, of.parse().ok()));
            let origin = level.map(|level| PropertyMetadata {
                assurance_level: Some(level),
                ..PropertyMetadata::default()
            });
            b.set_property(from, attr_id(schema, attr), value_of(value), origin);
        } else {
            let (relation, to) = rest.split_once(' ').unwrap();
            let (kind, id) = split(to);
            let to = b.reference(kind, &id);
            b.add_edge(from, attr_id(schema, relation), to, EdgeData::default());
        }
    }
    b.freeze(1)
}

fn value_of(text: &str) -> Value {
    if let Ok(value) = text.parse() {
        return Value::Bool(value);
    }
    match text.strip_prefix('#') {
        Some(rank) => Value::Level(LEVEL, rank.parse().unwrap()),
        None => Number::parse(text).map_or_else(|| Value::string(text), Value::Number),
    }
}

pub(crate) fn attr_id(schema: &Schema, attr: &str) -> AttrId {
    schema.attr_id(attr).unwrap()
}

pub(crate) fn entity(text: &str) -> EntityRef {
    let (kind, id) = text.split_once(':').unwrap();
    EntityRef::new(name(kind), id)
}

/// Builders of typed expressions; a type is given only where evaluation looks at it.
pub(crate) mod ex {
    use super::*;

    pub(crate) fn of(kind: ExprKind, ty: Ty) -> Expr {
        Expr { span: Span::default(), ty, kind }
    }
    pub(crate) fn boolean(kind: ExprKind) -> Expr {
        of(kind, Ty::Bool)
    }
    pub(crate) fn text(value: &str) -> Expr {
        of(ExprKind::Literal(Value::string(value)), Ty::String)
    }
    pub(crate) fn number(value: &str) -> Expr {
        of(ExprKind::Literal(Value::Number(Number::parse(value).unwrap())), Ty::Decimal)
    }
    pub(crate) fn literal(value: Value, ty: Ty) -> Expr {
        of(ExprKind::Literal(value), ty)
    }
    pub(crate) fn the(text: &str) -> Expr {
        of(ExprKind::Literal(Value::Entity(entity(text))), Ty::Entity(Arc::from([])))
    }
    pub(crate) fn subject() -> Expr {
        of(ExprKind::Party(Party::Subject), Ty::Entity(Arc::from([])))
    }
    pub(crate) fn resource() -> Expr {
        of(ExprKind::Party(Party::Resource), Ty::Entity(Arc::from([])))
    }
    pub(crate) fn context(member: &str) -> Expr {
        of(ExprKind::Context(name(member)), Ty::Any)
    }
    pub(crate) fn member(base: Expr, of_name: &str) -> Expr {
        of(ExprKind::Member(Box::new(base), name(of_name)), Ty::Any)
    }
    pub(crate) fn attr(base: Expr, attr: &str) -> Expr {
        let schema = schema();
        let id = attr_id(&schema, attr);
        let declared = schema.types().iter().find_map(|of| of.attribute(id)).unwrap();
        let set = matches!(base.ty, Ty::Set(_)) || matches!(declared.ty, Ty::Set(_));
        let ty = match (&declared.ty, set) {
            (Ty::Set(_), _) | (_, false) => declared.ty.clone(),
            (ty, true) => ty.clone().set(),
        };
        of(ExprKind::Attribute(Box::new(base), id), ty)
    }
    /// `rel`, `rel*`, `rel+`, each also with `^` before it.
    pub(crate) fn follow(base: Expr, step: &str) -> Expr {
        filtered(base, step, None)
    }
    pub(crate) fn filtered(base: Expr, step: &str, filter: Option<Expr>) -> Expr {
        let schema = schema();
        let inverse = step.starts_with('^');
        let reach = match step.chars().last() {
            Some('*') => Reach::ZeroOrMore,
            Some('+') => Reach::OneOrMore,
            _ => Reach::One,
        };
        let relation = attr_id(&schema, step.trim_matches(['^', '*', '+']));
        let declared = schema.types().iter().find_map(|of| of.attribute(relation)).unwrap();
        let many = declared.relation.as_ref().unwrap().many;
        let one = !many && !inverse && reach == Reach::One && !matches!(base.ty, Ty::Set(_));
        let ty = Ty::Entity(Arc::from([]));
        let kind =
            ExprKind::Follow { base: Box::new(base), relation, reach, inverse, filter: filter.map(Box::new) };
        of(kind, if one { ty } else { ty.set() })
    }
    pub(crate) fn set(items: Vec<Expr>) -> Expr {
        let ty = items.first().map_or(Ty::Any, |item| item.ty.clone());
        of(ExprKind::Set(items), ty.set())
    }
    pub(crate) fn compare(op: Comparison, a: Expr, b: Expr) -> Expr {
        boolean(ExprKind::Compare(op, Box::new(a), Box::new(b)))
    }
    pub(crate) fn equal(a: Expr, b: Expr) -> Expr {
        compare(Comparison::Equal, a, b)
    }
    pub(crate) fn has(set: Expr, item: Expr) -> Expr {
        boolean(ExprKind::Contains { set: Box::new(set), item: Box::new(item) })
    }
    pub(crate) fn is_in(a: Expr, b: Expr) -> Expr {
        boolean(ExprKind::MemberOf(Box::new(a), Box::new(b)))
    }
    pub(crate) fn not(a: Expr) -> Expr {
        boolean(ExprKind::Not(Box::new(a)))
    }
    pub(crate) fn and(parts: Vec<Expr>) -> Expr {
        boolean(ExprKind::And(parts))
    }
    pub(crate) fn or(parts: Vec<Expr>) -> Expr {
        boolean(ExprKind::Or(parts))
    }
    pub(crate) fn present(a: Expr) -> Expr {
        boolean(ExprKind::Present(Box::new(a), true))
    }
    pub(crate) fn any(set: Expr, body: Expr) -> Expr {
        boolean(ExprKind::AnyOf { depth: 0, set: Box::new(set), body: Box::new(body) })
    }
    pub(crate) fn all(set: Expr, body: Expr) -> Expr {
        boolean(ExprKind::AllOf { depth: 0, set: Box::new(set), body: Box::new(body) })
    }
    pub(crate) fn variable(ty: Ty) -> Expr {
        of(ExprKind::Variable(0), ty)
    }
    pub(crate) fn count(set: Expr) -> Expr {
        of(ExprKind::Count(Box::new(set)), Ty::Int)
    }
}

/// `user`, `user:ann`, `user in group:staff`
pub(crate) fn select(text: &str) -> Option<Selector> {
    let schema = schema();
    let terms = text.split(", ").map(|term| {
        let kind = |text: &str| schema.type_id(text).unwrap();
        match term.split_once(" in ") {
            Some((of, group)) => Term::MemberOf(kind(of), entity(group)),
            None => match term.split_once(':') {
                Some((of, _)) => Term::Entity(kind(of), entity(term)),
                None => Term::Type(kind(term)),
            },
        }
    });
    Some(Selector { terms: terms.collect() })
}

/// An unconditional rule on every action, subject and resource.
pub(crate) fn rule(id: &str, effect: Effect) -> Rule {
    Rule {
        id: RuleId { package: name("test"), name: name(id) },
        span: Span::default(),
        effect,
        subjects: None,
        actors: None,
        actions: None,
        resources: None,
        via: None,
        within: None,
        condition: ex::and(vec![]),
        because: None,
        obligations: vec![],
        advice: vec![],
        severity: Severity::Low,
        on_request: None,
        doc: None,
    }
}

pub(crate) fn because(parts: Vec<Part>) -> Option<Template> {
    Some(Template { parts })
}

pub(crate) fn policies(rules: Vec<Rule>) -> Policies {
    let package = Package {
        name: name("test"),
        version: Some("1".to_owned()),
        approved_by: Some("the board".to_owned()),
        approved_on: None,
        valid_until: Timestamp::parse("2030-01-01"),
    };
    Policies {
        schema: Arc::new(schema()),
        packages: vec![package],
        limits: vec![],
        sources: vec![],
        rules,
        intents: vec![],
        labels: vec![],
        expects: vec![],
    }
}

pub(crate) fn program(rules: Vec<Rule>) -> Arc<Program> {
    Arc::new(lower(&policies(rules)).unwrap())
}

pub(crate) fn bind(rules: Vec<Rule>, lines: &[&str]) -> Bound {
    let program = program(rules);
    let snapshot = graph(&Arc::clone(program.schema()), lines);
    Program::bind(program, Arc::new(snapshot))
}

/// May `user:…` read `doc:…`?
pub(crate) fn ask<'a>(bound: &Bound, subject: &'a str, resource: &'a str) -> Query<'a> {
    Query::new(bound, subject.split_once(':').unwrap(), "read", resource.split_once(':').unwrap(), now())
}
