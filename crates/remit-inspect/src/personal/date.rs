//! Dates of birth: any way of writing a day, beside words that speak of birth.

use super::chain::{Chain, Part};
use crate::checksum::date;
use crate::context::{self as say, Context};
use crate::scan::{Hit, Scan};
use crate::{Kind, token::Token};

/// A date in numbers; consumes its three groups whether it is one of birth or not.
pub fn numeric(chain: &Chain, meaning: Context, hits: &mut Vec<Hit>) -> Option<usize> {
    if chain.count() < 3 {
        return None;
    }
    let part = Part { chain, groups: 3, digits: chain.digits(3), meaning };
    if !matches!(part.uniform(), Some(b'/' | b'-' | b'.' | b' ')) || !is_date(&part) {
        return None;
    }
    let spaced = part.uniform() == Some(b' ');
    if chain.count() > 3 && chain.separator(3) != b' '
        || spaced && (chain.count() > 3 || !part.said(say::BORN))
    {
        return None;
    }
    if part.said(say::BORN) {
        hits.push(Hit { kind: Kind::DateOfBirth, start: chain.start(), end: chain.end(3), score: 850 });
    }
    Some(3)
}

fn is_date(part: &Part<'_>) -> bool {
    let lengths = [0, 1, 2].map(|it| part.chain.group(it).len());
    let [a, b, c] = [0, 1, 2].map(|it| crate::checksum::number(part.chain.group(it)));
    let year = |it: u64| (1880..=2100).contains(&it);
    match lengths {
        [1 | 2, 1 | 2, 4] => year(c) && (date(a, b) || date(b, a)),
        [4, 1 | 2, 1 | 2] => year(a) && date(c, b),
        [2, 2, 2] | [1, 1, 2] | [1, 2, 2] | [2, 1, 2] => date(a, b) || date(b, a) || date(c, b),
        _ => false,
    }
}

/// A month by name, with its day and year around it.
pub fn in_words(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    if !scan.near(at, at, say::BORN) {
        return;
    }
    let token = |at: usize| scan.token(at);
    let day = |token: &Token| {
        let text = scan.text(token);
        let digits = text.iter().take_while(|it| it.is_ascii_digit()).count();
        (1..=2).contains(&digits) && text.len() <= digits + 2
    };
    let year = |token: &Token| {
        token.is_number()
            && matches!(scan.text(token), [b'1', b'8' | b'9', ..] | [b'2', b'0', ..] if token.len() == 4)
    };
    let back = |steps: usize| at.checked_sub(steps).and_then(token);
    let small = |token: &Token| token.is_word() && token.len() <= 3;
    let first = match (back(1), back(2)) {
        (Some(one), _) if day(one) => Some(one),
        (Some(one), Some(two)) if small(one) && day(two) => Some(two),
        _ => None,
    };
    let mut ahead = at + 1;
    let mut last = None;
    if first.is_none() {
        let Some(next) = token(ahead).filter(|it| day(it)) else { return };
        last = Some(next);
        ahead += 1;
    }
    if let Some(next) = token(ahead).filter(|it| year(it)) {
        last = Some(next);
    } else if let Some(next) = token(ahead + 1).filter(|it| year(it) && token(ahead).is_some_and(small)) {
        last = Some(next);
    }
    let Some(month) = token(at) else { return };
    let start = first.map_or(month.start(), Token::start);
    let end = last.map_or(month.end(), Token::end);
    hits.push(Hit { kind: Kind::DateOfBirth, start, end, score: 800 });
}
