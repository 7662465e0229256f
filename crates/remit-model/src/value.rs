//! The closed set of runtime values.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Duration, EntityRef, IpNet, LevelId, Number, Timestamp};

/// A value of the language. Comparison between kinds is the engine's business, not `PartialEq`'s; the order is only
/// that of sorted sets and says nothing about which value is greater.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `true` or `false`
    Bool(bool),
    /// An exact decimal
    Number(Number),
    /// Text, compared by code point
    String(Arc<str>),
    /// An instant
    Time(Timestamp),
    /// A length of time
    Duration(Duration),
    /// An address or network
    Ip(IpNet),
    /// A member of a declared level: rank 0 is the weakest
    Level(LevelId, u16),
    /// A reference to an entity, in the graph or not
    Entity(EntityRef),
    /// A set, without order; duplicates are harmless
    Set(Arc<[Value]>),
    /// A record of named values, as JSON objects arrive; names are unique
    Record(Arc<[(Arc<str>, Value)]>),
}

impl Value {
    /// A string value.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::String(Arc::from(text))
    }

    /// The kind in words, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Time(_) => "time",
            Self::Duration(_) => "duration",
            Self::Ip(_) => "ip",
            Self::Level(..) => "level",
            Self::Entity(_) => "entity",
            Self::Set(_) => "set",
            Self::Record(_) => "record",
        }
    }

    /// A member of a record.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Record(members) => members.iter().find(|(key, _)| &**key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}
