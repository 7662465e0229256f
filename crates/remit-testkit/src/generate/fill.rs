//! Ways of filling in what was missing: one of the worlds that the known part leaves open.
//!
//! Missing are properties of nodes and edges, records of placeholders and of parties the graph does not know, and
//! whatever the request left out or sent in a wrong kind. Everything that is known stays as it is, and a recorded
//! node gets no further edges: of it, the graph knows all.

use std::collections::BTreeSet;

use remit_model::{EntityRef, Field, Provenance, Value};

use super::world::Maker;
use crate::oracle::{Ask, Asked, World, convert};

impl Maker<'_> {
    /// Another world and question that agree with all that was known. Each gap is filled in `percent` of cases.
    pub fn fill(&mut self, world: &World, ask: &Ask, percent: usize) -> (World, Ask) {
        let (mut world, mut ask) = (world.clone(), ask.clone());
        self.fill_records(&mut world, &ask, percent);
        self.fill_properties(&mut world, &ask, percent);
        self.fill_edges(&mut world, percent);
        self.fill_question(&world, &mut ask, percent);
        (world, ask)
    }

    /// Placeholders and unknown parties of declared types become nodes, with edges of their own.
    fn fill_records(&mut self, world: &mut World, ask: &Ask, percent: usize) {
        let mut unrecorded: BTreeSet<EntityRef> = world.placeholders().into_iter().cloned().collect();
        unrecorded.extend(parties(ask).map(|party| party.entity.clone()));
        for entity in unrecorded {
            let declared = self.schema.type_id(entity.kind.as_str()).is_some();
            if declared && !world.nodes.contains_key(&entity) && self.random.chance(percent) {
                world.nodes.insert(entity.clone(), Default::default());
                self.edges(&entity, world, 0);
            }
        }
    }

    fn fill_properties(&mut self, world: &mut World, ask: &Ask, percent: usize) {
        let schema = self.schema;
        for (entity, properties) in &mut world.nodes {
            let Some(ty) = schema.type_id(entity.kind.as_str()).and_then(|id| schema.entity_type(id)) else {
                continue;
            };
            for attribute in &ty.attributes {
                let name = attribute.name.as_str();
                // A value the request gave counts as known, and a graph value must not take its place.
                let asserted = attribute.sources.contains(&Provenance::Request)
                    && parties(ask).any(|party| party.entity == *entity && has(&party.asserted, name));
                let graph = attribute.relation.is_none() && attribute.sources.contains(&Provenance::Graph);
                if graph && !asserted && !properties.contains_key(name) && self.random.chance(percent) {
                    properties.insert(name.to_owned(), self.typed(&attribute.ty));
                }
            }
        }
    }

    fn fill_edges(&mut self, world: &mut World, percent: usize) {
        let schema = self.schema;
        for edge in &mut world.edges {
            let declared = schema
                .type_id(edge.from.kind.as_str())
                .zip(schema.attr_id(&edge.relation))
                .and_then(|(of, attr)| schema.attribute(of, attr)?.relation.as_ref());
            for field in declared.map(|relation| relation.properties.as_slice()).unwrap_or_default() {
                if !edge.properties.contains_key(field.name.as_str()) && self.random.chance(percent) {
                    edge.properties.insert(field.name.to_string(), self.typed(&field.ty));
                }
            }
        }
    }

    fn fill_question(&mut self, world: &World, ask: &mut Ask, percent: usize) {
        let schema = self.schema;
        self.fill_party(world, &mut ask.subject, percent);
        self.fill_party(world, &mut ask.resource, percent);
        if let Some(actor) = &mut ask.actor {
            self.fill_party(world, actor, percent);
        }
        let action = schema.action_id(&ask.action).and_then(|id| schema.action(id));
        let fields = action.map(|action| action.properties.as_slice()).unwrap_or_default();
        self.fill_fields(fields, &mut ask.action_properties, percent);
        self.fill_fields(schema.context(), &mut ask.context, percent);
    }

    fn fill_party(&mut self, world: &World, party: &mut Asked, percent: usize) {
        let schema = self.schema;
        let ty = schema.type_id(party.entity.kind.as_str()).and_then(|id| schema.entity_type(id));
        let node = world.nodes.get(&party.entity);
        for attribute in ty.map(|ty| ty.attributes.as_slice()).unwrap_or_default() {
            let name = attribute.name.as_str();
            let graph = attribute.sources.contains(&Provenance::Graph)
                && node.is_some_and(|node| attribute.relation.is_some() || node.contains_key(name));
            if attribute.sources.contains(&Provenance::Request) && !graph && self.random.chance(percent) {
                self.supply(&mut party.asserted, name, &attribute.ty);
            }
        }
    }

    fn fill_fields(&mut self, fields: &[Field], into: &mut Vec<(String, Value)>, percent: usize) {
        for field in fields {
            if self.random.chance(percent) {
                self.supply(into, field.name.as_str(), &field.ty);
            }
        }
    }

    /// Sets the member unless it has a value of that type.
    fn supply(&mut self, members: &mut Vec<(String, Value)>, name: &str, ty: &remit_model::Ty) {
        let seen = members.iter().find(|(have, _)| have == name).map(|(_, value)| value);
        if seen.is_some_and(|value| convert(self.schema, value, ty).is_some()) {
            return;
        }
        members.retain(|(have, _)| have != name);
        let value = self.typed(ty);
        // Bare ids are ambiguous where several types are accepted; the object form never is.
        let value = match value {
            Value::Entity(entity) => super::world::record(&[
                ("type", Value::string(entity.kind.as_str())),
                ("id", Value::string(&entity.id)),
            ]),
            other => self.natural(other),
        };
        members.push((name.to_owned(), value));
    }
}

fn parties(ask: &Ask) -> impl Iterator<Item = &Asked> {
    [&ask.subject, &ask.resource].into_iter().chain(&ask.actor)
}

fn has(members: &[(String, Value)], name: &str) -> bool {
    members.iter().any(|(have, _)| have == name)
}
