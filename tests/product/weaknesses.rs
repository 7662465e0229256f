//! The table of weaknesses found elsewhere: every row is shown by a test or a shipped expectation, and each exists.

use std::path::Path;

use crate::running::root;

/// Rows of the table.
const LAST: usize = 30;

/// The text of every file below `dir` that ends so, with a line of its own for each.
fn gathered(dir: &Path, ending: &str, text: &mut String) {
    for entry in std::fs::read_dir(dir).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("named").to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" {
                gathered(&path, ending, text);
            }
        } else if name.ends_with(ending) {
            text.push_str(&std::fs::read_to_string(&path).expect("readable"));
            text.push('\n');
        }
    }
}

#[test]
fn every_weakness_found_elsewhere_is_shown_to_be_absent() {
    let (mut code, mut expectations) = (String::new(), String::new());
    for folder in ["crates", "tests", "conformance"] {
        gathered(&root().join(folder), ".rs", &mut code);
    }
    gathered(&root().join("policies"), ".test.ibac", &mut expectations);
    let table = std::fs::read_to_string(root().join("tests/attacks/weaknesses.md")).expect("the table");
    for number in 1..=LAST {
        let row = table.lines().find(|line| line.starts_with(&format!("| W{number} |")));
        let row = row.unwrap_or_else(|| panic!("W{number} has no row"));
        let shown = row.trim_end_matches('|').rsplit('|').next().expect("a last cell");
        let mut named = 0;
        for shown in shown.split(',').map(str::trim) {
            named += 1;
            if let Some(rule) = shown.strip_prefix("rule `").and_then(|rest| rest.strip_suffix('`')) {
                let decided = |clause: &str| {
                    let rules =
                        clause.split_whitespace().take_while(|word| !["because", "expect"].contains(word));
                    rules.map(|word| word.trim_end_matches(',')).any(|word| word == rule)
                };
                let mut clauses = expectations.split(" by ").skip(1);
                assert!(clauses.any(decided), "W{number}: no expectation is decided by `{rule}`");
            } else {
                let name = shown.trim_matches('`');
                assert!(code.contains(&format!("fn {name}(")), "W{number}: there is no test `{name}`");
            }
        }
        assert!(named > 0, "W{number} is shown by nothing");
    }
}
