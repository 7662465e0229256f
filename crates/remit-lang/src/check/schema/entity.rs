//! The attributes of entity types: properties with their sources, relations with their edges' properties.

use std::collections::HashMap;

use remit_model::{Attribute, Name, Provenance, Relation, SchemaBuilder, Ty, TypeId};

use crate::ast;
use crate::source::Span;

use super::super::findings::{Checked, Findings};
use super::super::limits::{MAX_ATTRIBUTE_NAMES, MAX_ATTRIBUTES};
use super::super::names::What;
use super::super::package::Packages;
use super::super::world::unknown;
use super::type_expr::{Names, type_place};
use super::{DeclarationError, Found, Owners, checked_name, too_many, twice};

/// The relation that means membership without being told.
const MEMBERSHIP: &str = "member_of";

/// Adds the attributes of one type.
pub(super) fn attributes(
    builder: &mut SchemaBuilder,
    packages: &Packages,
    owners: &Owners,
    id: TypeId,
    found: &Found<'_>,
    attributes: &[ast::Attribute],
    findings: &mut Findings,
) {
    let names = Names { packages, owners, package: found.package };
    let mut seen: HashMap<&str, Span> = HashMap::new();
    too_many(attributes.len(), MAX_ATTRIBUTES, "attributes of one type", Some(found.at), findings);
    for written in attributes.iter().take(MAX_ATTRIBUTES) {
        if let Some(first) = seen.insert(&written.name.node, written.name.span) {
            findings.error(twice("attribute", &written.name, first));
            continue;
        }
        // WHY: a refused attribute still has its name, so that only its own error is reported; the set is refused
        // anyway.
        let attribute =
            attribute(builder, names, written, findings).ok().or_else(|| unknown_type(builder, written));
        if attribute.is_some_and(|attribute| builder.add_attribute(id, attribute).is_err()) {
            findings.error(twice("attribute", &written.name, written.name.span));
        }
    }
}

/// Stands for an attribute whose declaration was refused.
fn unknown_type(builder: &mut SchemaBuilder, written: &ast::Attribute) -> Option<Attribute> {
    let name = Name::new(&written.name.node).ok()?;
    let id = builder.attr(&name).ok()?;
    let sources = vec![Provenance::Graph];
    Some(Attribute { id, name, ty: Ty::Any, optional: false, sources, relation: None })
}

fn attribute(
    builder: &mut SchemaBuilder,
    names: Names<'_>,
    written: &ast::Attribute,
    findings: &mut Findings,
) -> Checked<Attribute> {
    let ty = names.ty(builder, &written.ty, findings);
    let sources = sources(written, findings);
    let properties = names.edge_properties(builder, &written.edge_properties, findings);
    let name = checked_name(&written.name, findings)?;
    let (ty, sources) = (ty?, sources?);
    let named = |text: &ast::Attribute| (text.name.node.clone(), text.name.span);
    let relation = match ty.entity_types() {
        Some(targets) => {
            if sources.as_slice() != [Provenance::Graph] {
                let at = written.sources.first().map_or(written.name.span, |source| source.span);
                return Err(findings.error(DeclarationError::RelationSource { at }));
            }
            Some(Relation {
                targets: targets.clone(),
                many: written.ty.set,
                membership: written.membership || name.as_str() == MEMBERSHIP,
                properties,
            })
        }
        None if matches!(ty, Ty::Any) || ty == Ty::Any.set() => {
            return Err(findings.error(DeclarationError::AnyAttribute { at: type_place(&written.ty) }));
        }
        None if written.membership => {
            let (name, at) = named(written);
            return Err(findings.error(DeclarationError::MembershipOfProperty { name, at }));
        }
        None if !written.edge_properties.is_empty() => {
            let (name, at) = named(written);
            return Err(findings.error(DeclarationError::EdgePropertiesOfProperty { name, at }));
        }
        None => None,
    };
    let too_many = |_| DeclarationError::TooMany {
        what: "attribute names",
        count: MAX_ATTRIBUTE_NAMES + 1,
        limit: MAX_ATTRIBUTE_NAMES,
        at: written.name.span,
    };
    let id = builder.attr(&name).map_err(too_many).map_err(|error| findings.error(error))?;
    if id.index() >= MAX_ATTRIBUTE_NAMES {
        return Err(findings.error(too_many(remit_model::schema::SchemaError::TooMany)));
    }
    Ok(Attribute { id, name, ty, optional: written.ty.optional, sources, relation })
}

/// The sources in order; without `from` the graph alone.
fn sources(written: &ast::Attribute, findings: &mut Findings) -> Checked<Vec<Provenance>> {
    const ALL: [(&str, Provenance); 3] =
        [("graph", Provenance::Graph), ("token", Provenance::Token), ("request", Provenance::Request)];
    let mut sources = Vec::new();
    for name in &written.sources {
        let Some((_, source)) = ALL.iter().find(|(text, _)| *text == name.node) else {
            let nearest = findings.nearest(&name.node, ALL.iter().map(|(text, _)| *text));
            return Err(findings.error(unknown(What::Source, name, nearest)));
        };
        if sources.contains(source) {
            let error = DeclarationError::SourceTwice { name: name.node.clone(), at: name.span };
            return Err(findings.error(error));
        }
        sources.push(*source);
    }
    if sources.is_empty() {
        sources.push(Provenance::Graph);
    }
    Ok(sources)
}
