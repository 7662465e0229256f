//! The plain interpreter: slow, without index, cache or cleverness, written from the texts of the contract and
//! sharing no code with graph or engine, so that a difference shows a misunderstanding.
//!
//! Where the texts are silent it takes the reading that fails closed and keeps law 3 ("an allow stays an allow
//! under every way of filling in what was missing"):
//!
//! 1. Clauses are three-valued like conditions: whether an unrecorded entity is a member is unknown.
//! 2. A set expression that cannot be evaluated is a set of which nothing is known (empty, incomplete).
//! 3. Mapping over a set: an element whose property is missing makes the result incomplete.
//! 4. Two values of unlike kinds are neither equal nor unequal: unknown; so are records, and sets inside sets.
//!    `has` over elements of mixed kinds is unknown unless an element is equal.
//! 5. An unrecorded entity (absent, placeholder, undeclared type) met on a walk makes it incomplete, whatever
//!    its type; edges that the graph tells of a placeholder count, they are only not all. A recorded node whose type does not declare the relation has certainly no such edge.
//! 6. Against direction, a set is incomplete when the base is unrecorded, or when a placeholder or an unrecorded
//!    party is of a type that declares the relation: it could have an edge to the base.
//! 7. A to-one relation with several valid ends is unknown.
//! 8. Asserted values count only where the policy names the party; the same entity met on a walk has the graph's.
//! 9. For a relation, a recorded node answers for the source `graph` even when it has no edge.
//! 10. An obligation's property that is unknown, or a set not known in full, is left out.
//! 11. A set is present when an element is known, or when it is known to be empty.
//! 13. Agents, purpose and history are asked beside the rules and only deny; of several reasons the first in
//!     `purpose::ORDER` counts. What a declared task says as a plain bound of one argument goes before its history, every
//!     other condition after it.
//! 12. An undeclared action and an unsupported request are refused before any rule is looked at.

mod agents;
mod compare;
mod convert;
mod decide;
mod eval;
mod known;
mod purpose;
mod standing;
mod touched;
mod truth;
mod walk;
mod words;
mod world;

pub use convert::convert;
pub use decide::{Answer, Fired, Oracle, Owed};
pub use known::{Known, Many, canonical};
pub use touched::Touched;
pub use truth::Truth;
pub use world::{Acting, Ask, Asked, Edge, Past, World};

#[cfg(test)]
mod tests;
