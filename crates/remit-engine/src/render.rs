//! Values for people and for the wire: texts with holes, obligations with properties.

use std::fmt::Write;

use remit_model::{EntityRef, Name, Schema, Value};

use crate::eval::Eval;
use crate::program::{Duty, Ix, Node, Part, Shape};
use crate::val::{Ent, Val};
use crate::verdict::DutyValue;

/// What stands in a text for a value that is not known.
const UNKNOWN: &str = "?";

/// Fills the holes of a text.
pub(crate) fn text(eval: &Eval<'_>, parts: &[Part]) -> String {
    if let [Part::Text(whole)] = parts {
        return whole.as_ref().to_owned();
    }
    let mut out = String::with_capacity(128);
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Hole(ix) => match owned(eval, *ix) {
                Some(value) => show(&value, eval.program.schema(), &mut out),
                None => out.push_str(UNKNOWN),
            },
        }
    }
    out
}

/// An obligation with the values of its properties; what is unknown is left out.
pub(crate) fn duty(eval: &Eval<'_>, duty: &Duty) -> DutyValue {
    let known = duty.properties.iter().filter_map(|(name, ix)| Some((name.clone(), owned(eval, *ix)?)));
    DutyValue { kind: duty.kind.clone(), properties: known.collect() }
}

/// The value of an expression, on its own feet; a set is sorted and without duplicates.
pub(crate) fn owned(eval: &Eval<'_>, ix: Ix) -> Option<Value> {
    eval.begin();
    if eval.program.shape(ix) != Shape::Set {
        let value = own(eval, eval.value(ix));
        if value.is_some() || !matches!(eval.program.node(ix), Node::Member(..)) {
            return value;
        }
    }
    let items: Option<Vec<Value>> = eval.collect(ix)?.into_iter().map(|item| own(eval, item)).collect();
    Some(set(items?, eval.program.schema()))
}

fn own(eval: &Eval<'_>, value: Val<'_>) -> Option<Value> {
    Some(match value {
        Val::Unknown => return None,
        Val::Bool(value) => Value::Bool(value),
        Val::Number(value) => Value::Number(value),
        Val::Str(text) => Value::string(text),
        Val::Time(value) => Value::Time(value),
        Val::Duration(value) => Value::Duration(value),
        Val::Ip(value) => Value::Ip(value),
        Val::Level(of, rank) => Value::Level(of, rank),
        Val::Entity(entity) => Value::Entity(reference(eval, entity)?),
        Val::Set(items, of) => {
            let schema = eval.program.schema();
            let items: Option<Vec<Value>> =
                Val::elements(items, of, schema).map(|item| own(eval, item)).collect();
            set(items?, schema)
        }
        Val::Record(members) => Value::Record(members.into()),
    })
}

/// Type and id of an entity.
pub(crate) fn reference(eval: &Eval<'_>, entity: Ent<'_>) -> Option<EntityRef> {
    match entity {
        Ent::Node(node) => Some(eval.graph.entity(node)),
        Ent::Named { kind, id } => Some(EntityRef::new(Name::new(kind).ok()?, id)),
    }
}

fn set(items: Vec<Value>, schema: &Schema) -> Value {
    let mut keyed: Vec<(String, Value)> = items
        .into_iter()
        .map(|item| {
            let mut key = String::new();
            show(&item, schema, &mut key);
            (key, item)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.dedup_by(|a, b| a.1 == b.1);
    Value::Set(keyed.into_iter().map(|(_, item)| item).collect())
}

/// Writes a value as a person reads it: texts bare, levels by name, entities in policy notation.
pub(crate) fn show(value: &Value, schema: &Schema, out: &mut String) {
    let written = match value {
        Value::Bool(value) => write!(out, "{value}"),
        Value::Number(value) => write!(out, "{value}"),
        Value::String(text) => write!(out, "{text}"),
        Value::Time(value) => write!(out, "{value}"),
        Value::Duration(value) => write!(out, "{value}"),
        Value::Ip(value) => write!(out, "{value}"),
        Value::Level(of, rank) => {
            let level = schema.level(*of).and_then(|level| level.members.get(usize::from(*rank)));
            write!(out, "{}", level.map_or(UNKNOWN, |name| name.as_str()))
        }
        Value::Entity(entity) => write!(out, "{entity}"),
        Value::Set(items) => {
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                show(item, schema, out);
            }
            Ok(())
        }
        Value::Record(members) => {
            out.push('{');
            for (at, (name, item)) in members.iter().enumerate() {
                let _ = write!(out, "{}{name}: ", if at == 0 { "" } else { ", " });
                show(item, schema, out);
            }
            out.push('}');
            Ok(())
        }
    };
    // WHY: writing to a string cannot fail.
    let _ = written;
}
