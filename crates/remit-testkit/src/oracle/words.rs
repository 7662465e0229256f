//! Chains, transactions, intents and tokens where conditions name them.

use remit_lang::checked::{ChainPart, IntentPart, Link, Party, TaskPart, TransactionPart};
use remit_model::{Attribute, EntityRef, Name, Number, Step, Ty, Value};

use super::convert::convert;
use super::eval::Reader;
use super::known::{Known, Many};
use super::truth::Truth;

impl Reader<'_> {
    /// Everybody who acts, current first.
    pub(super) fn agents(&self) -> Vec<EntityRef> {
        match &self.ask.acting {
            Some(acting) if !acting.chain.is_empty() => acting.chain.clone(),
            _ => self.ask.actor.iter().map(|actor| actor.entity.clone()).collect(),
        }
    }

    /// The least level of all, where it is certain.
    pub(super) fn assurance(&self) -> Option<u8> {
        let stated = self.ask.acting.as_ref().map(|acting| acting.assured.clone()).unwrap_or_default();
        let mut levels = stated;
        levels.resize(self.agents().len() + 1, None);
        if levels.contains(&Some(1)) {
            return Some(1);
        }
        levels.into_iter().collect::<Option<Vec<u8>>>()?.into_iter().min()
    }

    pub(super) fn chain_part(&self, part: ChainPart, ty: &Ty) -> Known {
        let agents = self.agents();
        let one = |agent: Option<&EntityRef>| Known::maybe(agent.cloned().map(Value::Entity));
        match part {
            ChainPart::Agents => {
                let mut all = Many::nothing();
                agents.into_iter().for_each(|agent| all.add(Value::Entity(agent)));
                Known::Many(all)
            }
            ChainPart::Current => one(agents.first()),
            ChainPart::Origin => one(agents.last()),
            ChainPart::Assurance => Known::maybe(self.assurance().and_then(|level| match ty {
                Ty::Level(of) => Some(Value::Level(*of, u16::from(level - 1))),
                _ => None,
            })),
        }
    }

    /// The agents, origin first, against the rest of the pattern.
    pub(super) fn chain_matches(&self, links: &[Link], agents: &[EntityRef]) -> Truth {
        let Some((link, rest)) = links.split_first() else { return Truth::of(agents.is_empty()) };
        match (link, agents.split_first()) {
            (Link::AnyNumber, _) => (0..=agents.len())
                .map(|taken| self.chain_matches(rest, agents.get(taken..).unwrap_or(&[])))
                .fold(Truth::False, Truth::or),
            (Link::Any, Some((_, others))) => self.chain_matches(rest, others),
            (Link::Agent(term), Some((agent, others))) => {
                self.term(term, agent, None).and(self.chain_matches(rest, others))
            }
            (Link::Any | Link::Agent(_), None) => Truth::False,
        }
    }

    pub(super) fn transaction_part(&self, part: &TransactionPart) -> Option<Known> {
        let of = self.ask.acting.as_ref()?.transaction()?;
        let own = |task: &Name| of.steps.iter().filter(|step| step.task == *task).collect::<Vec<_>>();
        let bool = |value| Some(Known::One(Value::Bool(value)));
        match part {
            TransactionPart::Itself => bool(true),
            TransactionPart::Id => Some(Known::One(Value::string(&of.id))),
            TransactionPart::Age => Some(Known::One(Value::Duration(self.ask.now.since(of.opened)))),
            TransactionPart::Labels => {
                let mut all = Many::nothing();
                of.labels.iter().for_each(|label| all.add(Value::string(label.as_str())));
                Some(Known::Many(all))
            }
            TransactionPart::Done(task) => {
                let inherited = of.inherited.iter().any(|step| step.task == *task);
                bool(inherited || own(task).iter().any(|step| !step.pending))
            }
            TransactionPart::Count(task) => {
                Some(Known::One(Value::Number(i64::try_from(own(task).len()).ok()?.into())))
            }
            TransactionPart::Sum { task, argument } => {
                let mut sum = Number::default();
                for step in own(task) {
                    let Some(Value::Number(one)) = step.arguments.get(argument.as_str()) else { return None };
                    sum = sum.checked_add(*one)?;
                }
                Some(Known::One(Value::Number(sum)))
            }
            TransactionPart::Carries(label) => bool(of.labels.contains(label)),
        }
    }

    pub(super) fn intent_part(&self, part: IntentPart) -> Option<Known> {
        let acting = self.ask.acting.as_ref()?;
        let intent = acting.intent()?;
        Some(match part {
            IntentPart::Itself => Known::One(Value::Bool(true)),
            IntentPart::Name => Known::One(Value::string(intent.template.as_ref()?.as_str())),
            IntentPart::Signed => {
                let of_this = |goal: &remit_model::Intent| {
                    let lineage = acting.lineage();
                    lineage.is_empty() || lineage.iter().any(|transaction| *transaction.intent == *goal)
                };
                let signed = acting.goal.as_ref().is_some_and(|(goal, signed)| *signed && of_this(goal));
                Known::One(Value::Bool(signed))
            }
            IntentPart::Links => {
                let mut all = Many::nothing();
                let lineage = acting.lineage();
                let everywhere =
                    |link: &&String| lineage.iter().all(|above| above.intent.links.contains(link.as_str()));
                intent.links.iter().filter(everywhere).for_each(|link| all.add(Value::string(link)));
                Known::Many(all)
            }
        })
    }

    pub(super) fn claim(&self, name: &str, ty: &Ty) -> Option<Value> {
        let claims = self.ask.acting.as_ref()?.claims.as_ref()?;
        let (_, value) = claims.iter().find(|(claim, _)| claim == name)?;
        convert(self.schema(), value, ty)
    }

    pub(super) fn any_token(&self) -> Known {
        let token = self.ask.acting.as_ref().and_then(|acting| acting.claims.as_ref());
        Known::maybe(token.map(|_| Value::Bool(true)))
    }

    /// An attribute `from token` of the subject.
    pub(super) fn claimed(&self, party: Party, attribute: &Attribute) -> Option<Value> {
        let subject = party == Party::Subject || (party == Party::Actor && self.ask.actor.is_none());
        if subject { self.claim(attribute.name.as_str(), &attribute.ty) } else { None }
    }

    pub(super) fn step_part(&self, step: &Step, part: &TaskPart, ty: &Ty) -> Option<Known> {
        match part {
            TaskPart::Resource => Some(Known::One(Value::Entity(step.resource.clone()))),
            TaskPart::Argument(name) => {
                convert(self.schema(), step.arguments.get(name.as_str())?, ty).map(Known::of)
            }
        }
    }
}
