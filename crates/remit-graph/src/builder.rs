//! The writer's graph: mutable, unpublished, one `petgraph` arena; knows no schema rule beyond keys.
//!
//! Whoever fills it (loader, store, a test) has checked what the schema says; freezing only arranges.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::{EdgeRef, IntoEdgeReferences};
use remit_model::{AttrId, Schema, TypeId, Value};

use crate::node::{Node, Property, PropertyMetadata};
use crate::{EdgeData, Snapshot};

/// A node of one [`GraphBuilder`]; stays valid until that node is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeHandle(pub(crate) NodeIndex<u32>);

/// An edge as the writer holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) relation: AttrId,
    pub(crate) data: Option<Arc<EdgeData>>,
}

/// An edge with its two ends, as freezing reads it.
pub(crate) struct LinkRef<'a> {
    pub(crate) from: NodeHandle,
    pub(crate) to: NodeHandle,
    pub(crate) link: &'a Link,
}

/// A node by its key. WHY: with hash and id beside the index, a look-up does not visit the arena and growing
/// the table does not visit any node; loading spends most of its time here.
#[derive(Debug, Clone)]
struct Key {
    hash: u64,
    id: Arc<str>,
    kind: TypeId,
    index: NodeIndex<u32>,
}

/// Collects nodes, properties and edges, and freezes them into a [`Snapshot`].
#[derive(Debug, Clone)]
pub struct GraphBuilder {
    schema: Arc<Schema>,
    graph: StableDiGraph<Arc<Node>, Link, u32>,
    keys: HashTable<Key>,
    hasher: RandomState,
    placeholders: usize,
}

impl GraphBuilder {
    /// An empty graph under this schema.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            graph: StableDiGraph::default(),
            keys: HashTable::new(),
            hasher: RandomState::default(),
            placeholders: 0,
        }
    }

    /// The schema whose ids are used here.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Nodes, placeholders included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// Edges.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// The node with that key, if it was added or named.
    #[must_use]
    pub fn find(&self, kind: TypeId, id: &str) -> Option<NodeHandle> {
        self.find_hashed(self.hasher.hash_one((kind.0, id)), kind, id)
    }

    /// The node with that key, added when absent; a placeholder becomes a node.
    pub fn add_node(&mut self, kind: TypeId, id: &str) -> NodeHandle {
        let handle = self.reference(kind, id);
        self.unveil(handle);
        handle
    }

    /// The node with that key; when absent it becomes a placeholder: known by name, nothing known about it.
    pub fn reference(&mut self, kind: TypeId, id: &str) -> NodeHandle {
        let hash = self.hasher.hash_one((kind.0, id));
        if let Some(known) = self.find_hashed(hash, kind, id) {
            return known;
        }
        let id: Arc<str> = Arc::from(id);
        let index = self.graph.add_node(Arc::new(Node::placeholder(kind, Arc::clone(&id))));
        self.keys.insert_unique(hash, Key { hash, id, kind, index }, |known| known.hash);
        self.placeholders += 1;
        NodeHandle(index)
    }

    /// Whether this node was only named so far.
    #[must_use]
    pub fn is_placeholder(&self, node: NodeHandle) -> bool {
        self.node(node).is_some_and(|node| node.placeholder)
    }

    /// Sets a property, replacing an earlier value.
    pub fn set_property(
        &mut self,
        node: NodeHandle,
        attr: AttrId,
        value: Value,
        metadata: Option<PropertyMetadata>,
    ) {
        if let Some(node) = self.node_mut(node) {
            node.set(Property { attr, value, metadata: metadata.map(Arc::new) });
        }
    }

    /// Takes a property away; says whether it was there.
    pub fn remove_property(&mut self, node: NodeHandle, attr: AttrId) -> bool {
        self.node_mut(node).is_some_and(|node| node.unset(attr))
    }

    /// Adds an edge. Parallel edges that carry different data stay distinct; of identical ones, freezing keeps one.
    pub fn add_edge(&mut self, from: NodeHandle, relation: AttrId, to: NodeHandle, data: EdgeData) {
        self.link(from, relation, to, data.store());
    }

    /// Leaves one of each group of edges that agree in everything; says how many went.
    pub fn remove_duplicate_edges(&mut self) -> usize {
        let mut gone = Vec::new();
        let mut row: Vec<(AttrId, NodeIndex<u32>, EdgeIndex<u32>)> = Vec::new();
        for node in self.graph.node_indices() {
            row.clear();
            row.extend(self.graph.edges(node).map(|edge| (edge.weight().relation, edge.target(), edge.id())));
            row.sort_unstable();
            let parallel = row.chunk_by(|left, right| (left.0, left.1) == (right.0, right.1));
            for group in parallel.filter(|group| group.len() > 1) {
                let mut seen: HashSet<Option<&EdgeData>, RandomState> = HashSet::default();
                for (_, _, edge) in group {
                    let data = self.graph.edge_weight(*edge).and_then(|link| link.data.as_deref());
                    if !seen.insert(data) {
                        gone.push(*edge);
                    }
                }
            }
        }
        gone.iter().for_each(|edge| drop(self.graph.remove_edge(*edge)));
        gone.len()
    }

    /// Nodes that are only named.
    #[must_use]
    pub fn placeholders(&self) -> usize {
        self.placeholders
    }

    /// An immutable snapshot of what is here now. The builder can go on changing.
    #[must_use]
    pub fn freeze(&self, revision: u64) -> Snapshot {
        crate::freeze::freeze(self, revision)
    }

    /// Fills a placeholder: from now on it is a node with these properties.
    pub(crate) fn declare(&mut self, node: NodeHandle, mut properties: Vec<Property>) {
        properties.sort_unstable_by_key(|property| property.attr);
        let Some(held) = self.node_mut(node) else { return };
        held.properties = properties.into_boxed_slice();
        self.unveil(node);
    }

    pub(crate) fn link(
        &mut self,
        from: NodeHandle,
        relation: AttrId,
        to: NodeHandle,
        data: Option<Arc<EdgeData>>,
    ) {
        if self.node(from).is_some() && self.node(to).is_some() {
            self.graph.add_edge(from.0, to.0, Link { relation, data });
        }
    }

    /// A placeholder becomes a node.
    fn unveil(&mut self, node: NodeHandle) {
        if self.is_placeholder(node)
            && let Some(held) = self.node_mut(node)
        {
            held.placeholder = false;
            self.placeholders -= 1;
        }
    }

    pub(crate) fn node(&self, node: NodeHandle) -> Option<&Arc<Node>> {
        self.graph.node_weight(node.0)
    }

    pub(crate) fn node_mut(&mut self, node: NodeHandle) -> Option<&mut Node> {
        self.graph.node_weight_mut(node.0).map(Arc::make_mut)
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = (NodeHandle, &Arc<Node>)> {
        self.graph.node_indices().filter_map(|index| {
            let node = self.graph.node_weight(index)?;
            Some((NodeHandle(index), node))
        })
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = LinkRef<'_>> {
        self.graph.edge_references().map(|edge| LinkRef {
            from: NodeHandle(edge.source()),
            to: NodeHandle(edge.target()),
            link: edge.weight(),
        })
    }

    /// One more than the largest index in use: the size of a table over handles.
    pub(crate) fn node_bound(&self) -> usize {
        use petgraph::visit::NodeIndexable;
        self.graph.node_bound()
    }

    /// The edges of one relation between two nodes.
    pub(crate) fn links_between(
        &self,
        from: NodeHandle,
        relation: AttrId,
        to: NodeHandle,
    ) -> impl Iterator<Item = (EdgeIndex<u32>, &Link)> {
        let between = self.graph.edges_connecting(from.0, to.0);
        between.map(|edge| (edge.id(), edge.weight())).filter(move |(_, link)| link.relation == relation)
    }

    /// How many edges of one relation start at a node.
    pub(crate) fn out_degree(&self, from: NodeHandle, relation: AttrId) -> usize {
        self.graph.edges(from.0).filter(|edge| edge.weight().relation == relation).count()
    }

    /// The nodes at the other end of any edge of a node.
    pub(crate) fn neighbours(&self, node: NodeHandle) -> Vec<NodeHandle> {
        self.graph.neighbors_undirected(node.0).map(NodeHandle).collect()
    }

    pub(crate) fn remove_link(&mut self, link: EdgeIndex<u32>) {
        self.graph.remove_edge(link);
    }

    /// Removes a node with all its edges, in both directions.
    pub fn remove_node(&mut self, node: NodeHandle) {
        let Some(gone) = self.graph.node_weight(node.0) else { return };
        let hash = self.hasher.hash_one((gone.kind.0, &*gone.id));
        if let Ok(entry) = self.keys.find_entry(hash, |known| known.index == node.0) {
            entry.remove();
        }
        self.placeholders -= usize::from(gone.placeholder);
        self.graph.remove_node(node.0);
    }

    fn find_hashed(&self, hash: u64, kind: TypeId, id: &str) -> Option<NodeHandle> {
        let same = |known: &Key| known.hash == hash && known.kind == kind && &*known.id == id;
        self.keys.find(hash, same).map(|known| NodeHandle(known.index))
    }
}
