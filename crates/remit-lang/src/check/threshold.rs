//! Named limits: their literal values and types. They may be changed without touching a rule.

use std::collections::BTreeMap;

use remit_model::Name;

use crate::ast::{self, ExprKind, ItemKind};
use crate::checked::{Limit, LimitId};
use crate::source::Spanned;

use super::expr::{Typer, constant_value};
use super::findings::{Checked, Findings};
use super::limits::MAX_LIMITS;
use super::package::Unit;
use super::schema::{DeclarationError, checked_name, too_many, twice};
use super::usage::Usage;
use super::world::{Origin, World};

/// Adds the limits of all files to the world, in the order of their names.
pub(super) fn limits(world: &mut World, units: &[Unit<'_>], usage: &mut Usage, findings: &mut Findings) {
    let mut found: BTreeMap<&str, (Origin, &Spanned<String>, &ast::Expr)> = BTreeMap::new();
    for unit in units {
        for item in unit.items {
            let ItemKind::Limit { name, value } = &item.kind else { continue };
            if let Some((first, ..)) = found.get(name.node.as_str()) {
                findings.error(twice("limit", name, first.at));
            } else {
                let origin = Origin { package: unit.package, at: name.span };
                found.insert(&name.node, (origin, name, value));
            }
        }
    }
    let place = found.values().next().map(|(origin, ..)| origin.at);
    too_many(found.len(), MAX_LIMITS, "limits", place, findings);
    for (origin, name, value) in found.into_values().take(MAX_LIMITS) {
        let (Ok(id), Some(package)) =
            (u16::try_from(world.limits.len()), world.packages.name(origin.package))
        else {
            continue;
        };
        let package = package.clone();
        if let Ok(limit) = limit(world, origin, package, name, value, usage, findings) {
            world.limit_ids.insert(limit.name.clone(), LimitId(id));
            world.limits.push(limit);
            world.limit_origins.push(origin);
        }
    }
}

fn limit(
    world: &World,
    origin: Origin,
    package: Name,
    name: &Spanned<String>,
    written: &ast::Expr,
    usage: &mut Usage,
    findings: &mut Findings,
) -> Checked<Limit> {
    let name = checked_name(name, findings)?;
    literal_only(written, findings)?;
    let checked = Typer::bare(world, usage, findings, origin.package).value(written)?;
    let Some(value) = constant_value(&checked) else {
        return Err(findings.error(DeclarationError::LimitNotLiteral { at: written.span }));
    };
    Ok(Limit { name, package, value, ty: checked.ty })
}

/// Refuses anything that is not a literal, a level's member or a set of those.
fn literal_only(written: &ast::Expr, findings: &mut Findings) -> Checked<()> {
    match &written.kind {
        ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::Duration(_)
        | ExprKind::Time(_)
        | ExprKind::Ip(_)
        | ExprKind::Entity(_)
        | ExprKind::Name(_) => Ok(()),
        ExprKind::Set(items) => items.iter().try_for_each(|item| literal_only(item, findings)),
        _ => Err(findings.error(DeclarationError::LimitNotLiteral { at: written.span })),
    }
}
