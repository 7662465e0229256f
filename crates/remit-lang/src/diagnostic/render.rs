//! Diagnostics as text for people and as JSON and SARIF for machines, all from the same value.

mod json;
mod sarif;
mod terminal;

pub use json::json;
pub use sarif::sarif;
pub use terminal::terminal;

use crate::source::{LineColumn, Sources, Span};

/// A span for people and machines.
struct Place<'a> {
    file: &'a str,
    start: LineColumn,
    end: LineColumn,
}

/// None when the span is not of these sources.
fn place(span: Span, sources: &Sources) -> Option<Place<'_>> {
    let file = sources.file(span.file)?;
    Some(Place { file: &file.name, start: file.place(span.start), end: file.place(span.end.max(span.start)) })
}

#[cfg(test)]
mod tests;
