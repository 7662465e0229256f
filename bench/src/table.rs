//! How results look: Markdown rows for people, and goals with met or missed.

use crate::measure::Timing;
use crate::peer::Peer;

/// Nanoseconds as microseconds with as many digits as mean something.
#[must_use]
pub fn microseconds(nanoseconds: f64) -> String {
    let micros = nanoseconds / 1_000.0;
    match micros {
        ..10.0 => format!("{micros:.2}"),
        ..100.0 => format!("{micros:.1}"),
        _ => format!("{micros:.0}"),
    }
}

/// The head of a table of decisions.
pub const HEAD: &str = "\
| scenario | entities | rules | allow | engine | p50 µs (min–max of rounds) | p99 µs | mean µs | × Remit | memory MB | load s |
|---|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|";

/// One row of that table.
#[must_use]
pub fn row(scenario: &str, peer: &Peer<'_>, timing: &Timing, remit: f64) -> String {
    let (low, high) = timing.spread;
    format!(
        "| {scenario} | {} | {} ({}–{}) | {} | {} | {:.1} | {} | {:.2} |",
        peer.name,
        microseconds(timing.p50),
        microseconds(low),
        microseconds(high),
        microseconds(timing.p99),
        microseconds(timing.mean),
        timing.p50 / remit,
        peer.memory >> 20,
        peer.load,
    )
}

/// Prints what was wanted and what was found; the caller of a section gathers such lines.
pub fn goal(what: &str, wanted: &str, found: &str, met: bool) {
    println!("goal\t{what}\t{wanted}\t{found}\t{}", if met { "met" } else { "**missed**" });
}
