//! The two tables: every row of THREATS is there once, and every test that a row names exists.

use std::collections::BTreeMap;
use std::path::Path;

use crate::served::root;

/// Ids of a group: the letter and how many.
const GROUPS: [(&str, usize); 6] = [("T", 35), ("R", 27), ("G", 11), ("P", 14), ("A", 15), ("O", 12)];

fn gathered(dir: &Path, text: &mut String) {
    for entry in std::fs::read_dir(dir).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("named").to_string_lossy().into_owned();
        if path.is_dir() && name != "target" {
            gathered(&path, text);
        } else if name.ends_with(".rs") {
            text.push_str(&std::fs::read_to_string(&path).expect("readable"));
            text.push('\n');
        }
    }
}

/// The cells of each row that begins with an id.
fn rows(file: &str) -> BTreeMap<String, Vec<String>> {
    let table = std::fs::read_to_string(root().join("tests/attacks").join(file)).expect("the table");
    let mut rows = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<String> =
            line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        let id = cells[0].clone();
        if id.ends_with(|last: char| last.is_ascii_digit()) {
            assert!(rows.insert(id.clone(), cells).is_none(), "{file}: {id} stands there twice");
        }
    }
    rows
}

/// Every row names at least one test that exists, or says frankly that it is not covered and why.
fn held(file: &str, ids: &[String], columns: usize) {
    let mut code = String::new();
    for folder in ["crates", "tests", "conformance", "bench", "fuzz"] {
        let folder = root().join(folder);
        if folder.is_dir() {
            gathered(&folder, &mut code);
        }
    }
    let rows = rows(file);
    let mut open = Vec::new();
    for id in ids {
        let cells = rows.get(id).unwrap_or_else(|| panic!("{file}: {id} has no row"));
        assert_eq!(cells.len(), columns, "{file}: {id} has other cells: {cells:?}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{file}: {id} has an empty cell");
        let shown = &cells[3];
        let named: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            assert!(shown.starts_with("not covered: "), "{file}: {id} is shown by nothing");
            open.push(id);
        }
        for name in named {
            assert!(code.contains(&format!("fn {name}(")), "{file}: {id}: there is no test `{name}`");
        }
    }
    assert_eq!(rows.len(), ids.len(), "{file} has rows that nobody asked for");
    println!("{file}: {} rows, not covered: {open:?}", ids.len());
}

#[test]
fn every_attack_of_the_list_has_its_row_and_its_tests() {
    let ids: Vec<String> =
        GROUPS.iter().flat_map(|(letter, last)| (1..=*last).map(move |at| format!("{letter}{at}"))).collect();
    held("README.md", &ids, 6);
}

#[test]
fn every_fault_of_the_list_has_its_row_and_its_tests() {
    let ids: Vec<String> = (1..=30).map(|at| format!("{at}")).collect();
    held("faults.md", &ids, 5);
}
