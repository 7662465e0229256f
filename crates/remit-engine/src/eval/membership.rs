//! `in`: the same entity, or a member of it over membership relations.

use remit_graph::NodeId;
use rustc_hash::FxHashSet;

use super::sets::Stream;
use super::{Eval, NOTHING};
use crate::lower::{Reach, Who};
use crate::program::Follow;
use crate::truth::Truth;
use crate::val::Ent;

impl<'a> Eval<'a> {
    /// `a in b`: the same entity, or a member of it over membership relations; `party` when `a` is named as one.
    pub(crate) fn is_member(&self, a: Ent<'a>, party: Option<Who>, b: Ent<'a>) -> Truth {
        if self.same(a, b) {
            return Truth::True;
        }
        if !self.program.recorded_membership {
            return self.walk_membership(a, party, b);
        }
        let Some(node) = self.node_of(a) else { return Truth::Unknown };
        if self.node_of(b).is_some_and(|of| self.graph.is_member(node, of, self.query.now)) {
            return Truth::True;
        }
        if self.has_open_ancestor(node) { Truth::Unknown } else { Truth::False }
    }

    /// Membership where some of its relations may be asserted: step by step, source by source.
    fn walk_membership(&self, a: Ent<'a>, party: Option<Who>, b: Ent<'a>) -> Truth {
        let mut truth = Truth::False;
        let mut walked: FxHashSet<Ent<'a>> = FxHashSet::default();
        let mut queue = vec![(a, party)];
        while let Some((near, party)) = queue.pop() {
            let near = self.node_of(near).map_or(near, Ent::Node);
            if self.same(near, b) {
                return Truth::True;
            }
            if !walked.insert(near) || !self.step() {
                continue;
            }
            if self.node_of(near).is_none_or(|node| self.is_open(node)) {
                truth = Truth::Unknown;
            }
            let kind = match near {
                Ent::Node(node) => Some(self.graph.type_of(node)),
                Ent::Named { kind, .. } => self.program.schema().type_id(kind),
            };
            let of = kind.and_then(|kind| self.program.schema().entity_type(kind));
            for attribute in of.into_iter().flat_map(|of| &of.attributes) {
                if !attribute.relation.as_ref().is_some_and(|relation| relation.membership) {
                    continue;
                }
                let step = Follow {
                    base: NOTHING,
                    relation: attribute.id,
                    reach: Reach::One,
                    inverse: false,
                    filter: None,
                    party,
                };
                let ended = self.step_from(&step, near, party, &mut |end| {
                    queue.push((end, None));
                    Stream::Complete
                });
                if ended == Stream::Incomplete {
                    truth = Truth::Unknown;
                }
            }
        }
        truth
    }

    /// Whether something `node` is a member of may itself be a member of more.
    pub(crate) fn has_open_ancestor(&self, node: NodeId) -> bool {
        self.bound.has_placeholders()
            && self.with_scratch(|list| {
                let ancestors = self.graph.ancestors(node, self.query.now, list);
                ancestors.iter().any(|ancestor| self.is_open(*ancestor))
            })
    }
}
