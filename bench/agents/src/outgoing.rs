//! What leaves with a call, as a PEP shows it to the decision point: the texts of its arguments and who receives them.

use serde_json::{Map, Value as Json, json};

use crate::given::Tool;

/// The message of a call with an effect: every argument that names nobody is content. Without recipients it stays where the
/// user's own things are.
#[must_use]
pub fn message(tool: &Tool, arguments: &Map<String, Json>) -> Json {
    let names = |name: &str| tool.parameter(name).is_some_and(crate::given::Parameter::is_destination);
    let content: Map<String, Json> = arguments
        .iter()
        .filter(|(name, _)| !names(name))
        .map(|(name, it)| (name.clone(), it.clone()))
        .collect();
    json!({ "content": content, "recipients": recipients(tool, arguments) })
}

/// Who receives or is paid.
#[must_use]
pub fn recipients(tool: &Tool, arguments: &Map<String, Json>) -> Vec<String> {
    let named = tool.parameters.iter().filter(|it| it.is_destination());
    let values = named.filter_map(|it| arguments.get(&it.name));
    let mut found: Vec<String> = values.flat_map(texts).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Every text of a value.
#[must_use]
pub fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::String(text) => vec![text.clone()],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_what_names_nobody() {
        let tool = json!({"name": "send_mail", "judged": {"effect": "send", "side_effecting": true,
            "security_relevant_args": ["to", "copy", "file_id"]}, "parameters": {"properties": {
                "to": {"description": "email addresses"}, "copy": {"description": "email address"},
                "body": {}, "file_id": {}}}});
        let tool = Tool::read(&tool, &std::collections::BTreeSet::from(["files"])).expect("a tool");
        let arguments = json!({"to": ["b@x.example", "a@x.example"], "copy": "a@x.example", "body": "hi", "file_id": "3"});
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let expected =
            json!({"content": {"body": "hi", "file_id": "3"}, "recipients": ["a@x.example", "b@x.example"]});
        assert_eq!(message(&tool, &arguments), expected);
    }
}
