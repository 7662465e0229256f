//! Written types to [`Ty`]: the built-in ones, levels, entity types and unions of those, sets.

use std::sync::Arc;

use remit_model::{Field, SchemaBuilder, Ty};

use crate::ast;
use crate::source::{Span, Spanned};

use super::super::findings::{Checked, Findings};
use super::super::names::{NameError, What};
use super::super::package::{PackageId, Packages};
use super::super::world::{Origin, unknown};
use super::{DeclarationError, Owners, checked_name, free_name, twice};

/// The types that are there from the beginning, with `any`, which only the request's values may have.
const BUILTIN: [(&str, Ty); 8] = [
    ("bool", Ty::Bool),
    ("int", Ty::Int),
    ("decimal", Ty::Decimal),
    ("string", Ty::String),
    ("time", Ty::Time),
    ("duration", Ty::Duration),
    ("ip", Ty::Ip),
    ("any", Ty::Any),
];

/// True when the language itself has a type of this name.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTIN.iter().any(|(builtin, _)| *builtin == name) || name == "set"
}

/// What a declaration may refer to, and from which package it does.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) packages: &'a Packages,
    pub(super) owners: &'a Owners,
    pub(super) package: PackageId,
}

impl Names<'_> {
    /// The type an expression of types means.
    pub(super) fn ty(
        &self,
        builder: &SchemaBuilder,
        written: &ast::TypeExpr,
        findings: &mut Findings,
    ) -> Checked<Ty> {
        let parts: Vec<Ty> = written
            .names
            .iter()
            .map(|name| self.one(builder, name, findings))
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Checked<_>>()?;
        let ty = match (parts.as_slice(), written.names.as_slice()) {
            ([one], _) => one.clone(),
            (several, names) => {
                let mut types = Vec::new();
                for (part, name) in several.iter().zip(names) {
                    let Ty::Entity(of) = part else {
                        let error = DeclarationError::Union { name: name.node.clone(), at: name.span };
                        return Err(findings.error(error));
                    };
                    types.extend(of.iter().copied());
                }
                types.sort_unstable();
                types.dedup();
                Ty::Entity(types.into())
            }
        };
        Ok(if written.set { ty.set() } else { ty })
    }

    /// A member of a record of values: a property of an action or an edge, or of the context.
    pub(super) fn field(
        &self,
        builder: &SchemaBuilder,
        field: &ast::Field,
        findings: &mut Findings,
    ) -> Checked<Field> {
        let ty = self.ty(builder, &field.ty, findings);
        let name = checked_name(&field.name, findings)?;
        Ok(Field { name, ty: ty?, optional: field.ty.optional })
    }

    /// The properties of an edge: they stand bare in a filter and have declared types.
    pub(super) fn edge_properties(
        &self,
        builder: &SchemaBuilder,
        fields: &[ast::Field],
        findings: &mut Findings,
    ) -> Vec<Field> {
        let fields = self.fields(builder, "edge property", fields, findings);
        let mut kept = Vec::new();
        for (field, name, ty_at) in fields {
            if field.ty == Ty::Any {
                findings.error(DeclarationError::AnyAttribute { at: ty_at });
            } else if free_name("edge property", name, findings).is_ok() {
                kept.push(field);
            }
        }
        kept
    }

    /// Fields without doubles, each with its written name and the place of its type.
    pub(super) fn fields<'f>(
        &self,
        builder: &SchemaBuilder,
        kind: &'static str,
        fields: &'f [ast::Field],
        findings: &mut Findings,
    ) -> Vec<(Field, &'f Spanned<String>, Span)> {
        let mut seen: std::collections::HashMap<&str, Span> = std::collections::HashMap::new();
        let mut kept = Vec::new();
        for field in fields {
            if let Some(first) = seen.insert(&field.name.node, field.name.span) {
                findings.error(twice(kind, &field.name, first));
            } else if let Ok(checked) = self.field(builder, field, findings) {
                kept.push((checked, &field.name, type_place(&field.ty)));
            }
        }
        kept
    }

    fn one(&self, builder: &SchemaBuilder, name: &Spanned<String>, findings: &mut Findings) -> Checked<Ty> {
        let text = name.node.as_str();
        if let Some((_, ty)) = BUILTIN.iter().find(|(builtin, _)| *builtin == text) {
            return Ok(ty.clone());
        }
        let (kind, ty, origin) = if let Some(id) = builder.type_id(text) {
            ("type", Ty::Entity(Arc::from([id])), self.owners.types.get(id.index()))
        } else if let Some(id) = builder.level_id(text) {
            ("level", Ty::Level(id), self.owners.levels.get(id.index()))
        } else {
            let builtin = BUILTIN.iter().map(|(builtin, _)| *builtin);
            let nearest = findings.nearest(text, builtin.chain(self.owners.names.iter().map(String::as_str)));
            return Err(findings.error(unknown(What::Type, name, nearest)));
        };
        self.visible(kind, name, origin, findings)?;
        Ok(ty)
    }

    /// Files an error when the owner of a name is not used here.
    pub(super) fn visible(
        &self,
        kind: &'static str,
        name: &Spanned<String>,
        origin: Option<&Origin>,
        findings: &mut Findings,
    ) -> Checked<()> {
        let Some(origin) = origin.filter(|origin| !self.packages.sees(self.package, origin.package)) else {
            return Ok(());
        };
        Err(findings.error(NameError::NotUsed {
            kind,
            name: name.node.clone(),
            owner: self.packages.text(origin.package).to_owned(),
            at: name.span,
        }))
    }
}

/// The place of a written type without what surrounds its name.
pub(super) fn type_place(written: &ast::TypeExpr) -> Span {
    written.names.first().map_or(written.span, |name| name.span)
}
