//! Does a walk lead to a certain entity? Answered without listing the walk where the graph can tell.

use std::ops::ControlFlow;

use remit_graph::NodeId;

use super::Eval;
use super::sets::Stream;
use crate::lower::Reach;
use crate::program::{Follow, Ix, Node, Shape};
use crate::truth::Truth;
use crate::val::{Ent, Val};

impl<'a> Eval<'a> {
    /// An unfiltered closure from one entity: cheap to ask, dear to list.
    pub(super) fn is_closure(&self, set: Ix) -> bool {
        let Node::Follow(follow) = self.program.node(set) else { return false };
        let follow = self.program.follow(follow);
        follow.reach != Reach::One && follow.filter.is_none() && self.program.shape(follow.base) != Shape::Set
    }

    /// `a has any b` where `b` is a closure: elements of `a` are looked up in the list of what is reached. Only certain
    /// answers are given; nothing when it takes the definition to tell.
    pub(super) fn meets_closure(&self, a: Ix, b: Ix) -> Option<Truth> {
        let Node::Follow(follow) = self.program.node(b) else { return None };
        let follow = self.program.follow(follow);
        if !self.is_closure(b) || follow.inverse || !self.program.is_graph_only(follow.relation) {
            return None;
        }
        let Val::Entity(start) = self.value(follow.base) else { return None };
        let node = self.node_of(start)?;
        let left_out = (follow.reach == Reach::OneOrMore && !self.on_cycle(follow, node)).then_some(node);
        self.with_scratch(|list| {
            let reached = self.graph.closure(node, follow.relation, false, self.query.now, list);
            let (mut any, mut known) = (false, true);
            let stream = self.each(a, &mut |item| {
                any = true;
                let Val::Entity(entity) = item else {
                    known = false;
                    return ControlFlow::Continue(());
                };
                let found = self
                    .node_of(entity)
                    .is_some_and(|far| Some(far) != left_out && reached.binary_search(&far).is_ok());
                if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            let open = || self.bound.has_placeholders() && reached.iter().any(|far| self.is_open(*far));
            match stream {
                Stream::Stopped => Some(Truth::True),
                Stream::Complete if any && known && !open() => Some(Truth::False),
                Stream::Complete | Stream::Incomplete => None,
            }
        })
    }

    /// `a.b has x` without listing; nothing when the step must be listed after all.
    pub(super) fn follow_contains(&self, set: Ix, follow: u32, item: Ent<'a>) -> Option<Truth> {
        let follow = self.program.follow(follow);
        if follow.filter.is_some() || !self.program.is_graph_only(follow.relation) {
            return None;
        }
        let item = self.node_of(item)?;
        let found = if self.program.shape(follow.base) == Shape::Set {
            let mut found = Truth::False;
            let stream = self.each(follow.base, &mut |start| {
                found = found.or(match start {
                    Val::Entity(start) => self.leads_to(follow, start, item),
                    _ => Truth::Unknown,
                });
                if found == Truth::True { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if stream == Stream::Incomplete { found.or(Truth::Unknown) } else { found }
        } else {
            match self.value(follow.base) {
                Val::Entity(start) => self.leads_to(follow, start, item),
                _ => Truth::Unknown,
            }
        };
        if found == Truth::Unknown {
            self.missing.set(set);
        }
        Some(found)
    }

    fn leads_to(&self, follow: &Follow, start: Ent<'a>, item: NodeId) -> Truth {
        let Follow { relation, inverse, reach, .. } = *follow;
        let Some(node) = self.node_of(start) else {
            let itself = reach == Reach::ZeroOrMore && self.same(start, Ent::Node(item));
            return if itself { Truth::True } else { Truth::Unknown };
        };
        let reached = match reach {
            Reach::One => self.has_edge(follow, node, item),
            Reach::OneOrMore if node == item => self.on_cycle(follow, node),
            Reach::ZeroOrMore | Reach::OneOrMore => {
                self.graph.reaches(node, relation, inverse, item, self.query.now)
            }
        };
        if reached {
            return Truth::True;
        }
        let open = (inverse && self.may_have_more_sources(relation))
            || self.is_open(node)
            || (reach != Reach::One
                && self.bound.has_placeholders()
                && self.with_scratch(|list| {
                    let closure = self.graph.closure(node, relation, inverse, self.query.now, list);
                    closure.iter().any(|far| self.is_open(*far))
                }));
        if open { Truth::Unknown } else { Truth::False }
    }

    /// Looks from both ends at once, so that the end with fewer edges sets the price.
    fn has_edge(&self, follow: &Follow, node: NodeId, item: NodeId) -> bool {
        let (from, to) = if follow.inverse { (item, node) } else { (node, item) };
        let graph = self.graph;
        if let Some(targets) = graph.targets(from, follow.relation) {
            return targets.binary_search(&to).is_ok();
        }
        let mut out = graph.out(from, follow.relation, self.query.now);
        let mut into = graph.into(to, follow.relation, self.query.now);
        loop {
            match (out.next(), into.next()) {
                (Some(edge), _) if edge.node == to => return true,
                (_, Some(edge)) if edge.node == from => return true,
                (Some(_), Some(_)) => {}
                _ => return false,
            }
        }
    }
}
