//! The configuration described from its own types: a JSON Schema for editors and checkers, and a page for people. Nothing
//! about a setting is written down anywhere else.

mod page;

use remit_pdp::incident::Grade;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::Config;

pub use page::page;

/// Where the schema says it can be found.
const ID: &str = "https://remit.invalid/schemas/config.schema.json";

/// The JSON Schema of a configuration file (draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    let mut schema = of::<Config>(false);
    if let Some(members) = schema.as_object_mut() {
        members.insert(String::from("$id"), Value::from(ID));
        members.insert(String::from("title"), Value::from("Configuration of Remit"));
    }
    schema
}

/// The schema as committed in `schemas/config.schema.json`.
#[must_use]
pub fn pretty() -> String {
    format!("{:#}\n", schema())
}

/// The grades of incidents; their type knows nothing of schemas.
pub(super) fn grades(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "enum": Grade::ALL.map(Grade::as_str) })
}

/// The schema of one type; every named type at its place of use, or once for all.
fn of<T: JsonSchema>(inline: bool) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = inline);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
mod tests;
