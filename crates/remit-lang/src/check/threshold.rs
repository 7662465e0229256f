//! Named limits: their literal values and types. They may be changed without touching a rule.

use std::collections::BTreeMap;

use remit_model::{Ty, Value};

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
        let Ok(checked) = checked_name(name, findings) else { continue };
        // WHY: a refused limit still has its name, so that only its own error is reported; the set is refused anyway.
        let (value, ty) =
            constant(world, origin, value, usage, findings).unwrap_or((Value::Bool(false), Ty::Any));
        world.limit_ids.insert(checked.clone(), LimitId(id));
        world.limits.push(Limit { name: checked, package, value, ty });
        world.limit_origins.push(origin);
    }
}

/// The value and type of a limit.
fn constant(
    world: &World,
    origin: Origin,
    written: &ast::Expr,
    usage: &mut Usage,
    findings: &mut Findings,
) -> Checked<(Value, Ty)> {
    literal_only(written, findings)?;
    let checked = Typer::bare(world, usage, findings, origin.package).value(written)?;
    match constant_value(&checked) {
        Some(value) => Ok((value, checked.ty)),
        None => Err(findings.error(DeclarationError::LimitNotLiteral { at: written.span })),
    }
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
