//! Batches: applied whole or not at all; what they say is checked like documents are.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot build its world shall fail")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use remit_graph::{
    Change, Dangling, Document, EdgeData, GraphBuilder, NodeKey, Property, Snapshot, Store, read_changes,
};
use remit_model::Value;
use support::{World, at, find, now, schema};

fn store(dangling: Dangling) -> Store {
    let mut world = World::new();
    world.edge("user:a", "member_of", "group:g");
    world.edge("user:a", "manager", "user:b");
    world.property("user:a", "email", "a@x");
    Store::new(world.builder, 7, dangling)
}

fn batch(text: &str) -> Vec<Change> {
    let document = Document::new("batch.ndjson", text.as_bytes());
    read_changes(&schema(), &document).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

fn apply(store: &mut Store, text: &str) -> Result<Snapshot, Vec<String>> {
    match store.apply(&batch(text)) {
        Ok(()) => Ok(store.freeze()),
        Err(errors) => Err(errors.iter().map(ToString::to_string).collect()),
    }
}

#[test]
fn upserts_and_deletions_take_effect_together() {
    let mut store = store(Dangling::Refuse);
    let text = r#"
        {"upsert_edge": {"from": "user:a", "relation": "member_of", "to": "group:new"}}
        {"upsert_node": {"type": "group", "id": "new", "relations": {"member_of": ["group:g"]}}}
        {"upsert_node": {"type": "user", "id": "a", "properties": {"age": {"value": 7, "metadata": {"source": "HR"}}}}}
        {"delete_edge": {"from": "user:a", "relation": "manager", "to": "user:b"}}
        {"upsert_edge": {"from": "user:a", "relation": "manager", "to": "user:a", "valid_until": "2030-01-01"}}
        {"delete_property": {"node": "user:a", "name": "email"}}
        {"delete_node": "user:b"}"#;
    let snapshot = &apply(&mut store, text).unwrap();
    assert_eq!((snapshot.revision(), store.revision()), (8, 8));
    let (a, new) = (find(snapshot, "user:a"), find(snapshot, "group:new"));
    let id = |name: &str| snapshot.schema().attr_id(name).unwrap();
    assert!(snapshot.is_member(a, new, now()) && snapshot.is_member(new, find(snapshot, "group:g"), now()));
    assert_eq!(snapshot.property(a, id("age")), Some(&Value::Number(7.into())));
    assert_eq!(snapshot.metadata(a, id("age")).and_then(|m| m.source.as_deref()), Some("HR"));
    assert_eq!(snapshot.property(a, id("email")), None);
    assert!(snapshot.node(snapshot.type_of(a), "b").is_none());
    assert_eq!(snapshot.out(a, id("manager"), now()).map(|edge| edge.node).collect::<Vec<_>>(), [a]);
    assert_eq!(snapshot.out(a, id("manager"), at("2031-01-01")).count(), 0);
}

#[test]
fn a_batch_with_one_fault_changes_nothing() {
    let cases = [
        (
            r#"{"upsert_edge": {"from": "user:a", "relation": "member_of", "to": "group:x"}}"#,
            r#"{"upsert_node": {"type": "group", "id": "x"}}"#,
            "change 0: group:\"x\" is declared nowhere",
        ),
        (
            r#"{"upsert_edge": {"from": "user:a", "relation": "manager", "to": "user:a"}}"#,
            r#"{"delete_edge": {"from": "user:a", "relation": "manager", "to": "user:b"}}"#,
            "change 0: `manager` of user:\"a\" leads to one node only: this is a second edge",
        ),
        (
            r#"{"delete_node": "user:x"}"#,
            r#"{"upsert_node": {"type": "user", "id": "x"}}"#,
            "change 0: there is no node user:\"x\"",
        ),
        (
            r#"{"delete_property": {"node": "user:a", "name": "age"}}"#,
            r#"{"upsert_node": {"type": "user", "id": "a", "properties": {"age": 1}}}"#,
            "change 0: there is no property `age` of user:\"a\"",
        ),
    ];
    for (refused, missing, message) in cases {
        let mut store = store(Dangling::Refuse);
        let before = store.freeze().digest().to_owned();
        let with_more = format!(
            "{refused}\n{{\"delete_edge\": {{\"from\": \"user:a\", \"relation\": \"member_of\", \"to\": \"group:g\"}}}}"
        );
        assert_eq!(apply(&mut store, &with_more).unwrap_err(), [message]);
        assert_eq!(store.freeze().digest(), before, "{refused}");
        apply(&mut store, &format!("{missing}\n{with_more}")).unwrap();
        assert_ne!(store.freeze().digest(), before, "{refused}");
    }
}

#[test]
fn repeating_an_edge_or_deleting_an_absent_one_changes_nothing() {
    let mut store = store(Dangling::Refuse);
    let before = store.freeze().digest().to_owned();
    let text = r#"{"upsert_edge": {"from": "user:a", "relation": "member_of", "to": "group:g"}}
        {"upsert_edge": {"from": "user:a", "relation": "manager", "to": "user:b"}}
        {"delete_edge": {"from": "user:b", "relation": "member_of", "to": "group:g"}}
        {"delete_edge": {"from": "user:a", "relation": "member_of", "to": "group:g", "valid_from": "2026-01-01"}}"#;
    assert_eq!(apply(&mut store, text).unwrap().digest(), before);
}

#[test]
fn placeholders_come_and_go_with_the_edges_that_name_them() {
    let mut store = store(Dangling::Placeholder);
    let before = store.freeze();
    let named =
        apply(&mut store, r#"{"upsert_edge": {"from": "user:a", "relation": "member_of", "to": "group:x"}}"#);
    assert_eq!(named.unwrap().placeholder_count(), 1);
    let gone =
        apply(&mut store, r#"{"delete_edge": {"from": "user:a", "relation": "member_of", "to": "group:x"}}"#);
    let gone = gone.unwrap();
    assert_eq!((gone.placeholder_count(), gone.digest()), (0, before.digest()));
}

#[test]
fn a_deleted_node_may_come_back_without_its_edges_in_the_same_batch() {
    let mut store = store(Dangling::Refuse);
    let text = r#"{"delete_node": "group:g"}
        {"upsert_node": {"type": "group", "id": "g"}}"#;
    let snapshot = &apply(&mut store, text).unwrap();
    assert_eq!((snapshot.node_count(), snapshot.edge_count()), (3, 1));
    assert!(!snapshot.is_member(find(snapshot, "user:a"), find(snapshot, "group:g"), now()));
}

#[test]
fn change_documents_are_refused_with_places() {
    let text = r#"{"changes": [
        {"upsert_nod": {}},
        {"delete_node": "usr:a"},
        {"upsert_node": {"type": "user", "id": "a", "properties": {"age": "x"}}},
        {"delete_property": {"node": "user:a", "name": "manager"}},
        {"upsert_edge": {"from": "user:a", "relation": "manager", "to": "group:g"}},
        {}
    ]}"#;
    let errors = read_changes(&schema(), &Document::new("c.json", text.as_bytes())).unwrap_err();
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "c.json:2:10 at /changes/0/upsert_nod: unknown member `upsert_nod`; did you mean `upsert_node`?",
            "c.json:3:25 at /changes/1/delete_node: `usr:a` is no reference: write `type:id` with a declared type; did you mean `user`?",
            "c.json:4:75 at /changes/2/upsert_node/properties/age: expected a number without fraction, found `x`",
            "c.json:5:56 at /changes/3/delete_property/name: `manager` is a relation: its values are edges, not properties",
            "c.json:6:73 at /changes/4/upsert_edge/to: `manager` leads to `user`, not to `group`",
            "c.json:7:9 at /changes/5: expected an object with one member, the change, found an object",
        ]
    );
}

#[test]
fn changes_made_in_code_are_checked_too() {
    let schema = schema();
    let of = |name: &str| schema.type_id(name).unwrap();
    let id = |name: &str| schema.attr_id(name).unwrap();
    let user = NodeKey::new(of("user"), "a");
    let set = |name: &str, value: Value| Change::UpsertNode {
        node: user.clone(),
        properties: vec![Property { attr: id(name), value, metadata: None }],
    };
    let edge = |relation: &str, to: &str, data: EdgeData| Change::UpsertEdge {
        from: NodeKey::new(of("folder"), "f"),
        relation: id(relation),
        to: NodeKey::new(of(to), "a"),
        data,
    };
    let carrying = |name: &str, value: Value| EdgeData {
        properties: vec![(Arc::from(name), value)],
        ..EdgeData::default()
    };
    let half = Value::Number(remit_model::Number::parse("0.5").unwrap());
    let ended = EdgeData { valid_from: Some(now()), valid_until: Some(now()), ..EdgeData::default() };
    let table = [
        (
            set("email", Value::Bool(true)),
            set("email", Value::string("x")),
            "expected a string, found a bool",
        ),
        (
            set("age", half),
            set("age", Value::Number(1.into())),
            "expected a number without fraction, found a number",
        ),
        (set("device", Value::string("x")), set("enabled", Value::Bool(true)), "comes from request"),
        (set("parent", Value::Bool(true)), set("enabled", Value::Bool(false)), "has no attribute `parent`"),
        (
            edge("parent", "user", EdgeData::default()),
            edge("parent", "folder", EdgeData::default()),
            "leads to `folder`",
        ),
        (
            edge("links", "user", carrying("x", Value::Bool(true))),
            edge("links", "user", carrying("workflow", Value::string("x"))),
            "have no property `x`",
        ),
        (
            edge("links", "user", ended),
            edge("links", "user", EdgeData { valid_from: Some(now()), ..EdgeData::default() }),
            "never holds",
        ),
    ];
    for (refused, accepted, message) in table {
        let mut store = Store::new(GraphBuilder::new(Arc::clone(&schema)), 0, Dangling::Placeholder);
        let errors = store.apply(&[refused]).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains(message), "{}", errors[0]);
        store.apply(&[accepted]).unwrap();
    }
}

/// What a batch of the generated kind leaves: nodes, and edges between them.
#[derive(Default)]
struct Model {
    nodes: BTreeSet<u8>,
    edges: BTreeSet<(u8, u8, bool)>,
}

fn key(schema: &remit_model::Schema, node: u8) -> NodeKey {
    NodeKey::new(schema.type_id("folder").unwrap(), &format!("f{node}"))
}

fn carried(held: bool) -> EdgeData {
    let properties = if held { vec![(Arc::from("workflow"), Value::string("w"))] } else { Vec::new() };
    EdgeData { properties, ..EdgeData::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_graph_equals_one_built_afresh(
        operations in prop::collection::vec((0..4_u8, 0..8_u8, 0..8_u8, any::<bool>()), 0..60),
        size in 1..12_usize,
    ) {
        let schema = schema();
        let links = schema.attr_id("links").unwrap();
        let mut store = Store::new(GraphBuilder::new(Arc::clone(&schema)), 0, Dangling::Refuse);
        let mut model = Model::default();
        for batch in operations.chunks(size) {
            let mut changes = Vec::new();
            let Model { mut nodes, mut edges } = Model { nodes: model.nodes.clone(), edges: model.edges.clone() };
            let mut valid = true;
            for (operation, from, to, held) in batch {
                let (source, target) = (key(&schema, *from), key(&schema, *to));
                changes.push(match operation {
                    0 => {
                        nodes.insert(*from);
                        Change::UpsertNode { node: source, properties: Vec::new() }
                    }
                    1 => {
                        valid &= nodes.remove(from);
                        edges.retain(|(a, b, _)| a != from && b != from);
                        Change::DeleteNode { node: source }
                    }
                    2 => {
                        edges.insert((*from, *to, *held));
                        Change::UpsertEdge { from: source, relation: links, to: target, data: carried(*held) }
                    }
                    _ => {
                        edges.retain(|(a, b, h)| (a, b) != (from, to) || (*held && !h));
                        let data = held.then(|| carried(true));
                        Change::DeleteEdge { from: source, relation: links, to: target, data }
                    }
                });
            }
            valid &= edges.iter().all(|(from, to, _)| nodes.contains(from) && nodes.contains(to));
            prop_assert_eq!(store.apply(&changes).is_ok(), valid);
            if valid {
                model = Model { nodes, edges };
            }
            let mut afresh = World::new();
            for node in &model.nodes {
                afresh.node(&format!("folder:f{node}"));
            }
            for (from, to, held) in &model.edges {
                afresh.edge_with(&format!("folder:f{from}"), "links", &format!("folder:f{to}"), carried(*held));
            }
            let (changed, afresh) = (store.freeze(), afresh.freeze());
            prop_assert_eq!(changed.digest(), afresh.digest());
            prop_assert_eq!(changed.placeholder_count(), 0);
        }
    }
}
