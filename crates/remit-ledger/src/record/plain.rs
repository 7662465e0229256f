//! Plain values inside records, such as parameters of obligations: JSON without fractions.

use crate::limits::EXACT_INTEGER;
use serde::ser::{Error, SerializeMap};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// A JSON value that has exactly one canonical spelling. A decimal goes in as text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Plain {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number of at most 2^53 - 1 either way; a larger one refuses the record.
    Integer(i64),
    /// A text
    Text(String),
    /// A list
    List(Vec<Plain>),
    /// An object
    Members(BTreeMap<String, Plain>),
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(it) => serializer.serialize_bool(*it),
            Self::Integer(it) if it.unsigned_abs() > EXACT_INTEGER => {
                Err(S::Error::custom(format!("the number `{it}` cannot be written exactly")))
            }
            Self::Integer(it) => serializer.serialize_i64(*it),
            Self::Text(it) => serializer.serialize_str(it),
            Self::List(items) => serializer.collect_seq(items),
            Self::Members(members) => by_utf16(members, serializer),
        }
    }
}

/// Writes members in the order of RFC 8785, which compares UTF-16 units: other than Rust's order of text once
/// a name leaves the basic plane.
pub(super) fn by_utf16<S: Serializer>(members: &BTreeMap<String, Plain>, to: S) -> Result<S::Ok, S::Error> {
    if members.keys().all(|name| name.is_ascii()) {
        return to.collect_map(members);
    }
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    let mut map = to.serialize_map(Some(sorted.len()))?;
    for (name, value) in sorted {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
