//! What is refused before the parser runs, and how long refusing takes.

use std::fmt::Write;

use remit_lang::ast::File;
use remit_lang::diagnostic::Diagnostic;
use remit_lang::limits::{MAX_DEPTH, MAX_FILE_BYTES, MAX_ITEM_BYTES, MAX_ITEMS, MAX_NESTING};
use remit_lang::parse;
use remit_lang::source::Sources;

fn read(text: &str) -> (File, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add("guard.ibac", text);
    parse(id, &sources)
}

fn codes(text: &str) -> Vec<&'static str> {
    read(text).1.iter().map(|error| error.code).collect()
}

#[test]
fn a_million_brackets_are_refused_not_parsed() {
    for open in ["(", "count(a.b["] {
        let text = format!("permit a when {}", open.repeat(1_000_000 / open.len()));
        assert_eq!(codes(&text), ["parse/unclosed"], "{open}");
    }
    let closed = format!("permit a when {}x{}", "(".repeat(500_000), ")".repeat(500_000));
    assert_eq!(codes(&closed), ["parse/item-too-large"]);
    assert_eq!(codes(&format!("permit a when x{}", ")".repeat(1_000_000))), ["parse/unopened"]);
    assert_eq!(codes(&format!("entity a {}", "{".repeat(1_000_000))), ["parse/unclosed"]);
}

#[test]
fn nesting_has_a_limit_with_a_permitted_neighbour() {
    let brackets = |n: usize| format!("permit a when {}x{}", "(".repeat(n), ")".repeat(n));
    assert!(codes(&brackets(MAX_NESTING)).is_empty());
    assert_eq!(codes(&brackets(MAX_NESTING + 1)), ["parse/too-deep"]);
    for nested in ["any x in s: ", "if a then b else ", "not (any x in s: x) and all y in s: "] {
        let text = |n: usize| format!("permit a when {}x", nested.repeat(n));
        assert!(codes(&text(10)).is_empty(), "{nested}");
        assert_eq!(codes(&text(MAX_NESTING + 1)), ["parse/too-deep"], "{nested}");
        assert_eq!(codes(&text(1_500)), ["parse/too-deep"], "{nested}");
    }
    let records = |n: usize| format!("permit a oblige x {}1{}", "{ a: ".repeat(n), " }".repeat(n));
    assert!(codes(&records(MAX_NESTING)).is_empty());
    assert_eq!(codes(&records(MAX_NESTING + 1)), ["parse/too-deep"]);
}

#[test]
fn words_of_clauses_as_members_do_not_hide_nesting() {
    let text = format!("permit a when {}x", "if a.on then b else ".repeat(2_000));
    assert_eq!(codes(&text), ["parse/too-deep"]);
}

#[test]
fn holes_of_templates_are_guarded_too() {
    let hole = |n: usize| format!("permit a because \"x {{{}y{}}}\"", "(".repeat(n), ")".repeat(n));
    assert!(codes(&hole(MAX_NESTING)).is_empty());
    assert_eq!(codes(&hole(MAX_NESTING + 1)), ["parse/too-deep"]);
    assert_eq!(codes(&hole(10_000)), ["parse/too-deep"]);
}

#[test]
fn rows_of_operators_and_steps_have_a_limit() {
    let most = usize::try_from(MAX_DEPTH).unwrap();
    let row = |n: usize, word: &str| format!("permit a when x{}", format!(" {word} x").repeat(n - 1));
    for word in ["and", "or", "+", "*", "=="] {
        assert!(codes(&row(most, word)).is_empty(), "{word}");
        assert_eq!(codes(&row(most + 1, word)), ["parse/too-deep"], "{word}");
        assert_eq!(codes(&row(2_000, word)), ["parse/too-deep"], "{word}");
    }
    assert!(codes(&format!("permit a when x{}", ".b".repeat(most - 1))).is_empty());
    assert_eq!(codes(&format!("permit a when x{}", ".b".repeat(20_000))), ["parse/too-deep"]);
    assert_eq!(codes(&format!("permit a when {}x", "not ".repeat(15_000))), ["parse/too-deep"]);
    assert_eq!(codes(&format!("permit a when x{}", " is present".repeat(5_000))), ["parse/too-deep"]);
}

#[test]
fn sizes_have_limits() {
    assert_eq!(codes(&" ".repeat(MAX_FILE_BYTES + 1)), ["parse/file-too-large"]);
    assert!(codes(&" ".repeat(MAX_FILE_BYTES)).is_empty());
    let item = |n: usize| format!("permit a because \"{}\"", "x".repeat(n - 19));
    assert!(codes(&item(MAX_ITEM_BYTES)).is_empty());
    assert_eq!(codes(&item(MAX_ITEM_BYTES + 1)), ["parse/item-too-large"]);
    let items = |n: usize| {
        (0..n).fold(String::new(), |mut text, n| {
            writeln!(text, "permit a{n}").unwrap();
            text
        })
    };
    assert!(codes(&items(MAX_ITEMS)).is_empty());
    assert_eq!(codes(&items(MAX_ITEMS + 1)), ["parse/too-many-items"]);
}

#[test]
fn errors_are_counted_and_cut() {
    let text = "permit a when\n".repeat(500);
    let errors = codes(&text);
    assert_eq!(errors.len(), 201);
    assert_eq!(errors.last(), Some(&"parse/too-many-errors"));
}

#[test]
fn a_refusal_says_where() {
    let text = "permit fine\n\npermit a when ((((";
    let (tree, errors) = read(text);
    assert_eq!(tree.items.len(), 1);
    assert_eq!(errors.first().and_then(Diagnostic::place).map(|at| at.start), Some(30));
}

/// The conditions of one intent stand beside, not inside one another.
#[test]
fn the_tasks_of_an_intent_do_not_nest() {
    let tasks: String =
        (0..MAX_NESTING + 2).map(|n| format!("task t{n}: a when any x in s: x == y ")).collect();
    assert!(codes(&format!("intent i {{ {tasks} }}")).is_empty());
    let nested = "any x in s: ".repeat(MAX_NESTING + 1);
    assert_eq!(codes(&format!("intent i {{ task t: a when {nested} y }}")), ["parse/too-deep"]);
}

/// Doubling the text may not much more than double the work. Counted in time against itself, and tried again where the
/// machine was busy: work that grows with the square is 64 times as much however often it is tried.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test of time needs a clock")]
fn parsing_takes_linear_time() {
    let shapes: [fn(usize) -> String; 4] = [
        |n| format!("permit a when [{}x]", "(((((((((((((((a == b))))))))))))))), ".repeat(n)),
        |n| format!("permit a when x in [{}1]", "count([count([count([a])])]), ".repeat(n)),
        |n| {
            format!(
                "permit a oblige x {{ {} }}",
                "a: if b then [c.d*[e], f:g] else any x in y: z, ".repeat(n)
            )
        },
        |n| format!("permit a when [{}x", "user:\"a\" == \"b\", ".repeat(n)),
    ];
    for (at, shape) in shapes.iter().enumerate() {
        let time = |n: usize| {
            let text = shape(n);
            let start = std::time::Instant::now();
            let _ = read(&text);
            start.elapsed()
        };
        let tried: Vec<_> = (0..8)
            .map(|_| {
                let small = (0..2).map(|_| time(50)).min().unwrap();
                (small, (0..2).map(|_| time(400)).min().unwrap())
            })
            .take_while(|(small, large)| *large >= *small * 32 + std::time::Duration::from_millis(50))
            .collect();
        assert!(tried.len() < 8, "{at}: {tried:?}");
    }
}
