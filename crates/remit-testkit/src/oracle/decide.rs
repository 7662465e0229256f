//! Rules and their combination: forbids first, then permits, then the reason why there was none.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_lang::checked::{Duty, Effect, Party, Policies, Rule, Selector, Term};
use remit_model::{EntityRef, Reason, Value};

use super::eval::{Reader, Scope};
use super::purpose;
use super::touched::Touched;
use super::truth::Truth;
use super::world::{Ask, World};

/// An answer in the terms of the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Allow or deny.
    pub decision: bool,
    /// Why.
    pub reason: Reason,
    /// Rules that fired with the decided effect, in order of their ids.
    pub determining: Vec<Fired>,
    /// Obligations in a canonical order.
    pub obligations: Vec<Owed>,
    /// Advice in a canonical order.
    pub advice: Vec<Owed>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    /// `package.name`
    pub id: String,
    /// What it says.
    pub effect: Effect,
    /// Its condition is not known, which makes a forbid or require fire.
    pub unknown: bool,
}

/// An obligation or piece of advice; a property whose value is not known is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Owed {
    /// Its type on the wire.
    pub kind: String,
    /// Sorted by name.
    pub properties: Vec<(String, Value)>,
}

/// A policy set and a world to ask.
pub struct Oracle<'a> {
    policies: &'a Policies,
    world: &'a World,
    placeholders: BTreeSet<EntityRef>,
    patterns: RefCell<BTreeMap<Arc<str>, Option<regex::Regex>>>,
}

impl<'a> Oracle<'a> {
    /// Joins policies and world.
    #[must_use]
    pub fn new(policies: &'a Policies, world: &'a World) -> Self {
        let placeholders = world.placeholders().into_iter().cloned().collect();
        Self { policies, world, placeholders, patterns: RefCell::default() }
    }

    /// The answer, and what it took.
    #[must_use]
    pub fn answer(&self, ask: &Ask) -> (Answer, Touched) {
        let reader = Reader {
            policies: self.policies,
            world: self.world,
            placeholders: &self.placeholders,
            ask,
            touched: Cell::new(Touched::default()),
            patterns: &self.patterns,
        };
        let answer = reader.decide();
        (answer, reader.touched.get())
    }
}

impl Reader<'_> {
    fn decide(&self) -> Answer {
        if self.ask.unsupported.is_some() {
            return refused(Reason::NotSupportedYet);
        }
        if self.schema().action_id(&self.ask.action).is_none() {
            return refused(Reason::UnknownAction);
        }
        let outcomes: Vec<(&Rule, Truth)> =
            self.policies.rules.iter().map(|rule| (rule, self.outcome(rule))).collect();
        if outcomes.iter().any(|(_, outcome)| *outcome == Truth::Unknown) {
            self.touched.set(self.touched.get().and(Touched { unknown: true, ..Touched::default() }));
        }
        let failed = self.layers();
        let fired: Vec<&(&Rule, Truth)> = outcomes
            .iter()
            .filter(|(rule, outcome)| rule.effect != Effect::Permit && *outcome != Truth::False)
            .collect();
        let grave = failed.filter(|failed| purpose::before_rules(*failed));
        if !fired.is_empty() {
            let denial = grave.unwrap_or_else(|| self.or_assurance(self.denial(&fired)));
            return self.answer(false, denial, &fired);
        }
        let permits = |truth| {
            outcomes
                .iter()
                .filter(move |(rule, outcome)| rule.effect == Effect::Permit && *outcome == truth)
                .collect::<Vec<_>>()
        };
        let applied = permits(Truth::True);
        if applied.is_empty() {
            let none = if self.some_permit_lacks_only_its_intent() {
                Reason::IntentRequired
            } else if !permits(Truth::Unknown).is_empty() {
                Reason::PermitUnknown
            } else if self.action_is_for_the_resource() {
                Reason::NoPermitApplies
            } else {
                Reason::UnknownAction
            };
            return refused(grave.unwrap_or_else(|| self.or_assurance(none)));
        }
        match failed {
            Some(failed) => refused(failed),
            None => self.answer(true, Reason::Permitted, &applied),
        }
    }

    /// Whether the action is declared for resources of this type.
    fn action_is_for_the_resource(&self) -> bool {
        let schema = self.schema();
        let declared = schema.actions().iter().find(|action| action.name.as_str() == self.ask.action);
        let of = schema.type_id(self.ask.resource.entity.kind.as_str());
        declared.is_some_and(|action| action.resources.iter().any(|known| Some(*known) == of))
    }

    /// The reason, unless rules would permit if everybody were known as surely as can be.
    fn or_assurance(&self, reason: Reason) -> Reason {
        if self.assurance().is_none() {
            return reason;
        }
        let mut acting = self.ask.acting.clone().unwrap_or_default();
        acting.assured = vec![Some(3); self.agents().len() + 1];
        let ask = Ask { acting: Some(acting), ..self.ask.clone() };
        let touched = Cell::new(Touched::default());
        let sure = Reader { ask: &ask, touched, ..*self };
        let all: Vec<(Effect, Truth)> =
            self.policies.rules.iter().map(|rule| (rule.effect, sure.outcome(rule))).collect();
        let against = |(effect, truth): &(Effect, Truth)| *effect != Effect::Permit && *truth != Truth::False;
        let permitted = all.contains(&(Effect::Permit, Truth::True)) && !all.iter().any(against);
        if permitted { Reason::AssuranceTooLow } else { reason }
    }

    /// Why forbids and requires deny.
    fn denial(&self, fired: &[&(&Rule, Truth)]) -> Reason {
        let some = |effect, truth, asks: &dyn Fn(&Rule) -> bool| {
            fired.iter().any(|(rule, outcome)| rule.effect == effect && *outcome == truth && asks(rule))
        };
        let (labels, intent) = (purpose::asks_labels, purpose::asks_intent);
        if some(Effect::Forbid, Truth::True, &|rule| !labels(rule)) {
            Reason::Forbidden
        } else if some(Effect::Forbid, Truth::True, &labels) {
            Reason::LabelForbids
        } else if some(Effect::Require, Truth::True, &|rule| !intent(rule)) {
            Reason::RequirementFailed
        } else if some(Effect::Forbid, Truth::Unknown, &|_| true) {
            Reason::ForbidUnknown
        } else if some(Effect::Require, Truth::Unknown, &|rule| !intent(rule)) {
            Reason::RequirementUnknown
        } else {
            Reason::IntentRequired
        }
    }

    fn some_permit_lacks_only_its_intent(&self) -> bool {
        let stated = self.ask.acting.as_ref().is_some_and(|acting| acting.intent().is_some());
        let permits = self.policies.rules.iter().filter(|rule| rule.effect == Effect::Permit);
        !stated
            && permits
                .filter(|rule| rule.within.as_ref().is_some_and(|within| !self.is_within(within)))
                .any(|rule| self.outcome(&Rule { within: None, ..(*rule).clone() }) == Truth::True)
    }

    /// Does the rule apply? Its clauses are conditions like any other.
    pub(super) fn outcome(&self, rule: &Rule) -> Truth {
        let package = self.policies.packages.iter().find(|package| package.name == rule.id.package);
        let over = package.and_then(|package| package.valid_until).is_some_and(|until| self.ask.now >= until);
        if over && rule.effect == Effect::Permit {
            return Truth::False;
        }
        let action = self.schema().action_id(&self.ask.action);
        let named = rule.actions.as_ref().is_none_or(|names| action.is_some_and(|id| names.contains(&id)));
        let clauses = [
            Truth::of(named),
            self.selects(rule.subjects.as_ref(), Party::Subject),
            self.selects(rule.actors.as_ref(), Party::Actor),
            self.selects(rule.resources.as_ref(), Party::Resource),
            rule.via.as_ref().map_or(Truth::True, |via| self.goes_via(via)),
            rule.within.as_ref().map_or(Truth::True, |within| Truth::of(self.is_within(within))),
        ];
        let open = clauses.into_iter().fold(Truth::True, Truth::and);
        if open == Truth::False {
            return Truth::False;
        }
        open.and(self.truth(&rule.condition, &Scope::empty()))
    }

    pub(super) fn selects(&self, selector: Option<&Selector>, party: Party) -> Truth {
        let Some(selector) = selector else { return Truth::True };
        let entity = &self.party(party).entity;
        let terms = selector.terms.iter();
        terms.fold(Truth::False, |found, term| found.or(self.term(term, entity, Some(party))))
    }

    /// Does one term select the entity; `party` when it stands there by that name.
    pub(super) fn term(&self, term: &Term, entity: &EntityRef, party: Option<Party>) -> Truth {
        let ty = self.type_of(entity);
        match term {
            Term::Type(of) => Truth::of(ty == Some(*of)),
            Term::Entity(_, wanted) => {
                self.equal(&Value::Entity(entity.clone()), &Value::Entity(wanted.clone()))
            }
            Term::MemberOf(of, group) => Truth::of(ty == Some(*of)).and(self.member_of(entity, party, group)),
        }
    }

    fn answer(&self, decision: bool, reason: Reason, rules: &[&(&Rule, Truth)]) -> Answer {
        let mut rules_by_id: Vec<_> = rules.to_vec();
        rules_by_id.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let determining = rules_by_id
            .iter()
            .map(|(rule, outcome)| Fired {
                id: rule.id.to_string(),
                effect: rule.effect,
                unknown: *outcome == Truth::Unknown,
            })
            .collect();
        let owed = |duties: fn(&Rule) -> &[Duty]| {
            let mut all: Vec<Owed> =
                rules.iter().flat_map(|(rule, _)| duties(rule)).map(|duty| self.owed(duty)).collect();
            all.sort_by_key(|owed| format!("{owed:?}"));
            all.dedup();
            all
        };
        Answer {
            decision,
            reason,
            determining,
            obligations: owed(|rule| &rule.obligations),
            advice: owed(|rule| &rule.advice),
        }
    }

    fn owed(&self, duty: &Duty) -> Owed {
        let mut properties: Vec<_> = duty
            .properties
            .iter()
            .filter_map(|(name, expr)| Some((name.to_string(), self.eval(expr, &Scope::empty()).settled()?)))
            .collect();
        properties.sort_by(|a, b| a.0.cmp(&b.0));
        Owed { kind: duty.kind.to_string(), properties }
    }
}

fn refused(reason: Reason) -> Answer {
    Answer { decision: false, reason, determining: Vec::new(), obligations: Vec::new(), advice: Vec::new() }
}
