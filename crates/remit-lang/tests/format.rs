//! The formatter: canonical, idempotent, and true to what it reads.

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use remit_lang::ast::{self, File};
use remit_lang::diagnostic::render;
use remit_lang::source::Sources;
use remit_lang::{format, parse};

mod trees;

fn read(text: &str) -> Result<File, String> {
    let mut sources = Sources::default();
    let id = sources.add("text.ibac", text);
    let (tree, errors) = parse(id, &sources);
    if errors.is_empty() { Ok(tree) } else { Err(render::terminal(&errors, &sources, false)) }
}

#[test]
fn accepted_files_survive_and_settle() {
    for text in [
        include_str!("accepted/payments.ibac"),
        include_str!("accepted/forms.ibac"),
        include_str!("accepted/language.ibac"),
    ] {
        let tree = read(text).unwrap();
        let once = format(&tree);
        let again = read(&once).unwrap();
        assert!(ast::same(&tree, &again), "{once}");
        assert_eq!(format(&again), once);
    }
}

/// Words of the language as names at the end of an item, before one whose own name could join two values.
#[test]
fn an_item_ends_with_any_name_and_the_next_begins_with_any() {
    for last in [
        "package for",
        "package p.for",
        "package p\nuse to",
        "package p\nuse a.when",
        "package p\naction user on for",
        "package p\naction user on doc, is",
    ] {
        for next in [
            "action contains",
            "action starts, read",
            "action ends on doc",
            "action is_open",
            "level grade { low < high }",
        ] {
            let text = std::format!("{last}\n{next}\n");
            let tree = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
            let once = format(&tree);
            let again = read(&once).unwrap_or_else(|errors| panic!("{errors}\n{once}"));
            assert!(ast::same(&tree, &again), "{text}\nbecame\n{once}");
        }
    }
}

/// 2,000 generated files, or 100,000 with `REMIT_FULL=1`.
#[test]
fn generated_files_survive_and_settle() {
    #[expect(clippy::disallowed_methods, reason = "the length of a test run is no input of the language")]
    let full = std::env::var("REMIT_FULL").is_ok_and(|value| value == "1");
    let cases = if full { 100_000 } else { 2_000 };
    // Names that are words of the language are drawn anew: often enough that the usual bound ends a long run.
    let config =
        Config { cases, max_local_rejects: cases * 100, failure_persistence: None, ..Config::default() };
    let survives = |tree: File| {
        let once = format(&tree);
        let again = read(&once).map_err(|errors| TestCaseError::fail(std::format!("{errors}\n{once}")))?;
        if !ast::same(&tree, &again) {
            let (before, after) = (ast::outline(&tree), ast::outline(&again));
            let line = before.lines().zip(after.lines()).position(|(a, b)| a != b).unwrap_or(0);
            let near = |text: &str| {
                text.lines().skip(line.saturating_sub(9)).take(12).collect::<Vec<_>>().join("\n")
            };
            let (before, after) = (near(&before), near(&after));
            return Err(TestCaseError::fail(std::format!("{once}\nwas\n{before}\nbecame\n{after}")));
        }
        let twice = format(&again);
        if once == twice { Ok(()) } else { Err(TestCaseError::fail(std::format!("{once}\nbecame\n{twice}"))) }
    };
    match TestRunner::new(config).run(&trees::file(), survives) {
        Ok(()) => {}
        Err(TestError::Fail(why, _)) => panic!("{why}"),
        Err(aborted) => panic!("{aborted}"),
    }
}
