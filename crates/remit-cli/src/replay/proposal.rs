//! A proposal as text: what was cut and why, what stays and what it was used for, and how far it is proven.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use remit_pdp::propose::Proposal;

/// For people.
pub fn text(proposal: &Proposal, out_dir: &Path) -> String {
    let mut out = String::new();
    let range =
        proposal.range.map_or_else(|| "none".to_owned(), |(first, last)| format!("{first} to {last}"));
    let _ =
        writeln!(out, "records {range}, {} allows, policies of {}", proposal.allows, proposal.base.display());
    for removed in &proposal.removed {
        let _ = writeln!(out, "REMOVED   {}  {}: {}", removed.rule, removed.file, removed.why);
    }
    for narrowed in &proposal.narrowed {
        let _ = writeln!(out, "NARROWED  {}  {}:{}", narrowed.rule, narrowed.file, {
            let to = listed(" no longer to ", narrowed.actions.iter());
            let on = listed(" no longer on ", narrowed.resources.iter());
            format!("{to}{on}")
        });
    }
    for rule in &proposal.restored {
        let _ = writeln!(out, "RESTORED  {rule}: the proof needs it as it is");
    }
    for (rule, usage) in &proposal.used {
        let _ = writeln!(
            out,
            "used      {rule}: {} allows{}{}{}{}",
            usage.allows,
            listed(", to ", usage.actions.iter()),
            listed(", on ", usage.resources.iter()),
            listed(", for ", usage.subjects.iter()),
            listed(", by ", some(&usage.agents)),
        );
    }
    for expect in &proposal.expects {
        let _ = writeln!(out, "EXPECT    no longer holds: {expect}");
    }
    let _ =
        writeln!(out, "PROVEN    {} of {} past allows are allowed again", proposal.proven, proposal.allows);
    if proposal.denied_today > 0 {
        let _ = writeln!(out, "{:>10}  are denied by the policies in force too", proposal.denied_today);
    }
    for (why, count) in &proposal.not_replayable {
        let _ = writeln!(out, "{count:>10}  NOT PROVEN: {why}; what their records name stays");
    }
    let _ = writeln!(
        out,
        "written to {}; versions and approvals are still those of the old text",
        out_dir.display()
    );
    out
}

/// As many as a line has room for.
fn some(all: &BTreeSet<String>) -> impl Iterator<Item = &String> {
    all.iter().take(8)
}

fn listed<'a>(before: &str, all: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<&str> = all.map(String::as_str).collect();
    if all.is_empty() { String::new() } else { format!("{before}{}", all.join(", ")) }
}
