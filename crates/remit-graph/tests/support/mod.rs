//! A small world for the tests: users in groups, groups in groups, folders, and who owns what.
#![allow(dead_code, reason = "each test binary uses its part")]
#![expect(clippy::unwrap_used, reason = "a test that cannot build its world shall fail")]

use std::sync::Arc;

use remit_graph::{EdgeData, GraphBuilder, NodeHandle, NodeId, Snapshot};
use remit_model::{
    AttrId, Attribute, Field, Level, Name, Provenance, Relation, Schema, SchemaBuilder, Timestamp, Ty,
    TypeId, Value,
};

/// A name.
pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Any instant, for graphs without validity.
pub fn now() -> Timestamp {
    at("2026-06-01")
}

/// Declares an attribute that the graph may hold.
pub fn attribute(to: &mut SchemaBuilder, of: TypeId, text: &str, ty: Ty) {
    from(to, of, text, ty, vec![Provenance::Graph]);
}

/// Declares an attribute with these sources.
pub fn from(to: &mut SchemaBuilder, of: TypeId, text: &str, ty: Ty, sources: Vec<Provenance>) {
    let id = to.attr(&name(text)).unwrap();
    to.add_attribute(of, Attribute { id, name: name(text), ty, optional: false, sources, relation: None })
        .unwrap();
}

/// Declares a relation.
pub fn relation(to: &mut SchemaBuilder, of: TypeId, text: &str, targets: &[TypeId], many: bool) -> AttrId {
    let id = to.attr(&name(text)).unwrap();
    let mut targets = targets.to_vec();
    targets.sort();
    let one = Ty::Entity(targets.clone().into());
    let properties = vec![
        Field { name: name("workflow"), ty: Ty::String, optional: true },
        Field { name: name("weight"), ty: Ty::Int, optional: true },
    ];
    let relation = Relation { targets: targets.into(), many, membership: text == "member_of", properties };
    let attribute = Attribute {
        id,
        name: name(text),
        ty: if many { one.set() } else { one },
        optional: true,
        sources: vec![Provenance::Graph],
        relation: Some(relation),
    };
    to.add_attribute(of, attribute).unwrap();
    id
}

/// The schema; `reversed` declares the types in the opposite order.
pub fn schema_in_order(reversed: bool) -> Arc<Schema> {
    let mut builder = Schema::builder();
    let mut names = ["user", "group", "folder", "https://data.example/item#1", "data"];
    if reversed {
        names.reverse();
    }
    for text in names {
        builder.declare_type(name(text)).unwrap();
    }
    let level =
        Level { name: name("classification"), members: ["public", "internal", "pii"].map(name).to_vec() };
    let classification = builder.declare_level(level).unwrap();
    let of = |builder: &SchemaBuilder, text| builder.type_id(text).unwrap();
    let (user, group, folder) = (of(&builder, "user"), of(&builder, "group"), of(&builder, "folder"));
    let item = of(&builder, "https://data.example/item#1");
    attribute(&mut builder, user, "email", Ty::String);
    attribute(&mut builder, user, "roles", Ty::String.set());
    attribute(&mut builder, user, "clearance", Ty::Level(classification));
    attribute(&mut builder, user, "joined", Ty::Time);
    attribute(&mut builder, user, "session", Ty::Duration);
    attribute(&mut builder, user, "network", Ty::Ip);
    attribute(&mut builder, user, "age", Ty::Int);
    attribute(&mut builder, user, "limit", Ty::Decimal);
    attribute(&mut builder, user, "enabled", Ty::Bool);
    attribute(&mut builder, user, "favourite", Ty::entity(folder));
    attribute(&mut builder, user, "labels", Ty::String.set());
    from(&mut builder, user, "device", Ty::String, vec![Provenance::Request]);
    relation(&mut builder, user, "manager", &[user], false);
    relation(&mut builder, user, "member_of", &[group], true);
    relation(&mut builder, group, "member_of", &[group], true);
    relation(&mut builder, folder, "parent", &[folder], false);
    relation(&mut builder, folder, "links", &[], true);
    attribute(&mut builder, item, "title", Ty::String);
    Arc::new(builder.finish())
}

/// The schema.
pub fn schema() -> Arc<Schema> {
    schema_in_order(false)
}

/// A builder with short ways to name things.
pub struct World {
    /// The builder.
    pub builder: GraphBuilder,
}

impl World {
    /// An empty world.
    pub fn new() -> Self {
        Self::under(schema())
    }

    /// An empty world under that schema.
    pub fn under(schema: Arc<Schema>) -> Self {
        Self { builder: GraphBuilder::new(schema) }
    }

    /// The node `type:id`, added when absent.
    pub fn node(&mut self, key: &str) -> NodeHandle {
        let (of, id) = key.split_once(':').unwrap();
        let of = self.builder.schema().type_id(of).unwrap();
        self.builder.add_node(of, id)
    }

    /// A plain edge.
    pub fn edge(&mut self, from: &str, relation: &str, to: &str) {
        self.edge_with(from, relation, to, EdgeData::default());
    }

    /// An edge that carries something.
    pub fn edge_with(&mut self, from: &str, relation: &str, to: &str, data: EdgeData) {
        let (from, to) = (self.node(from), self.node(to));
        let relation = self.builder.schema().attr_id(relation).unwrap();
        self.builder.add_edge(from, relation, to, data);
    }

    /// A string property.
    pub fn property(&mut self, key: &str, attr: &str, value: &str) {
        let node = self.node(key);
        let attr = self.builder.schema().attr_id(attr).unwrap();
        self.builder.set_property(node, attr, Value::string(value), None);
    }

    /// The snapshot.
    pub fn freeze(&self) -> Snapshot {
        self.builder.freeze(1)
    }
}

/// The node `type:id` of a snapshot.
pub fn find(snapshot: &Snapshot, key: &str) -> NodeId {
    let (of, id) = key.split_once(':').unwrap();
    snapshot.node(snapshot.schema().type_id(of).unwrap(), id).unwrap()
}

/// An attribute id.
pub fn attr(snapshot: &Snapshot, text: &str) -> AttrId {
    snapshot.schema().attr_id(text).unwrap()
}

/// Nodes as sorted texts.
pub fn texts(snapshot: &Snapshot, nodes: &[NodeId]) -> Vec<String> {
    let mut texts: Vec<_> =
        nodes.iter().map(|n| format!("{}:{}", snapshot.entity(*n).kind, snapshot.id_of(*n))).collect();
    texts.sort();
    texts
}
