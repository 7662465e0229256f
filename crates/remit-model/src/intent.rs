//! An intent: the goal, as tasks with bounds. Knows no graph and no history; those are asked in `narrow` and
//! `transaction`.

pub(crate) mod arguments;
pub(crate) mod bound;
pub(crate) mod canonical;
pub(crate) mod named;
mod quads;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use named::Named;
pub use quads::Quad;

use crate::{EntityRef, Name, Number, Origin, Timestamp, Value};

/// What somebody wants done: the form in which declared templates and `authorization_details` both end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The declared intent (`package.name`) that this one was opened from.
    pub template: Option<Name>,
    /// On whose behalf everything happens.
    pub subject: EntityRef,
    /// What may be done. Their order is not meaning.
    pub tasks: Vec<Task>,
    /// The skills that may be used; none means any.
    pub skills: Option<BTreeSet<EntityRef>>,
    /// Longest delegation chain; none means no bound of its own.
    pub hops_at_most: Option<u32>,
    /// First instant at which it counts.
    pub not_before: Option<Timestamp>,
    /// Last instant at which it counts.
    pub not_after: Option<Timestamp>,
    /// Entities it names beyond those of its scopes: the ones that `record of T` may be read from.
    #[serde(default)]
    pub records: BTreeSet<EntityRef>,
    /// The links that whoever set the goal wrote, in canonical form ([`link`](crate::link)): for rules that ask where a link
    /// in a message comes from.
    #[serde(default)]
    pub links: BTreeSet<String>,
}

/// One task: a step, or several alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Task {
    /// Unique within the intent; a child names the task it narrows by the same name.
    pub name: Name,
    /// The actions it covers, usually one.
    pub actions: BTreeSet<Name>,
    /// What it may act upon.
    pub resource: Scope,
    /// Bounds by member path of `action.properties`: `amount`, `to`, `items.sku`.
    pub arguments: BTreeMap<String, Argument>,
    /// Tasks that must be done first.
    pub after: BTreeSet<Name>,
    /// Most steps; none means any number.
    pub at_most: Option<u32>,
    /// Member path to the total that all steps of this task may reach.
    pub budgets: BTreeMap<String, Number>,
    /// True when an argument that `arguments` does not name is refused.
    pub closed: bool,
}

/// The resources of a task.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything of a type.
    Any(Name),
    /// Everything of one of these types.
    AnyOf(BTreeSet<Name>),
    /// Exactly these.
    OneOf(BTreeSet<EntityRef>),
    /// The entity itself, and everything that reaches it by the relation, once or more.
    Under(EntityRef, Name),
}

/// The constraint on one argument.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Argument {
    /// Which values.
    pub bound: Bound,
    /// Where the value must come from; none means that nobody asks.
    pub origins: Option<BTreeSet<Origin>>,
    /// True when the argument may be absent. Otherwise an absent argument fails every bound but `Any`.
    #[serde(default)]
    pub optional: bool,
}

impl Argument {
    /// Any value, from anywhere, or none.
    #[must_use]
    pub fn any() -> Self {
        Self::bound(Bound::Any)
    }

    /// A bound that asks for no origin.
    #[must_use]
    pub fn bound(bound: Bound) -> Self {
        Self { bound, origins: None, optional: false }
    }

    /// Any value, from these origins only.
    #[must_use]
    pub fn from_origins(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { bound: Bound::Any, origins: Some(origins.into_iter().collect()), optional: false }
    }

    /// True when it refuses nothing.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.bound == Bound::Any && self.origins.is_none()
    }

    /// True when the argument may be absent.
    #[must_use]
    pub fn allows_absence(&self) -> bool {
        self.optional || self.is_free()
    }
}

/// The values an argument may take. A set is inside when each of its members is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Every value.
    Any,
    /// This value.
    Exactly(Value),
    /// One of these.
    OneOf(BTreeSet<Value>),
    /// Numbers or instants, both ends included; an end that is missing is open.
    Between {
        /// The least value.
        low: Option<Value>,
        /// The greatest value.
        high: Option<Value>,
    },
    /// Texts that begin so. A text with a `..` segment is never inside.
    Prefix(String),
}

/// SHA-256 of the canonical form, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IntentHash(String);

impl IntentHash {
    /// The 64 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Intent {
    /// The task of that name.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name.as_str() == name)
    }
}
