//! Each layer by hand-made agents, intents and transactions: every refusal beside a neighbour that is permitted.

mod actors;
mod explained;
mod orders;
mod purposes;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use remit_lang::checked::{
    Effect, Expr, IntentTemplate, LabelRule, Package, Policies, Rule, RuleId, Selector, TaskTemplate, Term,
};
use remit_lang::source::Span;
use remit_model::{
    Action, Attribute, DelegationChain, EntityRef, Field, Intent, Name, Number, Outcome, Provenance, Reason,
    Relation, Schema, Status, Step, Timestamp, Transaction, Ty, TypeId, Value,
};

use crate::lower::Comparison;
use crate::testing::{LEVEL, ex, graph, name, now};
use crate::{Agency, Bound, Goal, History, Keyed, Party, Program, Query, Tool, Verdict, evaluate, lower};

pub(super) const USER: TypeId = TypeId(0);
pub(super) const AGENT: TypeId = TypeId(1);
pub(super) const SKILL: TypeId = TypeId(2);
pub(super) const TOOL: TypeId = TypeId(3);
pub(super) const INVOICE: TypeId = TypeId(4);
pub(super) const ACCOUNT: TypeId = TypeId(5);

/// `agent { enabled, delegates: set<agent>, skills: set<skill> }`, `skill { tools }`, `tool { definition_hash }`,
/// `invoice { total: decimal, pays_to: account }`; actions `call on tool`, `read on invoice`,
/// `transfer on account { amount: decimal, to: string? }`.
pub(super) fn schema() -> Schema {
    let mut b = Schema::builder();
    let members = ["low", "medium", "high"].map(name).into();
    assert_eq!(b.declare_level(remit_model::Level { name: name("assurance"), members }), Ok(LEVEL));
    for kind in ["user", "agent", "skill", "tool", "invoice", "account"] {
        b.declare_type(name(kind)).unwrap();
    }
    let mut add = |to, text: &str, ty: Ty| {
        let id = b.attr(&name(text)).unwrap();
        let relation = ty.entity_types().map(|targets| Relation {
            targets: Arc::clone(targets),
            many: matches!(ty, Ty::Set(_)),
            membership: false,
            properties: vec![],
        });
        let sources = vec![Provenance::Graph];
        b.add_attribute(to, Attribute { id, name: name(text), ty, optional: true, sources, relation })
            .unwrap();
    };
    add(AGENT, "enabled", Ty::Bool);
    add(AGENT, "delegates", Ty::entity(AGENT).set());
    add(AGENT, "skills", Ty::entity(SKILL).set());
    add(SKILL, "tools", Ty::entity(TOOL).set());
    add(TOOL, "definition_hash", Ty::String);
    add(INVOICE, "total", Ty::Decimal);
    add(INVOICE, "pays_to", Ty::entity(ACCOUNT));
    let amount = Field { name: name("amount"), ty: Ty::Decimal, optional: false };
    let to = Field { name: name("to"), ty: Ty::String, optional: true };
    let actions =
        [("call", TOOL, vec![]), ("read", INVOICE, vec![]), ("transfer", ACCOUNT, vec![amount, to])];
    for (action, on, properties) in actions {
        b.declare_action(Action { name: name(action), resources: vec![on], properties }).unwrap();
    }
    b.finish()
}

/// `root` delegates to `leaf`; `leaf` reads and pays over its skills, `root` and `idle` have none; `off` is disabled.
const GRAPH: &[&str] = &[
    "user:ann",
    "agent:root.enabled = true",
    "agent:root.delegates agent:leaf",
    "agent:root.delegates agent:off",
    "agent:root.delegates agent:idle",
    "agent:idle.enabled = true",
    "agent:off.enabled = false",
    "agent:weak.enabled = true @1",
    "agent:sure.enabled = true @3",
    "agent:sure.delegates agent:weak",
    "agent:leaf.enabled = true",
    "agent:leaf.skills skill:paying",
    "skill:paying.tools tool:wire",
    "agent:leaf.skills skill:reading",
    "skill:reading.tools tool:scan",
    "tool:wire.definition_hash = h1",
    "tool:scan",
    "tool:new",
    "invoice:i1.total = 100",
    "invoice:i1.pays_to account:acme",
    "invoice:i2.total = 200",
    "invoice:i2.pays_to account:zoo",
    "account:acme",
    "account:zoo",
];

pub(super) fn permit(id: &str) -> Rule {
    crate::testing::rule(id, Effect::Permit)
}

pub(super) fn policies(rules: Vec<Rule>, intents: Vec<IntentTemplate>, labels: Vec<LabelRule>) -> Policies {
    Policies {
        schema: Arc::new(schema()),
        packages: vec![Package {
            name: name("test"),
            version: None,
            approved_by: None,
            approved_on: None,
            valid_until: None,
        }],
        limits: vec![],
        sources: vec![],
        rules,
        intents,
        labels,
        expects: vec![],
    }
}

/// Binds policies to the graph above.
pub(super) fn bind(policies: &Policies) -> Bound {
    let program = Arc::new(lower(policies).unwrap());
    let snapshot = graph(&Arc::clone(program.schema()), GRAPH);
    Program::bind(program, Arc::new(snapshot))
}

/// A permit for everything, and the intent `pay`.
pub(super) fn world() -> Bound {
    bind(&policies(vec![permit("all")], vec![pay()], vec![]))
}

/// The rules of `world`, with one more.
pub(super) fn world_with(rule: Rule) -> Bound {
    bind(&policies(vec![permit("all"), rule], vec![pay()], vec![]))
}

/// ```text
/// intent pay {
///   task look: read on invoice
///   task send: transfer on account after look at most 1 time
///     when action.amount <= 500 and action.amount == look.resource.total and resource == look.resource.pays_to
/// }
/// ```
pub(super) fn pay() -> IntentTemplate {
    let on = |of| Selector { terms: vec![Term::Type(of)] };
    let action = |at| vec![remit_model::ActionId(at)];
    let amount = || ex::of(remit_lang::checked::ExprKind::ActionProperty(name("amount")), Ty::Decimal);
    let invoice = || {
        let part = remit_lang::checked::TaskPart::Resource;
        ex::of(remit_lang::checked::ExprKind::Task { task: name("look"), part }, Ty::entity(INVOICE))
    };
    let attr = |base, text: &str| {
        let id = schema().attr_id(text).unwrap();
        ex::of(remit_lang::checked::ExprKind::Attribute(Box::new(base), id), Ty::Decimal)
    };
    let follow = |base, text: &str| {
        let relation = schema().attr_id(text).unwrap();
        let reach = crate::lower::Reach::One;
        let kind = remit_lang::checked::ExprKind::Follow {
            base: Box::new(base),
            relation,
            reach,
            inverse: false,
            filter: None,
        };
        ex::of(kind, Ty::entity(ACCOUNT))
    };
    let send = ex::and(vec![
        ex::compare(Comparison::LessOrEqual, amount(), ex::number("500")),
        ex::equal(amount(), attr(invoice(), "total")),
        ex::equal(ex::resource(), follow(invoice(), "pays_to")),
    ]);
    IntentTemplate {
        id: RuleId { package: name("test"), name: name("pay") },
        span: Span::default(),
        goal: None,
        subjects: Some(on(USER)),
        tasks: vec![
            task("look", action(1), on(INVOICE), ex::and(vec![])),
            TaskTemplate {
                after: vec![name("look")],
                at_most: Some(1),
                ..task("send", action(2), on(ACCOUNT), send)
            },
        ],
        skills: None,
        hops_at_most: Some(2),
        lasts: remit_model::Duration::parse("15m"),
        doc: None,
    }
}

pub(super) fn task(
    id: &str,
    actions: Vec<remit_model::ActionId>,
    resources: Selector,
    condition: Expr,
) -> TaskTemplate {
    TaskTemplate {
        name: name(id),
        span: Span::default(),
        actions,
        resources,
        after: vec![],
        at_most: None,
        budgets: vec![],
        condition,
        origins: vec![],
        closed: false,
        doc: None,
    }
}

pub(super) fn entity(text: &str) -> EntityRef {
    crate::testing::entity(text)
}

/// The chain of these agents, current first.
pub(super) fn chain(agents: &[&str]) -> Option<DelegationChain> {
    let agents: Vec<EntityRef> = agents.iter().map(|id| EntityRef::new(name("agent"), id)).collect();
    let (current, earlier) = agents.split_first()?;
    Some(DelegationChain::new(current.clone(), earlier.to_vec()))
}

/// A fresh transaction of an intent, with these steps done.
pub(super) fn transaction(intent: Intent, done: &[(&str, &str, &str)]) -> Transaction {
    let steps = done.iter().map(|(task, action, resource)| Arc::new(step(task, action, resource)));
    Transaction {
        id: "t1".to_owned(),
        parent: None,
        hash: intent.hash(),
        named: Arc::new(intent.named()),
        subject: intent.subject.clone(),
        intent: Arc::new(intent),
        status: Status::Open,
        opened: now(),
        expires: Timestamp::parse("2026-07-01").unwrap(),
        chain: None,
        inherited: vec![],
        steps: steps.collect(),
        labels: BTreeSet::new(),
        created: Arc::default(),
        outcomes: Vec::<Arc<Outcome>>::new(),
        version: 1,
    }
}

pub(super) fn step(task: &str, action: &str, resource: &str) -> Step {
    Step {
        number: 1,
        task: name(task),
        action: name(action),
        resource: entity(resource),
        arguments: BTreeMap::new(),
        via: None,
        chain: None,
        decision_id: "d".to_owned(),
        at: now(),
        pending: false,
    }
}

pub(super) fn amount(of: i64) -> Value {
    Value::Number(Number::from(of))
}

/// A question of ann with everything that an agent may bring.
#[derive(Default, Clone)]
pub(super) struct Ask<'t> {
    pub agents: &'t [&'t str],
    pub action: &'t str,
    pub resource: &'t str,
    pub properties: &'t [(&'t str, Value)],
    pub tool: Option<(&'t str, Option<&'t str>)>,
    pub goal: Option<(Arc<Intent>, bool)>,
    pub lineage: &'t [Arc<Transaction>],
    pub subject: Option<&'t str>,
    pub service: bool,
    pub at: Option<Timestamp>,
    pub claims: &'t [(&'t str, Value)],
    pub assured: &'t [Option<u8>],
    pub keyed: Option<Keyed<'t>>,
}

impl Ask<'_> {
    pub(super) fn verdict(&self, bound: &Bound) -> Verdict {
        self.with(bound, evaluate)
    }

    pub(super) fn with<T>(&self, bound: &Bound, run: impl FnOnce(&Bound, &Query<'_>) -> T) -> T {
        let agents: Vec<Party<'_>> =
            self.agents.iter().map(|id| Party::resolve(bound, "agent", id)).collect();
        let tool =
            self.tool.map(|(id, fingerprint)| Tool { party: Party::resolve(bound, "tool", id), fingerprint });
        let goal = self.goal.as_ref().map(|(intent, signed)| Goal { intent, signed: *signed });
        let history = if self.lineage.is_empty() { History::None } else { History::Known(self.lineage) };
        let claims = (!self.claims.is_empty()).then_some(self.claims);
        let agency = Agency {
            chain: &agents,
            tool,
            goal,
            history,
            service: self.service,
            claims,
            assured: self.assured,
            keyed: self.keyed,
            ..Agency::default()
        };
        let split = |text: &'_ str| {
            let (kind, id) = text.split_once(':').unwrap();
            (kind.to_owned(), id.to_owned())
        };
        let (subject, resource) = (split(self.subject.unwrap_or("user:ann")), split(self.resource));
        let query = Query {
            action_properties: self.properties,
            ..Query::new(
                bound,
                (&subject.0, &subject.1),
                self.action,
                (&resource.0, &resource.1),
                self.at.unwrap_or_else(now),
            )
        };
        run(bound, &query.through(&agency))
    }

    pub(super) fn reason(&self, bound: &Bound) -> Reason {
        self.verdict(bound).reason
    }
}

pub(super) fn ann() -> EntityRef {
    entity("user:ann")
}

pub(super) fn opened(bound: &Bound) -> Intent {
    bound.program().open("test.pay", &ann(), now()).unwrap()
}

pub(super) fn of_name(text: &str) -> Name {
    name(text)
}
