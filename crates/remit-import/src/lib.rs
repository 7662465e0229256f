//! Policies of other systems to policies of ours: Genie's board policy and rule list, IndyKite's KBAC policies.
//!
//! Text in, text out; it reads no files. What is written passes the checker and stands in canonical form. What cannot be
//! carried over is reported with file, line and column, and nothing is dropped in silence: a translation never permits
//! what its source denies.

mod genie;
mod ibac;
mod kbac;
pub mod limits;
mod report;

pub use genie::genie;
pub use kbac::kbac;
pub use report::{Entry, Grade, Report};

/// A text to read, with the name that people know it by.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Shown in reports.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
}

/// A text that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file's name inside a bundle.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Files of a bundle; none when nothing could be carried over.
    pub files: Vec<Written>,
    /// What is different, and why.
    pub report: Report,
}
