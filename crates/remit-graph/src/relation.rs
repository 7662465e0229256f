//! The edges of one relation, frozen in both directions, with what they carry and when they hold.

use std::sync::Arc;

use remit_model::Timestamp;

use crate::closure::Closure;
use crate::rows::Rows;
use crate::{EdgeData, NodeId};

/// One edge before it is arranged.
#[derive(Debug, Clone)]
pub(crate) struct Loose {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) data: Option<Arc<EdgeData>>,
}

/// All edges of one relation.
#[derive(Debug, Default)]
pub(crate) struct Relation {
    out: Rows,
    into: Rows,
    /// Beside the far ends of `into`: which edge each entry is.
    into_edges: Box<[u32]>,
    /// By edge; empty when no edge of the relation carries anything.
    data: Box<[Option<Arc<EdgeData>>]>,
    validity: bool,
    /// Some edge ends where another begins: following the relation repeatedly goes further than once.
    chains: bool,
    /// Reachability, when it does not depend on time and is small enough to keep.
    pub(crate) closure: Option<Closure>,
}

impl Relation {
    /// `edges` is sorted by both ends and holds no two identical edges.
    pub(crate) fn new(edges: Vec<Loose>) -> Self {
        let out = Rows::new(edges.iter().map(|edge| (edge.from, edge.to)));
        let (into, into_edges) = Rows::reversed(edges.iter().map(|edge| (edge.from, edge.to)));
        let validity = edges.iter().any(|edge| edge.data.as_ref().is_some_and(|data| data.has_validity()));
        let chains = into.iter().any(|(near, far)| !far.is_empty() && !out.far(near).is_empty());
        let data = if edges.iter().any(|edge| edge.data.is_some()) {
            edges.into_iter().map(|edge| edge.data).collect()
        } else {
            Box::default()
        };
        Self { out, into, into_edges, data, validity, chains, closure: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    pub(crate) fn has_validity(&self) -> bool {
        self.validity
    }

    pub(crate) fn chains(&self) -> bool {
        self.chains
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.out
    }

    pub(crate) fn data(&self, edge: u32) -> Option<&Arc<EdgeData>> {
        self.data.get(edge as usize)?.as_ref()
    }

    /// Edges that start at `near`, whatever their validity, sorted by far end.
    pub(crate) fn all_out(&self, near: NodeId) -> impl Iterator<Item = (NodeId, u32)> + '_ {
        let first = u32::try_from(self.out.row(near).start).unwrap_or(0);
        self.out.far(near).iter().copied().zip(first..)
    }

    /// Edges that start at `near` and hold at `now`.
    pub(crate) fn out(&self, near: NodeId, now: Timestamp) -> impl Iterator<Item = (NodeId, u32)> + '_ {
        self.all_out(near).filter(move |(_, edge)| self.holds(*edge, now))
    }

    /// Edges that end at `near` and hold at `now`.
    pub(crate) fn into(&self, near: NodeId, now: Timestamp) -> impl Iterator<Item = (NodeId, u32)> + '_ {
        let edges = self.into_edges.get(self.into.row(near)).unwrap_or_default();
        let both = self.into.far(near).iter().zip(edges);
        both.map(|(far, edge)| (*far, *edge)).filter(move |(_, edge)| self.holds(*edge, now))
    }

    fn holds(&self, edge: u32, now: Timestamp) -> bool {
        !self.validity || self.data(edge).is_none_or(|data| data.holds_at(now))
    }
}
