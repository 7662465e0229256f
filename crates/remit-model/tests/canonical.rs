//! The page on canonical forms says what the code does.

use remit_model::origin::text;

#[test]
fn every_row_of_the_page_holds() {
    let page = include_str!("../README.md");
    let rows = page.lines().filter_map(|line| {
        let (written, form) = line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `")?;
        Some((written, form))
    });
    let rows: Vec<_> = rows.filter(|(written, _)| *written != "true`, `false").collect();
    assert!(rows.len() >= 12, "{rows:?}");
    for (written, form) in rows {
        assert_eq!(text(written), form, "`{written}`");
        assert_eq!(text(form), form, "`{form}` again");
    }
}
