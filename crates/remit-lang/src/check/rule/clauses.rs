//! The clauses of one rule, each where it belongs; doubles and strangers are refused.

use crate::ast::{self, ClauseKind};
use crate::checked::Effect;
use crate::source::{Span, Spanned};

use super::super::findings::Findings;
use super::RuleError;

/// How a condition was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    When,
    Unless,
    That,
}

/// A clause and its place.
pub(super) type Placed<'a, T> = Option<(&'a [T], Span)>;

/// The clauses of one rule by what they are.
#[derive(Default)]
pub(super) struct Clauses<'a> {
    pub(super) name: &'a str,
    pub(super) subjects: Placed<'a, ast::Selector>,
    pub(super) actors: Placed<'a, ast::Selector>,
    pub(super) actions: Placed<'a, Spanned<String>>,
    pub(super) resources: Placed<'a, ast::Selector>,
    pub(super) conditions: Vec<(Written, &'a ast::Expr)>,
    pub(super) because: Option<&'a ast::Template>,
    pub(super) obligations: Vec<&'a ast::Duty>,
    pub(super) advice: Vec<&'a ast::Duty>,
    pub(super) severity: Option<&'a Spanned<String>>,
}

impl<'a> Clauses<'a> {
    /// Sorts the clauses of a rule.
    pub(super) fn of(rule: &'a ast::Rule, findings: &mut Findings) -> Self {
        let mut clauses = Self { name: &rule.name.node, ..Self::default() };
        let mut once = Once { seen: Vec::new() };
        for clause in &rule.clauses {
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
                ClauseKind::That(_) if rule.effect.node != Effect::Require => {
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
                ClauseKind::Later { keyword, .. } => {
                    let (keyword, at) = (keyword.node.clone(), keyword.span);
                    findings.error(RuleError::NotSupportedYet { keyword, at });
                }
                // A second one; `once` has filed it.
                ClauseKind::For(_)
                | ClauseKind::As(_)
                | ClauseKind::To(_)
                | ClauseKind::On(_)
                | ClauseKind::That(_)
                | ClauseKind::Because(_)
                | ClauseKind::Severity(_) => {}
            }
        }
        if rule.effect.node == Effect::Require && !once.saw("that") {
            findings.error(RuleError::NoThat { at: rule.name.span });
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
