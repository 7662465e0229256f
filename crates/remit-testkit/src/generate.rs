//! Seeded policies, worlds and questions. Policies are text, so they pass the parser and the checker like any other.

mod fill;
mod policy;
mod shape;
mod world;
mod writer;

pub use policy::{PolicyText, RuleText, Taste};
pub use shape::Shape;
pub use world::{Maker, record};
