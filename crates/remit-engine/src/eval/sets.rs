//! Sets as streams of elements with completeness; quantifiers, containment and counting over them.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::ControlFlow;

use remit_model::Value;
use smallvec::SmallVec;

use super::Eval;
use super::lookup::record_member;
use crate::program::{Ix, Node, Shape};
use crate::truth::Truth;
use crate::val::{Ent, Val};

/// How a stream of elements ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Every element was seen.
    Complete,
    /// There may be elements that were not seen.
    Incomplete,
    /// The reader wanted no more.
    Stopped,
}

impl Stream {
    /// Complete when sure.
    pub(super) fn sure(sure: bool) -> Self {
        if sure { Self::Complete } else { Self::Incomplete }
    }

    /// Both parts of a union.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Stopped, _) | (_, Self::Stopped) => Self::Stopped,
            (Self::Complete, Self::Complete) => Self::Complete,
            _ => Self::Incomplete,
        }
    }
}

/// What takes elements.
pub(crate) type Sink<'s, 'a> = &'s mut dyn FnMut(Val<'a>) -> ControlFlow<()>;

impl<'a> Eval<'a> {
    /// Streams the elements of a set; an element may come more than once. What is no set is unknown: incomplete.
    pub(crate) fn each(&self, ix: Ix, sink: Sink<'_, 'a>) -> Stream {
        let stream = match self.program.node(ix) {
            Node::Follow(follow) => self.each_followed(follow, sink),
            Node::Set(run) => self.each_listed(run, sink),
            Node::Attribute(base, attr) if self.program.shape(base) == Shape::Set => {
                self.each_of(base, sink, |item| match item {
                    Val::Entity(entity) => self.attribute(ix, entity, attr),
                    _ => Val::Unknown,
                })
            }
            Node::Member(base, name) => match self.value(base) {
                Val::Record(members) => self.spread(record_member(members, self.program.name(name)), sink),
                _ => self.each_of(base, sink, |item| match item {
                    Val::Record(members) => record_member(members, self.program.name(name)),
                    _ => Val::Unknown,
                }),
            },
            Node::If(test, then, other) => match self.truth(test) {
                Truth::True => self.each(then, sink),
                Truth::False => self.each(other, sink),
                Truth::Unknown => Stream::Incomplete,
            },
            Node::Word(word) => match self.program.word(word) {
                Some(word) => self.each_word(word, sink),
                None => Stream::Incomplete,
            },
            _ => self.spread(self.value(ix), sink),
        };
        if stream == Stream::Incomplete {
            self.unseen(ix);
        }
        stream
    }

    /// Maps every element of a set and unites what comes out; a mapped set is taken apart.
    fn each_of(&self, base: Ix, sink: Sink<'_, 'a>, map: impl Fn(Val<'a>) -> Val<'a>) -> Stream {
        let mut whole = Stream::Complete;
        let ended = self.each(base, &mut |item| {
            let part = match map(item) {
                Val::Set(items, of) => self.spread(Val::Set(items, of), sink),
                value => self.give(value, sink),
            };
            whole = whole.and(part);
            if part == Stream::Stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        ended.and(whole)
    }

    fn each_listed(&self, run: crate::program::Run, sink: Sink<'_, 'a>) -> Stream {
        let mut whole = Stream::Complete;
        for item in self.program.list(run) {
            let part = if self.program.shape(*item) == Shape::Set {
                self.each(*item, sink)
            } else {
                match self.value(*item) {
                    Val::Set(items, of) => self.spread(Val::Set(items, of), sink),
                    value => self.give(value, sink),
                }
            };
            whole = whole.and(part);
            if whole == Stream::Stopped {
                break;
            }
        }
        whole
    }

    /// The elements of a value that is a set.
    fn spread(&self, value: Val<'a>, sink: Sink<'_, 'a>) -> Stream {
        let Val::Set(items, of) = value else { return Stream::Incomplete };
        let mut whole = Stream::Complete;
        for item in Val::elements(items, of, self.program.schema()) {
            whole = whole.and(self.give(item, sink));
            if whole == Stream::Stopped {
                break;
            }
        }
        whole
    }

    /// One element to the reader; an unknown one leaves the set incomplete.
    pub(super) fn give(&self, value: Val<'a>, sink: Sink<'_, 'a>) -> Stream {
        if value.is_unknown() || !self.step() {
            return Stream::Incomplete;
        }
        match sink(value) {
            ControlFlow::Continue(()) => Stream::Complete,
            ControlFlow::Break(()) => Stream::Stopped,
        }
    }

    /// Whether some element passes.
    fn some(&self, set: Ix, test: impl Fn(Val<'a>) -> Truth) -> Truth {
        let mut found = Truth::False;
        let stream = self.each(set, &mut |item| {
            found = found.or(test(item));
            if found == Truth::True { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if stream == Stream::Incomplete { found.or(Truth::Unknown) } else { found }
    }

    /// Whether every element passes.
    fn every(&self, set: Ix, test: impl Fn(Val<'a>) -> Truth) -> Truth {
        self.some(set, |item| test(item).negate()).negate()
    }

    /// `set has item`
    pub(super) fn contains(&self, set: Ix, item: Ix) -> Truth {
        match self.value(item) {
            Val::Unknown | Val::Set(..) => Truth::Unknown,
            value => self.contains_value(set, value),
        }
    }

    fn contains_value(&self, set: Ix, item: Val<'a>) -> Truth {
        if let (Node::Follow(follow), Val::Entity(entity)) = (self.program.node(set), item)
            && let Some(found) = self.follow_contains(set, follow, entity)
        {
            return found;
        }
        self.some(set, |element| self.equal(element, item))
    }

    /// `a has any b`: some element of `b` is in `a`.
    pub(super) fn has_any(&self, a: Ix, b: Ix) -> Truth {
        if let Some(found) = self.meets_closure(a, b) {
            return found;
        }
        // WHY: what is usually asked: does a message hold anything of a long list?
        let listed =
            matches!(self.program.node(b), Node::Const(_)) && matches!(self.value(b), Val::Set([_, ..], _));
        if listed && self.holds_nothing(a) {
            return Truth::False;
        }
        let members = self.membership(a);
        self.some(b, members)
    }

    /// `a has all b`: every element of `b` is in `a`.
    pub(super) fn has_all(&self, a: Ix, b: Ix) -> Truth {
        let members = self.membership(a);
        self.every(b, members)
    }

    /// Tells of values whether they are in a set. A set that stands as one value is read once, when it is first asked.
    fn membership(&self, set: Ix) -> impl Fn(Val<'a>) -> Truth {
        let read = OnceCell::new();
        move |item| {
            if !self.stands_as_one(set) {
                return self.contains_value(set, item);
            }
            let items = *read.get_or_init(|| self.value(set));
            let mut found = Truth::False;
            let stream = self.spread(items, &mut |element| {
                found = found.or(self.equal(element, item));
                if found == Truth::True { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if stream == Stream::Incomplete {
                self.unseen(set);
                return found.or(Truth::Unknown);
            }
            found
        }
    }

    /// Whether a set stands as one value and is known to be empty.
    fn holds_nothing(&self, set: Ix) -> bool {
        self.stands_as_one(set) && matches!(self.value(set), Val::Set([], _))
    }

    /// Whether [`Self::each`] would give the elements of the node's value, and nothing else.
    fn stands_as_one(&self, set: Ix) -> bool {
        match self.program.node(set) {
            Node::Const(_) | Node::Field(_) | Node::PartyAttribute(..) => true,
            Node::Attribute(base, _) => self.program.shape(base) != Shape::Set,
            _ => false,
        }
    }

    /// Notes a set that may have elements that were not seen.
    fn unseen(&self, set: Ix) {
        if self.program.path(set).is_some() {
            self.missing.set(set);
        }
    }

    /// `any x in S: C`
    pub(super) fn any_of(&self, depth: u16, set: Ix, body: Ix) -> Truth {
        self.some(set, |item| {
            self.assign(depth, item);
            self.truth(body)
        })
    }

    /// `all x in S: C`
    pub(super) fn all_of(&self, depth: u16, set: Ix, body: Ix) -> Truth {
        self.every(set, |item| {
            self.assign(depth, item);
            self.truth(body)
        })
    }

    /// `count(S)`: distinct elements; unknown when some may not have been seen.
    pub(super) fn count(&self, set: Ix) -> Val<'a> {
        // WHY: the elements may be a caller's, who could choose ten thousand that meet under a hash without a secret.
        let mut plain: HashSet<Val<'a>> = HashSet::new();
        let mut nested: HashSet<Value> = HashSet::new();
        let stream = self.each(set, &mut |item| {
            match item {
                Val::Set(items, _) => drop(nested.insert(ordered(&Value::Set(items.into())))),
                Val::Record(members) => drop(nested.insert(ordered(&Value::Record(members.into())))),
                _ => drop(plain.insert(self.canonical(item))),
            }
            ControlFlow::Continue(())
        });
        match (stream, i64::try_from(plain.len() + nested.len())) {
            (Stream::Complete, Ok(count)) => Val::Number(count.into()),
            _ => Val::Unknown,
        }
    }

    /// One form for one element: an entity that has a node is that node.
    pub(crate) fn canonical(&self, value: Val<'a>) -> Val<'a> {
        match value {
            Val::Entity(entity) => Val::Entity(self.node_of(entity).map_or(entity, Ent::Node)),
            other => other,
        }
    }

    /// A set is present when it is known, or when something in it is.
    pub(super) fn set_present(&self, set: Ix) -> bool {
        let stream = self.each(set, &mut |_| ControlFlow::Break(()));
        stream != Stream::Incomplete
    }

    /// Each side has all of the other.
    pub(super) fn equal_sets(&self, a: Ix, b: Ix) -> Truth {
        self.has_all(a, b).and(self.has_all(b, a))
    }

    /// All elements, when all are known.
    pub(crate) fn collect(&self, set: Ix) -> Option<SmallVec<[Val<'a>; 8]>> {
        let mut items = SmallVec::new();
        let stream = self.each(set, &mut |item| {
            items.push(item);
            ControlFlow::Continue(())
        });
        (stream == Stream::Complete).then_some(items)
    }
}

/// Members by name and elements in order, so that equal things look equal.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Set(items) => {
            let mut items: Vec<Value> = items.iter().map(ordered).collect();
            items.sort_by_cached_key(|item| format!("{item:?}"));
            items.dedup();
            Value::Set(items.into())
        }
        Value::Record(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), ordered(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Record(members.into())
        }
        plain => plain.clone(),
    }
}
