//! One byte form for each value, edge and origin: what digests hash and what orders parallel edges.
//!
//! Names, not ids, are written, so the bytes do not depend on the order of declarations.

use remit_model::{Schema, Value};

use crate::{EdgeData, PropertyMetadata};

/// A text with its length in front, so that no two sequences of texts share their bytes.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// A length or count.
pub(crate) fn number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u64).to_le_bytes());
}

/// A value. Sets are written sorted and without duplicates, records sorted by name.
pub(crate) fn value(out: &mut Vec<u8>, schema: &Schema, of: &Value) {
    text(out, of.kind());
    match of {
        Value::Bool(truth) => out.push(u8::from(*truth)),
        Value::Number(exact) => text(out, &exact.to_string()),
        Value::String(held) => text(out, held),
        Value::Time(time) => out.extend_from_slice(&time.unix_nanos().to_le_bytes()),
        Value::Duration(length) => out.extend_from_slice(&length.nanos().to_le_bytes()),
        Value::Ip(net) => text(out, &net.to_string()),
        Value::Level(level, rank) => {
            let level = schema.level(*level);
            let member = level.and_then(|level| level.members.get(usize::from(*rank)));
            text(out, level.map_or("", |level| level.name.as_str()));
            text(out, member.map_or("", |member| member.as_str()));
        }
        Value::Entity(entity) => {
            text(out, entity.kind.as_str());
            text(out, &entity.id);
        }
        Value::Set(members) => {
            let mut forms: Vec<Vec<u8>> = members.iter().map(|member| form(schema, member)).collect();
            forms.sort_unstable();
            forms.dedup();
            number(out, forms.len());
            forms.iter().for_each(|form| out.extend_from_slice(form));
        }
        Value::Record(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(left, _), (right, _)| left.cmp(right));
            named(out, schema, sorted.into_iter().map(|(name, value)| (&**name, value)));
        }
    }
}

/// A value as its own bytes.
pub(crate) fn form(schema: &Schema, of: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    value(&mut out, schema, of);
    out
}

/// What an edge carries.
pub(crate) fn edge(out: &mut Vec<u8>, schema: &Schema, data: Option<&EdgeData>) {
    let Some(data) = data else {
        return out.push(0);
    };
    out.push(1);
    instant(out, data.valid_from);
    instant(out, data.valid_until);
    named(out, schema, data.properties.iter().map(|(name, value)| (&**name, value)));
}

/// Where a property came from.
pub(crate) fn metadata(out: &mut Vec<u8>, schema: &Schema, of: Option<&PropertyMetadata>) {
    let Some(of) = of else {
        return out.push(0);
    };
    out.push(1);
    text(out, of.source.as_deref().unwrap_or_default());
    out.push(u8::from(of.source.is_some()));
    out.push(of.assurance_level.unwrap_or_default());
    instant(out, of.verified_time);
    named(out, schema, of.custom.iter().map(|(name, value)| (&**name, value)));
}

fn instant(out: &mut Vec<u8>, at: Option<remit_model::Timestamp>) {
    match at {
        None => out.push(0),
        Some(at) => {
            out.push(1);
            out.extend_from_slice(&at.unix_nanos().to_le_bytes());
        }
    }
}

fn named<'a>(
    out: &mut Vec<u8>,
    schema: &Schema,
    members: impl ExactSizeIterator<Item = (&'a str, &'a Value)>,
) {
    number(out, members.len());
    for (name, member) in members {
        text(out, name);
        value(out, schema, member);
    }
}
