//! Groups: how many records have the same values, and which of them are the first and the last.

use std::collections::HashMap;

use remit_ledger::{Column, Row, Step};
use serde_json::Value;

use crate::eval::Eval;
use crate::limits::GROUPS;
use crate::list::{holds, single};
use crate::lower::Node;
use crate::order::{Key, Ranked};
use crate::plan::{Plan, Rank};
use crate::val::Val;

/// Groups found so far, by the bytes of their values.
#[derive(Default)]
pub(crate) struct Groups {
    groups: HashMap<Vec<u8>, Group>,
    /// Built anew for each record, kept for its room.
    bytes: Vec<u8>,
    pub matched: u64,
    pub overflow: bool,
}

struct Group {
    values: Vec<(Value, Key)>,
    count: u64,
    first: u64,
    last: u64,
    first_time: Option<i64>,
    last_time: Option<i64>,
}

impl Groups {
    pub(crate) fn visit(&mut self, plan: &Plan, row: &Row<'_>) -> Step {
        let eval = Eval::new(row, &plan.schema);
        let conditions = if row.is_whole() { &plan.conditions } else { &plan.early };
        if !holds(&eval, conditions) {
            return Step::Next;
        }
        if !row.is_whole() && !plan.from_index {
            return Step::Read;
        }
        self.matched += 1;
        let mut values: Vec<Vec<Val<'_>>> = Vec::with_capacity(plan.shown.len());
        for (_, node) in &plan.shown {
            values.push(alternatives(&eval, node));
        }
        let mut chosen = Vec::with_capacity(values.len());
        self.count(&eval, row, &values, &mut chosen);
        if self.overflow { Step::Stop } else { Step::Next }
    }

    /// Counts the record for every choice of one value of each.
    fn count<'a>(
        &mut self,
        eval: &Eval<'a>,
        row: &Row<'_>,
        values: &[Vec<Val<'a>>],
        chosen: &mut Vec<Val<'a>>,
    ) {
        if let Some((own, rest)) = values.split_first() {
            for value in own {
                chosen.push(*value);
                self.count(eval, row, rest, chosen);
                chosen.pop();
            }
            return;
        }
        self.bytes.clear();
        for value in chosen.iter() {
            spell(*value, &mut self.bytes);
        }
        let time = row.number(Column::Time);
        if let Some(group) = self.groups.get_mut(&self.bytes) {
            group.count += 1;
            group.last = row.seq();
            group.first_time = group.first_time.min(time);
            group.last_time = group.last_time.max(time);
            return;
        }
        if self.groups.len() >= GROUPS {
            self.overflow = true;
            return;
        }
        let values = chosen.iter().map(|value| (single(eval, *value), Key::of(*value))).collect();
        let (first, last) = (row.seq(), row.seq());
        let group = Group { values, count: 1, first, last, first_time: time, last_time: time };
        self.groups.insert(self.bytes.clone(), group);
    }

    /// The rows in order: as asked, else the largest first.
    pub(crate) fn rows(self, plan: &Plan) -> Vec<Vec<Value>> {
        let by_count = [(Rank::Count, true)];
        let ranks = if plan.ranks.is_empty() { &by_count[..] } else { &plan.ranks };
        let mut ranked: Vec<Ranked<u64>> = Vec::with_capacity(self.groups.len());
        let mut rows: HashMap<u64, Vec<Value>> = HashMap::with_capacity(self.groups.len());
        for (nth, group) in (0_u64..).zip(self.groups.into_values()) {
            let number = |it: u64| Key::Number(i64::try_from(it).unwrap_or(i64::MAX).into());
            let mut keys: Vec<(Key, bool)> = ranks
                .iter()
                .map(|(rank, down)| {
                    let key = match rank {
                        Rank::Count => number(group.count),
                        Rank::First => number(group.first),
                        Rank::Last => number(group.last),
                        Rank::Shown(at) => group.values.get(*at).map_or(Key::Nothing, |it| it.1.clone()),
                    };
                    (key, *down)
                })
                .collect();
            // The values themselves make the order complete, and so every page the same.
            keys.extend(group.values.iter().map(|(_, key)| (key.clone(), false)));
            ranked.push(Ranked { keys, item: nth });
            let mut row: Vec<Value> = group.values.into_iter().map(|(value, _)| value).collect();
            row.extend([group.count, group.first, group.last].map(Value::from));
            row.extend([group.first_time, group.last_time].map(shown_time));
            rows.insert(nth, row);
        }
        ranked.sort();
        ranked.into_iter().filter_map(|one| rows.remove(&one.item)).collect()
    }
}

/// The titles that follow those of the values.
pub(crate) const COUNTED: [&str; 5] = ["count", "first", "last", "first_time", "last_time"];

fn shown_time(ms: Option<i64>) -> Value {
    ms.map_or(Value::Null, |ms| Value::String(remit_ledger::Timestamp::from_unix_ms(ms).to_string()))
}

/// The elements of a set, or the one value; a set without elements is one missing value.
fn alternatives<'a>(eval: &Eval<'a>, node: &'a Node) -> Vec<Val<'a>> {
    if !node.is_set() {
        return vec![eval.value(node)];
    }
    let mut items: Vec<Val<'a>> = Vec::new();
    let _stream = eval.each(node, &mut |item, _| {
        if !items.contains(&item) {
            items.push(item);
        }
        true
    });
    if items.is_empty() { vec![Val::Unknown] } else { items }
}

/// Bytes that are the same for the same value only.
fn spell(value: Val<'_>, into: &mut Vec<u8>) {
    let mut text = |tag: u8, text: &str| {
        into.push(tag);
        into.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        into.extend_from_slice(text.as_bytes());
    };
    match value {
        Val::Unknown => into.push(0),
        Val::Bool(value) => into.extend([1, u8::from(value)]),
        Val::Text(it) => text(2, it),
        Val::Number(number) => text(3, &number.to_string()),
        Val::Time(time) => {
            into.push(4);
            into.extend_from_slice(&time.unix_nanos().to_le_bytes());
        }
        Val::Day(ms) => {
            into.push(5);
            into.extend_from_slice(&ms.div_euclid(86_400_000).to_le_bytes());
        }
        Val::Level(of, rank) => {
            into.push(6);
            into.extend_from_slice(&of.0.to_le_bytes());
            into.extend_from_slice(&rank.to_le_bytes());
        }
        Val::Party { kind, id } => {
            text(7, kind);
            match id {
                Some(id) => text(8, id),
                None => text(9, ""),
            }
        }
        Val::Duration(length) => {
            into.push(10);
            into.extend_from_slice(&length.nanos().to_le_bytes());
        }
        Val::Ip(ip) => text(11, &ip.to_string()),
        Val::OneOf(names) => text(2, names.first().map_or("", |name| name)),
        Val::Named { kind, ids } => {
            text(7, kind);
            text(8, ids.first().map_or("", |id| id));
        }
    }
}
