//! Lists: which records a condition selects, in which order, and what is shown of them.

use std::cmp::Ordering;

use remit_ledger::{Row, Step};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cells::Cells;
use crate::eval::{Eval, Stream, and};
use crate::lower::Node;
use crate::order::{First, Key, Ranked, party};
use crate::plan::Plan;
use crate::val::{Val, day};

/// What is wanted of a list.
pub(crate) struct Wanted<'a> {
    pub plan: &'a Plan,
    /// So many records are kept; more tell that another page follows.
    pub most: usize,
    /// Random order under this seed.
    pub seed: Option<&'a str>,
}

/// Records found so far.
pub(crate) struct Found {
    first: First<Item>,
    in_order: Vec<Item>,
    pub matched: u64,
    pub stopped: bool,
}

/// A record of the list.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub seq: u64,
    /// What is shown of it, once it was read whole.
    pub row: Option<Vec<Value>>,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.seq == other.seq
    }
}

impl Eq for Item {}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seq.cmp(&other.seq)
    }
}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Wanted<'_> {
    pub(crate) fn begin(&self) -> Found {
        Found { first: First::new(self.most), in_order: Vec::new(), matched: 0, stopped: false }
    }

    /// Whether the list has the order of the log, so that it may end early.
    pub(crate) fn is_plain(&self) -> bool {
        self.plan.order.is_empty() && self.seed.is_none()
    }

    pub(crate) fn visit(&self, found: &mut Found, row: &Row<'_>) -> Step {
        let eval = Eval::new(row, &self.plan.schema);
        let conditions = if row.is_whole() { &self.plan.conditions } else { &self.plan.early };
        if !holds(&eval, conditions) {
            return Step::Next;
        }
        if !row.is_whole() && !self.plan.from_index {
            return Step::Read;
        }
        found.matched += 1;
        let item = Item { seq: row.seq(), row: None };
        let whole = || row.is_whole().then(|| shown(self.plan, &eval));
        if self.is_plain() {
            found.in_order.push(Item { row: whole(), ..item });
            found.stopped = found.in_order.len() >= self.most;
            return if found.stopped { Step::Stop } else { Step::Next };
        }
        let mut keys: Vec<(Key, bool)> =
            self.plan.order.iter().map(|(node, down)| (Key::of(eval.value(node)), *down)).collect();
        keys.extend(self.seed.map(|seed| (Key::Hash(draw(seed, row.seq())), false)));
        let mut one = Ranked { keys, item };
        if found.first.wants(&one) {
            one.item.row = whole();
            found.first.take(one);
        }
        Step::Next
    }
}

impl Found {
    /// The records in order.
    pub(crate) fn records(self) -> Vec<Item> {
        if self.in_order.is_empty() { self.first.sorted() } else { self.in_order }
    }
}

/// The lot of a record: SHA-256 of `remit sample`, the seed and the record's number in decimal, a line each.
fn draw(seed: &str, seq: u64) -> [u8; 32] {
    Sha256::digest(format!("remit sample\n{seed}\n{seq}\n")).into()
}

/// Whether all conditions certainly hold.
pub(crate) fn holds<'a>(eval: &Eval<'a>, conditions: &'a [Node]) -> bool {
    let mut all = Some(true);
    for condition in conditions {
        all = and(all, eval.truth(condition));
        if all != Some(true) {
            return false;
        }
    }
    true
}

/// The row of a record that was read whole; none when the condition does not select it.
pub(crate) fn row(plan: &Plan, cells: &dyn Cells) -> Option<Vec<Value>> {
    let eval = Eval::new(cells, &plan.schema);
    holds(&eval, &plan.conditions).then(|| shown(plan, &eval))
}

fn shown<'a>(plan: &'a Plan, eval: &Eval<'a>) -> Vec<Value> {
    plan.shown.iter().map(|(_, node)| show(eval, node)).collect()
}

/// A value as it is shown; nothing for what is unknown.
pub(crate) fn show<'a>(eval: &Eval<'a>, node: &'a Node) -> Value {
    if !node.is_set() {
        return single(eval, eval.value(node));
    }
    let mut items = Vec::new();
    let stream = eval.each(node, &mut |item, _| {
        items.push(single(eval, item));
        true
    });
    if stream == Stream::Incomplete && items.is_empty() { Value::Null } else { Value::Array(items) }
}

pub(crate) fn single(eval: &Eval<'_>, value: Val<'_>) -> Value {
    match value {
        Val::Unknown => Value::Null,
        Val::Bool(value) => Value::Bool(value),
        Val::Number(value) => value.to_i64().map_or_else(|| Value::String(value.to_string()), Value::from),
        Val::Text(text) => Value::from(text),
        Val::OneOf(names) => names.first().map_or(Value::Null, |name| Value::from(&**name)),
        Val::Time(time) => Value::String(time.to_string()),
        Val::Day(ms) => Value::String(day(ms)),
        Val::Duration(length) => Value::String(length.to_string()),
        Val::Ip(ip) => Value::String(ip.to_string()),
        Val::Level(of, rank) => {
            let member = eval.schema.level(of).and_then(|level| level.members.get(usize::from(rank)));
            member.map_or(Value::Null, |name| Value::from(name.as_str()))
        }
        Val::Party { kind, id } => Value::String(party(kind, id)),
        Val::Named { kind, ids } => Value::String(party(kind, ids.first().map(|id| &**id))),
    }
}
