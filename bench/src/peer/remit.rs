//! Remit in process: policy text compiled, graph frozen, both bound; a question is resolved and decided on each call.

use std::sync::Arc;

use remit_authzen::EvaluationRequest;
use remit_engine::{Bound, Program, Query, Verdict, evaluate, lower};
use remit_graph::{EdgeData, GraphBuilder, NodeHandle};
use remit_lang::compile;
use remit_lang::diagnostic::render;
use remit_lang::source::Sources;
use remit_model::{Schema, Timestamp, Value};
use remit_pdp::enrich::Sight;
use remit_pdp::schemas::Schemas;
use remit_pdp::{Rights, enrich, intake};

use crate::world::{Ask, Plain, World};

/// A question as a caller holds it: names, nothing resolved.
#[derive(Debug)]
pub struct Asked<'w> {
    subject: (&'w str, &'w str),
    action: &'w str,
    resource: (&'w str, &'w str),
    asserted: Vec<(&'w str, Value)>,
}

impl<'w> Asked<'w> {
    /// A question of the world.
    #[must_use]
    pub fn of(world: &'w World, ask: &'w Ask) -> Self {
        let (subject, resource) = (world.at(ask.subject), world.at(ask.resource));
        Self {
            subject: (subject.kind, &subject.id),
            action: ask.action,
            resource: (resource.kind, &resource.id),
            asserted: ask.asserted.iter().map(|(name, value)| (*name, Value::string(value))).collect(),
        }
    }
}

/// The instant of every question.
///
/// # Panics
/// Never.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000).expect("in range")
}

/// Texts to program: parse, check, lower.
///
/// # Panics
/// When the text is refused.
#[must_use]
pub fn program(files: &[String]) -> Program {
    let mut sources = Sources::default();
    for (at, text) in files.iter().enumerate() {
        sources.add(format!("world-{at}.ibac"), text.as_str());
    }
    match compile(&sources) {
        Ok((policies, _)) => lower(&policies).expect("the world is within bounds"),
        Err(errors) => panic!("{}", render::terminal(&errors, &sources, false)),
    }
}

/// The world, ready to be asked.
///
/// # Panics
/// When its policies are refused.
#[must_use]
pub fn load(world: &World) -> Bound {
    let program = Arc::new(program(&world.remit));
    let graph = graph(world, program.schema());
    let snapshot = Arc::new(graph.freeze(1));
    drop(graph);
    Program::bind(program, snapshot)
}

fn graph(world: &World, schema: &Arc<Schema>) -> GraphBuilder {
    let mut graph = GraphBuilder::new(Arc::clone(schema));
    let nodes: Vec<Option<NodeHandle>> = world
        .entities
        .iter()
        .map(|entity| Some(graph.add_node(schema.type_id(entity.kind)?, &entity.id)))
        .collect();
    for (entity, node) in world.entities.iter().zip(&nodes) {
        let Some(node) = *node else { continue };
        let of = schema.type_id(entity.kind).expect("it has a node");
        let declared = |name| {
            schema
                .attr_id(name)
                .filter(|id| schema.attribute(of, *id).is_some())
                .expect("worlds use what they declare")
        };
        for (name, plain) in &entity.properties {
            let value = match plain {
                Plain::Text(text) => Value::string(text),
                Plain::Flag(flag) => Value::Bool(*flag),
                Plain::Texts(texts) => Value::Set(texts.iter().map(|text| Value::string(text)).collect()),
            };
            graph.set_property(node, declared(name), value, None);
        }
        let parents = entity.parents.iter().map(|to| ("member_of", to));
        let one = entity.one.iter().map(|(relation, to)| (*relation, to));
        let many = entity.many.iter().flat_map(|(relation, all)| all.iter().map(move |to| (*relation, to)));
        for (relation, to) in parents.chain(one).chain(many) {
            let to = nodes[*to as usize].expect("edges end at declared types");
            graph.add_edge(node, declared(relation), to, EdgeData::default());
        }
    }
    graph
}

/// Names to verdict.
pub fn decide(bound: &Bound, asked: &Asked<'_>) -> Verdict {
    let mut query = Query::new(bound, asked.subject, asked.action, asked.resource, now());
    query.resource.asserted = &asked.asserted;
    evaluate(bound, &query)
}

/// The body of an AuthZEN evaluation to a verdict: the way of the server, without sockets and ledger.
///
/// # Panics
/// When the body is refused.
pub fn decide_body(bound: &Bound, body: &[u8]) -> Verdict {
    let json = intake::parse(body, &remit_json::Limits::default()).expect("it is JSON");
    let request = EvaluationRequest::parse(&json).expect("it is an evaluation");
    let draft = intake::accept(&request, &Rights::all()).expect("it is well formed");
    let (sight, schemas) =
        (Sight { now: now(), pep: "bench", standing: None, outside: None }, Schemas::default());
    evaluate(bound, &enrich::resolve_in(&draft, (bound, &schemas), &sight))
}
