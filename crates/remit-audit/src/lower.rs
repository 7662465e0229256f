//! Typed expressions to nodes that run against records: names become columns, parameters and `now` become constants,
//! and literals that name a person become all names the person may have in records.

use std::sync::Arc;

use regex::Regex;
use remit_lang::checked::{Arithmetic, Comparison, Expr, ExprKind, TextTest};
use remit_ledger::Column;
use remit_model::{Duration, EntityRef, IpNet, LevelId, Number, Schema, Timestamp, Value};

use crate::cells::Nothing;
use crate::error::AskError;
use crate::eval::Eval;
use crate::field::{Field, Many, Named, column, named, text};
use crate::given::{Alternatives, Personal};
use crate::val::Val;

/// A constant of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Const {
    Unknown,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    /// A text that names a person, under every name it may have.
    OneOf(Vec<Arc<str>>),
    Time(Timestamp),
    Duration(Duration),
    Ip(IpNet),
    Level(LevelId, u16),
    Named {
        kind: Arc<str>,
        ids: Vec<Arc<str>>,
    },
}

/// Which side of an entity is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Type,
    Id,
    Issuer,
}

/// A node that runs.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Const(Const),
    One(Field),
    Many(Many),
    Variable(u16),
    /// A side of the entity that a quantifier is at.
    Side(u16, Side),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Contains {
        set: Box<Node>,
        item: Box<Node>,
    },
    HasAny(Box<Node>, Box<Node>),
    HasAll(Box<Node>, Box<Node>),
    Within(Box<Node>, Box<Node>),
    Present(Box<Node>, bool),
    Text(TextTest, Box<Node>, Box<Node>),
    Matches(Box<Node>, Regex),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Set(Vec<Node>),
    AnyOf {
        depth: u16,
        set: Box<Node>,
        body: Box<Node>,
    },
    AllOf {
        depth: u16,
        set: Box<Node>,
        body: Box<Node>,
    },
    Count(Box<Node>),
}

impl Node {
    /// Whether it is a set.
    pub(crate) fn is_set(&self) -> bool {
        match self {
            Self::Set(_) | Self::Many(_) => true,
            Self::If(_, then, other) => then.is_set() || other.is_set(),
            _ => false,
        }
    }

    /// Whether it holds or does not.
    pub(crate) fn is_condition(&self) -> bool {
        match self {
            Self::Not(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Compare(..)
            | Self::Contains { .. }
            | Self::HasAny(..)
            | Self::HasAll(..)
            | Self::Within(..)
            | Self::Present(..)
            | Self::Text(..)
            | Self::Matches(..)
            | Self::AnyOf { .. }
            | Self::AllOf { .. }
            | Self::Const(Const::Bool(_)) => true,
            Self::If(_, then, other) => then.is_condition() && other.is_condition(),
            _ => false,
        }
    }

    /// The parts of a node.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Const(_) | Self::One(_) | Self::Many(_) | Self::Variable(_) | Self::Side(..) => Vec::new(),
            Self::Not(a) | Self::Present(a, _) | Self::Matches(a, _) | Self::Count(a) => vec![a],
            Self::And(parts) | Self::Or(parts) | Self::Set(parts) => parts.iter().collect(),
            Self::If(a, b, c) => vec![a, b, c],
            Self::Compare(_, a, b)
            | Self::HasAny(a, b)
            | Self::HasAll(a, b)
            | Self::Within(a, b)
            | Self::Text(_, a, b)
            | Self::Arithmetic(_, a, b)
            | Self::Contains { set: a, item: b }
            | Self::AnyOf { set: a, body: b, .. }
            | Self::AllOf { set: a, body: b, .. } => vec![a, b],
        }
    }

    /// The columns it reads.
    pub(crate) fn columns(&self, into: &mut Vec<Column>) {
        match self {
            Self::One(field) => field.columns(into),
            Self::Many(many) => many.columns(into),
            Self::Side(_, Side::Issuer) => into.push(Column::ChainIssuers),
            _ => self.parts().into_iter().for_each(|part| part.columns(into)),
        }
    }

    /// Whether it reads no record and no variable.
    fn is_constant(&self) -> bool {
        match self {
            Self::One(_) | Self::Many(_) | Self::Variable(_) | Self::Side(..) => false,
            _ => self.parts().into_iter().all(Self::is_constant),
        }
    }
}

/// Lowers the expressions of one question.
pub(crate) struct Lower<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) now: Timestamp,
    /// The values of parameters by name; one that was not given is unknown.
    pub(crate) parameters: &'a [(String, Value, bool)],
    pub(crate) alternatives: &'a Alternatives<'a>,
    /// The text, for messages.
    pub(crate) text: &'a str,
}

impl Lower<'_> {
    /// A node; what reads no record is computed at once.
    pub(crate) fn node(&self, expr: &Expr) -> Result<Node, AskError> {
        self.lower(expr, None)
    }

    fn lower(&self, expr: &Expr, person: Option<&'static str>) -> Result<Node, AskError> {
        let node = self.form(expr, person)?;
        Ok(if node.is_constant() { self.fold(node) } else { simpler(node) })
    }

    /// The value of a constant node, as a node.
    fn fold(&self, node: Node) -> Node {
        if node.is_set() || matches!(node, Node::Const(_)) {
            return node;
        }
        let eval = Eval::new(&Nothing, self.schema);
        let value = match eval.value(&node) {
            Val::Unknown => Const::Unknown,
            Val::Bool(value) => Const::Bool(value),
            Val::Number(value) => Const::Number(value),
            Val::Time(value) => Const::Time(value),
            Val::Duration(value) => Const::Duration(value),
            Val::Level(of, rank) => Const::Level(of, rank),
            _ => return node,
        };
        Node::Const(value)
    }

    fn form(&self, expr: &Expr, person: Option<&'static str>) -> Result<Node, AskError> {
        let boxed = |expr: &Expr| self.lower(expr, None).map(Box::new);
        let several =
            |parts: &[Expr]| parts.iter().map(|part| self.lower(part, None)).collect::<Result<_, _>>();
        Ok(match &expr.kind {
            ExprKind::Literal(value) => self.literal(value, person),
            ExprKind::Now => Node::Const(Const::Time(self.now)),
            ExprKind::Context(name) => return self.name(name.as_str(), person, expr),
            ExprKind::Attribute(base, id) => {
                let member = self.schema.attrs().get(id.index()).map_or("", |name| name.as_str());
                return self.member(base, member, expr);
            }
            ExprKind::Variable(depth) => Node::Variable(*depth),
            ExprKind::Not(of) => Node::Not(boxed(of)?),
            ExprKind::And(parts) => Node::And(several(parts)?),
            ExprKind::Or(parts) => Node::Or(several(parts)?),
            ExprKind::If(test, then, other) => Node::If(
                boxed(test)?,
                Box::new(self.lower(then, person)?),
                Box::new(self.lower(other, person)?),
            ),
            ExprKind::Compare(comparison, a, b) => {
                let (a, b) = self.pair(a, b)?;
                Node::Compare(*comparison, a, b)
            }
            ExprKind::Contains { set, item } => {
                let (set, item) = self.pair(set, item)?;
                Node::Contains { set, item }
            }
            ExprKind::HasAny(a, b) => {
                let (a, b) = self.pair(a, b)?;
                Node::HasAny(a, b)
            }
            ExprKind::HasAll(a, b) => {
                let (a, b) = self.pair(a, b)?;
                Node::HasAll(a, b)
            }
            ExprKind::Within(a, b) => Node::Within(boxed(a)?, boxed(b)?),
            ExprKind::Present(of, wanted) => Node::Present(boxed(of)?, *wanted),
            ExprKind::Text(test, a, b) => Node::Text(*test, boxed(a)?, boxed(b)?),
            ExprKind::Matches(of, pattern) => {
                let pattern = Regex::new(pattern).map_err(|_| self.refused(expr, "no pattern"))?;
                Node::Matches(boxed(of)?, pattern)
            }
            ExprKind::Arithmetic(operator, a, b) => Node::Arithmetic(*operator, boxed(a)?, boxed(b)?),
            ExprKind::Set(items) => {
                Node::Set(items.iter().map(|item| self.lower(item, person)).collect::<Result<_, _>>()?)
            }
            ExprKind::AnyOf { depth, set, body } => {
                Node::AnyOf { depth: *depth, set: boxed(set)?, body: boxed(body)? }
            }
            ExprKind::AllOf { depth, set, body } => {
                Node::AllOf { depth: *depth, set: boxed(set)?, body: boxed(body)? }
            }
            ExprKind::Count(set) => Node::Count(boxed(set)?),
            ExprKind::MemberOf(..) => {
                return Err(self.refused(expr, "membership is not known of records; compare with `==`"));
            }
            _ => return Err(self.refused(expr, "this is not known of records")),
        })
    }

    /// Both sides of a comparison; one that is compared with a person's id may stand under several names.
    fn pair(&self, a: &Expr, b: &Expr) -> Result<(Box<Node>, Box<Node>), AskError> {
        let (of_a, of_b) = (person(a, self.schema), person(b, self.schema));
        Ok((Box::new(self.lower(a, of_b)?), Box::new(self.lower(b, of_a)?)))
    }

    fn literal(&self, value: &Value, person: Option<&'static str>) -> Node {
        Node::Const(match value {
            Value::Bool(value) => Const::Bool(*value),
            Value::Number(value) => Const::Number(*value),
            Value::String(text) => match person {
                Some(field) => Const::OneOf(self.names(field, None, text)),
                None => Const::Text(text.clone()),
            },
            Value::Time(value) => Const::Time(*value),
            Value::Duration(value) => Const::Duration(*value),
            Value::Ip(value) => Const::Ip(*value),
            Value::Level(of, rank) => Const::Level(*of, *rank),
            Value::Entity(EntityRef { kind, id }) => Const::Named {
                kind: Arc::from(kind.as_str()),
                ids: self.names(person.unwrap_or("subject.id"), Some(kind.as_str()), id),
            },
            Value::Set(items) => {
                return Node::Set(items.iter().map(|item| self.literal(item, person)).collect());
            }
            Value::Record(_) => Const::Unknown,
        })
    }

    fn names(&self, field: &str, kind: Option<&str>, literal: &str) -> Vec<Arc<str>> {
        let names = (self.alternatives)(&Personal { field, kind, literal });
        names.into_iter().map(Arc::from).collect()
    }

    fn name(&self, name: &str, person: Option<&'static str>, at: &Expr) -> Result<Node, AskError> {
        if let Some((_, value, given)) = self.parameters.iter().find(|(of, ..)| of == name) {
            return Ok(if *given { self.literal(value, person) } else { Node::Const(Const::Unknown) });
        }
        match named(name, self.schema) {
            Some(Named::One(field)) => Ok(Node::One(field)),
            Some(Named::Many(many)) => Ok(Node::Many(many)),
            Some(Named::State) => Err(self.refused(at, "name `revision` or `digest` of it")),
            None => Err(self.refused(at, "this is not known of records")),
        }
    }

    /// `subject.id`, `chain.type`, `policy.revision`, `link.issuer`.
    fn member(&self, base: &Expr, member: &str, at: &Expr) -> Result<Node, AskError> {
        let unknown = || self.refused(at, "this is not known of records");
        match &base.kind {
            ExprKind::Variable(depth) => {
                let side = match member {
                    "type" => Side::Type,
                    "id" => Side::Id,
                    "issuer" => Side::Issuer,
                    _ => return Err(unknown()),
                };
                Ok(Node::Side(*depth, side))
            }
            ExprKind::Context(name) if named(name.as_str(), self.schema).is_some() => {
                let column = column(&format!("{name}.{member}")).ok_or_else(unknown)?;
                Ok(match column.shape() {
                    remit_ledger::Shape::Text => Node::One(text(column, self.schema)),
                    remit_ledger::Shape::Number => Node::One(Field::Number(column)),
                    remit_ledger::Shape::Texts => Node::Many(Many::Texts(column)),
                })
            }
            _ => Err(unknown()),
        }
    }

    fn refused(&self, at: &Expr, why: &str) -> AskError {
        let said = self.text.get(at.span.start as usize..at.span.end as usize).unwrap_or_default();
        AskError::Invalid(format!("`{said}`: {why}"))
    }
}

/// The field of a person's id that an expression reads.
fn person(expr: &Expr, schema: &Schema) -> Option<&'static str> {
    let of = |name: &str| match name {
        "subject" => Some("subject.id"),
        "actor" => Some("actor.id"),
        "resource" => Some("resource.id"),
        "chain" => Some("chain.id"),
        _ => None,
    };
    let whole = |expr: &Expr| match &expr.kind {
        ExprKind::Context(name) => of(name.as_str()),
        ExprKind::Variable(_) if expr.ty.entity_types().is_some() => Some("chain.id"),
        _ => None,
    };
    match &expr.kind {
        ExprKind::Attribute(base, id) => {
            let member = schema.attrs().get(id.index()).map_or("", |name| name.as_str());
            whole(base).filter(|_| member == "id")
        }
        _ => whole(expr),
    }
}

/// `true and x` is `x`, `false and x` is false; likewise `or`.
fn simpler(node: Node) -> Node {
    let (is_and, parts) = match node {
        Node::And(parts) => (true, parts),
        Node::Or(parts) => (false, parts),
        other => return other,
    };
    let deciding = |part: &Node| matches!(part, Node::Const(Const::Bool(value)) if *value != is_and);
    if parts.iter().any(deciding) {
        return Node::Const(Const::Bool(!is_and));
    }
    let mut left: Vec<Node> = Vec::new();
    for part in parts {
        match part {
            Node::Const(Const::Bool(_)) => {}
            Node::And(inner) if is_and => left.extend(inner),
            Node::Or(inner) if !is_and => left.extend(inner),
            other => left.push(other),
        }
    }
    match left.len() {
        0 => Node::Const(Const::Bool(is_and)),
        1 => left.swap_remove(0),
        _ if is_and => Node::And(left),
        _ => Node::Or(left),
    }
}
