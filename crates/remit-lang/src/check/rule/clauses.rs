//! The clauses of one rule, each where it belongs; doubles and strangers are refused.

use crate::ast::{self, ClauseKind};
use crate::checked::Effect;
use crate::source::{Span, Spanned};

use super::super::findings::Findings;
use super::RuleError;

/// How a condition was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Written {
    When,
    Unless,
    That,
}

/// A clause and its place.
pub(in crate::check) type Placed<'a, T> = Option<(&'a [T], Span)>;

/// The clauses of one rule by what they are.
#[derive(Default)]
pub(in crate::check) struct Clauses<'a> {
    /// What the clauses are of, in words: "rule `a`".
    pub(in crate::check) called: String,
    pub(in crate::check) subjects: Placed<'a, ast::Selector>,
    pub(in crate::check) actors: Placed<'a, ast::Selector>,
    pub(in crate::check) actions: Placed<'a, Spanned<String>>,
    pub(in crate::check) resources: Placed<'a, ast::Selector>,
    pub(in crate::check) conditions: Vec<(Written, &'a ast::Expr)>,
    pub(in crate::check) because: Option<&'a ast::Template>,
    pub(in crate::check) obligations: Vec<&'a ast::Duty>,
    pub(in crate::check) advice: Vec<&'a ast::Duty>,
    pub(in crate::check) severity: Option<&'a Spanned<String>>,
    pub(in crate::check) via: Placed<'a, ast::Selector>,
    pub(in crate::check) within: Placed<'a, Spanned<String>>,
    pub(in crate::check) on_request: Option<&'a Spanned<String>>,
}

impl<'a> Clauses<'a> {
    /// Sorts the clauses of a rule with this effect, whose name stands there.
    pub(in crate::check) fn of(
        called: String,
        written: &'a [ast::Clause],
        (effect, name_at): (Effect, Span),
        findings: &mut Findings,
    ) -> Self {
        let mut clauses = Self { called, ..Self::default() };
        let mut once = Once { seen: Vec::new() };
        for clause in written {
            let at = clause.span;
            match &clause.kind {
                ClauseKind::For(terms) if once.first("for", at, findings) => {
                    clauses.subjects = Some((terms, at));
                }
                ClauseKind::As(terms) if once.first("as", at, findings) => clauses.actors = Some((terms, at)),
                ClauseKind::To(names) if once.first("to", at, findings) => {
                    clauses.actions = Some((names, at))
                }
                ClauseKind::On(terms) if once.first("on", at, findings) => {
                    clauses.resources = Some((terms, at));
                }
                ClauseKind::When(expr) => clauses.conditions.push((Written::When, expr)),
                ClauseKind::Unless(expr) => clauses.conditions.push((Written::Unless, expr)),
                ClauseKind::That(_) if effect != Effect::Require => {
                    findings.error(RuleError::ThatElsewhere { at });
                }
                ClauseKind::That(expr) if once.first("that", at, findings) => {
                    clauses.conditions.push((Written::That, expr));
                }
                ClauseKind::Because(template) if once.first("because", at, findings) => {
                    clauses.because = Some(template);
                }
                ClauseKind::Oblige(duties) => clauses.obligations.extend(duties),
                ClauseKind::Advise(duties) => clauses.advice.extend(duties),
                ClauseKind::Severity(name) if once.first("severity", at, findings) => {
                    clauses.severity = Some(name);
                }
                ClauseKind::Via(terms) if once.first("via", at, findings) => clauses.via = Some((terms, at)),
                ClauseKind::Within(names) if once.first("within", at, findings) => {
                    clauses.within = Some((names, at));
                }
                ClauseKind::OnRequest(name) if once.first("on_request", at, findings) => {
                    clauses.on_request = Some(name);
                }
                // A second one; `once` has filed it.
                ClauseKind::For(_)
                | ClauseKind::As(_)
                | ClauseKind::To(_)
                | ClauseKind::On(_)
                | ClauseKind::That(_)
                | ClauseKind::Because(_)
                | ClauseKind::Via(_)
                | ClauseKind::Within(_)
                | ClauseKind::OnRequest(_)
                | ClauseKind::Severity(_) => {}
            }
        }
        if effect == Effect::Require && !once.saw("that") {
            findings.error(RuleError::NoThat { at: name_at });
        }
        // WHY: a `that` reads best last, and what stands before narrows it, wherever it was written.
        clauses.conditions.sort_by_key(|(written, _)| match written {
            Written::When => 0,
            Written::Unless => 1,
            Written::That => 2,
        });
        clauses
    }
}

/// Which clauses were seen.
struct Once {
    seen: Vec<(&'static str, Span)>,
}

impl Once {
    fn saw(&self, clause: &str) -> bool {
        self.seen.iter().any(|(seen, _)| *seen == clause)
    }

    /// True for the first of its kind; files an error for a second one.
    fn first(&mut self, clause: &'static str, at: Span, findings: &mut Findings) -> bool {
        if let Some((_, first)) = self.seen.iter().find(|(seen, _)| *seen == clause) {
            findings.error(RuleError::ClauseTwice { clause, at, first: *first });
            return false;
        }
        self.seen.push((clause, at));
        true
    }
}
