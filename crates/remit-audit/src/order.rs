//! What rows are ordered by, and the first of many rows without keeping all.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use remit_model::Number;

use crate::val::{Val, day};

/// A value in an order of all values; what is missing comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Nothing,
    Bool(bool),
    Number(Number),
    Instant(i128),
    Text(String),
    Hash([u8; 32]),
}

impl Key {
    pub(crate) fn of(value: Val<'_>) -> Self {
        match value {
            Val::Unknown => Self::Nothing,
            Val::Bool(value) => Self::Bool(value),
            Val::Number(value) => Self::Number(value),
            Val::Text(text) => Self::Text(text.to_owned()),
            Val::OneOf(names) => names.first().map_or(Self::Nothing, |name| Self::Text(name.to_string())),
            Val::Time(time) => Self::Instant(time.unix_nanos()),
            Val::Duration(length) => Self::Instant(length.nanos()),
            Val::Day(ms) => Self::Text(day(ms)),
            Val::Ip(ip) => Self::Text(ip.to_string()),
            Val::Level(_, rank) => Self::Number(i64::from(rank).into()),
            Val::Party { kind, id } => Self::Text(party(kind, id)),
            Val::Named { kind, ids } => Self::Text(party(kind, ids.first().map(|id| &**id))),
        }
    }
}

/// An entity in one word: `user:alice`; a type alone where the id is open.
pub(crate) fn party(kind: &str, id: Option<&str>) -> String {
    id.map_or_else(|| kind.to_owned(), |id| format!("{kind}:{id}"))
}

/// A record among others: its keys, then its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ranked<T> {
    /// Each with whether it is turned round.
    pub keys: Vec<(Key, bool)>,
    pub item: T,
}

impl<T: Ord> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        let mut pairs = self.keys.iter().zip(&other.keys).map(
            |((a, down), (b, _))| {
                if *down { b.cmp(a) } else { a.cmp(b) }
            },
        );
        pairs.find(|order| order.is_ne()).unwrap_or_else(|| self.item.cmp(&other.item))
    }
}

impl<T: Ord> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The first so many of what it is given.
pub(crate) struct First<T> {
    most: usize,
    heap: BinaryHeap<Ranked<T>>,
}

impl<T: Ord> First<T> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::new() }
    }

    /// Whether it is among the first so far.
    pub(crate) fn wants(&self, one: &Ranked<T>) -> bool {
        self.heap.len() < self.most || self.heap.peek().is_some_and(|last| one < last)
    }

    pub(crate) fn take(&mut self, one: Ranked<T>) {
        if self.wants(&one) {
            self.heap.push(one);
            if self.heap.len() > self.most {
                self.heap.pop();
            }
        }
    }

    pub(crate) fn sorted(self) -> Vec<T> {
        self.heap.into_sorted_vec().into_iter().map(|one| one.item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_those_of_the_whole_order() {
        for most in [1, 3, 7, 20] {
            let rank = |n: u64| Ranked {
                keys: vec![(Key::Number(i64::try_from(n * 7 % 5).unwrap().into()), true)],
                item: n,
            };
            let mut first = First::new(most);
            (0..10).for_each(|n| first.take(rank(n)));
            let mut all: Vec<_> = (0..10).map(rank).collect();
            all.sort();
            let expected: Vec<u64> = all.into_iter().take(most).map(|it| it.item).collect();
            assert_eq!(first.sorted(), expected, "{most}");
        }
    }
}
