//! The bodies of the fuzz targets: each takes any bytes, and panics when something that must hold does not.
//!
//! `fuzz/` calls them with what libFuzzer makes up, the test `fuzz` with the corpora in the repository.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a target that finds something shall say so"
)]

mod logs;
mod requests;
mod tokens;

use remit_lang::source::Sources;
use remit_lang::{ast, compile, format, parse};

pub use logs::{proof, query, segment};
pub use requests::{graph, request};
pub use tokens::{keys, token};

/// A target: its name, which is that of its corpus too, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const ALL: [Target; 8] = [
    ("policy", policy),
    ("graph", graph),
    ("request", request),
    ("token", token),
    ("keys", keys),
    ("segment", segment),
    ("proof", proof),
    ("query", query),
];

/// Policy text: compiled or refused with a place; what parses is printed, and the print means the same and is settled.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sources = Sources::default();
    let id = sources.add("fuzz.ibac", text);
    match compile(&sources) {
        Ok((policies, _)) => drop(remit_engine::lower(&policies)),
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            let shown = remit_lang::diagnostic::render::terminal(&errors, &sources, false);
            assert!(!shown.is_empty());
        }
    }
    let (tree, errors) = parse(id, &sources);
    if !errors.is_empty() {
        return;
    }
    let once = format(&tree);
    let mut printed = Sources::default();
    let id = printed.add("fuzz.ibac", once.as_str());
    let (again, errors) = parse(id, &printed);
    assert!(errors.is_empty(), "what is printed does not parse:\n{once}");
    assert!(ast::same(&tree, &again), "what is printed means something else:\n{once}");
    assert_eq!(format(&again), once, "printing does not settle");
}
