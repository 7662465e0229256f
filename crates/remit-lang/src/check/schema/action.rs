//! Actions with their resource types and properties, and what the request context holds. Several declarations of
//! one action join their resource types; their properties must agree.

use std::collections::{BTreeMap, HashMap};

use remit_model::{Action, Field, Name, SchemaBuilder, TypeId};

use crate::ast::{self, ItemKind};
use crate::source::{Span, Spanned};

use super::super::findings::{Checked, Findings};
use super::super::limits::MAX_ACTIONS;
use super::super::names::What;
use super::super::package::{Packages, Unit};
use super::super::world::{Origin, unknown};
use super::type_expr::Names;
use super::{DeclarationError, Owners, checked_name, too_many, twice};

/// One action over all its declarations.
struct Joined {
    name: Name,
    origins: Vec<Origin>,
    resources: BTreeMap<TypeId, Span>,
    properties: Vec<Field>,
}

/// Declares all actions; gives the origins of each, index = id.
pub(super) fn actions(
    builder: &mut SchemaBuilder,
    packages: &Packages,
    owners: &Owners,
    units: &[Unit<'_>],
    findings: &mut Findings,
) -> Vec<Vec<Origin>> {
    let mut joined: BTreeMap<&str, Joined> = BTreeMap::new();
    for unit in units {
        let names = Names { packages, owners, package: unit.package };
        for item in unit.items {
            let ItemKind::Action { names: written, on, properties } = &item.kind else { continue };
            let resources = resources(builder, names, written, on, findings);
            let mut fields = Vec::new();
            for (field, name, _) in names.fields(builder, "property", properties, findings) {
                if field.name.as_str() == "name" {
                    let error = DeclarationError::RootName {
                        kind: "property of an action",
                        name: name.node.clone(),
                        at: name.span,
                    };
                    findings.error(error);
                } else {
                    fields.push(field);
                }
            }
            for name in written {
                let origin = Origin { package: unit.package, at: name.span };
                join(&mut joined, name, origin, &resources, &fields, findings);
            }
        }
    }
    too_many(joined.len(), MAX_ACTIONS, "actions", first_place(&joined), findings);
    let mut origins = Vec::new();
    for action in joined.into_values().take(MAX_ACTIONS) {
        let resources = action.resources.into_keys().collect();
        let declared = Action { name: action.name, resources, properties: action.properties };
        if builder.declare_action(declared).is_ok() {
            origins.push(action.origins);
        }
    }
    origins
}

fn first_place(joined: &BTreeMap<&str, Joined>) -> Option<Span> {
    joined.values().next()?.origins.first().map(|origin| origin.at)
}

/// The resource types of one declaration, each once.
fn resources(
    builder: &SchemaBuilder,
    names: Names<'_>,
    written: &[Spanned<String>],
    on: &[Spanned<String>],
    findings: &mut Findings,
) -> Vec<(TypeId, Span)> {
    let mut resources: Vec<(TypeId, Span)> = Vec::new();
    if let (Some(name), []) = (written.first(), on) {
        findings.error(DeclarationError::NoResource { name: name.node.clone(), at: name.span });
    }
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for name in on {
        if let Some(first) = seen.insert(&name.node, name.span) {
            findings.error(twice("resource type", name, first));
        } else if let Ok(id) = resource(builder, names, name, findings) {
            resources.push((id, name.span));
        }
    }
    resources
}

fn resource(
    builder: &SchemaBuilder,
    names: Names<'_>,
    name: &Spanned<String>,
    findings: &mut Findings,
) -> Checked<TypeId> {
    let Some(id) = builder.type_id(&name.node) else {
        let nearest = findings.nearest(&name.node, names.owners.names.iter().map(String::as_str));
        return Err(findings.error(unknown(What::Type, name, nearest)));
    };
    names.visible("type", name, names.owners.types.get(id.index()), findings)?;
    Ok(id)
}

fn join<'a>(
    joined: &mut BTreeMap<&'a str, Joined>,
    name: &'a Spanned<String>,
    origin: Origin,
    resources: &[(TypeId, Span)],
    fields: &[Field],
    findings: &mut Findings,
) {
    let Ok(checked) = checked_name(name, findings) else { return };
    let Some(known) = joined.get_mut(name.node.as_str()) else {
        let resources = resources.iter().copied().collect();
        let properties = fields.to_vec();
        joined.insert(&name.node, Joined { name: checked, origins: vec![origin], resources, properties });
        return;
    };
    let first = known.origins.first().map_or(origin.at, |origin| origin.at);
    let agree =
        known.properties.len() == fields.len() && fields.iter().all(|field| known.properties.contains(field));
    if !agree {
        let name = name.node.clone();
        findings.error(DeclarationError::PropertiesDiffer { name, at: origin.at, first });
        return;
    }
    if resources.iter().any(|(id, _)| known.resources.contains_key(id)) {
        findings.error(twice("action", name, first));
        return;
    }
    known.resources.extend(resources.iter().copied());
    known.origins.push(origin);
}

/// Declares what the context holds; nothing when no file says.
pub(super) fn context(
    builder: &mut SchemaBuilder,
    packages: &Packages,
    owners: &Owners,
    units: &[Unit<'_>],
    findings: &mut Findings,
) -> Option<Vec<Field>> {
    let mut declared: BTreeMap<Name, (Field, Span)> = BTreeMap::new();
    let mut any = false;
    for unit in units {
        let names = Names { packages, owners, package: unit.package };
        for item in unit.items {
            let ItemKind::Context(fields) = &item.kind else { continue };
            any = true;
            for (field, name, _) in names.fields(builder, "context member", fields, findings) {
                match declared.get(&field.name) {
                    Some((known, first)) if *known != field => {
                        let (kind, name) = ("context member", name.node.clone());
                        let at = field_place(fields, &name);
                        findings.error(DeclarationError::Disagrees { kind, name, at, first: *first });
                    }
                    Some(_) => {}
                    None => drop(declared.insert(field.name.clone(), (field, name.span))),
                }
            }
        }
    }
    let fields: Vec<Field> = declared.into_values().map(|(field, _)| field).collect();
    fields.iter().for_each(|field| builder.declare_context(field.clone()));
    any.then_some(fields)
}

fn field_place(fields: &[ast::Field], name: &str) -> Span {
    fields.iter().find(|field| field.name.node == name).map(|field| field.name.span).unwrap_or_default()
}
