//! Signs of prompt injection: what a text says to a model instead of to a person.
//!
//! The words of a text become concepts; rules are short sequences of concepts with bounded gaps; literal markers
//! (chat templates, closing tags) are one automaton; encoded passages are decoded within limits and read the same
//! way. Weights depend on who wrote the text, and quotation in a text *about* attacks lowers them.

mod category;
mod decode;
mod layer;
mod respell;
mod rule;
mod structure;
mod weigh;
pub mod words;

pub use category::Category;
pub use layer::Budget;
pub use structure::Structure;
pub use weigh::{Reading, combine, part};

/// A set of meanings inside instructions.
pub type Concept = u128;
