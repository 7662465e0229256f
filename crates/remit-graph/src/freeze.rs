//! From the writer's graph to a snapshot: nodes sorted, edges compressed, reachability precomputed.

use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use remit_model::{AttrId, Schema, TypeId};

use crate::builder::{GraphBuilder, LinkRef};
use crate::closure::Closure;
use crate::digest::{self, Content};
use crate::membership::Membership;
use crate::node::Node;
use crate::relation::{Loose, Relation};
use crate::snapshot::Parts;
use crate::{EdgeData, NodeId, Snapshot, canonical};

/// Arranges everything in `builder`.
pub(crate) fn freeze(builder: &GraphBuilder, revision: u64) -> Snapshot {
    let schema = Arc::clone(builder.schema());
    let (nodes, rank) = sorted_nodes(builder);
    let starts = starts(&schema, &nodes);
    let mut relations = relations(builder, &rank);
    drop(rank);
    for relation in relations.iter_mut().flatten() {
        if relation.chains() && !relation.has_validity() {
            relation.closure = Closure::build(relation.rows(), nodes.len());
        }
    }
    let kinds: Box<[TypeId]> = nodes.iter().map(|node| node.kind).collect();
    let membership = Membership::new(&schema, &relations, &kinds);
    let digest =
        digest::digest(&Content { schema: &schema, nodes: &nodes, starts: &starts, relations: &relations });
    let hasher = RandomState::default();
    let keys = keys(&nodes, &hasher);
    Snapshot::from_parts(Parts {
        schema,
        revision,
        digest,
        nodes,
        kinds,
        starts,
        keys,
        hasher,
        relations,
        membership,
    })
}

/// Nodes by type and id, and for each handle its place among them.
fn sorted_nodes(builder: &GraphBuilder) -> (Box<[Arc<Node>]>, Vec<NodeId>) {
    let mut order: Vec<_> = builder.nodes().collect();
    order.sort_unstable_by(|(_, left), (_, right)| {
        left.kind.cmp(&right.kind).then_with(|| left.id.as_bytes().cmp(right.id.as_bytes()))
    });
    let mut rank = vec![NodeId(0); builder.node_bound()];
    for (id, (handle, _)) in (0..).zip(&order) {
        if let Some(rank) = rank.get_mut(handle.0.index()) {
            *rank = NodeId(id);
        }
    }
    (order.into_iter().map(|(_, node)| Arc::clone(node)).collect(), rank)
}

/// By type: its first node; one more entry than types.
fn starts(schema: &Schema, nodes: &[Arc<Node>]) -> Box<[u32]> {
    let first = |of: usize| nodes.partition_point(|node| node.kind.index() < of);
    (0..=schema.types().len()).map(|of| u32::try_from(first(of)).unwrap_or(u32::MAX)).collect()
}

fn relations(builder: &GraphBuilder, rank: &[NodeId]) -> Box<[Option<Box<Relation>>]> {
    let names = builder.schema().attrs().len();
    let mut counts = vec![0_usize; names];
    for LinkRef { link, .. } in builder.links() {
        if let Some(count) = counts.get_mut(link.relation.index()) {
            *count += 1;
        }
    }
    let mut loose: Vec<Vec<Loose>> = counts.into_iter().map(Vec::with_capacity).collect();
    for LinkRef { from, to, link } in builder.links() {
        let ends = rank.get(from.0.index()).zip(rank.get(to.0.index()));
        if let (Some((from, to)), Some(edges)) = (ends, loose.get_mut(link.relation.index())) {
            edges.push(Loose { from: *from, to: *to, data: link.data.clone() });
        }
    }
    let arranged = loose.into_iter().map(|mut edges| {
        edges.sort_unstable_by(|left, right| order(builder.schema(), left, right));
        edges.dedup_by(|left, right| {
            (left.from, left.to) == (right.from, right.to) && left.data == right.data
        });
        (!edges.is_empty()).then(|| Box::new(Relation::new(edges)))
    });
    arranged.collect()
}

/// By both ends; what parallel edges carry decides between them, so that the order never depends on arrival.
fn order(schema: &Schema, left: &Loose, right: &Loose) -> Ordering {
    let form = |data: &Option<Arc<EdgeData>>| {
        let mut out = Vec::new();
        canonical::edge(&mut out, schema, data.as_deref());
        out
    };
    (left.from, left.to).cmp(&(right.from, right.to)).then_with(|| match (&left.data, &right.data) {
        (None, None) => Ordering::Equal,
        (left, right) => form(left).cmp(&form(right)),
    })
}

fn keys(nodes: &[Arc<Node>], hasher: &RandomState) -> HashTable<u32> {
    let hash = |node: &Node| hasher.hash_one((node.kind.0, &*node.id));
    let mut keys = HashTable::with_capacity(nodes.len());
    for (id, node) in (0_u32..).zip(nodes) {
        keys.insert_unique(hash(node), id, |known| nodes.get(*known as usize).map_or(0, |node| hash(node)));
    }
    keys
}

/// The relation of an attribute id, when it has edges.
pub(crate) fn relation(relations: &[Option<Box<Relation>>], id: AttrId) -> Option<&Relation> {
    relations.get(id.index())?.as_deref()
}
