//! Subject, resource and action (AuthZEN 1.0 §5): what every question is made of.

use remit_json::{Json, Object};

use crate::error::RequestError;
use crate::read;

/// A subject or a resource: its type, its id, and what the caller says about it.
///
/// The specification does not forbid empty strings for `type` and `id`; they are accepted and match
/// nothing that a policy names. Members beside `type`, `id` and `properties` have no effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entity<'j> {
    /// The wire member `type`.
    pub kind: &'j str,
    /// Unique within its type.
    pub id: &'j str,
    /// Attributes sent with the request.
    pub properties: Option<&'j Object<'j>>,
}

/// What the subject wants to do. An empty name is accepted and matches no declared action.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action<'j> {
    /// The action's name.
    pub name: &'j str,
    /// Attributes sent with the request.
    pub properties: Option<&'j Object<'j>>,
}

impl<'j> Entity<'j> {
    /// Reads `{"type", "id", "properties"?}`.
    pub fn parse(json: &'j Json<'j>) -> Result<Self, RequestError> {
        Self::parse_with(json, None)
    }

    /// As [`Entity::parse`], with a type to fall back on when the object has none.
    pub(crate) fn parse_with(
        json: &'j Json<'j>,
        fallback_type: Option<&'j str>,
    ) -> Result<Self, RequestError> {
        let object = read::object(json)?;
        let kind = match (read::member(object, "type"), fallback_type) {
            (None, Some(fallback)) => fallback,
            _ => read::text(object, "type")?,
        };
        let id = read::text(object, "id")?;
        Ok(Self { kind, id, properties: read::optional_object(object, "properties")? })
    }

    /// The entity as it is written on the wire, `type` first.
    pub fn to_json(&self) -> Json<'j> {
        let mut object = Object::new();
        object.insert("type", self.kind.into());
        object.insert("id", self.id.into());
        insert_object(&mut object, "properties", self.properties);
        object.into()
    }
}

impl<'j> Action<'j> {
    /// Reads `{"name", "properties"?}`.
    pub fn parse(json: &'j Json<'j>) -> Result<Self, RequestError> {
        let object = read::object(json)?;
        let name = read::text(object, "name")?;
        Ok(Self { name, properties: read::optional_object(object, "properties")? })
    }

    /// The action as it is written on the wire.
    pub fn to_json(&self) -> Json<'j> {
        let mut object = Object::new();
        object.insert("name", self.name.into());
        insert_object(&mut object, "properties", self.properties);
        object.into()
    }
}

/// Adds an optional object member.
pub(crate) fn insert_object<'j>(into: &mut Object<'j>, name: &'static str, value: Option<&Object<'j>>) {
    if let Some(value) = value {
        into.insert(name, value.clone().into());
    }
}
