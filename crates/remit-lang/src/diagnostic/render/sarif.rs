//! Diagnostics as SARIF 2.1.0, the format code-scanning services read.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json as object};

use super::place;
use crate::diagnostic::{Diagnostic, Label, Severity, codes};
use crate::source::Sources;

/// A SARIF 2.1.0 log with one run; its rules are the codes that occur.
#[must_use]
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let used: BTreeSet<&str> = diagnostics.iter().map(|one| one.code).collect();
    let rules: Vec<Value> = used.iter().map(|code| rule(code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|one| result(one, &used, sources)).collect();
    let log = object!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "remit", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &str) -> Value {
    let meaning = codes::find(code).map_or("", |entry| entry.meaning);
    object!({ "id": code, "shortDescription": { "text": meaning } })
}

fn result(one: &Diagnostic, used: &BTreeSet<&str>, sources: &Sources) -> Value {
    let mut text = one.message.clone();
    for help in &one.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    for note in &one.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    // SPEC: SARIF 2.1.0 §3.27.12 keeps `locations` for the place of the result; other places are related.
    let first = one.labels.iter().find(|label| label.primary).or(one.labels.first());
    let rest = one.labels.iter().filter(|label| first.is_none_or(|first| !std::ptr::eq(*label, first)));
    object!({
        "ruleId": one.code,
        "ruleIndex": used.iter().position(|code| *code == one.code),
        "level": match one.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": { "text": text },
        "locations": first.into_iter().filter_map(|label| location(label, sources)).collect::<Vec<_>>(),
        "relatedLocations": rest.filter_map(|label| location(label, sources)).collect::<Vec<_>>(),
    })
}

fn location(label: &Label, sources: &Sources) -> Option<Value> {
    let at = place(label.span, sources)?;
    let mut location = object!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(at.file) },
            "region": {
                "startLine": at.start.line,
                "startColumn": at.start.column,
                "endLine": at.end.line,
                "endColumn": at.end.column,
            },
        },
    });
    if let (Some(members), false) = (location.as_object_mut(), label.text.is_empty()) {
        members.insert("message".to_owned(), object!({ "text": label.text }));
    }
    Some(location)
}

/// A file name as a relative URI reference: what is neither unreserved nor a slash is percent-encoded.
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}
