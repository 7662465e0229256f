//! What rules ask of consents and signals: `consent.given(…)`, `signals.subject.count(…)`.

use remit_model::Ty;
use remit_model::signal::Trait;

use crate::ast::{self, ExprKind as Written};
use crate::checked::{Expr, ExprKind, Fact, Party, Reach};
use crate::source::{Span, Spanned};

use super::super::findings::Checked;
use super::{ExprError, Typer, bool_expr, typed};

/// The functions of signals.
const FUNCTIONS: [&str; 8] =
    ["count", "devices", "addresses", "regions", "tools", "travel", "hops", "token_addresses"];

/// Their values.
const VALUES: [&str; 5] = ["new_device", "new_address", "new_region", "new_tool", "risk"];

/// Whose signals can be asked for.
const WHOSE: [&str; 2] = ["subject", "actor"];

impl Typer<'_> {
    /// Members of `consent` and `signals` that are no values by themselves.
    pub(super) fn standing_member(
        &mut self,
        root: &'static str,
        name: &Spanned<String>,
        at: Span,
    ) -> Checked<Expr> {
        if root == "signals" && WHOSE.contains(&name.node.as_str()) {
            let root = format!("signals.{}", name.node);
            return Err(self.report(ExprError::BareRoot { root, member: "risk", at }));
        }
        let known: &[&str] = if root == "signals" { &WHOSE } else { &["given"] };
        let called = root == "consent" && name.node == "given";
        let nearest = self.findings.nearest(&name.node, known.iter().copied());
        let (name, at) = (name.node.clone(), name.span);
        Err(self.report(ExprError::UnknownMember { root, name, called, nearest, at }))
    }

    /// `signals.subject.risk`: nothing when the base is no `signals.subject`.
    pub(super) fn signal_step(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        at: Span,
    ) -> Option<Checked<Expr>> {
        let whose = self.whose(base)?;
        let fact = match name.node.as_str() {
            "new_device" => Fact::IsNew(Trait::Device),
            "new_address" => Fact::IsNew(Trait::Address),
            "new_region" => Fact::IsNew(Trait::Region),
            "new_tool" => Fact::IsNew(Trait::Tool),
            "risk" => Fact::Risk,
            other => {
                let called = FUNCTIONS.contains(&other);
                let nearest = self.findings.nearest(other, VALUES.into_iter().chain(FUNCTIONS));
                let (root, name, at) = ("signals", other.to_owned(), name.span);
                return Some(Err(self.report(ExprError::UnknownMember { root, name, called, nearest, at })));
            }
        };
        let ty = if matches!(fact, Fact::Risk) { Ty::String } else { Ty::Bool };
        Some(Ok(typed(at, ty, ExprKind::Signal(whose, fact))))
    }

    /// `consent.given(…)`, `signals.subject.count(…)`: nothing when neither is called.
    pub(super) fn standing_call(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Option<Checked<Expr>> {
        if let Some(whose) = self.whose(base) {
            return Some(self.signal_call(whose, name, arguments, span));
        }
        let of_consent =
            matches!(&base.kind, Written::Name(root) if root == "consent" && self.speaks_of(root));
        of_consent.then(|| self.consent_call(name, arguments, span))
    }

    fn consent_call(&mut self, name: &Spanned<String>, arguments: &[ast::Expr], span: Span) -> Checked<Expr> {
        match (name.node.as_str(), arguments) {
            ("given", [category, purpose]) => {
                let (category, purpose) = (self.of_text(category), self.of_text(purpose));
                Ok(bool_expr(span, ExprKind::Consent(Box::new(category?), Box::new(purpose?))))
            }
            ("given", _) => {
                let wants = "a category and a purpose, both texts";
                Err(self.report(ExprError::Arguments { function: "given".to_owned(), wants, at: span }))
            }
            (other, _) => Err(self.no_function("consent", other, false, &["given"], name.span)),
        }
    }

    fn signal_call(
        &mut self,
        whose: Party,
        name: &Spanned<String>,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Checked<Expr> {
        let distinct = |name: &str| match name {
            "devices" => Some(Trait::Device),
            "addresses" => Some(Trait::Address),
            "regions" => Some(Trait::Region),
            "tools" => Some(Trait::Tool),
            _ => None,
        };
        let (fact, ty) = match (name.node.as_str(), arguments) {
            ("count", [kind, window]) => {
                let (kind, window) = (self.of_text(kind), self.window(window));
                (Fact::Count { kind: Box::new(kind?), window: Box::new(window?) }, Ty::Int)
            }
            ("token_addresses", [token, window]) => {
                let (token, window) = (self.of_text(token), self.window(window));
                (Fact::TokenAddresses { token: Box::new(token?), window: Box::new(window?) }, Ty::Int)
            }
            ("hops", [window]) => (Fact::Hops(Box::new(self.window(window)?)), Ty::Int),
            ("travel", [window]) => (Fact::Travel(Box::new(self.window(window)?)), Ty::Decimal),
            (other, arguments) => match (distinct(other), arguments) {
                (Some(what), [window]) => (Fact::Distinct(what, Box::new(self.window(window)?)), Ty::Int),
                (found, _) if found.is_some() || FUNCTIONS.contains(&other) => {
                    let wants = match other {
                        "count" => "a kind and a duration",
                        "token_addresses" => "the id of a token and a duration",
                        _ => "a duration",
                    };
                    let function = other.to_owned();
                    return Err(self.report(ExprError::Arguments { function, wants, at: span }));
                }
                _ => {
                    let value = VALUES.contains(&other);
                    return Err(self.no_function("signals.subject", other, value, &FUNCTIONS, name.span));
                }
            },
        };
        Ok(typed(span, ty, ExprKind::Signal(whose, fact)))
    }

    fn no_function(
        &mut self,
        root: &'static str,
        name: &str,
        value: bool,
        known: &[&str],
        at: Span,
    ) -> super::Reported {
        let nearest = self.findings.nearest(name, known.iter().copied());
        self.report(ExprError::UnknownFunction { root, name: name.to_owned(), value, nearest, at })
    }

    /// `signals.subject`, `signals.actor`
    fn whose(&self, base: &ast::Expr) -> Option<Party> {
        let Written::Step { base, name, inverse: false, reach: Reach::One, filter: None } = &base.kind else {
            return None;
        };
        let ours = matches!(&base.kind, Written::Name(root) if root == "signals" && self.speaks_of(root));
        match name.node.as_str() {
            "subject" if ours => Some(Party::Subject),
            "actor" if ours => Some(Party::Actor),
            _ => None,
        }
    }

    pub(super) fn speaks_of(&self, root: &str) -> bool {
        self.asked && !self.open && !self.is_local(root)
    }

    fn of_text(&mut self, written: &ast::Expr) -> Checked<Expr> {
        self.argument_of(written, &Ty::String, "a text")
    }

    fn window(&mut self, written: &ast::Expr) -> Checked<Expr> {
        self.argument_of(written, &Ty::Duration, "a duration, such as `15m`")
    }

    fn argument_of(&mut self, written: &ast::Expr, wanted: &Ty, what: &'static str) -> Checked<Expr> {
        let checked = self.expr(written, Some(wanted))?;
        if checked.ty == *wanted || checked.ty == Ty::Any {
            return Ok(checked);
        }
        Err(self.report(ExprError::NotABareName { what, at: written.span }))
    }
}
