//! A case: policy text, world and question; and the way to both answers.

use std::fmt;
use std::sync::Arc;

use remit_engine::{Bound, Party, Program, Query, Verdict};
use remit_lang::checked::{Effect, Policies};
use remit_lang::diagnostic::Diagnostic;
use remit_lang::source::Sources;
use remit_model::{Schema, Value};
use remit_testkit::generate::PolicyText;
use remit_testkit::oracle::{Answer, Ask, Asked, Fired, Oracle, Owed, World, canonical};

use crate::graph::{document, snapshot};

/// Everything a decision depends on.
#[derive(Clone)]
pub struct Case {
    pub policy: PolicyText,
    pub world: World,
    pub ask: Ask,
}

/// Parses and checks; the error is what the author would see.
pub fn compile(files: &[(String, String)]) -> Result<Policies, Vec<Diagnostic>> {
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(name.clone(), text.clone());
    }
    remit_lang::compile(&sources).map(|(policies, _)| policies)
}

/// The engine, ready to answer about one world.
pub fn bind(policies: &Policies, world: &World) -> Bound {
    let program = remit_engine::lower(policies).expect("a checked policy set lowers");
    let graph = snapshot(&policies.schema, world, None);
    Program::bind(Arc::new(program), Arc::new(graph))
}

/// The question in the form the engine takes it.
pub struct Asking<'a> {
    ask: &'a Ask,
    subject: Vec<(&'a str, Value)>,
    actor: Vec<(&'a str, Value)>,
    resource: Vec<(&'a str, Value)>,
    action: Vec<(&'a str, Value)>,
    context: Vec<(&'a str, Value)>,
}

impl<'a> Asking<'a> {
    pub fn new(ask: &'a Ask) -> Self {
        let members =
            |list: &'a [(String, Value)]| list.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
        Self {
            ask,
            subject: members(&ask.subject.asserted),
            actor: ask.actor.as_ref().map(|actor| members(&actor.asserted)).unwrap_or_default(),
            resource: members(&ask.resource.asserted),
            action: members(&ask.action_properties),
            context: members(&ask.context),
        }
    }

    pub fn query<'q>(&'q self, bound: &Bound) -> Query<'q> {
        let names = |of: &'q Asked| (of.entity.kind.as_str(), &*of.entity.id);
        let ask = self.ask;
        let mut query = Query::new(bound, names(&ask.subject), &ask.action, names(&ask.resource), ask.now);
        query.subject = query.subject.asserting(&self.subject);
        query.resource = query.resource.asserting(&self.resource);
        query.actor = ask.actor.as_ref().map(|actor| {
            let (kind, id) = names(actor);
            Party::resolve(bound, kind, id).asserting(&self.actor)
        });
        query.action_properties = &self.action;
        query.context = &self.context;
        query.pep = &ask.pep;
        query.unsupported = ask.unsupported;
        query
    }
}

/// The engine's verdict.
pub fn verdict(bound: &Bound, ask: &Ask) -> Verdict {
    let asking = Asking::new(ask);
    remit_engine::evaluate(bound, &asking.query(bound))
}

/// The verdict in the terms of the oracle.
pub fn answer(verdict: &Verdict) -> Answer {
    let owed = |duties: &[remit_engine::DutyValue]| {
        let mut all: Vec<Owed> = duties
            .iter()
            .map(|duty| {
                let properties = duty.properties.iter();
                let mut properties: Vec<_> =
                    properties.map(|(name, value)| (name.to_string(), canonical(value))).collect();
                properties.sort_by(|a, b| a.0.cmp(&b.0));
                Owed { kind: duty.kind.to_string(), properties }
            })
            .collect();
        all.sort_by_key(|owed| format!("{owed:?}"));
        all
    };
    Answer {
        decision: verdict.decision,
        reason: verdict.reason,
        determining: verdict
            .determining
            .iter()
            .map(|hit| Fired {
                id: hit.id.to_string(),
                effect: match hit.effect {
                    remit_engine::Effect::Permit => Effect::Permit,
                    remit_engine::Effect::Forbid => Effect::Forbid,
                    remit_engine::Effect::Require => Effect::Require,
                },
                unknown: hit.outcome == remit_engine::Outcome::Unknown,
            })
            .collect(),
        obligations: owed(&verdict.obligations),
        advice: owed(&verdict.advice),
    }
}

impl Case {
    /// Both answers (engine, oracle), when they differ.
    pub fn difference(&self) -> Option<(Answer, Answer)> {
        let policies = compile(&self.policy.files()).ok()?;
        let engine = answer(&verdict(&bind(&policies, &self.world), &self.ask));
        let (oracle, _) = Oracle::new(&policies, &self.world).answer(&self.ask);
        (engine != oracle).then_some((engine, oracle))
    }

    /// The schema of the case.
    pub fn schema(&self) -> Option<Arc<Schema>> {
        compile(&self.policy.files()).ok().map(|policies| policies.schema)
    }
}

/// What somebody needs who wants to see the case with their own eyes.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in self.policy.files() {
            writeln!(f, "// ---- {name}\n{text}")?;
        }
        if let Some(schema) = self.schema() {
            writeln!(f, "// ---- graph.json\n{}", document(&schema, &self.world, None))?;
        }
        writeln!(f, "// ---- question at {}\n{:#?}", self.ask.now, self.ask)
    }
}
