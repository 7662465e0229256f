//! Items that declare.

use super::{WIDTH, column, doc, trailing, trivia, word};
use crate::ast::{Attribute, Field, Package, Trivia, TypeExpr};
use crate::source::Spanned;

/// More members than this stand on lines of their own, however short.
const MAX_IN_LINE: usize = 4;

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

pub(super) fn entity(name: &Spanned<String>, attributes: &[Attribute], closing: &[Trivia], out: &mut String) {
    out.push_str(&format!("entity {} ", word::name(&name.node)));
    let members = attributes.iter().map(|one| Member {
        doc: &one.doc,
        trivia: &one.trivia,
        name: format!("{}{}", if one.membership { "membership " } else { "" }, word::name(&one.name.node)),
        ty: attribute_type(one),
        trailing: one.trailing.as_deref(),
    });
    body(&members.collect::<Vec<_>>(), closing, out);
}

pub(super) fn action(
    names: &[Spanned<String>],
    on: &[Spanned<String>],
    properties: &[Field],
    closing: &[Trivia],
    out: &mut String,
) {
    out.push_str("action ");
    out.push_str(&word::names(names, word::free_name));
    if !on.is_empty() {
        out.push_str(" on ");
        out.push_str(&word::names(on, word::name));
    }
    if !properties.is_empty() {
        out.push(' ');
        body(&fields(properties), closing, out);
    }
}

pub(super) fn context(all: &[Field], closing: &[Trivia], out: &mut String) {
    out.push_str("context ");
    body(&fields(all), closing, out);
}

/// `name: type` and what stands with it.
struct Member<'a> {
    doc: &'a [String],
    trivia: &'a [Trivia],
    name: String,
    ty: String,
    trailing: Option<&'a str>,
}

fn fields(all: &[Field]) -> Vec<Member<'_>> {
    all.iter().map(field).collect()
}

fn field(one: &Field) -> Member<'_> {
    let (name, ty) = (word::name(&one.name.node), type_text(&one.ty));
    Member { doc: &[], trivia: &one.trivia, name, ty, trailing: one.trailing.as_deref() }
}

/// Braces and members: in one line when they are few, short and without comments.
fn body(members: &[Member<'_>], closing: &[Trivia], out: &mut String) {
    let commented =
        |one: &Member<'_>| !one.doc.is_empty() || !one.trivia.is_empty() || one.trailing.is_some();
    if closing.is_empty() && !members.iter().any(commented) {
        let line = word::list(members.iter().map(|one| format!("{}: {}", one.name, one.ty)));
        if members.is_empty() {
            return out.push_str("{}");
        }
        if members.len() <= MAX_IN_LINE && column(out) + line.chars().count() + 4 <= WIDTH {
            return out.push_str(&format!("{{ {line} }}"));
        }
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
    trivia(closing, "  ", out);
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
