//! Payment cards: issuer ranges and lengths of ISO/IEC 7812 as the schemes publish them, Luhn, usual groupings.

use super::chain::Part;
use crate::Kind;
use crate::checksum::luhn;
use crate::context as say;
use crate::scan::Scan;

pub fn detect(scan: &Scan<'_>, part: &Part<'_>) -> Option<(Kind, u16)> {
    let size = part.digits.len();
    if !(13..=19).contains(&size) || !issued(part) || part.monotonous() || !luhn(part.digits) {
        return None;
    }
    let named = part.said(say::CARD);
    let grouped = part.groups > 1 && matches!(part.uniform(), Some(b' ' | b'-' | b'.')) && usual(part);
    if part.groups > 1 && !grouped {
        return None;
    }
    let fraction = matches!(scan.before(part.chain.start()), b'.' | b',' | b'_')
        && scan.before(part.chain.start().saturating_sub(1)).is_ascii_alphanumeric();
    let score = match (grouped, named) {
        (true, true) => 990,
        (true, false) => 930,
        (false, _) if fraction => 300,
        (false, true) => 950,
        (false, false) if part.said(say::ORDER) => 450,
        (false, false) if size == 13 || part.chain.continues => 450,
        (false, false) => 800,
    };
    Some((Kind::PaymentCard, score))
}

/// Whether the first digits are of a range that issues cards of this length.
fn issued(part: &Part<'_>) -> bool {
    let size = part.digits.len();
    match part.number(0, 4) {
        4000..=4999 => matches!(size, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => size == 16,
        3400..=3499 | 3700..=3799 => size == 15,
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&size),
        3528..=3589 | 2200..=2204 => (16..=19).contains(&size),
        6011 | 6440..=6599 | 6200..=6299 | 8100..=8299 => (16..=19).contains(&size),
        6000..=6099 | 5080..=5089 | 9792 => size == 16,
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => true,
        _ => false,
    }
}

/// How cards are printed and typed.
fn usual(part: &Part<'_>) -> bool {
    const SHAPES: [&[usize]; 10] = [
        &[4, 4, 4, 4],
        &[4, 6, 5],
        &[4, 6, 4],
        &[4, 4, 4, 4, 3],
        &[4, 4, 4, 4, 2],
        &[4, 4, 4, 1],
        &[4, 4, 4, 3],
        &[4, 4, 8],
        &[8, 8],
        &[6, 13],
    ];
    SHAPES.iter().any(|shape| part.shaped(shape))
        || (0..part.groups).all(|it| part.chain.group(it).len() == 1)
}
