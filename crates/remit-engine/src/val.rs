//! `Val`: a value while a condition runs. Borrowed and `Copy`; conversion of what a request asserts.

use std::sync::Arc;

use remit_graph::NodeId;
use remit_model::{Duration, IpNet, LevelId, Number, Schema, Timestamp, Ty, Value};

/// A value under evaluation. `Unknown` is what is missing or ill-typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Val<'a> {
    Unknown,
    Bool(bool),
    Number(Number),
    Str(&'a str),
    Time(Timestamp),
    Duration(Duration),
    Ip(IpNet),
    Level(LevelId, u16),
    Entity(Ent<'a>),
    /// A complete set; elements are converted to the type, when there is one, as they are read.
    Set(&'a [Value], Option<&'a Ty>),
    Record(&'a [(Arc<str>, Value)]),
}

/// An entity: a node, or a type and id that may or may not have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ent<'a> {
    Node(NodeId),
    Named { kind: &'a str, id: &'a str },
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(*value),
            Value::String(value) => Self::Str(value),
            Value::Time(value) => Self::Time(*value),
            Value::Duration(value) => Self::Duration(*value),
            Value::Ip(value) => Self::Ip(*value),
            Value::Level(of, rank) => Self::Level(*of, *rank),
            Value::Entity(entity) => Self::Entity(Ent::Named { kind: entity.kind.as_str(), id: &entity.id }),
            Value::Set(items) => Self::Set(items, None),
            Value::Record(members) => Self::Record(members),
        }
    }
}

impl<'a> Val<'a> {
    pub(crate) fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The elements of a borrowed set.
    pub(crate) fn elements(
        items: &'a [Value],
        of: Option<&'a Ty>,
        schema: &'a Schema,
    ) -> impl Iterator<Item = Val<'a>> {
        items.iter().map(move |item| match of {
            Some(ty) => convert(item, ty, schema).unwrap_or(Val::Unknown),
            None => Val::from(item),
        })
    }
}

/// A value in the kinds JSON has, read as the declared type; nothing when it is not of that type.
pub(crate) fn convert<'a>(value: &'a Value, ty: &'a Ty, schema: &'a Schema) -> Option<Val<'a>> {
    let as_it_is = || Some(Val::from(value));
    match (ty, value) {
        (Ty::Any, _)
        | (Ty::Bool, Value::Bool(_))
        | (Ty::Decimal, Value::Number(_))
        | (Ty::String, Value::String(_))
        | (Ty::Time, Value::Time(_))
        | (Ty::Duration, Value::Duration(_))
        | (Ty::Ip, Value::Ip(_)) => as_it_is(),
        (Ty::Int, Value::Number(number)) => number.is_integral().then_some(Val::Number(*number)),
        (Ty::Time, Value::String(text)) => Timestamp::parse(text).map(Val::Time),
        (Ty::Duration, Value::String(text)) => Duration::parse(text).map(Val::Duration),
        (Ty::Ip, Value::String(text)) => IpNet::parse(text).map(Val::Ip),
        (Ty::Level(level), Value::Level(of, _)) if of == level => as_it_is(),
        (Ty::Level(level), Value::String(text)) => {
            schema.level(*level)?.rank(text).map(|rank| Val::Level(*level, rank))
        }
        (Ty::Entity(types), _) => entity(value, types, schema).map(Val::Entity),
        (Ty::Set(of), Value::Set(items)) => {
            items.iter().all(|item| convert(item, of, schema).is_some()).then_some(Val::Set(items, Some(of)))
        }
        _ => None,
    }
}

/// An entity as asserted: a reference, a record of `type` and `id`, or the bare id where only one type fits.
fn entity<'a>(value: &'a Value, types: &[remit_model::TypeId], schema: &'a Schema) -> Option<Ent<'a>> {
    let fits = |kind: &str| types.is_empty() || schema.type_id(kind).is_some_and(|of| types.contains(&of));
    match value {
        Value::Entity(entity) => {
            fits(entity.kind.as_str()).then_some(Ent::Named { kind: entity.kind.as_str(), id: &entity.id })
        }
        Value::String(id) => match types {
            [only] => Some(Ent::Named { kind: schema.entity_type(*only)?.name.as_str(), id }),
            _ => None,
        },
        Value::Record(_) => match (value.member("type")?, value.member("id")?) {
            (Value::String(kind), Value::String(id)) => fits(kind).then_some(Ent::Named { kind, id }),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use remit_model::{Level, Name};

    #[test]
    fn asserted_values_take_the_declared_type_or_are_not_seen() {
        let name = |text| Name::new(text).unwrap();
        let mut builder = Schema::builder();
        let user = builder.declare_type(name("user")).unwrap();
        let level = builder
            .declare_level(Level { name: name("grade"), members: vec![name("low"), name("high")] })
            .unwrap();
        let schema = builder.finish();
        let users = Ty::entity(user);
        let record = |kind: &str| {
            Value::Record(Arc::from([
                (Arc::from("type"), Value::string(kind)),
                (Arc::from("id"), Value::string("ann")),
            ]))
        };
        let number = |text| Value::Number(Number::parse(text).unwrap());
        let levels = Ty::Level(level).set();
        let seen = [
            (number("1"), Ty::Int),
            (number("1.5"), Ty::Decimal),
            (Value::string("2026-01-01"), Ty::Time),
            (Value::string("15m"), Ty::Duration),
            (Value::string("10.0.0.1"), Ty::Ip),
            (Value::string("high"), Ty::Level(level)),
            (Value::string("ann"), users.clone()),
            (record("user"), users.clone()),
            (Value::Set(Arc::from([Value::string("low")])), levels.clone()),
        ];
        for (value, ty) in &seen {
            assert!(convert(value, ty, &schema).is_some(), "{value:?} as {ty:?}");
        }
        let unseen = [
            (number("1.5"), Ty::Int),
            (Value::string("1"), Ty::Int),
            (Value::string("yesterday"), Ty::Time),
            (Value::string("top"), Ty::Level(level)),
            (record("group"), users.clone()),
            (Value::string("ann"), Ty::Entity(Arc::from([]))),
            (Value::Set(Arc::from([Value::string("low"), Value::Bool(true)])), levels),
        ];
        for (value, ty) in &unseen {
            assert_eq!(convert(value, ty, &schema), None, "{value:?} as {ty:?}");
        }
    }
}
