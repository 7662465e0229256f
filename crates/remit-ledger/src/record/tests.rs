//! Records: what is written is canonical, bounded and read back the same.

use super::*;
use crate::errors::AppendError;
use crate::limits::RECORD_BYTES;
use crate::segment::{frame, record};
use std::collections::BTreeMap;

/// A decision with every field filled.
pub(crate) fn full() -> DecisionRecord {
    DecisionRecord {
        action: Some("refund".to_owned()),
        actor: Some(Entity::new("agent", "helper-7")),
        aside: Some("09".repeat(32)),
        chain: vec![
            Link {
                id: "helper-7".into(),
                issuer: Some("https://issuer.example".into()),
                kind: "agent".into(),
            },
            Link { id: "planner".into(), issuer: None, kind: "agent".into() },
        ],
        context_hash: Some("00ff".repeat(16)),
        decision: Some(Decision::Allow),
        decision_id: "0198-d".to_owned(),
        engine: "0.1.0".into(),
        facts: vec![FactRead { name: "user.level".into(), provenance: "graph".into() }],
        failures: vec!["task_out_of_order tasks.pay".to_owned()],
        graph: Revision { digest: "ab".repeat(32).into(), revision: 3 },
        identity: Some("user+agent".to_owned()),
        intent: Some("ef".repeat(32)),
        latency_us: 17,
        missing: vec!["order.total".to_owned()],
        mode: Mode::Batch { index: 4 },
        notes: vec!["scopes_reduced".into()],
        obligations: vec![ObligationNote {
            id: "mask".into(),
            parameters: BTreeMap::from([
                ("fields".to_owned(), Plain::List(vec![Plain::Text("a\n\u{1}\"é".into()), Plain::Null])),
                ("limit".to_owned(), Plain::Integer(-5)),
                ("more".to_owned(), Plain::Members(BTreeMap::from([("x".to_owned(), Plain::Bool(true))]))),
            ]),
        }],
        pep: "gateway".into(),
        policy: Revision { digest: "cd".repeat(32).into(), revision: 9 },
        reason: "permitted".into(),
        request_id: Some("req-1".to_owned()),
        resource: Some(Entity::new("order", "o-1")),
        rules: vec![RuleUse { effect: Effect::Permit, rule: "shop.refunds@2".into() }],
        severity: Some("high".to_owned()),
        shadow: Some(Shadow {
            decision: Decision::Deny,
            policy: "0c".repeat(32),
            reason: "forbidden".to_owned(),
            rules: vec![RuleUse { effect: Effect::Forbid, rule: "shop.frozen@3".into() }],
        }),
        subject: Some(Entity::new("user", "alice")),
        task: Some("pay".to_owned()),
        tenant: Some("north".into()),
        time: Timestamp::from_unix_ms(1_764_000_000_123),
        tokens: vec!["aa".repeat(32)],
        transaction: Some("t-1".to_owned()),
    }
}

fn bodies() -> Vec<Body> {
    let time = Timestamp::from_unix_ms(5);
    let text = || "x".to_owned();
    let published = Published {
        approved: vec![text()],
        approver: Some(text()),
        author: Some(text()),
        changes: vec![text()],
        digest: text(),
        items: 2,
        revision: 1,
        source: Some(text()),
        time,
    };
    let mut bare = full();
    (bare.action, bare.actor, bare.context_hash, bare.decision) = (None, None, None, None);
    (bare.request_id, bare.resource, bare.subject, bare.tenant) =
        (None, None, Some(Entity::any("user")), None);
    (bare.aside, bare.identity, bare.intent, bare.task, bare.transaction) = Default::default();
    (bare.failures, bare.tokens) = Default::default();
    (bare.chain, bare.facts, bare.missing, bare.obligations, bare.rules) = Default::default();
    bare.mode = Mode::Search { query: SearchKind::Subject, results: 3 };
    vec![
        Body::Decision(Box::new(full())),
        Body::Decision(Box::new(bare)),
        Body::PolicyPublished(published.clone()),
        Body::GraphPublished(published),
        Body::Started(Started { config_digest: Some(text()), time, version: text() }),
        Body::Stopped(Stopped { cause: text(), time }),
        Body::Recovered(Recovered { bytes_cut: 1, file: text(), offset: 56, time }),
        Body::ConfigChanged(ConfigChanged { author: Some(text()), digest: text(), time, what: text() }),
        Body::KeyChanged(KeyChanged { algorithm: text(), name: text(), time, vkey: text(), what: text() }),
        Body::Fault(FaultNoted {
            pep: Some(text()),
            request_id: None,
            tenant: Some(text()),
            time,
            what: text(),
        }),
        Body::Incident(Box::new(Incident {
            action: Some(text()),
            affected: Some(Entity::new("user", "~1.00")),
            agent: Some(Entity::new("agent", "a")),
            decision_id: Some(text()),
            description: text(),
            disclosure: Disclosure::Due,
            event: IncidentEvent::Detected,
            failure_mode: text(),
            form: text(),
            grade: text(),
            id: text(),
            impact: text(),
            model: Some(text()),
            note: Some(text()),
            occurred: time,
            pep: text(),
            policy: Revision { digest: text().into(), revision: 1 },
            reason: Some(text()),
            recurrence: 2,
            reporter: text(),
            response: Some(text()),
            root_cause: Some(text()),
            denied_by: vec![text()],
            severity: text(),
            stakeholders: text(),
            time,
            transaction: Some(text()),
            use_case: text(),
            vendor: Some(text()),
        })),
        Body::ClockStepped(ClockStepped { by_ms: -3, time }),
        Body::Erased(Erased { author: Some(text()), records: 3, time, why: text() }),
        Body::Pruned(Pruned {
            author: Some(text()),
            first: 9,
            graph: Some(Revision { digest: text().into(), revision: 2 }),
            leaf: LeafHash::of(b"eight"),
            policy: Some(Revision { digest: text().into(), revision: 1 }),
            records: 4,
            root: LeafHash::of(b"root"),
            time,
            until: time,
            why: text(),
        }),
        Body::Consent(Box::new(ConsentChanged {
            aside: Some(text()),
            category: text(),
            consent: text(),
            event: text(),
            expires: Some(time),
            pep: text(),
            purpose: text(),
            recipient: Some(Entity::new("agent", "a")),
            request_id: Some(text()),
            resource: Some(Entity::new("account", "1")),
            subject: Entity::new("user", "~1.00"),
            time,
        })),
        Body::Review(Box::new(Review {
            aside: Some(text()),
            due: Some(time),
            graph: Revision { digest: text().into(), revision: 1 },
            head: ReviewedAt { hash: text(), size: 7 },
            kept: 3,
            pep: text(),
            policy: Revision { digest: text().into(), revision: 1 },
            questioned: 1,
            request_id: Some(text()),
            reviewer: text(),
            revoked: 2,
            scope: text(),
            time,
            why: Some(text()),
        })),
        Body::Signal(Box::new(SignalSeen {
            aside: Some(text()),
            ended: Some(time),
            issuer: Some(text()),
            pep: text(),
            request_id: Some(text()),
            signal: text(),
            subject: Entity::new("user", "~1.00"),
            time,
        })),
        Body::Transaction(TransactionChanged {
            aside: Some(text()),
            event: text(),
            pep: text(),
            request_id: Some(text()),
            time,
            transaction: text(),
        }),
    ]
}

fn written(body: &Body, seq: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Prepared::new(body.clone().into(), "pdp-1").unwrap().finish(&mut bytes, seq, &LeafHash::of(b"before"), 0);
    record(frame(&bytes).unwrap().1).unwrap().into_owned()
}

/// Renders JSON anew by the rules of RFC 8785, from the parsed value alone.
fn canonical(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
            let members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", serde_json::to_string(name).unwrap(), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Number(number) => {
            assert!(number.is_i64() || number.is_u64(), "{number} is not whole");
            number.to_string()
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}

#[test]
fn every_kind_is_canonical_and_comes_back_the_same() {
    for (seq, body) in (0..).zip(bodies()) {
        let bytes = written(&body, seq);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(canonical(&serde_json::from_str(text).unwrap()), text);
        let record = Record::parse(&bytes).unwrap();
        assert_eq!(record.body, body);
        assert_eq!((record.seq, record.prev), (seq, LeafHash::of(b"before")));
        assert_eq!((record.instance.as_str(), record.json()), ("pdp-1", text));
        assert_eq!(trailer(&bytes), Some((LeafHash::of(b"before"), seq)));
        assert_eq!(body.time(), record.body.time());
        assert_eq!(kind(&bytes), Some(body.kind()));
    }
}

#[test]
fn member_names_sort_by_utf16_units() {
    let mut decision = full();
    let names = ["\u{10000}", "\u{ffff}", "a"];
    decision.obligations[0].parameters = names.map(|name| (name.to_owned(), Plain::Null)).into();
    let bytes = written(&Body::Decision(Box::new(decision)), 0);
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.contains("{\"a\":null,\"\u{10000}\":null,\"\u{ffff}\":null}"), "{text}");
}

#[test]
fn hash_and_checksum_are_those_of_the_finished_bytes() {
    let mut bytes = Vec::new();
    let leaf = Prepared::new(Body::Decision(Box::new(full())).into(), "pdp-1").unwrap().finish(
        &mut bytes,
        u64::from(u32::MAX),
        &LeafHash::ZERO,
        9,
    );
    let (header, content) = frame(&bytes).unwrap();
    assert_eq!(LeafHash::of(&record(content).unwrap()), leaf);
    assert!(content.len() * 2 < record(content).unwrap().len(), "it stands in its short form");
    assert_eq!(header.unsynced, 9);
}

#[test]
fn a_record_over_the_limit_is_refused_and_one_at_the_limit_is_whole() {
    let sized = |filler: usize| {
        let mut decision = full();
        decision.reason = "r".repeat(filler).into();
        Body::Decision(Box::new(decision))
    };
    let spare = RECORD_BYTES - written(&sized(0), 0).len();
    // The bound holds for the longest number a record may carry, of 16 digits.
    let most = spare - 15;
    assert_eq!(written(&sized(most), 9_007_199_254_740_991).len(), RECORD_BYTES);
    let refused = Prepared::new(sized(most + 1).into(), "pdp-1").map(|_| ());
    assert_eq!(refused, Err(AppendError::TooLarge { bytes: RECORD_BYTES + 1 }));
}

#[test]
fn a_number_beyond_exactness_refuses_the_record() {
    let mut decision = full();
    let mut with = |number: i64| {
        decision.obligations[0].parameters = BTreeMap::from([("n".to_owned(), Plain::Integer(number))]);
        Prepared::new(Body::Decision(Box::new(decision.clone())).into(), "pdp-1").map(|_| ())
    };
    assert_eq!(with((1 << 53) - 1), Ok(()));
    assert!(matches!(with(-(1 << 53)), Err(AppendError::Unwritable(_))));
}

#[test]
fn another_schema_or_kind_is_refused() {
    let text = String::from_utf8(written(&bodies()[4], 0)).unwrap();
    assert!(Record::parse(text.as_bytes()).is_ok());
    for (from, to) in [("\"schema\":1", "\"schema\":2"), ("\"kind\":\"started\"", "\"kind\":\"begun\"")] {
        assert!(Record::parse(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
    assert_eq!(trailer(text.replace("\"schema\":1", "\"schema\":2").as_bytes()), None);
}
