//! Equality, order, containment of addresses and arithmetic over values. What has no answer is unknown.

use std::cmp::Ordering;

use remit_graph::NodeId;
use remit_model::{Duration, IpNet, LevelId, Timestamp, TypeId};

use super::Eval;
use crate::lower::Arithmetic;
use crate::truth::Truth;
use crate::val::{Ent, Val};

impl<'a> Eval<'a> {
    /// `a == b` of two single values; unknown when one is missing or they are of unlike kinds. Records are never
    /// compared, sets only as whole expressions.
    pub(crate) fn equal(&self, a: Val<'a>, b: Val<'a>) -> Truth {
        let (a, b) = self.alike(a, b);
        match (a, b) {
            (Val::Bool(a), Val::Bool(b)) => Truth::from(a == b),
            (Val::Number(a), Val::Number(b)) => Truth::from(a == b),
            (Val::Str(a), Val::Str(b)) => Truth::from(a == b),
            (Val::Time(a), Val::Time(b)) => Truth::from(a == b),
            (Val::Duration(a), Val::Duration(b)) => Truth::from(a == b),
            (Val::Ip(a), Val::Ip(b)) => Truth::from(a == b),
            (Val::Level(of_a, a), Val::Level(of_b, b)) if of_a == of_b => Truth::from(a == b),
            (Val::Entity(a), Val::Entity(b)) => Truth::from(self.same(a, b)),
            _ => Truth::Unknown,
        }
    }

    /// Orders two values of one ordered kind.
    pub(super) fn ordered(&self, a: Val<'a>, b: Val<'a>, holds: impl Fn(Ordering) -> bool) -> Truth {
        let (a, b) = self.alike(a, b);
        let order = match (a, b) {
            (Val::Number(a), Val::Number(b)) => a.cmp(&b),
            (Val::Str(a), Val::Str(b)) => a.cmp(b),
            (Val::Time(a), Val::Time(b)) => a.cmp(&b),
            (Val::Duration(a), Val::Duration(b)) => a.cmp(&b),
            (Val::Level(of_a, a), Val::Level(of_b, b)) if of_a == of_b => a.cmp(&b),
            _ => return Truth::Unknown,
        };
        Truth::from(holds(order))
    }

    /// A string beside a level, time, duration or address is read as one; unreadable is unknown.
    fn alike(&self, a: Val<'a>, b: Val<'a>) -> (Val<'a>, Val<'a>) {
        match (a, b) {
            (Val::Str(_), Val::Str(_)) => (a, b),
            (Val::Str(text), other) => (self.read_as(text, other), other),
            (other, Val::Str(text)) => (other, self.read_as(text, other)),
            _ => (a, b),
        }
    }

    fn read_as(&self, text: &'a str, model: Val<'a>) -> Val<'a> {
        match model {
            Val::Level(of, _) => self.rank(of, text),
            Val::Time(_) => Timestamp::parse(text).map_or(Val::Unknown, Val::Time),
            Val::Duration(_) => Duration::parse(text).map_or(Val::Unknown, Val::Duration),
            Val::Ip(_) => IpNet::parse(text).map_or(Val::Unknown, Val::Ip),
            _ => Val::Unknown,
        }
    }

    fn rank(&self, of: LevelId, text: &str) -> Val<'a> {
        let rank = self.program.schema().level(of).and_then(|level| level.rank(text));
        rank.map_or(Val::Unknown, |rank| Val::Level(of, rank))
    }

    /// Type and id are the same, whether or not the graph knows the entity.
    pub(crate) fn same(&self, a: Ent<'a>, b: Ent<'a>) -> bool {
        match (a, b) {
            (Ent::Node(a), Ent::Node(b)) => a == b,
            (Ent::Node(node), Ent::Named { kind, id }) | (Ent::Named { kind, id }, Ent::Node(node)) => {
                self.graph.id_of(node) == id && self.kind_of(node) == kind
            }
            (Ent::Named { kind: kind_a, id: a }, Ent::Named { kind: kind_b, id: b }) => {
                a == b && kind_a == kind_b
            }
        }
    }

    pub(crate) fn kind_of(&self, node: NodeId) -> &'a str {
        self.program.schema().entity_type(self.graph.type_of(node)).map_or("", |of| of.name.as_str())
    }

    pub(super) fn is_of(&self, entity: Ent<'a>, of: TypeId) -> bool {
        match entity {
            Ent::Node(node) => self.graph.type_of(node) == of,
            Ent::Named { kind, .. } => {
                self.program.schema().entity_type(of).is_some_and(|of| of.name.as_str() == kind)
            }
        }
    }

    /// The node of an entity, when the graph has one.
    pub(crate) fn node_of(&self, entity: Ent<'a>) -> Option<NodeId> {
        match entity {
            Ent::Node(node) => Some(node),
            Ent::Named { kind, id } => self.graph.node(self.program.type_id(kind)?, id),
        }
    }
}

/// `address in network`
pub(super) fn within(address: Val<'_>, network: Val<'_>) -> Truth {
    let read = |value: Val<'_>| match value {
        Val::Ip(ip) => Some(ip),
        Val::Str(text) => IpNet::parse(text),
        _ => None,
    };
    match (read(address), read(network)) {
        (Some(address), Some(network)) => Truth::from(network.contains(&address)),
        _ => Truth::Unknown,
    }
}

/// `+ - *`, exact; overflow is unknown.
pub(super) fn arithmetic<'a>(op: Arithmetic, a: Val<'a>, b: Val<'a>) -> Val<'a> {
    let result = match (op, a, b) {
        (Arithmetic::Add, Val::Number(a), Val::Number(b)) => a.checked_add(b).map(Val::Number),
        (Arithmetic::Subtract, Val::Number(a), Val::Number(b)) => a.checked_sub(b).map(Val::Number),
        (Arithmetic::Multiply, Val::Number(a), Val::Number(b)) => a.checked_mul(b).map(Val::Number),
        (Arithmetic::Add, Val::Time(a), Val::Duration(b))
        | (Arithmetic::Add, Val::Duration(b), Val::Time(a)) => a.checked_add(b).map(Val::Time),
        (Arithmetic::Subtract, Val::Time(a), Val::Duration(b)) => a.checked_sub(b).map(Val::Time),
        (Arithmetic::Subtract, Val::Time(a), Val::Time(b)) => Some(Val::Duration(a.since(b))),
        (Arithmetic::Add, Val::Duration(a), Val::Duration(b)) => a.checked_add(b).map(Val::Duration),
        (Arithmetic::Subtract, Val::Duration(a), Val::Duration(b)) => a.checked_sub(b).map(Val::Duration),
        _ => None,
    };
    result.unwrap_or(Val::Unknown)
}
