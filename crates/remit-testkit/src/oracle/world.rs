//! The plain world: nodes in a map, edges in a list, and the question as owned values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_model::{EntityRef, Grant, Intent, Signal, Timestamp, Transaction, Value};

/// Everything the graph says. A far end that is not among the nodes is a placeholder.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    /// Nodes with their property values, typed as the schema declares them.
    pub nodes: BTreeMap<EntityRef, BTreeMap<String, Value>>,
    /// Edges in no particular order.
    pub edges: Vec<Edge>,
}

/// One edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Where it starts.
    pub from: EntityRef,
    /// The relation's name.
    pub relation: String,
    /// Where it ends.
    pub to: EntityRef,
    /// First instant at which it is there.
    pub valid_from: Option<Timestamp>,
    /// First instant at which it is no longer there.
    pub valid_until: Option<Timestamp>,
    /// Its properties.
    pub properties: BTreeMap<String, Value>,
}

impl Edge {
    /// Is it there at `now`?
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now) && self.valid_until.is_none_or(|until| now < until)
    }
}

impl World {
    /// Ends of edges that are no nodes.
    #[must_use]
    pub fn placeholders(&self) -> BTreeSet<&EntityRef> {
        let ends = self.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
        ends.filter(|end| !self.nodes.contains_key(*end)).collect()
    }
}

/// A party of the question: who, and what the PEP says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Type and id; neither need be known.
    pub entity: EntityRef,
    /// Asserted properties in JSON-natural kinds.
    pub asserted: Vec<(String, Value)>,
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Who everybody acts for.
    pub subject: Asked,
    /// The current agent, if any.
    pub actor: Option<Asked>,
    /// The action's name, declared or not.
    pub action: String,
    /// Properties of the action.
    pub action_properties: Vec<(String, Value)>,
    /// What is acted upon.
    pub resource: Asked,
    /// Top-level members of the context; `message` is one of them.
    pub context: Vec<(String, Value)>,
    /// When.
    pub now: Timestamp,
    /// Who asks.
    pub pep: String,
    /// Set when the request carries a chain, an intent, a transaction or tokens.
    pub unsupported: Option<&'static str>,
    /// What parties have agreed to and what was seen of them; unknown when it is not looked at.
    pub standing: Option<(Vec<Grant>, Vec<Signal>)>,
    /// Agents, purpose and history, when the question says anything of them.
    pub acting: Option<Acting>,
}

/// Agents, purpose and history of a question. The current agent is also [`Ask::actor`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Acting {
    /// Current first.
    pub chain: Vec<EntityRef>,
    /// The tool, and the hash its definition is said to have.
    pub tool: Option<(EntityRef, Option<String>)>,
    /// An intent that comes with the request, and whether a token signs it.
    pub goal: Option<(Arc<Intent>, bool)>,
    /// The transaction and its ancestors.
    pub past: Past,
    /// The subject is known to be a service account.
    pub service: bool,
    /// Claims of the verified token.
    pub claims: Option<Vec<(String, Value)>>,
    /// How surely everybody is known, 1 to 3: the subject, then the chain.
    pub assured: Vec<Option<u8>>,
}

/// What the question says of a transaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Past {
    /// Nothing.
    #[default]
    None,
    /// It names one that nobody knows.
    Unknown,
    /// From the transaction to its root.
    Known(Vec<Arc<Transaction>>),
}

impl Acting {
    /// The transaction.
    #[must_use]
    pub fn transaction(&self) -> Option<&Transaction> {
        self.lineage().first().map(|first| &**first)
    }

    /// From the transaction to its root.
    #[must_use]
    pub fn lineage(&self) -> &[Arc<Transaction>] {
        match &self.past {
            Past::Known(lineage) => lineage,
            Past::None | Past::Unknown => &[],
        }
    }

    /// The intent of the transaction, else the one that comes with the request.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        let goal = self.goal.as_ref().map(|(goal, _)| &**goal);
        self.transaction().map(|transaction| &*transaction.intent).or(goal)
    }
}
