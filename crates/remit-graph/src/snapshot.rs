//! The readers' side: an immutable, numbered state of the graph; every question is answered from arrays.
//!
//! A node that is absent or a placeholder is unknown; that, and all logic, is the engine's business.
#![expect(clippy::indexing_slicing, reason = "node ids are dense and only this snapshot hands them out")]

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use remit_model::{AttrId, EntityRef, Schema, Timestamp, TypeId, Value};

use crate::closure::Closure;
use crate::freeze;
use crate::membership::Membership;
use crate::node::{Node, PropertyMetadata};
use crate::relation::Relation;
use crate::walk;
use crate::{Edge, EdgeData, EdgeId, GraphBuilder, NodeId};

/// An immutable state of the graph, held in an `Arc` by whoever answers from it.
#[derive(Debug)]
pub struct Snapshot {
    parts: Parts,
    edges: usize,
    placeholders: usize,
}

/// What freezing has arranged.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) schema: Arc<Schema>,
    pub(crate) revision: u64,
    pub(crate) digest: String,
    pub(crate) nodes: Box<[Arc<Node>]>,
    pub(crate) kinds: Box<[TypeId]>,
    pub(crate) starts: Box<[u32]>,
    pub(crate) keys: HashTable<u32>,
    pub(crate) hasher: RandomState,
    pub(crate) relations: Box<[Option<Box<Relation>>]>,
    pub(crate) membership: Membership,
}

impl Snapshot {
    /// A graph without nodes, revision 0.
    #[must_use]
    pub fn empty(schema: Arc<Schema>) -> Self {
        GraphBuilder::new(schema).freeze(0)
    }

    pub(crate) fn from_parts(parts: Parts) -> Self {
        let edges = parts.relations.iter().flatten().map(|relation| relation.len()).sum();
        let placeholders = parts.nodes.iter().filter(|node| node.placeholder).count();
        Self { parts, edges, placeholders }
    }

    /// The number of this state, given by the store at publication.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.parts.revision
    }

    /// SHA-256 in hex over the content: equal nodes and edges have equal digests, however they arrived.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.parts.digest
    }

    /// The schema whose ids are used here.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.parts.schema
    }

    /// Nodes, placeholders included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.parts.nodes.len()
    }

    /// Edges, whatever their validity.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges
    }

    /// Nodes that edges name and nothing declares.
    #[must_use]
    pub fn placeholder_count(&self) -> usize {
        self.placeholders
    }

    /// The node with that type and id: one hash look-up.
    #[must_use]
    pub fn node(&self, of: TypeId, id: &str) -> Option<NodeId> {
        let Parts { keys, hasher, nodes, .. } = &self.parts;
        let hash = hasher.hash_one((of.0, id));
        let same =
            |known: &u32| nodes.get(*known as usize).is_some_and(|node| node.kind == of && &*node.id == id);
        keys.find(hash, same).map(|known| NodeId(*known))
    }

    /// The type of a node.
    #[must_use]
    pub fn type_of(&self, n: NodeId) -> TypeId {
        self.parts.kinds[n.index()]
    }

    /// The id of a node, within its type.
    #[must_use]
    pub fn id_of(&self, n: NodeId) -> &str {
        &self.parts.nodes[n.index()].id
    }

    /// Type and id of a node.
    #[must_use]
    pub fn entity(&self, n: NodeId) -> EntityRef {
        let node = &self.parts.nodes[n.index()];
        EntityRef {
            kind: self.parts.schema.types()[node.kind.index()].name.clone(),
            id: Arc::clone(&node.id),
        }
    }

    /// Whether edges name this node and nothing declares it.
    #[must_use]
    pub fn is_placeholder(&self, n: NodeId) -> bool {
        self.parts.nodes[n.index()].placeholder
    }

    /// All nodes of a type, as a range of node ids, sorted by the bytes of their ids.
    #[must_use]
    pub fn nodes_of(&self, of: TypeId) -> Range<u32> {
        let start = |at: usize| self.parts.starts.get(at).copied();
        start(of.index()).zip(start(of.index() + 1)).map_or(0..0, |(start, end)| start..end)
    }

    /// The recorded value of a property, of the type that the schema declares.
    #[must_use]
    pub fn property(&self, n: NodeId, attr: AttrId) -> Option<&Value> {
        self.parts.nodes.get(n.index())?.property(attr).map(|property| &property.value)
    }

    /// Where the recorded value of a property came from.
    #[must_use]
    pub fn metadata(&self, n: NodeId, attr: AttrId) -> Option<&PropertyMetadata> {
        self.parts.nodes.get(n.index())?.property(attr)?.metadata.as_deref()
    }

    /// The names of all properties that a node has.
    pub fn properties(&self, n: NodeId) -> impl Iterator<Item = (AttrId, &Value)> {
        let node = self.parts.nodes.get(n.index());
        node.into_iter().flat_map(|node| &node.properties).map(|property| (property.attr, &property.value))
    }

    /// Edges from `n` that hold at `now`, sorted by far end.
    pub fn out(&self, n: NodeId, relation: AttrId, now: Timestamp) -> impl Iterator<Item = Edge> + '_ {
        let edges = self.relation(relation).into_iter().flat_map(move |held| held.out(n, now));
        edges.map(move |(node, at)| Edge { node, edge: EdgeId { relation, at } })
    }

    /// Edges to `n` that hold at `now`, sorted by far end.
    ///
    /// Call it on `&Snapshot`: on an `Arc` or an owned value the name finds `Into::into` first.
    pub fn into(&self, n: NodeId, relation: AttrId, now: Timestamp) -> impl Iterator<Item = Edge> + '_ {
        let edges = self.relation(relation).into_iter().flat_map(move |held| held.into(n, now));
        edges.map(move |(node, at)| Edge { node, edge: EdgeId { relation, at } })
    }

    /// The far ends from `n` as one sorted slice, when no edge of the relation depends on time.
    #[must_use]
    pub fn targets(&self, n: NodeId, relation: AttrId) -> Option<&[NodeId]> {
        match self.relation(relation) {
            None => Some(&[]),
            Some(held) => (!held.has_validity()).then(|| held.rows().far(n)),
        }
    }

    /// A property of an edge.
    #[must_use]
    pub fn edge_property(&self, e: EdgeId, name: &str) -> Option<&Value> {
        self.edge_data(e)?.property(name)
    }

    /// Everything an edge carries; nothing for a plain edge.
    #[must_use]
    pub fn edge_data(&self, e: EdgeId) -> Option<&EdgeData> {
        self.relation(e.relation)?.data(e.at).map(|data| &**data)
    }

    /// Whether any edge of the relation exists.
    #[must_use]
    pub fn has_edges(&self, relation: AttrId) -> bool {
        self.relation(relation).is_some()
    }

    /// Whether any edge of the relation depends on time.
    #[must_use]
    pub fn has_validity(&self, relation: AttrId) -> bool {
        self.relation(relation).is_some_and(Relation::has_validity)
    }

    /// All nodes reached from `start` in zero or more steps over `relation` (against it when `inverse`), `start`
    /// included, sorted. Answered from an index where there is one, else by a walk into `scratch` that visits
    /// each node at most once.
    pub fn closure<'s>(
        &'s self,
        start: NodeId,
        relation: AttrId,
        inverse: bool,
        now: Timestamp,
        scratch: &'s mut Vec<NodeId>,
    ) -> &'s [NodeId] {
        let Some(held) = self.relation(relation) else {
            return alone(start, scratch);
        };
        if !inverse && let Some(closure) = &held.closure {
            return listed(closure, start, scratch);
        }
        let nodes = self.node_count();
        if inverse {
            walk::collect(start, nodes, scratch, |near| held.into(near, now).map(|(far, _)| far));
        } else {
            walk::collect(start, nodes, scratch, |near| held.out(near, now).map(|(far, _)| far));
        }
        scratch.sort_unstable();
        scratch
    }

    /// Whether `to` is reached from `from` in zero or more steps.
    #[must_use]
    pub fn reaches(&self, from: NodeId, relation: AttrId, inverse: bool, to: NodeId, now: Timestamp) -> bool {
        let (from, to) = if inverse { (to, from) } else { (from, to) };
        let Some(held) = self.relation(relation) else { return from == to };
        if let Some(closure) = &held.closure {
            return closure.reaches(from, to);
        }
        if !held.chains() && !held.has_validity() {
            return from == to || held.rows().far(from).binary_search(&to).is_ok();
        }
        walk::reaches(from, to, self.node_count(), |near| held.out(near, now).map(|(far, _)| far))
    }

    /// What `n` is a member of, over all membership relations in zero or more steps, `n` included, sorted.
    pub fn ancestors<'s>(&'s self, n: NodeId, now: Timestamp, scratch: &'s mut Vec<NodeId>) -> &'s [NodeId] {
        let Parts { membership, relations, .. } = &self.parts;
        if let Some(closure) = membership.closure(relations) {
            return listed(closure, n, scratch);
        }
        walk::collect(n, self.node_count(), scratch, |near| self.member_of(near, now));
        scratch.sort_unstable();
        scratch
    }

    /// Whether `n` is `of` or a member of it, transitively.
    #[must_use]
    pub fn is_member(&self, n: NodeId, of: NodeId, now: Timestamp) -> bool {
        let Parts { membership, relations, .. } = &self.parts;
        if let Some(closure) = membership.closure(relations) {
            return closure.reaches(n, of);
        }
        if let [only] = membership.of_type(self.type_of(n))
            && let Some(held) = self.relation(*only).filter(|held| !held.chains() && !held.has_validity())
            && membership.all() == [*only]
        {
            return n == of || held.rows().far(n).binary_search(&of).is_ok();
        }
        walk::reaches(n, of, self.node_count(), |near| self.member_of(near, now))
    }

    /// The members of `of`, transitively, `of` included, sorted. Costs in proportion to the answer.
    pub fn members<'s>(&'s self, of: NodeId, now: Timestamp, scratch: &'s mut Vec<NodeId>) -> &'s [NodeId] {
        walk::collect(of, self.node_count(), scratch, |near| self.has_members(near, now));
        scratch.sort_unstable();
        scratch
    }

    fn relation(&self, id: AttrId) -> Option<&Relation> {
        freeze::relation(&self.parts.relations, id)
    }

    fn member_of(&self, n: NodeId, now: Timestamp) -> impl Iterator<Item = NodeId> + '_ {
        let followed = self.parts.membership.of_type(self.type_of(n));
        let held = followed.iter().filter_map(|id| self.relation(*id));
        held.flat_map(move |relation| relation.out(n, now)).map(|(far, _)| far)
    }

    fn has_members(&self, n: NodeId, now: Timestamp) -> impl Iterator<Item = NodeId> + '_ {
        let membership = &self.parts.membership;
        let held = membership.all().iter().filter_map(|id| Some((*id, self.relation(*id)?)));
        let members =
            held.flat_map(move |(id, relation)| relation.into(n, now).map(move |(far, _)| (id, far)));
        members.filter(|(id, far)| membership.follows(self.type_of(*far), *id)).map(|(_, far)| far)
    }
}

fn alone(node: NodeId, scratch: &mut Vec<NodeId>) -> &[NodeId] {
    scratch.clear();
    scratch.push(node);
    scratch
}

fn listed<'s>(closure: &'s Closure, node: NodeId, scratch: &'s mut Vec<NodeId>) -> &'s [NodeId] {
    match closure.list(node) {
        Some(list) => list,
        None => alone(node, scratch),
    }
}
