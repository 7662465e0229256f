//! Named questions against fourteen records that fit on a page: every row of every answer, as it must be.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy does not take helpers for tests")]

use remit_audit::{Given, Named, Question, ask};
use remit_ledger::{
    Body, ConfigChanged, Decision, DecisionRecord, Durability, Effect, Entity, Inclusion, Keys, Ledger,
    LedgerOptions, Link, Mode, Published, Reading, Review, ReviewedAt, Revision, RuleUse, Timestamp,
};
use serde_json::{Value, json};

/// 2026-06-01; each record comes a day after the one before.
const BEGIN_MS: i64 = 1_780_272_000_000;
const DAY_MS: i64 = 86_400_000;

fn at(n: i64) -> Timestamp {
    Timestamp::from_unix_ms(BEGIN_MS + n * DAY_MS)
}

/// As a record's time is shown.
fn day(n: i64) -> String {
    remit_model::Timestamp::from_unix_nanos(i128::from(BEGIN_MS + n * DAY_MS) * 1_000_000)
        .unwrap()
        .to_string()
}

fn now() -> remit_model::Timestamp {
    remit_model::Timestamp::from_unix_nanos(i128::from(BEGIN_MS + 30 * DAY_MS) * 1_000_000).unwrap()
}

fn published(n: i64, author: &str, revision: u64, approved: &str) -> Published {
    Published {
        approved: (!approved.is_empty()).then(|| approved.to_owned()).into_iter().collect(),
        approver: None,
        author: Some(author.into()),
        changes: vec![],
        digest: format!("{revision}").repeat(64),
        items: 3,
        revision,
        source: Some("git".into()),
        time: at(n),
    }
}

/// A decision: day, person, agent, action, resource, outcome and rule, policies.
type Case<'a> = (i64, &'a str, Option<&'a str>, &'a str, (&'a str, &'a str), (&'a str, Option<&'a str>), u64);

fn decided((n, person, agent, action, resource, (reason, rule), revision): Case<'_>) -> Body {
    let allowed = reason == "permitted";
    let effect = if allowed { Effect::Permit } else { Effect::Forbid };
    Body::Decision(Box::new(DecisionRecord {
        action: Some(action.into()),
        actor: agent.map(|id| Entity::new("agent", id)),
        aside: None,
        chain: agent
            .map(|id| Link { id: id.into(), issuer: None, kind: "agent".into() })
            .into_iter()
            .collect(),
        context_hash: None,
        decision: Some(if allowed { Decision::Allow } else { Decision::Deny }),
        decision_id: format!("d-{n}"),
        engine: "1".into(),
        facts: vec![],
        failures: vec![],
        graph: Revision { digest: "9".repeat(64).into(), revision: 1 },
        identity: None,
        intent: None,
        latency_us: 1,
        missing: vec![],
        mode: Mode::Evaluation,
        notes: vec![],
        obligations: vec![],
        pep: if agent.is_some() { "gateway" } else { "console" }.into(),
        policy: Revision { digest: format!("{revision}").repeat(64).into(), revision },
        reason: reason.to_owned().into(),
        request_id: None,
        resource: Some(Entity::new(resource.0, resource.1)),
        rules: rule.map(|rule| RuleUse { effect, rule: rule.into() }).into_iter().collect(),
        severity: None,
        shadow: None,
        subject: Some(Entity::new("user", person)),
        task: None,
        tenant: None,
        time: at(n),
        tokens: vec![],
        transaction: None,
    }))
}

fn bodies() -> Vec<Body> {
    let allow = |rule| ("permitted", Some(rule));
    let (i1, i2, mail, bank) = (("invoice", "i1"), ("invoice", "i2"), ("tool", "mail"), ("tool", "bank"));
    let (a, b) = (Some("bot-a"), Some("bot-b"));
    vec![
        Body::PolicyPublished(published(0, "ana", 1, "shop 1 approved by ana on 2026-05-30")),
        Body::GraphPublished(published(1, "ben", 9, "")),
        decided((2, "eve", a, "read", i1, allow("shop.read@1"), 1)),
        decided((3, "eve", a, "call", mail, allow("shop.call@1"), 1)),
        decided((4, "eve", a, "pay", i1, ("forbidden", Some("shop.cap@1")), 1)),
        decided((5, "joe", None, "read", i1, allow("shop.read@1"), 1)),
        decided((6, "joe", b, "call", mail, allow("shop.call@1"), 1)),
        Body::PolicyPublished(published(7, "cyd", 2, "shop 2 approved by ben on 2026-06-07")),
        decided((8, "eve", a, "pay", i1, allow("shop.pay@2"), 2)),
        decided((9, "eve", a, "call", mail, allow("shop.call@2"), 2)),
        decided((10, "eve", b, "call", bank, ("tool_not_in_skill", None), 2)),
        decided((11, "eve", a, "pay", i1, ("budget_exceeded", None), 2)),
        decided((12, "joe", b, "read", i2, allow("shop.read@2"), 2)),
        Body::ConfigChanged(ConfigChanged {
            author: Some("ana".into()),
            digest: "5".repeat(64),
            time: at(13),
            what: "another port".into(),
        }),
    ]
}

/// The log, without a key and so without a record of one.
fn log() -> (tempfile::TempDir, Ledger) {
    log_of(bodies())
}

fn log_of(bodies: Vec<Body>) -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let options =
        LedgerOptions { durability: Durability::Relaxed, ..LedgerOptions::new("known", Timestamp::MIN) };
    let (ledger, _) = Ledger::open(dir.path(), options).unwrap();
    for body in bodies {
        let _receipt = ledger.append_blocking(body).unwrap();
    }
    (dir, ledger)
}

fn rows(ledger: &Ledger, name: &str, part: usize, parameters: &[(&str, &str)]) -> Value {
    let parameters =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let given = Given { parameters, ..Given::at(now()) };
    let replies = Named::find(name).unwrap().ask(ledger, &given, None, None).unwrap();
    let answer = &replies.answers[part].answer;
    assert_eq!(answer.evidence.range, Some((0, 13)), "{name}: all of the log is looked at");
    json!(answer.rows)
}

/// A row of a group: its values, how many records, the first and the last.
fn group(values: Value, count: u64, first: i64, last: i64) -> Value {
    let mut row = values.as_array().unwrap().clone();
    row.extend([
        json!(count),
        json!(first),
        json!(last),
        json!(at(first).to_string()),
        json!(at(last).to_string()),
    ]);
    Value::Array(row)
}

fn review(n: i64, scope: &str, due: Option<i64>) -> Body {
    Body::Review(Box::new(Review {
        aside: None,
        due: due.map(at),
        graph: Revision { digest: "9".repeat(64).into(), revision: 9 },
        head: ReviewedAt { hash: "a".repeat(64), size: 1 },
        kept: 5,
        pep: "grc".into(),
        policy: Revision { digest: "1".repeat(64).into(), revision: 1 },
        questioned: 1,
        request_id: None,
        reviewer: "P. Nair".into(),
        revoked: 2,
        scope: scope.into(),
        time: at(n),
        why: None,
    }))
}

fn part(ledger: &Ledger, name: &str, part: usize) -> Value {
    let replies = Named::find(name).unwrap().ask(ledger, &Given::at(now()), None, None).unwrap();
    json!(replies.answers[part].answer.rows)
}

#[test]
fn approvals() {
    let approved = |n, author: &str, approver: Option<&str>, says: &str| {
        let approver = approver.map(str::to_owned);
        Body::PolicyPublished(Published { approver, ..published(n, author, n as u64 + 1, says) })
    };
    let (_dir, ledger) = log_of(vec![
        approved(0, "ana", None, "shop 1"),
        approved(1, "ana", None, "shop 2 approved by ben on 2026-06-01"),
        approved(2, "ana", Some("ben"), "shop 3"),
        approved(3, "ana", Some("ana"), "shop 4"),
        approved(4, "ana", None, "shop 5 approved by ana on 2026-06-01"),
        Body::GraphPublished(published(5, "ana", 9, "")),
    ]);
    let seqs = |at: usize| -> Vec<Value> {
        part(&ledger, "approvals", at).as_array().unwrap().iter().map(|row| row[0].clone()).collect()
    };
    assert_eq!(seqs(0), [json!(0)]);
    assert_eq!(seqs(1), [json!(3), json!(4)]);
    assert_eq!(seqs(2), [json!(1), json!(2), json!(3), json!(4)]);
}

#[test]
fn reviews() {
    let (_dir, ledger) = log_of(vec![
        review(0, "refunds", Some(20)),
        review(1, "agents", Some(40)),
        review(2, "reading", None),
        review(25, "refunds", Some(90)),
    ]);
    let all = part(&ledger, "reviews", 0);
    assert_eq!(all[0], json!([3, day(25), "refunds", "P. Nair", 5, 2, 1, day(90), null, "grc", 1, 9]));
    assert_eq!((all[1][7].clone(), all.as_array().unwrap().len()), (Value::Null, 4));
    // Due, though a later one of the same scope stands above: the projection that knows which is the last is of the service.
    assert_eq!(part(&ledger, "reviews", 1), json!([group(json!(["refunds", day(20)]), 1, 0, 0)]));
}

#[test]
fn first_use() {
    let (_dir, ledger) = log();
    let (a, b) = ("agent:bot-a", "agent:bot-b");
    assert_eq!(
        rows(&ledger, "first-use", 0, &[]),
        json!([
            group(json!([b, "read", "invoice"]), 1, 12, 12),
            group(json!([a, "pay", "invoice"]), 1, 8, 8),
            group(json!([b, "call", "tool"]), 1, 6, 6),
            group(json!([a, "call", "tool"]), 2, 3, 9),
            group(json!([a, "read", "invoice"]), 1, 2, 2),
        ])
    );
    let tools = [group(json!([b, "tool:mail"]), 1, 6, 6), group(json!([a, "tool:mail"]), 2, 3, 9)];
    assert_eq!(rows(&ledger, "first-use", 1, &[]), json!(tools));
    assert_eq!(rows(&ledger, "first-use", 1, &[("agent", a)]), json!([tools[1]]));
    assert_eq!(
        rows(&ledger, "first-use", 0, &[("agent", b), ("since", "2026-06-09")]),
        json!([group(json!([b, "read", "invoice"]), 1, 12, 12)])
    );
}

#[test]
fn who_did_what() {
    let (_dir, ledger) = log();
    let step =
        |n: i64, person: &str, agent: &str, action: &str, resource: &str, decision: &str, reason: &str| {
            json!([n, day(n), person, agent, [agent], action, resource, decision, reason])
        };
    let (eve, joe, a, b) = ("user:eve", "user:joe", "agent:bot-a", "agent:bot-b");
    let all = [
        step(2, eve, a, "read", "invoice:i1", "allow", "permitted"),
        step(3, eve, a, "call", "tool:mail", "allow", "permitted"),
        step(4, eve, a, "pay", "invoice:i1", "deny", "forbidden"),
        step(6, joe, b, "call", "tool:mail", "allow", "permitted"),
        step(8, eve, a, "pay", "invoice:i1", "allow", "permitted"),
        step(9, eve, a, "call", "tool:mail", "allow", "permitted"),
        step(10, eve, b, "call", "tool:bank", "deny", "tool_not_in_skill"),
        step(11, eve, a, "pay", "invoice:i1", "deny", "budget_exceeded"),
        step(12, joe, b, "read", "invoice:i2", "allow", "permitted"),
    ];
    assert_eq!(rows(&ledger, "who-did-what", 0, &[]), json!(all));
    let both = [("agent", b), ("person", joe)];
    assert_eq!(rows(&ledger, "who-did-what", 0, &both), json!([all[3], all[8]]));
    let window = [("since", "2026-06-10"), ("until", "2026-06-12")];
    assert_eq!(rows(&ledger, "who-did-what", 0, &window), json!([all[5], all[6]]));
}

#[test]
fn separation() {
    let (_dir, ledger) = log();
    assert_eq!(
        rows(&ledger, "separation", 0, &[]),
        json!([
            group(json!(["ana", "policy_published"]), 1, 0, 0),
            group(json!(["ana", "config_changed"]), 1, 13, 13),
            group(json!(["ben", "graph_published"]), 1, 1, 1),
            group(json!(["cyd", "policy_published"]), 1, 7, 7),
        ])
    );
    let own = rows(&ledger, "separation", 1, &[]);
    let approved = ["shop 1 approved by ana on 2026-05-30"];
    assert_eq!(own, json!([[0, day(0), "policy_published", "ana", approved, []]]));
    assert_eq!(
        rows(&ledger, "separation", 2, &[]),
        json!([
            group(json!(["gateway", "user", "allow"]), 6, 2, 12),
            group(json!(["gateway", "user", "deny"]), 3, 4, 11),
            group(json!(["console", "user", "allow"]), 1, 5, 5),
        ])
    );
}

#[test]
fn rights_used() {
    let (_dir, ledger) = log();
    assert_eq!(
        rows(&ledger, "rights-used", 0, &[]),
        json!([
            group(json!(["shop.read@1"]), 2, 2, 5),
            group(json!(["shop.call@1"]), 2, 3, 6),
            group(json!(["shop.pay@2"]), 1, 8, 8),
            group(json!(["shop.call@2"]), 1, 9, 9),
            group(json!(["shop.read@2"]), 1, 12, 12),
        ])
    );
    let (a, b) = ("agent:bot-a", "agent:bot-b");
    assert_eq!(
        rows(&ledger, "rights-used", 1, &[]),
        json!([
            group(json!([a, "call", "tool"]), 2, 3, 9),
            group(json!([a, "pay", "invoice"]), 1, 8, 8),
            group(json!([a, "read", "invoice"]), 1, 2, 2),
            group(json!([b, "call", "tool"]), 1, 6, 6),
            group(json!([b, "read", "invoice"]), 1, 12, 12),
        ])
    );
    // The window reaches back from now, which is day 30, and its first instant is in it.
    let late = [group(json!(["shop.call@2"]), 1, 9, 9), group(json!(["shop.read@2"]), 1, 12, 12)];
    let window = |days: &str| {
        let given = Given { parameters: [("window".into(), days.into())].into(), ..Given::at(now()) };
        let replies = Named::find("rights-used").unwrap().ask(&ledger, &given, None, None).unwrap();
        json!(replies.answers[0].answer.rows)
    };
    assert_eq!(window("21d"), json!(late));
    assert_eq!(window("20d"), json!([late[1]]));
}

#[test]
fn agent_refusals() {
    let (_dir, ledger) = log();
    let (a, b) = ("agent:bot-a", "agent:bot-b");
    let (bank, pay) = (
        group(json!(["medium", b, "call", "tool", "tool_not_in_skill", null, 2]), 1, 10, 10),
        group(json!(["medium", a, "pay", "invoice", "budget_exceeded", null, 2]), 1, 11, 11),
    );
    let cap = group(json!(["low", a, "pay", "invoice", "forbidden", "shop.cap@1", 1]), 1, 4, 4);
    assert_eq!(rows(&ledger, "agent-refusals", 0, &[]), json!([pay, bank, cap]));
    let given = Given { parameters: [("window".into(), "25d".into())].into(), ..Given::at(now()) };
    let replies = Named::find("agent-refusals").unwrap().ask(&ledger, &given, None, None).unwrap();
    assert_eq!(json!(replies.answers[0].answer.rows), json!([pay, bank]));
}

#[test]
fn why_changed() {
    let (_dir, ledger) = log();
    let asked = [("person", "user:eve"), ("done", "pay"), ("object", "invoice:i1")];
    assert_eq!(
        rows(&ledger, "why-changed", 0, &asked),
        json!([
            group(json!(["deny", "forbidden", "shop.cap@1", 1, 1]), 1, 4, 4),
            group(json!(["allow", "permitted", "shop.pay@2", 2, 1]), 1, 8, 8),
            group(json!(["deny", "budget_exceeded", null, 2, 1]), 1, 11, 11),
        ])
    );
    let went = |n: i64, kind: &str, revision: u64, author: &str| {
        json!([n, day(n), kind, revision, revision.to_string().repeat(64), author, "git"])
    };
    assert_eq!(
        rows(&ledger, "why-changed", 1, &asked),
        json!([
            went(0, "policy_published", 1, "ana"),
            went(1, "graph_published", 9, "ben"),
            went(7, "policy_published", 2, "cyd"),
        ])
    );
    let other = [("person", "user:eve"), ("done", "pay"), ("object", "invoice:i2")];
    assert_eq!(rows(&ledger, "why-changed", 0, &other), json!([]));
}

#[test]
fn an_answer_carries_its_records_with_proofs_when_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::generate("log.example/known").unwrap();
    let vkeys = keys.vkeys();
    let options = LedgerOptions { keys: Some(keys), ..LedgerOptions::new("known", Timestamp::MIN) };
    let (ledger, _) = Ledger::open(dir.path(), options).unwrap();
    for body in bodies() {
        let _receipt = ledger.append_blocking(body).unwrap();
    }
    let question = Question { proof: true, ..Question::of("decision == deny") };
    let begun = std::time::Instant::now();
    while ledger.checkpoint().map_or(0, |it| it.head.size) < 15 {
        assert!(begun.elapsed().as_secs() < 30, "no head");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let given = Given::at(now());
    let check = |answer: &remit_audit::Answer| {
        let proof = answer.proof.as_ref().unwrap();
        // The first record is that of the key.
        assert_eq!(proof.records.iter().map(|it| it.seq).collect::<Vec<_>>(), [5, 11, 12]);
        assert_eq!(proof.ends.iter().map(|it| it.seq).collect::<Vec<_>>(), [0, 14]);
        for proved in proof.records.iter().chain(&proof.ends) {
            let leaf = remit_ledger::LeafHash::of(proved.record.as_bytes());
            assert_eq!(leaf.to_string(), proved.leaf_hash);
            let inclusion = Inclusion::parse(proved.proof.as_ref().unwrap()).unwrap();
            assert_eq!(inclusion.index, proved.seq);
            inclusion.verify(&leaf.0, &vkeys).unwrap();
            let other = remit_ledger::LeafHash::of(proved.record.replace("known", "knowm").as_bytes());
            assert!(inclusion.verify(&other.0, &vkeys).is_err());
        }
        assert_eq!((answer.evidence.no_gap.read, answer.evidence.no_gap.indexed), (15, 0));
    };
    check(&ask(&ledger, &question, &given).unwrap());
    assert_eq!(ask(&ledger, &Question::of("decision == deny"), &given).unwrap().proof, None);
    let groups = Question { group: vec!["reason".into()], ..question.clone() };
    let counted = ask(&ledger, &groups, &given).unwrap().proof.unwrap();
    assert_eq!((counted.records.len(), counted.ends.len()), (0, 2));
    // Named questions too, and a directory that nobody serves.
    let replies =
        Named::find("denied").unwrap().ask(&ledger, &Given { proof: true, ..Given::at(now()) }, None, None);
    check(&replies.unwrap().answers[0].answer);
    ledger.close().unwrap();
    check(&ask(&Reading::open(dir.path()).unwrap(), &question, &given).unwrap());
}

#[test]
fn no_more_records_are_proved_than_anybody_checks_by_hand() {
    let (_dir, ledger) = log();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let many: Vec<Body> = (0..150)
        .map(|n| decided((n, "eve", None, "wait", ("invoice", "i3"), ("forbidden", None), 2)))
        .collect();
    assert_eq!(runtime.block_on(ledger.append_all(many)).unwrap().len(), 150);
    let question = Question { proof: true, limit: Some(120), ..Question::of("action == \"wait\"") };
    let answer = ask(&ledger, &question, &Given::at(now())).unwrap();
    let proof = answer.proof.unwrap();
    assert_eq!((answer.rows.len(), proof.records.len(), proof.left_out), (120, 100, 20));
    assert!(proof.records.iter().all(|it| it.proof.is_none()), "no head is signed without a key");
}

#[test]
fn one_agent_that_causes_most_denials_is_named_and_one_of_many_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let options =
        LedgerOptions { durability: Durability::Relaxed, ..LedgerOptions::new("known", Timestamp::MIN) };
    let (ledger, _) = Ledger::open(dir.path(), options).unwrap();
    for n in 0..10 {
        let agent = if n < 8 { "noisy" } else { "quiet" };
        let denied = ("forbidden", Some("p.r@1"));
        let _receipt = ledger
            .append_blocking(decided((n, "ann", Some(agent), "read", ("doc", "d1"), denied, 1)))
            .unwrap();
    }
    let allowed = ("permitted", Some("p.r@1"));
    let _receipt = ledger
        .append_blocking(decided((11, "ann", Some("quiet"), "read", ("doc", "d1"), allowed, 1)))
        .unwrap();
    let parameters = |share: &'static str| {
        [("window".to_owned(), "60d".to_owned()), ("share".to_owned(), share.to_owned())].into()
    };
    let found = |share: &'static str| {
        let given = Given { parameters: parameters(share), ..Given::at(now()) };
        let replies = Named::find("denial-concentration").unwrap().ask(&ledger, &given, None, None).unwrap();
        replies.answers.iter().map(|it| it.answer.rows.len()).collect::<Vec<_>>()
    };
    assert_eq!(found("80"), [1, 2]);
    assert_eq!(found("81"), [0, 2]);
    assert_eq!(found("20"), [2, 2]);
}
