//! Reachability against a plain breadth-first search on generated graphs, cycles included.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use remit_graph::{EdgeData, NodeId, Snapshot};
use support::{World, at, attr, find, now};

/// One edge: from, to, and whether it has ended by now.
type Plain = (u8, u8, bool);

fn oracle(edges: &[Plain], start: u8, inverse: bool) -> BTreeSet<u8> {
    let mut reached = BTreeSet::from([start]);
    loop {
        let before = reached.len();
        for (from, to, ended) in edges {
            let (near, far) = if inverse { (to, from) } else { (from, to) };
            if !ended && reached.contains(near) {
                reached.insert(*far);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

fn world(relation: &str, edges: &[Plain], nodes: u8) -> Snapshot {
    let of = if relation == "member_of" { "group" } else { "folder" };
    let mut world = World::new();
    for node in 0..nodes {
        world.node(&format!("{of}:{node:03}"));
    }
    for (from, to, ended) in edges {
        let valid_until = ended.then(|| at("2026-05-01"));
        let data = EdgeData { valid_until, ..EdgeData::default() };
        world.edge_with(&format!("{of}:{from:03}"), relation, &format!("{of}:{to:03}"), data);
    }
    world.freeze()
}

fn same(
    snapshot: &Snapshot,
    of: &str,
    nodes: &[NodeId],
    expected: &BTreeSet<u8>,
) -> Result<(), TestCaseError> {
    let expected: Vec<_> = expected.iter().map(|n| find(snapshot, &format!("{of}:{n:03}"))).collect();
    prop_assert_eq!(nodes, &expected[..]);
    Ok(())
}

fn check(edges: &[Plain], nodes: u8) -> Result<(), TestCaseError> {
    let links = world("links", edges, nodes);
    let groups = world("member_of", edges, nodes);
    let relation = attr(&links, "links");
    let mut scratch = Vec::new();
    for start in 0..nodes {
        let from = find(&links, &format!("folder:{start:03}"));
        let member = find(&groups, &format!("group:{start:03}"));
        let (forward, backward) = (oracle(edges, start, false), oracle(edges, start, true));
        same(&links, "folder", links.closure(from, relation, false, now(), &mut scratch), &forward)?;
        same(&links, "folder", links.closure(from, relation, true, now(), &mut scratch), &backward)?;
        same(&groups, "group", groups.ancestors(member, now(), &mut scratch), &forward)?;
        same(&groups, "group", groups.members(member, now(), &mut scratch), &backward)?;
        for goal in 0..nodes {
            let to = find(&links, &format!("folder:{goal:03}"));
            let expected = forward.contains(&goal);
            prop_assert_eq!(links.reaches(from, relation, false, to, now()), expected);
            prop_assert_eq!(links.reaches(to, relation, true, from, now()), expected);
            let group = find(&groups, &format!("group:{goal:03}"));
            prop_assert_eq!(groups.is_member(member, group, now()), expected);
        }
    }
    Ok(())
}

#[test]
fn a_relation_too_dense_for_an_index_is_walked() {
    let mut world = World::new();
    for group in 1..2000 {
        world.edge(&format!("group:{:04}", group - 1), "member_of", &format!("group:{group:04}"));
    }
    let snapshot = world.freeze();
    let (first, last) = (find(&snapshot, "group:0000"), find(&snapshot, "group:1999"));
    let relation = attr(&snapshot, "member_of");
    let mut scratch = Vec::new();
    assert!(snapshot.is_member(first, last, now()) && !snapshot.is_member(last, first, now()));
    assert!(snapshot.reaches(first, relation, false, last, now()));
    assert_eq!(snapshot.ancestors(first, now(), &mut scratch).len(), 2000);
    assert_eq!(snapshot.closure(last, relation, true, now(), &mut scratch).len(), 2000);
    assert_eq!(snapshot.members(last, now(), &mut scratch).len(), 2000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sparse_graphs_without_validity(edges in prop::collection::vec((0..30_u8, 0..30_u8, Just(false)), 0..45)) {
        check(&edges, 30)?;
    }

    #[test]
    fn graphs_with_ended_edges(edges in prop::collection::vec((0..40_u8, 0..40_u8, any::<bool>()), 0..120)) {
        check(&edges, 40)?;
    }

    #[test]
    fn deep_chains_with_back_edges(length in 1..60_u8, back in prop::collection::vec((0..60_u8, 0..60_u8), 0..3)) {
        let mut edges: Vec<Plain> = (1..length).map(|n| (n - 1, n, false)).collect();
        edges.extend(back.iter().map(|(from, to)| (from % length, to % length, false)));
        check(&edges, length)?;
    }
}
