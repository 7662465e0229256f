//! Tree to canonical text: one way to write each policy. `parse(format(x)) == x`, and formatting twice changes
//! nothing. Comments, doc comments and single blank lines stay; what belongs together is aligned.

use crate::ast::{ClauseKind, File, Item, ItemKind, Trivia};

mod align;
mod declaration;
mod expect;
mod expr;
mod intent;
mod rule;
mod source;
mod word;

pub(crate) use rule::selector;

/// Lines are broken, where the language has a place to break them, when they would be longer.
const WIDTH: usize = 110;

/// The canonical text of a file; it ends with a line's end unless it is empty.
#[must_use]
pub fn format(file: &File) -> String {
    let mut out = String::new();
    let mut items = file.items.as_slice();
    while let Some((first, rest)) = items.split_first() {
        let joined = 1 + rest.iter().take_while(|next| align::joins(first, next)).count();
        let (group, after) = items.split_at_checked(joined).unwrap_or((items, &[]));
        let width = group.iter().map(align::width).max().unwrap_or(0);
        for one in group {
            whole(one, width, &mut out);
        }
        items = after;
    }
    trivia(&file.closing, "", &mut out);
    out
}

/// An item with its comments.
fn whole(one: &Item, width: usize, out: &mut String) {
    trivia(&one.trivia, "", out);
    for line in &one.doc {
        doc(line, "", out);
    }
    item(one, width, out);
    trailing(one.trailing.as_deref(), out);
    out.push('\n');
}

/// The item without its line's end, its head as wide as that of its neighbours.
fn item(item: &Item, width: usize, out: &mut String) {
    match &item.kind {
        ItemKind::Package(package) => declaration::package(package, out),
        ItemKind::Use(name) => {
            out.push_str("use ");
            out.push_str(&name.node);
        }
        ItemKind::Level { name, members } => declaration::level(name, members, out),
        ItemKind::Limit { value, .. } => {
            out.push_str(&format!("limit {} = {}", align::padded(item, width), expr::text(value)));
        }
        ItemKind::Entity { attributes, .. } => {
            out.push_str(&format!("entity {} ", align::padded(item, width)));
            declaration::entity(item, attributes, out);
        }
        ItemKind::Action { on, properties, .. } => {
            out.push_str(&format!("action {}", align::padded(item, width)));
            declaration::action(item, on, properties, out);
        }
        ItemKind::Context(fields) => {
            out.push_str("context ");
            declaration::record(item, fields, out);
        }
        ItemKind::Message(fields) => {
            out.push_str("message ");
            declaration::record(item, fields, out);
        }
        ItemKind::Token(fields) => {
            out.push_str("token ");
            declaration::record(item, fields, out);
        }
        ItemKind::Source(one) => source::source(item, one, out),
        ItemKind::Intent(one) => intent::intent(item, one, out),
        ItemKind::Label(label) => intent::label(label, out),
        ItemKind::Rule(rule) => rule::rule(rule, out),
        ItemKind::Expect(expect) => expect::expect(expect, out),
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

/// The word a clause begins with.
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
        ClauseKind::Via(_) => "via",
        ClauseKind::Within(_) => "within",
        ClauseKind::OnRequest(_) => "on_request",
    }
}
