//! The question of one expectation, with the agents, the token and the transaction that it speaks of. The transaction
//! lives in memory only: each step that went before is asked first, as the same agents, and must be allowed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::message::Message;
use crate::schemas::Schemas;
use remit_engine::{
    Agency, Bound, Changes, History, Outside, Party, Program, Query, Standing, Tool, Verdict, evaluate,
};
use remit_lang::checked::{Asked, Expect, StepTaken};
use remit_model::origin::canonical;
use remit_model::transaction::{FieldKind, Integrity, Reported, Seen};
use remit_model::{
    Duration, EntityRef, Grant, Name, Outcome, Signal, Status, Step, Timestamp, Transaction, Value,
};

/// How long the transaction of an expectation stays open when its intent does not say.
const OPEN_FOR: &str = "1h";

/// The answer to an expectation's question, or why its circumstances cannot be.
pub(super) fn verdict(
    expect: &Expect,
    bound: &Bound,
    now: Timestamp,
    schemas: &Schemas,
    unsupported: Option<&'static str>,
) -> Result<Verdict, String> {
    let mut lineage: Vec<Arc<Transaction>> = Vec::new();
    if let Some(id) = &expect.within {
        let name = id.to_string();
        let opened = open(bound, &name, expect, now);
        lineage.push(Arc::new(opened.ok_or_else(|| format!("the intent `{name}` cannot be opened"))?));
    }
    let told = Told::of(expect, now);
    let asking = Asking { expect, bound, now, schemas, unsupported, told: &told };
    for (step, number) in expect.after.iter().zip(1_u64..) {
        let verdict = asking.of(&step.action, &step.action_properties, &step.resource, &lineage);
        let Some(changes) = verdict.changes else {
            let what = format!("{} {}", step.action, step.resource.entity);
            return Err(format!("the earlier step `{what}` is not allowed, reason `{}`", verdict.reason));
        };
        if let Some(last) = lineage.first_mut() {
            *last = Arc::new(done(last, *changes, step, number, now));
        }
    }
    Ok(asking.of(&expect.action, &expect.action_properties, &expect.resource, &lineage))
}

/// What the expectation takes as agreed to and seen.
#[derive(Debug)]
struct Told {
    subject: EntityRef,
    consents: Arc<Vec<Grant>>,
    seen: BTreeMap<EntityRef, Arc<remit_model::Seen>>,
}

impl Told {
    fn of(expect: &Expect, now: Timestamp) -> Self {
        let mut seen: BTreeMap<EntityRef, Arc<remit_model::Seen>> = BTreeMap::new();
        for (sighting, place) in expect.sightings.iter().zip(0_u32..) {
            let at = now.checked_sub(sighting.ago).unwrap_or(now);
            let signal = Signal { id: format!("{place:04}"), at, ..sighting.signal.clone() };
            let theirs = seen.entry(signal.party.clone()).or_default();
            Arc::make_mut(theirs).take_in(Arc::new(signal));
        }
        let subject = expect.subject.entity.clone();
        Self { subject, consents: Arc::new(expect.consents.clone()), seen }
    }
}

impl Standing for Told {
    fn consents(&self, kind: &str, id: &str) -> Option<Arc<Vec<Grant>>> {
        let theirs = self.subject.kind.as_str() == kind && &*self.subject.id == id;
        theirs.then(|| Arc::clone(&self.consents))
    }

    fn signals(&self, kind: &str, id: &str) -> Option<Arc<remit_model::Seen>> {
        let found = self.seen.iter().find(|(of, _)| of.kind.as_str() == kind && &*of.id == id);
        found.map(|(_, seen)| Arc::clone(seen))
    }
}

struct Asking<'e> {
    expect: &'e Expect,
    bound: &'e Bound,
    now: Timestamp,
    schemas: &'e Schemas,
    unsupported: Option<&'static str>,
    told: &'e Told,
}

impl Asking<'_> {
    fn of(
        &self,
        action: &Name,
        properties: &[(Name, Value)],
        resource: &Asked,
        lineage: &[Arc<Transaction>],
    ) -> Verdict {
        let Self { expect, bound, .. } = self;
        let chain = expect.chain();
        let agents: Vec<Party<'_>> = chain
            .iter()
            .flat_map(|chain| chain.iter())
            .map(|agent| Party::resolve(bound, agent.kind.as_str(), &agent.id))
            .collect();
        let (context, claims) = (super::borrowed(&expect.context), super::borrowed(&expect.claims));
        let agency = Agency {
            chain: &agents,
            tool: Tool::named(bound, &context),
            history: if lineage.is_empty() { History::None } else { History::Known(lineage) },
            claims: (!claims.is_empty()).then_some(claims.as_slice()),
            ..Agency::default()
        };
        let (subject_says, resource_says) =
            (super::borrowed(&expect.subject.properties), super::borrowed(&resource.properties));
        let properties = super::borrowed(properties);
        let (subject, resource) = (names(&expect.subject.entity), names(&resource.entity));
        let plain = Query::new(bound, subject, action.as_str(), resource, self.now);
        let message =
            Message::of(&context, &properties, None).facts(bound.program().message_facts(), self.schemas);
        let answers = Answers { program: bound.program(), answers: &expect.answers };
        let query = Query {
            subject: plain.subject.asserting(&subject_says),
            resource: plain.resource.asserting(&resource_says),
            action_properties: &properties,
            context: &context,
            message: &message,
            unsupported: self.unsupported,
            standing: Some(self.told),
            outside: Some(&answers),
            pep: "remit test",
            ..plain
        };
        evaluate(bound, &query.through(&agency))
    }
}

/// What an expectation takes sources to say.
#[derive(Debug)]
struct Answers<'a> {
    program: &'a Program,
    answers: &'a [(Name, Value)],
}

impl Outside for Answers<'_> {
    fn said(&self, source: u16, member: &str) -> Option<&Value> {
        let source = &self.program.sources().get(usize::from(source))?.name;
        self.answers.iter().find(|(name, _)| name == source)?.1.member(member)
    }
}

fn names(entity: &EntityRef) -> (&str, &str) {
    (entity.kind.as_str(), &entity.id)
}

fn open(bound: &Bound, name: &str, expect: &Expect, now: Timestamp) -> Option<Transaction> {
    let intent = bound.program().open(name, &expect.subject.entity, now)?;
    let hour = Duration::parse(OPEN_FOR).and_then(|hour| now.checked_add(hour));
    Some(Transaction {
        id: "expected".to_owned(),
        parent: None,
        hash: intent.hash(),
        named: Arc::new(intent.named()),
        status: Status::Open,
        opened: now,
        expires: intent.not_after.or(hour)?,
        subject: intent.subject.clone(),
        chain: None,
        inherited: Vec::new(),
        steps: Vec::new(),
        labels: std::collections::BTreeSet::new(),
        created: Arc::default(),
        outcomes: Vec::new(),
        version: 0,
        intent: Arc::new(intent),
    })
}

/// The transaction with one more step and what it returned.
fn done(of: &Transaction, changes: Changes, step: &StepTaken, number: u64, now: Timestamp) -> Transaction {
    let mut next = of.clone();
    let Changes { task, action, resource, arguments, chain, labels, unlabels } = changes;
    let decision_id = format!("step {number}");
    let fields: BTreeMap<&str, &Value> =
        step.returning.iter().map(|(path, value)| (path.as_str(), value)).collect();
    let reported = fields.into_iter().map(|(path, value)| Reported {
        path: path.to_owned(),
        value: Seen::Canonical(canonical(value)),
        integrity: Integrity::Trusted,
        kind: FieldKind::Structured,
        created: false,
    });
    let outcome =
        Outcome { decision_id: decision_id.clone(), task: task.clone(), fields: reported.collect() };
    next.outcomes.push(Arc::new(outcome));
    next.labels.extend(labels);
    next.labels.retain(|label| !unlabels.contains(label));
    next.steps.push(Arc::new(Step {
        number,
        task,
        action,
        resource,
        arguments,
        via: None,
        chain: chain.clone(),
        decision_id,
        at: now,
        pending: false,
    }));
    next.chain = chain;
    next.version += 1;
    next
}
