//! What rules read of sources: `sources.shield.score`.

use remit_model::Name;

use crate::ast::{self, ExprKind as Written};
use crate::checked::{Expr, ExprKind, Reach, SourceId};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::super::schema::Service;
use super::{ExprError, Typer, typed};

impl<'w> Typer<'w> {
    /// `sources.shield` is no value by itself.
    pub(super) fn source_alone(&mut self, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        self.service(name)?;
        let root = format!("sources.{}", name.node);
        Err(self.report(ExprError::BareRoot { root, member: "MEMBER", at }))
    }

    /// `sources.shield.score`: nothing when the base is no `sources.shield`.
    pub(super) fn source_step(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        at: Span,
    ) -> Option<Checked<Expr>> {
        let Written::Step { base, name: source, inverse: false, reach: Reach::One, filter: None } =
            &base.kind
        else {
            return None;
        };
        let ours = matches!(&base.kind, Written::Name(root) if root == "sources" && self.speaks_of(root));
        ours.then(|| self.given(source, name, at))
    }

    fn given(&mut self, source: &Spanned<String>, name: &Spanned<String>, at: Span) -> Checked<Expr> {
        let (id, service) = self.service(source)?;
        let Some(field) = service.gives.iter().find(|field| field.name.as_str() == name.node) else {
            let known = service.gives.iter().map(|field| field.name.as_str());
            let nearest = self.findings.nearest(&name.node, known);
            let (root, name, at) = ("sources", name.node.clone(), name.span);
            let error = ExprError::UnknownMember { root, name, called: false, nearest, at };
            return Err(self.report(error));
        };
        let (ty, name) = (field.ty.clone(), field.name.clone());
        self.usage.ty_used(&ty);
        self.usage.source_used(id);
        Ok(typed(at, ty, ExprKind::Outside(id, name)))
    }

    /// The source of this name, when the package may use it.
    fn service(&mut self, name: &Spanned<String>) -> Checked<(SourceId, &'w Service)> {
        let world = self.world;
        let place = world.services.iter().position(|one| one.name.as_str() == name.node);
        let found = place.and_then(|at| Some((u16::try_from(at).ok()?, world.services.get(at)?)));
        let Some((at, service)) = found else {
            let known = world.services.iter().map(|one| Name::as_str(&one.name));
            let nearest = self.findings.nearest(&name.node, known);
            let (root, name, at) = ("sources", name.node.clone(), name.span);
            let error = ExprError::UnknownMember { root, name, called: false, nearest, at };
            return Err(self.report(error));
        };
        world.seen("source", name, Some(service.origin.package), self.package, self.findings)?;
        Ok((SourceId(at), service))
    }
}
