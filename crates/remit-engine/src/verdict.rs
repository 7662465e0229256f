//! `Verdict`: the decision with everything that led to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_model::{DelegationChain, EntityRef, Name, Provenance, Reason, Value};

use crate::lower::{Effect, Severity};
use crate::program::RuleIndex;

/// How one layer of the decision came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LayerOutcome {
    /// It allows.
    Holds,
    /// It denies.
    Fails,
    /// It has nothing to say about this question.
    #[default]
    Absent,
}

/// The five layers; the answer is allow when each of them holds or is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Layers {
    /// Some permit applies to the subject.
    pub subject_may: LayerOutcome,
    /// Every member of the chain may act.
    pub actor_may: LayerOutcome,
    /// The intent contains the request.
    pub intent_covers: LayerOutcome,
    /// The transaction allows one more step.
    pub history_fits: LayerOutcome,
    /// No forbid applies and every require holds.
    pub nothing_forbids: LayerOutcome,
}

/// One of the five layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// [`Layers::subject_may`]
    SubjectMay,
    /// [`Layers::actor_may`]
    ActorMay,
    /// [`Layers::intent_covers`]
    IntentCovers,
    /// [`Layers::history_fits`]
    HistoryFits,
    /// [`Layers::nothing_forbids`]
    NothingForbids,
}

/// Why one of the layers for agents, purpose and history denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The layer.
    pub layer: Layer,
    /// The published reason.
    pub reason: Reason,
    /// What it is about: `chain`, `tool`, `tasks.pay.arguments.amount`.
    pub field: String,
    /// What is wrong with it. It names agents, tools and tasks, never a value of the request.
    pub detail: String,
}

/// What an allowed step changes in its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The task that the step belongs to.
    pub task: Name,
    /// What is done.
    pub action: Name,
    /// To what.
    pub resource: EntityRef,
    /// The members of `action.properties`.
    pub arguments: BTreeMap<String, Value>,
    /// Who acts.
    pub chain: Option<DelegationChain>,
    /// Labels that it adds.
    pub labels: BTreeSet<Name>,
    /// Labels that it takes away.
    pub unlabels: BTreeSet<Name>,
}

/// Whether a rule that decided was certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Its condition is true.
    True,
    /// Its condition is unknown, which makes a forbid or require deny.
    Unknown,
}

/// A rule that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHit {
    /// Its place in the program.
    pub rule: RuleIndex,
    /// `package.name`
    pub id: Arc<str>,
    /// What it says.
    pub effect: Effect,
    /// The version of its package.
    pub version: Option<Arc<str>>,
    /// Who approved its package.
    pub approved_by: Option<Arc<str>>,
    /// How it came out.
    pub outcome: Outcome,
    /// Its text for people, holes filled.
    pub because: Option<String>,
    /// The grade of the incident it raises when it denies.
    pub severity: Severity,
}

/// An obligation or a piece of advice with its values. A property whose value is unknown is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyValue {
    /// Its type on the wire.
    pub kind: Name,
    /// Its properties in written order.
    pub properties: Vec<(Name, Value)>,
}

/// A value that a rule needed and did not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingFact {
    /// What was read, in policy notation: `subject.clearance`.
    pub path: Arc<str>,
    /// The rule that read it.
    pub rule: RuleIndex,
}

/// A value that a rule read, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRead {
    /// What was read, in policy notation.
    pub path: Arc<str>,
    /// Where the value came from; `None` when no source had one.
    pub provenance: Option<Provenance>,
}

/// The answer to one query.
#[must_use = "a verdict that nobody reads decides nothing"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// True is allow.
    pub decision: bool,
    /// Why, as one code.
    pub reason: Reason,
    /// How each layer came out.
    pub layers: Layers,
    /// Every rule that fired with the decided effect, by id.
    pub determining: Vec<RuleHit>,
    /// What the PEP must do, or treat the answer as a deny.
    pub obligations: Vec<DutyValue>,
    /// What the PEP may do.
    pub advice: Vec<DutyValue>,
    /// On a deny: one missing value for each rule that came out unknown, by rule.
    pub missing: Vec<MissingFact>,
    /// What was read; filled by `evaluate_explained` only.
    pub reads: Vec<FactRead>,
    /// Why the layers for agents, purpose and history deny, the gravest first.
    pub failures: Vec<Failure>,
    /// The task of the intent that the step belongs to, when it belongs to one.
    pub task: Option<Name>,
    /// On an allow in a transaction: what is to be reserved and then committed.
    pub changes: Option<Box<Changes>>,
}

impl Verdict {
    /// The highest severity among the rules that deny and the failures that are an incident by themselves; `None` on
    /// an allow or when nothing of the kind denied.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        if self.decision {
            return None;
        }
        let rules = self.determining.iter().map(|hit| hit.severity);
        rules.chain(self.failures.iter().filter_map(|failure| incident(failure.reason))).max()
    }
}

/// The grade of the incident that a failure is, whatever the policy says.
fn incident(reason: Reason) -> Option<Severity> {
    match reason {
        Reason::AttributionLost => Some(Severity::High),
        Reason::ToolFingerprintChanged
        | Reason::ChainShrunk
        | Reason::ChainReordered
        | Reason::TransactionForeign => Some(Severity::Medium),
        _ => None,
    }
}
