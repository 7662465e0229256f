//! Answers as Apache Parquet: one file, one row group, typed columns, not compressed. Pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Stored};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use remit_ledger::Shape;
use remit_model::Timestamp;
use serde_json::Value;

use crate::answer::Answer;
use crate::error::Unwritten;
use crate::field;
use crate::group::COUNTED;
use crate::render::plain;

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
///
/// # Errors
/// The format has no place for it.
pub fn parquet(answer: &Answer) -> Result<Vec<u8>, Unwritten> {
    write(answer).map_err(|error| Unwritten(error.to_string()))
}

fn write(answer: &Answer) -> Result<Vec<u8>, ParquetError> {
    let mut names = BTreeSet::new();
    let mut columns = Vec::with_capacity(answer.columns.len());
    for (at, title) in answer.columns.iter().enumerate() {
        let mut name = title.clone();
        while !names.insert(name.clone()) {
            name.push('_');
        }
        let cells: Vec<&Value> = answer.rows.iter().map(|row| row.get(at).unwrap_or(&Value::Null)).collect();
        columns.push((name, kind(title, &cells), cells));
    }
    let fields =
        columns.iter().map(|(name, kind, _)| declare(name, *kind).map(Arc::new)).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("answer").with_fields(fields).build()?;
    let properties = WriterProperties::builder()
        .set_created_by(concat!("remit ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_key_value_metadata(Some(notes(answer)))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    if !answer.rows.is_empty() {
        let mut group = file.next_row_group()?;
        for (_, kind, cells) in &columns {
            let open = group.next_column()?;
            fill(open.ok_or_else(|| ParquetError::EOF("a column".to_owned()))?, *kind, cells)?;
        }
        group.close()?;
    }
    file.into_inner()
}

fn notes(answer: &Answer) -> Vec<KeyValue> {
    let evidence = serde_json::to_string(&answer.evidence).unwrap_or_default();
    let next = answer.next.clone().map(|next| KeyValue::new("remit.next".to_owned(), next));
    std::iter::once(KeyValue::new("remit.evidence".to_owned(), evidence)).chain(next).collect()
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
}

fn time(cell: &Value) -> Option<i64> {
    let at = Timestamp::parse(cell.as_str()?)?;
    i64::try_from(at.unix_nanos().div_euclid(1_000_000)).ok()
}

fn day(cell: &Value) -> Option<i32> {
    let at = Timestamp::parse(cell.as_str().filter(|text| text.len() == 10)?)?;
    i32::try_from(at.unix_nanos().div_euclid(MS_OF_DAY * 1_000_000)).ok()
}

/// The type of a column; a list is made of the three levels that readers know lists by.
fn declare(name: &str, kind: Kind) -> Result<Type, ParquetError> {
    let leaf = |name: &str, repetition, stored, logical| {
        Type::primitive_type_builder(name, stored)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()
    };
    let optional = |stored, logical| leaf(name, Repetition::OPTIONAL, stored, logical);
    match kind {
        Kind::Bool => optional(Stored::BOOLEAN, None),
        Kind::Int => optional(Stored::INT64, None),
        Kind::Time => optional(Stored::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Day => optional(Stored::INT32, Some(LogicalType::Date)),
        Kind::Text => optional(Stored::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Texts => {
            let element =
                leaf("element", Repetition::REQUIRED, Stored::BYTE_ARRAY, Some(LogicalType::String))?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}

fn fill(mut open: SerializedColumnWriter<'_>, kind: Kind, cells: &[&Value]) -> Result<(), ParquetError> {
    let there = || cells.iter().copied().filter(|cell| !cell.is_null());
    let defined: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_null())).collect();
    match open.untyped() {
        ColumnWriter::BoolColumnWriter(column) => {
            let values: Vec<bool> = there().map(|cell| cell.as_bool() == Some(true)).collect();
            column.write_batch(&values, Some(&defined), None)?;
        }
        ColumnWriter::Int32ColumnWriter(column) => {
            let values: Vec<i32> = there().map(|cell| day(cell).unwrap_or_default()).collect();
            column.write_batch(&values, Some(&defined), None)?;
        }
        ColumnWriter::Int64ColumnWriter(column) => {
            let of = |cell: &Value| if kind == Kind::Time { time(cell) } else { cell.as_i64() };
            let values: Vec<i64> = there().map(|cell| of(cell).unwrap_or_default()).collect();
            column.write_batch(&values, Some(&defined), None)?;
        }
        ColumnWriter::ByteArrayColumnWriter(column) if kind == Kind::Texts => {
            let texts = Texts::of(cells);
            column.write_batch(&texts.values, Some(&texts.defined), Some(&texts.repeated))?;
        }
        ColumnWriter::ByteArrayColumnWriter(column) => {
            let values: Vec<ByteArray> = there().map(bytes).collect();
            column.write_batch(&values, Some(&defined), None)?;
        }
        _ => return Err(ParquetError::NYI(format!("a column of {kind:?}"))),
    }
    open.close()
}

fn bytes(cell: &Value) -> ByteArray {
    ByteArray::from(plain(cell).into_bytes())
}

/// The elements of lists, and what says where each list begins and which are missing or empty.
#[derive(Default)]
struct Texts {
    values: Vec<ByteArray>,
    defined: Vec<i16>,
    repeated: Vec<i16>,
}

impl Texts {
    fn of(cells: &[&Value]) -> Self {
        let mut texts = Self::default();
        for cell in cells {
            let items = cell.as_array().map_or(&[][..], Vec::as_slice);
            if items.is_empty() {
                texts.defined.push(i16::from(!cell.is_null()));
                texts.repeated.push(0);
            }
            for (nth, item) in items.iter().enumerate() {
                texts.values.push(bytes(item));
                texts.defined.push(2);
                texts.repeated.push(i16::from(nth > 0));
            }
        }
        texts
    }
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
