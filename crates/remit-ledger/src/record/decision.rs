//! The fields of a decision record. Declared in the order of their JSON names, which makes the derived
//! writer canonical; a test holds that.

use super::plain::{Plain, by_utf16};
use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One question and what was answered, with what it rested on.
///
/// No token and no raw context enters: the context stands as its hash, and of a fact only its name and where
/// it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The action asked for; none for an action search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The outer actor, when someone acts for the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Entity>,
    /// SHA-256 of what stands beside the record: the question as asked and what an allowed step changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// All actors, the current one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Link>,
    /// SHA-256 of the request's context, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_hash: Option<String>,
    /// What was answered; none for a search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The id the answer carries.
    pub decision_id: String,
    /// Version of the engine.
    pub engine: Cow<'static, str>,
    /// The facts the rules read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactRead>,
    /// Why agents, purpose or history denied: a reason code and what it is about, the gravest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    /// The graph the answer was computed on.
    pub graph: Revision,
    /// Whose identity the call carried: `user`, `agent`, `user+agent`, `workload`, `workload+user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Hash of the intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// From request to verdict.
    pub latency_us: u32,
    /// Facts that a rule needed and did not get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// How the question came.
    pub mode: Mode,
    /// What was odd about the identity, though no reason to refuse it: `stale_keys`, `scopes_reduced` …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the PEP was told to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<ObligationNote>,
    /// The authenticated caller.
    pub pep: Arc<str>,
    /// The policies the answer was computed from.
    pub policy: Revision,
    /// The reason code.
    pub reason: Cow<'static, str>,
    /// `X-Request-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What it was about; none for some searches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Entity>,
    /// The rules that determined the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleUse>,
    /// The gravest grade of what denied: `informational`, `low`, `medium`, `high` or `critical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// What a candidate policy decided beside, where that was something else; it never is the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// Who everybody acts for; none for some searches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Entity>,
    /// The task of the intent that the step belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The tenant, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    /// The `now` of the decision.
    pub time: Timestamp,
    /// SHA-256 of each verified token, in hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// The transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
}

/// Type and id of anything; a search leaves the id of what it looks for open.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entity {
    /// The id; none where a search asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Entity {
    /// An entity of this type and id.
    #[must_use]
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), kind: kind.into() }
    }

    /// Any entity of this type.
    #[must_use]
    pub fn any(kind: impl Into<String>) -> Self {
        Self { id: None, kind: kind.into() }
    }
}

/// One actor of a delegation chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id.
    pub id: String,
    /// Who vouched for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The answer of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// `"decision": true`
    Allow,
    /// `"decision": false`
    Deny,
}

impl Decision {
    /// As in the record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// A fact that a rule read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactRead {
    /// Its name, as the policy spells it.
    pub name: String,
    /// Where it came from: the PEP, a token, the graph or the PDP itself.
    pub provenance: String,
}

/// A numbered, hashed state of policies or graph.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Revision {
    /// SHA-256 of the whole, in hex.
    pub digest: Arc<str>,
    /// Its number.
    pub revision: u64,
}

/// A rule that determined the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleUse {
    /// What it says.
    pub effect: Effect,
    /// `package.name@version`
    pub rule: String,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It permits.
    Permit,
    /// It forbids.
    Forbid,
    /// It demands something of every permitted request.
    Require,
}

/// What a candidate policy would have answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// The answer.
    pub decision: Decision,
    /// Digest of the candidate.
    pub policy: String,
    /// The reason code.
    pub reason: String,
    /// The rules that determined it; the first of them where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleUse>,
}

/// How the question came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// One question.
    Evaluation,
    /// One of many.
    Batch {
        /// Its place in the batch, from 0.
        index: u32,
    },
    /// A search, which answers with a set.
    Search {
        /// What was looked for.
        query: SearchKind,
        /// How many were found on this page.
        results: u32,
    },
}

/// What a search looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchKind {
    /// Who can do this?
    Subject,
    /// On what can he do this?
    Resource,
    /// What can he do with this?
    Action,
}

/// An obligation that went out with the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObligationNote {
    /// Its id.
    pub id: String,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", serialize_with = "by_utf16")]
    pub parameters: BTreeMap<String, Plain>,
}
