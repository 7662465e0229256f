//! Walking relations: steps, closures, filters and membership, with what the graph does not know left open.

use std::ops::ControlFlow;

use remit_graph::{Edge, NodeId};
use remit_model::{AttrId, Provenance};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::Eval;
use super::sets::{Sink, Stream};
use crate::index::PARTIES;
use crate::lower::{Reach, Who};
use crate::program::{Follow, Ix, Shape};
use crate::truth::Truth;
use crate::val::{Ent, Val};

/// Entities met so far: a few in a list, many in a table.
#[derive(Default)]
struct Distinct<'a> {
    few: SmallVec<[Ent<'a>; 16]>,
    many: FxHashSet<Ent<'a>>,
}

impl<'a> Distinct<'a> {
    /// True when it was not there before.
    fn insert(&mut self, entity: Ent<'a>) -> bool {
        if self.many.is_empty() {
            if self.few.contains(&entity) {
                return false;
            }
            if self.few.len() < self.few.inline_size() {
                self.few.push(entity);
                return true;
            }
            self.many.extend(self.few.drain(..));
        }
        self.many.insert(entity)
    }
}

/// Where the first step from an entity leads.
enum First<'a> {
    /// Over the edges of this node, which may not be all of them.
    Edges(NodeId, Stream),
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
        let known_distinct = self.is_closure(follow.base);
        let mut starts = Distinct::default();
        let mut whole = Stream::Complete;
        let ended = self.each(follow.base, &mut |item| {
            let part = match self.canonical(item) {
                Val::Entity(start) if known_distinct || starts.insert(start) => {
                    self.expand(follow, start, sink)
                }
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
        if follow.reach != Reach::One {
            let plain = follow.filter.is_none() && self.program.is_graph_only(follow.relation);
            return match self.node_of(start) {
                Some(node) if plain => self.closure(follow, node, sink),
                _ => self.walk(follow, start, sink),
            };
        }
        self.step_from(follow, start, follow.party, &mut |end| self.give(Val::Entity(end), sink))
    }

    /// One step from one entity: every end that counts goes to `read`.
    pub(super) fn step_from(
        &self,
        follow: &Follow,
        start: Ent<'a>,
        party: Option<Who>,
        read: &mut dyn FnMut(Ent<'a>) -> Stream,
    ) -> Stream {
        match self.first(follow, start, party) {
            First::Edges(node, mut whole) => {
                if let (None, false, Some(ends)) =
                    (follow.filter, follow.inverse, self.graph.targets(node, follow.relation))
                {
                    for end in ends {
                        whole = whole.and(read(Ent::Node(*end)));
                        if whole == Stream::Stopped {
                            break;
                        }
                    }
                    return whole;
                }
                self.edges(follow, node, &mut |edge| {
                    let part = match self.passes(follow.filter, Some(edge)) {
                        Truth::True => read(Ent::Node(edge.node)),
                        Truth::False => Stream::Complete,
                        Truth::Unknown => Stream::Incomplete,
                    };
                    whole = whole.and(part);
                    whole != Stream::Stopped
                });
                whole
            }
            First::Asserted(value) => {
                let mut whole = Stream::Complete;
                self.asserted_ends(value, &mut |end| {
                    let part = match self.passes(follow.filter, None) {
                        Truth::True => read(end),
                        Truth::False => Stream::Complete,
                        Truth::Unknown => Stream::Incomplete,
                    };
                    whole = whole.and(part);
                    whole != Stream::Stopped
                });
                whole
            }
            First::Unseen => Stream::Incomplete,
        }
    }

    fn asserted_ends(&self, value: Val<'a>, read: &mut dyn FnMut(Ent<'a>) -> bool) {
        match value {
            Val::Entity(end) => {
                read(end);
            }
            Val::Set(items, of) => {
                for item in Val::elements(items, of, self.program.schema()) {
                    if let Val::Entity(end) = item
                        && !read(end)
                    {
                        return;
                    }
                }
            }
            _ => {}
        }
    }

    /// Which source answers for the first step, in the order of the schema.
    fn first(&self, follow: &Follow, start: Ent<'a>, party: Option<Who>) -> First<'a> {
        let relation = follow.relation;
        let node = self.node_of(start);
        if follow.inverse {
            let sure = |node| !self.is_open(node) && !self.may_have_more_sources(relation);
            return node.map_or(First::Unseen, |node| First::Edges(node, Stream::sure(sure(node))));
        }
        // WHY: what the graph tells of a placeholder is true, it is only not all.
        let known = node.map_or(First::Unseen, |node| First::Edges(node, Stream::sure(!self.is_open(node))));
        let node = node.filter(|node| !self.is_open(*node));
        if self.program.is_graph_only(relation) {
            return known;
        }
        let of = match (party, node) {
            (Some(who), _) => self.party(who).type_id,
            (None, Some(node)) => Some(self.graph.type_of(node)),
            (None, None) => None,
        };
        let Some(declared) = self.declared(of, relation) else { return known };
        for source in &declared.sources {
            match source {
                Provenance::Graph if node.is_some() => return known,
                Provenance::Request => {
                    if let Some(value) = party.and_then(|who| self.asserted(self.party(who), declared)) {
                        return First::Asserted(value);
                    }
                }
                Provenance::Token => {
                    if let Some(value) = party.and_then(|who| self.claimed(who, declared)) {
                        return First::Asserted(value);
                    }
                }
                Provenance::Graph => {}
            }
        }
        First::Unseen
    }

    /// Against direction: somebody of whom the graph has no record could have an edge to here.
    pub(super) fn may_have_more_sources(&self, relation: AttrId) -> bool {
        self.bound.is_open_relation(relation)
            || PARTIES.into_iter().any(|who| {
                let party = self.party(who);
                party.node.is_none_or(|node| self.is_open(node))
                    && self.declared(party.type_id, relation).is_some()
            })
    }

    /// Repeats an unfiltered step over recorded edges, from the graph's index where it has one.
    fn closure(&self, follow: &Follow, node: NodeId, sink: Sink<'_, 'a>) -> Stream {
        self.with_scratch(|list| {
            let reached = self.graph.closure(node, follow.relation, follow.inverse, self.query.now, list);
            let mut whole = Stream::sure(!(follow.inverse && self.may_have_more_sources(follow.relation)));
            for far in reached {
                if self.is_open(*far) {
                    whole = Stream::Incomplete;
                }
                if follow.reach == Reach::OneOrMore && *far == node && !self.on_cycle(follow, node) {
                    continue;
                }
                whole = whole.and(self.give(Val::Entity(Ent::Node(*far)), sink));
                if whole == Stream::Stopped {
                    break;
                }
            }
            whole
        })
    }

    /// Repeats a step edge by edge; each entity is expanded once.
    fn walk(&self, follow: &Follow, start: Ent<'a>, sink: Sink<'_, 'a>) -> Stream {
        let start = self.node_of(start).map_or(start, Ent::Node);
        let mut whole = Stream::Complete;
        let mut given: FxHashSet<Ent<'a>> = FxHashSet::default();
        let mut queue = vec![(start, follow.party)];
        let mut walked: FxHashSet<Ent<'a>> = FxHashSet::default();
        if follow.reach == Reach::ZeroOrMore {
            given.insert(start);
            whole = self.give(Val::Entity(start), sink);
        }
        while let Some((near, party)) = queue.pop() {
            if whole == Stream::Stopped || !self.step() {
                return whole.and(Stream::Incomplete);
            }
            if !walked.insert(near) {
                continue;
            }
            let part = self.step_from(follow, near, party, &mut |end| {
                let end = self.node_of(end).map_or(end, Ent::Node);
                queue.push((end, None));
                if given.insert(end) { self.give(Val::Entity(end), sink) } else { Stream::Complete }
            });
            whole = whole.and(part);
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

    fn passes(&self, filter: Option<Ix>, edge: Option<Edge>) -> Truth {
        let Some(filter) = filter else { return Truth::True };
        if !self.step() {
            return Truth::Unknown;
        }
        let outer = self.edge.replace(edge.map(|edge| edge.edge));
        let truth = self.truth(filter);
        self.edge.set(outer);
        truth
    }

    pub(super) fn on_cycle(&self, follow: &Follow, node: NodeId) -> bool {
        let mut back = false;
        self.edges(follow, node, &mut |edge| {
            back = self.graph.reaches(edge.node, follow.relation, follow.inverse, node, self.query.now);
            !back
        });
        back
    }

    /// Only named by edges: its own attributes and relations are unknown.
    pub(crate) fn is_open(&self, node: NodeId) -> bool {
        self.bound.has_placeholders() && self.graph.is_placeholder(node)
    }
}
