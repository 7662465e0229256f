//! Both engines over one policy set and one world, and what Remit must answer, worked out from what Cedar says of each part.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, EvalResult, Expression,
    PolicySet, Request, RestrictedExpression, eval_expression,
};
use remit_engine::{Bound, Program, Query, Verdict, evaluate, lower};
use remit_graph::{EdgeData, GraphBuilder};
use remit_lang::source::Sources;
use remit_model::{Schema, Timestamp, Value};

use crate::policy::{Condition, Effect, Rule, SCHEMA};
use crate::world::{Ask, Plain, World};

/// What can be said of a condition; nothing when it cannot be evaluated.
type Truth = Option<bool>;

/// Remit over a world.
pub struct Remit {
    bound: Bound,
}

impl Remit {
    /// Compiles and binds.
    pub fn new(rules: &[Rule], world: &World) -> Self {
        let mut sources = Sources::default();
        let text =
            SCHEMA.to_owned() + &rules.iter().map(|rule| format!("\n{}", rule.remit())).collect::<String>();
        sources.add("p.ibac", text.as_str());
        let (policies, _) = remit_lang::compile(&sources).unwrap_or_else(|errors| {
            panic!("{}", remit_lang::diagnostic::render::terminal(&errors, &sources, false))
        });
        let program = Arc::new(lower(&policies).expect("within bounds"));
        let graph = Arc::new(graph(world, program.schema()).freeze(1));
        Self { bound: Program::bind(program, graph) }
    }

    /// The verdict.
    pub fn verdict(&self, world: &World, ask: &Ask) -> Verdict {
        let name = |at: usize| (world.entities[at].kind, world.entities[at].id.as_str());
        let now = Timestamp::from_unix_seconds(1_800_000_000).expect("in range");
        let mut query = Query::new(&self.bound, name(ask.subject), ask.action, name(ask.resource), now);
        let context: Vec<(&str, Value)> =
            ask.context.iter().map(|(name, value)| (*name, remit_value(value))).collect();
        query.context = &context;
        evaluate(&self.bound, &query)
    }
}

fn remit_value(plain: &Plain) -> Value {
    match plain {
        Plain::Number(number) => Value::Number((*number).into()),
        Plain::Flag(flag) => Value::Bool(*flag),
        Plain::Text(text) => Value::string(text),
        Plain::Texts(texts) => Value::Set(texts.iter().map(|text| Value::string(text)).collect()),
    }
}

fn graph(world: &World, schema: &Arc<Schema>) -> GraphBuilder {
    let mut graph = GraphBuilder::new(Arc::clone(schema));
    let nodes: Vec<_> = world
        .entities
        .iter()
        .map(|entity| graph.add_node(schema.type_id(entity.kind).expect("declared"), &entity.id))
        .collect();
    let declared = |name: &str| schema.attr_id(name).expect("declared");
    for (entity, node) in world.entities.iter().zip(&nodes) {
        for (name, value) in &entity.properties {
            graph.set_property(*node, declared(name), remit_value(value), None);
        }
        let upwards = if matches!(entity.kind, "folder" | "doc") { "parent" } else { "member_of" };
        let parents = entity.parents.iter().map(|to| (upwards, to));
        let owner = entity.owner.iter().map(|to| ("owner", to));
        let readers = entity.readers.iter().map(|to| ("readers", to));
        for (relation, to) in parents.chain(owner).chain(readers) {
            graph.add_edge(*node, declared(relation), nodes[*to], EdgeData::default());
        }
    }
    graph
}

/// Cedar over a world.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

/// What Cedar's authorizer says.
pub struct Said {
    pub allow: bool,
    pub errors: usize,
    pub determining: BTreeSet<String>,
}

fn uid(world: &World, at: usize) -> EntityUid {
    let entity = &world.entities[at];
    let kind = EntityTypeName::from_str(entity.kind).expect("a name");
    EntityUid::from_type_name_and_id(kind, EntityId::new(&entity.id))
}

fn cedar_value(plain: &Plain) -> RestrictedExpression {
    match plain {
        Plain::Number(number) => RestrictedExpression::new_long(*number),
        Plain::Flag(flag) => RestrictedExpression::new_bool(*flag),
        Plain::Text(text) => RestrictedExpression::new_string((*text).to_owned()),
        Plain::Texts(texts) => RestrictedExpression::new_set(
            texts.iter().map(|text| RestrictedExpression::new_string((*text).to_owned())),
        ),
    }
}

impl Cedar {
    pub fn new(rules: &[Rule], world: &World) -> Self {
        let text: String = rules.iter().map(Rule::cedar).collect();
        let policies = PolicySet::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let entities = (0..world.entities.len()).map(|at| {
            let entity = &world.entities[at];
            let mut attributes: HashMap<String, RestrictedExpression> = entity
                .properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), cedar_value(value)))
                .collect();
            let one = |to: usize| RestrictedExpression::new_entity_uid(uid(world, to));
            attributes.extend(entity.owner.map(|to| ("owner".to_owned(), one(to))));
            if entity.kind == "doc" {
                let readers = RestrictedExpression::new_set(entity.readers.iter().map(|to| one(*to)));
                attributes.insert("readers".to_owned(), readers);
            }
            let parents: HashSet<EntityUid> = entity.parents.iter().map(|to| uid(world, *to)).collect();
            cedar_policy::Entity::new(uid(world, at), attributes, parents).expect("constants")
        });
        let entities = Entities::from_entities(entities, None).expect("no cycles");
        Self { authorizer: Authorizer::new(), policies, entities }
    }

    pub fn request(world: &World, ask: &Ask) -> Request {
        let action = EntityTypeName::from_str("Action").expect("a name");
        let action = EntityUid::from_type_name_and_id(action, EntityId::new(ask.action));
        let pairs = ask.context.iter().map(|(name, value)| ((*name).to_owned(), cedar_value(value)));
        let context = Context::from_pairs(pairs).expect("constants");
        Request::new(uid(world, ask.subject), action, uid(world, ask.resource), context, None)
            .expect("no schema")
    }

    /// The answer of its authorizer.
    pub fn say(&self, request: &Request) -> Said {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        let named = |id: &cedar_policy::PolicyId| {
            self.policies
                .policy(id)
                .and_then(|policy| policy.annotation("id"))
                .expect("each has an id")
                .to_owned()
        };
        Said {
            allow: response.decision() == Decision::Allow,
            errors: response.diagnostics().errors().count(),
            determining: response.diagnostics().reason().map(named).collect(),
        }
    }

    fn truth(&self, request: &Request, expression: &Expression) -> Truth {
        match eval_expression(request, &self.entities, expression) {
            Ok(EvalResult::Bool(truth)) => Some(truth),
            _ => None,
        }
    }
}

/// A rule with its parts as expressions of Cedar, parsed once.
pub struct Parts {
    pub name: String,
    pub effect: Effect,
    scope: Vec<Expression>,
    when: Vec<Tree>,
    unless: Vec<Tree>,
}

enum Tree {
    Atom(Box<Expression>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

fn expression(text: &str) -> Expression {
    Expression::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

impl Tree {
    fn new(condition: &Condition) -> Self {
        let inner = |condition: &Condition| Box::new(Self::new(condition));
        match condition {
            Condition::Atom(_, cedar) => Self::Atom(Box::new(expression(cedar))),
            Condition::And(a, b) => Self::And(inner(a), inner(b)),
            Condition::Or(a, b) => Self::Or(inner(a), inner(b)),
            Condition::Not(a) => Self::Not(inner(a)),
        }
    }

    /// Kleene's strong logic over what Cedar says of the atoms.
    fn truth(&self, cedar: &Cedar, request: &Request) -> Truth {
        match self {
            Self::Atom(atom) => cedar.truth(request, atom),
            Self::And(a, b) => match (a.truth(cedar, request), b.truth(cedar, request)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.truth(cedar, request), b.truth(cedar, request)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(a) => a.truth(cedar, request).map(|truth| !truth),
        }
    }
}

impl Parts {
    pub fn new(rule: &Rule) -> Self {
        let scope = [rule.subject.cedar("principal"), rule.cedar_actions(), rule.resource.cedar("resource")];
        Self {
            name: rule.name.clone(),
            effect: rule.effect,
            scope: scope.iter().map(|text| expression(text)).collect(),
            when: rule.when.iter().map(Tree::new).collect(),
            unless: rule.unless.iter().map(Tree::new).collect(),
        }
    }

    /// Whether the rule applies: in scope, every `when` and no `unless`.
    pub fn applies(&self, cedar: &Cedar, request: &Request) -> Truth {
        if self.scope.iter().any(|part| cedar.truth(request, part) != Some(true)) {
            return Some(false);
        }
        let when = self.when.iter().map(|tree| tree.truth(cedar, request));
        let unless = self.unless.iter().map(|tree| tree.truth(cedar, request).map(|truth| !truth));
        let all: Vec<Truth> = when.chain(unless).collect();
        match (all.contains(&Some(false)), all.contains(&None)) {
            (true, _) => Some(false),
            (_, true) => None,
            _ => Some(true),
        }
    }
}
