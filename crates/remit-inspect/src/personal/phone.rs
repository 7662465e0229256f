//! Telephone numbers: E.164 with the lengths of the numbering plans, and the usual national ways of writing.
//!
//! The calling codes are those of ITU-T E.164; lengths are national significant numbers. A library of full plans was
//! not taken: see the README.

use super::chain::Part;
use crate::Kind;
use crate::context as say;
use crate::scan::Scan;

pub fn detect(scan: &Scan<'_>, part: &Part<'_>) -> Option<(Kind, u16)> {
    let size = part.digits.len();
    if !(7..=16).contains(&size) || part.monotonous() {
        return None;
    }
    let start = part.chain.start();
    if scan.before(start) == b'+' {
        return international(part).then_some((Kind::Phone, 900));
    }
    if part.chain.continues || matches!(scan.before(start), b'_' | b'#' | b'$') || decimal(scan, part) {
        return None;
    }
    let named = part.said(say::PHONE);
    let other = part.said(say::ORDER | say::MONEY | say::VERSION);
    if part.digit(0) == 0 && part.digit(1) == 0 && size > 9 && (named || part.groups > 1) && !other {
        return Some((Kind::Phone, 750));
    }
    if !part.whole() {
        return None;
    }
    if national(scan, part) && (named || !other) {
        return Some((Kind::Phone, if named { 880 } else { 650 }));
    }
    (named && !other && (7..=13).contains(&size) && part.number(0, size) > 999_999)
        .then_some((Kind::Phone, if size >= 9 { 700 } else { 550 }))
}

/// A number that goes on behind a decimal sign is an amount.
fn decimal(scan: &Scan<'_>, part: &Part<'_>) -> bool {
    let end = part.chain.end(part.groups);
    let after = scan.byte(end);
    matches!(after, b'.' | b',') && scan.byte(end + 1).is_ascii_digit() || matches!(after, b'%' | b'_')
}

/// Calling codes with lengths of their national numbers, the shortest and the longest.
const PLANS: [(u32, u8, u8); 66] = [
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 6, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 7, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 10),
    (47, 8, 8),
    (48, 9, 9),
    (49, 7, 12),
    (51, 8, 9),
    (52, 10, 11),
    (53, 8, 8),
    (54, 10, 11),
    (55, 10, 11),
    (56, 9, 9),
    (57, 10, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 9),
    (62, 8, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 8),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 11),
    (84, 9, 10),
    (86, 10, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 8, 10),
    (98, 10, 10),
    (212, 9, 9),
    (213, 8, 9),
    (216, 8, 8),
    (234, 8, 10),
    (254, 9, 9),
    (255, 9, 9),
    (256, 9, 9),
    (351, 9, 9),
    (352, 8, 11),
    (353, 7, 9),
    (354, 7, 9),
    (358, 6, 11),
    (370, 8, 8),
    (380, 9, 9),
    (420, 9, 9),
    (852, 8, 8),
    (880, 8, 10),
    (966, 9, 9),
    (971, 8, 9),
    (972, 8, 9),
];

fn international(part: &Part<'_>) -> bool {
    let size = part.digits.len();
    for length in 1..=3 {
        let code = part.number(0, length) as u32;
        let plan = PLANS.iter().find(|plan| plan.0 == code && plan.0.to_string().len() == length);
        if let Some((_, least, most)) = plan {
            // A trunk zero in brackets, `+44 (0)20`, makes it one longer.
            let trunk = usize::from((1..part.groups).any(|it| part.chain.group(it) == [0]));
            return (usize::from(*least)..=usize::from(*most)).contains(&(size - length - trunk));
        }
    }
    // The other codes have three digits, and plans of seven digits or more.
    matches!(part.digit(0), 2 | 3 | 4 | 5 | 6 | 8 | 9) && (10..=15).contains(&size)
}

fn national(scan: &Scan<'_>, part: &Part<'_>) -> bool {
    let digit = |at| part.digit(at);
    let same = part.uniform();
    let bracketed = scan.before(part.chain.start()) == b'(' && part.chain.separator(1) == b')';
    let spaced = matches!(same, Some(b' ' | b'-' | b'.'));
    let american = |at: usize| {
        (2..=9).contains(&digit(at))
            && (2..=9).contains(&digit(at + 3))
            && !(digit(at + 4) == 1 && digit(at + 5) == 1)
    };
    // North America: area and exchange do not begin with 0 or 1.
    if part.shaped(&[3, 3, 4]) && american(0) && (spaced || bracketed) {
        return true;
    }
    if part.shaped(&[1, 3, 3, 4]) && digit(0) == 1 && american(1) {
        return true;
    }
    // India: mobiles begin with 6 to 9.
    if digit(0) >= 6 && matches!(same, Some(b' ' | b'-')) && (part.shaped(&[5, 5]) || part.shaped(&[4, 3, 3]))
    {
        return true;
    }
    // Brazil: area in brackets.
    if bracketed && (part.shaped(&[2, 5, 4]) || part.shaped(&[2, 4, 4])) {
        return true;
    }
    // Spain: mobiles and land lines in pairs.
    if part.shaped(&[3, 2, 2, 2]) && matches!(digit(0), 6 | 7 | 9) && same == Some(b' ') {
        return true;
    }
    // Trunk zero: Europe, Australia, India. One slash is how Germans part the area.
    let trunk = digit(0) == 0 && digit(1) != 0 && part.groups > 1 && (9..=12).contains(&part.digits.len());
    let parted =
        (1..part.groups).all(|it| matches!(part.chain.separator(it), b' ' | b'-' | b'/' | b')' | b'.'));
    let area = part.chain.group(0).len();
    trunk
        && parted
        && (2..=6).contains(&area)
        && (same == Some(b' ')
            || same == Some(b'-')
            || bracketed
            || part.chain.separator(1) == b'/' && area > 2
            || same == Some(b'.') && part.groups == 5)
}

/// A number's span takes its plus and opening bracket in.
pub fn widen(scan: &Scan<'_>, kind: Kind, start: usize, end: usize) -> (usize, usize) {
    if kind != Kind::Phone {
        return (start, end);
    }
    let mut begin = start;
    while matches!(scan.before(begin), b'+' | b'(') {
        begin -= 1;
    }
    (begin, end)
}
