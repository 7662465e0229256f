//! Tree to canonical text: one way to write each policy. `parse(format(x)) == x`, and formatting twice changes
//! nothing. Comments, doc comments and single blank lines stay; what belongs together is aligned.

use crate::ast::{ClauseKind, File, Item, ItemKind, Trivia};

mod declaration;
mod expect;
mod expr;
mod rule;
mod word;

/// Lines are broken, where the language has a place to break them, when they would be longer.
const WIDTH: usize = 100;

/// The canonical text of a file; it ends with a line's end unless it is empty.
#[must_use]
pub fn format(file: &File) -> String {
    let mut out = String::new();
    for item in &file.items {
        trivia(&item.trivia, "", &mut out);
        for line in &item.doc {
            doc(line, "", &mut out);
        }
        self::item(item, &mut out);
        // A rule's last line may carry a comment of its last clause; that of the item stands for bare rules.
        trailing(item.trailing.as_deref(), &mut out);
        out.push('\n');
    }
    trivia(&file.closing, "", &mut out);
    out
}

/// The item without its line's end.
fn item(item: &Item, out: &mut String) {
    match &item.kind {
        ItemKind::Package(package) => declaration::package(package, out),
        ItemKind::Use(name) => {
            out.push_str("use ");
            out.push_str(&name.node);
        }
        ItemKind::Level { name, members } => declaration::level(name, members, out),
        ItemKind::Limit { name, value } => {
            out.push_str(&format!("limit {} = {}", name.node, expr::text(value)));
        }
        ItemKind::Entity { name, attributes } => declaration::entity(name, attributes, &item.closing, out),
        ItemKind::Action { names, on, properties } => {
            declaration::action(names, on, properties, &item.closing, out);
        }
        ItemKind::Context(fields) => declaration::context(fields, &item.closing, out),
        ItemKind::Rule(rule) => rule::rule(rule, out),
        ItemKind::Expect(expect) => expect::expect(expect, out),
        ItemKind::Later { text, .. } => out.push_str(text),
    }
}

/// Comments and blank lines before a thing, each on its own line.
fn trivia(all: &[Trivia], indent: &str, out: &mut String) {
    for one in all {
        match one {
            Trivia::Comment(text) => {
                out.push_str(indent);
                comment(text, out);
            }
            Trivia::Blank => {}
        }
        out.push('\n');
    }
}

fn comment(text: &str, out: &mut String) {
    out.push_str(if text.is_empty() || text.starts_with("//") { "//" } else { "// " });
    out.push_str(text);
}

fn doc(line: &str, indent: &str, out: &mut String) {
    out.push_str(indent);
    out.push_str(if line.is_empty() { "///" } else { "/// " });
    out.push_str(line);
    out.push('\n');
}

/// A comment at the end of a line.
fn trailing(text: Option<&str>, out: &mut String) {
    if let Some(text) = text {
        out.push_str("  ");
        comment(text, out);
    }
}

/// Characters on the last line so far.
fn column(out: &str) -> usize {
    out.rsplit('\n').next().unwrap_or(out).chars().count()
}

/// The word a clause begins with; those kept as text bring their own.
fn keyword(kind: &ClauseKind) -> &'static str {
    match kind {
        ClauseKind::For(_) => "for",
        ClauseKind::As(_) => "as",
        ClauseKind::To(_) => "to",
        ClauseKind::On(_) => "on",
        ClauseKind::When(_) => "when",
        ClauseKind::Unless(_) => "unless",
        ClauseKind::That(_) => "that",
        ClauseKind::Because(_) => "because",
        ClauseKind::Oblige(_) => "oblige",
        ClauseKind::Advise(_) => "advise",
        ClauseKind::Severity(_) => "severity",
        ClauseKind::Later { .. } => "",
    }
}
