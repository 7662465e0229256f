//! An intent made of AuthZEN quads: each says one step.

use std::collections::{BTreeMap, BTreeSet};

use super::{Argument, Bound, Intent, Scope, Task};
use crate::{EntityRef, Name, Value};

/// Action and resource of an AuthZEN evaluation; its subject is the intent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quad {
    /// The action.
    pub action: Name,
    /// The resource.
    pub resource: EntityRef,
    /// The members of `action.properties`. When there are any, a step may have no others.
    pub arguments: BTreeMap<String, Value>,
}

impl Intent {
    /// One task for each different quad. Tasks are named after what they say, so that fewer quads are narrower and
    /// their order is not meaning.
    #[must_use]
    pub fn of_quads(subject: EntityRef, quads: &[Quad]) -> Self {
        let tasks: BTreeMap<Name, Task> =
            quads.iter().filter_map(task).map(|task| (task.name.clone(), task)).collect();
        Self {
            template: None,
            subject,
            tasks: tasks.into_values().collect(),
            skills: None,
            hops_at_most: None,
            not_before: None,
            not_after: None,
            records: BTreeSet::new(),
            links: BTreeSet::new(),
        }
    }
}

/// Nothing is lost: the short name always fits.
fn task(quad: &Quad) -> Option<Task> {
    let arguments = quad.arguments.iter();
    let arguments: BTreeMap<String, Argument> = arguments
        .map(|(path, value)| (path.clone(), Argument::bound(Bound::Exactly(value.clone()))))
        .collect();
    let mut task = Task {
        name: quad.action.clone(),
        actions: [quad.action.clone()].into(),
        resource: Scope::OneOf([quad.resource.clone()].into()),
        closed: !arguments.is_empty(),
        arguments,
        after: BTreeSet::new(),
        at_most: None,
        budgets: BTreeMap::new(),
    };
    let digest = super::canonical::digest(&task);
    let short = digest.get(..12).unwrap_or_default();
    let long = format!("{} {} {short}", quad.action, quad.resource.kind);
    task.name = Name::new(&long).or_else(|_| Name::new(short)).ok()?;
    Some(task)
}
