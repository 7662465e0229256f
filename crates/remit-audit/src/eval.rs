//! One condition, three-valued, against one record: true, false, or unknown (`None`). What a policy would call unknown
//! is unknown here; nothing is allocated unless days are spelled.

use std::cell::RefCell;

use remit_lang::checked::{Arithmetic, Comparison, TextTest};
use remit_ledger::Column;
use remit_model::{IpNet, Schema};

use crate::cells::Cells;
use crate::field::Many;
use crate::lower::{Const, Node, Side};
use crate::val::{Val, equal, order};

/// Evaluates nodes against one record.
pub(crate) struct Eval<'a> {
    pub(crate) cells: &'a dyn Cells,
    pub(crate) schema: &'a Schema,
    /// The elements that quantifiers are at, with their places.
    variables: RefCell<Vec<(Val<'a>, usize)>>,
}

/// Both hold.
pub(crate) fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    not(and(not(a), not(b)))
}

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

impl<'a> Eval<'a> {
    pub(crate) fn new(cells: &'a dyn Cells, schema: &'a Schema) -> Self {
        Self { cells, schema, variables: RefCell::default() }
    }

    /// The value of a condition.
    pub(crate) fn truth(&self, node: &'a Node) -> Option<bool> {
        match node {
            Node::Not(of) => not(self.truth(of)),
            Node::And(parts) => {
                let mut all = Some(true);
                for part in parts {
                    all = and(all, self.truth(part));
                    if all == Some(false) {
                        break;
                    }
                }
                all
            }
            Node::Or(parts) => {
                let mut any = Some(false);
                for part in parts {
                    any = or(any, self.truth(part));
                    if any == Some(true) {
                        break;
                    }
                }
                any
            }
            Node::If(test, then, other) => match self.truth(test) {
                Some(true) => self.truth(then),
                Some(false) => self.truth(other),
                None => {
                    let then = self.truth(then);
                    if then == self.truth(other) { then } else { None }
                }
            },
            Node::Compare(comparison, a, b) => self.compare(*comparison, a, b),
            Node::Contains { set, item } => self.contains(set, self.value(item)),
            Node::HasAny(a, b) => self.some(b, &|item, _| self.contains(a, item)),
            Node::HasAll(a, b) => self.every(b, &|item, _| self.contains(a, item)),
            Node::Within(a, b) => within(self.value(a), self.value(b)),
            Node::Present(of, wanted) => Some(self.present(of) == *wanted),
            Node::Text(test, a, b) => self.text(*test, a, b),
            Node::Matches(of, pattern) => self.texts(self.value(of), &|text| pattern.is_match(text)),
            Node::AnyOf { depth, set, body } => self.some(set, &|item, at| {
                self.assign(*depth, item, at);
                self.truth(body)
            }),
            Node::AllOf { depth, set, body } => self.every(set, &|item, at| {
                self.assign(*depth, item, at);
                self.truth(body)
            }),
            _ => match self.value(node) {
                Val::Bool(value) => Some(value),
                _ => None,
            },
        }
    }

    /// The value of an expression that is no set.
    pub(crate) fn value(&self, node: &'a Node) -> Val<'a> {
        match node {
            Node::Const(value) => constant(value),
            Node::One(field) => field.read(self.cells, self.schema),
            Node::Variable(depth) => self.variable(*depth).0,
            Node::Side(depth, side) => self.side(*depth, *side),
            Node::Arithmetic(operator, a, b) => arithmetic(*operator, self.value(a), self.value(b)),
            Node::Count(set) => self.count(set),
            Node::If(test, then, other) if !node.is_condition() => match self.truth(test) {
                Some(true) => self.value(then),
                Some(false) => self.value(other),
                None => Val::Unknown,
            },
            Node::Many(_) | Node::Set(_) => Val::Unknown,
            _ => self.truth(node).map_or(Val::Unknown, Val::Bool),
        }
    }

    /// Whether an expression has a value; the one test that is never unknown.
    fn present(&self, node: &'a Node) -> bool {
        if node.is_set() {
            return self.each(node, &mut |_, _| false) != Stream::Incomplete;
        }
        !self.value(node).is_unknown()
    }

    fn compare(&self, comparison: Comparison, a: &'a Node, b: &'a Node) -> Option<bool> {
        if a.is_set() || b.is_set() {
            let same = || and(self.has_all(a, b), self.has_all(b, a));
            return match comparison {
                Comparison::Equal => same(),
                Comparison::NotEqual => not(same()),
                _ => None,
            };
        }
        let (a, b) = (self.value(a), self.value(b));
        match comparison {
            Comparison::Equal => equal(a, b, self.schema),
            Comparison::NotEqual => not(equal(a, b, self.schema)),
            Comparison::Less => order(a, b, self.schema).map(|order| order.is_lt()),
            Comparison::LessOrEqual => order(a, b, self.schema).map(|order| order.is_le()),
            Comparison::Greater => order(a, b, self.schema).map(|order| order.is_gt()),
            Comparison::GreaterOrEqual => order(a, b, self.schema).map(|order| order.is_ge()),
        }
    }

    fn text(&self, test: TextTest, a: &'a Node, b: &'a Node) -> Option<bool> {
        let Val::Text(part) = self.value(b) else { return None };
        self.texts(self.value(a), &|text| match test {
            TextTest::StartsWith => text.starts_with(part),
            TextTest::EndsWith => text.ends_with(part),
            TextTest::Contains => text.contains(part),
        })
    }

    fn texts(&self, value: Val<'_>, holds: &dyn Fn(&str) -> bool) -> Option<bool> {
        match value {
            Val::Text(text) => Some(holds(text)),
            Val::Day(ms) => Some(holds(&crate::val::day(ms))),
            _ => None,
        }
    }

    /// Streams the elements of a set with their places, until the reader has enough.
    pub(crate) fn each(&self, node: &'a Node, sink: &mut dyn FnMut(Val<'a>, usize) -> bool) -> Stream {
        match node {
            Node::Set(items) => {
                let mut stream = Stream::Complete;
                for (at, item) in items.iter().enumerate() {
                    if item.is_set() {
                        stream = stream.and(self.each(item, sink));
                    } else {
                        match self.value(item) {
                            Val::Unknown => stream = Stream::Incomplete,
                            value if !sink(value, at) => return Stream::Stopped,
                            _ => {}
                        }
                    }
                    if stream == Stream::Stopped {
                        return stream;
                    }
                }
                stream
            }
            Node::Many(many) => self.each_of(*many, sink),
            Node::If(test, then, other) => match self.truth(test) {
                Some(true) => self.each(then, sink),
                Some(false) => self.each(other, sink),
                None => Stream::Incomplete,
            },
            _ => Stream::Incomplete,
        }
    }

    /// Each list belongs to one kind of record; in others it is missing, not empty.
    fn each_of(&self, many: Many, sink: &mut dyn FnMut(Val<'a>, usize) -> bool) -> Stream {
        let kind = self.cells.text(Column::Kind);
        let owned = match many {
            Many::Texts(Column::DeniedBy) => kind == Some("incident"),
            Many::Texts(Column::Approved | Column::Changes) => {
                matches!(kind, Some("policy_published" | "graph_published"))
            }
            _ => kind == Some("decision"),
        };
        if !owned {
            return Stream::Incomplete;
        }
        let ids = if let Many::Texts(column) = many { column } else { Column::ChainIds };
        for at in 0..self.cells.count(ids) {
            let Some(text) = self.cells.one_of(ids, at) else { return Stream::Incomplete };
            let value = match many {
                Many::Texts(_) => Val::Text(text),
                Many::Chain => match self.cells.one_of(Column::ChainTypes, at) {
                    Some(kind) => Val::Party { kind, id: Some(text) },
                    None => return Stream::Incomplete,
                },
            };
            if !sink(value, at) {
                return Stream::Stopped;
            }
        }
        Stream::Complete
    }

    fn some(&self, set: &'a Node, test: &dyn Fn(Val<'a>, usize) -> Option<bool>) -> Option<bool> {
        let mut found = Some(false);
        let stream = self.each(set, &mut |item, at| {
            found = or(found, test(item, at));
            found != Some(true)
        });
        if stream == Stream::Incomplete { or(found, None) } else { found }
    }

    fn every(&self, set: &'a Node, test: &dyn Fn(Val<'a>, usize) -> Option<bool>) -> Option<bool> {
        not(self.some(set, &|item, at| not(test(item, at))))
    }

    fn contains(&self, set: &'a Node, item: Val<'a>) -> Option<bool> {
        if item.is_unknown() {
            return None;
        }
        self.some(set, &|element, _| equal(element, item, self.schema))
    }

    fn has_all(&self, a: &'a Node, b: &'a Node) -> Option<bool> {
        self.every(b, &|item, _| self.contains(a, item))
    }

    /// Distinct elements; unknown when some may not have been seen.
    fn count(&self, set: &'a Node) -> Val<'a> {
        let mut seen: Vec<Val<'a>> = Vec::new();
        let stream = self.each(set, &mut |item, _| {
            if !seen.iter().any(|known| equal(*known, item, self.schema) == Some(true)) {
                seen.push(item);
            }
            true
        });
        match (stream, i64::try_from(seen.len())) {
            (Stream::Complete, Ok(count)) => Val::Number(count.into()),
            _ => Val::Unknown,
        }
    }

    fn variable(&self, depth: u16) -> (Val<'a>, usize) {
        self.variables.borrow().get(usize::from(depth)).copied().unwrap_or((Val::Unknown, 0))
    }

    fn assign(&self, depth: u16, value: Val<'a>, at: usize) {
        let mut variables = self.variables.borrow_mut();
        let length = (usize::from(depth) + 1).max(variables.len());
        variables.resize(length, (Val::Unknown, 0));
        if let Some(slot) = variables.get_mut(usize::from(depth)) {
            *slot = (value, at);
        }
    }

    fn side(&self, depth: u16, side: Side) -> Val<'a> {
        let (value, at) = self.variable(depth);
        let text = |text: Option<&'a str>| text.map_or(Val::Unknown, Val::Text);
        match (value, side) {
            (Val::Party { kind, .. } | Val::Named { kind, .. }, Side::Type) => Val::Text(kind),
            (Val::Party { id, .. }, Side::Id) => text(id),
            (Val::Named { ids, .. }, Side::Id) => Val::OneOf(ids),
            (Val::Party { .. }, Side::Issuer) => {
                text(self.cells.one_of(Column::ChainIssuers, at).filter(|issuer| !issuer.is_empty()))
            }
            _ => Val::Unknown,
        }
    }
}

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
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Stopped, _) | (_, Self::Stopped) => Self::Stopped,
            (Self::Complete, Self::Complete) => Self::Complete,
            _ => Self::Incomplete,
        }
    }
}

fn constant(value: &Const) -> Val<'_> {
    match value {
        Const::Unknown => Val::Unknown,
        Const::Bool(value) => Val::Bool(*value),
        Const::Number(value) => Val::Number(*value),
        Const::Text(text) => Val::Text(text),
        Const::OneOf(names) => Val::OneOf(names),
        Const::Time(value) => Val::Time(*value),
        Const::Duration(value) => Val::Duration(*value),
        Const::Ip(value) => Val::Ip(*value),
        Const::Level(of, rank) => Val::Level(*of, *rank),
        Const::Named { kind, ids } => Val::Named { kind, ids },
    }
}

fn within(address: Val<'_>, network: Val<'_>) -> Option<bool> {
    let read = |value: Val<'_>| match value {
        Val::Ip(ip) => Some(ip),
        Val::Text(text) => IpNet::parse(text),
        _ => None,
    };
    Some(read(network)?.contains(&read(address)?))
}

fn arithmetic<'a>(operator: Arithmetic, a: Val<'a>, b: Val<'a>) -> Val<'a> {
    use Arithmetic::{Add, Multiply, Subtract};
    let result = match (operator, a, b) {
        (Add, Val::Number(a), Val::Number(b)) => a.checked_add(b).map(Val::Number),
        (Subtract, Val::Number(a), Val::Number(b)) => a.checked_sub(b).map(Val::Number),
        (Multiply, Val::Number(a), Val::Number(b)) => a.checked_mul(b).map(Val::Number),
        (Add, Val::Time(a), Val::Duration(b)) | (Add, Val::Duration(b), Val::Time(a)) => {
            a.checked_add(b).map(Val::Time)
        }
        (Subtract, Val::Time(a), Val::Duration(b)) => a.checked_sub(b).map(Val::Time),
        (Subtract, Val::Time(a), Val::Time(b)) => Some(Val::Duration(a.since(b))),
        (Add, Val::Duration(a), Val::Duration(b)) => a.checked_add(b).map(Val::Duration),
        (Subtract, Val::Duration(a), Val::Duration(b)) => a.checked_sub(b).map(Val::Duration),
        _ => None,
    };
    result.unwrap_or(Val::Unknown)
}

#[cfg(test)]
mod tests;
