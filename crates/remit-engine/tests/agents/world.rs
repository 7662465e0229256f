//! Small worlds of agents, skills, tools and documents, for the engine and for the plain interpreter.

use std::collections::BTreeMap;
use std::sync::Arc;

use remit_engine::{Bound, Program};
use remit_graph::{EdgeData, GraphBuilder};
use remit_lang::checked::Policies;
use remit_model::{EntityRef, Name, Number, Schema, Value};
use remit_testkit::oracle::{Edge, World};
use remit_testkit::random::Random;

pub fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub fn entity(kind: &str, id: &str) -> EntityRef {
    EntityRef::new(name(kind), id)
}

pub fn number(of: i64) -> Value {
    Value::Number(Number::from(of))
}

/// One of `u0`, `u1`, … of the kind.
pub fn some(random: &mut Random, kind: &str, many: usize) -> EntityRef {
    let letter = kind.get(..1).unwrap_or_default();
    entity(kind, &format!("{letter}{}", random.below(many)))
}

/// Mostly recorded and enabled, mostly joined; each now and then not.
pub fn draw(random: &mut Random) -> World {
    let mut world = World::default();
    for (kind, many) in [("user", 2), ("agent", 4), ("group", 2), ("skill", 3), ("tool", 3), ("doc", 4)] {
        for at in 0..many {
            let letter = kind.get(..1).unwrap_or_default();
            if random.chance(95) {
                let held = properties(random, kind);
                world.nodes.insert(entity(kind, &format!("{letter}{at}")), held);
            }
        }
    }
    let relations = [
        ("agent", 4, "member_of", "group", 2, 4),
        ("agent", 4, "delegates", "agent", 4, 12),
        ("agent", 4, "skills", "skill", 3, 7),
        ("agent", 4, "tools", "tool", 3, 2),
        ("skill", 3, "tools", "tool", 3, 5),
    ];
    for (from, sources, relation, to, ends, count) in relations {
        for _ in 0..count {
            let (from, to) = (some(random, from, sources), some(random, to, ends));
            link(&mut world, from, relation, to);
        }
    }
    for at in 0..4 {
        if random.chance(70) {
            let to = some(random, "doc", 4);
            link(&mut world, entity("doc", &format!("d{at}")), "next", to);
        }
    }
    world
}

fn link(world: &mut World, from: EntityRef, relation: &str, to: EntityRef) {
    let relation = relation.to_owned();
    let edge = Edge { from, relation, to, valid_from: None, valid_until: None, properties: BTreeMap::new() };
    if !world.edges.contains(&edge) {
        world.edges.push(edge);
    }
}

fn properties(random: &mut Random, kind: &str) -> BTreeMap<String, Value> {
    let mut held = BTreeMap::new();
    match kind {
        "agent" if random.chance(95) => {
            held.insert("enabled".to_owned(), Value::Bool(random.chance(95)));
        }
        "user" if random.chance(50) => {
            held.insert("acr".to_owned(), Value::string(random.word(&["high", "low"])));
        }
        "tool" if random.chance(60) => {
            held.insert("definition_hash".to_owned(), Value::string(random.word(&["h0", "h1"])));
        }
        "doc" if random.chance(85) => {
            held.insert("total".to_owned(), number(i64::try_from(random.below(4)).unwrap_or(0)));
        }
        _ => {}
    }
    held
}

/// The engine, ready to answer about a world.
pub fn bind(policies: &Policies, world: &World) -> Bound {
    let program = remit_engine::lower(policies).expect("a checked policy set lowers");
    let graph = graph(&policies.schema, world);
    Program::bind(Arc::new(program), Arc::new(graph.freeze(1)))
}

fn graph(schema: &Arc<Schema>, world: &World) -> GraphBuilder {
    let mut builder = GraphBuilder::new(Arc::clone(schema));
    let of = |entity: &EntityRef| schema.type_id(entity.kind.as_str()).expect("declared");
    for (node, held) in &world.nodes {
        let handle = builder.add_node(of(node), &node.id);
        for (attribute, value) in held {
            let attribute = schema.attr_id(attribute).expect("declared");
            builder.set_property(handle, attribute, value.clone(), None);
        }
    }
    for edge in &world.edges {
        let from = builder.reference(of(&edge.from), &edge.from.id);
        let to = builder.reference(of(&edge.to), &edge.to.id);
        let relation = schema.attr_id(&edge.relation).expect("declared");
        builder.add_edge(from, relation, to, EdgeData::default());
    }
    builder
}
