//! JSON to the values of the model. Null is nothing, as on the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use remit_model::{Number, Value};
use serde_json::Value as Json;

/// A value; nothing for null and for numbers that cannot be held exactly.
#[must_use]
pub fn of(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(it) => Value::Number(Number::parse(&it.to_string())?),
        Json::String(it) => Value::string(it),
        Json::Array(items) => Value::Set(items.iter().filter_map(of).collect()),
        Json::Object(members) => Value::Record(
            members.iter().filter_map(|(key, value)| Some((Arc::from(key.as_str()), of(value)?))).collect(),
        ),
    })
}

/// The arguments of a call.
#[must_use]
pub fn arguments(of_call: &serde_json::Map<String, Json>) -> BTreeMap<String, Value> {
    of_call.iter().filter_map(|(key, value)| Some((key.clone(), of(value)?))).collect()
}

/// A value as JSON, for the wire.
#[must_use]
pub fn json(value: &Value) -> Json {
    match value {
        Value::Bool(it) => Json::Bool(*it),
        Value::Number(it) => it.to_string().parse().map_or(Json::Null, Json::Number),
        Value::String(it) => Json::from(&**it),
        Value::Set(items) => Json::Array(items.iter().map(json).collect()),
        Value::Record(members) => {
            Json::Object(members.iter().map(|(key, value)| (key.to_string(), json(value))).collect())
        }
        // WHY: nothing here makes another kind.
        other => Json::from(remit_model::origin::canonical(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_in_goes_out() {
        let it = serde_json::json!({"a": [1, 98.7, "x"], "b": true, "c": null});
        let back = json(&of(&it).expect("a value"));
        assert_eq!(back, serde_json::json!({"a": [1, 98.7, "x"], "b": true}));
    }
}
