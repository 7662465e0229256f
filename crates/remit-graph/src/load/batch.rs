//! Change documents: `{"changes": […]}`, or one change a line; each an object with one member.
//!
//! `upsert_node` holds a node and `upsert_edge` an edge, spelt as in bulk documents; `delete_node` a reference;
//! `delete_edge` an edge, where neither properties nor interval mean: whatever it carries;
//! `delete_property` is `{"node": reference, "name": attribute}`.

use std::sync::Arc;

use remit_json::Json;
use remit_model::Schema;

use super::edge::Spelt;
use super::reference::Reference;
use super::{Load, LoadError, Read, read};
use crate::fault::{Fault, closest, cut};
use crate::place::Document;
use crate::{Change, EdgeData, NodeKey};

const CHANGES: [&str; 5] = ["upsert_node", "delete_node", "delete_property", "upsert_edge", "delete_edge"];

/// Reads a change document into a batch for [`Store::apply`](crate::Store::apply).
///
/// # Errors
/// All faults of the document, in the order of their places.
pub fn read_changes(schema: &Arc<Schema>, document: &Document<'_>) -> Result<Vec<Change>, Vec<LoadError>> {
    let mut load = Load::new(schema);
    let mut batch = Vec::new();
    load.texts(0, document, |load, json| load.changes(document.is_lines(), json, &mut batch));
    if load.faults.list.is_empty() { Ok(batch) } else { Err(load.faults.place(&[*document])) }
}

impl Load<'_> {
    fn changes(&mut self, line: bool, json: &Json<'_>, batch: &mut Vec<Change>) {
        if line {
            return self.noted_change(json, batch);
        }
        let Some(object) = self.object(json) else { return };
        for member in object {
            if &*member.key != "changes" {
                self.unknown_member(member.key_at, &member.key, &["changes"]);
                continue;
            }
            match read::array(&member.value) {
                Ok(items) => items.iter().for_each(|item| self.noted_change(item, batch)),
                Err((at, fault)) => self.fault(at, fault),
            }
        }
    }

    fn noted_change(&mut self, json: &Json<'_>, batch: &mut Vec<Change>) {
        if let Err((at, fault)) = self.change(json, batch) {
            self.fault(at, fault);
        }
    }

    fn change(&mut self, json: &Json<'_>, batch: &mut Vec<Change>) -> Read<()> {
        let object = read::object(json)?;
        let (Some(member), 1) = (object.iter().next(), object.len()) else {
            return Err(read::shape(json, "an object with one member, the change"));
        };
        let value = &member.value;
        let change = match &*member.key {
            "upsert_node" => return self.upserted_node(value, batch),
            "delete_node" => Change::DeleteNode { node: key(self.reference(value)?) },
            "delete_property" => self.deleted_property(value)?,
            "upsert_edge" => {
                let Spelt { from, relation, to, data } = self.spelt_edge(value)?;
                Change::UpsertEdge { from: key(from), relation, to: key(to), data }
            }
            "delete_edge" => {
                let Spelt { from, relation, to, data } = self.spelt_edge(value)?;
                let data = (!data.is_plain()).then_some(data);
                Change::DeleteEdge { from: key(from), relation, to: key(to), data }
            }
            other => {
                let nearest = closest(other, CHANGES.into_iter());
                return Err((member.key_at, Fault::UnknownMember { name: cut(other), nearest }));
            }
        };
        batch.push(change);
        Ok(())
    }

    fn upserted_node(&mut self, json: &Json<'_>, batch: &mut Vec<Change>) -> Read<()> {
        let (kind, id) = self.key_of(json)?;
        let node = key(Reference { kind, id });
        let properties = self.properties_of(kind, json);
        batch.push(Change::UpsertNode { node: node.clone(), properties });
        for (relation, to, _) in self.relations_of(kind, json) {
            let data = EdgeData::default();
            batch.push(Change::UpsertEdge { from: node.clone(), relation, to: key(to), data });
        }
        Ok(())
    }

    fn deleted_property(&mut self, json: &Json<'_>) -> Read<Change> {
        let object = read::object(json)?;
        for member in object {
            if !["node", "name"].contains(&&*member.key) {
                let nearest = closest(&member.key, ["node", "name"].into_iter());
                return Err((member.key_at, Fault::UnknownMember { name: cut(&member.key), nearest }));
            }
        }
        let node = object.get("node").ok_or((json.at, Fault::MissingMember { name: "node" }))?;
        let name = object.get("name").ok_or((json.at, Fault::MissingMember { name: "name" }))?;
        let node = self.reference(node)?;
        let attr = self.attribute(node.kind, read::text(name)?, name.at)?.id;
        Ok(Change::DeleteProperty { node: key(node), attr })
    }
}

fn key(reference: Reference<'_>) -> NodeKey {
    NodeKey::new(reference.kind, reference.id)
}
