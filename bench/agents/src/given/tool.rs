//! A tool as its schema tells it: what its arguments mean, which of them decide, and which list it reads.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value as Json;

/// A tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// `read`, `send`, `pay`, `create`, `delete` …
    pub effect: String,
    /// True when it changes something.
    pub side_effecting: bool,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The list of the directory that its name speaks of.
    pub list: Option<String>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// True when a call must have it.
    pub required: bool,
    /// True when it decides who receives, pays, or is changed.
    pub decides: bool,
    /// What its values are.
    pub meaning: Meaning,
}

impl Parameter {
    /// True when it names who receives or is paid.
    #[must_use]
    pub fn is_destination(&self) -> bool {
        self.decides && matches!(self.meaning, Meaning::Address | Meaning::Account)
    }
}

/// What the values of a parameter are, as far as the schema tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// An e-mail address.
    Address,
    /// An account number.
    Account,
    /// The key of a record of a list.
    Key(String),
    /// Objects whose member of this name is the key of a record of a list.
    Attached {
        /// The member.
        member: String,
        /// The list.
        list: String,
    },
    /// An amount of money.
    Amount,
    /// True or false.
    Flag,
    /// One of these words.
    Choice(Vec<String>),
    /// Anything else.
    Text,
}

impl Tool {
    /// Reads a tool of the catalogue.
    ///
    /// # Errors
    /// It has no name.
    pub fn read(tool: &Json, lists: &BTreeSet<&str>) -> anyhow::Result<Self> {
        let name = tool.get("name").and_then(Json::as_str).context("a tool has no name")?.to_owned();
        let judged = |member: &str| tool.pointer(&format!("/judged/{member}"));
        let strings = |list: Option<&Json>| -> Vec<String> {
            let items = list.and_then(Json::as_array).into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let decides = strings(judged("security_relevant_args"));
        let required = strings(tool.pointer("/parameters/required"));
        let list = list_of(&name, lists);
        let schemas = tool.pointer("/parameters/properties").and_then(Json::as_object);
        let parameters = schemas.into_iter().flatten().map(|(parameter, schema)| Parameter {
            required: required.contains(parameter),
            decides: decides.contains(parameter),
            meaning: meaning(parameter, schema, tool, list.as_deref(), lists),
            name: parameter.clone(),
        });
        Ok(Self {
            effect: judged("effect").and_then(Json::as_str).unwrap_or_default().to_owned(),
            side_effecting: judged("side_effecting").and_then(Json::as_bool).unwrap_or(true),
            parameters: parameters.collect(),
            list,
            name,
        })
    }

    /// The parameter of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// The list that shares most words with the name of a tool; `emails` and `email` are one word.
fn list_of(name: &str, lists: &BTreeSet<&str>) -> Option<String> {
    let words: BTreeSet<String> = name.split('_').map(singular).collect();
    let shared = |list: &str| -> Option<usize> {
        let own: Vec<String> = list.split('_').map(singular).collect();
        own.iter().all(|word| words.contains(word)).then_some(own.len())
    };
    let best = lists.iter().filter_map(|list| Some((shared(list)?, *list))).max();
    best.map(|(_, list)| list.to_owned())
}

fn meaning(
    name: &str,
    schema: &Json,
    tool: &Json,
    own_list: Option<&str>,
    lists: &BTreeSet<&str>,
) -> Meaning {
    let described = schema.get("description").and_then(Json::as_str).unwrap_or_default();
    if let Some(words) = choice(schema, tool) {
        return Meaning::Choice(words);
    }
    if holds_type(schema, "boolean") {
        return Meaning::Flag;
    }
    if holds_objects(schema) {
        let members = described.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let key = members.filter(|word| word.ends_with("_id")).find_map(|member| {
            Some(Meaning::Attached { member: member.to_owned(), list: keyed_list(member, lists)? })
        });
        return key.unwrap_or(Meaning::Text);
    }
    if name == "id" {
        return own_list.map_or(Meaning::Text, |list| Meaning::Key(list.to_owned()));
    }
    if name.ends_with("_id") {
        return keyed_list(name, lists).map_or(Meaning::Text, Meaning::Key);
    }
    if holds_type(schema, "number") || holds_type(schema, "integer") {
        return Meaning::Amount;
    }
    if described.contains("IBAN") || described.contains("account number") {
        return Meaning::Account;
    }
    let speaks = |word: &str| described.to_ascii_lowercase().contains(word) || name.contains(word);
    if speaks("email") && (speaks("address") || name == "email") {
        return Meaning::Address;
    }
    Meaning::Text
}

/// `file_id` is a key of `files`.
fn keyed_list(member: &str, lists: &BTreeSet<&str>) -> Option<String> {
    let stem = member.strip_suffix("_id")?;
    lists.iter().find(|list| singular(list) == stem).map(|list| (*list).to_owned())
}

fn choice(schema: &Json, tool: &Json) -> Option<Vec<String>> {
    let referred = schema
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|reference| tool.get("parameters")?.pointer(reference.strip_prefix('#')?));
    let words = referred.unwrap_or(schema).get("enum")?.as_array()?;
    Some(words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect())
}

fn variants(schema: &Json) -> impl Iterator<Item = &Json> {
    let any = schema.get("anyOf").and_then(Json::as_array);
    std::iter::once(schema).chain(any.into_iter().flatten())
}

fn holds_type(schema: &Json, kind: &str) -> bool {
    variants(schema).any(|variant| variant.get("type").and_then(Json::as_str) == Some(kind))
}

fn holds_objects(schema: &Json) -> bool {
    variants(schema).any(|variant| variant.pointer("/items/type").and_then(Json::as_str) == Some("object"))
}

/// `emails` as `email`.
pub(crate) fn singular(word: &str) -> String {
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn meanings_come_from_the_schema() {
        let lists = BTreeSet::from(["emails", "files", "scheduled_orders", "orders"]);
        let tool = json!({"name": "update_scheduled_order", "judged": {"effect": "pay", "side_effecting": true,
            "security_relevant_args": ["id", "to"]},
            "parameters": {"required": ["id"], "$defs": {"P": {"enum": ["r", "rw"]}}, "properties": {
                "id": {"type": "integer"}, "to": {"description": "IBAN of the payee", "type": "string"},
                "amount": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                "monthly": {"type": "boolean"}, "right": {"$ref": "#/$defs/P"},
                "email_id": {"type": "string"}, "copy": {"description": "E-mail: an email address", "type": "string"},
                "add": {"description": "each has a `file_id`", "items": {"type": "object"}, "type": "array"},
                "note": {"type": "string"}}}});
        let tool = Tool::read(&tool, &lists).expect("a tool");
        assert_eq!(tool.list.as_deref(), Some("scheduled_orders"));
        let of = |name: &str| tool.parameter(name).expect("a parameter").meaning.clone();
        assert_eq!(of("id"), Meaning::Key("scheduled_orders".into()));
        assert_eq!(of("to"), Meaning::Account);
        assert_eq!(of("amount"), Meaning::Amount);
        assert_eq!(of("monthly"), Meaning::Flag);
        assert_eq!(of("right"), Meaning::Choice(vec!["r".into(), "rw".into()]));
        assert_eq!(of("email_id"), Meaning::Key("emails".into()));
        assert_eq!(of("copy"), Meaning::Address);
        assert_eq!(of("add"), Meaning::Attached { member: "file_id".into(), list: "files".into() });
        assert_eq!(of("note"), Meaning::Text);
        assert!(tool.parameter("id").is_some_and(|it| it.required && it.decides));
    }
}
