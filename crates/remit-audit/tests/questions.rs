//! Named questions and free ones, against a log whose answers can be computed without asking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "clippy does not take helpers for tests")]

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use remit_audit::{Answer, AskError, Evidence, Given, Named, NoGap, Question, Sample, ask, severity};
use remit_ledger::{Body, Decision, DecisionRecord, Ledger, Reading};
use serde_json::Value;
use support::{BEGIN_MS, SPAN_MS, body, fill, open, settle, time};

fn records() -> u64 {
    if std::env::var_os("REMIT_FULL").is_some() { 1_000_000 } else { 20_000 }
}

/// The end of the log.
fn now() -> remit_model::Timestamp {
    remit_model::Timestamp::from_unix_nanos(i128::from(BEGIN_MS + SPAN_MS) * 1_000_000).unwrap()
}

fn given(parameters: &[(&str, &str)]) -> Given<'static> {
    let parameters =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Given { parameters, ..Given::at(now()) }
}

fn filled() -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    fill(&ledger, records());
    settle(&ledger);
    (dir, ledger)
}

static BODIES: LazyLock<Vec<Body>> = LazyLock::new(|| (0..records()).map(|n| body(n, records())).collect());

/// Numbers of the records for which a fact holds.
fn expected(holds: impl Fn(&Body) -> bool) -> Vec<u64> {
    (0_u64..).zip(BODIES.iter()).filter(|(_, body)| holds(body)).map(|(n, _)| n).collect()
}

fn decided(holds: impl Fn(&DecisionRecord) -> bool) -> Vec<u64> {
    expected(|body| body.decision().is_some_and(&holds))
}

/// The column `seq` of every page of the first part.
fn listed(ledger: &Ledger, name: &str, parameters: &[(&str, &str)]) -> Vec<u64> {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    let query = Named::find(name).unwrap();
    if query.parts.len() > 1 {
        let replies = query.ask(ledger, &given(parameters), Some(1_000), None).unwrap();
        return column(&replies.answers[0].answer, "seq");
    }
    loop {
        let replies = query.ask(ledger, &given(parameters), Some(1_000), after.as_deref()).unwrap();
        let answer = &replies.answers[0].answer;
        all.extend(column(answer, "seq"));
        match &answer.next {
            Some(next) => after = Some(next.clone()),
            None => return all,
        }
    }
}

fn column(answer: &remit_audit::Answer, title: &str) -> Vec<u64> {
    let at = answer.columns.iter().position(|column| column == title).unwrap();
    answer.rows.iter().map(|row| row[at].as_u64().unwrap()).collect()
}

/// Counts by the values of a grouping, as text.
fn counted(ledger: &Ledger, name: &str, part: usize, parameters: &[(&str, &str)]) -> BTreeMap<String, u64> {
    let replies = Named::find(name).unwrap().ask(ledger, &given(parameters), Some(1_000), None).unwrap();
    let answer = &replies.answers[part].answer;
    assert_eq!(answer.next, None, "{name}: one page");
    let count = answer.columns.iter().position(|column| column == "count").unwrap();
    let key = |row: &[Value]| row[..count].iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    answer.rows.iter().map(|row| (key(row), row[count].as_u64().unwrap())).collect()
}

/// Counts by key, computed from the records.
fn tallied(key: impl Fn(&DecisionRecord) -> Vec<String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for body in BODIES.iter() {
        for key in body.decision().map(&key).unwrap_or_default() {
            *counts.entry(key).or_insert(0) += 1;
        }
    }
    counts
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn rule(it: &DecisionRecord) -> String {
    it.rules.first().map_or("null".to_owned(), |rule| quoted(&rule.rule))
}

fn has_agent(it: &DecisionRecord, id: &str) -> bool {
    it.chain.iter().any(|link| link.id == id)
}

fn is_denied(it: &DecisionRecord) -> bool {
    it.decision == Some(Decision::Deny)
}

fn within(it: &DecisionRecord, days: i64) -> bool {
    it.time.unix_ms() >= BEGIN_MS + SPAN_MS - days * 86_400_000
}

#[test]
fn named_questions_give_exactly_the_known_answers() {
    let (_dir, ledger) = filled();
    let middle = time(records() / 2, records());
    let since = middle.to_string();
    let is_user =
        |it: &DecisionRecord, id: &str| it.subject.as_ref().is_some_and(|of| of.id.as_deref() == Some(id));

    let agent = [("agent", "agent:agent-7"), ("since", since.as_str())];
    let by_agent = decided(|it| has_agent(it, "agent-7") && it.time >= middle);
    assert!(by_agent.len() > 10);
    assert_eq!(listed(&ledger, "agent-decisions", &agent), by_agent);

    let of_person = decided(|it| is_user(it, "user-42"));
    assert_eq!(listed(&ledger, "on-behalf-of", &[("person", "user:user-42")]), of_person);

    let by_rule = |versions: &str| {
        let versions = versions.to_owned();
        decided(move |it| {
            it.decision == Some(Decision::Allow)
                && it
                    .rules
                    .iter()
                    .any(|rule| rule.rule == versions || rule.rule.starts_with(&format!("{versions}@")))
        })
    };
    for name in ["bank.read_invoice@2", "bank.read_invoice"] {
        assert_eq!(listed(&ledger, "allowed-by-rule", &[("rule", name)]), by_rule(name), "{name}");
    }

    let denials = tallied(|it| {
        let grade = format!("{:?}", severity(&it.reason, None)).to_lowercase();
        let kind = it.resource.as_ref().unwrap().kind.clone();
        let key = [
            quoted(&grade),
            quoted(&it.reason),
            rule(it),
            quoted(it.action.as_ref().unwrap()),
            quoted(&kind),
        ];
        if is_denied(it) && within(it, 90) { vec![key.join(" ")] } else { vec![] }
    });
    assert_eq!(counted(&ledger, "denials", 0, &[]), denials);

    let after = [("agent", "agent:agent-7"), ("since", since.as_str())];
    let reached = tallied(|it| {
        let mut agents: Vec<String> =
            it.chain.iter().map(|link| quoted(&format!("agent:{}", link.id))).collect();
        agents.sort();
        agents.dedup();
        if has_agent(it, "agent-7") && it.time >= middle { agents } else { vec![] }
    });
    assert_eq!(counted(&ledger, "after-compromise", 2, &after), reached);

    let published = expected(|it| matches!(it, Body::PolicyPublished(_)));
    assert_eq!(listed(&ledger, "policy-changes", &[]), published);
    let under = tallied(|it| vec![format!("{} {}", it.policy.revision, quoted(&it.policy.digest))]);
    assert_eq!(counted(&ledger, "policy-changes", 1, &[]), under);

    let unsure = tallied(|it| {
        let decision = it.decision.map_or("null".to_owned(), |it| quoted(it.as_str()));
        it.missing.iter().map(|fact| format!("{} {decision} {}", quoted(fact), quoted(&it.reason))).collect()
    });
    assert_eq!(counted(&ledger, "unsure", 0, &[]), unsure);

    let days = counted(&ledger, "completeness", 0, &[]);
    assert_eq!(days.values().sum::<u64>(), records());
    assert_eq!(days.len(), 180);

    let tenants = decided(|it| {
        is_denied(it)
            && within(it, 90)
            && (it.reason == "transaction_foreign"
                || it.rules.iter().any(|rule| rule.rule.contains("tenant")))
    });
    assert_eq!(listed(&ledger, "cross-tenant", &[]), tenants);

    let mut grave = decided(|it| {
        is_denied(it) && within(it, 90) && severity(&it.reason, None) >= remit_audit::Severity::High
    });
    grave.reverse();
    assert_eq!(listed(&ledger, "grave-denials", &[]), grave);

    let refused = tallied(|it| {
        let failures = it.failures.first().map_or("null".to_owned(), |it| quoted(it));
        let key = format!("{} {failures} {}", quoted(&it.reason), rule(it));
        if is_denied(it) && it.action.as_deref() == Some("transfer") { vec![key] } else { vec![] }
    });
    assert_eq!(counted(&ledger, "refused", 0, &[("done", "transfer")]), refused);

    let transaction = expected(|it| match it {
        Body::Decision(it) => it.transaction.as_deref() == Some("t-5"),
        Body::Transaction(it) => it.transaction == "t-5",
        _ => false,
    });
    assert!(transaction.len() > 100);
    assert_eq!(listed(&ledger, "transaction", &[("id", "t-5")]), transaction);

    let turned = |to: Decision| {
        decided(move |it| {
            it.shadow.as_ref().is_some_and(|of| of.decision == to && Some(of.decision) != it.decision)
        })
    };
    let (opened, closed) = (turned(Decision::Allow), turned(Decision::Deny));
    assert!(opened.len() > 10 && closed.len() > 10);
    let both: Vec<u64> = opened.into_iter().chain(closed).take(1_000).collect();
    assert_eq!(listed(&ledger, "shadow-differences", &[]), both, "denials that become allows first");
    let told = counted(&ledger, "shadow-differences", 1, &[]);
    assert_eq!(told.values().sum::<u64>(), decided(|it| it.shadow.is_some()).len() as u64);

    let denied = [("agent", "agent:agent-9"), ("rule", "bank.tenant_wall@1")];
    let by_both = decided(|it| {
        is_denied(it)
            && has_agent(it, "agent-9")
            && it.rules.iter().any(|rule| rule.rule == "bank.tenant_wall@1")
    });
    assert_eq!(listed(&ledger, "denied", &denied), by_both);

    let replies =
        Named::find("policy-at").unwrap().ask(&ledger, &given(&[("at", &since)]), None, None).unwrap();
    assert_eq!(column(&replies.answers[0].answer, "revision"), [3]);
    let replies = Named::find("decision").unwrap();
    let replies = replies.ask(&ledger, &given(&[("id", "0198-000000000bb8")]), None, None).unwrap();
    assert_eq!(column(&replies.answers[0].answer, "seq"), [3_000]);
    assert_eq!(column(&replies.answers[1].answer, "revision"), [3_000 * 4 / records() + 1]);
    assert_eq!(column(&replies.answers[2].answer, "seq"), [2]);
}

#[test]
fn every_named_question_is_sound() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    assert!(remit_audit::named().len() >= 20);
    for query in remit_audit::named() {
        let value = |ty: &str| match ty {
            "party" => "agent:a",
            "time" => "2026-01-01",
            "int" => "3",
            _ => "x",
        };
        let all: Vec<(&str, &str)> = query
            .parameters
            .iter()
            .filter(|it| it.default.is_none())
            .map(|it| (it.name.as_str(), value(&it.ty)))
            .collect();
        let needed: Vec<(&str, &str)> = query
            .parameters
            .iter()
            .filter(|it| it.required)
            .map(|it| (it.name.as_str(), value(&it.ty)))
            .collect();
        for parameters in [all, needed] {
            let replies = query.ask(&ledger, &given(&parameters), None, None);
            assert!(replies.is_ok(), "{}: {}", query.name, replies.unwrap_err());
        }
    }
}

#[test]
fn samples_can_be_drawn_again_and_are_of_the_whole() {
    let (_dir, ledger) = filled();
    let draw = |seed: &str| {
        let sample = Some(Sample { size: 50, seed: seed.to_owned() });
        let question = Question { sample, ..Question::of("kind == decision") };
        column(&ask(&ledger, &question, &given(&[])).unwrap(), "seq")
    };
    let one = draw("audit-1");
    assert_eq!((one.len(), &draw("audit-1")), (50, &one));
    assert_ne!(draw("audit-2"), one);
    let half = records() / 2;
    assert!(one.iter().any(|seq| *seq < half) && one.iter().any(|seq| *seq > half));
}

#[test]
fn pages_join_to_the_whole_even_while_the_log_grows() {
    let (_dir, ledger) = filled();
    for question in [
        Question { select: vec!["seq".into()], ..Question::of("decision == deny") },
        Question {
            select: vec!["seq".into()],
            order: vec!["-latency_us".into(), "action".into()],
            ..Question::of("severity >= high")
        },
        Question { group: vec!["subject".into()], ..Question::of("decision == deny") },
    ] {
        let pages = |limit: usize, grow: bool| {
            let (mut rows, mut after) = (Vec::new(), None);
            loop {
                let page = Question { limit: Some(limit), after: after.clone(), ..question.clone() };
                let answer = ask(&ledger, &page, &given(&[])).unwrap();
                rows.extend(answer.rows);
                if answer.next.is_none() || rows.len() >= 4_000 {
                    rows.truncate(4_000);
                    return rows;
                }
                after = answer.next;
                if grow {
                    let _receipt = ledger.append_blocking(body(9, records())).unwrap();
                }
            }
        };
        let whole = pages(1_000, false);
        assert!(whole.len() > 200, "{}", whole.len());
        assert_eq!(pages(331, true), whole);
    }
    let question = Question { limit: Some(1), ..Question::of("decision == deny") };
    let after = ask(&ledger, &question, &given(&[])).unwrap().next;
    let other = Question { after, ..Question::of("decision == allow") };
    assert!(matches!(ask(&ledger, &other, &given(&[])), Err(AskError::Cursor)));
}

#[test]
fn a_closed_log_answers_alike_with_and_without_its_index() {
    let (dir, ledger) = filled();
    let question = Question {
        group: vec!["reason".into(), "day".into()],
        limit: Some(1_000),
        ..Question::of("decision == deny")
    };
    let running = ask(&ledger, &question, &given(&[])).unwrap();
    assert!(running.evidence.no_gap.indexed > 0);
    let looked_at = running.evidence.no_gap.read + running.evidence.no_gap.indexed;
    // Who vouches for the records is all that may differ.
    let from_log = Answer {
        evidence: Evidence { no_gap: NoGap { read: looked_at, indexed: 0 }, ..running.evidence.clone() },
        ..running.clone()
    };
    let busy = Reading::open(dir.path()).unwrap();
    assert_eq!(ask(&busy, &question, &given(&[])).unwrap(), from_log);
    ledger.close().unwrap();
    drop(ledger);
    let indexed = Reading::open(dir.path()).unwrap();
    assert_eq!(ask(&indexed, &question, &given(&[])).unwrap(), running);
    drop(indexed);
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let bare = Reading::open(dir.path()).unwrap();
    assert_eq!(ask(&bare, &question, &given(&[])).unwrap(), from_log);
}

#[test]
fn what_is_no_question_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let of = Question::of;
    for (question, part) in [
        (of("decison == deny"), "no value is named `decison`"),
        (of("decision == denied"), "`denied` is not a member of level `decision`"),
        (of("subject"), "a condition is true or false"),
        (of("policy == graph"), "name `revision` or `digest`"),
        (of("subject in group:\"x\""), "membership"),
        (Question { select: vec!["nothing".into()], ..of("") }, "no value is named `nothing`"),
        (Question { select: vec!["seq".into()], group: vec!["seq".into()], ..of("") }, "leave `select` out"),
        (Question { group: vec!["seq".into()], order: vec!["time".into()], ..of("") }, "not `time`"),
        (Question { limit: Some(1_001), ..of("") }, "between 1 and 1000"),
        (Question { after: Some("1.2.3".into()), ..of("") }, "cursor"),
    ] {
        let fault = ask(&ledger, &question, &given(&[])).unwrap_err();
        assert!(fault.is_refusal() && fault.to_string().contains(part), "{question:?}: {fault}");
    }
    for (name, parameters, part) in [
        ("denails", &[][..], "did you mean `denials`"),
        ("agent-decisions", &[], "the parameter `agent` is missing"),
        ("agent-decisions", &[("agnet", "agent:a")], "did you mean `agent`"),
        ("agent-decisions", &[("agent", "a")], "is a `type:id`"),
        ("denials", &[("at_least", "grave")], "is a severity"),
    ] {
        let fault = Named::find(name).and_then(|query| query.ask(&ledger, &given(parameters), None, None));
        assert!(fault.as_ref().is_err_and(|it| it.to_string().contains(part)), "{name}: {fault:?}");
    }
}

#[test]
fn a_name_is_looked_for_under_every_pseudonym() {
    let (_dir, ledger) = filled();
    let alternatives = |it: &remit_audit::Personal<'_>| match (it.field, it.literal) {
        ("subject.id", "alice") => vec!["user-42".to_owned(), "user-43".to_owned()],
        ("actor.id" | "chain.id", "bot") => vec!["agent-7".to_owned()],
        _ => vec![it.literal.to_owned()],
    };
    let given = Given { alternatives: &alternatives, ..Given::at(now()) };
    let count = |text: &str, given: &Given<'_>| {
        ask(&ledger, &Question { group: vec!["kind".into()], ..Question::of(text) }, given).unwrap().matched
    };
    let of_both = count("subject.id == \"user-42\" or subject.id == \"user-43\"", &Given::at(now()));
    assert!(of_both > Some(0));
    for text in [
        "subject == user:alice",
        "subject.id == \"alice\"",
        "subject in [user:alice]",
        "subject.id in [\"alice\"]",
    ] {
        assert_eq!(count(text, &given), of_both, "{text}");
    }
    let of_agent = count("chain has agent:\"agent-7\"", &Given::at(now()));
    for text in [
        "chain has agent:bot",
        "chain.id has \"bot\"",
        "any link in chain: link.id == \"bot\"",
        "any link in chain: link == agent:bot",
    ] {
        assert_eq!(count(text, &given), of_agent, "{text}");
    }
    assert_eq!(count("subject == agent:alice", &given), Some(0));
}

#[test]
fn incidents_are_found_by_their_grade_until_they_are_disclosed() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    let incident = |id: &str, event: &str, grade: &str, disclosure: &str| {
        let record = serde_json::json!({
            "denied_by": ["bank.tenant_wall@1"], "description": "x", "disclosure": disclosure, "event": event,
            "failure_mode": "policy denied", "form": "VI", "grade": grade, "id": id, "impact": "{}",
            "occurred": "2026-06-01T00:00:00.000Z", "pep": "gateway", "policy": { "digest": "ab", "revision": 3 },
            "recurrence": 1, "reporter": "remit", "severity": "high", "stakeholders": "internal",
            "time": "2026-06-01T00:00:00.000Z", "use_case": "transfer",
        });
        let body = Body::Incident(Box::new(serde_json::from_value(record).unwrap()));
        let _receipt = ledger.append_blocking(body).unwrap();
    };
    incident("i-1", "detected", "critical", "due");
    incident("i-2", "detected", "low", "none");
    incident("i-3", "reported", "high", "due");
    incident("i-1", "disclosed", "critical", "made");
    assert_eq!(listed(&ledger, "incidents", &[]), [0, 2]);
    assert_eq!(listed(&ledger, "incidents", &[("at_least", "low"), ("used_for", "transfer")]), [0, 2, 1]);
    let open = counted(&ledger, "disclosures", 0, &[]);
    assert_eq!(open.keys().filter(|key| key.starts_with("\"i-3\" \"due\"")).count(), 1, "{open:?}");
    let by_rule = ask(&ledger, &Question::of("denied_by has \"bank.tenant_wall@1\""), &given(&[])).unwrap();
    assert_eq!(by_rule.rows.len(), 4);
}
