//! Conditions mean here what they mean in policies: random ones are also put to the engine, as `when` of a rule.

use std::sync::Arc;

use proptest::prelude::*;
use remit_engine::{Bound, Query, decides, lower};
use remit_graph::GraphBuilder;
use remit_lang::source::Sources;
use remit_ledger::Column;
use remit_model::{Number, Timestamp, Value};

use super::Eval;
use crate::cells::Cells;
use crate::lower::Lower;
use crate::vocabulary::Words;

const NOW: &str = "2026-06-01T00:00:00Z";

/// The record's fields that both sides have; `_` stands for `context.` on the side of the engine.
const DECLARED: &str = r"
level decision { deny < allow }
entity user { }
entity doc { }
action read on doc
action write on doc
context { reason: string?, pep: string?, latency_us: int?, revision: int?, time: time?, decision: decision?
  rules: set<string>?, missing: set<string>? }
";

#[derive(Debug, Clone, Default)]
struct Facts {
    reason: Option<&'static str>,
    pep: Option<&'static str>,
    latency: Option<i64>,
    revision: Option<i64>,
    days_ago: Option<i64>,
    decision: Option<&'static str>,
    lists: Option<(Vec<&'static str>, Vec<&'static str>)>,
}

impl Facts {
    fn time_ms(&self) -> Option<i64> {
        let now = Timestamp::parse(NOW).unwrap().unix_nanos() / 1_000_000;
        self.days_ago.map(|days| i64::try_from(now).unwrap() - days * 86_400_000)
    }

    fn context(&self) -> Vec<(&'static str, Value)> {
        let set = |items: &[&str]| Value::Set(items.iter().map(|it| Value::string(it)).collect());
        let time = self.time_ms().map(|ms| Timestamp::from_unix_nanos(i128::from(ms) * 1_000_000).unwrap());
        let mut all = vec![
            ("reason", self.reason.map(Value::string)),
            ("pep", self.pep.map(Value::string)),
            ("latency_us", self.latency.map(|it| Value::Number(Number::from(it)))),
            ("revision", self.revision.map(|it| Value::Number(Number::from(it)))),
            ("time", time.map(Value::Time)),
            ("decision", self.decision.map(Value::string)),
        ];
        all.extend(
            self.lists
                .iter()
                .flat_map(|(rules, missing)| [("rules", Some(set(rules))), ("missing", Some(set(missing)))]),
        );
        all.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
    }
}

impl Cells for Facts {
    fn text(&self, column: Column) -> Option<&str> {
        match column {
            Column::Kind => self.lists.as_ref().map(|_| "decision"),
            Column::Reason => self.reason,
            Column::Pep => self.pep,
            Column::Decision => self.decision,
            _ => None,
        }
    }

    fn number(&self, column: Column) -> Option<i64> {
        match column {
            Column::Latency => self.latency,
            Column::Revision => self.revision,
            Column::Time => self.time_ms(),
            _ => None,
        }
    }

    fn count(&self, column: Column) -> usize {
        self.list(column).map_or(0, Vec::len)
    }

    fn one_of(&self, column: Column, at: usize) -> Option<&str> {
        self.list(column)?.get(at).copied()
    }
}

impl Facts {
    fn list(&self, column: Column) -> Option<&Vec<&'static str>> {
        match (column, &self.lists) {
            (Column::Rules, Some((rules, _))) => Some(rules),
            (Column::Missing, Some((_, missing))) => Some(missing),
            _ => None,
        }
    }
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "ab", "b", "forbidden"])
}

fn facts() -> impl Strategy<Value = Facts> {
    let lists = prop::option::of((prop::collection::vec(word(), 0..3), prop::collection::vec(word(), 0..3)));
    let numbers = (prop::option::of(0..4_i64), prop::option::of(0..4_i64), prop::option::of(0..9_i64));
    let decision = prop::option::of(prop::sample::select(vec!["deny", "allow"]));
    (prop::option::of(word()), prop::option::of(word()), numbers, decision, lists).prop_map(
        |(reason, pep, (latency, revision, days_ago), decision, lists)| Facts {
            reason,
            pep,
            latency,
            revision,
            days_ago,
            decision,
            lists,
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just("_reason".to_owned()), Just("_pep".to_owned()), word().prop_map(|it| format!("{it:?}"))]
}

fn number() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        Just("_latency_us".to_owned()),
        Just("_revision".to_owned()),
        Just("count(_rules)".to_owned()),
        (0..4_i64).prop_map(|it| it.to_string()),
    ];
    (plain.clone(), prop::sample::select(vec!["+", "-", "*"]), plain.clone(), any::<bool>())
        .prop_map(|(a, op, b, both)| if both { format!("({a} {op} {b})") } else { a })
}

fn set() -> impl Strategy<Value = String> {
    let listed = prop::collection::vec(text(), 1..3).prop_map(|items| format!("[{}]", items.join(", ")));
    prop_oneof![Just("_rules".to_owned()), Just("_missing".to_owned()), listed]
}

fn atom() -> impl Strategy<Value = String> {
    let compared = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let texts = prop::sample::select(vec!["==", "!=", "<", "starts with", "ends with", "contains"]);
    let sets = prop::sample::select(vec!["has any", "has all", "==", "!="]);
    let present = prop::sample::select(vec!["present", "missing"]);
    let any_field = prop::sample::select(vec!["_reason", "_latency_us", "_time", "_decision", "_rules"]);
    prop_oneof![
        (text(), texts, text()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (number(), compared.clone(), number()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (compared.clone(), 0..9_i64).prop_map(|(op, days)| format!("_time {op} now - {days}d")),
        (compared, word()).prop_map(|(op, _)| format!("_decision {op} deny")),
        (set(), sets, set()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (set(), text()).prop_map(|(a, b)| format!("{a} has {b}")),
        (text(), set()).prop_map(|(a, b)| format!("{a} in {b}")),
        (any_field, present).prop_map(|(a, it)| format!("{a} is {it}")),
        text().prop_map(|a| format!("{a} matches r\"^a\"")),
        (set(), text()).prop_map(|(a, b)| format!("(any x in {a}: x == {b})")),
        (set(), text()).prop_map(|(a, b)| format!("(all x in {a}: x starts with {b})")),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    atom().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.clone().prop_map(|a| format!("(not {a})")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("(if {a} then {b} else {c})")),
        ]
    })
}

/// Both readings of a condition; none when the language refuses it, which both must then do.
fn both(condition: &str, facts: &Facts) -> (Option<Option<bool>>, Option<Option<bool>>) {
    let now = Timestamp::parse(NOW).unwrap();
    let text = condition.replace('_', "").replace("latencyus", "latency_us");
    let words = Words::Plain;
    let own = words.condition(&text).ok().map(|expr| {
        let schema = words.vocabulary().unwrap().schema();
        let alternatives = |it: &crate::Personal<'_>| vec![it.literal.to_owned()];
        let lower = Lower { schema, now, parameters: &[], alternatives: &alternatives, text: &text };
        let node = lower.node(&expr).unwrap();
        Eval::new(facts, schema).truth(&node)
    });
    let spelled = condition
        .replace("_latency_us", "_latencyus")
        .replace('_', "context.")
        .replace("latencyus", "latency_us");
    let mut sources = Sources::default();
    let rules = format!(
        "{DECLARED}\npermit yes to read on doc when {spelled}\npermit no to write on doc when not ({spelled})\n"
    );
    sources.add("p.ibac", rules);
    let engine = remit_lang::compile(&sources).ok().map(|(policies, _)| {
        let program = Arc::new(lower(&policies).unwrap());
        let graph = Arc::new(GraphBuilder::new(program.schema().clone()).freeze(1));
        let bound = remit_engine::Program::bind(program, graph);
        let context = facts.context();
        let holds = |action: &'static str| {
            let bound: &Bound = &bound;
            let query =
                Query { context: &context, ..Query::new(bound, ("user", "u"), action, ("doc", "d"), now) };
            decides(bound, &query)
        };
        match (holds("read"), holds("write")) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    });
    (own, engine)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("REMIT_FULL").is_some() { 20_000 } else { 400 }))]

    #[test]
    fn conditions_mean_what_they_mean_in_policies(condition in condition(), facts in facts()) {
        let (own, engine) = both(&condition, &facts);
        prop_assert_eq!(own, engine, "{}", condition);
    }
}

#[test]
fn known_conditions_have_known_values() {
    let facts = Facts {
        reason: Some("ab"),
        decision: Some("deny"),
        lists: Some((vec!["a", "b"], vec![])),
        days_ago: Some(3),
        ..Facts::default()
    };
    for (condition, expected) in [
        ("_decision == deny", Some(true)),
        ("_decision == deny and _time >= now - 4d", Some(true)),
        ("_decision == deny and _latency_us > 1", None),
        ("_decision == allow and _latency_us > 1", Some(false)),
        ("_decision == deny or _latency_us > 1", Some(true)),
        ("_latency_us is missing", Some(true)),
        ("_rules has \"a\"", Some(true)),
        ("_rules has _pep", None),
        ("_missing == []", Some(true)),
        ("count(_rules) == 2", Some(true)),
        ("any x in _rules: x == _pep", None),
        ("all x in _missing: x == _pep", Some(true)),
    ] {
        let (own, engine) = both(condition, &facts);
        assert_eq!((own, engine), (Some(expected), Some(expected)), "{condition}");
    }
}
