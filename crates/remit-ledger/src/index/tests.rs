//! Blocks: every term finds its records, and what is not as it was sealed is not believed.

use super::block::{Builder, Field, Nths, PLACES, find, key, terms, unseal};
use crate::hash::LeafHash;
use crate::limits::CHUNK_RECORDS;
use crate::query::Query;
use crate::record::tests::full;
use crate::record::{Body, DecisionRecord, Effect, Prepared, RuleUse};
use crate::row::line;
use crate::segment::{frame, record};
use crate::walk::Place;

fn built(edit: impl Fn(u64, &mut DecisionRecord)) -> Vec<([u8; 9], Vec<u8>)> {
    let mut builder = Builder::new(7, LeafHash::ZERO);
    for nth in 0..CHUNK_RECORDS {
        let mut decision = full();
        edit(nth, &mut decision);
        let mut bytes = Vec::new();
        let body = Body::Decision(Box::new(decision));
        Prepared::new(body.into(), "x").unwrap().finish(
            &mut bytes,
            7 * CHUNK_RECORDS + nth,
            &LeafHash::ZERO,
            0,
        );
        let record = record(frame(&bytes).unwrap().1).unwrap();
        let line = line(&record).unwrap();
        assert!(line.is_decision());
        let place = Place { segment: nth / 700, offset: nth * 3, seq: 0 };
        builder.add(place, nth * 3 + 3, LeafHash::ZERO, &line);
    }
    builder.finish()
}

fn content(blocks: &[([u8; 9], Vec<u8>)], field: u8) -> Vec<u8> {
    let (key, block) = blocks.iter().find(|(it, _)| *it == key(7, field)).unwrap();
    unseal(key, block).unwrap().to_vec()
}

fn found(blocks: &[([u8; 9], Vec<u8>)], query: &Query) -> Vec<usize> {
    let [(field, term)] = terms(query)[..] else { panic!("one term is asked for") };
    find(&content(blocks, field as u8), term).unwrap().iter().collect()
}

#[test]
fn rare_and_frequent_values_are_found_and_absent_ones_are_not() {
    let blocks = built(|nth, decision| {
        decision.decision_id = format!("id-{nth}");
        decision.action = Some(if nth % 3 == 0 { "read" } else { "write" }.to_owned());
    });
    let by_id = |id: &str| found(&blocks, &Query { decision_id: Some(id.to_owned()), ..Query::default() });
    assert_eq!(by_id("id-0"), [0]);
    assert_eq!(by_id("id-1023"), [1023]);
    assert!(by_id("id-1024").is_empty());
    let read = found(&blocks, &Query { action: Some("read".to_owned()), ..Query::default() });
    assert_eq!(read, (0..1024).step_by(3).collect::<Vec<_>>());
    let rule = |name: &str| found(&blocks, &Query { rule: Some(name.to_owned()), ..Query::default() }).len();
    assert_eq!((rule("shop.refunds"), rule("shop.refunds@1"), rule("shop")), (1024, 1024, 0));
}

#[test]
fn places_know_their_segment() {
    let blocks = built(|_, _| {});
    let places: super::Places = serde_json::from_slice(&content(&blocks, PLACES)).unwrap();
    let seq = |nth: u64| 7 * CHUNK_RECORDS + nth;
    assert_eq!(places.place(7, 699), Some(Place { segment: 0, offset: 2_097, seq: seq(699) }));
    assert_eq!(places.place(7, 700), Some(Place { segment: 1, offset: 2_100, seq: seq(700) }));
    assert_eq!(places.place(7, 1024), None);
    assert_eq!(places.next, (1, 3_072));
}

#[test]
fn too_many_values_make_every_record_a_candidate() {
    let blocks = built(|nth, decision| {
        let rule = |n: u64| RuleUse { effect: Effect::Permit, rule: format!("p.r{nth}x{n}@1") };
        decision.rules = (0..20).map(rule).collect();
    });
    assert_eq!(content(&blocks, Field::Rule as u8), b"");
    assert_eq!(found(&blocks, &Query { rule: Some("p.r1x1".to_owned()), ..Query::default() }).len(), 1024);
    assert!(blocks.iter().all(|(_, block)| block.len() <= 64_000));
}

#[test]
fn a_block_that_was_changed_or_moved_is_not_believed() {
    let blocks = built(|_, _| {});
    for (own, block) in &blocks {
        assert!(unseal(own, block).is_some());
        assert_eq!(unseal(&key(8, own[8]), block), None);
        for byte in 0..block.len().min(200) {
            let mut bad = block.clone();
            bad[byte] ^= 1;
            assert_eq!(unseal(own, &bad), None);
        }
    }
    assert_eq!(Nths::all().iter().count() as u64, CHUNK_RECORDS);
}
