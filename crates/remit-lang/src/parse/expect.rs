//! `expect` lines: a question and what must come out.

use std::iter::Peekable;

use pest::iterators::Pair;

use super::grammar::{Rule, inner};
use super::reader::Reader;
use super::rule::Properties;
use crate::ast::{Expect, Sighting, StepTaken};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

impl Reader {
    /// `expect = { kw_expect ~ decision ~ entity_ref ~ properties? ~ name ~ properties? ~ entity_ref ~ … }`
    pub(super) fn expect(&self, pair: Pair<'_, Rule>) -> Option<Expect> {
        let mut parts = inner(pair).peekable();
        let decision = parts.next()?;
        let permit = Spanned { node: decision.as_str() == "permit", span: self.span(&decision) };
        let subject = (self.entity(parts.next()?)?, self.asserted(&mut parts)?);
        let action = (self.name(&parts.next()?)?, self.asserted(&mut parts)?);
        let resource = (self.entity(parts.next()?)?, self.asserted(&mut parts)?);
        let mut expect = Expect {
            permit,
            subject,
            action,
            resource,
            given: Vec::new(),
            bearing: Vec::new(),
            answering: Vec::new(),
            at: None,
            by: Vec::new(),
            because: None,
            obliging: None,
            actor: None,
            through: Vec::new(),
            within: None,
            after: Vec::new(),
            consenting: Vec::new(),
            observing: Vec::new(),
        };
        let mut seen = Vec::new();
        for clause in parts {
            let rule = clause.as_rule();
            if seen.contains(&rule) {
                self.repeated(&clause);
                return None;
            }
            seen.push(rule);
            self.expect_clause(&mut expect, clause)?;
        }
        Some(expect)
    }

    fn expect_clause(&self, expect: &mut Expect, clause: Pair<'_, Rule>) -> Option<()> {
        let rule = clause.as_rule();
        let mut parts = inner(clause);
        match rule {
            Rule::given => expect.given = self.properties(parts.next()?)?,
            Rule::bearing => expect.bearing = self.properties(parts.next()?)?,
            Rule::answering => expect.answering = self.properties(parts.next()?)?,
            Rule::at => expect.at = Some(self.time(&parts.next()?)?),
            Rule::by => expect.by = self.names(parts)?,
            Rule::because => expect.because = Some(self.string(&parts.next()?)?),
            Rule::obliging => {
                let kinds = parts.filter(|part| part.as_rule() != Rule::kw_none);
                expect.obliging = Some(self.names(kinds)?);
            }
            Rule::acting => expect.actor = Some(self.entity(parts.next()?)?),
            Rule::through => {
                expect.through = parts.map(|part| self.entity(part)).collect::<Option<_>>()?;
            }
            Rule::having => expect.after = parts.map(|part| self.step_taken(part)).collect::<Option<_>>()?,
            Rule::consenting => {
                expect.consenting = parts.map(|part| self.properties(part)).collect::<Option<_>>()?;
            }
            Rule::observing => {
                expect.observing = parts.map(|part| self.sighting(part)).collect::<Option<_>>()?;
            }
            _ => expect.within = Some(self.name(&parts.next()?)?),
        }
        Some(())
    }

    /// `step_taken = { name ~ properties? ~ entity_ref ~ properties? ~ returning? }`
    fn step_taken(&self, pair: Pair<'_, Rule>) -> Option<StepTaken> {
        let span = self.span(&pair);
        let mut parts = inner(pair).peekable();
        let action = (self.name(&parts.next()?)?, self.asserted(&mut parts)?);
        let resource = (self.entity(parts.next()?)?, self.asserted(&mut parts)?);
        let returning = match parts.next() {
            Some(returning) => self.properties(inner(returning).next()?)?,
            None => Vec::new(),
        };
        Some(StepTaken { span, action, resource, returning })
    }

    /// `sighting = { entity_ref ~ name ~ properties? }`
    fn sighting(&self, pair: Pair<'_, Rule>) -> Option<Sighting> {
        let span = self.span(&pair);
        let mut parts = inner(pair).peekable();
        let party = self.entity(parts.next()?)?;
        let kind = self.name(&parts.next()?)?;
        Some(Sighting { span, party, kind, properties: self.asserted(&mut parts)? })
    }

    /// The properties that stand behind a party or action, when there are any.
    fn asserted<'i>(&self, parts: &mut Peekable<impl Iterator<Item = Pair<'i, Rule>>>) -> Option<Properties> {
        match parts.next_if(|part| part.as_rule() == Rule::properties) {
            Some(part) => self.properties(part),
            None => Some(Vec::new()),
        }
    }

    fn repeated(&self, clause: &Pair<'_, Rule>) {
        let word = clause.as_str().split_whitespace().next().unwrap_or("");
        let error = Diagnostic::error("parse/repeated-clause", format!("`{word}` stands twice"))
            .with_label(self.span(clause), "the second one")
            .with_help("keep one of them; names of one kind are joined with commas");
        self.report(error);
    }
}
