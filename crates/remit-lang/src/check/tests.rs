//! Texts in, diagnostics out. `«…»` marks the place a diagnostic must stand at; beside each refused text stands a
//! neighbour that is accepted.

use std::collections::BTreeSet;

use crate::compile;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Sources;

mod agents;
mod intents;
mod refused;
mod remarked;
mod sets;
mod sources;
mod standing;
mod trees;

/// What the cases speak of. It stands in a file of its own, so that its warnings can be told apart.
pub(super) const WORLD: &str = r#"
level class { low < mid < high }
level rank { mid < top }
entity user {
  name: string, age: int, ratio: decimal, active: bool, born: time, stay: duration, address: ip
  class: class, rank: rank, roles: set<string>, classes: set<class>
  boss: user?, team: team?, nick: string?, device: string from request
  member_of: set<team>
}
entity team { name: string, member_of: set<team>, lead: user }
entity agent { name: string, class: string, team: string, uses: set<tool> { since: time, share: decimal } }
entity skill { tools: set<tool> }
entity tool { region: string }
entity doc { owner: user, class: class, tags: set<string>, size: int, readers: set<user | team>, title: string? }
action read, write on doc
action run on tool { times: int, by: user }
action move on doc { times: string, to: user? }
limit most = 10
limit word = "high"
limit wrong = "hihg"
limit net = ip"10.0.0.0/8"
"#;

/// A set of files from names and texts.
pub(super) fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(*name, *text);
    }
    sources
}

/// Cuts the marks out of a text; gives the marked byte range.
fn marked(text: &str) -> (String, Option<(usize, usize)>) {
    let Some((before, rest)) = text.split_once('«') else { return (text.to_owned(), None) };
    let (inside, after) = rest.split_once('»').expect("a mark is closed");
    let range = (before.len(), before.len() + inside.len());
    (format!("{before}{inside}{after}"), Some(range))
}

/// What compiling a text beside the world finds in it: errors, or else warnings.
pub(super) fn found(text: &str) -> Vec<Diagnostic> {
    let sources = sources(&[("base.ibac", WORLD), ("case.ibac", text)]);
    let found = match compile(&sources) {
        Ok((_, warnings)) => warnings,
        Err(errors) => errors,
    };
    let case = |one: &Diagnostic| one.place().is_none_or(|span| span.file.0 == 1);
    found.into_iter().filter(case).collect()
}

/// Each refused or remarked text has exactly one finding, of this code at the mark; its neighbour has none.
pub(super) fn assert_table(table: &[(&'static str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (code, text, neighbour) in table {
        let (plain, range) = marked(text);
        let (start, end) = range.expect("the place is marked");
        let findings = found(&plain);
        let place = |one: &Diagnostic| {
            let span = one.place().expect("a diagnostic has a place");
            (one.code, span.start as usize, span.end as usize)
        };
        // A place may end in the blanks that end what was written.
        let trimmed = |(code, start, end): (&'static str, usize, usize)| {
            (code, start, start + plain.get(start..end).map_or(0, |text| text.trim_end().len()))
        };
        if findings.iter().map(place).map(trimmed).collect::<Vec<_>>() != [(*code, start, end)] {
            let seen: Vec<_> = findings
                .iter()
                .map(|one| (one.code, plain.get(place(one).1..place(one).2), &one.message))
                .collect();
            wrong.push(format!("{code}: {text}\n  gave {seen:?}"));
        }
        let beside = found(neighbour);
        if !beside.is_empty() {
            wrong.push(format!("{code}: neighbour {neighbour}\n  gave {beside:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Codes that no text reaches: the parser refuses first, or the text would be too large for a table. Trees that
/// were made otherwise are checked by hand in `sets`.
const NOT_FROM_TEXT: [&str; 6] = [
    "check/malformed-name",
    "check/too-many",
    "check/empty-level",
    "check/date",
    "check/record-elsewhere",
    "check/number-not-exact",
];

#[test]
fn every_code_has_its_case() {
    let tables = [agents::TABLE, refused::TABLE, remarked::TABLE, sources::TABLE].concat();
    let shown: BTreeSet<&str> =
        tables.iter().map(|(code, ..)| *code).chain(sets::CODES).chain(NOT_FROM_TEXT).collect();
    let published: BTreeSet<&str> =
        codes::all().map(|entry| entry.code).filter(|code| code.starts_with("check/")).collect();
    assert_eq!(shown, published);
}
