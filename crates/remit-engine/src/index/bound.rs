//! The index after binding: constants have become nodes, so a party finds its rules by what it is a member of.

use std::sync::Arc;

use remit_graph::NodeId;
use rustc_hash::FxHashMap;

use super::{Candidates, Index, Scoped, push_action};
use crate::eval::Eval;
use crate::lower::Who;
use crate::program::Program;

/// A run of [`BoundScope::postings`].
type Found = (u32, u32);

/// The part of the index that names entities, for one snapshot.
#[derive(Debug, Default)]
pub(crate) struct BoundIndex {
    parties: [BoundScope; 3],
}

#[derive(Debug, Default)]
struct BoundScope {
    exact: FxHashMap<NodeId, Found>,
    /// By type and id: for parties the graph does not have.
    named: FxHashMap<u16, FxHashMap<Arc<str>, Found>>,
    member: FxHashMap<NodeId, Found>,
    postings: Vec<(u32, u32)>,
    any_member: bool,
}

impl BoundIndex {
    pub(crate) fn new(program: &Program, nodes: &[Option<NodeId>]) -> Self {
        let Index { scoped, .. } = &program.index;
        Self { parties: scoped.each_ref().map(|scoped| BoundScope::new(program, scoped, nodes)) }
    }

    /// Pushes the rules whose clause names the party, or something it is a member of.
    pub(super) fn push_scoped(
        &self,
        eval: &Eval<'_>,
        at: usize,
        who: Who,
        action: u32,
        out: &mut Candidates,
    ) {
        let (Some(scope), Some(scoped)) = (self.parties.get(at), eval.program.index.scoped.get(at)) else {
            return;
        };
        if scope.postings.is_empty() && !scope.any_member {
            return;
        }
        let party = eval.party(who);
        // WHY: every term names a declared type; a party of another type is selected by none.
        let Some(of) = party.type_id else { return };
        let Some(node) = party.node else {
            if let Some(found) = scope.named.get(&of.0).and_then(|ids| ids.get(party.id)) {
                scope.push(*found, action, out);
            }
            push_action(&scoped.member_all.0, action, out);
            return;
        };
        if let Some(found) = scope.exact.get(&node) {
            scope.push(*found, action, out);
        }
        if !scope.any_member {
            return;
        }
        if eval.is_open(node) || eval.has_open_ancestor(node) {
            push_action(&scoped.member_all.0, action, out);
            return;
        }
        eval.with_scratch(|list| {
            let ancestors = eval.graph.ancestors(node, eval.query.now, list);
            if scope.member.len() * 4 < ancestors.len() {
                for (_, found) in scope.member.iter().filter(|(key, _)| ancestors.binary_search(key).is_ok())
                {
                    scope.push(*found, action, out);
                }
            } else {
                for found in ancestors.iter().filter_map(|ancestor| scope.member.get(ancestor)) {
                    scope.push(*found, action, out);
                }
            }
        });
    }
}

impl BoundScope {
    fn new(program: &Program, scoped: &Scoped, nodes: &[Option<NodeId>]) -> Self {
        let mut scope = Self { any_member: !scoped.member_all.0.is_empty(), ..Self::default() };
        let node_of = |constant: u32| nodes.get(constant as usize).copied().flatten();
        for (constant, postings) in &scoped.exact {
            let found = scope.add(&postings.0);
            if let Some(node) = node_of(*constant) {
                scope.exact.insert(node, found);
            }
            let named = program.constant(*constant);
            scope.named.entry(named.of.0).or_default().insert(Arc::clone(&named.entity.id), found);
        }
        for (constant, postings) in &scoped.member {
            if let Some(node) = node_of(*constant) {
                let found = scope.add(&postings.0);
                scope.member.insert(node, found);
            }
        }
        scope
    }

    fn add(&mut self, postings: &[(u32, u32)]) -> Found {
        let start = u32::try_from(self.postings.len()).unwrap_or(u32::MAX);
        self.postings.extend_from_slice(postings);
        (start, u32::try_from(self.postings.len()).unwrap_or(u32::MAX))
    }

    fn push(&self, (start, end): Found, action: u32, out: &mut Candidates) {
        push_action(self.postings.get(start as usize..end as usize).unwrap_or(&[]), action, out);
    }
}
