//! Walking relations: steps, closures, filters and membership, with what the graph does not know left open.

use std::ops::ControlFlow;

use remit_graph::{Edge, NodeId};
use remit_model::{AttrId, Provenance};
use rustc_hash::FxHashSet;

use super::Eval;
use super::sets::{Sink, Stream};
use crate::lower::{Reach, Who};
use crate::program::{Follow, Ix, Node, Shape};
use crate::truth::Truth;
use crate::val::{Ent, Val};

/// Where the first step from an entity leads.
enum First<'a> {
    /// Over the edges of this node.
    Edges(NodeId),
    /// To what the PEP asserts.
    Asserted(Val<'a>),
    /// Nobody knows.
    Unseen,
}

impl<'a> Eval<'a> {
    /// `a.b` to one entity.
    pub(super) fn follow_one(&self, follow: u32) -> Val<'a> {
        let follow = self.program.follow(follow);
        let Val::Entity(start) = self.value(follow.base) else { return Val::Unknown };
        let mut found = Val::Unknown;
        let mut several = false;
        let stream = self.expand(follow, start, &mut |item| {
            several = !found.is_unknown() && found != item;
            found = item;
            if several { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        // WHY: two ends of a relation to one, or an edge that may or may not count, name no single entity.
        if several || stream != Stream::Complete { Val::Unknown } else { found }
    }

    /// Every entity a step leads to, from one entity or from each of a set.
    pub(super) fn each_followed(&self, follow: u32, sink: Sink<'_, 'a>) -> Stream {
        let follow = self.program.follow(follow);
        if self.program.shape(follow.base) != Shape::Set {
            return match self.value(follow.base) {
                Val::Entity(start) => self.expand(follow, start, sink),
                _ => Stream::Incomplete,
            };
        }
        // WHY: starts are made distinct first, so that the work is bounded by edges and not by paths.
        let mut starts: FxHashSet<Val<'a>> = FxHashSet::default();
        let mut whole = Stream::Complete;
        let ended = self.each(follow.base, &mut |item| {
            let part = match self.canonical(item) {
                Val::Entity(start) if starts.insert(Val::Entity(start)) => self.expand(follow, start, sink),
                Val::Entity(_) => Stream::Complete,
                _ => Stream::Incomplete,
            };
            whole = whole.and(part);
            if part == Stream::Stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        ended.and(whole)
    }

    /// What one entity leads to.
    fn expand(&self, follow: &Follow, start: Ent<'a>, sink: Sink<'_, 'a>) -> Stream {
        match self.first(follow, start) {
            First::Edges(node) => self.expand_node(follow, node, sink),
            First::Asserted(value) => self.expand_asserted(follow, start, value, sink),
            First::Unseen if follow.reach == Reach::ZeroOrMore => {
                Stream::Incomplete.and(self.give(Val::Entity(start), sink))
            }
            First::Unseen => Stream::Incomplete,
        }
    }

    fn first(&self, follow: &Follow, start: Ent<'a>) -> First<'a> {
        let node = self.node_of(start).filter(|node| !self.is_open(*node));
        let known = node.map_or(First::Unseen, First::Edges);
        if follow.inverse || self.program.is_graph_only(follow.relation) {
            return known;
        }
        match follow.party {
            Some(who) => self.first_of_party(who, follow.relation, node),
            None => {
                let declared = node.and_then(|node| self.declared(Some(self.graph.type_of(node)), follow.relation));
                match declared {
                    Some(declared) if !declared.sources.contains(&Provenance::Graph) => First::Unseen,
                    _ => known,
                }
            }
        }
    }

    /// The first source, in the order of the schema, that has an end to show.
    fn first_of_party(&self, who: Who, relation: AttrId, node: Option<NodeId>) -> First<'a> {
        let party = self.party(who);
        let known = node.map_or(First::Unseen, First::Edges);
        let Some(declared) = self.declared(party.type_id, relation) else { return known };
        for source in &declared.sources {
            match source {
                Provenance::Graph => {
                    let has_edge =
                        |node: &NodeId| self.graph.out(*node, relation, self.query.now).next().is_some();
                    if let Some(node) = node.filter(has_edge) {
                        return First::Edges(node);
                    }
                }
                Provenance::Request => {
                    if let Some(value) = self.asserted(party, declared) {
                        return First::Asserted(value);
                    }
                }
                Provenance::Token => {}
            }
        }
        if declared.sources.contains(&Provenance::Graph) { known } else { First::Unseen }
    }

    fn expand_asserted(&self, follow: &Follow, start: Ent<'a>, ends: Val<'a>, sink: Sink<'_, 'a>) -> Stream {
        let mut whole = Stream::Complete;
        if follow.reach == Reach::ZeroOrMore {
            whole = self.give(Val::Entity(start), sink);
        }
        let schema = self.program.schema();
        let several = match ends {
            Val::Set(items, of) => Some(Val::elements(items, of, schema)),
            _ => None,
        };
        let one = std::iter::once(ends).filter(|_| several.is_none());
        for end in several.into_iter().flatten().chain(one) {
            if whole == Stream::Stopped {
                break;
            }
            let Val::Entity(end) = end else { return Stream::Incomplete };
            let part = match follow.filter.map_or(Truth::True, |filter| self.passes(filter, None)) {
                Truth::False => Stream::Complete,
                Truth::Unknown => Stream::Incomplete,
                Truth::True if follow.reach == Reach::One => self.give(Val::Entity(end), sink),
                Truth::True => {
                    let onward = Follow { reach: Reach::ZeroOrMore, party: None, ..*follow };
                    self.expand(&onward, self.node_of(end).map_or(end, Ent::Node), sink)
                }
            };
            whole = whole.and(part);
        }
        whole
    }

    fn expand_node(&self, follow: &Follow, node: NodeId, sink: Sink<'_, 'a>) -> Stream {
        match (follow.reach, follow.filter) {
            (Reach::One, filter) => {
                let mut whole = Stream::Complete;
                self.edges(follow, node, &mut |edge| {
                    let part = match filter.map_or(Truth::True, |filter| self.passes(filter, Some(edge))) {
                        Truth::True => self.give(Val::Entity(Ent::Node(edge.node)), sink),
                        Truth::False => Stream::Complete,
                        Truth::Unknown => Stream::Incomplete,
                    };
                    whole = whole.and(part);
                    whole != Stream::Stopped
                });
                whole
            }
            (_, Some(filter)) => self.walk(follow, filter, node, sink),
            (reach, None) => self.with_scratch(|list| {
                let reached =
                    self.graph.closure(node, follow.relation, follow.inverse, self.query.now, list);
                let mut whole = Stream::Complete;
                for far in reached {
                    if self.is_open(*far) {
                        whole = Stream::Incomplete;
                    }
                    if reach == Reach::OneOrMore && *far == node && !self.on_cycle(follow, node) {
                        continue;
                    }
                    whole = whole.and(self.give(Val::Entity(Ent::Node(*far)), sink));
                    if whole == Stream::Stopped {
                        break;
                    }
                }
                whole
            }),
        }
    }

    /// Repeats a filtered step; each node is expanded once.
    fn walk(&self, follow: &Follow, filter: Ix, start: NodeId, sink: Sink<'_, 'a>) -> Stream {
        let mut whole = Stream::Complete;
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut queue = vec![start];
        if follow.reach == Reach::ZeroOrMore {
            seen.insert(start);
            whole = self.give(Val::Entity(Ent::Node(start)), sink);
        }
        while let Some(near) = queue.pop() {
            if whole == Stream::Stopped {
                break;
            }
            if self.is_open(near) {
                whole = whole.and(Stream::Incomplete);
                continue;
            }
            self.edges(follow, near, &mut |edge| {
                let part = match self.passes(filter, Some(edge)) {
                    Truth::True if seen.insert(edge.node) => {
                        queue.push(edge.node);
                        self.give(Val::Entity(Ent::Node(edge.node)), sink)
                    }
                    Truth::True | Truth::False => Stream::Complete,
                    Truth::Unknown => Stream::Incomplete,
                };
                whole = whole.and(part);
                whole != Stream::Stopped
            });
        }
        whole
    }

    /// Edges from a node in the direction of the step, until the reader says no or the budget ends.
    fn edges(&self, follow: &Follow, node: NodeId, read: &mut dyn FnMut(Edge) -> bool) {
        let graph = self.graph;
        let now = self.query.now;
        if follow.inverse {
            let _ = graph.into(node, follow.relation, now).try_for_each(|edge| read(edge).then_some(()));
        } else {
            let _ = graph.out(node, follow.relation, now).try_for_each(|edge| read(edge).then_some(()));
        }
    }

    fn passes(&self, filter: Ix, edge: Option<Edge>) -> Truth {
        if !self.step() {
            return Truth::Unknown;
        }
        let outer = self.edge.replace(edge.map(|edge| edge.edge));
        let truth = self.truth(filter);
        self.edge.set(outer);
        truth
    }

    fn on_cycle(&self, follow: &Follow, node: NodeId) -> bool {
        let mut back = false;
        self.edges(follow, node, &mut |edge| {
            back = self.graph.reaches(edge.node, follow.relation, follow.inverse, node, self.query.now);
            !back
        });
        back
    }

    /// An unfiltered closure from one entity: cheap to ask, dear to list.
    pub(super) fn is_closure(&self, set: Ix) -> bool {
        let Node::Follow(follow) = self.program.node(set) else { return false };
        let follow = self.program.follow(follow);
        follow.reach != Reach::One && follow.filter.is_none() && self.program.shape(follow.base) != Shape::Set
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
        let Some(node) = self.node_of(start).filter(|node| !self.is_open(*node)) else {
            let itself = follow.reach == Reach::ZeroOrMore && self.same(start, Ent::Node(item));
            return if itself { Truth::True } else { Truth::Unknown };
        };
        let Follow { relation, inverse, .. } = *follow;
        let reached = match follow.reach {
            Reach::One => return Truth::from(self.has_edge(follow, node, item)),
            Reach::OneOrMore if node == item => self.on_cycle(follow, node),
            Reach::ZeroOrMore | Reach::OneOrMore => {
                self.graph.reaches(node, relation, inverse, item, self.query.now)
            }
        };
        if reached {
            return Truth::True;
        }
        let open = self.bound.has_placeholders()
            && self.with_scratch(|list| {
                let closure = self.graph.closure(node, relation, inverse, self.query.now, list);
                closure.iter().any(|far| self.is_open(*far))
            });
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

    /// `a in b`: the same entity, or a member of it over membership relations.
    pub(crate) fn is_member(&self, a: Ent<'a>, b: Ent<'a>) -> Truth {
        if self.same(a, b) {
            return Truth::True;
        }
        let Some(node) = self.node_of(a).filter(|node| !self.is_open(*node)) else { return Truth::Unknown };
        if self.node_of(b).is_some_and(|of| self.graph.is_member(node, of, self.query.now)) {
            return Truth::True;
        }
        if self.has_open_ancestor(node) { Truth::Unknown } else { Truth::False }
    }

    /// Whether something `node` is a member of may itself be a member of more.
    pub(crate) fn has_open_ancestor(&self, node: NodeId) -> bool {
        self.bound.has_placeholders()
            && self.with_scratch(|list| {
                let ancestors = self.graph.ancestors(node, self.query.now, list);
                ancestors.iter().any(|ancestor| self.is_open(*ancestor))
            })
    }

    /// Only named by edges: its own attributes and relations are unknown.
    pub(crate) fn is_open(&self, node: NodeId) -> bool {
        self.bound.has_placeholders() && self.graph.is_placeholder(node)
    }
}
