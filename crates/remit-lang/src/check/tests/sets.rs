//! What holds between files: packages, order, test files, bounds.

use crate::ast;
use crate::compile;
use crate::diagnostic::Diagnostic;
use crate::source::{Span, Spanned};

use super::super::check;
use super::sources;

/// The codes whose cases need more than one file.
pub(super) const CODES: [&str; 8] = [
    "check/second-package",
    "check/headers-differ",
    "check/ends-early",
    "check/policy-in-test",
    "check/package-not-used",
    "check/unknown-package",
    "check/ambiguous-rule",
    "check/ambiguous-intent",
];

fn refused(files: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let sources = sources(files);
    let place = |one: &Diagnostic| one.place().map(|span| sources.text(span).to_owned()).unwrap_or_default();
    match compile(&sources) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|one| (one.code, place(one))).collect(),
    }
}

const CORE: &str = "package core\nlevel class { low < high }\nentity user { class: class }\nentity doc { size: int }\naction read on doc\nlimit most = 1\npermit everyone to read";

/// What a case is called, its files, and the code and text of each error.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [(&'a str, &'a str)]);

#[test]
fn files_of_a_set_fit_together() {
    let table: &[Case<'_>] = &[
        (
            "two package lines",
            &[("a.ibac", "package a\npackage b")],
            &[("check/second-package", "package b")],
        ),
        (
            "headers agree",
            &[
                ("a.ibac", "package a version \"1\""),
                ("b.ibac", "package a version \"1\""),
                ("c.ibac", "package a"),
            ],
            &[],
        ),
        (
            "headers differ",
            &[("a.ibac", "package a version \"1\""), ("b.ibac", "package a version \"2\"")],
            &[("check/headers-differ", "package a version \"2\"")],
        ),
        (
            "ends early",
            &[("a.ibac", "package a approved by \"b\" on 2026-02-01 until 2026-01-01")],
            &[("check/ends-early", "2026-01-01")],
        ),
        ("ends late", &[("a.ibac", "package a approved by \"b\" on 2026-02-01 until 2026-03-01")], &[]),
        (
            "policy in a test file",
            &[
                ("core.ibac", CORE),
                ("core.test.ibac", "package core\nlimit x = 1\nexpect permit user:a read doc:b by everyone"),
            ],
            &[("check/policy-in-test", "limit x = 1")],
        ),
        (
            "tests see everything",
            &[
                ("core.ibac", CORE),
                ("x.test.ibac", "expect permit user:a read doc:b by everyone, core.everyone"),
            ],
            &[],
        ),
        (
            "unknown package",
            &[("core.ibac", CORE), ("a.ibac", "package a\nuse coer")],
            &[("check/unknown-package", "coer")],
        ),
        (
            "a test file makes no package",
            &[("a.test.ibac", "package a"), ("b.ibac", "package b\nuse a")],
            &[("check/unknown-package", "a")],
        ),
        (
            "names of an unused package",
            &[
                ("core.ibac", CORE),
                (
                    "a.ibac",
                    "package a\npermit p for user to read when resource.size < limits.most and context.x == high",
                ),
            ],
            &[("check/package-not-used", "user"), ("check/package-not-used", "read")],
        ),
        (
            "a level member of an unused package",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\npermit p when context.x == high and context.y == limits.most"),
            ],
            &[("check/package-not-used", "high"), ("check/package-not-used", "most")],
        ),
        (
            "types of an unused package",
            &[("core.ibac", CORE), ("a.ibac", "package a\nentity e { o: user, c: class }\naction go on doc")],
            &[
                ("check/package-not-used", "user"),
                ("check/package-not-used", "class"),
                ("check/package-not-used", "doc"),
            ],
        ),
        (
            "names of a used package",
            &[
                ("core.ibac", CORE),
                (
                    "a.ibac",
                    "package a\nuse core\nentity e { o: user, c: class }\naction go on doc\npermit p for user, e to read when resource.size < limits.most and context.x == high",
                ),
            ],
            &[],
        ),
        (
            "one action over packages",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\nentity e {}\naction read on e\npermit p to read on e"),
            ],
            &[],
        ),
        (
            "rules of one name in two packages",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\nuse core\npermit everyone to read"),
                ("x.test.ibac", "expect permit user:a read doc:b by everyone"),
            ],
            &[("check/ambiguous-rule", "everyone")],
        ),
        (
            "an intent of two packages",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\nuse core\nintent pay { task p: read }"),
                ("b.ibac", "package b\nuse core\nintent pay { task p: read }"),
                ("x.test.ibac", "expect deny user:a read doc:b within pay"),
            ],
            &[("check/ambiguous-intent", "pay")],
        ),
        (
            "an intent by its package",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\nuse core\nintent pay { task p: read }"),
                ("b.ibac", "package b\nuse core\nintent pay { task p: read }\npermit one to read within pay"),
                ("x.test.ibac", "expect deny user:a read doc:b within a.pay"),
            ],
            &[],
        ),
        (
            "intents, tasks and labels of a package that is not used",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\nuse core\nintent pay { task p: read }\nlabel seen after read"),
                (
                    "b.ibac",
                    "package b\nuse core\npermit one to read within pay\npermit two to read when transaction.done(p)\npermit three to read when transaction.carries(seen)",
                ),
            ],
            &[
                ("check/package-not-used", "pay"),
                ("check/unknown-task", "p"),
                ("check/package-not-used", "seen"),
            ],
        ),
        (
            "the own package comes first",
            &[
                ("core.ibac", CORE),
                ("a.ibac", "package a\nuse core\npermit everyone to read"),
                ("x.test.ibac", "package a\nexpect permit user:a read doc:b by everyone, core.everyone"),
            ],
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for (case, files, expected) in table {
        let expected: Vec<_> = expected.iter().map(|(code, text)| (*code, (*text).to_owned())).collect();
        let found = refused(files);
        if found != expected {
            wrong.push(format!("{case}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything but ids of files, which follow the order in which files were added.
fn outcome(files: &[(&str, &str)]) -> (String, Vec<String>) {
    let sources = sources(files);
    let names = |diagnostics: Vec<Diagnostic>| {
        let line = |one: Diagnostic| {
            let span = one.place().unwrap_or_default();
            let file = sources.file(span.file).map(|file| file.name.clone());
            format!("{file:?} {} {} {}", span.start, one.code, one.message)
        };
        diagnostics.into_iter().map(line).collect()
    };
    match compile(&sources) {
        Err(errors) => (String::new(), names(errors)),
        Ok((set, warnings)) => {
            let rules: Vec<_> = set
                .rules
                .iter()
                .map(|rule| {
                    format!(
                        "{} {:?} {:?} {:?} {:?}",
                        rule.id, rule.subjects, rule.actions, rule.resources, rule.condition.ty
                    )
                })
                .collect();
            let expects: Vec<_> =
                set.expects.iter().map(|expect| (&expect.by, &expect.subject.entity)).collect();
            let intents = set.intents.iter().map(|intent| {
                let tasks: Vec<_> =
                    intent.tasks.iter().map(|task| (&task.name, &task.after, &task.budgets)).collect();
                format!("{} {tasks:?}", intent.id)
            });
            let intents: Vec<String> = intents.collect();
            let labels: Vec<_> =
                set.labels.iter().map(|label| (&label.label, label.removes, &label.actions)).collect();
            let text = format!(
                "{:?} {:?} {:?} {rules:?} {intents:?} {labels:?} {expects:?}",
                set.schema.id(),
                set.packages,
                set.limits
            );
            (text, names(warnings))
        }
    }
}

#[test]
fn the_order_of_files_and_rules_changes_nothing() {
    let more = "package more\nuse core\nentity note { text: string }\naction read on note\naction pin on note\nlimit least = 0\nforbid b to pin when limits.least == 1\npermit a for user to read on note\nintent i { task q: pin task p: read after q }\nintent h { task q: pin }\nlabel m after pin\nlabel l after read unless transaction.carries(m)\ntoken { x: int }\nexpect permit user:a read note:b by a";
    let reversed = "package more\nuse core\nexpect permit user:a read note:b by a\ntoken { x: int }\nlabel l after read unless transaction.carries(m)\nlabel m after pin\nintent h { task q: pin }\nintent i { task p: read after q task q: pin }\npermit a for user to read on note\nforbid b to pin when limits.least == 1\nlimit least = 0\naction pin on note\naction read on note\nentity note { text: string }";
    let broken = "package broken\nuse core\npermit x for usr to read\npermit y to raed\nentity user {}";
    assert_eq!(outcome(&[("a", CORE), ("b", more)]), outcome(&[("b", more), ("a", CORE)]));
    assert_eq!(outcome(&[("a", CORE), ("b", more)]).0, outcome(&[("a", CORE), ("b", reversed)]).0);
    let (text, errors) = outcome(&[("a", CORE), ("b", more), ("c", broken)]);
    assert_eq!((text.as_str(), errors.len()), ("", 3), "{errors:?}");
    assert_eq!(outcome(&[("c", broken), ("b", more), ("a", CORE)]).1, errors);
}

#[test]
fn a_file_that_cannot_be_read_is_the_only_one_blamed() {
    let errors = refused(&[("a.ibac", "entity user { name: }"), ("b.ibac", "permit a for user")]);
    assert!(!errors.is_empty() && errors.iter().all(|(code, _)| code.starts_with("parse/")), "{errors:?}");
}

fn named(text: &str) -> Spanned<String> {
    Spanned { node: text.to_owned(), span: Span::default() }
}

fn item(kind: ast::ItemKind) -> ast::Item {
    let (doc, trivia, closing) = (Vec::new(), Vec::new(), Vec::new());
    ast::Item { span: Span::default(), doc, trivia, kind, closing, spread: false, trailing: None }
}

fn codes_of(items: Vec<ast::Item>) -> Vec<&'static str> {
    let sources = sources(&[("a.ibac", "")]);
    let files: Vec<_> = sources
        .iter()
        .map(|(id, _)| (id, ast::File { items: items.clone(), ..ast::File::default() }))
        .collect();
    check(&files, &sources).err().unwrap_or_default().iter().map(|one| one.code).collect()
}

fn limit(value: ast::ExprKind) -> ast::ItemKind {
    ast::ItemKind::Limit { name: named("x"), value: ast::Expr { span: Span::default(), kind: value } }
}

#[test]
fn trees_that_no_text_gives_are_refused_too() {
    use ast::{ExprKind, ItemKind};
    let header = |on: Option<&str>| {
        ItemKind::Package(ast::Package {
            name: named("a"),
            version: None,
            approved_by: None,
            approved_on: on.map(named),
            until: None,
        })
    };
    let nested = (0..300).fold(ExprKind::Bool(true), |inner, _| {
        ExprKind::Set(vec![ast::Expr { span: Span::default(), kind: inner }])
    });
    let unit = |name: &str| ItemKind::Level { name: named(name), members: vec![named("one")] };
    for (items, expected) in [
        (vec![ItemKind::Level { name: named("l"), members: Vec::new() }], vec!["check/empty-level"]),
        (vec![ItemKind::Level { name: named(""), members: vec![named("a")] }], vec!["check/malformed-name"]),
        (vec![unit("l")], vec![]),
        (vec![header(Some("2026-13-01"))], vec!["check/date"]),
        (vec![header(Some("2026-12-01"))], vec![]),
        (vec![limit(ExprKind::Record(Vec::new()))], vec!["check/limit-not-literal"]),
        (vec![limit(ExprKind::Bool(true))], vec![]),
        (vec![limit(ExprKind::Number("0.0000000000000000001".to_owned()))], vec!["check/number-not-exact"]),
        (vec![limit(ExprKind::Number("0.000000000000000001".to_owned()))], vec![]),
        (vec![limit(nested)], vec!["check/too-deep"]),
        ((0..1_100).map(|at| unit(&format!("l{at}"))).collect(), vec!["check/too-many"]),
    ] {
        assert_eq!(codes_of(items.into_iter().map(item).collect()), expected);
    }
}

#[test]
fn a_record_is_a_property_and_nothing_else() {
    let record = ast::Expr { span: Span::default(), kind: ast::ExprKind::Record(Vec::new()) };
    let clause = ast::Clause {
        span: Span::default(),
        trivia: Vec::new(),
        kind: ast::ClauseKind::When(record),
        trailing: None,
    };
    let effect = Spanned { node: crate::checked::Effect::Permit, span: Span::default() };
    let rule = ast::Rule { effect, name: named("r"), clauses: vec![clause] };
    assert_eq!(codes_of(vec![item(ast::ItemKind::Rule(rule))]), ["check/record-elsewhere"]);
}

#[test]
fn what_the_parser_lets_through_fits_the_stack() {
    let steps = "context.a".to_owned() + &".b".repeat(110);
    let sum = "1".to_owned() + &" + 1".repeat(110);
    let nots = "not ".repeat(40) + "context.x";
    let both = "context.x".to_owned() + &" and context.y".repeat(110);
    let sets = "[".repeat(40) + "context.x" + &"]".repeat(40);
    let text = format!(
        "package p\nforbid a when {steps} == {sum}\nforbid b when {nots}\nforbid c when {both}\nforbid d when {sets} == []"
    );
    assert_eq!(refused(&[("a.ibac", &text)]), []);
}
