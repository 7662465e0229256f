//! What readers see of a frozen graph: keys, order, edges in both directions, validity, placeholders, digest.

mod support;

use std::sync::Arc;

use remit_graph::{EdgeData, PropertyMetadata, Snapshot};
use remit_model::Value;
use support::{World, at, attr, find, now, schema, schema_in_order, texts};

#[test]
fn nodes_of_one_type_are_neighbours_sorted_by_id() {
    let mut world = World::new();
    for key in ["user:b", "group:z", "user:a", "user:é", "folder:f"] {
        world.node(key);
    }
    let snapshot = &world.freeze();
    let users = snapshot.nodes_of(snapshot.schema().type_id("user").unwrap());
    let ids: Vec<_> = users.map(|n| snapshot.id_of(remit_graph::NodeId(n)).to_owned()).collect();
    assert_eq!(ids, ["a", "b", "é"]);
    assert_eq!(snapshot.entity(find(snapshot, "user:a")).to_string(), "user:\"a\"");
    let group = snapshot.schema().type_id("group").unwrap();
    assert!(snapshot.node(group, "a").is_none(), "ids are unique within a type only");
    assert!(snapshot.node(group, "z").is_some());
    assert_eq!(snapshot.node_count(), 5);
}

#[test]
fn an_empty_graph_answers_nothing() {
    let snapshot = &Snapshot::empty(schema());
    let user = snapshot.schema().type_id("user").unwrap();
    assert_eq!((snapshot.node_count(), snapshot.edge_count(), snapshot.revision()), (0, 0, 0));
    assert!(snapshot.nodes_of(user).is_empty() && snapshot.node(user, "a").is_none());
    assert!(!snapshot.has_edges(attr(snapshot, "member_of")));
}

#[test]
fn properties_and_their_origin() {
    let mut world = World::new();
    let node = world.node("user:a");
    let email = world.builder.schema().attr_id("email").unwrap();
    let origin = PropertyMetadata { assurance_level: Some(3), ..PropertyMetadata::default() };
    world.builder.set_property(node, email, Value::string("old"), None);
    world.builder.set_property(node, email, Value::string("a@x"), Some(origin.clone()));
    let snapshot = &world.freeze();
    let a = find(snapshot, "user:a");
    assert_eq!(snapshot.property(a, email), Some(&Value::string("a@x")));
    assert_eq!(snapshot.metadata(a, email), Some(&origin));
    assert_eq!(snapshot.property(a, attr(snapshot, "age")), None);
    assert_eq!(snapshot.properties(a).count(), 1);
}

#[test]
fn edges_are_seen_from_both_ends_and_parallel_ones_stay_apart() {
    let mut world = World::new();
    let carry = |text: &str| EdgeData {
        properties: vec![(Arc::from("workflow"), Value::string(text))],
        ..EdgeData::default()
    };
    world.edge_with("folder:a", "links", "folder:b", carry("wf2"));
    world.edge_with("folder:a", "links", "folder:b", carry("wf1"));
    world.edge_with("folder:a", "links", "folder:b", carry("wf1"));
    world.edge("folder:a", "links", "user:u");
    let snapshot = &world.freeze();
    let links = attr(snapshot, "links");
    assert_eq!(snapshot.edge_count(), 3, "identical edges are one");
    let (a, b) = (find(snapshot, "folder:a"), find(snapshot, "folder:b"));
    let seen = |edge: remit_graph::Edge| snapshot.edge_property(edge.edge, "workflow").cloned();
    let out: Vec<_> = snapshot.out(a, links, now()).filter(|e| e.node == b).filter_map(seen).collect();
    assert_eq!(out, [Value::string("wf1"), Value::string("wf2")]);
    let back: Vec<_> = snapshot.into(b, links, now()).filter_map(seen).collect();
    assert_eq!(back, out);
    assert_eq!(snapshot.out(b, links, now()).count(), 0);
    let user = find(snapshot, "user:u");
    assert_eq!(snapshot.into(user, links, now()).map(|e| e.node).collect::<Vec<_>>(), [a]);
    assert_eq!(snapshot.targets(a, links).map(<[_]>::len), Some(3));
}

#[test]
fn an_edge_holds_from_its_start_until_just_before_its_end() {
    let mut world = World::new();
    let data = EdgeData {
        valid_from: Some(at("2026-01-01")),
        valid_until: Some(at("2026-02-01")),
        ..EdgeData::default()
    };
    world.edge_with("user:a", "member_of", "group:g", data);
    world.edge("group:g", "member_of", "group:h");
    let snapshot = &world.freeze();
    let relation = attr(snapshot, "member_of");
    assert!(
        snapshot.has_validity(relation) && snapshot.targets(find(snapshot, "user:a"), relation).is_none()
    );
    let (a, g, h) = (find(snapshot, "user:a"), find(snapshot, "group:g"), find(snapshot, "group:h"));
    let mut scratch = Vec::new();
    for (time, holds) in [
        ("2025-12-31T23:59:59.999999999Z", false),
        ("2026-01-01", true),
        ("2026-01-31T23:59:59.999999999Z", true),
        ("2026-02-01", false),
    ] {
        let now = at(time);
        assert_eq!(snapshot.out(a, relation, now).count(), usize::from(holds), "{time}");
        assert_eq!(snapshot.into(g, relation, now).count(), usize::from(holds), "{time}");
        assert_eq!(snapshot.is_member(a, h, now), holds, "{time}");
        assert_eq!(snapshot.reaches(a, relation, false, h, now), holds, "{time}");
        assert_eq!(snapshot.reaches(h, relation, true, a, now), holds, "{time}");
        let expected = if holds { 3 } else { 1 };
        assert_eq!(snapshot.closure(a, relation, false, now, &mut scratch).len(), expected, "{time}");
        assert_eq!(snapshot.ancestors(a, now, &mut scratch).len(), expected, "{time}");
        assert_eq!(snapshot.members(h, now, &mut scratch).len(), if holds { 3 } else { 2 }, "{time}");
        assert!(snapshot.is_member(g, h, now), "the edge without interval always holds");
    }
}

#[test]
fn what_is_only_named_is_a_placeholder_until_it_is_declared() {
    let mut world = World::new();
    let a = world.node("user:a");
    let (user, manager) = {
        let schema = world.builder.schema();
        (schema.type_id("user").unwrap(), schema.attr_id("manager").unwrap())
    };
    let boss = world.builder.reference(user, "boss");
    world.builder.add_edge(a, manager, boss, EdgeData::default());
    let before = world.freeze();
    assert!(
        before.is_placeholder(find(&before, "user:boss")) && !before.is_placeholder(find(&before, "user:a"))
    );
    assert_eq!(before.placeholder_count(), 1);
    world.node("user:boss");
    let after = world.freeze();
    assert_eq!((after.placeholder_count(), after.node_count()), (0, 2));
    assert_ne!(before.digest(), after.digest());
}

fn furnished(reversed_schema: bool, reversed_edges: bool) -> World {
    let mut world = World::under(schema_in_order(reversed_schema));
    let mut edges = vec![
        ("user:a", "member_of", "group:g", None),
        ("user:b", "member_of", "group:g", None),
        ("group:g", "member_of", "group:h", None),
        ("folder:x", "links", "user:a", Some("wf1")),
        ("folder:x", "links", "folder:y", Some("wf1")),
        ("folder:x", "links", "folder:y", Some("wf2")),
    ];
    if reversed_edges {
        edges.reverse();
    }
    for (from, relation, to, workflow) in edges {
        let properties =
            workflow.into_iter().map(|text| (Arc::from("workflow"), Value::string(text))).collect();
        world.edge_with(from, relation, to, EdgeData { properties, ..EdgeData::default() });
    }
    world.property("user:a", "email", "a@x");
    world
}

#[test]
fn the_digest_depends_on_content_alone() {
    let digest = |schema, edges| furnished(schema, edges).freeze().digest().to_owned();
    let first = digest(false, false);
    assert_eq!(first.len(), 64);
    assert_eq!(first, digest(false, true), "order of arrival");
    assert_eq!(first, digest(true, false), "order of declaration");
    assert_eq!(first, digest(true, true));
    let mut more = furnished(false, false);
    more.edge("folder:x", "links", "folder:y");
    assert_ne!(first, more.freeze().digest(), "one more edge");
    let mut other = furnished(false, false);
    other.property("user:a", "email", "b@x");
    assert_ne!(first, other.freeze().digest(), "another value");
    let mut node = furnished(false, false);
    node.node("user:c");
    assert_ne!(first, node.freeze().digest(), "one more node");
}

#[test]
fn membership_is_reflexive_transitive_and_safe_on_cycles() {
    let mut world = World::new();
    world.edge("user:a", "member_of", "group:g");
    world.edge("group:g", "member_of", "group:h");
    world.edge("group:h", "member_of", "group:g");
    world.edge("user:b", "member_of", "group:other");
    world.edge("user:a", "manager", "user:b");
    let snapshot = &world.freeze();
    let mut scratch = Vec::new();
    let a = find(snapshot, "user:a");
    assert_eq!(texts(snapshot, snapshot.ancestors(a, now(), &mut scratch)), ["group:g", "group:h", "user:a"]);
    let h = find(snapshot, "group:h");
    assert_eq!(texts(snapshot, snapshot.members(h, now(), &mut scratch)), ["group:g", "group:h", "user:a"]);
    assert!(snapshot.is_member(a, a, now()) && snapshot.is_member(a, h, now()));
    assert!(!snapshot.is_member(a, find(snapshot, "group:other"), now()), "a manager passes nothing on");
    assert!(!snapshot.is_member(h, a, now()));
}

#[test]
fn membership_of_one_step_is_found_without_a_walk() {
    let mut world = World::new();
    for user in 0..30 {
        world.edge("user:a", "member_of", &format!("group:{user}"));
    }
    world.edge("user:b", "member_of", "group:other");
    let snapshot = &world.freeze();
    let a = find(snapshot, "user:a");
    assert!(snapshot.is_member(a, find(snapshot, "group:29"), now()) && snapshot.is_member(a, a, now()));
    assert!(!snapshot.is_member(a, find(snapshot, "group:other"), now()));
    assert!(!snapshot.is_member(find(snapshot, "group:29"), a, now()));
    let mut scratch = Vec::new();
    assert_eq!(snapshot.ancestors(a, now(), &mut scratch).len(), 31);
    assert_eq!(snapshot.members(find(snapshot, "group:3"), now(), &mut scratch).len(), 2);
}
