//! The page of the language's part for agents compiles as it stands, and is written as the formatter writes.

#![expect(clippy::expect_used, reason = "a test reads its page and may fail loudly")]

use remit_lang::diagnostic::render;
use remit_lang::source::Sources;
use remit_lang::{compile, format, parse};

fn example() -> &'static str {
    let page = include_str!("../README.md");
    let (_, rest) = page.split_once("```ibac\n").expect("the page has an example");
    rest.split_once("```").expect("the example ends").0
}

#[test]
fn the_example_compiles_without_remarks() {
    let mut sources = Sources::default();
    sources.add("page.ibac", example());
    match compile(&sources) {
        Ok((set, warnings)) => {
            assert!(warnings.is_empty(), "{}", render::terminal(&warnings, &sources, false));
            assert_eq!((set.intents.len(), set.labels.len(), set.rules.len()), (1, 2, 10));
        }
        Err(errors) => panic!("{}", render::terminal(&errors, &sources, false)),
    }
}

#[test]
fn the_example_is_in_canonical_form() {
    let mut sources = Sources::default();
    let file = sources.add("page.ibac", example());
    let (tree, errors) = parse(file, &sources);
    assert!(errors.is_empty());
    assert_eq!(format(&tree), example());
}
