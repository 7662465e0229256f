//! `and`, `or`, `not`, `if`, quantifiers.

use remit_model::Ty;

use crate::ast::{self, ExprKind as Written, Operator};
use crate::checked::{Expr, ExprKind};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::super::limits::MAX_VARIABLES;
use super::{ExprError, Typer, bool_expr, compat, typed};

impl Typer<'_> {
    /// `not a`
    pub(super) fn not(&mut self, inner: &ast::Expr, span: Span) -> Checked<Expr> {
        let inner = self.condition(inner)?;
        Ok(bool_expr(span, ExprKind::Not(Box::new(inner))))
    }

    /// `a and b …`, `a or b …`, flattened without recursion: chains may be long. In a chain of `and`, what
    /// stands before narrows what stands after.
    pub(super) fn chain(&mut self, operator: Operator, whole: &ast::Expr) -> Checked<Expr> {
        let mut operands = Vec::new();
        let mut open = vec![whole];
        while let Some(next) = open.pop() {
            match &next.kind {
                Written::Binary(of, left, right) if *of == operator => open.extend([&**right, &**left]),
                _ => operands.push(next),
            }
        }
        let outer = self.parties.clone();
        let mut checked = Vec::new();
        for operand in operands {
            let operand = self.condition(operand);
            if let (Operator::And, Ok(operand)) = (operator, &operand) {
                self.narrow(operand);
            }
            checked.push(operand);
        }
        self.parties = outer;
        let checked: Vec<Expr> = checked.into_iter().collect::<Checked<_>>()?;
        let and = operator == Operator::And;
        Ok(bool_expr(whole.span, if and { ExprKind::And(checked) } else { ExprKind::Or(checked) }))
    }

    /// `if c then a else b`
    pub(super) fn branch(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        other: &ast::Expr,
        want: Option<&Ty>,
        span: Span,
    ) -> Checked<Expr> {
        let condition = self.condition(condition);
        let outer = self.parties.clone();
        if let Ok(condition) = &condition {
            self.narrow(condition);
        }
        let listening = self.listens(then) && !self.listens(other);
        let (then, other) = if listening && want.is_none() {
            let narrowed = std::mem::replace(&mut self.parties, outer.clone());
            let other = self.expr(other, want);
            self.parties = narrowed;
            let want = other.as_ref().ok().map(|other| other.ty.clone());
            (self.expr(then, want.as_ref()), other)
        } else {
            let then = self.expr(then, want);
            self.parties = outer.clone();
            let like = then.as_ref().ok().map(|then| then.ty.clone());
            (then, self.expr(other, want.or(like.as_ref())))
        };
        self.parties = outer;
        let (condition, then, other) = (condition?, then?, other?);
        let Some(ty) = compat::unify(&then.ty, &other.ty) else {
            let error = ExprError::BranchesDiffer {
                then: self.world.show(&then.ty),
                other: self.world.show(&other.ty),
                at: other.span,
            };
            return Err(self.report(error));
        };
        Ok(typed(span, ty, ExprKind::If(Box::new(condition), Box::new(then), Box::new(other))))
    }

    /// `any x in S: C`, `all x in S: C`
    pub(super) fn quantifier(
        &mut self,
        any: bool,
        variable: &Spanned<String>,
        set: &ast::Expr,
        body: &ast::Expr,
        span: Span,
    ) -> Checked<Expr> {
        let set = self.expr(set, None);
        let ty = match &set {
            Ok(set) => self.is_set(set).map(|()| compat::element(&set.ty).cloned().unwrap_or(Ty::Any)),
            Err(reported) => Err(*reported),
        };
        let taken = self.is_bound(&variable.node)
            || self.world.members.get(variable.node.as_str()).is_some_and(|levels| {
                levels.iter().any(|level| self.world.level_visible(*level, self.package))
            });
        if taken {
            let (name, at) = (variable.node.clone(), variable.span);
            return Err(self.report(ExprError::Shadowed { name, at }));
        }
        let depth = self.variables.len();
        if depth >= MAX_VARIABLES {
            let error = ExprError::TooManyVariables { limit: MAX_VARIABLES, at: variable.span };
            return Err(self.report(error));
        }
        self.variables.push((variable.node.clone(), ty?));
        let body = self.condition(body);
        self.variables.truncate(depth);
        let (set, body) = (Box::new(set?), Box::new(body?));
        let depth = u16::try_from(depth).unwrap_or(u16::MAX);
        let kind =
            if any { ExprKind::AnyOf { depth, set, body } } else { ExprKind::AllOf { depth, set, body } };
        Ok(bool_expr(span, kind))
    }
}
