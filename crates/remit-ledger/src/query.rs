//! What can be asked of the log, and whether a record answers it. Pure; knows no index and no file.

use crate::chain::Extent;
use crate::record::{Decision, Record};
use crate::row::{EntityKeys, Keys, Text};
use crate::time::Timestamp;

/// A question for decisions. Every part that is given must hold; an empty question gives all decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// About this subject.
    pub subject: Option<EntityFilter>,
    /// With this actor, outer or anywhere in the chain.
    pub actor: Option<EntityFilter>,
    /// For this action.
    pub action: Option<String>,
    /// On this resource.
    pub resource: Option<EntityFilter>,
    /// Answered so; searches have no decision and are never among these.
    pub decision: Option<Decision>,
    /// Determined by this rule: `package.name` in any version, or `package.name@version`.
    pub rule: Option<String>,
    /// For this reason code.
    pub reason: Option<String>,
    /// Asked by this PEP.
    pub pep: Option<String>,
    /// With this decision id.
    pub decision_id: Option<String>,
    /// Only what follows this record in the order of the answer: the `next` of the page before.
    pub after: Option<u64>,
    /// Latest first; otherwise in the order of the log.
    pub newest_first: bool,
    /// At most so many records.
    pub limit: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            subject: None,
            actor: None,
            action: None,
            resource: None,
            decision: None,
            rule: None,
            reason: None,
            pep: None,
            decision_id: None,
            after: None,
            newest_first: false,
            limit: 100,
        }
    }
}

/// Entities of a type, of an id, or of both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntityFilter {
    /// The type, if it matters.
    pub kind: Option<String>,
    /// The id, if it matters.
    pub id: Option<String>,
    /// Other ids that would do as well as `id`.
    pub also: Vec<String>,
}

impl EntityFilter {
    /// Exactly this entity.
    #[must_use]
    pub fn exactly(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), id: Some(id.into()), also: Vec::new() }
    }
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Page {
    /// The records, in the order asked for.
    pub records: Vec<Record>,
    /// The `after` of the next page; none when this is the last.
    pub next: Option<u64>,
    /// First and last record the page vouches for: no other record between them answers the question. None
    /// when there was nothing to look at.
    pub range: Option<(u64, u64)>,
    /// The first record that the log still has.
    pub first: u64,
    /// How far the log reached when it was asked.
    pub head: Extent,
}

/// The part of a rule's name that all its versions share.
pub(crate) fn unversioned(rule: &str) -> &str {
    rule.rsplit_once('@').map_or(rule, |(name, _)| name)
}

impl Query {
    /// Whether a decision with these keys answers the question.
    pub(crate) fn admits(&self, keys: &Keys<'_>) -> bool {
        let actor = |filter: &EntityFilter| keys.actor.iter().chain(&keys.chain).any(|it| filter.admits(it));
        self.from.is_none_or(|from| keys.time >= from)
            && self.to.is_none_or(|to| keys.time < to)
            && self.decision.is_none_or(|wanted| keys.decision == Some(wanted))
            && is(self.action.as_ref(), keys.action.as_ref())
            && is(self.reason.as_ref(), keys.reason.as_ref())
            && is(self.pep.as_ref(), keys.pep.as_ref())
            && is(self.decision_id.as_ref(), keys.decision_id.as_ref())
            && self
                .subject
                .as_ref()
                .is_none_or(|it| keys.subject.as_ref().is_some_and(|found| it.admits(found)))
            && self
                .resource
                .as_ref()
                .is_none_or(|it| keys.resource.as_ref().is_some_and(|found| it.admits(found)))
            && self.actor.as_ref().is_none_or(actor)
            && self.rule.as_ref().is_none_or(|wanted| keys.rules.iter().any(|it| names(wanted, &it.rule.0)))
    }

    /// Whether records written between these times may answer.
    pub(crate) fn overlaps(&self, earliest: Timestamp, latest: Timestamp) -> bool {
        self.from.is_none_or(|from| latest >= from) && self.to.is_none_or(|to| earliest < to)
    }
}

impl EntityFilter {
    fn admits(&self, found: &EntityKeys<'_>) -> bool {
        self.kind.as_ref().is_none_or(|kind| found.kind.0 == kind.as_str())
            && (is(self.id.as_ref(), found.id.as_ref())
                || found.id.as_ref().is_some_and(|id| self.also.iter().any(|also| *also == id.0)))
    }
}

fn is(wanted: Option<&String>, found: Option<&Text<'_>>) -> bool {
    wanted.is_none_or(|wanted| found.is_some_and(|found| found.0 == wanted.as_str()))
}

fn names(wanted: &str, found: &str) -> bool {
    wanted == found || (!wanted.contains('@') && unversioned(found) == wanted)
}
