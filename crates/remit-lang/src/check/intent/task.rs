//! One task: its conditions, bounds and where its arguments come from.

use std::sync::Arc;

use remit_model::{Number, Ty, Value};

use crate::ast::{self, TaskClauseKind};
use crate::checked::{ArgumentOrigins, Budget, TaskTemplate};
use crate::source::Span;

use super::super::expr::{Parties, Readable};
use super::super::findings::Checked;
use super::super::rule::clauses::Written;
use super::super::rule::{self};
use super::super::schema::checked_name;
use super::{Checker, Head, IntentError};

/// The clauses of a task by what they are.
#[derive(Default)]
struct Clauses<'a> {
    conditions: Vec<(Written, &'a ast::Expr)>,
    times: Option<(&'a ast::Amount, Span)>,
    after: Option<Span>,
    closed: Option<Span>,
    budgets: Vec<(&'a ast::Amount, &'a ast::Argument, Span)>,
    origins: Vec<(&'a ast::Argument, &'a [crate::source::Spanned<ast::Origin>], Span)>,
}

impl Checker<'_> {
    /// A task whose head is known.
    pub(super) fn task(
        &mut self,
        part: &ast::IntentPart,
        written: &ast::Task,
        head: &Head,
        parties: Parties,
        readable: Vec<Readable>,
    ) -> Checked<TaskTemplate> {
        let clauses = self.clauses(written);
        let name = checked_name(&written.name, self.findings);
        let actions = Some(Arc::from(head.actions.as_slice()));
        let at_most = clauses.times.map(|(amount, _)| self.count(amount)).transpose();
        let condition = {
            let mut typer = self.typer(parties, actions.clone()).reading(readable.clone());
            rule::condition(&mut typer, &clauses.conditions, written.name.span)
        };
        let mut budgets: Vec<(Budget, Span)> = Vec::new();
        let mut failed = None;
        for (amount, argument, at) in &clauses.budgets {
            match self.budget(amount, argument, actions.clone()) {
                Ok(budget) => {
                    let first = budgets.iter().find(|(other, _)| other.argument == budget.argument);
                    self.argument_once("the total", &budget.argument, *at, first.map(|(_, at)| *at));
                    budgets.push((budget, *at));
                }
                Err(reported) => failed = Some(reported),
            }
        }
        let mut origins: Vec<ArgumentOrigins> = Vec::new();
        for (argument, from, at) in &clauses.origins {
            match self.origins(argument, from, *at, actions.clone(), &readable) {
                Ok(found) => {
                    let first = origins.iter().find(|other| other.argument == found.argument);
                    self.argument_once("the origin", &found.argument, *at, first.map(|first| first.span));
                    origins.push(found);
                }
                Err(reported) => failed = Some(reported),
            }
        }
        let mut after = Vec::new();
        for clause in &written.clauses {
            if let TaskClauseKind::After(names) = &clause.kind {
                for name in names {
                    after.extend(checked_name(name, self.findings));
                }
            }
        }
        after.sort_unstable();
        after.dedup();
        if let Some(reported) = failed {
            return Err(reported);
        }
        budgets.sort_by(|(a, _), (b, _)| a.argument.cmp(&b.argument));
        origins.sort_by(|a, b| a.argument.cmp(&b.argument));
        Ok(TaskTemplate {
            name: name?,
            span: part.span,
            actions: head.actions.clone(),
            resources: head.resources.clone(),
            after,
            at_most: at_most?,
            budgets: budgets.into_iter().map(|(budget, _)| budget).collect(),
            condition: condition?,
            origins,
            closed: clauses.closed.is_some(),
            doc: rule::doc(&part.doc),
        })
    }

    /// The clauses, doubles refused.
    fn clauses<'a>(&mut self, written: &'a ast::Task) -> Clauses<'a> {
        let mut clauses = Clauses::default();
        for clause in &written.clauses {
            let at = clause.span;
            match &clause.kind {
                TaskClauseKind::After(_) => {
                    self.once("after", at, clauses.after);
                    clauses.after = clauses.after.or(Some(at));
                }
                TaskClauseKind::Times(amount) => {
                    self.once("at most", at, clauses.times.map(|(_, at)| at));
                    clauses.times = clauses.times.or(Some((amount, at)));
                }
                TaskClauseKind::Budget(amount, argument) => clauses.budgets.push((amount, argument, at)),
                TaskClauseKind::When(one) => clauses.conditions.push((Written::When, one)),
                TaskClauseKind::Unless(one) => clauses.conditions.push((Written::Unless, one)),
                TaskClauseKind::From(argument, origins) => clauses.origins.push((argument, origins, at)),
                TaskClauseKind::Closed => {
                    self.once("closed", at, clauses.closed);
                    clauses.closed = clauses.closed.or(Some(at));
                }
            }
        }
        clauses
    }

    fn argument_once(&mut self, what: &'static str, argument: &str, at: Span, first: Option<Span>) {
        if let Some(first) = first {
            let argument = format!("action.{argument}");
            self.findings.error(IntentError::ArgumentTwice { what, argument, at, first });
        }
    }

    /// `at most 500 of action.amount`
    fn budget(
        &mut self,
        amount: &ast::Amount,
        argument: &ast::Argument,
        actions: Option<Arc<[remit_model::ActionId]>>,
    ) -> Checked<Budget> {
        let total = self.total(amount);
        let (path, ty) = self.typer(Parties::default(), actions).argument(argument)?;
        if !ty.is_number() && ty != Ty::Any {
            let (argument, found, at) = (format!("action.{path}"), self.world.show(&ty), argument.span);
            return Err(self.findings.error(IntentError::NoTotal { argument, found, at }));
        }
        Ok(Budget { argument: path, total: total? })
    }

    /// A number that is not below zero.
    fn total(&mut self, written: &ast::Amount) -> Checked<Number> {
        match self.amount(written)? {
            Value::Number(total) if total >= Number::from(0) => Ok(total),
            _ => {
                let what = "a number that is not below zero";
                Err(self.findings.error(IntentError::BadAmount { what, at: written.span }))
            }
        }
    }
}
