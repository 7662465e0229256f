//! Answers as Apache Parquet: one file, one row group, typed columns, not compressed. Pure.
//!
//! An answer has a few thousand rows and a handful of types, of which the format needs little: plain values, one page a
//! column, and a footer that names the types. Readers of others (arrow-rs, pyarrow) read it in the tests.

mod thrift;

use std::collections::BTreeSet;

use remit_ledger::Shape;
use remit_model::Timestamp;
use serde_json::Value;

use crate::answer::Answer;
use crate::field;
use crate::group::COUNTED;
use crate::render::plain;
use thrift::{Compact, Of, varint};

const MAGIC: &[u8] = b"PAR1";
const MS_OF_DAY: i128 = 86_400_000;

/// What a column holds. Any cell may be without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    /// Milliseconds since 1970, in UTC.
    Time,
    /// Days since 1970.
    Day,
    Text,
    Texts,
}

/// The answer as a Parquet file. What it rests on stands in the file's own notes, under `remit.evidence`.
#[must_use]
pub fn parquet(answer: &Answer) -> Vec<u8> {
    let mut names = BTreeSet::new();
    let columns: Vec<Built> = (0..answer.columns.len())
        .filter_map(|at| {
            let title = answer.columns.get(at)?;
            let mut name = title.clone();
            while !names.insert(name.clone()) {
                name.push('_');
            }
            let cells: Vec<&Value> =
                answer.rows.iter().map(|row| row.get(at).unwrap_or(&Value::Null)).collect();
            Some(Built::of(name, kind(title, &cells), &cells))
        })
        .collect();
    let mut file = MAGIC.to_vec();
    let places: Vec<usize> = columns
        .iter()
        .map(|column| {
            let place = file.len();
            file.extend_from_slice(&column.page);
            place
        })
        .collect();
    let footer = footer(answer, &columns, &places);
    file.extend_from_slice(&footer);
    file.extend_from_slice(&u32::try_from(footer.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend_from_slice(MAGIC);
    file
}

/// What a column of this title holds: as records are declared, else as its values are.
fn kind(title: &str, cells: &[&Value]) -> Kind {
    let declared = declared(title).into_iter();
    let others = [Kind::Int, Kind::Bool, Kind::Texts];
    let some = cells.iter().any(|cell| !cell.is_null());
    let mut kinds = declared.chain(others.into_iter().filter(|_| some));
    kinds.find(|kind| cells.iter().all(|cell| cell.is_null() || kind.fits(cell))).unwrap_or(Kind::Text)
}

/// What records hold under this name.
fn declared(title: &str) -> Option<Kind> {
    Some(match title {
        "time" | "due" | "first_time" | "last_time" => Kind::Time,
        "day" => Kind::Day,
        "subject" | "actor" | "resource" => Kind::Text,
        "chain" => Kind::Texts,
        _ if COUNTED.contains(&title) => Kind::Int,
        _ => match field::column(title)?.shape() {
            Shape::Text => Kind::Text,
            Shape::Number => Kind::Int,
            Shape::Texts => Kind::Texts,
        },
    })
}

impl Kind {
    fn fits(self, cell: &Value) -> bool {
        match self {
            Self::Bool => cell.is_boolean(),
            Self::Int => cell.is_i64(),
            Self::Time => time(cell).is_some(),
            Self::Day => day(cell).is_some(),
            Self::Text => cell.is_string(),
            Self::Texts => cell.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        }
    }

    /// The physical type: booleans, 32 and 64 bits, bytes.
    fn stored(self) -> i32 {
        match self {
            Self::Bool => 0,
            Self::Day => 1,
            Self::Int | Self::Time => 2,
            Self::Text | Self::Texts => 6,
        }
    }
}

fn time(cell: &Value) -> Option<i64> {
    let at = Timestamp::parse(cell.as_str()?)?;
    i64::try_from(at.unix_nanos().div_euclid(1_000_000)).ok()
}

fn day(cell: &Value) -> Option<i32> {
    let at = Timestamp::parse(cell.as_str().filter(|text| text.len() == 10)?)?;
    i32::try_from(at.unix_nanos().div_euclid(MS_OF_DAY * 1_000_000)).ok()
}

/// A column with its page.
struct Built {
    name: String,
    kind: Kind,
    /// Cells, and of lists their elements.
    entries: usize,
    page: Vec<u8>,
}

impl Built {
    fn of(name: String, kind: Kind, cells: &[&Value]) -> Self {
        let (mut repeated, mut defined) = (Runs::default(), Runs::default());
        let mut values = Values::default();
        for cell in cells {
            match cell {
                Value::Null => {
                    repeated.push(0);
                    defined.push(0);
                }
                Value::Array(items) if kind == Kind::Texts => {
                    repeated.push(0);
                    defined.push(if items.is_empty() { 1 } else { 2 });
                    for (nth, item) in items.iter().enumerate() {
                        if nth > 0 {
                            repeated.push(1);
                            defined.push(2);
                        }
                        values.text(&plain(item));
                    }
                }
                cell => {
                    repeated.push(0);
                    defined.push(1);
                    values.put(kind, cell);
                }
            }
        }
        let entries = defined.entries;
        let mut content = Vec::new();
        if kind == Kind::Texts {
            repeated.finish(&mut content);
        }
        defined.finish(&mut content);
        content.extend_from_slice(&values.finish());
        let size = i32::try_from(content.len()).unwrap_or(i32::MAX);
        let mut header = Compact::new();
        header.int(1, 0);
        header.int(2, size);
        header.int(3, size);
        header.inside(5, |page| {
            page.int(1, i32::try_from(entries).unwrap_or(i32::MAX));
            page.int(2, PLAIN);
            page.int(3, RUNS);
            page.int(4, RUNS);
        });
        Self { name, kind, entries, page: [header.finish(), content].concat() }
    }

    /// The names that lead to the values.
    fn path(&self) -> Vec<&str> {
        if self.kind == Kind::Texts { vec![&self.name, "list", "element"] } else { vec![&self.name] }
    }
}

const PLAIN: i32 = 0;
const RUNS: i32 = 3;

/// Levels, as runs of the same one.
#[derive(Default)]
struct Runs {
    bytes: Vec<u8>,
    last: u8,
    run: u64,
    entries: usize,
}

impl Runs {
    fn push(&mut self, level: u8) {
        if level != self.last {
            self.end();
            self.last = level;
        }
        self.run += 1;
        self.entries += 1;
    }

    fn end(&mut self) {
        if self.run > 0 {
            varint(self.run << 1, &mut self.bytes);
            self.bytes.push(self.last);
            self.run = 0;
        }
    }

    fn finish(mut self, into: &mut Vec<u8>) {
        self.end();
        into.extend_from_slice(&u32::try_from(self.bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        into.extend_from_slice(&self.bytes);
    }
}

/// Values one after the other; truths by the bit.
#[derive(Default)]
struct Values {
    bytes: Vec<u8>,
    truths: usize,
}

impl Values {
    fn put(&mut self, kind: Kind, cell: &Value) {
        match kind {
            Kind::Bool => {
                let bit = self.truths % 8;
                if bit == 0 {
                    self.bytes.push(0);
                }
                if let Some(last) = self.bytes.last_mut() {
                    *last |= u8::from(cell.as_bool() == Some(true)) << bit;
                }
                self.truths += 1;
            }
            Kind::Int => self.bytes.extend_from_slice(&cell.as_i64().unwrap_or_default().to_le_bytes()),
            Kind::Time => self.bytes.extend_from_slice(&time(cell).unwrap_or_default().to_le_bytes()),
            Kind::Day => self.bytes.extend_from_slice(&day(cell).unwrap_or_default().to_le_bytes()),
            Kind::Text | Kind::Texts => self.text(&plain(cell)),
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

fn footer(answer: &Answer, columns: &[Built], places: &[usize]) -> Vec<u8> {
    let mut file = Compact::new();
    file.int(1, 1);
    let elements = columns.iter().map(|it| it.path().len()).sum::<usize>() + 1;
    file.list(2, Of::Struct, elements);
    file.in_list(|root| {
        root.text(4, "answer");
        root.int(5, i32::try_from(columns.len()).unwrap_or(i32::MAX));
    });
    columns.iter().for_each(|column| declare(column, &mut file));
    file.long(3, answer.rows.len());
    file.list(4, Of::Struct, usize::from(!answer.rows.is_empty()));
    if !answer.rows.is_empty() {
        file.in_list(|group| {
            group.list(1, Of::Struct, columns.len());
            for (column, place) in columns.iter().zip(places) {
                group.in_list(|chunk| described(column, *place, chunk));
            }
            group.long(2, columns.iter().map(|it| it.page.len()).sum());
            group.long(3, answer.rows.len());
        });
    }
    let evidence = serde_json::to_string(&answer.evidence).unwrap_or_default();
    let notes = [("remit.evidence", Some(evidence)), ("remit.next", answer.next.clone())];
    let notes: Vec<_> = notes.into_iter().filter_map(|(key, note)| Some((key, note?))).collect();
    file.list(5, Of::Struct, notes.len());
    for (key, note) in notes {
        file.in_list(|pair| {
            pair.text(1, key);
            pair.text(2, &note);
        });
    }
    file.text(6, concat!("remit ", env!("CARGO_PKG_VERSION")));
    file.finish()
}

const REQUIRED: i32 = 0;
const OPTIONAL: i32 = 1;
const REPEATED: i32 = 2;

/// The type of a column: its older name (field 6) and the newer one (field 10).
fn declare(column: &Built, file: &mut Compact) {
    let Kind::Texts = column.kind else {
        return file.in_list(|leaf| value(leaf, column.kind, OPTIONAL, &column.name));
    };
    file.in_list(|list| {
        list.int(3, OPTIONAL);
        list.text(4, &column.name);
        list.int(5, 1);
        list.int(6, 3);
        list.inside(10, |of| of.inside(3, |_| {}));
    });
    file.in_list(|group| {
        group.int(3, REPEATED);
        group.text(4, "list");
        group.int(5, 1);
    });
    file.in_list(|leaf| value(leaf, Kind::Text, REQUIRED, "element"));
}

fn value(leaf: &mut Compact, kind: Kind, repetition: i32, name: &str) {
    leaf.int(1, kind.stored());
    leaf.int(3, repetition);
    leaf.text(4, name);
    match kind {
        Kind::Bool | Kind::Int => {}
        Kind::Text | Kind::Texts => {
            leaf.int(6, 0);
            leaf.inside(10, |of| of.inside(1, |_| {}));
        }
        Kind::Day => {
            leaf.int(6, 6);
            leaf.inside(10, |of| of.inside(6, |_| {}));
        }
        Kind::Time => {
            leaf.int(6, 9);
            leaf.inside(10, |of| {
                of.inside(8, |time| {
                    time.truth(1);
                    time.inside(2, |unit| unit.inside(1, |_| {}));
                });
            });
        }
    }
}

fn described(column: &Built, place: usize, chunk: &mut Compact) {
    chunk.long(2, place);
    chunk.inside(3, |of| {
        of.int(1, column.kind.stored());
        of.list(2, Of::Int, 2);
        of.int_in_list(PLAIN);
        of.int_in_list(RUNS);
        let path = column.path();
        of.list(3, Of::Bytes, path.len());
        path.iter().for_each(|name| of.text_in_list(name));
        of.int(4, 0);
        of.long(5, column.entries);
        of.long(6, column.page.len());
        of.long(7, column.page.len());
        of.long(9, place);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members of `context` in the vocabulary of records, with their types.
    fn members() -> Vec<(&'static str, &'static str)> {
        let text = include_str!("record.ibac");
        let (_, context) = text.split_once("context {").unwrap();
        context.lines().filter_map(|line| line.trim().split_once(": ")).collect()
    }

    #[test]
    fn a_column_has_the_type_that_records_declare() {
        assert!(members().len() > 50);
        for (name, ty) in members() {
            let expected = match (name, ty) {
                ("day", _) => Some(Kind::Day),
                (_, "state" | "candidate") => None,
                (_, "time") => Some(Kind::Time),
                (_, "int") => Some(Kind::Int),
                (_, ty) if ty.starts_with("set<") => Some(Kind::Texts),
                _ => Some(Kind::Text),
            };
            assert_eq!(declared(name), expected, "{name}: {ty}");
        }
        assert_eq!(declared("policy.revision"), Some(Kind::Int));
        assert_eq!(declared("subject.id"), Some(Kind::Text));
        assert_eq!(declared("count"), Some(Kind::Int));
    }

    #[test]
    fn other_columns_have_the_type_of_their_values_and_no_value_is_forced() {
        let of = |title: &str, cells: &[Value]| kind(title, &cells.iter().collect::<Vec<_>>());
        assert_eq!(of("a + 1", &[Value::from(1), Value::Null]), Kind::Int);
        assert_eq!(of("a > 1", &[Value::from(true)]), Kind::Bool);
        assert_eq!(of("a", &[Value::from(vec!["x"]), Value::from(Vec::<&str>::new())]), Kind::Texts);
        assert_eq!(of("a", &[Value::from(1), Value::from("x")]), Kind::Text);
        assert_eq!(of("a", &[Value::Null]), Kind::Text);
        assert_eq!(of("seq", &[Value::Null]), Kind::Int);
        assert_eq!(of("rules", &[Value::from("one of a group")]), Kind::Text);
        assert_eq!(of("time", &[Value::from("not a time")]), Kind::Text);
    }
}
