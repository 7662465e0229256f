//! Generated trees: whole files with every kind of node, as the parser could have built them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use remit_lang::ast::{Entity, Expr, File, Item, ItemKind, Trivia, TypeExpr};
use remit_lang::source::{Span, Spanned};

mod declarations;
mod exprs;
mod intents;
mod rules;

pub type Name = Spanned<String>;

pub fn spanned<T>(node: T) -> Spanned<T> {
    Spanned { node, span: Span::default() }
}

/// Words, among them many that mean something elsewhere in the language.
pub fn word() -> impl Strategy<Value = String> {
    let known = [
        "user",
        "resource",
        "action",
        "context",
        "intent",
        "limit",
        "permit",
        "level",
        "entity",
        "use",
        "set",
        "membership",
        "from",
        "given",
        "token",
        "label",
        "task",
        "after",
        "closed",
        "literal",
        "created",
        "record",
        "one",
        "of",
        "result",
        "times",
        "at",
        "by",
        "count",
        "contains",
        "starts",
        "ends",
        "with",
        "present",
        "missing",
        "none",
        "version",
        "ip",
        "r",
        "_",
        "x1",
    ];
    prop_oneof![
        select(known.to_vec()).prop_map(str::to_owned),
        "[a-z_][a-zA-Z0-9_]{0,8}".prop_filter("free", |word| {
            let taken = [
                "for",
                "as",
                "to",
                "on",
                "when",
                "unless",
                "that",
                "because",
                "oblige",
                "advise",
                "severity",
                "via",
                "within",
                "on_request",
                "and",
                "or",
                "not",
                "if",
                "then",
                "else",
                "in",
                "has",
                "is",
                "any",
                "all",
                "true",
                "false",
                "matches",
            ];
            !taken.contains(&word.as_str())
        })
    ]
}

/// Any text, odd characters included.
pub fn text() -> impl Strategy<Value = String> {
    let odd =
        ["\"", "\\", "\n", "\t", "\r", "{", "}", "{{", "\u{0}", "\u{202e}", "//", "ö", "🦀", "'", "r\"", " "];
    let plain = "[ -~]{0,6}".prop_map(|text| text);
    vec(prop_oneof![select(odd.to_vec()).prop_map(str::to_owned), plain], 0..4)
        .prop_map(|parts| parts.concat())
}

/// A name as the tree holds it: words, reserved words, and what needs quotes.
pub fn any_name() -> impl Strategy<Value = Name> {
    let odd = [
        "tools/call",
        "step-up",
        "for",
        "any",
        "in",
        "on",
        "true",
        "GET /x",
        "\"",
        "a\\b",
        "{",
        "ü",
        "9",
        "x-",
    ];
    let other = text().prop_filter("a name", |text| !text.is_empty() && !text.chars().any(char::is_control));
    prop_oneof![4 => word(), 2 => select(odd.to_vec()).prop_map(str::to_owned), 1 => other].prop_map(spanned)
}

pub fn plain_name() -> impl Strategy<Value = Name> {
    word().prop_map(spanned)
}

pub fn dotted() -> impl Strategy<Value = Name> {
    vec(word(), 1..3).prop_map(|words| spanned(words.join(".")))
}

pub fn time() -> impl Strategy<Value = String> {
    select(&["2026-04-30", "2026-04-30T20:15:00Z", "2026-04-30T20:15:00.5+05:30", "0001-01-01"][..])
        .prop_map(str::to_owned)
}

pub fn entity() -> impl Strategy<Value = Entity> {
    let id = prop_oneof!["[a-zA-Z0-9_]{1,6}([-.][a-z0-9]{1,3}){0,2}", text()];
    (any_name(), id).prop_map(|(kind, id)| Entity { span: Span::default(), kind, id: spanned(id) })
}

pub fn type_expr() -> impl Strategy<Value = TypeExpr> {
    (any::<bool>(), vec(any_name(), 1..3), any::<bool>()).prop_map(|(set, names, optional)| TypeExpr {
        span: Span::default(),
        set,
        names,
        optional,
    })
}

pub fn comment() -> impl Strategy<Value = String> {
    "[ -~ö\t]{0,12}".prop_map(|text| text.trim_end().to_owned())
}

/// Comments and blank lines, never two blank lines in a row.
pub fn trivia() -> impl Strategy<Value = Vec<Trivia>> {
    let one = prop_oneof![comment().prop_map(Trivia::Comment), Just(Trivia::Blank)];
    prop_oneof![3 => Just(Vec::new()), 1 => vec(one, 0..4)].prop_map(|mut all| {
        all.dedup_by(|a, b| *a == Trivia::Blank && *b == Trivia::Blank);
        all
    })
}

/// Trivia with nothing after it: a blank line there is no part of the tree.
pub fn closing() -> impl Strategy<Value = Vec<Trivia>> {
    trivia().prop_map(|mut all| {
        while all.last() == Some(&Trivia::Blank) {
            all.pop();
        }
        all
    })
}

/// A blank line at the very beginning of a body is no part of the tree.
pub fn no_first_blank(trivia: &mut Vec<Trivia>) {
    if trivia.first() == Some(&Trivia::Blank) {
        trivia.remove(0);
    }
}

pub fn trailing() -> impl Strategy<Value = Option<String>> {
    option::weighted(0.2, comment())
}

pub fn file() -> impl Strategy<Value = File> {
    (vec(item(), 0..6), closing()).prop_map(|(mut items, mut closing)| {
        match items.first_mut() {
            Some(first) => no_first_blank(&mut first.trivia),
            None => no_first_blank(&mut closing),
        }
        File { items, closing }
    })
}

fn item() -> impl Strategy<Value = Item> {
    let kind = prop_oneof![
        1 => declarations::package(),
        1 => dotted().prop_map(ItemKind::Use),
        1 => declarations::level(),
        1 => (plain_name(), exprs::expr()).prop_map(|(name, value)| ItemKind::Limit { name, value }),
        2 => declarations::entity(),
        2 => declarations::action(),
        1 => declarations::context(),
        6 => rules::rule(),
        3 => rules::expect(),
        1 => declarations::token(),
        2 => declarations::source(),
        3 => intents::intent(),
        2 => intents::label(),
    ];
    (kind, trivia(), vec(comment(), 0..2), closing(), (any::<bool>(), trailing())).prop_map(
        |(kind, trivia, doc, mut closing, (spread, trailing))| {
            let (body, empty) = match &kind {
                ItemKind::Entity { attributes, .. } => (true, attributes.is_empty()),
                ItemKind::Context(fields) | ItemKind::Token(fields) => (true, fields.is_empty()),
                ItemKind::Intent(intent) => (true, intent.parts.is_empty()),
                ItemKind::Source(source) => (true, source.parts.is_empty()),
                ItemKind::Action { properties, .. } => (!properties.is_empty(), false),
                _ => (false, false),
            };
            if !body {
                closing.clear();
            }
            if empty {
                no_first_blank(&mut closing);
            }
            let taken = match &kind {
                ItemKind::Rule(rule) => !rule.clauses.is_empty(),
                ItemKind::Label(label) => !label.clauses.is_empty(),
                _ => false,
            };
            Item {
                span: Span::default(),
                doc,
                trivia,
                kind,
                closing,
                spread,
                trailing: trailing.filter(|_| !taken),
            }
        },
    )
}

pub type Properties = Vec<(Name, Expr)>;
