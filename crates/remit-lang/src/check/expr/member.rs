//! `in`, `has`, `has any`, `has all`, `count`, and the tests on text.

use remit_model::Ty;

use crate::ast;
use crate::checked::{Expr, ExprKind, TextTest};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::super::limits::MAX_PATTERN_BYTES;
use super::{ExprError, Typer, bool_expr, compat, typed};

/// A set this value could be an element of.
fn set_of(ty: &Ty) -> Option<Ty> {
    Some(ty.clone().set())
}

/// What this value could be in; an address is in a network.
fn whole_of(ty: &Ty) -> Option<Ty> {
    if *ty == Ty::Ip { Some(Ty::Ip) } else { set_of(ty) }
}

impl Typer<'_> {
    /// `a in b`: element of a set, member of an entity, address of a network.
    pub(super) fn element_in(&mut self, item: &ast::Expr, whole: &ast::Expr, span: Span) -> Checked<Expr> {
        let (item, whole) = self.pair(item, whole, whole_of, compat::part)?;
        match (&item.ty, &whole.ty) {
            (Ty::Entity(members), Ty::Entity(groups)) => {
                let membership = &self.world.membership;
                let possible = members.is_empty()
                    || groups.is_empty()
                    || members.iter().any(|of| groups.iter().any(|to| membership.possible(*of, *to)));
                if !possible {
                    let (member, group) = (self.world.show(&item.ty), self.world.show(&whole.ty));
                    return Err(self.report(ExprError::NeverMember { member, group, at: span }));
                }
                Ok(bool_expr(span, ExprKind::MemberOf(Box::new(item), Box::new(whole))))
            }
            (Ty::Any, Ty::Entity(_)) => {
                Ok(bool_expr(span, ExprKind::MemberOf(Box::new(item), Box::new(whole))))
            }
            (Ty::Ip | Ty::String | Ty::Any, Ty::Ip) => {
                self.limit_text(&item, &Ty::Ip)?;
                Ok(bool_expr(span, ExprKind::Within(Box::new(item), Box::new(whole))))
            }
            (Ty::Ip, Ty::String) => {
                self.limit_text(&whole, &Ty::Ip)?;
                Ok(bool_expr(span, ExprKind::Within(Box::new(item), Box::new(whole))))
            }
            _ => self.contains(whole, item, span),
        }
    }

    /// `set has item`
    pub(super) fn has(&mut self, set: &ast::Expr, item: &ast::Expr, span: Span) -> Checked<Expr> {
        let (set, item) = self.pair(set, item, compat::part, set_of)?;
        self.contains(set, item, span)
    }

    fn contains(&mut self, set: Expr, item: Expr, span: Span) -> Checked<Expr> {
        match compat::element(&set.ty) {
            Some(element) => {
                let element = element.clone();
                if matches!(item.ty, Ty::Set(_)) && !compat::comparable(&element, &item.ty) {
                    let found = self.world.show(&item.ty);
                    let help = Some("to look for several elements write `has any` or `has all`");
                    return Err(self.report(ExprError::NotASet {
                        found: format!("an element of {found}"),
                        at: set.span,
                        help,
                    }));
                }
                self.can_be_equal(&item, &set, &item.ty, &element)?;
                self.limit_text(&item, &element)?;
                self.limit_text(&set, &item.ty)?;
            }
            None => self.is_set(&set)?,
        }
        Ok(bool_expr(span, ExprKind::Contains { set: Box::new(set), item: Box::new(item) }))
    }

    /// `a has any b`, `a has all b`
    pub(super) fn has_several(
        &mut self,
        any: bool,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Checked<Expr> {
        let same = |ty: &Ty| Some(ty.clone());
        let (left, right) = self.pair(left, right, same, same)?;
        self.is_set(&left)?;
        self.is_set(&right)?;
        self.can_be_equal(&left, &right, &left.ty, &right.ty)?;
        self.limit_text(&left, &right.ty)?;
        self.limit_text(&right, &left.ty)?;
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(bool_expr(span, if any { ExprKind::HasAny(left, right) } else { ExprKind::HasAll(left, right) }))
    }

    /// Refuses what is no set; what is of undeclared type may turn out to be one.
    pub(super) fn is_set(&mut self, expr: &Expr) -> Checked<()> {
        let help = match &expr.ty {
            Ty::Set(_) | Ty::Any => return Ok(()),
            Ty::String => Some("to look into a text write `text contains part`"),
            Ty::Entity(_) => Some("a single entity is compared with `==`; `a in b` asks for membership"),
            _ => None,
        };
        let found = self.world.show(&expr.ty);
        Err(self.report(ExprError::NotASet { found, at: expr.span, help }))
    }

    /// `count(S)`
    pub(super) fn count(&mut self, set: &ast::Expr, span: Span) -> Checked<Expr> {
        let set = self.expr(set, None)?;
        self.is_set(&set)?;
        Ok(typed(span, Ty::Int, ExprKind::Count(Box::new(set))))
    }

    /// `a starts with b` …
    pub(super) fn text(
        &mut self,
        test: TextTest,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Checked<Expr> {
        let (left, right) = (self.expr(left, Some(&Ty::String)), self.expr(right, Some(&Ty::String)));
        let (left, right) = (left?, right?);
        self.is_text(&left)?;
        self.is_text(&right)?;
        Ok(bool_expr(span, ExprKind::Text(test, Box::new(left), Box::new(right))))
    }

    fn is_text(&mut self, expr: &Expr) -> Checked<()> {
        let help = match &expr.ty {
            Ty::String | Ty::Any => return Ok(()),
            Ty::Set(_) => Some("to look for an element write `set has element`"),
            _ => None,
        };
        let found = self.world.show(&expr.ty);
        Err(self.report(ExprError::NotAText { found, at: expr.span, help }))
    }

    /// `a matches r"…"`: compiled here once, to prove that it can be.
    pub(super) fn matches(
        &mut self,
        base: &ast::Expr,
        pattern: &Spanned<String>,
        span: Span,
    ) -> Checked<Expr> {
        let base = self.expr(base, Some(&Ty::String));
        let compiled = regex::RegexBuilder::new(&pattern.node).size_limit(MAX_PATTERN_BYTES).build();
        if let Err(error) = compiled {
            let reason = match error {
                regex::Error::CompiledTooBig(_) => "it is too large when compiled".to_owned(),
                other => last_line(&other.to_string()),
            };
            return Err(self.report(ExprError::BadPattern { reason, at: pattern.span }));
        }
        let base = base?;
        self.is_text(&base)?;
        Ok(bool_expr(span, ExprKind::Matches(Box::new(base), pattern.node.as_str().into())))
    }
}

/// The sentence at the end of a drawing with carets.
fn last_line(text: &str) -> String {
    let line = text.lines().next_back().unwrap_or(text);
    line.trim().trim_start_matches("error: ").to_owned()
}
