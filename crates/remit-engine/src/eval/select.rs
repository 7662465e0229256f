//! Selectors and whole rules: does a rule apply to this query?

use super::Eval;
use crate::lower::{Effect, Who};
use crate::program::{Rule, Run, Scope, Term};
use crate::truth::Truth;

impl<'a> Eval<'a> {
    /// Whether the rule's clauses and conditions hold. A permit past its date is false.
    pub(crate) fn rule(&self, rule: &Rule) -> Truth {
        self.begin();
        if !self.speaks_of_action(rule) || self.expired(rule) {
            return Truth::False;
        }
        let mut truth = Truth::True;
        for (run, who) in
            [(rule.resources, Who::Resource), (rule.subjects, Who::Subject), (rule.actors, Who::Actor)]
        {
            truth = truth.and(self.selects(run, who));
            if truth == Truth::False {
                return truth;
            }
        }
        for conjunct in self.program.list(rule.conjuncts) {
            truth = truth.and(self.truth(*conjunct));
            if truth == Truth::False {
                break;
            }
        }
        truth
    }

    pub(crate) fn speaks_of_action(&self, rule: &Rule) -> bool {
        match (self.program.actions_of(rule), self.query.action.id) {
            (None, _) => true,
            (Some([only]), Some(asked)) => *only == asked,
            (Some(actions), Some(asked)) => actions.binary_search(&asked).is_ok(),
            (Some(_), None) => false,
        }
    }

    pub(crate) fn expired(&self, rule: &Rule) -> bool {
        rule.effect == Effect::Permit && rule.valid_until.is_some_and(|until| self.query.now >= until)
    }

    /// Whether one of the terms selects the party; no terms select everything.
    pub(crate) fn selects(&self, run: Run, who: Who) -> Truth {
        if run.len == 0 {
            return Truth::True;
        }
        let mut any = Truth::False;
        for term in self.program.term_run(run) {
            any = any.or(self.term(term, who));
            if any == Truth::True {
                break;
            }
        }
        any
    }

    pub(crate) fn term(&self, term: &Term, who: Who) -> Truth {
        let party = self.party(who);
        if party.type_id != Some(term.of) {
            return Truth::False;
        }
        match term.scope {
            Scope::All => Truth::True,
            Scope::Exact(constant) => match (party.node, self.bound.constant_node(constant)) {
                (Some(party), Some(constant)) => Truth::from(party == constant),
                _ => Truth::from(&*self.program.constant(constant).entity.id == party.id),
            },
            Scope::Member(constant) => {
                self.is_member(self.party_entity(who), Some(who), self.bound.entity(constant))
            }
        }
    }
}
