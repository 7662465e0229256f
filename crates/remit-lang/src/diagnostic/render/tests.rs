//! One diagnostic, three renderings.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::source::FileId;

fn sample() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let text = "entity user {}\n\npermit zwölf for usr\n";
    let file = sources.add("policies/my rules.ibac", text);
    let other = sources.add("b.ibac", "entity group {}\n");
    let start = u32::try_from(text.find("usr").unwrap()).unwrap();
    let one = Diagnostic::error("check/unknown-type", "no entity type named `usr`")
        .with_label(Span { file, start, end: start + 3 }, "not declared")
        .with_secondary(Span { file, start: 7, end: 11 }, "declared here")
        .with_secondary(Span { file: other, start: 7, end: 12 }, "")
        .with_help("did you mean `user`?")
        .with_note("types are declared with `entity`");
    (sources, vec![one])
}

#[test]
fn terminal_shows_place_caret_code_and_help() {
    let (sources, diagnostics) = sample();
    let text = terminal(&diagnostics, &sources, false);
    for part in [
        "error[check/unknown-type]: no entity type named `usr`",
        "--> policies/my rules.ibac:3:18",
        "3 | permit zwölf for usr",
        "^^^ not declared",
        "---- declared here",
        "b.ibac:1:8",
        "help: did you mean `user`?",
        "note: types are declared with `entity`",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
    assert!(terminal(&diagnostics, &sources, true).contains('\u{1b}'));
}

#[test]
fn terminal_survives_odd_spans_and_hostile_text() {
    let mut sources = Sources::default();
    let file = sources.add("x.ibac", "ö\u{1b}[31m\u{202e}\n");
    let wide = sources.add("wide.ibac", "x".repeat(1_000_000));
    let diagnostics = [
        Diagnostic::error("parse/unexpected", "a \u{1b}[31m b")
            .with_label(Span { file, start: 1, end: 900 }, "\u{1b}"),
        Diagnostic::error("parse/unexpected", "no place"),
        Diagnostic::warning("parse/unexpected", "foreign")
            .with_label(Span { file: FileId(9), start: 0, end: 1 }, ""),
        Diagnostic::error("parse/unexpected", "wide")
            .with_label(Span { file: wide, start: 5, end: 6 }, "here"),
    ];
    let text = terminal(&diagnostics, &sources, false);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains("wide.ibac:1:6") && text.len() < 10_000, "{text}");
}

#[test]
fn json_names_every_place() {
    let (sources, diagnostics) = sample();
    let value: serde_json::Value = serde_json::from_str(&json(&diagnostics, &sources)).unwrap();
    assert_eq!(value[0]["code"], "check/unknown-type");
    assert_eq!(value[0]["severity"], "error");
    assert_eq!(value[0]["line"], 3);
    assert_eq!(value[0]["column"], 18);
    assert_eq!(value[0]["labels"][2]["file"], "b.ibac");
    assert_eq!(value[0]["labels"][0]["end_column"], 21);
    assert_eq!(value[0]["help"][0], "did you mean `user`?");
}

#[test]
fn sarif_has_what_the_standard_requires() {
    let (sources, diagnostics) = sample();
    let log: serde_json::Value = serde_json::from_str(&sarif(&diagnostics, &sources)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "remit");
    let result = &run["results"][0];
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "policies/my%20rules.ibac");
    assert_eq!(place["region"]["startColumn"], 18);
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 2);
    assert_eq!(result["relatedLocations"][0]["message"]["text"], "declared here");
}
