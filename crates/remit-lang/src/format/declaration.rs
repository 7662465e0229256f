//! Items that declare.

use super::{WIDTH, align, doc, trailing, trivia, word};
use crate::ast::{Attribute, Field, Item, ItemKind, Package, Trivia, TypeExpr};
use crate::source::Spanned;

pub(super) fn package(package: &Package, out: &mut String) {
    out.push_str("package ");
    out.push_str(&package.name.node);
    let mut part = |word: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push_str(&format!(" {word} {value}"));
        }
    };
    part("version", package.version.as_ref().map(|text| word::quoted(&text.node)));
    part("approved by", package.approved_by.as_ref().map(|text| word::quoted(&text.node)));
    part("on", package.approved_on.as_ref().map(|time| time.node.clone()));
    part("until", package.until.as_ref().map(|time| time.node.clone()));
}

pub(super) fn level(name: &Spanned<String>, members: &[Spanned<String>], out: &mut String) {
    let members: Vec<String> = members.iter().map(|member| word::name(&member.node)).collect();
    out.push_str(&format!("level {} {{ {} }}", word::name(&name.node), members.join(" < ")));
}

pub(super) fn entity(item: &Item, attributes: &[Attribute], out: &mut String) {
    let members: Vec<Member<'_>> = attributes.iter().map(attribute).collect();
    body(item, &members, out);
}

pub(super) fn action(item: &Item, on: &[Spanned<String>], properties: &[Field], out: &mut String) {
    out.push_str(&action_on(on));
    if !properties.is_empty() {
        out.push(' ');
        body(item, &fields(properties), out);
    }
}

fn action_on(on: &[Spanned<String>]) -> String {
    if on.is_empty() { String::new() } else { format!(" on {}", word::names(on, word::name)) }
}

pub(super) fn record(item: &Item, all: &[Field], out: &mut String) {
    body(item, &fields(all), out);
}

/// True when the item stands on one line.
pub(super) fn fits(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Entity { attributes, .. } => {
            let members: Vec<Member<'_>> = attributes.iter().map(attribute).collect();
            line(item, &members, start(item)).is_some()
        }
        ItemKind::Action { properties, .. } => {
            properties.is_empty() || line(item, &fields(properties), start(item)).is_some()
        }
        _ => true,
    }
}

/// The column of the opening brace, padding left out: it never breaks a line.
fn start(item: &Item) -> usize {
    let on = match &item.kind {
        ItemKind::Action { on, .. } => action_on(on).chars().count(),
        _ => 0,
    };
    "entity ".len() + align::head(item).chars().count() + on + 1
}

/// `name: type` and what stands with it.
struct Member<'a> {
    doc: &'a [String],
    trivia: &'a [Trivia],
    name: String,
    ty: String,
    trailing: Option<&'a str>,
}

fn attribute(one: &Attribute) -> Member<'_> {
    Member {
        doc: &one.doc,
        trivia: &one.trivia,
        name: format!("{}{}", if one.membership { "membership " } else { "" }, word::name(&one.name.node)),
        ty: attribute_type(one),
        trailing: one.trailing.as_deref(),
    }
}

/// `name: type`
pub(super) fn field_text(one: &Field) -> String {
    format!("{}: {}", word::name(&one.name.node), type_text(&one.ty))
}

fn fields(all: &[Field]) -> Vec<Member<'_>> {
    all.iter().map(field).collect()
}

fn field(one: &Field) -> Member<'_> {
    let (name, ty) = (word::name(&one.name.node), type_text(&one.ty));
    Member { doc: &[], trivia: &one.trivia, name, ty, trailing: one.trailing.as_deref() }
}

/// Braces and members on one line: when they are few, short, without comments, and not spread by the author.
fn line(item: &Item, members: &[Member<'_>], start: usize) -> Option<String> {
    let commented =
        |one: &Member<'_>| !one.doc.is_empty() || !one.trivia.is_empty() || one.trailing.is_some();
    if !item.closing.is_empty() || members.iter().any(commented) {
        return None;
    }
    if members.is_empty() {
        return Some("{}".to_owned());
    }
    let line = word::list(members.iter().map(|one| format!("{}: {}", one.name, one.ty)));
    let short = start + line.chars().count() + 4 <= WIDTH;
    (short && !item.spread).then(|| format!("{{ {line} }}"))
}

fn body(item: &Item, members: &[Member<'_>], out: &mut String) {
    if let Some(line) = line(item, members, start(item)) {
        return out.push_str(&line);
    }
    out.push_str("{\n");
    let width = members.iter().map(|one| one.name.chars().count()).max().unwrap_or(0);
    for one in members {
        trivia(one.trivia, "  ", out);
        for line in one.doc {
            doc(line, "  ", out);
        }
        let gap = width.saturating_sub(one.name.chars().count()) + 1;
        out.push_str(&format!("  {}:{}{}", one.name, " ".repeat(gap), one.ty));
        trailing(one.trailing, out);
        out.push('\n');
    }
    trivia(&item.closing, "  ", out);
    out.push('}');
}

fn type_text(ty: &TypeExpr) -> String {
    let names: Vec<String> = ty.names.iter().map(|name| word::name(&name.node)).collect();
    let names = names.join(" | ");
    let optional = if ty.optional { "?" } else { "" };
    if ty.set { format!("set<{names}>{optional}") } else { format!("{names}{optional}") }
}

fn attribute_type(one: &Attribute) -> String {
    let mut text = type_text(&one.ty);
    if !one.edge_properties.is_empty() {
        let fields = one.edge_properties.iter();
        let fields =
            fields.map(|field| format!("{}: {}", word::name(&field.name.node), type_text(&field.ty)));
        text.push_str(&format!(" {{ {} }}", word::list(fields)));
    }
    if !one.sources.is_empty() {
        let sources: Vec<&str> = one.sources.iter().map(|source| source.node.as_str()).collect();
        text.push_str(&format!(" from {}", sources.join(" or ")));
    }
    text
}
