//! Expressions to typed expressions. A [`Typer`] knows what one rule sees: its package, what its clauses select,
//! the variables in scope. It decides nothing about rules.

mod agents;
mod arithmetic;
mod compare;
mod compat;
mod entities;
mod error;
mod literal;
mod logic;
mod member;
mod names;
mod navigate;
mod outside;
mod standing;

use std::sync::Arc;

use remit_model::{ActionId, Field, Ty, TypeId};

use crate::ast::{self, ExprKind as Written, Operator};
use crate::checked::{Expr, ExprKind, Party};
use crate::source::Span;

use super::findings::{Checked, Findings, Reported};
use super::limits::MAX_DEPTH;
use super::outline::IntentIx;
use super::package::PackageId;
use super::usage::Usage;
use super::world::World;

pub(super) use agents::{Readable, comparable, element};
pub(super) use error::ExprError;
pub(super) use literal::constant_value;

/// What the parties of a rule can be; empty means any declared type.
#[derive(Debug, Clone, Default)]
pub(super) struct Parties {
    pub(super) subject: Arc<[TypeId]>,
    pub(super) actor: Arc<[TypeId]>,
    pub(super) resource: Arc<[TypeId]>,
}

impl Parties {
    fn of(&self, party: Party) -> &Arc<[TypeId]> {
        match party {
            Party::Subject => &self.subject,
            Party::Actor => &self.actor,
            Party::Resource => &self.resource,
        }
    }

    fn narrow(&mut self, party: Party, to: TypeId) {
        let types = match party {
            Party::Subject => &mut self.subject,
            Party::Actor => &mut self.actor,
            Party::Resource => &mut self.resource,
        };
        *types = Arc::from([to]);
    }
}

/// Types the expressions of one rule.
pub(super) struct Typer<'w> {
    world: &'w World,
    usage: &'w mut Usage,
    findings: &'w mut Findings,
    package: PackageId,
    parties: Parties,
    /// The actions the rule speaks of; `None` = any.
    actions: Option<Arc<[ActionId]>>,
    /// The intents the rule speaks of; `None` = any.
    within: Option<Vec<IntentIx>>,
    /// The tasks of the intent, where a task's condition is read.
    tasks: Option<Vec<Readable>>,
    /// False where there is no question yet: in the value of a limit.
    asked: bool,
    /// True outside of rules: bare names are declared fields, and any type of entity may be named.
    open: bool,
    variables: Vec<(String, Ty)>,
    /// Properties of the edge under test, inside a filter.
    edge: Option<Vec<Field>>,
    depth: usize,
}

impl<'w> Typer<'w> {
    /// For the expressions of a rule.
    pub(super) fn new(
        world: &'w World,
        usage: &'w mut Usage,
        findings: &'w mut Findings,
        package: PackageId,
        parties: Parties,
        actions: Option<Arc<[ActionId]>>,
    ) -> Self {
        let (asked, variables) = (true, Vec::new());
        let (within, tasks, edge) = (None, None, None);
        Self {
            world,
            usage,
            findings,
            package,
            parties,
            actions,
            within,
            tasks,
            asked,
            open: false,
            variables,
            edge,
            depth: 0,
        }
    }

    /// Restricts the tasks that may be named to those of some intents.
    pub(super) fn within(self, within: Option<Vec<IntentIx>>) -> Self {
        Self { within, ..self }
    }

    /// Lets conditions read the tasks of an intent.
    pub(super) fn reading(self, tasks: Vec<Readable>) -> Self {
        Self { tasks: Some(tasks), ..self }
    }

    /// For values that stand outside of any question.
    pub(super) fn bare(
        world: &'w World,
        usage: &'w mut Usage,
        findings: &'w mut Findings,
        package: PackageId,
    ) -> Self {
        Self { asked: false, ..Self::new(world, usage, findings, package, Parties::default(), None) }
    }

    /// For expressions that belong to no rule: bare names are the declared fields.
    pub(super) fn open(
        world: &'w World,
        usage: &'w mut Usage,
        findings: &'w mut Findings,
        package: PackageId,
    ) -> Self {
        Self { open: true, ..Self::new(world, usage, findings, package, Parties::default(), None) }
    }

    /// What was found, for errors about the rule around the expressions.
    pub(super) fn findings(&mut self) -> &mut Findings {
        self.findings
    }

    /// An expression of any type.
    pub(super) fn value(&mut self, written: &ast::Expr) -> Checked<Expr> {
        self.expr(written, None)
    }

    /// An expression that holds or does not; an undeclared value may turn out to be one when it is read.
    pub(super) fn condition(&mut self, written: &ast::Expr) -> Checked<Expr> {
        let checked = self.expr(written, Some(&Ty::Bool))?;
        match checked.ty {
            Ty::Bool | Ty::Any => Ok(checked),
            _ => {
                let found = self.world.show(&checked.ty);
                Err(self.report(ExprError::NotACondition { found, at: written.span }))
            }
        }
    }

    fn report(&mut self, error: ExprError) -> Reported {
        self.findings.error(error)
    }

    /// The typed form of an expression. `want` is what the other side of it would like; only forms without a
    /// type of their own (texts, bare level members, sets of those) listen to it.
    fn expr(&mut self, written: &ast::Expr, want: Option<&Ty>) -> Checked<Expr> {
        self.depth += 1;
        let checked = if self.depth > MAX_DEPTH {
            Err(self.report(ExprError::TooDeep { at: written.span }))
        } else {
            self.form(written, want)
        };
        self.depth -= 1;
        checked
    }

    fn form(&mut self, written: &ast::Expr, want: Option<&Ty>) -> Checked<Expr> {
        let span = written.span;
        match &written.kind {
            Written::Bool(_)
            | Written::Number(_)
            | Written::String(_)
            | Written::Duration(_)
            | Written::Time(_)
            | Written::Ip(_)
            | Written::Entity(_) => self.literal(written, want),
            Written::Set(items) => self.set(items, want, span),
            Written::Record(_) => Err(self.report(ExprError::Record { at: span })),
            Written::Name(name) => self.name(name, want, span),
            Written::Step { base, name, inverse, reach, filter } => {
                let step =
                    navigate::Step { name, inverse: *inverse, reach: *reach, filter: filter.as_deref() };
                self.step(base, step, span)
            }
            Written::Not(inner) => self.not(inner, span),
            Written::Binary(operator, left, right) => self.binary(*operator, written, left, right, span),
            Written::If(condition, then, other) => self.branch(condition, then, other, want, span),
            Written::Is(base, name) if self.open => self.is_called(base, name, span),
            Written::Is(base, name) => self.is(base, name, span),
            Written::Presence(base, present) => {
                let base = match self.thing(base) {
                    Some(thing) => thing,
                    None => self.expr(base, None)?,
                };
                Ok(bool_expr(span, ExprKind::Present(Box::new(base), *present)))
            }
            Written::Matches(base, pattern) => self.matches(base, pattern, span),
            Written::Quantifier { any, variable, set, body } => {
                self.quantifier(*any, variable, set, body, span)
            }
            Written::Count(set) => self.count(set, span),
            Written::MatchesLinks(base, links) => self.matches_links(base, links, span),
            Written::Call { base, name, arguments } => self.call(base, name, arguments, span),
        }
    }

    fn binary(
        &mut self,
        operator: Operator,
        whole: &ast::Expr,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Checked<Expr> {
        use crate::checked::{Arithmetic, Comparison, TextTest};
        match operator {
            Operator::And | Operator::Or => self.chain(operator, whole),
            Operator::Equal => self.compare(Comparison::Equal, left, right, span),
            Operator::NotEqual => self.compare(Comparison::NotEqual, left, right, span),
            Operator::Less => self.compare(Comparison::Less, left, right, span),
            Operator::LessOrEqual => self.compare(Comparison::LessOrEqual, left, right, span),
            Operator::Greater => self.compare(Comparison::Greater, left, right, span),
            Operator::GreaterOrEqual => self.compare(Comparison::GreaterOrEqual, left, right, span),
            Operator::In => self.element_in(left, right, span),
            Operator::Has => self.has(left, right, span),
            Operator::HasAny => self.has_several(true, left, right, span),
            Operator::HasAll => self.has_several(false, left, right, span),
            Operator::StartsWith => self.text(TextTest::StartsWith, left, right, span),
            Operator::EndsWith => self.text(TextTest::EndsWith, left, right, span),
            Operator::Contains => self.text(TextTest::Contains, left, right, span),
            Operator::Add => self.arithmetic(Arithmetic::Add, left, right, span),
            Operator::Subtract => self.arithmetic(Arithmetic::Subtract, left, right, span),
            Operator::Multiply => self.arithmetic(Arithmetic::Multiply, left, right, span),
        }
    }

    /// Both sides; the one that has a type of its own tells the other what it would like.
    fn pair(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        like_left: fn(&Ty) -> Option<Ty>,
        like_right: fn(&Ty) -> Option<Ty>,
    ) -> Checked<(Expr, Expr)> {
        if self.listens(left) && !self.listens(right) {
            let right = self.expr(right, None);
            let want = right.as_ref().ok().and_then(|right| like_right(&right.ty));
            let left = self.expr_beside(left, want.as_ref(), right.is_err());
            Ok((left?, right?))
        } else {
            let left = self.expr(left, None);
            let want = left.as_ref().ok().and_then(|left| like_left(&left.ty));
            let right = self.expr_beside(right, want.as_ref(), left.is_err());
            Ok((left?, right?))
        }
    }

    /// A side beside one that failed: a form that would have listened cannot be judged, so it is not.
    fn expr_beside(&mut self, written: &ast::Expr, want: Option<&Ty>, failed: bool) -> Checked<Expr> {
        if failed && self.listens(written) {
            return Ok(bool_expr(written.span, ExprKind::And(Vec::new())));
        }
        self.expr(written, want)
    }

    /// True when the form takes its type from the other side.
    fn listens(&self, written: &ast::Expr) -> bool {
        match &written.kind {
            Written::String(_) => true,
            Written::Name(name) if self.open && self.world.members.contains_key(name.as_str()) => true,
            Written::Name(name) => !self.is_bound(name),
            Written::Set(items) => items.iter().all(|item| self.listens(item)),
            Written::If(_, then, other) => self.listens(then) && self.listens(other),
            _ => false,
        }
    }
}

/// A typed node.
fn typed(span: Span, ty: Ty, kind: ExprKind) -> Expr {
    Expr { span, ty, kind }
}

/// A typed node that holds or does not.
pub(super) fn bool_expr(span: Span, kind: ExprKind) -> Expr {
    typed(span, Ty::Bool, kind)
}
