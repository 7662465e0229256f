//! `Live`: what one request sees, from its first step to its last: a program bound to a graph, and their revisions.

use std::collections::BTreeSet;
use std::sync::Arc;

use remit_engine::Bound;
use remit_lang::source::Sources;
use remit_ledger::{Entity, Pseudonyms, Revision};

use crate::outline::Outline;
use crate::revisions::Revisions;
use crate::schemas::Schemas;

/// One published state. Immutable; publishing swaps the whole.
#[derive(Debug)]
pub struct Live {
    /// Program and graph.
    pub bound: Bound,
    /// The policy texts, for explanations.
    pub sources: Arc<Sources>,
    /// Numbers and digests.
    pub revisions: Revisions,
    /// The type of agents, where there is one.
    pub agent: Option<String>,
    /// What the policies say in outline.
    pub outline: Outline,
    /// What the contents of messages must follow, by their types.
    pub schemas: Arc<Schemas>,
    /// The types whose ids are personal data.
    pub persons: BTreeSet<String>,
    /// The candidate that decides beside it, for comparison only.
    pub shadow: Option<Arc<Live>>,
}

impl Live {
    /// How the ledger names the policies.
    #[must_use]
    pub fn policy_revision(&self) -> Revision {
        let policy = &self.revisions.policy;
        Revision { digest: policy.digest.clone(), revision: policy.revision }
    }

    /// How a record names a subject: it is a person unless it is an agent.
    pub(crate) fn subject(&self, pseudonyms: &Pseudonyms, kind: &str, id: &str) -> Entity {
        let agent = self.agent.as_deref() == Some(kind);
        if agent { Entity::new(kind, id) } else { Entity::new(kind, pseudonyms.of(kind, id)) }
    }

    /// How a record names anything else: it is a person when policies speak of its type as subjects.
    pub(crate) fn entity(&self, pseudonyms: &Pseudonyms, kind: &str, id: &str) -> Entity {
        let person = self.persons.contains(kind);
        if person { Entity::new(kind, pseudonyms.of(kind, id)) } else { Entity::new(kind, id) }
    }

    /// How the ledger names the graph.
    #[must_use]
    pub fn graph_revision(&self) -> Revision {
        let graph = &self.revisions.graph;
        Revision { digest: graph.digest.clone(), revision: graph.revision }
    }
}
