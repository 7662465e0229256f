//! Intents with their tasks, and the rules that label transactions.

use pest::iterators::Pair;

use super::grammar::{Rule, inner};
use super::reader::Reader;
use crate::ast::{
    Amount, Argument, Clause, Expr, ExprKind, Intent, IntentPart, IntentPartKind, Label, Origin, Task,
    TaskClause, TaskClauseKind,
};
use crate::checked::Reach;
use crate::source::{Span, Spanned};

impl Reader {
    /// `intent = { kw_intent ~ free_word ~ string? ~ brace_open ~ intent_part* ~ brace_close }`
    pub(super) fn intent(&self, pair: Pair<'_, Rule>) -> Option<Intent> {
        let mut parts = inner(pair).peekable();
        let name = self.name(&parts.next()?)?;
        let goal = match parts.next_if(|part| part.as_rule() == Rule::string) {
            Some(text) => Some(self.string(&text)?),
            None => None,
        };
        // WHY: collected before the first failure counts, so that each wrong part is reported.
        let parts: Vec<Option<IntentPart>> = parts.map(|part| self.intent_part(part)).collect();
        Some(Intent { name, goal, parts: parts.into_iter().collect::<Option<_>>()? })
    }

    /// `intent_part = _{ for_clause | task | using | hops | lasts }`
    fn intent_part(&self, pair: Pair<'_, Rule>) -> Option<IntentPart> {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut parts = inner(pair);
        let kind = match rule {
            Rule::task => IntentPartKind::Task(self.task(parts)?),
            Rule::using => IntentPartKind::Using(parts.map(|part| self.entity(part)).collect::<Option<_>>()?),
            Rule::hops => IntentPartKind::Hops(self.amount(parts.next()?)?),
            Rule::lasts => IntentPartKind::Lasts(self.amount(parts.next()?)?),
            _ => IntentPartKind::For(self.selectors(parts)?),
        };
        Some(IntentPart { span, doc: Vec::new(), trivia: Vec::new(), kind, trailing: None })
    }

    /// `task = { kw_task ~ free_word ~ colon ~ free_name ~ (comma ~ free_name)* ~ on_clause? ~ task_clause* }`
    fn task<'i>(&self, parts: impl Iterator<Item = Pair<'i, Rule>>) -> Option<Task> {
        let mut parts = parts.peekable();
        let name = self.name(&parts.next()?)?;
        let mut head = name.span;
        let (mut actions, mut resources) = (Vec::new(), None);
        while let Some(part) =
            parts.next_if(|part| matches!(part.as_rule(), Rule::free_name | Rule::on_clause))
        {
            head = Span { end: self.span(&part).end, ..head };
            if part.as_rule() == Rule::on_clause {
                resources = Some(self.selectors(inner(part))?);
            } else {
                actions.push(self.name(&part)?);
            }
        }
        let clauses: Vec<Option<TaskClause>> = parts.map(|part| self.task_clause(part)).collect();
        Some(Task { name, actions, resources, head, clauses: clauses.into_iter().collect::<Option<_>>()? })
    }

    /// `task_clause = _{ task_after | task_bound | task_origin | when_clause | unless_clause | task_closed }`
    fn task_clause(&self, pair: Pair<'_, Rule>) -> Option<TaskClause> {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut parts = inner(pair);
        let kind = match rule {
            Rule::task_after => TaskClauseKind::After(self.names(parts)?),
            Rule::task_bound => {
                let amount = self.amount(parts.next()?)?;
                match parts.next() {
                    Some(argument) => TaskClauseKind::Budget(amount, self.argument(argument)?),
                    None => TaskClauseKind::Times(amount),
                }
            }
            Rule::task_origin => {
                let argument = self.argument(parts.next()?)?;
                let origins = parts.map(|part| self.origin(part)).collect::<Option<_>>()?;
                TaskClauseKind::From(argument, origins)
            }
            Rule::when_clause => TaskClauseKind::When(self.condition(parts.next()?)?),
            Rule::unless_clause => TaskClauseKind::Unless(self.condition(parts.next()?)?),
            _ => TaskClauseKind::Closed,
        };
        Some(TaskClause { span, trivia: Vec::new(), kind, trailing: None })
    }

    /// `origin = { origin_literal | origin_one_of | origin_record | origin_created | origin_result | origin_text }`
    fn origin(&self, pair: Pair<'_, Rule>) -> Option<Spanned<Origin>> {
        let span = self.span(&pair);
        let form = inner(pair).next()?;
        let rule = form.as_rule();
        let mut parts = inner(form);
        let node = match rule {
            Rule::origin_literal => Origin::Literal,
            Rule::origin_one_of => Origin::OneOf(self.members(parts.next()?)?),
            Rule::origin_record => {
                let mut names = inner(parts.next()?);
                let of = self.name(&names.next()?)?;
                let attribute = match names.next() {
                    Some(attribute) => Some(self.name(&attribute)?),
                    None => None,
                };
                Origin::RecordOf(of, attribute)
            }
            Rule::origin_result => {
                let task = self.name(&parts.next()?)?;
                Origin::Result(task, self.names(inner(parts.next()?))?)
            }
            Rule::origin_text => Origin::Text(self.name(&parts.next()?)?),
            _ => Origin::Created,
        };
        Some(Spanned { node, span })
    }

    /// `argument = ${ kw_action ~ member_path }`
    fn argument(&self, pair: Pair<'_, Rule>) -> Option<Argument> {
        let span = self.span(&pair);
        Some(Argument { span, path: self.names(inner(inner(pair).next()?))? })
    }

    /// `amount = { number | limit_name }`
    fn amount(&self, pair: Pair<'_, Rule>) -> Option<Amount> {
        let span = self.span(&pair);
        let form = inner(pair).next()?;
        let kind = if form.as_rule() == Rule::number {
            self.number(&form)?
        } else {
            let base = Box::new(Expr { span, kind: ExprKind::Name("limits".to_owned()) });
            let name = self.name(&inner(form).next()?)?;
            ExprKind::Step { base, name, inverse: false, reach: Reach::One, filter: None }
        };
        Some(Amount { span, value: Expr { span, kind } })
    }

    /// `label = { label_word ~ free_word ~ kw_after ~ (kw_any | free_name ~ …) ~ label_clause* }`
    pub(super) fn label(&self, pair: Pair<'_, Rule>) -> Option<Label> {
        let mut parts = inner(pair).peekable();
        let removes = parts.next()?.as_str() == "unlabel";
        let name = self.name(&parts.next()?)?;
        let mut after = Vec::new();
        while let Some(part) = parts.next_if(|part| matches!(part.as_rule(), Rule::kw_any | Rule::free_name))
        {
            if part.as_rule() == Rule::free_name {
                after.push(self.name(&part)?);
            }
        }
        let clauses: Vec<Option<Clause>> = parts.map(|part| self.clause(part)).collect();
        Some(Label { removes, name, after, clauses: clauses.into_iter().collect::<Option<_>>()? })
    }
}
