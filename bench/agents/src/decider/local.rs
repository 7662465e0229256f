//! The model's functions and the state in this process, with the rules of the bundle written out. For tests of this
//! crate and for a first look; figures are published from the running server.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::LazyLock;

use anyhow::Context as _;
use remit_inspect::{Inspector, Kind, Options, SourceTrust};
use remit_model::origin::canonical;
use remit_model::transaction::{Attempt, FieldKind, Integrity, Records, Reported, Seen, place};
use remit_model::{Containment, Duration, EntityRef, Name, Outcome, Reason, Timestamp, Value};
use remit_state::{Ask, Limits, Opening, State};
use serde_json::Value as Json;

use super::{Decider, Question, Verdict};
use crate::given::Given;
use crate::intents::{self, Goal};
use crate::outcome::Field;
use crate::{outgoing, server, value};

/// Decides in this process.
#[derive(Debug)]
pub struct Local {
    state: State,
    world: World,
    now: Timestamp,
    count: u64,
    tasks: BTreeMap<String, Name>,
    domains: Vec<String>,
}

impl Local {
    /// Knows the directory of a suite.
    ///
    /// # Errors
    /// A list has no usable name.
    pub fn of(given: &Given) -> anyhow::Result<Self> {
        let mut world = World::default();
        for record in given.directory.records() {
            world.0.insert(intents::entity(record)?, server::attributes(record));
        }
        let now = Timestamp::parse("2026-01-01T00:00:00Z").context("an instant")?;
        let domains = given.directory.own_domain().map(str::to_owned).into_iter().collect();
        Ok(Self {
            state: State::new(Limits::default()),
            world,
            now,
            count: 0,
            tasks: BTreeMap::new(),
            domains,
        })
    }

    fn number(&mut self) -> String {
        self.count += 1;
        self.count.to_string()
    }
}

impl Decider for Local {
    fn open(&mut self, goal: &Goal) -> anyhow::Result<String> {
        let id = self.number();
        let expires = self.now.checked_add(Duration::from_nanos(900_000_000_000)).context("an instant")?;
        let opening = Opening { id: id.clone(), intent: goal.intent.clone(), expires, chain: None };
        self.state.open(opening, self.now)?.commit();
        Ok(id)
    }

    fn ask(&mut self, transaction: &str, question: Question<'_>) -> anyhow::Result<Verdict> {
        let decision = self.number();
        let denied = |reason: &str, requestable| Verdict {
            allowed: false,
            reason: reason.to_owned(),
            rules: Vec::new(),
            requestable,
            decision: decision.clone(),
        };
        let lineage = self.state.lineage(transaction);
        let own = lineage.first().context("no such transaction")?;
        let goal = question.goal;
        if question.tool.side_effecting && goal.hands_authority {
            return Ok(denied(Reason::Forbidden.code(), true));
        }
        if question.tool.side_effecting && goal.labels_only && own.carries(server::LABEL) {
            return Ok(denied(Reason::LabelForbids.code(), false));
        }
        if question.tool.side_effecting && goal.messages {
            let message = outgoing::message(question.tool, question.arguments);
            let to = outgoing::recipients(question.tool, question.arguments);
            let outside =
                |address: &String| !self.domains.iter().any(|home| address.ends_with(home.as_str()));
            let secret = own.carries(SECRET) || holds_secret(&message);
            let held = [
                ("link_nobody_wrote", !to.is_empty() && !links(&message).is_subset(&goal.intent.links)),
                ("secret_leaves", secret && to.iter().any(outside)),
            ];
            let rules: Vec<String> =
                held.iter().filter(|(_, holds)| *holds).map(|(rule, _)| (*rule).to_owned()).collect();
            if !rules.is_empty() {
                return Ok(Verdict { rules, ..denied(Reason::Forbidden.code(), false) });
            }
        }
        let action = intents::call()?;
        let resource = intents::tool_entity(&question.tool.name)?;
        let arguments = value::arguments(question.arguments);
        let attempt = Attempt { action: &action, resource: &resource, arguments: &arguments };
        let task = match place(&lineage, &attempt, self.now, &self.world) {
            Ok(task) => task,
            Err(misfit) => return Ok(denied(misfit.reason.code(), false)),
        };
        let label = Name::new(server::LABEL)?;
        let labels = if question.tool.side_effecting { BTreeSet::new() } else { BTreeSet::from([label]) };
        let (task_name, version) = (task.clone(), own.version);
        let ask = Ask {
            task,
            action,
            resource,
            arguments,
            chain: None,
            decision_id: decision.clone(),
            at: self.now,
            labels,
            unlabels: BTreeSet::new(),
        };
        self.state.reserve(transaction, version, ask)?.commit();
        self.tasks.insert(decision.clone(), task_name);
        Ok(Verdict { allowed: true, reason: String::new(), rules: Vec::new(), requestable: false, decision })
    }

    fn hand_over(
        &mut self,
        transaction: &str,
        question: Question<'_>,
        result: &Json,
    ) -> anyhow::Result<Verdict> {
        let decision = self.number();
        let (action, resource) = (intents::receive()?, intents::tool_entity(&question.tool.name)?);
        let arguments = BTreeMap::new();
        let lineage = self.state.lineage(transaction);
        let version = lineage.first().context("no such transaction")?.version;
        let attempt = Attempt { action: &action, resource: &resource, arguments: &arguments };
        let mut verdict =
            Verdict { allowed: true, reason: String::new(), rules: Vec::new(), requestable: false, decision };
        let task = match place(&lineage, &attempt, self.now, &self.world) {
            Ok(task) => task,
            Err(misfit) => {
                (verdict.allowed, verdict.reason) = (false, misfit.reason.code().to_owned());
                return Ok(verdict);
            }
        };
        let secret =
            if holds_secret(result) { BTreeSet::from([Name::new(SECRET)?]) } else { BTreeSet::new() };
        let ask = Ask {
            task,
            action,
            resource,
            arguments,
            chain: None,
            decision_id: verdict.decision.clone(),
            at: self.now,
            labels: secret,
            unlabels: BTreeSet::new(),
        };
        self.state.reserve(transaction, version, ask)?.commit();
        Ok(verdict)
    }

    fn report(&mut self, transaction: &str, decision: &str, fields: &[Field]) -> anyhow::Result<()> {
        let task = self.tasks.remove(decision).context("no such step")?;
        let fields = fields.iter().map(reported).collect();
        let outcome = Outcome { decision_id: decision.to_owned(), task, fields };
        self.state.report(transaction, outcome)?.commit();
        Ok(())
    }
}

/// The label of a transaction that has read a secret.
const SECRET: &str = "secret";
/// The kinds of finding that the policy calls secret.
const SECRET_KINDS: [Kind; 4] = [Kind::SecretKey, Kind::PrivateKey, Kind::Jwt, Kind::Password];

fn holds_secret(value: &Json) -> bool {
    static INSPECTOR: LazyLock<Option<Inspector>> =
        LazyLock::new(|| Inspector::new(&Options::default().only(&SECRET_KINDS)).ok());
    let holds = |text: &String| {
        let found = INSPECTOR.as_ref().map(|it| it.inspect(text, SourceTrust::ToolOutput));
        found.is_none_or(|found| found.truncated || !found.items.is_empty())
    };
    outgoing::texts(value).iter().any(holds)
}

fn links(value: &Json) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in outgoing::texts(value) {
        let _all = remit_model::link::each(&text, &mut |link| {
            found.insert(link);
            ControlFlow::Continue(())
        });
    }
    found
}

fn reported(field: &Field) -> Reported {
    Reported {
        path: field.path.clone(),
        value: Seen::Canonical(canonical(&field.value)),
        integrity: if field.flagged { Integrity::Untrusted } else { Integrity::Trusted },
        kind: field
            .text
            .as_ref()
            .map_or(FieldKind::Structured, |source| FieldKind::Text { source: source.clone() }),
        created: field.created,
    }
}

#[derive(Debug, Default)]
struct World(BTreeMap<EntityRef, BTreeMap<&'static str, Value>>);

impl Containment for World {
    fn is_under(&self, inner: &EntityRef, outer: &EntityRef, _: &Name) -> bool {
        inner == outer
    }

    fn is_of(&self, entity: &EntityRef, kind: &Name) -> bool {
        entity.kind == *kind
    }
}

impl Records for World {
    fn attributes(&self, entity: &EntityRef, name: Option<&str>) -> Vec<Value> {
        let attributes = self.0.get(entity).into_iter().flatten();
        attributes
            .filter(|(own, _)| name.is_none_or(|name| name == **own))
            .map(|(_, it)| it.clone())
            .collect()
    }
}
