//! Is an intent inside another one, and if not, which field widens. Asks the graph through one small trait.

use crate::{EntityRef, Name};

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
