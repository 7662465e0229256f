//! The canonical text of an intent, equal for equal intents however they were written, and its hash.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Argument, Bound, Intent, IntentHash, Scope, Task};
use crate::{EntityRef, Origin, Value};

/// Stands before the hashed text: another format must never give the same hash.
const FORMAT: &str = "remit intent 1\n";

impl Intent {
    /// JSON with sorted members. Order of tasks, of members and of sets is gone, and so is the notation of numbers.
    #[must_use]
    pub fn canonical(&self) -> String {
        let skills = self.skills.as_ref().map(|all| list(all.iter().map(entity)));
        let time = |at: Option<crate::Timestamp>| at.map(|at| text(&at.to_string()));
        object([
            ("hops", self.hops_at_most.map(|hops| hops.to_string())),
            ("links", (!self.links.is_empty()).then(|| list(self.links.iter().map(|link| text(link))))),
            ("not_after", time(self.not_after)),
            ("not_before", time(self.not_before)),
            ("records", (!self.records.is_empty()).then(|| list(self.records.iter().map(entity)))),
            ("skills", skills),
            ("subject", Some(entity(&self.subject))),
            ("tasks", Some(list(self.tasks.iter().map(task)))),
            ("template", self.template.as_ref().map(|name| text(name.as_str()))),
        ])
    }

    /// SHA-256 of the canonical form.
    #[must_use]
    pub fn hash(&self) -> IntentHash {
        IntentHash(hex(&[FORMAT, &self.canonical()]))
    }
}

/// SHA-256 of the canonical form of one task.
pub(super) fn digest(of: &Task) -> String {
    hex(&[&task(of)])
}

fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        for half in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    hex
}

/// A value as one text: equal texts are equal values. Sets keep their duplicates, since a list of two payments is
/// not a list of one.
pub(crate) fn value(of: &Value) -> String {
    match of {
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(it) => text(it),
        Value::Time(it) => tagged("time", text(&it.to_string())),
        Value::Duration(it) => tagged("duration", it.nanos().to_string()),
        Value::Ip(it) => tagged("ip", text(&it.to_string())),
        Value::Level(level, rank) => tagged("level", format!("[{},{rank}]", level.0)),
        Value::Entity(it) => tagged("entity", entity(it)),
        Value::Set(items) => {
            let mut items: Vec<String> = items.iter().map(value).collect();
            items.sort_unstable();
            format!("[{}]", items.join(","))
        }
        Value::Record(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(key, of)| format!("{}:{}", text(key), value(of))).collect();
            members.sort_unstable();
            tagged("record", format!("{{{}}}", members.join(",")))
        }
    }
}

fn task(of: &Task) -> String {
    let names =
        |all: &std::collections::BTreeSet<crate::Name>| list(all.iter().map(|name| text(name.as_str())));
    let arguments = of.arguments.iter().map(|(path, it)| format!("{}:{}", text(path), argument(it)));
    let budgets = of.budgets.iter().map(|(path, total)| format!("{}:{total}", text(path)));
    object([
        ("actions", Some(names(&of.actions))),
        ("after", (!of.after.is_empty()).then(|| names(&of.after))),
        ("arguments", braces(arguments)),
        ("at_most", of.at_most.map(|count| count.to_string())),
        ("budgets", braces(budgets)),
        ("closed", of.closed.then(|| "true".to_owned())),
        ("name", Some(text(of.name.as_str()))),
        ("resource", Some(scope(&of.resource))),
    ])
}

fn scope(of: &Scope) -> String {
    match of {
        Scope::Any(kind) => tagged("any", text(kind.as_str())),
        Scope::AnyOf(kinds) => tagged("any_of", list(kinds.iter().map(|kind| text(kind.as_str())))),
        Scope::OneOf(all) => tagged("one_of", list(all.iter().map(entity))),
        Scope::Under(root, relation) => {
            tagged("under", format!("[{},{}]", entity(root), text(relation.as_str())))
        }
    }
}

fn argument(of: &Argument) -> String {
    object([
        ("bound", Some(bound(&of.bound))),
        ("optional", of.optional.then(|| "true".to_owned())),
        ("origins", of.origins.as_ref().map(|all| list(all.iter().map(origin)))),
    ])
}

/// The text of a bound, which is also how widenings show it.
pub(crate) fn bound(of: &Bound) -> String {
    match of {
        Bound::Any => text("any"),
        Bound::Exactly(only) => tagged("exactly", value(only)),
        Bound::OneOf(all) => tagged("one_of", list(all.iter().map(value))),
        Bound::Between { low, high } => {
            let end = |end: &Option<Value>| end.as_ref().map_or_else(|| "null".to_owned(), value);
            tagged("between", format!("[{},{}]", end(low), end(high)))
        }
        Bound::Prefix(start) => tagged("prefix", text(start)),
    }
}

/// The text of an origin, which is also how widenings show it.
pub(crate) fn origin(of: &Origin) -> String {
    match of {
        Origin::Literal => text("literal"),
        Origin::Created => text("created"),
        Origin::OneOf(all) => tagged("one_of", list(all.iter().map(value))),
        Origin::RecordOf(kind, attribute) => {
            let attribute = attribute.as_ref().map_or_else(|| "null".to_owned(), |name| text(name));
            tagged("record_of", format!("[{},{attribute}]", text(kind.as_str())))
        }
        Origin::Result { task, path } => {
            tagged("result", format!("[{},{}]", text(task.as_str()), text(path)))
        }
        Origin::Text { source } => tagged("text", text(source)),
    }
}

fn entity(of: &EntityRef) -> String {
    format!("[{},{}]", text(of.kind.as_str()), text(&of.id))
}

fn tagged(tag: &str, inner: String) -> String {
    format!("{{\"{tag}\":{inner}}}")
}

/// The members that are there; the caller writes them in order.
fn object<const N: usize>(members: [(&str, Option<String>); N]) -> String {
    let written = members.into_iter().filter_map(|(key, inner)| Some(format!("\"{key}\":{}", inner?)));
    format!("{{{}}}", written.collect::<Vec<_>>().join(","))
}

/// Members of a sorted map, or nothing when there are none.
fn braces(members: impl Iterator<Item = String>) -> Option<String> {
    let members: Vec<String> = members.collect();
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
}

/// A set: sorted as written, each once.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: std::collections::BTreeSet<String> = items.collect();
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

fn text(of: &str) -> String {
    let mut out = String::with_capacity(of.len() + 2);
    out.push('"');
    for c in of.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
