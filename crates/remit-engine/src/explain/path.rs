//! How a membership comes about: the shortest way from a party to the group a clause names.

use std::collections::VecDeque;

use remit_graph::NodeId;
use remit_model::EntityRef;
use rustc_hash::FxHashMap;

use crate::eval::Eval;
use crate::limits::MAX_PATH_NODES;
use crate::lower::Who;
use crate::program::{Rule, Scope};
use crate::truth::Truth;

/// Adds the way for every term of the rule that selects its party by membership.
pub(super) fn of_rule(eval: &Eval<'_>, rule: &Rule, paths: &mut Vec<Vec<EntityRef>>) {
    let clauses = [(rule.subjects, Who::Subject), (rule.actors, Who::Actor), (rule.resources, Who::Resource)];
    for (run, who) in clauses {
        for term in eval.program.term_run(run) {
            let Scope::Member(constant) = term.scope else { continue };
            if eval.term(term, who) != Truth::True {
                continue;
            }
            if let (Some(from), Some(to)) = (eval.party(who).node, eval.bound.constant_node(constant)) {
                paths.extend(shortest(eval, from, to));
            }
        }
    }
}

/// Breadth first over membership relations; nothing when the bound is hit.
fn shortest(eval: &Eval<'_>, from: NodeId, to: NodeId) -> Option<Vec<EntityRef>> {
    let mut came_from: FxHashMap<NodeId, NodeId> = FxHashMap::default();
    let mut queue = VecDeque::from([from]);
    while let Some(near) = queue.pop_front() {
        if near == to {
            return Some(back(eval, &came_from, from, to));
        }
        if came_from.len() > MAX_PATH_NODES {
            return None;
        }
        let of = eval.program.schema().entity_type(eval.graph.type_of(near));
        for attribute in of.into_iter().flat_map(|of| &of.attributes) {
            if !attribute.relation.as_ref().is_some_and(|relation| relation.membership) {
                continue;
            }
            for edge in eval.graph.out(near, attribute.id, eval.query.now) {
                if edge.node != from && !came_from.contains_key(&edge.node) {
                    came_from.insert(edge.node, near);
                    queue.push_back(edge.node);
                }
            }
        }
    }
    None
}

fn back(eval: &Eval<'_>, came_from: &FxHashMap<NodeId, NodeId>, from: NodeId, to: NodeId) -> Vec<EntityRef> {
    let mut at = to;
    let mut path = vec![eval.graph.entity(to)];
    while at != from {
        let Some(before) = came_from.get(&at) else { break };
        at = *before;
        path.push(eval.graph.entity(at));
    }
    path.reverse();
    path
}
