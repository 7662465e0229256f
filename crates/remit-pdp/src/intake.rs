//! Request bytes to a draft: strict JSON, AuthZEN shapes, values of the language. Knows no policy and no graph.

use std::sync::Arc;

use remit_json::{Json, Kind, Object};
use remit_model::{Name, Number, Value};
use sha2::{Digest, Sha256};

use crate::bundle::hex;

/// Members of the request context that carry a chain, an intent, a transaction or tokens.
pub const AGENT_MEMBERS: [&str; 5] = ["tokens", "act", "authorization_details", "intent", "txn"];

/// Named values as the engine reads them.
pub type Values = Vec<(Arc<str>, Value)>;

/// The JSON object as named values; members that are null are absent.
#[must_use]
pub fn values(object: Option<&Object<'_>>) -> Values {
    let Some(object) = object else { return Vec::new() };
    object.iter().filter_map(|member| Some((Arc::from(&*member.key), value(&member.value)?))).collect()
}

/// A JSON value as a value of the language: arrays are sets, null is nothing.
#[must_use]
pub fn value(json: &Json<'_>) -> Option<Value> {
    Some(match &json.kind {
        Kind::Null => return None,
        Kind::Bool(it) => Value::Bool(*it),
        Kind::Number(it) => Value::Number(Number::from_parts(it.coefficient(), u32::from(it.scale()))?),
        Kind::String(it) => Value::string(it),
        Kind::Array(items) => Value::Set(items.iter().filter_map(value).collect()),
        Kind::Object(object) => Value::Record(values(Some(object)).into()),
    })
}

/// The first member that makes this a question about agents, which this release refuses and never ignores.
#[must_use]
pub fn unsupported(subject: Option<&Object<'_>>, context: Option<&Object<'_>>) -> Option<&'static str> {
    let present = |object: Option<&Object<'_>>, name: &str| {
        object.and_then(|object| object.get(name)).is_some_and(|json| !json.is_null())
    };
    if present(subject, "act") {
        return Some("subject.properties.act");
    }
    AGENT_MEMBERS.into_iter().find(|member| present(context, member))
}

/// SHA-256 of the context's canonical text: what the ledger holds instead of the context.
#[must_use]
pub fn context_hash(context: Option<&Object<'_>>) -> Option<String> {
    context.filter(|object| !object.is_empty()).map(|object| {
        let mut text = String::new();
        object.write_canonical(&mut text);
        hex(&Sha256::digest(text.as_bytes()))
    })
}

/// A name of the request, when it could be a declared one at all.
#[must_use]
pub fn name(text: &str) -> Option<Name> {
    Name::new(text).ok()
}
