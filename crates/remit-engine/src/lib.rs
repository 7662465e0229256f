//! Checked policy to program; program and query to verdict.
//!
//! The way of a policy: [`lower()`] → [`Program`] → [`Program::bind`] → [`Bound`]. The way of a question:
//! [`Query`] → candidates (`index`) → conditions (`eval`) → [`Verdict`] (`combine`). [`explain()`] tells why and
//! why not; [`search`] turns the question around. Nothing here does I/O, reads a clock or draws a number.

mod agency;
mod bind;
mod cast;
mod combine;
mod eval;
mod explain;
mod index;
mod layers;
pub mod limits;
mod lower;
mod outside;
mod program;
mod purpose;
mod query;
mod render;
mod request;
pub mod search;
mod truth;
mod val;
mod verdict;

#[cfg(test)]
mod testing;

pub use agency::{Agency, Goal, History, Keyed, Tool};
pub use bind::Bound;
pub use combine::{decides, evaluate, evaluate_explained};
pub use explain::{Change, Clause, Explanation, Failing, Nearest, RuleTrace, TaskTrace, explain};
pub use lower::{Effect, LowerError, RuleId, Severity, Span, lower};
pub use outside::sent;
pub use program::{OutsidePlan, Program, RuleIndex};
pub use query::{Asked, Members, Outside, Party, Query, Standing};
pub use request::{Requestable, requestable, unfulfilled};
pub use truth::Truth;
pub use verdict::{
    Changes, DutyValue, FactRead, Failure, Layer, LayerOutcome, Layers, MissingFact, Outcome, RuleHit,
    Verdict,
};
