//! The question turned around: which subjects, resources or actions would be allowed. Candidates are derived
//! backwards from the permits; each is then decided like any other question, so search and evaluation agree.

mod path;
mod solve;

#[cfg(test)]
mod tests;

use remit_graph::NodeId;
use remit_model::{ActionId, TypeId};

use crate::bind::Bound;
use crate::combine::decides;
use crate::lower::Who;
use crate::query::{Asked, Party, Query};
use solve::Solver;

/// What a search found. The universe is the graph: an entity it does not have is not found.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchOutcome {
    /// Every entity that would be allowed, in order of id; the caller cuts pages.
    pub found: Vec<NodeId>,
    /// How many there are.
    pub total: usize,
    /// How many entities were decided to find them.
    pub examined: usize,
}

/// The subjects of type `of` that may do this. Of the query's subject only what is asserted counts.
pub fn subjects(bound: &Bound, query: &Query<'_>, of: TypeId) -> SearchOutcome {
    search(bound, query, Who::Subject, of)
}

/// The resources of type `of` the subject may do this to. Of the query's resource only what is asserted counts.
pub fn resources(bound: &Bound, query: &Query<'_>, of: TypeId) -> SearchOutcome {
    search(bound, query, Who::Resource, of)
}

/// The declared actions the subject may do to the resource, by name. The query's action is not looked at.
#[must_use]
pub fn actions(bound: &Bound, query: &Query<'_>) -> Vec<ActionId> {
    let declared = bound.program().schema().actions().iter().enumerate();
    let mut named: Vec<(&str, ActionId)> = declared
        .filter_map(|(at, action)| Some((action.name.as_str(), ActionId(u16::try_from(at).ok()?))))
        .collect();
    named.sort_unstable();
    let allowed = |(name, id): &(&str, ActionId)| {
        decides(bound, &Query { action: Asked { name, id: Some(*id) }, ..*query })
    };
    named.into_iter().filter(allowed).map(|(_, id)| id).collect()
}

fn search(bound: &Bound, query: &Query<'_>, who: Who, of: TypeId) -> SearchOutcome {
    let mut candidates = candidates(bound, query, who, of);
    let examined = candidates.len();
    candidates.retain(|node| decides(bound, &asked(bound, query, who, *node)));
    SearchOutcome { total: candidates.len(), found: candidates, examined }
}

/// Every node of the type for which some permit may apply, in order.
fn candidates(bound: &Bound, query: &Query<'_>, who: Who, of: TypeId) -> Vec<NodeId> {
    let all = bound.snapshot().nodes_of(of);
    if query.unsupported.is_some() || query.action.id.is_none() {
        return Vec::new();
    }
    // WHY: agents, purpose and history bound the answer more tightly than any permit, and are asked one by one.
    if query.agency.is_some() {
        return all.map(NodeId).collect();
    }
    // WHY: an unrecorded party leaves every walk against direction open; who is searched for is not the one asked
    // about, so candidates are derived as if all were recorded, which can only find more.
    let nobody = Party { type_name: "", type_id: None, id: "", node: None, asserted: &[] };
    let mut anybody = *query;
    match who {
        Who::Subject => anybody.subject = nobody,
        Who::Actor => anybody.actor = Some(nobody),
        Who::Resource => anybody.resource = nobody,
    }
    match Solver::new(bound, &anybody, who, of).permitted() {
        Some(mut nodes) => {
            nodes.retain(|node| all.contains(&node.0));
            nodes.sort_unstable();
            nodes.dedup();
            nodes
        }
        None => all.map(NodeId).collect(),
    }
}

/// The question with this node in place of the party searched for.
fn asked<'a>(bound: &'a Bound, query: &Query<'a>, who: Who, node: NodeId) -> Query<'a> {
    let graph = bound.snapshot();
    let of = graph.type_of(node);
    let type_name = bound.program().schema().entity_type(of).map_or("", |of| of.name.as_str());
    let party =
        |asserted| Party { type_name, type_id: Some(of), id: graph.id_of(node), node: Some(node), asserted };
    match who {
        Who::Resource => Query { resource: party(query.resource.asserted), ..*query },
        Who::Subject | Who::Actor => Query { subject: party(query.subject.asserted), ..*query },
    }
}
