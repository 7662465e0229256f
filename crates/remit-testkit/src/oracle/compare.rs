//! Equality and order of two values. Unlike kinds are neither equal nor unequal: they are unknown.

use std::cmp::Ordering;

use remit_model::{Duration, IpNet, Schema, Timestamp, Value};

use super::known::{Known, Many};
use super::truth::Truth;

/// A text beside a level, time, duration or address is read as one; nothing when it cannot be.
fn like(schema: &Schema, value: &Value, other: &Value) -> Option<Value> {
    match (value, other) {
        (Value::String(text), Value::Level(level, _)) => {
            schema.level(*level)?.rank(text).map(|rank| Value::Level(*level, rank))
        }
        (Value::String(text), Value::Time(_)) => Timestamp::parse(text).map(Value::Time),
        (Value::String(text), Value::Duration(_)) => Duration::parse(text).map(Value::Duration),
        (Value::String(text), Value::Ip(_)) => IpNet::parse(text).map(Value::Ip),
        _ => Some(value.clone()),
    }
}

/// `a == b`
#[must_use]
pub fn equal(schema: &Schema, a: &Value, b: &Value) -> Truth {
    let (Some(a), Some(b)) = (like(schema, a, b), like(schema, b, a)) else { return Truth::Unknown };
    match (&a, &b) {
        (Value::Bool(a), Value::Bool(b)) => Truth::of(a == b),
        (Value::Number(a), Value::Number(b)) => Truth::of(a == b),
        (Value::String(a), Value::String(b)) => Truth::of(a == b),
        (Value::Time(a), Value::Time(b)) => Truth::of(a == b),
        (Value::Duration(a), Value::Duration(b)) => Truth::of(a == b),
        (Value::Ip(a), Value::Ip(b)) => Truth::of(a == b),
        (Value::Level(of, a), Value::Level(other, b)) if of == other => Truth::of(a == b),
        (Value::Entity(a), Value::Entity(b)) => Truth::of(a == b),
        _ => Truth::Unknown,
    }
}

/// The order of two values of one ordered kind.
#[must_use]
pub fn order(schema: &Schema, a: &Value, b: &Value) -> Option<Ordering> {
    let (a, b) = (like(schema, a, b)?, like(schema, b, a)?);
    match (&a, &b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.chars().cmp(b.chars())),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Level(of, a), Value::Level(other, b)) if of == other => Some(a.cmp(b)),
        _ => None,
    }
}

/// Is `item` in `set`?
#[must_use]
pub fn has(schema: &Schema, set: &Many, item: &Value) -> Truth {
    let rest = if set.complete { Truth::False } else { Truth::Unknown };
    set.items.iter().fold(rest, |found, have| found.or(equal(schema, have, item)))
}

/// Has `set` every element of `wanted`?
#[must_use]
pub fn has_all(schema: &Schema, set: &Many, wanted: &Many) -> Truth {
    let rest = if wanted.complete { Truth::True } else { Truth::Unknown };
    wanted.items.iter().fold(rest, |all, item| all.and(has(schema, set, item)))
}

/// Has `set` some element of `wanted`?
#[must_use]
pub fn has_any(schema: &Schema, set: &Many, wanted: &Many) -> Truth {
    let rest = if wanted.complete { Truth::False } else { Truth::Unknown };
    wanted.items.iter().fold(rest, |found, item| found.or(has(schema, set, item)))
}

/// `a == b` of whole outcomes; sets are equal when each has all of the other, unknown unless both are known in full.
#[must_use]
pub fn same(schema: &Schema, a: &Known, b: &Known) -> Truth {
    match (a, b) {
        (Known::One(a), Known::One(b)) => equal(schema, a, b),
        (Known::Many(a), Known::Many(b)) if a.complete && b.complete => {
            has_all(schema, a, b).and(has_all(schema, b, a))
        }
        _ => Truth::Unknown,
    }
}
