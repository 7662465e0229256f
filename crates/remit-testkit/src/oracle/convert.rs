//! What a PEP asserts, read as the declared type. What does not fit is not seen.

use remit_model::{Duration, EntityRef, IpNet, Name, Schema, Timestamp, Ty, TypeId, Value};

/// The value as `ty`, or nothing when it is of another kind.
#[must_use]
pub fn convert(schema: &Schema, value: &Value, ty: &Ty) -> Option<Value> {
    match (ty, value) {
        (Ty::Any, any) => Some(any.clone()),
        (Ty::Bool, Value::Bool(_)) | (Ty::Decimal, Value::Number(_)) | (Ty::String, Value::String(_)) => {
            Some(value.clone())
        }
        (Ty::Int, Value::Number(number)) => number.is_integral().then(|| value.clone()),
        (Ty::Time, Value::Time(_)) | (Ty::Duration, Value::Duration(_)) | (Ty::Ip, Value::Ip(_)) => {
            Some(value.clone())
        }
        (Ty::Time, Value::String(text)) => Timestamp::parse(text).map(Value::Time),
        (Ty::Duration, Value::String(text)) => Duration::parse(text).map(Value::Duration),
        (Ty::Ip, Value::String(text)) => IpNet::parse(text).map(Value::Ip),
        (Ty::Level(level), Value::Level(of, _)) => (level == of).then(|| value.clone()),
        (Ty::Level(level), Value::String(text)) => {
            schema.level(*level)?.rank(text).map(|rank| Value::Level(*level, rank))
        }
        (Ty::Entity(targets), _) => entity(schema, value, targets).map(Value::Entity),
        (Ty::Set(inner), Value::Set(items)) => {
            let items: Option<Vec<Value>> = items.iter().map(|item| convert(schema, item, inner)).collect();
            items.map(|items| Value::Set(items.into()))
        }
        (
            Ty::Bool
            | Ty::Int
            | Ty::Decimal
            | Ty::String
            | Ty::Time
            | Ty::Duration
            | Ty::Ip
            | Ty::Level(_)
            | Ty::Set(_),
            _,
        ) => None,
    }
}

/// `{type, id}` of an accepted type, or a bare id when only one type is accepted.
fn entity(schema: &Schema, value: &Value, targets: &[TypeId]) -> Option<EntityRef> {
    let accepted = |kind: &Name| {
        targets.is_empty()
            || targets.iter().any(|id| schema.entity_type(*id).is_some_and(|ty| ty.name == *kind))
    };
    match value {
        Value::Entity(entity) => accepted(&entity.kind).then(|| entity.clone()),
        Value::String(id) => match targets {
            [only] => Some(EntityRef::new(schema.entity_type(*only)?.name.clone(), id)),
            _ => None,
        },
        Value::Record(_) => match (value.member("type")?, value.member("id")?) {
            (Value::String(kind), Value::String(id)) => {
                let kind = Name::new(kind).ok()?;
                accepted(&kind).then(|| EntityRef::new(kind, id))
            }
            _ => None,
        },
        _ => None,
    }
}
