//! References to nodes: `"type:id"` or an object with `type` and `id` (`external_id` in the capture form).

use remit_json::{Json, Kind};
use remit_model::{Schema, TypeId};

use super::{Load, Read, read};
use crate::fault::{Fault, closest, cut};
use crate::limits;

/// A reference, borrowed from the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'j> {
    pub(super) kind: TypeId,
    pub(super) id: &'j str,
}

/// Splits `type:id` at its first colon when a type of that name is declared; else at the colon after the longest
/// declared type, because types may be URIs.
pub(crate) fn split<'t>(schema: &Schema, text: &'t str) -> Option<(TypeId, &'t str)> {
    let at = |colon: usize| {
        let (name, id) = text.split_at_checked(colon)?;
        Some((schema.type_id(name)?, id.strip_prefix(':')?))
    };
    if let Some(found) = text.find(':').and_then(at) {
        return Some(found);
    }
    text.rmatch_indices(':').find_map(|(colon, _)| at(colon))
}

impl Load<'_> {
    pub(super) fn reference<'j>(&self, json: &'j Json<'_>) -> Read<Reference<'j>> {
        match &json.kind {
            Kind::String(text) => {
                let Some((kind, id)) = split(self.schema, text) else {
                    let nearest = text.split_once(':').and_then(|(name, _)| self.nearest_type(name));
                    return Err((json.at, Fault::NoReference { text: cut(text), nearest }));
                };
                checked_id(json, id).map(|id| Reference { kind, id })
            }
            Kind::Object(object) => {
                for member in object {
                    if !["type", "id", "external_id"].contains(&&*member.key) {
                        let fault = Fault::UnknownMember { name: cut(&member.key), nearest: None };
                        return Err((member.key_at, fault));
                    }
                }
                let kind = self.type_of(json)?;
                self.id_of(json).map(|id| Reference { kind, id })
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) => {
                Err(read::shape(json, "a reference, `type:id` or an object with `type` and `id`"))
            }
        }
    }

    /// The declared type that the member `type` names.
    pub(super) fn type_of(&self, json: &Json<'_>) -> Read<TypeId> {
        let Some(value) = read::object(json)?.get("type") else {
            return Err((json.at, Fault::MissingMember { name: "type" }));
        };
        let name = read::text(value)?;
        self.schema.type_id(name).ok_or_else(|| {
            (value.at, Fault::UnknownType { name: cut(name), nearest: self.nearest_type(name) })
        })
    }

    /// The id under either of its two names.
    pub(super) fn id_of<'j>(&self, json: &'j Json<'_>) -> Read<&'j str> {
        let value = read::one_of(json, "id", "external_id", "id")?;
        checked_id(value, read::text(value)?)
    }

    fn nearest_type(&self, name: &str) -> Option<String> {
        closest(name, self.schema.types().iter().map(|of| of.name.as_str()))
    }
}

fn checked_id<'j>(json: &Json<'_>, id: &'j str) -> Read<&'j str> {
    let limit = limits::ID_BYTES;
    if id.is_empty() || id.len() > limit {
        return Err((json.at, Fault::IdLength { limit, found: id.len() }));
    }
    Ok(id)
}
