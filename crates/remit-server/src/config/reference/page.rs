//! The page for people: one table for each part of the file, one row for each key, made from the schema.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Config, of};

const HEAD: &str = "\
# Configuration

Generated from the code (`UPDATE_CONFIG=1 cargo test -p remit-server reference` writes it anew), as is the
[JSON Schema](config.schema.json) of the same. A setting comes from the TOML file (`--config FILE`), from an environment
variable, or from the command line; the later one wins, and a key that nobody knows is refused with the nearest known one.
`remit serve --check-config` reads everything and stops; `remit doctor` looks at what the settings lead to as well.

A key is *required* within its table; the table itself may be left out unless it is said to be required. Lists of tables
have no variable for each key: the variable named at their head takes the whole list (`[{name = \"…\", …}]`).
";

/// The page as committed in `schemas/CONFIG.md`.
#[must_use]
pub fn page() -> String {
    let mut text = String::from(HEAD);
    let whole = of::<Config>(true);
    let mut open = vec![Table {
        path: Vec::new(),
        is_list: false,
        in_list: false,
        variable: None,
        schema: &whole,
        meaning: String::new(),
    }];
    while let Some(table) = open.pop() {
        let inner = table.write(&mut text);
        open.extend(inner.into_iter().rev());
    }
    text
}

/// A table of the file that is still to be written.
struct Table<'a> {
    path: Vec<String>,
    /// The file has any number of it.
    is_list: bool,
    /// It, or one around it, stands in a list.
    in_list: bool,
    /// The variable that takes it whole, when it is a list that stands in no other.
    variable: Option<String>,
    schema: &'a Value,
    meaning: String,
}

impl Table<'_> {
    /// Writes heading and rows; gives back the tables inside, in order.
    fn write(&self, text: &mut String) -> Vec<Self> {
        let properties = self.schema.get("properties").and_then(Value::as_object);
        let name = self.path.join(".");
        // INVARIANT: writing to a String cannot fail.
        let _ = match (self.path.is_empty(), self.is_list) {
            (true, _) => writeln!(text, "\n## At the top\n"),
            (false, true) => {
                let variable = self.variable.iter().map(|it| format!(" Variable of the whole list: `{it}`."));
                writeln!(text, "\n## `[[{name}]]`\n\n{}{}\n", self.meaning, variable.collect::<String>())
            }
            (false, false) => writeln!(text, "\n## `[{name}]`\n\n{}\n", self.meaning),
        };
        let mut inner = Vec::new();
        let mut rows = String::new();
        for (key, property) in properties.into_iter().flatten() {
            let mut path = self.path.clone();
            path.push(key.clone());
            let (schema, is_list) = match plain(property) {
                Shape::Table(schema) => (schema, false),
                Shape::Tables(schema) => (schema, true),
                Shape::Named(schema) => {
                    path.push(String::from("NAME"));
                    (schema, false)
                }
                Shape::Value(schema) => {
                    rows.push_str(&self.row(key, property, schema));
                    continue;
                }
            };
            inner.push(Self {
                path,
                is_list,
                in_list: self.in_list || is_list,
                variable: (is_list && !self.in_list).then(|| variable(&self.path, key)),
                schema,
                meaning: meaning(property),
            });
        }
        if !rows.is_empty() {
            let _ = writeln!(
                text,
                "| key | value | default | variable | meaning |\n|---|---|---|---|---|\n{}",
                rows.trim_end()
            );
        }
        inner
    }

    fn row(&self, key: &str, property: &Value, schema: &Value) -> String {
        let required = self.schema.get("required").and_then(Value::as_array);
        let required = required.is_some_and(|names| names.iter().any(|name| name == key));
        let default = match property.get("default") {
            _ if required => String::from("*required*"),
            None | Some(Value::Null) => String::from("–"),
            Some(value) => format!("`{value}`"),
        };
        let variable = match self.in_list {
            true => String::from("–"),
            false => format!("`{}`", variable(&self.path, key)),
        };
        format!(
            "| `{key}` | {} | {default} | {variable} | {} |\n",
            value(schema),
            meaning(property).replace('|', "\\|")
        )
    }
}

/// The environment variable of a key.
fn variable(path: &[String], key: &str) -> String {
    let names: Vec<String> =
        path.iter().map(String::as_str).chain([key]).map(str::to_ascii_uppercase).collect();
    format!("REMIT_{}", names.join("__"))
}

/// What a property holds, as TOML sees it.
#[derive(Clone, Copy)]
enum Shape<'a> {
    Table(&'a Value),
    Tables(&'a Value),
    /// Tables under names of the operator's choice.
    Named(&'a Value),
    Value(&'a Value),
}

/// Looks through what says no more than that the value may be missing.
fn plain(property: &Value) -> Shape<'_> {
    let choices = property.get("anyOf").and_then(Value::as_array);
    let real =
        choices.and_then(|them| them.iter().find(|it| it.get("type").is_none_or(|kind| kind != "null")));
    let schema = real.unwrap_or(property);
    if schema.get("properties").is_some() {
        return Shape::Table(schema);
    }
    if let Some(named) = schema.get("additionalProperties").filter(|inner| inner.get("properties").is_some())
    {
        return Shape::Named(named);
    }
    match schema.get("items").filter(|items| items.get("properties").is_some()) {
        Some(items) => Shape::Tables(items),
        None => Shape::Value(schema),
    }
}

/// The first paragraph of a description, on one line.
fn meaning(property: &Value) -> String {
    let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

/// What may stand after the equals sign.
fn value(schema: &Value) -> String {
    let words = words(schema);
    if !words.is_empty() {
        return words.join(", ");
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", value(items));
    }
    if let Some(inner) = schema.get("additionalProperties").filter(|inner| inner.is_object()) {
        return format!("table of {}", value(inner));
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        _ => Vec::new(),
    };
    let least = schema.get("minimum").and_then(Value::as_i64).filter(|least| *least != 0);
    match (kinds.as_slice(), least) {
        ([], _) => String::from("any"),
        (kinds, None) => kinds.join(" or "),
        (kinds, Some(least)) => format!("{} from {least}", kinds.join(" or ")),
    }
}

/// The words, or the tables of one key, that a closed choice consists of.
fn words(schema: &Value) -> Vec<String> {
    let listed = |name: &str| schema.get(name).and_then(Value::as_array);
    if let Some(words) = listed("enum") {
        return words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
    }
    let choices = listed("oneOf").or_else(|| listed("anyOf"));
    let mut found = Vec::new();
    for choice in choices.into_iter().flatten() {
        if let Some(word) = choice.get("const").and_then(Value::as_str) {
            found.push(format!("`{word}`"));
        } else if let Some(key) =
            choice.get("properties").and_then(Value::as_object).and_then(|them| them.keys().next())
        {
            found.push(format!("`{{ {key} = \"…\" }}`"));
        } else {
            found.extend(words(choice));
        }
    }
    found
}
