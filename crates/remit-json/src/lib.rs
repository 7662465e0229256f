//! Strict JSON with exact numbers and the place of every value.
//!
//! One text has one reading: what two parsers could understand differently (duplicate members, lone
//! surrogates, numbers outside the range of exact doubles) is refused instead of guessed. The crate
//! knows no message format; it hands out a tree that borrows from the text.
#![deny(missing_docs)]

mod error;
mod limits;
mod number;
mod parse;
mod place;
mod text;
mod value;

pub use error::JsonError;
pub use limits::Limits;
pub use number::{Number, NumberFault};
pub use parse::parse;
pub use place::{At, line_column};
pub use text::quote;
pub use value::{Json, Kind, Member, Object};
