//! Selectors and whole rules: does a rule apply to this query?

use super::{Eval, ent};
use crate::lower::{Effect, Who};
use crate::program::{Rule, Run, Scope, Term};
use crate::purpose::Beyond;
use crate::query::Party;
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
                return truth;
            }
        }
        match rule.beyond {
            Some(beyond) => truth.and(self.beyond(beyond)),
            None => truth,
        }
    }

    /// Whether a rule holds but for its `within`, because the question states no intent.
    pub(crate) fn lacks_intent(&self, rule: &Rule) -> bool {
        let Some(beyond) = rule.beyond.and_then(|beyond| self.program.beyond(beyond)) else { return false };
        let stated = self.query.agency.is_some_and(|agency| agency.intent().is_some());
        !stated
            && self.within_intents(beyond) == Truth::False
            && self.goes_via(beyond.via) == Truth::True
            && self.rule(&Rule { beyond: None, ..rule.clone() }) == Truth::True
    }

    /// `via` and `within`.
    fn beyond(&self, beyond: u32) -> Truth {
        let Some(beyond) = self.program.beyond(beyond) else { return Truth::Unknown };
        self.within_intents(beyond).and(self.goes_via(beyond.via))
    }

    /// Whether the intent the step belongs to is one that the rule names.
    pub(crate) fn within_intents(&self, beyond: &Beyond) -> Truth {
        let Some(within) = &beyond.within else { return Truth::True };
        let intent = self.query.agency.and_then(|agency| agency.intent());
        Truth::from(match intent {
            Some(intent) => intent.template.as_ref().is_some_and(|name| within.intents.contains(name)),
            None => within.none,
        })
    }

    /// Whether the tool asked for, or a skill of the actor that uses it, is one that the rule names.
    pub(crate) fn goes_via(&self, via: Run) -> Truth {
        if via.len == 0 {
            return Truth::True;
        }
        let Some(tool) = self.tool() else { return Truth::False };
        let mut any = Truth::False;
        for term in self.program.term_run(via) {
            any = any.or(if self.program.cast.is_skill(term.of) {
                self.goes_via_skill(term, &tool)
            } else {
                self.term_of(term, &tool, None)
            });
            if any == Truth::True {
                break;
            }
        }
        any
    }

    fn goes_via_skill(&self, term: &Term, tool: &Party<'a>) -> Truth {
        let mut any = Truth::False;
        let complete = self.skills_for(self.party(Who::Actor).node, tool.node, &mut |skill| {
            let of = Some(self.graph.type_of(skill));
            let party = Party {
                type_name: "",
                type_id: of,
                id: self.graph.id_of(skill),
                node: Some(skill),
                asserted: &[],
            };
            any = any.or(self.term_of(term, &party, None));
        });
        if complete { any } else { any.or(Truth::Unknown) }
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
        self.term_of(term, self.party(who), Some(who))
    }

    /// Whether a term selects a party; `who` when the policy names it as one, so that what is asserted counts.
    pub(crate) fn term_of(&self, term: &Term, party: &Party<'a>, who: Option<Who>) -> Truth {
        if party.type_id != Some(term.of) {
            return Truth::False;
        }
        match term.scope {
            Scope::All => Truth::True,
            Scope::Exact(constant) => match (party.node, self.bound.constant_node(constant)) {
                (Some(party), Some(constant)) => Truth::from(party == constant),
                _ => Truth::from(&*self.program.constant(constant).entity.id == party.id),
            },
            Scope::Member(constant) => self.is_member(ent(party), who, self.bound.entity(constant)),
        }
    }
}
