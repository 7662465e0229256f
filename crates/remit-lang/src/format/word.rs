//! Names, ids and texts: with quotes where they need them, without where they do not.

use std::fmt::Write;

use crate::ast::Entity;
use crate::guard::is_hidden;
use crate::source::Spanned;
use crate::words;

/// A name where any word can stand: attributes, properties, members, types after a colon.
pub(super) fn name(text: &str) -> String {
    if words::is_word(text) { text.to_owned() } else { quoted(text) }
}

/// A name where words of the language cannot stand: selectors, actions, `is`.
pub(super) fn free_name(text: &str) -> String {
    if words::is_word(text) && words::is_free(text) { text.to_owned() } else { quoted(text) }
}

/// The kind of a duty, which may have hyphens.
pub(super) fn duty_kind(text: &str) -> String {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or("");
    let plain = words::is_word(first)
        && !words::CLAUSES.contains(&first)
        && !text.ends_with('-')
        && parts.all(|part| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    if plain { text.to_owned() } else { quoted(text) }
}

/// `user:alice`, `user:"a b"`
pub(super) fn entity(entity: &Entity) -> String {
    if is_plain_id(&entity.id.node) {
        format!("{}:{}", free_name(&entity.kind.node), entity.id.node)
    } else {
        entity_quoted(entity)
    }
}

/// With quotes even where none are needed.
pub(super) fn entity_quoted(entity: &Entity) -> String {
    format!("{}:{}", free_name(&entity.kind.node), quoted(&entity.id.node))
}

fn is_plain_id(id: &str) -> bool {
    let end = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    end(id.as_bytes().first())
        && end(id.as_bytes().last())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// Joins with `, `.
pub(super) fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Names joined with `, `.
pub(super) fn names(all: &[Spanned<String>], form: fn(&str) -> String) -> String {
    list(all.iter().map(|one| form(&one.node)))
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text as it stands between double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            _ if c.is_control() || is_hidden(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}
