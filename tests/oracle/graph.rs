//! The plain world as a graph document, and through the loader as a snapshot of the real graph.

use std::sync::Arc;

use remit_graph::{Dangling, Document, Snapshot};
use remit_model::{EntityRef, Schema, Timestamp, Value};
use remit_testkit::oracle::World;
use remit_testkit::random::Random;

/// Loads the world from its document; `order` shuffles everything whose order must not matter.
pub fn snapshot(schema: &Arc<Schema>, world: &World, order: Option<&mut Random>) -> Snapshot {
    let text = document(schema, world, order);
    let documents = [Document::new("graph.json", text.as_bytes())];
    match remit_graph::load(schema, &documents, Dangling::Placeholder) {
        Ok((graph, _)) => graph.freeze(1),
        Err(errors) => panic!("the loader refuses a generated graph: {errors:#?}\n{text}"),
    }
}

/// The world as a graph document, a node or edge a line.
pub fn document(schema: &Schema, world: &World, mut order: Option<&mut Random>) -> String {
    let mut nodes: Vec<String> = Vec::new();
    for (entity, properties) in &world.nodes {
        let members = properties.iter().map(|(name, value)| (name.as_str(), json(schema, value))).collect();
        let properties = object(members, &mut order);
        let members = vec![
            ("type", format!("{:?}", entity.kind.as_str())),
            ("id", format!("{:?}", entity.id)),
            ("properties", properties),
        ];
        nodes.push(object(members, &mut order));
    }
    let mut edges: Vec<String> = Vec::new();
    for edge in &world.edges {
        let mut members = vec![
            ("from", reference(&edge.from)),
            ("relation", format!("{:?}", edge.relation)),
            ("to", reference(&edge.to)),
        ];
        if !edge.properties.is_empty() {
            let properties = edge.properties.iter();
            let properties = properties.map(|(name, value)| (name.as_str(), json(schema, value))).collect();
            members.push(("properties", object(properties, &mut order)));
        }
        let instant = |at: Timestamp| format!("\"{at}\"");
        members.extend(edge.valid_from.map(|at| ("valid_from", instant(at))));
        members.extend(edge.valid_until.map(|at| ("valid_until", instant(at))));
        edges.push(object(members, &mut order));
    }
    if let Some(order) = &mut order {
        order.shuffle(&mut nodes);
        order.shuffle(&mut edges);
    }
    let mut parts = vec![
        format!("\"nodes\": [\n{}\n]", nodes.join(",\n")),
        format!("\"edges\": [\n{}\n]", edges.join(",\n")),
    ];
    if let Some(order) = &mut order {
        order.shuffle(&mut parts);
    }
    format!("{{{}}}\n", parts.join(",\n"))
}

fn reference(entity: &EntityRef) -> String {
    format!("{{\"type\": {:?}, \"id\": {:?}}}", entity.kind.as_str(), entity.id)
}

fn object(mut members: Vec<(&str, String)>, order: &mut Option<&mut Random>) -> String {
    if let Some(order) = order {
        order.shuffle(&mut members);
    }
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

/// A property value as documents write it. Generated texts hold nothing that Rust and JSON escape differently.
fn json(schema: &Schema, value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Time(at) => format!("\"{at}\""),
        Value::Duration(by) => format!("\"{}s\"", by.nanos() / 1_000_000_000),
        Value::Ip(ip) => format!("\"{ip}\""),
        Value::Level(level, rank) => {
            let members = schema.level(*level).map(|level| level.members.as_slice()).unwrap_or_default();
            format!("\"{}\"", members[usize::from(*rank)])
        }
        Value::Entity(entity) => reference(entity),
        Value::Set(items) => {
            let items: Vec<String> = items.iter().map(|item| json(schema, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Record(_) => unreachable!("no declared type holds a record"),
    }
}
