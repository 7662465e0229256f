//! A text without what was found in it.

use crate::{Findings, Kind};

/// The text with every finding of these kinds replaced by its name in brackets: `[payment_card]`. Findings of other
/// parts than `part` are not of this text.
#[must_use]
pub fn redact(text: &str, findings: &Findings, part: usize, kinds: &[Kind]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings.items.iter().filter(|it| it.part == part && kinds.contains(&it.kind)) {
        let Some(kept) = text.get(at..finding.start) else { continue };
        out.push_str(kept);
        out.push('[');
        out.push_str(finding.kind.name());
        out.push(']');
        at = finding.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
