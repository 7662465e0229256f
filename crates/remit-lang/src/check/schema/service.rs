//! What sources are declared and what they give; what they are sent is read once everything is declared.

use remit_model::{Field, Name, SchemaBuilder, Ty};

use crate::ast::{Source, SourcePartKind};
use crate::source::Span;

use super::super::findings::Findings;
use super::super::limits::MAX_SOURCES;
use super::super::package::{Packages, Unit};
use super::super::world::Origin;
use super::type_expr::Names;
use super::{DeclarationError, ItemKind, Owners, checked_name, collect, too_many};

/// A declared source.
#[derive(Debug)]
pub(in crate::check) struct Service {
    pub(in crate::check) name: Name,
    pub(in crate::check) origin: Origin,
    pub(in crate::check) gives: Vec<Field>,
}

/// The sources of all files, in order of name.
pub(super) fn services(
    builder: &SchemaBuilder,
    packages: &Packages,
    owners: &Owners,
    units: &[Unit<'_>],
    findings: &mut Findings,
) -> Vec<Service> {
    let found = collect(units, "source", findings, |kind| match kind {
        ItemKind::Source(source) => Some(&source.name),
        _ => None,
    });
    too_many(found.len(), MAX_SOURCES, "sources", found.values().next().map(|of| of.at), findings);
    let mut services = Vec::new();
    for declared in found.into_values().take(MAX_SOURCES) {
        let ItemKind::Source(source) = &declared.item.kind else { continue };
        let names = Names { packages, owners, package: declared.package };
        let gives = gives(names, builder, source, findings);
        let Ok(name) = checked_name(&source.name, findings) else { continue };
        services.push(Service { name, origin: Origin { package: declared.package, at: declared.at }, gives });
    }
    services
}

fn gives(names: Names<'_>, builder: &SchemaBuilder, source: &Source, findings: &mut Findings) -> Vec<Field> {
    let lists = source.parts.iter().filter_map(|part| match &part.kind {
        SourcePartKind::Gives(fields) => Some(fields),
        _ => None,
    });
    let fields = lists.flatten().cloned().collect::<Vec<_>>();
    let mut kept = Vec::new();
    for (field, name, _) in names.fields(builder, "member of an answer", &fields, findings) {
        if of_graph(&field.ty) {
            let (name, at): (String, Span) = (name.node.clone(), name.span);
            findings.error(DeclarationError::SourceGivesEntity { name, at });
        } else {
            kept.push(field);
        }
    }
    kept
}

/// WHY: who belongs to what is the graph's to say; a service outside gives values.
fn of_graph(ty: &Ty) -> bool {
    match ty {
        Ty::Entity(_) => true,
        Ty::Set(inner) => of_graph(inner),
        _ => false,
    }
}
