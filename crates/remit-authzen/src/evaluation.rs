//! One question and its answer (AuthZEN 1.0 §6).

use remit_json::{Json, Object};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::entity::{Action, Entity, insert_object};
use crate::error::RequestError;
use crate::options::Options;
use crate::read;

#[cfg(test)]
mod tests;

/// May `subject` do `action` on `resource`, given `context`?
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvaluationRequest<'j> {
    /// Who everybody acts for.
    pub subject: Entity<'j>,
    /// What is to be done.
    pub action: Action<'j>,
    /// What it is done to.
    pub resource: Entity<'j>,
    /// Circumstances; free-form, its times need not parse.
    pub context: Option<&'j Object<'j>>,
    /// Wishes about the answer.
    pub options: Options,
}

impl<'j> EvaluationRequest<'j> {
    /// Reads the body of an evaluation call. A stray `evaluations` member is ignored.
    pub fn parse(json: &'j Json<'j>) -> Result<Self, RequestError> {
        let body = read::object(json)?;
        Ok(Self {
            subject: read::within(body, "subject", Entity::parse)?,
            action: read::within(body, "action", Action::parse)?,
            resource: read::within(body, "resource", Entity::parse)?,
            context: read::optional_object(body, "context")?,
            options: Options::of(body)?,
        })
    }

    /// The request as it is written on the wire.
    pub fn to_json(&self) -> Json<'j> {
        let mut body = Object::new();
        body.insert("subject", self.subject.to_json());
        body.insert("action", self.action.to_json());
        body.insert("resource", self.resource.to_json());
        insert_object(&mut body, "context", self.context);
        if let Some(detail) = self.options.detail {
            let mut options = Object::new();
            options.insert("detail", detail.as_str().into());
            body.insert("options", options.into());
        }
        body.into()
    }
}

/// A decision. Anything but `true` means that the operation must not go ahead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct EvaluationResponse {
    /// The answer.
    pub decision: bool,
    #[serde(skip_serializing_if = "Map::is_empty")]
    context: Map<String, Value>,
}

impl EvaluationResponse {
    /// An answer without context.
    pub fn new(decision: bool) -> Self {
        Self { decision, context: Map::new() }
    }

    /// Adds context. Members that are null are left out at every level, and so is an empty context.
    pub fn with_context(mut self, context: Map<String, Value>) -> Self {
        self.context = without_nulls(context);
        self
    }

    /// Adds a member to the context.
    pub fn insert(&mut self, name: &str, value: Value) {
        self.context.insert(name.to_owned(), value);
    }

    /// What the answer tells beside the decision; empty when it tells nothing.
    pub fn context(&self) -> &Map<String, Value> {
        &self.context
    }

    /// The closed answer for one item of a batch that could not be evaluated (§7.2.1).
    pub fn item_fault(status: u16, message: &str) -> Self {
        let error = serde_json::json!({ "error": { "status": status, "message": message } });
        let context = if let Value::Object(context) = error { context } else { Map::new() };
        Self { decision: false, context }
    }
}

/// SPEC: §11.5 asks to omit members that are null. Elements of arrays keep their places.
pub(crate) fn without_nulls(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, pruned(value))).collect()
}

fn pruned(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(without_nulls(map)),
        Value::Array(items) => items.into_iter().map(pruned).collect(),
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => scalar,
    }
}
