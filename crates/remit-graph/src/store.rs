//! The writer's side of a running graph: applies whole batches, or nothing of them, and numbers what it publishes.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_model::{AttrId, EntityRef, Schema};

use crate::change::{Change, ChangeError, NodeKey};
use crate::fault::Fault;
use crate::node::Property;
use crate::{Dangling, EdgeData, GraphBuilder, NodeHandle, Snapshot};

/// A graph that changes, and the number of its last published state.
#[derive(Debug)]
pub struct Store {
    graph: GraphBuilder,
    revision: u64,
    dangling: Dangling,
}

impl Store {
    /// Goes on from a loaded graph, whose last published state had this number (0 when it had none).
    #[must_use]
    pub fn new(graph: GraphBuilder, revision: u64, dangling: Dangling) -> Self {
        Self { graph, revision, dangling }
    }

    /// The graph as it is now, published or not.
    #[must_use]
    pub fn graph(&self) -> &GraphBuilder {
        &self.graph
    }

    /// The number of the last published state.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Applies a batch in its order. What must hold of the whole (no dangling edge, one edge of a relation to one)
    /// is asked once, at its end.
    ///
    /// # Errors
    /// Every fault of the batch; the graph is then as it was.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), Vec<ChangeError>> {
        // WHY: a copy shares every node and all edge data, so it costs about 16 ms for a million edges; an undo
        // log would have to be right for every kind of change.
        let mut batch =
            Batch { graph: self.graph.clone(), named: Vec::new(), linked: Vec::new(), left: BTreeSet::new() };
        let mut faults = Vec::new();
        for (number, change) in changes.iter().enumerate() {
            if let Err(fault) = batch.apply(number, change) {
                faults.push(ChangeError { change: number, fault });
            }
        }
        if self.dangling == Dangling::Refuse {
            faults.extend(batch.dangling());
        }
        faults.extend(batch.second_edges());
        if !faults.is_empty() {
            faults.sort_by_key(|fault| fault.change);
            return Err(faults);
        }
        batch.forget_unnamed();
        self.graph = batch.graph;
        Ok(())
    }

    /// Publishes the graph as it is, under the next number.
    pub fn freeze(&mut self) -> Snapshot {
        self.revision += 1;
        self.graph.freeze(self.revision)
    }
}

/// A batch while it is applied to a copy.
struct Batch {
    graph: GraphBuilder,
    /// Placeholders that a change brought in.
    named: Vec<(usize, NodeHandle)>,
    /// Relations of nodes to which a change added an edge.
    linked: Vec<(usize, NodeHandle, AttrId)>,
    /// Nodes that lost an edge: placeholders among them may have lost their last.
    left: BTreeSet<NodeHandle>,
}

impl Batch {
    fn apply(&mut self, number: usize, change: &Change) -> Result<(), Fault> {
        change.check(self.graph.schema())?;
        match change {
            Change::UpsertNode { node, properties } => self.upsert_node(node, properties),
            Change::DeleteNode { node } => self.delete_node(node)?,
            Change::DeleteProperty { node, attr } => self.delete_property(node, *attr)?,
            Change::UpsertEdge { from, relation, to, data } => {
                self.upsert_edge(number, from, *relation, to, data);
            }
            Change::DeleteEdge { from, relation, to, data } => {
                self.delete_edge(from, *relation, to, data.as_ref())
            }
        }
        Ok(())
    }

    fn upsert_node(&mut self, node: &NodeKey, properties: &[Property]) {
        let handle = self.graph.add_node(node.kind, &node.id);
        if let Some(held) = self.graph.node_mut(handle) {
            properties.iter().for_each(|property| held.set(property.clone()));
        }
    }

    fn declared(&self, node: &NodeKey) -> Result<NodeHandle, Fault> {
        let found = self.graph.find(node.kind, &node.id);
        let found = found.filter(|handle| !self.graph.is_placeholder(*handle));
        found.ok_or_else(|| {
            let what = entity(self.graph.schema(), node).map(|node| format!("node {node}"));
            Fault::Absent { what: what.unwrap_or_default() }
        })
    }

    fn delete_node(&mut self, node: &NodeKey) -> Result<(), Fault> {
        let handle = self.declared(node)?;
        self.left.extend(self.graph.neighbours(handle));
        self.graph.remove_node(handle);
        // The handle may be given to a node that comes later in the batch: what was noted about it is void.
        self.left.remove(&handle);
        self.named.retain(|(_, named)| *named != handle);
        self.linked.retain(|(_, linked, _)| *linked != handle);
        Ok(())
    }

    fn delete_property(&mut self, node: &NodeKey, attr: AttrId) -> Result<(), Fault> {
        let handle = self.declared(node)?;
        if self.graph.remove_property(handle, attr) {
            return Ok(());
        }
        let name = self.graph.schema().attrs().get(attr.index()).map(ToString::to_string).unwrap_or_default();
        let of = entity(self.graph.schema(), node).map(|node| node.to_string()).unwrap_or_default();
        Err(Fault::Absent { what: format!("property `{name}` of {of}") })
    }

    fn end(&mut self, number: usize, node: &NodeKey) -> NodeHandle {
        let known = self.graph.find(node.kind, &node.id);
        known.unwrap_or_else(|| {
            let handle = self.graph.reference(node.kind, &node.id);
            self.named.push((number, handle));
            handle
        })
    }

    fn upsert_edge(
        &mut self,
        number: usize,
        from: &NodeKey,
        relation: AttrId,
        to: &NodeKey,
        data: &EdgeData,
    ) {
        let (from, to) = (self.end(number, from), self.end(number, to));
        let data = data.clone().store();
        if self.graph.links_between(from, relation, to).all(|(_, link)| link.data != data) {
            self.graph.link(from, relation, to, data);
            self.linked.push((number, from, relation));
        }
    }

    fn delete_edge(&mut self, from: &NodeKey, relation: AttrId, to: &NodeKey, data: Option<&EdgeData>) {
        let ends = self.graph.find(from.kind, &from.id).zip(self.graph.find(to.kind, &to.id));
        let Some((from, to)) = ends else { return };
        let exactly = data.map(|data| data.clone().store());
        let links = self.graph.links_between(from, relation, to);
        let meant = links.filter(|(_, link)| exactly.as_ref().is_none_or(|data| link.data == *data));
        let gone: Vec<_> = meant.map(|(edge, _)| edge).collect();
        gone.into_iter().for_each(|edge| self.graph.remove_link(edge));
        self.left.extend([from, to]);
    }

    /// Ends that the batch named and nothing declares.
    fn dangling(&self) -> Vec<ChangeError> {
        let dangling = self.named.iter().filter(|(_, handle)| self.is_named(*handle));
        let errors = dangling.filter_map(|(change, handle)| {
            let missing = vec![self.entity(*handle)?];
            Some(ChangeError { change: *change, fault: Fault::Dangling { missing } })
        });
        errors.collect()
    }

    /// A placeholder that some edge names.
    fn is_named(&self, handle: NodeHandle) -> bool {
        self.graph.is_placeholder(handle) && !self.graph.neighbours(handle).is_empty()
    }

    fn second_edges(&self) -> Vec<ChangeError> {
        let mut errors: Vec<ChangeError> = Vec::new();
        let mut reported = BTreeSet::new();
        for (change, from, relation) in self.linked.iter().rev() {
            let schema = self.graph.schema();
            let declared = self.graph.node(*from).and_then(|node| schema.attribute(node.kind, *relation));
            let to_one = declared.and_then(|of| of.relation.as_ref()).is_some_and(|relation| !relation.many);
            let second = to_one && self.graph.out_degree(*from, *relation) > 1;
            if second
                && reported.insert((*from, *relation))
                && let Some((from, declared)) = self.entity(*from).zip(declared)
            {
                let fault = Fault::SecondEdge { relation: declared.name.to_string(), from };
                errors.push(ChangeError { change: *change, fault });
            }
        }
        errors
    }

    /// A placeholder that no edge names any more is gone.
    fn forget_unnamed(&mut self) {
        let named = self.named.iter().map(|(_, handle)| *handle);
        let left: BTreeSet<NodeHandle> = self.left.iter().copied().chain(named).collect();
        for handle in left {
            if self.graph.is_placeholder(handle) && self.graph.neighbours(handle).is_empty() {
                self.graph.remove_node(handle);
            }
        }
    }

    fn entity(&self, handle: NodeHandle) -> Option<EntityRef> {
        let node = self.graph.node(handle)?;
        entity(self.graph.schema(), &NodeKey { kind: node.kind, id: Arc::clone(&node.id) })
    }
}

fn entity(schema: &Schema, node: &NodeKey) -> Option<EntityRef> {
    let kind = schema.entity_type(node.kind)?.name.clone();
    Some(EntityRef { kind, id: Arc::clone(&node.id) })
}
