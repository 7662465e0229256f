//! Questions to the decision log, in the language of the policies.
//!
//! The way of a question: [`Question`] (texts) → `vocabulary` (parsed and typed against the fields of records) → `plan`
//! (which columns, which stretch of the log) → `run` (a scan of a [`Log`]) → [`Answer`]. Conditions are three-valued
//! exactly as in policies: what is missing is unknown, and what is unknown is not selected.

pub mod limits;

mod answer;
mod cells;
mod error;
mod eval;
mod field;
mod given;
mod group;
mod list;
mod lower;
mod named;
mod order;
mod parquet;
mod plan;
mod question;
mod render;
mod run;
mod severity;
mod val;
mod vocabulary;

pub use answer::{Answer, Evidence, Head, NoGap, Proof, Proved};
pub use error::{AskError, Refusal, Unwritten};
pub use given::{Alternatives, Given, Personal};
pub use named::{Named, Parameter, Part, Replies, Reply, named};
pub use parquet::parquet;
pub use question::{Question, Sample};
pub use remit_lang::checked::Severity;
pub use render::{csv, json, json_lines, table};
pub use run::{Log, ask};
pub use severity::{of_record, severity};
