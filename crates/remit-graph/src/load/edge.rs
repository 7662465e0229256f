//! One edge of a document, in either spelling.
//!
//! Remit's own: `{"from", "relation", "to", "properties": {name: value}, "valid_from"?, "valid_until"?}`.
//! Capture: `{"source", "type", "target", "properties": [{"type", "value"}]}`.

use remit_json::{At, Json, Kind};
use remit_model::{AttrId, Field, Relation, TypeId};

use super::convert::type_names;
use super::node::{from_graph, not_from_graph};
use super::reference::Reference;
use super::{Load, Read, read};
use crate::fault::{Fault, closest, cut};
use crate::{EdgeData, NodeHandle, limits};

const MEMBERS: [&str; 9] =
    ["from", "source", "relation", "type", "to", "target", "properties", "valid_from", "valid_until"];

/// An edge as it is written, with names resolved.
pub(super) struct Spelt<'j> {
    pub(super) from: Reference<'j>,
    pub(super) relation: AttrId,
    pub(super) to: Reference<'j>,
    pub(super) data: EdgeData,
}

impl Load<'_> {
    pub(super) fn edge(&mut self, json: &Json<'_>) {
        if let Err((at, fault)) = self.read_edge(json) {
            self.fault(at, fault);
        }
    }

    fn read_edge(&mut self, json: &Json<'_>) -> Read<()> {
        let Spelt { from, relation, to, data } = self.spelt_edge(json)?;
        let from = self.builder.reference(from.kind, from.id);
        let to = self.builder.reference(to.kind, to.id);
        self.link(from, relation, to, data, json.at);
        Ok(())
    }

    pub(super) fn spelt_edge<'j>(&mut self, json: &'j Json<'_>) -> Read<Spelt<'j>> {
        let object = read::object(json)?;
        for member in object {
            if !MEMBERS.contains(&&*member.key) {
                self.unknown_member(member.key_at, &member.key, &MEMBERS);
            }
        }
        let from = self.reference(read::one_of(json, "from", "source", "from")?)?;
        let relation = read::one_of(json, "relation", "type", "relation")?;
        let relation = self.relation(from.kind, read::text(relation)?, relation.at)?;
        let to = read::one_of(json, "to", "target", "to")?;
        let mut data = EdgeData::default();
        if let Some(properties) = object.get("properties") {
            self.edge_properties(from.kind, relation, properties, &mut data);
        }
        data.valid_from = object.get("valid_from").map(|at| self.instant(at)).transpose()?;
        data.valid_until = object.get("valid_until").map(|at| self.instant(at)).transpose()?;
        if data.never_holds() {
            return Err((json.at, Fault::NeverHolds));
        }
        let to = self.target(from.kind, relation, to)?;
        Ok(Spelt { from, relation, to, data })
    }

    /// The relation `name` of type `kind`, when the graph may hold its edges.
    pub(super) fn relation(&self, kind: TypeId, name: &str, at: At) -> Read<AttrId> {
        let Some(of) = self.schema.entity_type(kind) else {
            return Err((at, Fault::UnknownType { name: String::new(), nearest: None }));
        };
        let known = self.schema.attr_id(name).and_then(|id| of.attribute(id));
        let attribute = known.ok_or_else(|| {
            let names = of.attributes.iter().filter(|attribute| attribute.relation.is_some());
            let nearest = closest(name, names.map(|attribute| attribute.name.as_str()));
            (at, Fault::UnknownRelation { of: of.name.to_string(), name: cut(name), nearest })
        })?;
        if attribute.relation.is_none() {
            return Err((at, Fault::IsProperty { name: cut(name) }));
        }
        if !from_graph(attribute) {
            return Err((at, not_from_graph(of.name.as_str(), attribute)));
        }
        Ok(attribute.id)
    }

    fn declared(&self, kind: TypeId, relation: AttrId) -> Option<&Relation> {
        self.schema.attribute(kind, relation)?.relation.as_ref()
    }

    /// What a reference names, when the relation may lead there.
    pub(super) fn target<'j>(
        &self,
        kind: TypeId,
        relation: AttrId,
        json: &'j Json<'_>,
    ) -> Read<Reference<'j>> {
        let target = self.reference(json)?;
        let targets = self.declared(kind, relation).map_or(&[][..], |declared| &declared.targets);
        if !targets.is_empty() && !targets.contains(&target.kind) {
            let found = self.schema.entity_type(target.kind).map(|of| of.name.to_string());
            let fault = Fault::WrongTarget {
                relation: self.attr_name(relation),
                expected: type_names(self.schema, targets),
                found: found.unwrap_or_default(),
            };
            return Err((json.at, fault));
        }
        Ok(target)
    }

    fn edge_properties(&mut self, kind: TypeId, relation: AttrId, json: &Json<'_>, data: &mut EdgeData) {
        match &json.kind {
            Kind::Object(object) => {
                for member in object {
                    let read =
                        self.edge_property(kind, relation, (&member.key, member.key_at), &member.value, data);
                    self.noted(read);
                }
            }
            Kind::Array(items) => {
                for item in items {
                    let read = self.captured_edge_property(kind, relation, item, data);
                    self.noted(read);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                self.noted(Err(read::shape(json, "an object or an array of properties")));
            }
        }
    }

    fn noted(&mut self, read: Read<()>) {
        if let Err((at, fault)) = read {
            self.fault(at, fault);
        }
    }

    fn captured_edge_property(
        &mut self,
        kind: TypeId,
        relation: AttrId,
        json: &Json<'_>,
        data: &mut EdgeData,
    ) -> Read<()> {
        let object = read::object(json)?;
        if let Some(member) = object.iter().find(|member| !["type", "value"].contains(&&*member.key)) {
            return Err((member.key_at, Fault::UnknownMember { name: cut(&member.key), nearest: None }));
        }
        let name = object.get("type").ok_or((json.at, Fault::MissingMember { name: "type" }))?;
        let value = object.get("value").ok_or((json.at, Fault::MissingMember { name: "value" }))?;
        self.edge_property(kind, relation, (read::text(name)?, name.at), value, data)
    }

    fn edge_property(
        &mut self,
        kind: TypeId,
        relation: AttrId,
        (name, at): (&str, At),
        json: &Json<'_>,
        data: &mut EdgeData,
    ) -> Read<()> {
        let schema = self.schema;
        let fields: &[Field] = schema
            .attribute(kind, relation)
            .and_then(|attribute| attribute.relation.as_ref())
            .map_or(&[], |relation| &relation.properties);
        let Some(field) = fields.iter().find(|field| field.name.as_str() == name) else {
            let nearest = closest(name, fields.iter().map(|field| field.name.as_str()));
            let relation = self.attr_name(relation);
            return Err((at, Fault::UnknownEdgeProperty { relation, name: cut(name), nearest }));
        };
        if data.property(name).is_some() {
            return Err((at, Fault::DuplicateProperty { name: cut(name) }));
        }
        let value = self.value(&field.ty, json)?;
        let name = self.interner.text(name);
        data.properties.push((name, value));
        Ok(())
    }

    pub(super) fn link(
        &mut self,
        from: NodeHandle,
        relation: AttrId,
        to: NodeHandle,
        data: EdgeData,
        at: At,
    ) {
        if self.builder.edge_count() >= limits::EDGES || self.builder.node_count() >= limits::NODES {
            return self.fault(at, Fault::TooMany { what: "nodes and edges each", limit: limits::EDGES });
        }
        let data = self.interner.edge(data);
        self.builder.link(from, relation, to, data);
        self.edge_spots.push(self.spot_of(at));
    }
}
