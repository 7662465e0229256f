//! A tree back to text, and to serde; owns escaping and the canonical form.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::value::{Json, Kind, Member, Object};

impl Json<'_> {
    /// Text that two equal values share: compact, members ordered by the bytes of their names,
    /// numbers as plain decimals. Made for digests; it is not RFC 8785.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        // Writing to a `String` cannot fail.
        let _infallible = write(&mut out, self, Order::Sorted);
        out
    }

    /// The same value for code that speaks serde_json. Fractions become the nearest double.
    pub fn to_serde(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(value) => match value.as_i64() {
                Some(integer) => integer.into(),
                None => nearest_double(value).into(),
            },
            Kind::String(value) => value.as_ref().into(),
            Kind::Array(items) => items.iter().map(Json::to_serde).collect(),
            Kind::Object(object) => object.to_serde().into(),
        }
    }
}

impl Object<'_> {
    /// As [`Json::canonical`].
    pub fn canonical(&self) -> String {
        canonical_members(self.sorted())
    }

    /// As [`Json::canonical`], without the member of this name.
    pub fn canonical_without(&self, name: &str) -> String {
        let mut members = self.sorted();
        members.retain(|member| member.key != name);
        canonical_members(members)
    }

    /// The same members for code that speaks serde_json.
    pub fn to_serde(&self) -> serde_json::Map<String, serde_json::Value> {
        self.iter().map(|member| (member.key.to_string(), member.value.to_serde())).collect()
    }
}

/// Appends a text as JSON, quoted.
pub fn quote(text: &str, out: &mut String) {
    // Writing to a `String` cannot fail.
    let _infallible = write_string(out, text);
}

fn nearest_double(number: &crate::Number) -> f64 {
    // A plain decimal always parses.
    number.to_string().parse().unwrap_or(f64::NAN)
}

/// Compact text with members in the order they were read.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, Order::AsRead)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(*value),
            Kind::Number(value) => match value.as_i64() {
                Some(integer) => serializer.serialize_i64(integer),
                None => serializer.serialize_f64(nearest_double(value)),
            },
            Kind::String(value) => serializer.serialize_str(value),
            Kind::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| sequence.serialize_element(item))?;
                sequence.end()
            }
            Kind::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|member| map.serialize_entry(member.key.as_ref(), &member.value))?;
        map.end()
    }
}

#[derive(Clone, Copy)]
enum Order {
    AsRead,
    Sorted,
}

fn write(out: &mut impl fmt::Write, json: &Json<'_>, order: Order) -> fmt::Result {
    match &json.kind {
        Kind::Null => out.write_str("null"),
        Kind::Bool(value) => write!(out, "{value}"),
        Kind::Number(value) => write!(out, "{value}"),
        Kind::String(value) => write_string(out, value),
        Kind::Array(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                separate(out, index)?;
                write(out, item, order)?;
            }
            out.write_char(']')
        }
        Kind::Object(object) => write_object(out, object, order),
    }
}

fn canonical_members(members: Vec<&Member<'_>>) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _infallible = write_members(&mut out, members, Order::Sorted);
    out
}

fn write_object(out: &mut impl fmt::Write, object: &Object<'_>, order: Order) -> fmt::Result {
    let members = match order {
        Order::AsRead => object.iter().collect(),
        Order::Sorted => object.sorted(),
    };
    write_members(out, members, order)
}

fn write_members(out: &mut impl fmt::Write, members: Vec<&Member<'_>>, order: Order) -> fmt::Result {
    out.write_char('{')?;
    for (index, member) in members.into_iter().enumerate() {
        separate(out, index)?;
        write_string(out, &member.key)?;
        out.write_char(':')?;
        write(out, &member.value, order)?;
    }
    out.write_char('}')
}

fn separate(out: &mut impl fmt::Write, index: usize) -> fmt::Result {
    if index == 0 { Ok(()) } else { out.write_char(',') }
}

fn write_string(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    // Only single bytes need a sign before them, so that a text can be parted there.
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        let (plain, marked) = rest.split_at(at);
        out.write_str(plain)?;
        let Some(byte) = marked.bytes().next() else { break };
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            control => write!(out, "\\u{control:04x}")?,
        }
        rest = marked.get(1..).unwrap_or_default();
    }
    out.write_str(rest)?;
    out.write_char('"')
}
