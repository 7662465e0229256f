//! Values of the words for agents, intents and transactions. Without what they speak of they are unknown, except that
//! without agents the chain is known to be empty.

use std::ops::ControlFlow;

use remit_model::{Number, Step, Transaction, Value};

use super::Eval;
use super::sets::{Sink, Stream};
use crate::agency::Agency;
use crate::purpose::{Link, Word};
use crate::query::Party;
use crate::truth::Truth;
use crate::val::{Ent, Val, convert};

/// The highest level of assurance.
const HIGHEST: u8 = 3;

impl<'a> Eval<'a> {
    fn agency(&self) -> Option<&'a Agency<'a>> {
        self.query.agency
    }

    /// How surely the least sure of the subject and the agents is known, from 1 to 3. Who is not known at all could be
    /// anywhere above the lowest level.
    pub(crate) fn assurance(&self) -> Option<u8> {
        if self.assumes_assurance() {
            return Some(HIGHEST);
        }
        let stated = self.agency().map_or(&[] as &[Option<u8>], |agency| agency.assured);
        let parties = std::iter::once(&self.query.subject).chain(self.chain());
        let each = parties.enumerate().map(|(at, party)| {
            let told = stated.get(at).copied().flatten();
            told.into_iter().chain(self.recorded(party)).min()
        });
        let (mut least, mut known) = (HIGHEST, true);
        for level in each {
            least = level.map_or(least, |level| least.min(level));
            known &= level.is_some();
        }
        (known || least <= 1).then_some(least)
    }

    /// The lowest level that the graph records for a property of the party.
    fn recorded(&self, party: &Party<'_>) -> Option<u8> {
        let node = party.node?;
        let origins = self.graph.properties(node).filter_map(|(attr, _)| self.graph.metadata(node, attr));
        origins.filter_map(|origin| origin.assurance_level).min()
    }

    /// Everybody who acts for the subject, current first.
    pub(crate) fn chain(&self) -> &'a [Party<'a>] {
        match self.agency() {
            Some(agency) if !agency.chain.is_empty() => agency.chain,
            _ => self.query.actor.as_slice(),
        }
    }

    pub(crate) fn transaction(&self) -> Option<&'a Transaction> {
        self.agency()?.transaction()
    }

    /// The value of a word that is no set and no condition.
    pub(super) fn word_value(&self, word: &'a Word) -> Val<'a> {
        let known = || match word {
            Word::ChainCurrent => self.chain().first().map(|agent| Val::Entity(ent(agent))),
            Word::ChainOrigin => self.chain().last().map(|agent| Val::Entity(ent(agent))),
            Word::ChainAssurance(level) => {
                Some(Val::Level(*level, u16::from(self.assurance()?.checked_sub(1)?)))
            }
            Word::TransactionId => Some(Val::Str(&self.transaction()?.id)),
            Word::TransactionAge => Some(Val::Duration(self.query.now.since(self.transaction()?.opened))),
            Word::Count(task) => {
                let count = i64::try_from(self.transaction()?.count(task.as_str())).ok()?;
                Some(Val::Number(count.into()))
            }
            Word::Sum(task, path) => sum(self.transaction()?, task.as_str(), path).map(Val::Number),
            Word::IntentName => {
                let intent = self.agency()?.intent()?;
                Some(Val::Str(intent.template.as_ref()?.as_str()))
            }
            Word::TaskResource(task) => {
                let resource = &self.chosen(task.as_str())?.resource;
                Some(Val::Entity(Ent::Named { kind: resource.kind.as_str(), id: &resource.id }))
            }
            Word::TaskArgument(task, name, ty) => {
                let value = self.chosen(task.as_str())?.arguments.get(name.as_str())?;
                convert(value, ty, self.program.schema())
            }
            Word::Signal(whose, fact) => self.signal(*whose, *fact),
            Word::Chain
            | Word::TransactionLabels
            | Word::IntentLinks
            | Word::Consent(..)
            | Word::ChainMatches(_)
            | Word::Transaction
            | Word::Done(_)
            | Word::Carries(_)
            | Word::Intent
            | Word::IntentSigned
            | Word::AnyToken => match self.word_truth(word) {
                Truth::True => Some(Val::Bool(true)),
                Truth::False => Some(Val::Bool(false)),
                Truth::Unknown => None,
            },
        };
        known().unwrap_or(Val::Unknown)
    }

    /// The truth of a word that is a condition. What stands for a thing itself is true or unknown: it is there, or not.
    pub(super) fn word_truth(&self, word: &'a Word) -> Truth {
        let there = |is: bool| if is { Truth::True } else { Truth::Unknown };
        let of = |known: Option<bool>| known.map_or(Truth::Unknown, Truth::from);
        match word {
            Word::ChainMatches(links) => self.chain_matches(links),
            Word::Transaction => there(self.transaction().is_some()),
            Word::Done(task) => of(self.transaction().map(|of| of.done(task.as_str()))),
            Word::Carries(label) => of(self.transaction().map(|of| of.carries(label.as_str()))),
            Word::Intent => there(self.agency().is_some_and(|agency| agency.intent().is_some())),
            Word::IntentSigned => of(self.agency().and_then(|agency| {
                agency.intent()?;
                Some(agency.signed())
            })),
            Word::AnyToken => there(self.agency().is_some_and(|agency| agency.claims.is_some())),
            Word::Consent(category, purpose) => self.consents(*category, *purpose),
            Word::Signal(whose, fact) => of(match self.signal(*whose, *fact) {
                Some(Val::Bool(holds)) => Some(holds),
                _ => None,
            }),
            Word::Chain
            | Word::TransactionLabels
            | Word::ChainCurrent
            | Word::ChainOrigin
            | Word::ChainAssurance(_)
            | Word::TransactionId
            | Word::TransactionAge
            | Word::Count(_)
            | Word::Sum(..)
            | Word::IntentName
            | Word::IntentLinks
            | Word::TaskResource(_)
            | Word::TaskArgument(..) => Truth::Unknown,
        }
    }

    /// The elements of a word that is a set.
    pub(super) fn each_word(&self, word: &'a Word, sink: Sink<'_, 'a>) -> Stream {
        match word {
            Word::Chain => self.all(self.chain().iter().map(|agent| Val::Entity(ent(agent))), sink),
            Word::TransactionLabels => match self.transaction() {
                Some(of) => self.all(of.labels.iter().map(|label| Val::Str(label.as_str())), sink),
                None => Stream::Incomplete,
            },
            Word::IntentLinks => match self.agency().and_then(|agency| Some((agency, agency.intent()?))) {
                // A child that writes more than its parent wrote has widened nothing: only what all wrote counts.
                Some((agency, intent)) => {
                    let all = |link: &&String| {
                        agency.lineage().iter().all(|above| above.intent.links.contains(link.as_str()))
                    };
                    self.all(intent.links.iter().filter(all).map(|link| Val::Str(link)), sink)
                }
                None => Stream::Incomplete,
            },
            _ => Stream::Incomplete,
        }
    }

    fn all(&self, items: impl Iterator<Item = Val<'a>>, sink: Sink<'_, 'a>) -> Stream {
        for item in items {
            if !self.step() {
                return Stream::Incomplete;
            }
            if let ControlFlow::Break(()) = sink(item) {
                return Stream::Stopped;
            }
        }
        Stream::Complete
    }

    /// Does the pattern cover the whole chain, origin first. Each row of a table tells which beginnings of the pattern
    /// match the agents seen so far.
    fn chain_matches(&self, links: &[Link]) -> Truth {
        let mut row = vec![Truth::False; links.len() + 1];
        spread(links, &mut row, true);
        for agent in self.chain().iter().rev() {
            let mut next = vec![Truth::False; links.len() + 1];
            for (at, link) in links.iter().enumerate() {
                let before = row.get(at).copied().unwrap_or(Truth::False);
                let (to, matched) = match link {
                    Link::Any => (at + 1, before),
                    Link::AnyNumber => (at, before),
                    Link::Agent(term) => (at + 1, before.and(self.term_of(term, agent, None))),
                };
                if let Some(slot) = next.get_mut(to) {
                    *slot = slot.or(matched);
                }
            }
            spread(links, &mut next, false);
            row = next;
        }
        row.last().copied().unwrap_or(Truth::False)
    }

    /// The step chosen for an earlier task while a condition of a task is tried.
    fn chosen(&self, task: &str) -> Option<&'a Step> {
        let chosen = self.chosen.borrow();
        chosen.iter().find(|(of, _)| *of == task).map(|(_, step)| *step)
    }

    /// Runs with one more step chosen.
    pub(crate) fn choosing<T>(&self, task: &'a str, step: &'a Step, run: impl FnOnce() -> T) -> T {
        self.chosen.borrow_mut().push((task, step));
        let result = run();
        self.chosen.borrow_mut().pop();
        result
    }
}

/// `any*` may stand for no agent: what matches before it matches after it.
fn spread(links: &[Link], row: &mut [Truth], first: bool) {
    if first && let Some(start) = row.first_mut() {
        *start = Truth::True;
    }
    for (at, link) in links.iter().enumerate() {
        if matches!(link, Link::AnyNumber) {
            let before = row.get(at).copied().unwrap_or(Truth::False);
            if let Some(slot) = row.get_mut(at + 1) {
                *slot = slot.or(before);
            }
        }
    }
}

/// The party as an entity.
pub(crate) fn ent<'a>(party: &Party<'a>) -> Ent<'a> {
    match party.node {
        Some(node) => Ent::Node(node),
        None => Ent::Named { kind: party.type_name, id: party.id },
    }
}

/// The argument over the steps of a task; nothing when a step has no such number, or on overflow.
fn sum(of: &Transaction, task: &str, path: &str) -> Option<Number> {
    let steps = of.steps.iter().filter(|step| step.task.as_str() == task);
    steps.map(|step| number(step, path)).try_fold(Number::default(), |sum, next| sum.checked_add(next?))
}

fn number(step: &Step, path: &str) -> Option<Number> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let mut value = step.arguments.get(first)?;
    for member in rest.into_iter().flat_map(|rest| rest.split('.')) {
        value = value.member(member)?;
    }
    match value {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}
