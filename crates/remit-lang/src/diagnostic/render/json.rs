//! Diagnostics as a JSON array, for editors and scripts.

use serde_json::{Value, json as object};

use super::place;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::Sources;

/// A JSON array, one object per diagnostic: `code`, `severity`, `message`, `file`, `line`, `column`, `labels`,
/// `help`, `notes`. Lines and columns count from 1, columns count characters, ends are exclusive.
#[must_use]
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let all: Vec<Value> = diagnostics.iter().map(|one| diagnostic(one, sources)).collect();
    format!("{:#}\n", Value::Array(all))
}

fn diagnostic(one: &Diagnostic, sources: &Sources) -> Value {
    let at = one.place().and_then(|span| place(span, sources));
    object!({
        "code": one.code,
        "severity": match one.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": one.message,
        "file": at.as_ref().map(|at| at.file),
        "line": at.as_ref().map(|at| at.start.line),
        "column": at.as_ref().map(|at| at.start.column),
        "labels": one.labels.iter().filter_map(|label| self::label(label, sources)).collect::<Vec<_>>(),
        "help": one.help,
        "notes": one.notes,
    })
}

fn label(label: &Label, sources: &Sources) -> Option<Value> {
    let at = place(label.span, sources)?;
    Some(object!({
        "file": at.file,
        "line": at.start.line,
        "column": at.start.column,
        "end_line": at.end.line,
        "end_column": at.end.column,
        "text": label.text,
        "primary": label.primary,
    }))
}
