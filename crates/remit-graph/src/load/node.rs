//! One node of a document, in either spelling.
//!
//! Remit's own: `{"type", "id", "labels"?, "properties": {name: value}, "relations": {name: reference(s)}}`.
//! Capture: `{"type", "external_id", "is_identity"?, "labels"?, "tags"?, "properties": [{"type", "value"}]}`.
//! A property is its value, or `{"value": …, "metadata": {…}}`: no declared type is written as an object with
//! a member `value`, so the two cannot be confused. `labels`, `tags` and `is_identity` become properties where
//! the type declares attributes of these names, and describe the node for people elsewhere.

use remit_json::{At, Json, Kind};
use remit_model::{AttrId, Attribute, Provenance, Timestamp, Ty, TypeId};

use super::reference::Reference;
use super::{Load, Read, read};
use crate::fault::{Fault, closest, cut};
use crate::node::{Property, PropertyMetadata};
use crate::{EdgeData, limits};

const MEMBERS: [&str; 8] =
    ["type", "id", "external_id", "labels", "tags", "is_identity", "properties", "relations"];

impl<'s> Load<'s> {
    pub(super) fn node(&mut self, json: &Json<'_>) {
        if let Err((at, fault)) = self.read_node(json) {
            self.fault(at, fault);
        }
    }

    fn read_node(&mut self, json: &Json<'_>) -> Read<()> {
        let (kind, id) = self.key_of(json)?;
        if self.builder.node_count() >= limits::NODES {
            return Err((json.at, Fault::TooMany { what: "nodes", limit: limits::NODES }));
        }
        let handle = self.builder.reference(kind, id);
        if !self.builder.is_placeholder(handle)
            && let Some(node) = self.entity(handle)
        {
            return Err((json.at, Fault::DuplicateNode { node }));
        }
        let properties = self.properties_of(kind, json);
        self.builder.declare(handle, properties);
        for (relation, target, at) in self.relations_of(kind, json) {
            let to = self.builder.reference(target.kind, target.id);
            self.link(handle, relation, to, EdgeData::default(), at);
        }
        Ok(())
    }

    /// Type and id of a node. From here on faults leave the node standing: they are added as they are met.
    pub(super) fn key_of<'j>(&mut self, json: &'j Json<'_>) -> Read<(TypeId, &'j str)> {
        for member in read::object(json)? {
            if !MEMBERS.contains(&&*member.key) {
                self.unknown_member(member.key_at, &member.key, &MEMBERS);
            }
        }
        Ok((self.type_of(json)?, self.id_of(json)?))
    }

    pub(super) fn properties_of(&mut self, kind: TypeId, json: &Json<'_>) -> Vec<Property> {
        let mut properties = Vec::new();
        let Some(object) = json.as_object() else { return properties };
        for name in ["labels", "tags", "is_identity"] {
            if let Some(value) = object.get(name) {
                self.described(kind, name, value, &mut properties);
            }
        }
        if let Some(given) = object.get("properties") {
            self.properties(kind, given, &mut properties);
        }
        properties
    }

    /// A describing member: checked for its shape, kept only where the type declares it.
    fn described(&mut self, kind: TypeId, name: &str, json: &Json<'_>, into: &mut Vec<Property>) {
        let ty = if name == "is_identity" { Ty::Bool } else { Ty::String.set() };
        let declared = self.schema.attr_id(name).and_then(|id| self.schema.attribute(kind, id));
        let value = match self.value(&ty, json) {
            Ok(value) => value,
            Err((at, fault)) => return self.fault(at, fault),
        };
        if let Some(attribute) = declared.filter(|attribute| attribute.ty == ty && from_graph(attribute)) {
            into.push(Property { attr: attribute.id, value, metadata: None });
        }
    }

    fn properties(&mut self, kind: TypeId, json: &Json<'_>, into: &mut Vec<Property>) {
        match &json.kind {
            Kind::Object(object) => {
                into.reserve_exact(object.len());
                for member in object {
                    let read = self.property(kind, &member.key, member.key_at, &member.value);
                    self.keep(read, &member.key, member.key_at, into);
                }
            }
            Kind::Array(items) => {
                into.reserve_exact(items.len());
                items.iter().for_each(|item| self.captured(kind, item, into));
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                let (at, fault) = read::shape(json, "an object or an array of properties");
                self.fault(at, fault);
            }
        }
    }

    fn keep(&mut self, read: Read<Property>, name: &str, at: At, into: &mut Vec<Property>) {
        match read {
            Ok(property) if into.iter().any(|known| known.attr == property.attr) => {
                self.fault(at, Fault::DuplicateProperty { name: cut(name) });
            }
            Ok(property) => into.push(property),
            Err((at, fault)) => self.fault(at, fault),
        }
    }

    /// `name: value` or `name: {"value": …, "metadata": …}`
    fn property(&mut self, kind: TypeId, name: &str, name_at: At, json: &Json<'_>) -> Read<Property> {
        let attribute = self.attribute(kind, name, name_at)?;
        let (value, metadata) = match json.as_object().and_then(|object| Some((object, object.get("value")?)))
        {
            None => (json, None),
            Some((object, value)) => {
                for member in object {
                    if !["value", "metadata"].contains(&&*member.key) {
                        let fault = Fault::UnknownMember { name: cut(&member.key), nearest: None };
                        return Err((member.key_at, fault));
                    }
                }
                (value, object.get("metadata"))
            }
        };
        let value = self.value(&attribute.ty, value)?;
        let metadata = metadata.map(|metadata| self.metadata(metadata)).transpose()?;
        let metadata = metadata.map(|origin| self.interner.origin(origin));
        Ok(Property { attr: attribute.id, value, metadata })
    }

    /// `{"type": name, "value" | "external_value": …, "metadata"?: …}`
    fn captured(&mut self, kind: TypeId, json: &Json<'_>, into: &mut Vec<Property>) {
        let named = read::object(json).and_then(|object| {
            let unknown = |member: &&remit_json::Member<'_>| {
                !["type", "value", "external_value", "metadata"].contains(&&*member.key)
            };
            if let Some(member) = object.iter().find(unknown) {
                return Err((member.key_at, Fault::UnknownMember { name: cut(&member.key), nearest: None }));
            }
            let name = object.get("type").ok_or((json.at, Fault::MissingMember { name: "type" }))?;
            let value = read::one_of(json, "value", "external_value", "value")?;
            Ok((read::text(name)?, name.at, value, object))
        });
        let (name, name_at, value, object) = match named {
            Ok(named) => named,
            Err((at, fault)) => return self.fault(at, fault),
        };
        if object.get("value").is_none() {
            // The value is fetched from elsewhere when it is needed: here the property is missing.
            self.external += 1;
            if let Err((at, fault)) = self.attribute(kind, name, name_at) {
                self.fault(at, fault);
            }
            return;
        }
        let read = self.attribute(kind, name, name_at).and_then(|attribute| {
            let value = self.value(&attribute.ty, value)?;
            let metadata = object.get("metadata").map(|metadata| self.metadata(metadata)).transpose()?;
            let metadata = metadata.map(|origin| self.interner.origin(origin));
            Ok(Property { attr: attribute.id, value, metadata })
        });
        self.keep(read, name, name_at, into);
    }

    /// The attribute `name` of type `kind`, when the graph may hold it.
    pub(super) fn attribute(&self, kind: TypeId, name: &str, at: At) -> Read<&'s Attribute> {
        let schema = self.schema;
        let Some(of) = schema.entity_type(kind) else {
            return Err((at, Fault::UnknownType { name: String::new(), nearest: None }));
        };
        let known = schema.attr_id(name).and_then(|id| of.attribute(id));
        let attribute = known.ok_or_else(|| {
            let names = of.attributes.iter().filter(|attribute| attribute.relation.is_none());
            let nearest = closest(name, names.map(|attribute| attribute.name.as_str()));
            (at, Fault::UnknownAttribute { of: of.name.to_string(), name: cut(name), nearest })
        })?;
        if attribute.relation.is_some() {
            return Err((at, Fault::IsRelation { name: cut(name) }));
        }
        if !from_graph(attribute) {
            return Err((at, not_from_graph(of.name.as_str(), attribute)));
        }
        Ok(attribute)
    }

    pub(super) fn metadata(&mut self, json: &Json<'_>) -> Read<PropertyMetadata> {
        let mut metadata = PropertyMetadata::default();
        for member in read::object(json)? {
            let value = &member.value;
            match &*member.key {
                "source" => metadata.source = Some(self.interner.text(read::text(value)?)),
                "assurance_level" => {
                    let level = value.as_number().and_then(|number| number.as_i64());
                    let level = level.and_then(|level| u8::try_from(level).ok());
                    let level = level.filter(|level| (1..=3).contains(level));
                    metadata.assurance_level = Some(level.ok_or((value.at, Fault::AssuranceLevel))?);
                }
                "verified_time" => metadata.verified_time = Some(self.instant(value)?),
                custom => {
                    let name = self.interner.text(custom);
                    metadata.custom.push((name, self.any(value)?));
                }
            }
        }
        metadata.custom.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(metadata)
    }

    pub(super) fn instant(&mut self, json: &Json<'_>) -> Read<Timestamp> {
        match self.value(&Ty::Time, json)? {
            remit_model::Value::Time(at) => Ok(at),
            _ => Err(read::shape(json, "a time")),
        }
    }

    /// The plain edges of `"relations": {name: reference}` or `{name: [reference, …]}`.
    pub(super) fn relations_of<'j>(
        &mut self,
        kind: TypeId,
        json: &'j Json<'_>,
    ) -> Vec<(AttrId, Reference<'j>, At)> {
        let mut edges = Vec::new();
        let Some(given) = json.as_object().and_then(|object| object.get("relations")) else { return edges };
        let Some(object) = self.object(given) else { return edges };
        for member in object {
            let relation = match self.relation(kind, &member.key, member.key_at) {
                Ok(relation) => relation,
                Err((at, fault)) => {
                    self.fault(at, fault);
                    continue;
                }
            };
            let one = std::slice::from_ref(&member.value);
            for target in member.value.as_array().unwrap_or(one) {
                match self.target(kind, relation, target) {
                    Ok(to) => edges.push((relation, to, target.at)),
                    Err((at, fault)) => self.fault(at, fault),
                }
            }
        }
        edges
    }
}

pub(super) fn from_graph(attribute: &Attribute) -> bool {
    attribute.sources.contains(&Provenance::Graph)
}

pub(super) fn not_from_graph(of: &str, attribute: &Attribute) -> Fault {
    let sources: Vec<_> = attribute.sources.iter().map(ToString::to_string).collect();
    let name = attribute.name.to_string();
    Fault::NotFromGraph { of: of.to_owned(), name, sources: sources.join(" or ") }
}
