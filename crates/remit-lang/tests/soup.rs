//! Any text at all: the parser answers, and what it accepts it can print.

use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::diagnostic::render;
use remit_lang::source::Sources;
use remit_lang::{ast, format, parse};

const WORDS: &[&str] = &[
    "permit",
    "forbid",
    "entity",
    "expect",
    "limit",
    "level",
    "action",
    "context",
    "intent",
    "label",
    "token",
    "task",
    "after",
    "at",
    "most",
    "times",
    "closed",
    "from",
    "literal",
    "package",
    "use",
    "for",
    "to",
    "on",
    "as",
    "when",
    "unless",
    "that",
    "because",
    "oblige",
    "severity",
    "within",
    "a",
    "user",
    "b.c",
    "and",
    "or",
    "not",
    "in",
    "has",
    "any",
    "x",
    "if",
    "then",
    "else",
    "is",
    "present",
    "matches",
    "r\"x\"",
    "\"t\"",
    "\"{a}\"",
    "\"{\"",
    "\"",
    "1",
    "2026-04-30",
    "15m",
    "user:a",
    ":",
    ",",
    ".",
    "*",
    "+",
    "-",
    "==",
    "<",
    "=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "\n\n",
    "// c\n",
    "/// d\n",
    "\\",
    "ö",
    "\u{0}",
    "|",
    "?",
    "^",
    "given",
    "at",
    "by",
    "read",
];

fn soup() -> impl Strategy<Value = String> {
    let part =
        prop_oneof![9 => select(WORDS).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    (proptest::collection::vec(part, 0..60), any::<bool>())
        .prop_map(|(parts, blanks)| parts.join(if blanks { " " } else { "" }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in soup()) {
        let mut sources = Sources::default();
        let id = sources.add("soup.ibac", text.clone());
        let (tree, errors) = parse(id, &sources);
        let shown = render::terminal(&errors, &sources, false);
        prop_assert_eq!(errors.is_empty(), shown.is_empty());
        prop_assert!(!render::json(&errors, &sources).is_empty());
        let once = format(&tree);
        let again = sources.add("again.ibac", once.clone());
        let (second, errors) = parse(again, &sources);
        prop_assert!(errors.is_empty(), "{text}\n---\n{once}\n---\n{}", render::terminal(&errors, &sources, false));
        prop_assert!(ast::same(&tree, &second), "{text}\n---\n{once}\n{}\n{}", ast::outline(&tree), ast::outline(&second));
        prop_assert_eq!(format(&second), once);
    }
}
