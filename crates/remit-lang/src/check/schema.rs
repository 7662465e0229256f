//! Declarations to a [`Schema`]: levels, entity types, actions, context. Ids follow the names, so that neither
//! the order of files nor of declarations changes them. Knows no rules and no limits.

mod action;
mod claims;
mod entity;
mod error;
mod service;
mod type_expr;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use remit_model::{Field, Level, LevelId, Name, Roles, Schema, SchemaBuilder, TypeId};

use crate::ast::{self, ItemKind};
use crate::source::{Span, Spanned};

use super::findings::{Checked, Findings};
use super::limits;
use super::membership::Membership;
use super::names::NameError;
use super::outline::Outline;
use super::package::{PackageId, Packages, Unit};
use super::world::{Origin, World};

pub(super) use error::DeclarationError;
pub(super) use service::Service;

/// Names that stand for something in every expression: no level member, variable or edge property has one.
pub(super) const ROOTS: [&str; 15] = [
    "subject",
    "actor",
    "chain",
    "resource",
    "action",
    "context",
    "message",
    "intent",
    "transaction",
    "token",
    "consent",
    "signals",
    "sources",
    "now",
    "pep",
];

/// Roots of the language that this release does not decide.
pub(super) const LATER_ROOTS: [&str; 2] = ["skill", "tool"];

/// True when a bare name already stands for something in every expression.
pub(super) fn is_root(name: &str) -> bool {
    ROOTS.contains(&name) || LATER_ROOTS.contains(&name) || name == "limits"
}

/// Builds the schema and the tables around it. Limits come later; their values need the levels.
pub(super) fn world(packages: Packages, units: &[Unit<'_>], findings: &mut Findings) -> World {
    let mut builder = Schema::builder();
    let mut owners = Owners::default();
    let levels = collect(units, "level", findings, |kind| match kind {
        ItemKind::Level { name, .. } => Some(name),
        _ => None,
    });
    let entities = collect(units, "entity", findings, |kind| match kind {
        ItemKind::Entity { name, .. } => Some(name),
        _ => None,
    });
    too_many(levels.len(), limits::MAX_LEVELS, "levels", levels.values().next().map(|d| d.at), findings);
    too_many(
        entities.len(),
        limits::MAX_TYPES,
        "entity types",
        entities.values().next().map(|d| d.at),
        findings,
    );
    for (text, found) in levels.iter().take(limits::MAX_LEVELS) {
        level(&mut builder, &mut owners, text, found, &entities, findings);
    }
    let mut declared = Vec::new();
    for (text, found) in entities.iter().take(limits::MAX_TYPES) {
        if let Ok(id) = entity_type(&mut builder, &mut owners, text, found, findings) {
            declared.push((id, found));
        }
    }
    for (id, found) in declared {
        if let ItemKind::Entity { attributes, .. } = &found.item.kind {
            entity::attributes(&mut builder, &packages, &owners, id, found, attributes, findings);
        }
    }
    let actions = action::actions(&mut builder, &packages, &owners, units, findings);
    let context = action::context(&mut builder, &packages, &owners, units, findings);
    claims::claims(&mut builder, &packages, &owners, units, findings);
    let message_declared = claims::message(&mut builder, &packages, &owners, units, findings);
    let services = service::services(&builder, &packages, &owners, units, findings);
    World { message_declared, services, ..finish(builder.finish(), packages, owners, actions, context) }
}

/// Who declared the types and levels so far; index = id.
#[derive(Debug, Default)]
struct Owners {
    /// Names of both, for suggestions.
    names: Vec<String>,
    types: Vec<Origin>,
    levels: Vec<Origin>,
}

/// A declaration on the way to the schema.
#[derive(Debug, Clone, Copy)]
struct Found<'a> {
    package: PackageId,
    at: Span,
    item: &'a ast::Item,
}

/// The declarations of one kind by name; a second one of the same name is an error and left out.
fn collect<'a>(
    units: &[Unit<'a>],
    kind: &'static str,
    findings: &mut Findings,
    name: impl Fn(&'a ItemKind) -> Option<&'a Spanned<String>>,
) -> BTreeMap<&'a str, Found<'a>> {
    let mut found: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    for unit in units {
        for item in unit.items {
            let Some(name) = name(&item.kind) else { continue };
            match found.get(name.node.as_str()) {
                Some(first) => drop(findings.error(twice(kind, name, first.at))),
                None => {
                    found.insert(&name.node, Found { package: unit.package, at: name.span, item });
                }
            }
        }
    }
    found
}

fn level(
    builder: &mut SchemaBuilder,
    owners: &mut Owners,
    text: &str,
    found: &Found<'_>,
    entities: &BTreeMap<&str, Found<'_>>,
    findings: &mut Findings,
) {
    let ItemKind::Level { name, members } = &found.item.kind else { return };
    if let Some(entity) = entities.get(text) {
        findings.error(twice("type", name, entity.at));
        return;
    }
    let Ok(checked) = type_name(name, findings) else { return };
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut kept = Vec::new();
    if members.is_empty() {
        findings.error(DeclarationError::EmptyLevel { at: name.span });
    }
    too_many(members.len(), limits::MAX_MEMBERS, "members of one level", Some(name.span), findings);
    for member in members.iter().take(limits::MAX_MEMBERS) {
        match seen.insert(&member.node, member.span) {
            Some(first) => drop(findings.error(twice("level member", member, first))),
            None => kept.extend(free_name("level member", member, findings)),
        }
    }
    if builder.declare_level(Level { name: checked, members: kept }).is_ok() {
        owners.names.push(text.to_owned());
        owners.levels.push(Origin { package: found.package, at: found.at });
    }
}

fn entity_type(
    builder: &mut SchemaBuilder,
    owners: &mut Owners,
    text: &str,
    found: &Found<'_>,
    findings: &mut Findings,
) -> Checked<TypeId> {
    let ItemKind::Entity { name, .. } = &found.item.kind else {
        return Err(findings.error(DeclarationError::EmptyLevel { at: found.at }));
    };
    let checked = type_name(name, findings)?;
    let id = builder
        .declare_type(checked)
        .map_err(|_| findings.error(DeclarationError::Reserved { name: text.to_owned(), at: found.at }))?;
    owners.names.push(text.to_owned());
    owners.types.push(Origin { package: found.package, at: found.at });
    Ok(id)
}

/// A name for an entity type or level: not one of the types that are there from the beginning.
fn type_name(name: &Spanned<String>, findings: &mut Findings) -> Checked<Name> {
    if type_expr::is_builtin(&name.node) {
        return Err(findings.error(DeclarationError::Reserved { name: name.node.clone(), at: name.span }));
    }
    checked_name(name, findings)
}

/// A name that may stand bare in an expression, and hence is none of the names every expression knows.
fn free_name(kind: &'static str, name: &Spanned<String>, findings: &mut Findings) -> Checked<Name> {
    if is_root(&name.node) {
        let error = DeclarationError::RootName { kind, name: name.node.clone(), at: name.span };
        return Err(findings.error(error));
    }
    checked_name(name, findings)
}

/// Any name.
pub(super) fn checked_name(name: &Spanned<String>, findings: &mut Findings) -> Checked<Name> {
    let malformed = |reason| findings.error(NameError::Malformed { reason, at: name.span });
    Name::new(&name.node).map_err(malformed)
}

/// The error of a second declaration.
pub(super) fn twice(kind: &'static str, name: &Spanned<String>, first: Span) -> DeclarationError {
    DeclarationError::Twice { kind, name: name.node.clone(), at: name.span, first }
}

/// Files an error when there is more of something than the limits allow.
pub(super) fn too_many(
    count: usize,
    limit: usize,
    what: &'static str,
    at: Option<Span>,
    findings: &mut Findings,
) {
    if count > limit {
        findings.error(DeclarationError::TooMany { what, count, limit, at: at.unwrap_or_default() });
    }
}

fn finish(
    schema: Schema,
    packages: Packages,
    owners: Owners,
    actions: Vec<Vec<Origin>>,
    context: Option<Vec<Field>>,
) -> World {
    let mut members: HashMap<Name, Vec<LevelId>> = HashMap::new();
    for level in schema.levels() {
        let Some(id) = schema.level_id(level.name.as_str()) else { continue };
        for member in &level.members {
            members.entry(member.clone()).or_default().push(id);
        }
    }
    let mut holders = vec![Vec::new(); schema.attrs().len()];
    let mut every_type = Vec::new();
    for of in schema.types() {
        let Some(id) = schema.type_id(of.name.as_str()) else { continue };
        every_type.push(id);
        for attribute in &of.attributes {
            if let Some(holding) = holders.get_mut(attribute.id.index()) {
                holding.push(id);
            }
        }
    }
    World {
        membership: Membership::of(&schema),
        message_declared: false,
        services: Vec::new(),
        message: schema.message().iter().map(|field| (field.name.clone(), field.clone())).collect(),
        claims: schema.claims().iter().map(|field| (field.name.clone(), field.clone())).collect(),
        roles: Roles::of(&schema),
        outline: Outline::default(),
        schema: Arc::new(schema),
        packages,
        types: owners.types,
        levels: owners.levels,
        actions,
        limit_origins: Vec::new(),
        limits: Vec::new(),
        limit_ids: HashMap::new(),
        members,
        holders,
        context_declared: context.is_some(),
        context: context.into_iter().flatten().map(|field| (field.name.clone(), field)).collect(),
        every_type: every_type.into(),
    }
}
