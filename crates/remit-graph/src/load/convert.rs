//! JSON values to typed values, directed by the type the schema declares; nothing is guessed.

use std::sync::Arc;

use remit_json::{Json, Kind};
use remit_model::{Duration, EntityRef, IpNet, Number, Schema, Timestamp, Ty, TypeId, Value};

use super::{Load, Read};
use crate::canonical;
use crate::fault::{Fault, cut};

impl Load<'_> {
    /// The value of type `ty` that `json` spells.
    pub(super) fn value(&mut self, ty: &Ty, json: &Json<'_>) -> Read<Value> {
        let converted = match (ty, &json.kind) {
            (Ty::Bool, Kind::Bool(truth)) => Some(Value::Bool(*truth)),
            (Ty::Int, Kind::Number(n)) => exact(*n).filter(|n| n.is_integral()).map(Value::Number),
            (Ty::Decimal, Kind::Number(n)) => exact(*n).map(Value::Number),
            (Ty::String, Kind::String(text)) => Some(Value::String(self.interner.text(text))),
            (Ty::Time, Kind::String(text)) => Timestamp::parse(text).map(Value::Time),
            (Ty::Duration, Kind::String(text)) => Duration::parse(text).map(Value::Duration),
            (Ty::Ip, Kind::String(text)) => IpNet::parse(text).map(Value::Ip),
            (Ty::Level(level), Kind::String(text)) => {
                let rank = self.schema.level(*level).and_then(|level| level.rank(text));
                rank.map(|rank| Value::Level(*level, rank))
            }
            (Ty::Entity(types), Kind::String(_) | Kind::Object(_)) => {
                return self.entity_value(ty, types, json);
            }
            (Ty::Set(of), Kind::Array(items)) => return self.set(of, items),
            (Ty::Any, _) => return self.any(json),
            _ => None,
        };
        converted.ok_or_else(|| self.wrong(ty, json))
    }

    fn wrong(&self, ty: &Ty, json: &Json<'_>) -> (remit_json::At, Fault) {
        let found = match &json.kind {
            Kind::String(text) => format!("`{}`", cut(text)),
            Kind::Number(number) => format!("`{number}`"),
            Kind::Null | Kind::Bool(_) | Kind::Array(_) | Kind::Object(_) => json.kind_name().to_owned(),
        };
        (json.at, Fault::WrongType { expected: describe(self.schema, ty), found })
    }

    fn entity_value(&mut self, ty: &Ty, types: &[TypeId], json: &Json<'_>) -> Read<Value> {
        let reference = self.reference(json)?;
        let Some(kind) = self.schema.entity_type(reference.kind).map(|of| of.name.clone()) else {
            return Err(self.wrong(ty, json));
        };
        if !types.is_empty() && !types.contains(&reference.kind) {
            let expected = describe(self.schema, ty);
            return Err((json.at, Fault::WrongType { expected, found: format!("a reference to `{kind}`") }));
        }
        Ok(Value::Entity(EntityRef { kind, id: self.interner.text(reference.id) }))
    }

    fn set(&mut self, of: &Ty, items: &[Json<'_>]) -> Read<Value> {
        let mut members = Vec::with_capacity(items.len());
        for item in items {
            members.push(self.value(of, item)?);
        }
        Ok(Value::Set(self.sorted(members)))
    }

    /// One order for equal sets, each member once.
    fn sorted(&self, mut members: Vec<Value>) -> Arc<[Value]> {
        if members.len() > 1 {
            members.sort_by_cached_key(|member| canonical::form(self.schema, member));
            members.dedup();
        }
        members.into()
    }

    /// A value whose type nothing declares, by its natural kind.
    pub(super) fn any(&mut self, json: &Json<'_>) -> Read<Value> {
        Ok(match &json.kind {
            Kind::Null => return Err(self.wrong(&Ty::Any, json)),
            Kind::Bool(truth) => Value::Bool(*truth),
            Kind::Number(number) => match exact(*number) {
                Some(number) => Value::Number(number),
                None => return Err(self.wrong(&Ty::Decimal, json)),
            },
            Kind::String(text) => Value::String(self.interner.text(text)),
            Kind::Array(items) => {
                let members: Result<Vec<_>, _> = items.iter().map(|item| self.any(item)).collect();
                Value::Set(self.sorted(members?))
            }
            Kind::Object(object) => {
                let mut members = Vec::with_capacity(object.len());
                for member in object {
                    let name = self.interner.text(&member.key);
                    members.push((name, self.any(&member.value)?));
                }
                Value::Record(members.into())
            }
        })
    }
}

fn exact(number: remit_json::Number) -> Option<Number> {
    Number::from_parts(number.coefficient(), number.scale().into())
}

/// A type as messages call it.
pub(crate) fn describe(schema: &Schema, ty: &Ty) -> String {
    match ty {
        Ty::Bool => "a boolean".to_owned(),
        Ty::Int => "a number without fraction".to_owned(),
        Ty::Decimal => "a number".to_owned(),
        Ty::String => "a string".to_owned(),
        Ty::Time => "a time such as `2026-04-30T20:15:00Z`".to_owned(),
        Ty::Duration => "a duration such as `1h30m`".to_owned(),
        Ty::Ip => "an IP address or network".to_owned(),
        Ty::Level(level) => schema.level(*level).map_or_else(String::new, |level| {
            let members: Vec<_> = level.members.iter().map(|member| format!("`{member}`")).collect();
            format!("a `{}`: {}", level.name, members.join(", "))
        }),
        Ty::Entity(types) => format!("a reference to {}", type_names(schema, types)),
        Ty::Set(of) => format!("an array, each {}", describe(schema, of)),
        Ty::Any => "a value that is not null".to_owned(),
    }
}

/// Types as messages call them.
pub(crate) fn type_names(schema: &Schema, types: &[TypeId]) -> String {
    if types.is_empty() {
        return "any node".to_owned();
    }
    let named = types.iter().filter_map(|of| schema.entity_type(*of));
    named.map(|of| format!("`{}`", of.name)).collect::<Vec<_>>().join(" or ")
}
