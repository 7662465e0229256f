//! An edge: what it may carry beside its two ends, and how a snapshot names it.

use std::sync::Arc;

use remit_model::{AttrId, Timestamp, Value};

use crate::NodeId;

/// What an edge carries: properties, and the interval in which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct EdgeData {
    /// Properties by name; sorted once the edge is added.
    pub properties: Vec<(Arc<str>, Value)>,
    /// The first instant at which the edge holds; none: always did.
    pub valid_from: Option<Timestamp>,
    /// The first instant at which it no longer holds; none: for ever.
    pub valid_until: Option<Timestamp>,
}

impl EdgeData {
    /// True when the edge holds at `now`: the interval is closed at its start and open at its end.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now) && self.valid_until.is_none_or(|until| now < until)
    }

    /// True when the edge does not hold at every instant.
    #[must_use]
    pub fn has_validity(&self) -> bool {
        self.valid_from.is_some() || self.valid_until.is_some()
    }

    /// A property by name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Value> {
        self.properties.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    /// The interval is empty.
    pub(crate) fn never_holds(&self) -> bool {
        self.valid_from.zip(self.valid_until).is_some_and(|(from, until)| until <= from)
    }

    /// Nothing but the two ends: such an edge stores no data at all.
    pub(crate) fn is_plain(&self) -> bool {
        self.properties.is_empty() && !self.has_validity()
    }

    /// The stored form: properties sorted by name, nothing when there is nothing to store.
    pub(crate) fn store(mut self) -> Option<Arc<Self>> {
        if self.is_plain() {
            return None;
        }
        self.properties.sort_by(|(left, _), (right, _)| left.cmp(right));
        self.properties.shrink_to_fit();
        Some(Arc::new(self))
    }
}

/// An edge of one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeId {
    /// Its relation.
    pub(crate) relation: AttrId,
    /// Its place among the edges of that relation.
    pub(crate) at: u32,
}

impl EdgeId {
    /// The relation this edge belongs to.
    #[must_use]
    pub fn relation(self) -> AttrId {
        self.relation
    }
}

/// An edge seen from one of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edge {
    /// The other end.
    pub node: NodeId,
    /// The edge itself.
    pub edge: EdgeId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_includes_its_start_and_excludes_its_end() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let data = EdgeData {
            valid_from: Some(at("2026-01-01")),
            valid_until: Some(at("2026-02-01")),
            ..EdgeData::default()
        };
        for (now, holds) in [
            ("2025-12-31T23:59:59.999999999Z", false),
            ("2026-01-01", true),
            ("2026-01-31T23:59:59.999999999Z", true),
            ("2026-02-01", false),
        ] {
            assert_eq!(data.holds_at(at(now)), holds, "{now}");
        }
        assert!(EdgeData::default().holds_at(at("0001-01-01")) && !EdgeData::default().has_validity());
    }
}
