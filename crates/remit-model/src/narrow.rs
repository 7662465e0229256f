//! Is an intent inside another one, and if not, which field widens. Asks the graph through one small trait.

mod arguments;
mod bounds;

use std::collections::BTreeSet;

use crate::transaction::within;
use crate::{EntityRef, Intent, Name, Scope, Task};

/// What the calculus must know of the graph.
pub trait Containment {
    /// True when `inner` is `outer` or reaches it by the relation, once or more. Unknown is false.
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, relation: &Name) -> bool;

    /// True when the entity is of the type. Unknown is false.
    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool;
}

/// One field in which the child asks for more than its parent has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Widening {
    /// The task of the child, when the field is one of a task.
    pub task: Option<Name>,
    /// The field: `subject`, `tasks.pay.arguments.amount`.
    pub field: String,
    /// What the child says.
    pub child: String,
    /// What the parent says.
    pub parent: String,
}

/// Every field in which the child asks for more than the parent has, sorted; none means that the child is inside.
/// What cannot be shown to be inside counts as wider.
#[must_use]
pub fn widenings(child: &Intent, parent: &Intent, graph: &dyn Containment) -> Vec<Widening> {
    let mut found = Findings { task: None, all: Vec::new() };
    if parent.template.is_some() && child.template != parent.template {
        found.wider(
            "template",
            name_or_none(child.template.as_ref()),
            name_or_none(parent.template.as_ref()),
        );
    }
    if child.subject != parent.subject {
        found.wider("subject", child.subject.to_string(), parent.subject.to_string());
    }
    subset(&mut found, "skills", child.skills.as_ref(), parent.skills.as_ref());
    at_most(&mut found, "hops_at_most", child.hops_at_most, parent.hops_at_most);
    at_most(&mut found, "not_after", child.not_after, parent.not_after);
    at_most(
        &mut found,
        "not_before",
        child.not_before.map(std::cmp::Reverse),
        parent.not_before.map(std::cmp::Reverse),
    );
    let both = arguments::Literals::of(child, parent);
    for task in &child.tasks {
        found.task = Some(task.name.clone());
        match parent.task(task.name.as_str()) {
            Some(wider) => narrower_task(&mut found, task, wider, &both, graph),
            None => found.wider("", "a task", "no such task"),
        }
    }
    found.all.sort_unstable();
    found.all.dedup();
    found.all
}

/// The tasks of `child` that lie in no task of `parent`, whatever they are called; none means that every one does.
/// Order, count and budgets are not compared: this is for intents that are asked beside each other, where those of the
/// parent go on holding. Each stray is shown against the task that it comes closest to.
#[must_use]
pub fn strays(child: &Intent, parent: &Intent, graph: &dyn Containment) -> Vec<Widening> {
    let mut found = Findings { task: None, all: Vec::new() };
    if child.subject != parent.subject {
        found.wider("subject", child.subject.to_string(), parent.subject.to_string());
    }
    let both = arguments::Literals::of(child, parent);
    for task in &child.tasks {
        // Among tasks of another action none is close, however few its other fields.
        let closest = parent
            .tasks
            .iter()
            .map(|wider| {
                let mut against = Findings { task: Some(task.name.clone()), all: Vec::new() };
                narrower_reach(&mut against, task, wider, &both, graph);
                (task.actions.is_disjoint(&wider.actions), against.all)
            })
            .min_by_key(|(foreign, against)| (*foreign && !against.is_empty(), against.len()))
            .map(|(_, against)| against);
        match closest {
            Some(against) => found.all.extend(against),
            None => {
                found.task = Some(task.name.clone());
                found.wider("", "a task", "no task at all");
            }
        }
    }
    found.all.sort_unstable();
    found.all.dedup();
    found.all
}

fn narrower_task(
    found: &mut Findings,
    child: &Task,
    parent: &Task,
    both: &arguments::Literals,
    graph: &dyn Containment,
) {
    narrower_reach(found, child, parent, both, graph);
    for first in parent.after.difference(&child.after) {
        found.wider(&format!("after.{first}"), list(&child.after), first.as_str());
    }
    at_most(found, "at_most", child.at_most, parent.at_most);
    for (path, total) in &parent.budgets {
        at_most(found, &format!("budgets.{path}"), child.budgets.get(path).copied(), Some(*total));
        let optional = |task: &Task| task.arguments.get(path).is_some_and(|argument| argument.optional);
        if optional(child) && !optional(parent) {
            found.wider(&format!("arguments.{path}"), "optional", "counted by a budget");
        }
    }
}

/// Actions, resource and arguments: what a task reaches, whatever has happened.
fn narrower_reach(
    found: &mut Findings,
    child: &Task,
    parent: &Task,
    both: &arguments::Literals,
    graph: &dyn Containment,
) {
    for action in child.actions.difference(&parent.actions) {
        found.wider(&format!("actions.{action}"), action.as_str(), list(&parent.actions));
    }
    if !scope_is_inside(&child.resource, &parent.resource, graph) {
        found.wider("resource", scope_text(&child.resource), scope_text(&parent.resource));
    }
    arguments::compare(found, child, parent, both);
}

/// The child's scope holds nothing that the parent's does not hold.
fn scope_is_inside(child: &Scope, parent: &Scope, graph: &dyn Containment) -> bool {
    match (child, parent) {
        (Scope::OneOf(all), parent) => all.iter().all(|entity| within(parent, entity, graph)),
        (Scope::Any(kind), Scope::Any(wider)) => kind == wider,
        (Scope::Any(kind), Scope::AnyOf(wider)) => wider.contains(kind),
        (Scope::AnyOf(kinds), Scope::Any(wider)) => kinds.iter().all(|kind| kind == wider),
        (Scope::AnyOf(kinds), Scope::AnyOf(wider)) => kinds.is_subset(wider),
        (Scope::Under(inner, by), Scope::Under(outer, wider)) => {
            by == wider && (inner == outer || graph.is_under(inner, outer, by))
        }
        // What lies under an entity may be of any type, now or later; what a type holds may lie anywhere.
        (Scope::Under(..), Scope::Any(_) | Scope::AnyOf(_) | Scope::OneOf(_))
        | (Scope::Any(_) | Scope::AnyOf(_), Scope::OneOf(_) | Scope::Under(..)) => false,
    }
}

/// Collects widenings of one comparison.
struct Findings {
    task: Option<Name>,
    all: Vec<Widening>,
}

impl Findings {
    fn wider(&mut self, field: &str, child: impl Into<String>, parent: impl Into<String>) {
        let field = match &self.task {
            None => field.to_owned(),
            Some(task) if field.is_empty() => format!("tasks.{task}"),
            Some(task) => format!("tasks.{task}.{field}"),
        };
        self.all.push(Widening {
            task: self.task.clone(),
            field,
            child: child.into(),
            parent: parent.into(),
        });
    }
}

/// A limit that the parent has must be kept or tightened.
fn at_most<T: PartialOrd + Limit>(found: &mut Findings, field: &str, child: Option<T>, parent: Option<T>) {
    let Some(most) = parent else { return };
    match child {
        Some(own) if own <= most => {}
        Some(own) => found.wider(field, own.text(), most.text()),
        None => found.wider(field, "none", most.text()),
    }
}

/// How a limit is shown.
trait Limit {
    fn text(&self) -> String;
}

impl Limit for u32 {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Limit for crate::Number {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Limit for crate::Timestamp {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Limit for std::cmp::Reverse<crate::Timestamp> {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A choice that the parent limits must be limited to the same or fewer.
fn subset(
    found: &mut Findings,
    field: &str,
    child: Option<&BTreeSet<EntityRef>>,
    parent: Option<&BTreeSet<EntityRef>>,
) {
    let Some(most) = parent else { return };
    match child {
        Some(own) if own.is_subset(most) => {}
        Some(own) => found.wider(field, entities(own), entities(most)),
        None => found.wider(field, "any", entities(most)),
    }
}

fn entities(all: &BTreeSet<EntityRef>) -> String {
    all.iter().map(EntityRef::to_string).collect::<Vec<_>>().join(", ")
}

fn list(all: &BTreeSet<Name>) -> String {
    all.iter().map(Name::as_str).collect::<Vec<_>>().join(", ")
}

fn name_or_none(name: Option<&Name>) -> String {
    name.map_or_else(|| "none".to_owned(), Name::to_string)
}

fn scope_text(scope: &Scope) -> String {
    match scope {
        Scope::Any(kind) => format!("any {kind}"),
        Scope::AnyOf(kinds) => format!("any {}", list(kinds)),
        Scope::OneOf(all) => entities(all),
        Scope::Under(root, relation) => format!("under {root} by {relation}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoGraph;

    impl Containment for NoGraph {
        fn is_under(&self, inner: &EntityRef, outer: &EntityRef, _: &Name) -> bool {
            inner == outer
        }

        fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
            entity.kind == *kind
        }
    }

    #[test]
    fn several_types_hold_each_of_them_and_nothing_else() {
        let name = |text: &str| Name::new(text).unwrap();
        let types = |all: &[&str]| Scope::AnyOf(all.iter().map(|kind| name(kind)).collect());
        let one = |id: &str| Scope::OneOf([EntityRef::new(name(id), "x")].into());
        let both = types(&["invoice", "account"]);
        for inside in [Scope::Any(name("invoice")), types(&["account"]), both.clone(), one("account")] {
            assert!(scope_is_inside(&inside, &both, &NoGraph), "{inside:?}");
        }
        let beyond = [Scope::Any(name("user")), types(&["account", "user"]), one("user")];
        for outside in beyond.iter().chain([&Scope::Under(EntityRef::new(name("account"), "x"), name("in"))])
        {
            assert!(!scope_is_inside(outside, &both, &NoGraph), "{outside:?}");
        }
        assert!(!scope_is_inside(&both, &Scope::Any(name("invoice")), &NoGraph));
    }
}
