//! Policy text to checked policy; the only crate that sees pest.
//!
//! The way of a file: `source` (text, spans) → `guard` (size and nesting) → `parse` (pest pairs to `ast`) →
//! `check` (tree and schema to `checked`). Every refusal is a [`diagnostic::Diagnostic`].

pub mod ast;
pub mod check;
pub mod checked;
mod compile;
pub mod diagnostic;
pub mod format;
mod guard;
pub mod limits;
pub mod narrow;
pub mod parse;
mod scan;
pub mod source;
mod split;
mod words;

pub use check::{Vocabulary, check};
pub use compile::compile;
pub use format::format;
pub use parse::{expression, parse};
pub use words::{is_free, is_word};
