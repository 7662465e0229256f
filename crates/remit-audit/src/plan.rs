//! What has to be looked at to answer a question: which columns, which stretch of the log, and which parts of the
//! condition the index alone can judge.

use std::ops::Range;
use std::sync::Arc;

use remit_lang::checked::Comparison;
use remit_ledger as ledger;
use remit_ledger::{Column, Scan};
use remit_model::{Schema, Timestamp, Value};

use crate::error::AskError;
use crate::field::Field;
use crate::given::Alternatives;
use crate::lower::{Const, Lower, Node};
use crate::question::Question;
use crate::vocabulary::Words;

/// A question, ready to run.
pub(crate) struct Plan {
    pub schema: Arc<Schema>,
    /// All must hold.
    pub conditions: Vec<Node>,
    /// Those of them that the columns of the index can judge.
    pub early: Vec<Node>,
    /// What rows show, or are grouped by.
    pub shown: Vec<(String, Node)>,
    /// What rows are ordered by, and whether it is turned round.
    pub order: Vec<(Node, bool)>,
    /// Orders of groups by what is counted.
    pub ranks: Vec<(Rank, bool)>,
    pub scan: Scan,
    /// Whether a record from the index can be judged and ranked without its whole.
    pub from_index: bool,
}

/// What groups are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    Count,
    First,
    Last,
    /// One of the values grouped by.
    Shown(usize),
}

impl Plan {
    /// Reads the texts of a question. Parameters: name, type in the words of the language, value and whether it is given.
    pub(crate) fn of(
        question: &Question,
        words: &Words,
        parameters: &[(String, Value, bool)],
        now: Timestamp,
        alternatives: &Alternatives<'_>,
    ) -> Result<Self, AskError> {
        let schema = words.vocabulary()?.schema().clone();
        let lower =
            |text: &str, expr| Lower { schema: &schema, now, parameters, alternatives, text }.node(&expr);
        let value = |what: &str, text: &str| lower(text, words.value(what, text)?);
        let conditions = match question.condition.trim() {
            "" => Vec::new(),
            text => match lower(text, words.condition(text)?)? {
                Node::And(parts) => parts,
                Node::Const(Const::Bool(true)) => Vec::new(),
                other => vec![other],
            },
        };
        let grouped = !question.group.is_empty();
        let titles = if grouped { question.group.clone() } else { question.shown() };
        let shown: Vec<(String, Node)> = titles
            .into_iter()
            .map(|title| value(if grouped { "group" } else { "select" }, &title).map(|node| (title, node)))
            .collect::<Result<_, _>>()?;
        let (mut order, mut ranks) = (Vec::new(), Vec::new());
        for text in &question.order {
            let (down, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
            if grouped {
                ranks.push((rank(text, &shown)?, down));
            } else {
                order.push((value("order", text)?, down));
            }
        }
        let is_kept = |node: &&Node| columns(&[node]).iter().all(|column| column.is_kept());
        let early: Vec<Node> = conditions.iter().filter(is_kept).cloned().collect();
        let ranking: Vec<&Node> = order
            .iter()
            .map(|(node, _)| node)
            .chain(shown.iter().map(|(_, node)| node).filter(|_| grouped))
            .collect();
        let from_index = early.len() == conditions.len() && ranking.iter().all(is_kept);
        let mut needed = columns(&early.iter().collect::<Vec<_>>());
        if from_index {
            needed.extend(columns(&ranking));
            if grouped {
                needed.push(Column::Time);
            }
        }
        needed.sort_unstable();
        needed.dedup();
        let (from, to) = times(&conditions);
        let decision_id = decision_id(&conditions, &schema);
        let scan = Scan { from, to, range: None, columns: needed, decision_id, from_log: false };
        Ok(Self { schema, conditions, early, shown, order, ranks, scan, from_index })
    }

    /// The scan over a stretch of the log, as far as the condition speaks of numbers.
    pub(crate) fn over(&self, range: Range<u64>) -> Scan {
        let mut range = range;
        for condition in &self.conditions {
            let Node::Compare(comparison, field, bound) = condition else { continue };
            let (Node::One(Field::Number(Column::Seq)), Node::Const(Const::Number(bound))) =
                (&**field, &**bound)
            else {
                continue;
            };
            let Some(bound) = bound.to_i64().and_then(|bound| u64::try_from(bound).ok()) else { continue };
            match comparison {
                Comparison::Equal => range = range.start.max(bound)..range.end.min(bound.saturating_add(1)),
                Comparison::GreaterOrEqual => range.start = range.start.max(bound),
                Comparison::Greater => range.start = range.start.max(bound.saturating_add(1)),
                Comparison::Less => range.end = range.end.min(bound),
                Comparison::LessOrEqual => range.end = range.end.min(bound.saturating_add(1)),
                Comparison::NotEqual => {}
            }
        }
        range.end = range.end.max(range.start);
        Scan { range: Some(range), ..self.scan.clone() }
    }
}

/// The id, when only the decision of this id can be selected: other kinds of records may name it, too.
fn decision_id(conditions: &[Node], schema: &Schema) -> Option<String> {
    let equal = |condition: &Node| match condition {
        Node::Compare(Comparison::Equal, a, b) => match (&**a, &**b) {
            (Node::One(field), Node::Const(value)) | (Node::Const(value), Node::One(field)) => {
                Some((field.clone(), value.clone()))
            }
            _ => None,
        },
        _ => None,
    };
    let level = schema.level_id("kind")?;
    let rank = schema.level(level)?.rank("decision")?;
    let of_kind = (Field::Level(level, Column::Kind), Const::Level(level, rank));
    let equals: Vec<_> = conditions.iter().filter_map(equal).collect();
    equals.iter().find(|it| **it == of_kind)?;
    equals.into_iter().find_map(|it| match it {
        (Field::Text(Column::DecisionId), Const::Text(id)) => Some(id.to_string()),
        _ => None,
    })
}

fn rank(text: &str, shown: &[(String, Node)]) -> Result<Rank, AskError> {
    let place = shown.iter().position(|(title, _)| title == text);
    Ok(match text {
        "count" => Rank::Count,
        "first" => Rank::First,
        "last" => Rank::Last,
        _ => Rank::Shown(place.ok_or_else(|| {
            AskError::Invalid(format!(
                "groups are ordered by `count`, `first`, `last` or what they are grouped by, not `{text}`"
            ))
        })?),
    })
}

fn columns(nodes: &[&Node]) -> Vec<Column> {
    let mut columns = Vec::new();
    nodes.iter().for_each(|node| node.columns(&mut columns));
    columns
}

/// The stretch of time outside of which no record can be selected.
fn times(conditions: &[Node]) -> (Option<ledger::Timestamp>, Option<ledger::Timestamp>) {
    let (mut from, mut to) = (None, None);
    for condition in conditions {
        let Node::Compare(comparison, a, b) = condition else { continue };
        let (comparison, bound) = match (&**a, &**b) {
            (Node::One(Field::Time), Node::Const(Const::Time(bound))) => (*comparison, bound),
            (Node::Const(Const::Time(bound)), Node::One(Field::Time)) => (turned(*comparison), bound),
            _ => continue,
        };
        // WHY: the log counts milliseconds; a bound is widened to whole ones, the condition itself stays exact.
        let at = ms(*bound);
        match comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => from = from.max(Some(at)),
            Comparison::Less | Comparison::LessOrEqual => to = earlier(to, later(at)),
            Comparison::Equal => {
                from = from.max(Some(at));
                to = earlier(to, later(at));
            }
            Comparison::NotEqual => {}
        }
    }
    (from, to)
}

fn earlier(a: Option<ledger::Timestamp>, b: ledger::Timestamp) -> Option<ledger::Timestamp> {
    Some(a.map_or(b, |a| a.min(b)))
}

fn later(at: ledger::Timestamp) -> ledger::Timestamp {
    ledger::Timestamp::from_unix_ms(at.unix_ms().saturating_add(1))
}

fn ms(at: Timestamp) -> ledger::Timestamp {
    let ms = at.unix_nanos().div_euclid(1_000_000);
    ledger::Timestamp::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}
