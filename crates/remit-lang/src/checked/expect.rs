//! Expectations: a question, what went before it, and what must come out.

use remit_model::{DelegationChain, Duration, EntityRef, Grant, Name, Signal, Timestamp, Value};

use crate::source::Span;

use super::RuleId;

/// `expect permit user:"tara" transfer { … } account:"acme-1" by rule obliging step-up`
#[derive(Debug, Clone)]
pub struct Expect {
    /// Its place.
    pub span: Span,
    /// The expected decision.
    pub permit: bool,
    /// The question.
    pub subject: Asked,
    /// The action's name; it need not be declared.
    pub action: Name,
    /// The action's properties.
    pub action_properties: Vec<(Name, Value)>,
    /// The resource.
    pub resource: Asked,
    /// `given { … }`: the request context.
    pub context: Vec<(Name, Value)>,
    /// `bearing { … }`: the claims of the verified token that speaks for the subject.
    pub claims: Vec<(Name, Value)>,
    /// `answering { shield: { … } }`: what sources say; the others say nothing.
    pub answers: Vec<(Name, Value)>,
    /// `at 2026-04-30T20:15:00Z`; else the test runner's fixed clock.
    pub at: Option<Timestamp>,
    /// `by a, b`: rules that must be among those that decided (all of them).
    pub by: Vec<RuleId>,
    /// `because "code"`: the expected reason code.
    pub because: Option<String>,
    /// `obliging x, y`: exactly these obligation kinds, in any order; `None` = not checked.
    pub obliging: Option<Vec<Name>>,
    /// `as agent:"x"`: the acting agent, which makes the question one with a chain.
    pub actor: Option<EntityRef>,
    /// `via agent:"a", agent:"b"`: the agents before it, the one the subject delegated to first. Empty without `as`.
    pub through: Vec<EntityRef>,
    /// `within intent`: makes the question one with an open transaction of that intent.
    pub within: Option<RuleId>,
    /// `after [ … ]`: steps permitted before in that transaction, oldest first. Empty without `within`.
    pub after: Vec<StepTaken>,
    /// `consenting [ … ]`: what the subject has agreed to.
    pub consents: Vec<Grant>,
    /// `observing [ … ]`: what was seen before.
    pub sightings: Vec<Sighting>,
}

/// Something that an expectation takes as seen: `user:"tara" login_failed { ago: 5m }`.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// How long before the question.
    pub ago: Duration,
    /// What was seen, at no time in particular.
    pub signal: Signal,
}

impl Expect {
    /// The chain the question comes through, when an agent acts.
    #[must_use]
    pub fn chain(&self) -> Option<DelegationChain> {
        let current = self.actor.clone()?;
        Some(DelegationChain::new(current, self.through.iter().rev().cloned().collect()))
    }
}

/// A subject or resource of an [`Expect`], with properties asserted by the PEP.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Type and id; the type need not be declared.
    pub entity: EntityRef,
    /// Asserted properties.
    pub properties: Vec<(Name, Value)>,
}

/// A step that an expectation takes as done: `read invoice:"i1" returning { pays_to: "x" }`.
#[derive(Debug, Clone)]
pub struct StepTaken {
    /// Its place.
    pub span: Span,
    /// The action's name; it need not be declared.
    pub action: Name,
    /// The action's properties.
    pub action_properties: Vec<(Name, Value)>,
    /// The resource.
    pub resource: Asked,
    /// What the step is reported to have returned, as trusted structured fields.
    pub returning: Vec<(Name, Value)>,
}
