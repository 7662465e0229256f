//! A value while a condition runs: borrowed from the record or from the question.

use std::cmp::Ordering;
use std::sync::Arc;

use remit_ledger as ledger;
use remit_model::{Duration, IpNet, LevelId, Number, Schema, Timestamp};

use crate::field::rank;

/// A value. `Unknown` is what is missing or of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Val<'a> {
    Unknown,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    /// A text under the names it may have in records: equal to any of them.
    OneOf(&'a [Arc<str>]),
    Time(Timestamp),
    /// The day of a time, given in milliseconds: a text such as `2026-11-25`.
    Day(i64),
    Duration(Duration),
    Ip(IpNet),
    Level(LevelId, u16),
    /// An entity; its id may be open in a search.
    Party {
        kind: &'a str,
        id: Option<&'a str>,
    },
    /// An entity of the question, under the ids it may have in records.
    Named {
        kind: &'a str,
        ids: &'a [Arc<str>],
    },
}

impl Val<'_> {
    pub(crate) fn is_unknown(self) -> bool {
        self == Self::Unknown
    }
}

/// The day of a time in milliseconds.
pub(crate) fn day(ms: i64) -> String {
    ledger::Timestamp::from_unix_ms(ms).to_string().chars().take(10).collect()
}

/// Whether two values are equal; unknown when one is missing or they are of unlike kinds.
pub(crate) fn equal(a: Val<'_>, b: Val<'_>, schema: &Schema) -> Option<bool> {
    let (a, b) = alike(a, b, schema);
    Some(match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Number(a), Val::Number(b)) => a == b,
        (Val::Text(a), Val::Text(b)) => a == b,
        (Val::OneOf(names), Val::Text(text)) | (Val::Text(text), Val::OneOf(names)) => {
            names.iter().any(|name| **name == *text)
        }
        (Val::OneOf(a), Val::OneOf(b)) => a == b,
        (Val::Day(a), Val::Day(b)) => a.div_euclid(DAY_MS) == b.div_euclid(DAY_MS),
        (Val::Day(ms), Val::Text(text)) | (Val::Text(text), Val::Day(ms)) => day(ms) == text,
        (Val::Time(a), Val::Time(b)) => a == b,
        (Val::Duration(a), Val::Duration(b)) => a == b,
        (Val::Ip(a), Val::Ip(b)) => a == b,
        (Val::Level(of_a, a), Val::Level(of_b, b)) if of_a == of_b => a == b,
        (Val::Party { kind: a, id: Some(id_a) }, Val::Party { kind: b, id: Some(id_b) }) => {
            a == b && id_a == id_b
        }
        (Val::Party { kind, id: Some(id) }, Val::Named { kind: of, ids })
        | (Val::Named { kind: of, ids }, Val::Party { kind, id: Some(id) }) => {
            kind == of && ids.iter().any(|it| **it == *id)
        }
        (Val::Named { kind: a, ids: ids_a }, Val::Named { kind: b, ids: ids_b }) => a == b && ids_a == ids_b,
        _ => return None,
    })
}

const DAY_MS: i64 = 86_400_000;

/// The order of two values of one ordered kind.
pub(crate) fn order(a: Val<'_>, b: Val<'_>, schema: &Schema) -> Option<Ordering> {
    let (a, b) = alike(a, b, schema);
    Some(match (a, b) {
        (Val::Number(a), Val::Number(b)) => a.cmp(&b),
        (Val::Text(a), Val::Text(b)) => a.cmp(b),
        (Val::Day(a), Val::Day(b)) => a.div_euclid(DAY_MS).cmp(&b.div_euclid(DAY_MS)),
        (Val::Day(ms), Val::Text(text)) => day(ms).as_str().cmp(text),
        (Val::Text(text), Val::Day(ms)) => text.cmp(day(ms).as_str()),
        (Val::Time(a), Val::Time(b)) => a.cmp(&b),
        (Val::Duration(a), Val::Duration(b)) => a.cmp(&b),
        (Val::Level(of_a, a), Val::Level(of_b, b)) if of_a == of_b => a.cmp(&b),
        _ => return None,
    })
}

/// A text beside a level, time, duration or address is read as one; unreadable is unknown.
fn alike<'a>(a: Val<'a>, b: Val<'a>, schema: &Schema) -> (Val<'a>, Val<'a>) {
    match (a, b) {
        (Val::Text(text), other) => (read_as(text, other, schema), other),
        (other, Val::Text(text)) => (other, read_as(text, other, schema)),
        _ => (a, b),
    }
}

fn read_as<'a>(text: &'a str, model: Val<'a>, schema: &Schema) -> Val<'a> {
    match model {
        Val::Level(of, _) => rank(schema, of, text),
        Val::Time(_) => Timestamp::parse(text).map_or(Val::Unknown, Val::Time),
        Val::Duration(_) => Duration::parse(text).map_or(Val::Unknown, Val::Duration),
        Val::Ip(_) => IpNet::parse(text).map_or(Val::Unknown, Val::Ip),
        _ => Val::Text(text),
    }
}
