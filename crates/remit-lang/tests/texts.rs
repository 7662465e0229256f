//! Whole files: what is accepted, and what a refused one tells its author.

use remit_lang::diagnostic::{Diagnostic, render};
use remit_lang::source::Sources;
use remit_lang::{ast, parse};

fn read(name: &str, text: &str) -> (Sources, ast::File, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add(name, text);
    let (tree, errors) = parse(id, &sources);
    (sources, tree, errors)
}

#[test]
fn accepted_files_parse_whole() {
    for (name, text, items) in [
        ("payments", include_str!("accepted/payments.ibac"), 27),
        ("forms", include_str!("accepted/forms.ibac"), 16),
    ] {
        let (sources, tree, errors) = read(name, text);
        assert!(errors.is_empty(), "{}", render::terminal(&errors, &sources, false));
        assert_eq!(tree.items.len(), items, "{name}");
    }
}

#[test]
fn every_error_of_a_file_is_reported() {
    let text = "permit a\n  when\npermit b for user\nforbid c to\nlimit x = 1e5\npermitt d\nforbid e when (a\nforbid f";
    let (sources, tree, errors) = read("five.ibac", text);
    let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
    assert_eq!(
        codes,
        ["parse/unexpected", "parse/unexpected", "parse/number", "parse/unknown-item", "parse/unclosed"],
        "{}",
        render::terminal(&errors, &sources, false)
    );
    assert_eq!(tree.items.len(), 2, "the sound items are read");
}
