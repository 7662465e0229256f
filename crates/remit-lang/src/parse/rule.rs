//! Rules: effect, name and clauses in written order.

use pest::iterators::Pair;

use super::grammar::{Rule, inner};
use super::reader::Reader;
use crate::ast::{self, Clause, ClauseKind, Duty, Expr, ExprKind, Selector, SelectorKind};
use crate::checked::Effect;
use crate::source::Spanned;

/// `{ name: value, … }` as the tree holds it.
pub(super) type Properties = Vec<(Spanned<String>, Expr)>;

impl Reader {
    /// `rule_item = { effect ~ free_word ~ clause* }`
    pub(super) fn rule(&self, pair: Pair<'_, Rule>) -> Option<ast::Rule> {
        let mut parts = inner(pair);
        let effect = parts.next()?;
        let node = match effect.as_str() {
            "permit" => Effect::Permit,
            "forbid" => Effect::Forbid,
            _ => Effect::Require,
        };
        let effect = Spanned { node, span: self.span(&effect) };
        let name = self.name(&parts.next()?)?;
        // WHY: collected before the first failure counts, so that each wrong clause is reported.
        let clauses: Vec<Option<Clause>> = parts.map(|part| self.clause(part)).collect();
        Some(ast::Rule { effect, name, clauses: clauses.into_iter().collect::<Option<_>>()? })
    }

    pub(super) fn clause(&self, pair: Pair<'_, Rule>) -> Option<Clause> {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut parts = inner(pair);
        let kind = match rule {
            Rule::for_clause => ClauseKind::For(self.selectors(parts)?),
            Rule::as_clause => ClauseKind::As(self.selectors(parts)?),
            Rule::on_clause => ClauseKind::On(self.selectors(parts)?),
            Rule::to_clause => {
                ClauseKind::To(self.names(parts.filter(|part| part.as_rule() != Rule::kw_any))?)
            }
            Rule::when_clause => ClauseKind::When(self.condition(parts.next()?)?),
            Rule::unless_clause => ClauseKind::Unless(self.condition(parts.next()?)?),
            Rule::that_clause => ClauseKind::That(self.condition(parts.next()?)?),
            Rule::because_clause => ClauseKind::Because(self.template(&parts.next()?)?),
            Rule::oblige_clause => ClauseKind::Oblige(self.duties(parts)?),
            Rule::advise_clause => ClauseKind::Advise(self.duties(parts)?),
            Rule::severity_clause => ClauseKind::Severity(self.name(&parts.next()?)?),
            Rule::via_clause => ClauseKind::Via(self.selectors(parts)?),
            Rule::within_clause => ClauseKind::Within(self.names(parts)?),
            _ => ClauseKind::OnRequest(self.name(&parts.next()?)?),
        };
        Some(Clause { span, trivia: Vec::new(), kind, trailing: None })
    }

    pub(super) fn selectors<'i>(&self, pairs: impl Iterator<Item = Pair<'i, Rule>>) -> Option<Vec<Selector>> {
        pairs.map(|pair| self.selector(pair)).collect()
    }

    /// `selector = { kw_any | entity_ref | member_of }`
    pub(super) fn selector(&self, pair: Pair<'_, Rule>) -> Option<Selector> {
        let span = self.span(&pair);
        let form = inner(pair).next()?;
        let kind = match form.as_rule() {
            Rule::kw_any => SelectorKind::Any,
            Rule::entity_ref => SelectorKind::Entity(self.entity(form)?),
            _ => {
                let mut parts = inner(form);
                let name = self.name(&parts.next()?)?;
                match parts.next() {
                    Some(group) => SelectorKind::MemberOf(name, self.entity(group)?),
                    None => SelectorKind::Type(name),
                }
            }
        };
        Some(Selector { span, kind })
    }

    fn duties<'i>(&self, pairs: impl Iterator<Item = Pair<'i, Rule>>) -> Option<Vec<Duty>> {
        pairs.map(|pair| self.duty(pair)).collect()
    }

    /// `duty = { duty_name ~ properties? }`
    fn duty(&self, pair: Pair<'_, Rule>) -> Option<Duty> {
        let span = self.span(&pair);
        let mut parts = inner(pair);
        let kind = self.name(&parts.next()?)?;
        let properties = match parts.next() {
            Some(properties) => self.properties(properties)?,
            None => Vec::new(),
        };
        Some(Duty { span, kind, properties })
    }

    /// `properties = { brace_open ~ (property ~ (comma ~ property)* ~ comma?)? ~ brace_close }`
    pub(super) fn properties(&self, pair: Pair<'_, Rule>) -> Option<Properties> {
        inner(pair).map(|property| self.property(property)).collect()
    }

    fn property(&self, pair: Pair<'_, Rule>) -> Option<(Spanned<String>, Expr)> {
        let mut parts = inner(pair);
        let name = self.name(&parts.next()?)?;
        let value = parts.next()?;
        let value = match value.as_rule() {
            Rule::properties => {
                Expr { span: self.span(&value), kind: ExprKind::Record(self.properties(value)?) }
            }
            _ => self.condition(value)?,
        };
        Some((name, value))
    }
}
