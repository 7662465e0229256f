//! Answers as text: a table for people, JSON, a JSON object a line, CSV.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::answer::Answer;

/// The answer as one JSON object.
#[must_use]
pub fn json(answer: &Answer) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

/// Each row as a JSON object on a line of its own, by title.
#[must_use]
pub fn json_lines(answer: &Answer) -> String {
    let mut text = String::new();
    for row in &answer.rows {
        let members: Map<String, Value> = answer.columns.iter().cloned().zip(row.iter().cloned()).collect();
        text.push_str(&Value::Object(members).to_string());
        text.push('\n');
    }
    text
}

/// Comma-separated values (RFC 4180), titles first. A text that a spreadsheet would take for a formula is quoted with
/// an apostrophe before it.
#[must_use]
pub fn csv(answer: &Answer) -> String {
    let mut text = String::new();
    let titles: Vec<Value> = answer.columns.iter().map(|title| Value::from(title.as_str())).collect();
    for row in std::iter::once(&titles).chain(&answer.rows) {
        let cells: Vec<String> = row.iter().map(field).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn field(value: &Value) -> String {
    let plain = plain(value);
    let is_text = matches!(value, Value::String(_) | Value::Array(_));
    let formula = is_text && plain.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula { format!("'{plain}") } else { plain };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

/// A value in one line; the parts of a list stand beside each other.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Widest column of a table.
const WIDE: usize = 44;

/// A table for people; control characters are shown as what they are.
#[must_use]
pub fn table(answer: &Answer) -> String {
    let cell = |value: &Value| {
        let text: String = plain(value).chars().flat_map(visible).collect();
        if text.chars().count() > WIDE { text.chars().take(WIDE - 1).chain(['…']).collect() } else { text }
    };
    let titles: Vec<String> = answer.columns.clone();
    let rows: Vec<Vec<String>> = answer.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let mut widths: Vec<usize> = titles.iter().map(|title| title.chars().count()).collect();
    for row in &rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let mut text = String::new();
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    for row in [&titles, &rule].into_iter().chain(&rows) {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    let _infallible = writeln!(text, "{}", said(answer));
    text
}

/// What the answer rests on, in a sentence.
fn said(answer: &Answer) -> String {
    let rows = answer.rows.len();
    let of = answer.matched.map(|matched| format!(" of {matched} records")).unwrap_or_default();
    let range = match answer.evidence.range {
        Some((first, last)) => format!("records {first} to {last} without a gap"),
        None => "an empty log".to_owned(),
    };
    let dropped = answer.evidence.pruned_below.map(|first| format!(" (those before {first} were dropped)"));
    let range = format!("{range}{}", dropped.unwrap_or_default());
    let head = &answer.evidence.head;
    let hash: String = head.hash.chars().take(16).collect();
    let more = answer.next.as_ref().map(|next| format!("\nmore: --after {next}")).unwrap_or_default();
    let noun = if rows == 1 { "row" } else { "rows" };
    format!("{rows} {noun}{of}; from {range}, log of {} records, head {hash}…{more}", head.size)
}

fn visible(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = (!c.is_control()).then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Evidence, Head, NoGap};

    fn answer() -> Answer {
        Answer {
            columns: vec!["a".to_owned(), "b".to_owned()],
            rows: vec![
                vec![Value::from("x,\"y\""), Value::from(vec!["p", "q"])],
                vec![Value::from("=1+1"), Value::Null],
                vec![Value::from("\u{1b}[31m"), Value::from(-3)],
            ],
            next: None,
            matched: Some(3),
            evidence: Evidence {
                range: Some((0, 2)),
                no_gap: NoGap { read: 3, indexed: 0 },
                pruned_below: None,
                head: Head { size: 3, hash: "ab".repeat(32) },
            },
            proof: None,
        }
    }

    #[test]
    fn csv_quotes_what_it_must_and_disarms_formulas() {
        assert_eq!(csv(&answer()), "a,b\r\n\"x,\"\"y\"\"\",p q\r\n'=1+1,\r\n\u{1b}[31m,-3\r\n");
    }

    #[test]
    fn a_table_shows_no_control_characters_and_says_what_it_rests_on() {
        let text = table(&answer());
        assert!(text.contains("\\u{1b}[31m") && !text.contains('\u{1b}'), "{text}");
        assert!(text.contains("3 rows of 3 records; from records 0 to 2 without a gap"), "{text}");
    }

    #[test]
    fn lines_are_objects() {
        let text = json_lines(&answer());
        assert_eq!(text.lines().nth(1), Some("{\"a\":\"=1+1\",\"b\":null}"));
    }
}
