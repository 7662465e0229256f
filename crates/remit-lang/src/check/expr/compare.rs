//! Comparisons: only between values that can be equal, or that have an order.

use remit_model::{Ty, Value};

use crate::ast;
use crate::checked::{Comparison, Expr, ExprKind};
use crate::source::Span;

use super::super::findings::Checked;
use super::{ExprError, Typer, bool_expr, compat};

impl Typer<'_> {
    /// `a == b`, `a < b` …
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Checked<Expr> {
        let same = |ty: &Ty| Some(ty.clone());
        let (left, right) = self.pair(left, right, same, same)?;
        if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            for side in [&left, &right] {
                if !compat::ordered(&side.ty) {
                    let of = self.world.show(&side.ty);
                    return Err(self.report(ExprError::NoOrder { of, at: side.span }));
                }
            }
        }
        self.can_be_equal(&left, &right, &left.ty, &right.ty)?;
        self.limit_text(&left, &right.ty)?;
        self.limit_text(&right, &left.ty)?;
        Ok(bool_expr(span, ExprKind::Compare(comparison, Box::new(left), Box::new(right))))
    }

    /// Refuses two sides, or their elements, whose types have no value in common.
    pub(super) fn can_be_equal(
        &mut self,
        left: &Expr,
        right: &Expr,
        left_ty: &Ty,
        right_ty: &Ty,
    ) -> Checked<()> {
        if compat::comparable(left_ty, right_ty) {
            return Ok(());
        }
        let entity = |ty: &Ty| ty.entity_types().and_then(|types| types.first().copied());
        let help = match (left_ty, right_ty) {
            (Ty::Set(inner), other) | (other, Ty::Set(inner)) if compat::comparable(inner, other) => {
                Some("to look for an element write `set has element`".to_owned())
            }
            (Ty::Entity(_), Ty::String) | (Ty::String, Ty::Entity(_)) => {
                let of = entity(left_ty).or(entity(right_ty)).map(|of| self.world.type_name(of));
                of.map(|of| format!("an entity is written with its type, as in `{of}:\"id\"`"))
            }
            _ => None,
        };
        let (one, other) = (self.world.show(left_ty), self.world.show(right_ty));
        let (left_at, right_at) = (left.span, right.span);
        Err(self.report(ExprError::Impossible { left: one, right: other, left_at, right_at, help }))
    }

    /// A limit that is a text, or a set of them, and stands beside a level, time, duration or address must hold
    /// such: the texts are constants like those written in place.
    pub(super) fn limit_text(&mut self, limit: &Expr, beside: &Ty) -> Checked<()> {
        let ExprKind::Limit(id) = limit.kind else { return Ok(()) };
        let world = self.world;
        let texts = match world.limit(id).map(|limit| &limit.value) {
            Some(Value::Set(values)) => values,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        let want = compat::part(beside).unwrap_or_else(|| beside.clone());
        for text in texts {
            if let Value::String(text) = text {
                self.text_value(text, Some(&want), limit.span)?;
            }
        }
        Ok(())
    }
}
