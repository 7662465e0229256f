//! Rules that label transactions, and those that take a label away.

use std::sync::Arc;

use crate::ast::{self, ItemKind};
use crate::checked::{Effect, LabelRule};
use crate::source::{Sources, Span};

use super::expr::{Parties, Typer};
use super::findings::{Checked, Findings};
use super::limits::MAX_LABELS;
use super::names::What;
use super::package::{PackageId, Unit};
use super::rule::clauses::Clauses;
use super::rule::selector::{self, Scope};
use super::rule::{self, RuleError};
use super::schema::{checked_name, too_many};
use super::usage::Usage;
use super::world::{World, unknown};

/// The label rules of all files, in the order of packages, labels and places.
pub(super) fn labels(
    world: &World,
    units: &[Unit<'_>],
    sources: &Sources,
    usage: &mut Usage,
    findings: &mut Findings,
) -> Vec<LabelRule> {
    let mut found = Vec::new();
    for unit in units {
        found.extend(unit.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Label(label) => Some((unit.package, item, label)),
            _ => None,
        }));
    }
    too_many(found.len(), MAX_LABELS, "label rules", found.first().map(|(_, item, _)| item.span), findings);
    let found = found.into_iter().take(MAX_LABELS);
    let checked = found.map(|(package, item, label)| one(world, usage, findings, package, item, label));
    let mut labels: Vec<LabelRule> = checked.filter_map(Result::ok).collect();
    let name = |span: Span| sources.file(span.file).map(|file| file.name.as_str());
    labels.sort_by(|a, b| {
        (&a.package, &a.label, name(a.span), a.span).cmp(&(&b.package, &b.label, name(b.span), b.span))
    });
    labels
}

fn one(
    world: &World,
    usage: &mut Usage,
    findings: &mut Findings,
    package: PackageId,
    item: &ast::Item,
    written: &ast::Label,
) -> Checked<LabelRule> {
    let label = checked_name(&written.name, findings);
    let mut clauses = Clauses::of(
        format!("label `{}`", written.name.node),
        &written.clauses,
        (Effect::Permit, written.name.span),
        findings,
    );
    let after = written.after.first().zip(written.after.last());
    let at = after.map_or(written.name.span, |(first, last)| Span { end: last.span.end, ..first.span });
    clauses.actions = Some((&written.after, at));
    if written.removes && clauses.subjects.is_none() && clauses.actors.is_none() && clauses.via.is_none() {
        let (name, at) = (written.name.node.clone(), written.name.span);
        findings.error(RuleError::UnlabelForAnyone { name, at });
    }
    let mut scope = Scope { world, usage, findings, package };
    let subjects = scope.selector(clauses.subjects);
    let actors = scope.selector(clauses.actors);
    let resources = scope.selector(clauses.resources);
    let via = scope.via(clauses.via);
    let actions = scope.actions(clauses.actions);
    let within = scope.within(clauses.within);
    let (subjects, actors, resources, actions) = (subjects?, actors?, resources?, actions?);
    selector::applies(world, findings, &clauses, actions.as_deref(), resources.as_ref())?;
    let parties = Parties {
        subject: selector::types(subjects.as_ref()),
        actor: selector::types(actors.as_ref()),
        resource: rule::resource_types(world, actions.as_deref(), resources.as_ref()),
    };
    let (within, meant) = within?;
    let typed = actions.as_deref().map(Arc::from);
    let mut typer = Typer::new(world, usage, findings, package, parties, typed).within(meant);
    let condition = rule::condition(&mut typer, &clauses.conditions, written.name.span);
    let package = world.packages.name(package).cloned();
    let package = package.ok_or_else(|| findings.error(unknown(What::Package, &written.name, None)))?;
    Ok(LabelRule {
        package,
        label: label?,
        span: item.span,
        removes: written.removes,
        actions,
        resources,
        subjects,
        actors,
        via: via?,
        within,
        condition: condition?,
        doc: rule::doc(&item.doc),
    })
}
