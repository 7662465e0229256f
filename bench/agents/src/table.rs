//! Rows as markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::injecagent;
use crate::score::Row;
use crate::setting::Setting;

/// The table of a benchmark run.
#[must_use]
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| setting | attacks blocked | attacker goes first | with the same tools | tasks kept | kept under attack | layer C stopped |\n|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.setting,
            row.blocked,
            row.blocked_first,
            row.same_tool,
            row.kept,
            row.kept_attacked,
            row.swapped
        );
    }
    out
}

/// The table of an InjecAgent run.
#[must_use]
pub fn injecagent(results: &[injecagent::Result]) -> String {
    let mut out = String::from(
        "| granted | cases blocked | direct harm | data stealing | user's calls allowed |\n|---|--:|--:|--:|--:|\n",
    );
    for it in results {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            it.grant, it.blocked, it.direct_harm, it.data_stealing, it.kept
        );
    }
    for it in results.iter().filter(|it| !it.grant.starts_with("control")) {
        let _ = writeln!(out, "\nNot blocked, {}: {}", it.grant, shortened(&it.escaped));
    }
    out
}

/// Why tasks were not kept, and what escaped, row by row.
#[must_use]
pub fn details(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows.iter().filter(|row| !row.setting.starts_with("control")) {
        let _ = writeln!(out, "\n**{}**", row.setting);
        let reasons: Vec<String> =
            row.wrong.iter().map(|(reason, count)| format!("{count} `{reason}`")).collect();
        let _ = writeln!(out, "- calls of users that were denied: {}", joined(&reasons));
        let _ = writeln!(out, "- tasks that become a request to the user: {}", joined(&row.requestable));
        let _ = writeln!(out, "- layer C where the task is kept: {}", row.swapped_kept);
        let by: Vec<String> = row
            .swapped_by_argument
            .iter()
            .map(|(argument, share)| format!("`{argument}` {}/{}", share.hits, share.of))
            .collect();
        let _ = writeln!(out, "- layer C by argument: {}", joined(&by));
        let _ = writeln!(out, "- pairs blocked, by what denied first: {}", stopped_by(row));
        let _ = writeln!(out, "- pairs not blocked: {}", shortened(&row.escaped));
        let _ = writeln!(out, "- tasks not kept: {}", joined(&row.wrong_calls));
    }
    out
}

/// Which pairs one row lets through and another stops, and by what; pairs of one attack and one rule together.
#[must_use]
pub fn difference(rows: &[Row], without: Setting, with: Setting) -> String {
    let row = |setting: Setting| rows.iter().find(|row| row.setting == setting.to_string());
    let (Some(without), Some(with)) = (row(without), row(with)) else { return String::new() };
    let mut groups: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for pair in &without.escaped {
        let by = with.stopped.get(pair).map_or("nothing", String::as_str);
        let (task, attack) = pair.split_once(" × ").unwrap_or((pair, ""));
        let (suite, task) = task.split_once(' ').unwrap_or(("", task));
        groups.entry((format!("{suite} {attack}"), by)).or_default().push(task.to_owned());
    }
    let mut out = format!(
        "\n**Let through by *{}*, stopped by *{}***\n\n| attack | pairs | stopped by | tasks |\n|---|--:|---|---|\n",
        without.setting, with.setting
    );
    for ((attack, by), tasks) in groups {
        let short: Vec<&str> = tasks.iter().map(|task| task.trim_start_matches("user_task_")).collect();
        let _ = writeln!(out, "| {attack} | {} | `{by}` | {} |", tasks.len(), short.join(", "));
    }
    out
}

/// How many pairs each rule or reason stopped first.
fn stopped_by(row: &Row) -> String {
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    row.stopped.values().for_each(|one| *by.entry(one).or_default() += 1);
    joined(&by.iter().map(|(one, count)| format!("{count} `{one}`")).collect::<Vec<_>>())
}

fn joined(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join("; ") }
}

fn shortened(items: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = joined(items.get(..SHOWN.min(items.len())).unwrap_or_default());
    if items.len() > SHOWN { format!("{shown}; and {} more", items.len() - SHOWN) } else { shown }
}
