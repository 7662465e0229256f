//! Rules: clauses to selectors, one condition, texts and duties. What holds for one rule by itself is checked
//! here; what holds between rules is in [`super::warning`].

pub(super) mod clauses;
mod error;
pub(super) mod selector;
mod text;

use std::sync::Arc;

use remit_model::{ActionId, Ty, TypeId};

use crate::ast::{self, ItemKind};
use crate::checked::{Effect, Expr, ExprKind, Part, Rule, RuleId, Selector, Severity, Template};
use crate::source::{Span, Spanned};

use super::expr::{Parties, Typer, bool_expr};
use super::findings::{Checked, Findings};
use super::limits::MAX_RULES;
use super::names::What;
use super::package::{PackageId, Unit};
use super::schema::{checked_name, too_many, twice};
use super::usage::Usage;
use super::warning::{Warning, constant};
use super::world::{World, unknown};
use clauses::{Clauses, Written};

pub(super) use error::RuleError;

/// A checked rule, its package and the places of its conditions' parts.
pub(super) struct Ruled {
    pub(super) rule: Rule,
    /// The place of the name, for remarks about the rule as a whole.
    pub(super) name_at: Span,
}

/// The rules of all files, in the order of their ids.
pub(super) fn rules(
    world: &World,
    units: &[Unit<'_>],
    usage: &mut Usage,
    findings: &mut Findings,
) -> Vec<Ruled> {
    let mut found: Vec<(PackageId, &ast::Item, &ast::Rule)> = Vec::new();
    for unit in units {
        found.extend(unit.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Rule(rule) => Some((unit.package, item, rule)),
            _ => None,
        }));
    }
    too_many(found.len(), MAX_RULES, "rules", found.first().map(|(_, item, _)| item.span), findings);
    // WHY: the sort is stable and files come in the order of their names, so the second of two is always the same.
    found.sort_by(|a, b| (a.0, &a.2.name.node).cmp(&(b.0, &b.2.name.node)));
    let mut rules: Vec<Ruled> = Vec::with_capacity(found.len().min(MAX_RULES));
    let mut before: Option<(PackageId, &Spanned<String>)> = None;
    for (package, item, rule) in found.into_iter().take(MAX_RULES) {
        match before {
            Some((owner, first)) if owner == package && first.node == rule.name.node => {
                findings.error(twice("rule", &rule.name, first.span));
            }
            _ => before = Some((package, &rule.name)),
        }
        let checked = one(world, usage, findings, package, item, rule);
        rules.extend(checked.ok().map(|checked| Ruled { rule: checked, name_at: rule.name.span }));
    }
    rules
}

fn one(
    world: &World,
    usage: &mut Usage,
    findings: &mut Findings,
    package: PackageId,
    item: &ast::Item,
    written: &ast::Rule,
) -> Checked<Rule> {
    let effect = written.effect.node;
    let name = checked_name(&written.name, findings);
    let called = format!("rule `{}`", written.name.node);
    let clauses = Clauses::of(called, &written.clauses, (effect, written.name.span), findings);
    let mut scope = selector::Scope { world, usage, findings, package };
    let subjects = scope.selector(clauses.subjects);
    let actors = scope.selector(clauses.actors);
    let resources = scope.selector(clauses.resources);
    let actions = scope.actions(clauses.actions);
    let via = scope.via(clauses.via);
    let within = scope.within(clauses.within);
    let on_request = clauses.on_request.map(|name| checked_name(name, findings)).transpose();
    let severity = severity(&clauses, effect, findings);
    // WHY: what a party can be decides what may be asked of it; with a broken selector every answer would be a guess.
    let (subjects, actors, resources, actions) = (subjects?, actors?, resources?, actions?);
    selector::applies(world, findings, &clauses, actions.as_deref(), resources.as_ref())?;
    let parties = Parties {
        subject: selector::types(subjects.as_ref()),
        actor: selector::types(actors.as_ref()),
        resource: resource_types(world, actions.as_deref(), resources.as_ref()),
    };
    let (within, meant) = within?;
    let typed_actions = actions.as_deref().map(Arc::from);
    let mut typer = Typer::new(world, usage, findings, package, parties, typed_actions).within(meant);
    let condition = condition(&mut typer, &clauses.conditions, written.name.span);
    let because = clauses.because.map(|template| text::template(&mut typer, template)).transpose();
    let obligations = text::duties(&mut typer, &clauses.obligations);
    let advice = text::duties(&mut typer, &clauses.advice);
    let doc = doc(&item.doc);
    let told = |doc: &String| Template { parts: vec![Part::Text(doc.clone())] };
    let because = because?.or(doc.as_ref().map(told));
    let package = world.packages.name(package).cloned();
    let package = package.ok_or_else(|| findings.error(unknown(What::Package, &written.name, None)))?;
    Ok(Rule {
        id: RuleId { package, name: name? },
        span: item.span,
        effect,
        subjects,
        actors,
        actions,
        resources,
        via: via?,
        within,
        condition: condition?,
        because,
        obligations: obligations?,
        advice: advice?,
        severity: severity?,
        on_request: on_request?,
        doc,
    })
}

/// What the resource can be: what `on` selects, as far as the named actions apply to it.
pub(super) fn resource_types(
    world: &World,
    actions: Option<&[ActionId]>,
    resources: Option<&Selector>,
) -> Arc<[TypeId]> {
    let selected = selector::types(resources);
    let Some(actions) = actions else { return selected };
    let declared = actions.iter().filter_map(|id| world.schema.action(*id));
    let mut types: Vec<TypeId> = declared.flat_map(|action| action.resources.iter().copied()).collect();
    types.sort_unstable();
    types.dedup();
    if !selected.is_empty() {
        types.retain(|of| selected.contains(of));
    }
    types.into()
}

/// All `when` and not any `unless`; for a require also not the `that`.
pub(super) fn condition(
    typer: &mut Typer<'_>,
    written: &[(Written, &ast::Expr)],
    named_at: Span,
) -> Checked<Expr> {
    let mut parts = Vec::new();
    let mut failed = None;
    for (clause, expr) in written {
        let checked = match typer.condition(expr) {
            Ok(checked) => checked,
            Err(reported) => {
                failed = Some(reported);
                continue;
            }
        };
        if let Some((at, value)) = constant::found(&checked) {
            typer.findings().warn(Warning::Constant { value, at });
        }
        match clause {
            Written::When => {
                typer.narrow(&checked);
                match checked.kind {
                    ExprKind::And(operands) => parts.extend(operands),
                    _ => parts.push(checked),
                }
            }
            Written::Unless | Written::That => {
                parts.push(bool_expr(checked.span, ExprKind::Not(Box::new(checked))));
            }
        }
    }
    if let Some(reported) = failed {
        return Err(reported);
    }
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return Ok(only);
    }
    let span = match (parts.first(), parts.last()) {
        (Some(first), Some(last))
            if first.span.file == last.span.file && first.span.start <= last.span.end =>
        {
            Span { end: last.span.end, ..first.span }
        }
        _ => named_at,
    };
    Ok(Expr { span, ty: Ty::Bool, kind: ExprKind::And(parts) })
}

fn severity(clauses: &Clauses<'_>, effect: Effect, findings: &mut Findings) -> Checked<Severity> {
    const ALL: [(&str, Severity); 5] = [
        ("informational", Severity::Informational),
        ("low", Severity::Low),
        ("medium", Severity::Medium),
        ("high", Severity::High),
        ("critical", Severity::Critical),
    ];
    let Some(name) = clauses.severity else { return Ok(Severity::default()) };
    if effect == Effect::Permit {
        findings.warn(Warning::SeverityOfPermit { at: name.span });
    }
    match ALL.iter().find(|(text, _)| *text == name.node) {
        Some((_, severity)) => Ok(*severity),
        None => {
            let nearest = findings.nearest(&name.node, ALL.iter().map(|(text, _)| *text));
            Err(findings.error(unknown(What::Severity, name, nearest)))
        }
    }
}

/// The doc comment as one text; line breaks inside a paragraph are blanks.
pub(super) fn doc(lines: &[String]) -> Option<String> {
    let text = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
