//! Texts with holes, obligations and advice.

use std::collections::HashMap;
use std::sync::Arc;

use remit_model::{Name, Ty, Value};

use crate::ast::{self, ExprKind as Written, TemplatePart};
use crate::checked::{Duty, Expr, ExprKind, Part, Template};
use crate::source::{Span, Spanned};

use super::super::expr::{Typer, constant_value};
use super::super::findings::Checked;
use super::super::schema::checked_name;
use super::RuleError;

/// `"text {hole}"`
pub(super) fn template(typer: &mut Typer<'_>, written: &ast::Template) -> Checked<Template> {
    let parts: Vec<Checked<Part>> = written
        .parts
        .iter()
        .map(|part| match part {
            TemplatePart::Text(text) => Ok(Part::Text(text.clone())),
            TemplatePart::Hole(expr) => typer.value(expr).map(Part::Hole),
        })
        .collect();
    Ok(Template { parts: parts.into_iter().collect::<Checked<_>>()? })
}

/// `step-up { acr_value: "…" }, …`
pub(super) fn duties(typer: &mut Typer<'_>, written: &[&ast::Duty]) -> Checked<Vec<Duty>> {
    let duties: Vec<Checked<Duty>> = written.iter().map(|duty| one(typer, duty)).collect();
    duties.into_iter().collect()
}

fn one(typer: &mut Typer<'_>, written: &ast::Duty) -> Checked<Duty> {
    let kind = checked_name(&written.kind, typer.findings());
    let properties = properties(typer, &written.properties, property)?;
    Ok(Duty { kind: kind?, properties, span: written.span })
}

/// Properties in written order, each name once.
fn properties<T>(
    typer: &mut Typer<'_>,
    written: &[(Spanned<String>, ast::Expr)],
    value: fn(&mut Typer<'_>, &ast::Expr) -> Checked<T>,
) -> Checked<Vec<(Name, T)>> {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut properties: Vec<Checked<(Name, T)>> = Vec::new();
    for (name, expr) in written {
        if let Some(first) = seen.insert(&name.node, name.span) {
            let error = RuleError::PropertyTwice { name: name.node.clone(), at: name.span, first };
            properties.push(Err(typer.findings().error(error)));
            continue;
        }
        let value = value(typer, expr);
        let name = checked_name(name, typer.findings());
        properties.push(name.and_then(|name| Ok((name, value?))));
    }
    properties.into_iter().collect()
}

/// A value of a duty: any expression, or a record of literals.
fn property(typer: &mut Typer<'_>, written: &ast::Expr) -> Checked<Expr> {
    if let Written::Record(_) = &written.kind {
        let value = literal(typer, written)?;
        return Ok(Expr { span: written.span, ty: Ty::Any, kind: ExprKind::Literal(value) });
    }
    typer.value(written)
}

/// A literal inside a record.
fn literal(typer: &mut Typer<'_>, written: &ast::Expr) -> Checked<Value> {
    if let Written::Record(members) = &written.kind {
        let members = properties(typer, members, literal)?;
        let members = members.into_iter().map(|(name, value)| (Arc::from(name.as_str()), value));
        return Ok(Value::Record(members.collect()));
    }
    let checked = typer.value(written)?;
    constant_value(&checked)
        .ok_or_else(|| typer.findings().error(RuleError::RecordNotLiteral { at: written.span }))
}
