//! Whole files: what is accepted, and what a refused one tells its author.

#![expect(clippy::panic, reason = "a tree of another shape fails the test")]

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
        ("forms", include_str!("accepted/forms.ibac"), 23),
        ("language", include_str!("accepted/language.ibac"), 26),
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

/// Refused, each with a neighbour that is accepted.
#[test]
fn refusals_have_permitted_neighbours() {
    for (refused, accepted) in [
        ("permit a when a.b* 2 > 3", "permit a when a.b * 2 > 3"),
        ("permit a to step-up", "permit a to \"step-up\""),
        ("permit a for any b", "permit a for any, b"),
        ("permit a when any x in s:y", "permit a when any x in s: y"),
        ("permit a when x .y", "permit a when x.y"),
        ("permit a when x is not y", "permit a when not (x is y)"),
        ("permit a when x matches \"y\"", "permit a when x matches r\"y\""),
        ("permit a when x has any", "permit a when x has any y"),
        ("permit a when {a: 1} == x", "permit a oblige x { a: { a: 1 } }"),
        ("permit a when [a b]", "permit a when [a, b,]"),
        ("permit a when 1.x", "permit a when (1).x"),
        ("permit a when 2026-04-31 < now", "permit a when 2026-04-30 < now"),
        ("permit a when 2026-04-30T20:15:00 < now", "permit a when 2026-04-30T20:15:00Z < now"),
        ("permit a because \"{\"", "permit a because \"{{\""),
        ("permit a because \"{a // b}\"", "permit a because \"{a} // b\""),
        ("permit a because \"{x matches r\\\"}\\\"\"", "permit a because \"{x matches r\\\"}\\\"}\""),
        ("permit a severity very high", "permit a severity high"),
        ("permit a-b", "permit a_b"),
        ("permit \"a\"", "permit a"),
        ("expect permit user:a read record:b at now", "expect permit user:a read record:b at 2026-04-30"),
        ("expect permit user:a read record:b by x by y", "expect permit user:a read record:b by x, y"),
        ("expect permit user read record:b", "expect permit user:read read record:b"),
        ("entity a { b c }", "entity a { b: c }"),
        ("entity a { membership: }", "entity a { membership: b }"),
        ("entity a { b: set<set<c>> }", "entity a { b: set<c | d>? }"),
        ("level a {}", "level a { b }"),
        ("level a { b < }", "level a { b < c }"),
        ("limit a 5", "limit a = -5"),
        ("limit a = 1_", "limit a = 1_0"),
        ("limit a = 5.", "limit a = 5.0"),
        ("limit a = \"\\x41\"", "limit a = \"\\u{41}\""),
        ("limit a = \"b\nc\"", "limit a = \"b\\nc\""),
        ("action a b", "action a, b"),
        ("use a.", "use a.b"),
        ("package a until \"x\"", "package a until 2027-04-30"),
        ("permit a permit b", "permit a\npermit b"),
        ("permit a via", "permit a via any"),
        ("permit a within", "permit a within none"),
        ("permit a on_request", "permit a on_request \"x y\""),
        ("permit a when chain matches [a*]", "permit a when chain matches [any*]"),
        ("permit a when transaction.done (b)", "permit a when transaction.done(b)"),
        ("permit a when x.^done(b)", "permit a when x.done(b)"),
        ("intent a { task b }", "intent a { task b: c }"),
        ("intent a { task b: c at most 2 }", "intent a { task b: c at most 2 times }"),
        ("intent a { task b: c at most 2 of d }", "intent a { task b: c at most 2 of action.d }"),
        ("intent a { hops 2 }", "intent a { hops at most 2 }"),
        (
            "intent a { task b: c when d and action.to from literal }",
            "intent a { task b: c when d when action.to from literal }",
        ),
        ("intent a { task b: c action.to from here }", "intent a { task b: c action.to from created }"),
        ("intent a { permit b }", "intent a { for b }"),
        ("label a on b", "label a after any on b"),
        ("label a after b severity high", "label a after b when c"),
        ("token a", "token { a: string }"),
        (
            "expect deny user:a read doc:b within i after read doc:c",
            "expect deny user:a read doc:b within i after [read doc:c]",
        ),
        ("permit a when b or\naction contains", "permit a when b or action\naction contains"),
    ] {
        let (_, _, errors) = read("refused", refused);
        assert!(!errors.is_empty(), "{refused}");
        let (sources, _, errors) = read("accepted", accepted);
        assert!(errors.is_empty(), "{}", render::terminal(&errors, &sources, false));
    }
}

/// The tree of one condition, written with every parenthesis.
fn shape(condition: &str) -> String {
    let (sources, tree, errors) = read("shape", &format!("permit a when {condition}"));
    assert!(errors.is_empty(), "{}", render::terminal(&errors, &sources, false));
    let Some(ast::ItemKind::Rule(rule)) = tree.items.first().map(|item| &item.kind) else { panic!("a rule") };
    let Some(ast::ClauseKind::When(expr)) = rule.clauses.first().map(|clause| &clause.kind) else {
        panic!("when")
    };
    full(expr)
}

fn full(expr: &ast::Expr) -> String {
    use ast::ExprKind;
    use remit_lang::checked::Reach;
    match &expr.kind {
        ExprKind::Name(text) | ExprKind::Number(text) => text.clone(),
        ExprKind::Not(inner) => format!("(not {})", full(inner)),
        ExprKind::Binary(operator, left, right) => format!("({} {operator:?} {})", full(left), full(right)),
        ExprKind::Presence(inner, present) => format!("({} present={present})", full(inner)),
        ExprKind::Quantifier { any, variable, set, body } => {
            format!("(any={any} {} {} {})", variable.node, full(set), full(body))
        }
        ExprKind::If(test, then, other) => format!("(if {} {} {})", full(test), full(then), full(other)),
        ExprKind::Step { base, name, inverse, reach, filter } => {
            let reach = match reach {
                Reach::One => "",
                Reach::ZeroOrMore => "*",
                Reach::OneOrMore => "+",
            };
            let filter = filter.as_ref().map(|filter| format!("[{}]", full(filter))).unwrap_or_default();
            format!("{}.{}{}{reach}{filter}", full(base), if *inverse { "^" } else { "" }, name.node)
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn precedence_and_navigation_read_as_written() {
    for (text, expected) in [
        ("a or b and not c == d", "(a Or (b And (not (c Equal d))))"),
        ("not a and b", "((not a) And b)"),
        ("a + b * c - d < e", "(((a Add (b Multiply c)) Subtract d) Less e)"),
        ("a == b is present", "(a Equal (b present=true))"),
        ("a + b is missing", "((a Add b) present=false)"),
        ("any x in s: x or y", "(any=true x s (x Or y))"),
        ("a and if b then c else d or e", "(a And (if b c (d Or e)))"),
        ("s.m*.^o has r", "(s.m*.^o Has r)"),
        ("a.b*c", "(a.b Multiply c)"),
        ("a.b*(c)", "(a.b Multiply c)"),
        ("a.b * c", "(a.b Multiply c)"),
        ("a.b*-3", "(a.b Multiply -3)"),
        ("a.b+ - 3", "(a.b+ Subtract 3)"),
        ("a.b+[c == d].e", "a.b+[(c Equal d)].e"),
        ("a*b", "(a Multiply b)"),
        ("a - -3", "(a Subtract -3)"),
        ("a -3", "(a Subtract 3)"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn spans_end_with_the_last_token() {
    let text = "permit a\n  for user in group:x   // who\n  when b.c  and d   \n\n// next\npermit b";
    let (sources, tree, _) = read("spans", text);
    let Some(ast::ItemKind::Rule(rule)) = tree.items.first().map(|item| &item.kind) else { panic!("a rule") };
    let spans: Vec<&str> = rule.clauses.iter().map(|clause| sources.text(clause.span)).collect();
    assert_eq!(spans, ["for user in group:x", "when b.c  and d"]);
    assert_eq!(rule.clauses[0].trailing.as_deref(), Some("who"));
    let Some(ast::ClauseKind::When(expr)) = rule.clauses.get(1).map(|clause| &clause.kind) else {
        panic!("when")
    };
    let ast::ExprKind::Binary(_, left, right) = &expr.kind else { panic!("and") };
    assert_eq!((sources.text(left.span), sources.text(right.span)), ("b.c", "d"));
}

#[test]
fn spans_in_templates_point_into_the_file() {
    let text = "permit a because \"\\\"ö\\\" {user.nam == \\\"x\\\"}\"";
    let (sources, tree, errors) = read("template", text);
    assert!(errors.is_empty());
    let Some(ast::ItemKind::Rule(rule)) = tree.items.first().map(|item| &item.kind) else { panic!("a rule") };
    let Some(ast::ClauseKind::Because(template)) = rule.clauses.first().map(|clause| &clause.kind) else {
        panic!()
    };
    let Some(ast::TemplatePart::Hole(hole)) = template.parts.get(1) else { panic!("a hole") };
    let ast::ExprKind::Binary(_, left, right) = &hole.kind else { panic!("==") };
    assert_eq!(sources.text(left.span), "user.nam");
    assert_eq!(sources.text(right.span), "\\\"x\\\"");
}
