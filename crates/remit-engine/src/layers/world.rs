//! The graph as intents see it: what lies under what, of which type something is, what a record holds.

use remit_model::transaction::Records;
use remit_model::{Containment, EntityRef, Name, Value};

use crate::eval::Eval;

/// Answers for one question.
pub(crate) struct Graph<'e, 'a>(pub &'e Eval<'a>);

impl Graph<'_, '_> {
    fn node(&self, entity: &EntityRef) -> Option<remit_graph::NodeId> {
        self.0.graph.node(self.0.program.type_id(entity.kind.as_str())?, &entity.id)
    }
}

impl Containment for Graph<'_, '_> {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, relation: &Name) -> bool {
        if inner == outer {
            return true;
        }
        let (graph, now) = (self.0.graph, self.0.query.now);
        let relation = self.0.program.schema().attr_id(relation.as_str());
        match (self.node(inner), self.node(outer), relation) {
            (Some(inner), Some(outer), Some(relation)) => graph.reaches(inner, relation, false, outer, now),
            _ => false,
        }
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

impl Records for Graph<'_, '_> {
    fn attributes(&self, entity: &EntityRef, name: Option<&str>) -> Vec<Value> {
        let (graph, schema) = (self.0.graph, self.0.program.schema());
        let Some(node) = self.node(entity) else { return Vec::new() };
        let Some(name) = name else {
            return graph.properties(node).map(|(_, value)| value.clone()).collect();
        };
        let Some(attr) = schema.attr_id(name) else { return Vec::new() };
        let held = graph.property(node, attr).cloned();
        let ends = graph.out(node, attr, self.0.query.now).map(|edge| Value::Entity(graph.entity(edge.node)));
        held.into_iter().chain(ends).collect()
    }

    fn keyed(&self, canonical: &str) -> Option<String> {
        let keyed = self.0.query.agency?.keyed?;
        Some((keyed.0)(canonical))
    }
}
