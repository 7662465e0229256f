//! The fingerprint of a snapshot's content: equal for equal nodes and edges, however they arrived.

use std::sync::Arc;

use remit_model::{AttrId, Schema};
use sha2::{Digest, Sha256};

use crate::NodeId;
use crate::canonical;
use crate::node::Node;
use crate::relation::Relation;

/// Bytes gathered before they are hashed.
const CHUNK: usize = 1 << 16;

/// The parts of a snapshot that its digest covers.
pub(crate) struct Content<'a> {
    pub(crate) schema: &'a Schema,
    /// Sorted by type id, then id.
    pub(crate) nodes: &'a [Arc<Node>],
    /// By type id: its first node; one more entry than types.
    pub(crate) starts: &'a [u32],
    /// By attribute id.
    pub(crate) relations: &'a [Option<Box<Relation>>],
}

struct Hashing {
    hash: Sha256,
    out: Vec<u8>,
}

impl Hashing {
    fn spill(&mut self, at_least: usize) {
        if self.out.len() > at_least {
            self.hash.update(&self.out);
            self.out.clear();
        }
    }
}

/// SHA-256 in hex. Types and relations are visited in the order of their names, nodes in the order of their ids,
/// and edges name their ends by the ordinal in that order.
pub(crate) fn digest(content: &Content<'_>) -> String {
    let mut hashing = Hashing { hash: Sha256::new(), out: Vec::with_capacity(CHUNK * 2) };
    canonical::text(&mut hashing.out, "remit graph 1");
    let mut types: Vec<usize> = (0..content.schema.types().len()).collect();
    types.sort_by_key(|of| content.schema.types().get(*of).map(|of| &of.name));
    let mut bases = vec![0_u32; types.len()];
    let mut ordinal = 0_u32;
    for of in &types {
        let span = content.span(*of);
        if let Some(base) = bases.get_mut(*of) {
            *base = ordinal;
        }
        ordinal += span.end - span.start;
        content.nodes_of(*of, &mut hashing);
    }
    let mut relations: Vec<AttrId> = (0..=u16::MAX)
        .zip(content.relations)
        .filter(|(_, r)| r.is_some())
        .map(|(id, _)| AttrId(id))
        .collect();
    relations.sort_by_key(|id| content.schema.attrs().get(id.index()));
    for relation in relations {
        content.edges_of(relation, &types, &bases, &mut hashing);
    }
    hashing.spill(0);
    let mut hex = String::with_capacity(64);
    for byte in hashing.hash.finalize() {
        for half in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    hex
}

impl Content<'_> {
    fn span(&self, of: usize) -> std::ops::Range<u32> {
        match (self.starts.get(of), self.starts.get(of + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    fn attr(&self, id: AttrId) -> &str {
        self.schema.attrs().get(id.index()).map_or("", |name| name.as_str())
    }

    fn nodes_of(&self, of: usize, hashing: &mut Hashing) {
        let span = self.span(of);
        if span.is_empty() {
            return;
        }
        let name = self.schema.types().get(of).map_or("", |of| of.name.as_str());
        canonical::text(&mut hashing.out, name);
        canonical::number(&mut hashing.out, span.len());
        for node in self.nodes.get(span.start as usize..span.end as usize).unwrap_or_default() {
            let out = &mut hashing.out;
            canonical::text(out, &node.id);
            out.push(u8::from(node.placeholder));
            canonical::number(out, node.properties.len());
            let mut properties: Vec<_> = node.properties.iter().collect();
            properties.sort_by_key(|property| self.attr(property.attr));
            for property in properties {
                canonical::text(out, self.attr(property.attr));
                canonical::value(out, self.schema, &property.value);
                canonical::metadata(out, self.schema, property.metadata.as_deref());
            }
            hashing.spill(CHUNK);
        }
    }

    fn edges_of(&self, id: AttrId, types: &[usize], bases: &[u32], hashing: &mut Hashing) {
        let Some(Some(relation)) = self.relations.get(id.index()) else { return };
        canonical::text(&mut hashing.out, self.attr(id));
        canonical::number(&mut hashing.out, relation.len());
        let ordinal = |node: NodeId| {
            let of = self.nodes.get(node.index()).map_or(0, |node| node.kind.index());
            let start = self.starts.get(of).copied().unwrap_or(0);
            bases.get(of).copied().unwrap_or(0) + (node.0 - start)
        };
        let mut row: Vec<(u32, Vec<u8>)> = Vec::new();
        for of in types {
            for near in self.span(*of).map(NodeId) {
                row.clear();
                row.extend(relation.all_out(near).map(|(far, edge)| {
                    let mut carried = Vec::new();
                    if let Some(data) = relation.data(edge) {
                        canonical::edge(&mut carried, self.schema, Some(data));
                    }
                    (ordinal(far), carried)
                }));
                row.sort_unstable();
                for (far, carried) in &row {
                    hashing.out.extend_from_slice(&ordinal(near).to_le_bytes());
                    hashing.out.extend_from_slice(&far.to_le_bytes());
                    canonical::number(&mut hashing.out, carried.len());
                    hashing.out.extend_from_slice(carried);
                }
                hashing.spill(CHUNK);
            }
        }
    }
}
