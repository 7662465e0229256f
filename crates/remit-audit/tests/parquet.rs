//! Answers as Parquet, read back with their types, and by pyarrow where it is installed.
#![expect(clippy::unwrap_used, reason = "clippy does not take helpers for tests")]

use parquet::basic::{LogicalType, Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use remit_audit::{Answer, Evidence, Head, NoGap, parquet as written};
use serde_json::{Value, json};

/// Every type, with and without values, and more rows than a run of one byte counts.
fn answer() -> Answer {
    let columns = ["seq", "time", "day", "decision", "rules", "latency_us > 5", "subject.id", "a.b", "a.b"];
    let mut rows: Vec<Vec<Value>> = vec![
        json!([
            0,
            "2026-11-25T10:00:00.123Z",
            "2026-11-25",
            "allow",
            ["a.b@1", "c"],
            true,
            "Grüße\n\"x\"",
            1,
            "p"
        ]),
        json!([-3, null, null, null, null, null, null, null, null]),
        json!([
            9_007_199_254_740_991_i64,
            "1969-12-31T23:59:59.999Z",
            "1969-12-31",
            "deny",
            [],
            false,
            "",
            -1,
            "q"
        ]),
    ]
    .into_iter()
    .map(|row| row.as_array().unwrap().clone())
    .collect();
    rows.extend((0..300).map(|nth| {
        let rules: Vec<String> = (0..nth % 4).map(|rule| format!("r{rule}")).collect();
        let row =
            json!([nth, "2026-01-01T00:00:00Z", "2026-01-01", "allow", rules, nth % 3 == 0, "u", nth, "r"]);
        row.as_array().unwrap().clone()
    }));
    Answer {
        columns: columns.map(str::to_owned).to_vec(),
        rows,
        next: Some("1.2.3.x".to_owned()),
        matched: Some(303),
        evidence: Evidence {
            range: Some((0, 302)),
            no_gap: NoGap { read: 303, indexed: 0 },
            pruned_below: None,
            head: Head { size: 303, hash: "ab".repeat(32) },
        },
        proof: None,
    }
}

/// A cell as our answers show it.
fn shown(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(it) => json!(it),
        Field::Long(it) => json!(it),
        Field::Str(it) => json!(it),
        Field::TimestampMillis(it) => json!({ "ms": it }),
        Field::Date(it) => json!({ "days": it }),
        Field::ListInternal(it) => Value::Array(it.elements().iter().map(shown).collect()),
        other => json!({ "unexpected": format!("{other:?}") }),
    }
}

#[test]
fn reading_back_finds_every_value_with_its_type() {
    let answer = answer();
    let reader = SerializedFileReader::new(bytes::Bytes::from(written(&answer).unwrap())).unwrap();
    let file = reader.metadata().file_metadata();
    assert_eq!(file.num_rows(), 303);
    let notes = file.key_value_metadata().unwrap();
    let note = |key: &str| notes.iter().find(|it| it.key == key).unwrap().value.clone().unwrap();
    let evidence: Evidence = serde_json::from_str(&note("remit.evidence")).unwrap();
    assert_eq!((evidence, note("remit.next")), (answer.evidence.clone(), "1.2.3.x".to_owned()));

    let schema = file.schema_descr();
    let types: Vec<_> = schema.columns().iter().map(|it| (it.name(), it.physical_type())).collect();
    let expected = [
        ("seq", Type::INT64),
        ("time", Type::INT64),
        ("day", Type::INT32),
        ("decision", Type::BYTE_ARRAY),
        ("element", Type::BYTE_ARRAY),
        ("latency_us > 5", Type::BOOLEAN),
        ("subject.id", Type::BYTE_ARRAY),
        ("a.b", Type::INT64),
        ("a.b_", Type::BYTE_ARRAY),
    ];
    assert_eq!(types, expected);
    let column = schema.column(1);
    let logical = column.logical_type_ref();
    assert!(matches!(logical, Some(LogicalType::Timestamp(of)) if of.is_adjusted_to_u_t_c), "{logical:?}");

    let rows: Vec<Vec<Value>> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().get_column_iter().map(|(_, field)| shown(field)).collect())
        .collect();
    let typed = |at: usize, row: &[Value]| -> Vec<Value> {
        let mut row = row.to_vec();
        let times = [json!(1_795_600_800_123_i64), Value::Null, json!(-1)];
        let days = [json!(20_782), Value::Null, json!(-1)];
        if !row[1].is_null() {
            row[1] = json!({ "ms": times.get(at).cloned().unwrap_or(json!(1_767_225_600_000_i64)) });
            row[2] = json!({ "days": days.get(at).cloned().unwrap_or(json!(20_454)) });
        }
        row
    };
    let expected: Vec<Vec<Value>> = answer.rows.iter().enumerate().map(|(at, row)| typed(at, row)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn an_answer_without_rows_is_a_file_with_its_types() {
    let answer = Answer { rows: Vec::new(), next: None, ..answer() };
    let reader = SerializedFileReader::new(bytes::Bytes::from(written(&answer).unwrap())).unwrap();
    assert_eq!((reader.metadata().file_metadata().num_rows(), reader.num_row_groups()), (0, 0));
    assert_eq!(reader.metadata().file_metadata().schema_descr().num_columns(), 9);
}

#[test]
fn pyarrow_reads_the_same() {
    let python = std::env::var("REMIT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("answer.parquet");
    std::fs::write(&file, written(&answer()).unwrap()).unwrap();
    let script = "import sys, pyarrow.parquet as p\n\
        t = p.read_table(sys.argv[1])\n\
        print(t.num_rows, *[str(f.type) for f in t.schema], sep='|')\n\
        print(t.to_pylist()[0]['rules'], t.to_pylist()[1], t.to_pylist()[2]['rules'], t.column('time')[2].value)\n";
    let output = std::process::Command::new(&python).args(["-c", script]).arg(&file).output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        other => {
            eprintln!("SKIPPED LOUDLY: pyarrow is not installed for `{python}`: {other:?}");
            return;
        }
    };
    let said = String::from_utf8(output.stdout).unwrap();
    let mut lines = said.lines();
    let types = "303|int64|timestamp[ms, tz=UTC]|date32[day]|string|list<element: string not null>|bool|string|int64|string";
    assert_eq!(lines.next(), Some(types));
    let last = lines.next().unwrap();
    assert!(last.starts_with("['a.b@1', 'c'] {'seq': -3, 'time': None"), "{last}");
    assert!(last.ends_with("[] -1"), "{last}");
}
