//! What has happened under an intent: an immutable value that decisions read. Whoever changes it makes the next one.

mod fits;
mod follows;
mod traced;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::intent::{IntentHash, Named, arguments};
use crate::{Containment, DelegationChain, EntityRef, Intent, Name, Number, Reason, Timestamp, Value};

pub(crate) use fits::within;
pub use fits::{covers, fits, fits_history, fits_lineage, place, usable};
pub use follows::follows;

/// A transaction as of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its id: the token's `txn`, or one drawn at opening.
    pub id: String,
    /// The transaction it was narrowed from.
    pub parent: Option<String>,
    /// The goal.
    pub intent: Arc<Intent>,
    /// The hash of the goal.
    pub hash: IntentHash,
    /// What `literal` and `record of T` may refer to: what the intent names, and the parent's too when there is one.
    pub named: Arc<Named>,
    /// Whether more steps may follow.
    pub status: Status,
    /// When it was opened.
    pub opened: Timestamp,
    /// From this instant on nothing is allowed any more.
    pub expires: Timestamp,
    /// On whose behalf it runs.
    pub subject: EntityRef,
    /// The longest delegation chain of a committed step, or the one it was opened with.
    pub chain: Option<DelegationChain>,
    /// The steps that the parent had done at the opening: they count for order and bindings, never for budgets.
    pub inherited: Vec<Arc<Step>>,
    /// Its own steps and those of its children, pending ones included, in the order of reservation.
    pub steps: Vec<Arc<Step>>,
    /// Only grow.
    pub labels: BTreeSet<Name>,
    /// What its steps made.
    pub created: Arc<BTreeSet<Seen>>,
    /// What its steps returned, and what the parent's had returned at the opening.
    pub outcomes: Vec<Arc<Outcome>>,
    /// Grows with every change, reservations included.
    pub version: u64,
}

/// Whether more steps may follow. Never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// More may follow.
    Open,
    /// Finished.
    Closed,
    /// Stopped.
    Revoked,
}

/// One permitted step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Place among the steps of its transaction; gaps are released reservations.
    pub number: u64,
    /// The task it belongs to.
    pub task: Name,
    /// What was done.
    pub action: Name,
    /// To what.
    pub resource: EntityRef,
    /// The members of `action.properties`.
    pub arguments: BTreeMap<String, Value>,
    /// The transaction it was asked for in, when that is a child of this one.
    pub via: Option<String>,
    /// Who acted.
    pub chain: Option<DelegationChain>,
    /// The decision that allowed it.
    pub decision_id: String,
    /// When.
    pub at: Timestamp,
    /// True while it is reserved and its record is not yet durable.
    pub pending: bool,
}

/// What a step returned, as the PEP reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The decision that allowed the step.
    pub decision_id: String,
    /// The task of the step.
    pub task: Name,
    /// The values, by path.
    pub fields: Vec<Reported>,
}

/// One value that a step returned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reported {
    /// Where in the result: `invoice.iban`, `items[3].sku`.
    pub path: String,
    /// The value.
    pub value: Seen,
    /// Whether it may serve as an origin at all.
    pub integrity: Integrity,
    /// A field of its own, or words of a text.
    pub kind: FieldKind,
    /// True when the step made the thing that the value names.
    pub created: bool,
}

/// A value that was seen: in the canonical form, or as a keyed hash of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// [`crate::origin::canonical`] of the value.
    Canonical(String),
    /// A keyed hash of the canonical form.
    Keyed(String),
}

/// Whether the reporter vouches for a value. Untrusted values are never an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// May serve as an origin where the task names it.
    Trusted,
    /// Somebody else may have chosen it: a flagged passage.
    Untrusted,
}

/// What kind of field a value was found in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A field of its own.
    Structured,
    /// Free text of a named source.
    Text {
        /// The source.
        source: String,
    },
}

/// A step that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// What is to be done.
    pub action: &'a Name,
    /// To what.
    pub resource: &'a EntityRef,
    /// The members of `action.properties`.
    pub arguments: &'a BTreeMap<String, Value>,
}

/// Why a step does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: `{field}` {detail}")]
pub struct Misfit {
    /// The published reason.
    pub reason: Reason,
    /// The field of the intent or transaction: `tasks.pay.arguments.amount`.
    pub field: String,
    /// What is wrong with it. Never holds a value of the request.
    pub detail: String,
}

impl Misfit {
    /// A misfit; `detail` must not repeat values of the request.
    pub fn new(reason: Reason, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { reason, field: field.into(), detail: detail.into() }
    }
}

/// What origins must know of the graph.
pub trait Records {
    /// The values of that attribute of the entity, or of all its attributes. None when the entity is not there.
    fn attributes(&self, entity: &EntityRef, name: Option<&str>) -> Vec<Value>;

    /// The keyed hash under which a value of this canonical form was reported, when there is a key.
    fn keyed(&self, canonical: &str) -> Option<String> {
        let _ = canonical;
        None
    }
}

/// Everything outside the transaction that a step is judged by.
pub trait World: Containment + Records {}

impl<T: Containment + Records> World for T {}

impl Transaction {
    /// The steps of a task that are done: committed here, or inherited.
    pub fn done_steps<'t>(&'t self, task: &'t str) -> impl Iterator<Item = &'t Step> {
        let own = self.steps.iter().filter(|step| !step.pending);
        self.inherited.iter().chain(own).filter(move |step| step.task.as_str() == task).map(|step| &**step)
    }

    /// True when a step of the task is done.
    #[must_use]
    pub fn done(&self, task: &str) -> bool {
        self.done_steps(task).next().is_some()
    }

    /// The steps of a task that count, pending ones included, inherited ones not.
    #[must_use]
    pub fn count(&self, task: &str) -> usize {
        self.steps.iter().filter(|step| step.task.as_str() == task).count()
    }

    /// The total of an argument over the steps of a task, pending ones included. Nothing when it overflows.
    #[must_use]
    pub fn sum(&self, task: &str, path: &str) -> Option<Number> {
        let steps = self.steps.iter().filter(|step| step.task.as_str() == task);
        steps
            .map(|step| total(&step.arguments, path))
            .try_fold(Number::default(), |sum, step| sum.checked_add(step?))
    }

    /// True when it carries the label.
    #[must_use]
    pub fn carries(&self, label: &str) -> bool {
        self.labels.contains(label)
    }
}

/// The sum of what the path leads to; absent is nought. Nothing when it overflows or is not a number of nought or
/// more: a negative amount would give back what was spent.
fn total(arguments: &BTreeMap<String, Value>, path: &str) -> Option<Number> {
    fn add(sum: Number, value: &Value) -> Option<Number> {
        match value {
            Value::Number(it) if *it >= Number::default() => sum.checked_add(*it),
            Value::Set(items) => items.iter().try_fold(sum, add),
            _ => None,
        }
    }
    arguments::at(arguments, path).values.into_iter().try_fold(Number::default(), add)
}
