//! `+ - *`: numbers, times and durations.

use remit_model::Ty;

use crate::ast;
use crate::checked::{Arithmetic, Expr, ExprKind};
use crate::source::Span;

use super::super::findings::Checked;
use super::{ExprError, Typer, typed};

impl Typer<'_> {
    /// A sum, difference or product.
    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Checked<Expr> {
        let (left, right) = (self.expr(left, None), self.expr(right, None));
        let (left, right) = (left?, right?);
        let Some(ty) = outcome(operator, &left.ty, &right.ty) else {
            let error = ExprError::BadOperands {
                operator: spelling(operator),
                left: self.world.show(&left.ty),
                right: self.world.show(&right.ty),
                at: span,
            };
            return Err(self.report(error));
        };
        Ok(typed(span, ty, ExprKind::Arithmetic(operator, Box::new(left), Box::new(right))))
    }
}

fn spelling(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
    }
}

/// The type of the outcome, when there is one.
fn outcome(operator: Arithmetic, left: &Ty, right: &Ty) -> Option<Ty> {
    let plus_or_minus = operator != Arithmetic::Multiply;
    let computed = |ty: &Ty| matches!(ty, Ty::Any | Ty::Time | Ty::Duration) || ty.is_number();
    match (left, right) {
        (Ty::Int, Ty::Int) => Some(Ty::Int),
        (a, b) if a.is_number() && b.is_number() => Some(Ty::Decimal),
        (Ty::Time, Ty::Time) if operator == Arithmetic::Subtract => Some(Ty::Duration),
        (Ty::Time, Ty::Duration) if plus_or_minus => Some(Ty::Time),
        (Ty::Duration, Ty::Time) if operator == Arithmetic::Add => Some(Ty::Time),
        (Ty::Duration, Ty::Duration) if plus_or_minus => Some(Ty::Duration),
        (Ty::Any, other) | (other, Ty::Any) if computed(other) => Some(Ty::Any),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_computed() {
        use Arithmetic::{Add, Multiply, Subtract};
        for (operator, left, right, expected) in [
            (Add, Ty::Int, Ty::Int, Some(Ty::Int)),
            (Multiply, Ty::Int, Ty::Decimal, Some(Ty::Decimal)),
            (Subtract, Ty::Time, Ty::Time, Some(Ty::Duration)),
            (Add, Ty::Time, Ty::Time, None),
            (Add, Ty::Duration, Ty::Time, Some(Ty::Time)),
            (Subtract, Ty::Duration, Ty::Time, None),
            (Multiply, Ty::Duration, Ty::Duration, None),
            (Add, Ty::String, Ty::String, None),
            (Add, Ty::Any, Ty::Int, Some(Ty::Any)),
            (Add, Ty::Any, Ty::String, None),
        ] {
            assert_eq!(outcome(operator, &left, &right), expected, "{operator:?} {left:?} {right:?}");
        }
    }
}
