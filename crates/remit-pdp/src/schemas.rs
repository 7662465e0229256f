//! The JSON Schemas of messages (draft 2020-12): `TYPE.schema.json` in a bundle is what the content of messages of that
//! type must follow. Only this module sees the validator.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use boon::{Compiler, Draft, SchemaIndex, UrlLoader};
use serde_json::Value;

/// How the name of a schema's file ends.
pub const SUFFIX: &str = ".schema.json";
/// Where the schemas of a bundle stand to each other; nothing is ever fetched from there.
const BASE: &str = "bundle:///";

/// Why a schema is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}` is no JSON Schema: {cause}")]
pub struct SchemaError {
    /// The file, as shown to people.
    pub file: String,
    /// What is wrong with it.
    pub cause: String,
}

/// Compiled schemas by type of message.
#[derive(Default)]
pub struct Schemas {
    compiled: boon::Schemas,
    by_type: HashMap<String, SchemaIndex>,
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_type.keys()).finish()
    }
}

impl Schemas {
    /// Compiles the files of a bundle, by name and text; they may refer to each other by name.
    ///
    /// # Errors
    /// The first that is refused.
    pub fn of(files: &[(String, String)]) -> Result<Self, SchemaError> {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.use_loader(Box::new(NothingElse));
        let refused = |file: &str, cause: &dyn fmt::Display| SchemaError {
            file: file.to_owned(),
            cause: cause.to_string(),
        };
        let mut all = Self::default();
        let mut places = Vec::new();
        for (file, text) in files {
            let json: Value = serde_json::from_str(text).map_err(|error| refused(file, &error))?;
            let name = file.rsplit('/').next().unwrap_or(file);
            let place = format!("{BASE}{name}");
            let kind = name.trim_end_matches(SUFFIX).to_owned();
            if places.iter().any(|(_, _, known)| *known == kind) {
                return Err(refused(file, &"another file is the schema of the same type"));
            }
            compiler.add_resource(&place, json).map_err(|error| refused(file, &error))?;
            places.push((file, place, kind));
        }
        for (file, place, kind) in places {
            let compiled = compiler.compile(&place, &mut all.compiled);
            all.by_type.insert(kind, compiled.map_err(|error| refused(file, &error))?);
        }
        Ok(all)
    }

    /// Whether there is a schema of that type.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.by_type.contains_key(kind)
    }

    /// Whether the content follows the schema of the type; `None` without one.
    #[must_use]
    pub fn follows(&self, kind: &str, content: &Value) -> Option<bool> {
        let index = *self.by_type.get(kind)?;
        Some(self.compiled.validate(content, index).is_ok())
    }
}

/// Schemas refer to what the bundle holds, never to the network or the disk.
struct NothingElse;

impl UrlLoader for NothingElse {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        Err(format!("`{url}` is not in the bundle").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn schemas_refer_to_each_other_by_name_and_to_nothing_outside() {
        let amount = file("shared/amount.schema.json", r#"{"type":"integer","minimum":1}"#);
        let pay = file("pay.schema.json", r#"{"properties":{"sum":{"$ref":"amount.schema.json"}}}"#);
        let all = Schemas::of(&[amount, pay]).unwrap();
        assert_eq!(all.follows("pay", &serde_json::json!({ "sum": 2 })), Some(true));
        assert_eq!(all.follows("pay", &serde_json::json!({ "sum": 0 })), Some(false));
        for outside in ["https://example.org/x.json", "file:///etc/passwd", "gone.schema.json"] {
            let text = format!(r#"{{"$ref":"{outside}"}}"#);
            let error = Schemas::of(&[file("pay.schema.json", &text)]).unwrap_err();
            assert!(error.to_string().contains("pay.schema.json"), "{error}");
        }
    }

    #[test]
    fn what_is_no_schema_is_refused_with_its_file() {
        for text in ["{", r#"{"type":"strin"}"#, r#"{"pattern":"("}"#] {
            let error = Schemas::of(&[file("chat.schema.json", text)]).unwrap_err();
            assert_eq!(error.file, "chat.schema.json");
        }
        let twice = [file("a/chat.schema.json", "{}"), file("b/chat.schema.json", "{}")];
        assert!(Schemas::of(&twice).unwrap_err().to_string().contains("same type"));
    }
}
