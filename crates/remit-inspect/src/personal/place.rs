//! Where somebody is and who they are: positions, street addresses, names behind a title.

use crate::Kind;
use crate::context as say;
use crate::fold::DEGREE;
use crate::scan::{Hit, Scan};
use crate::token::{LOWER, UPPER};

/// What is found by a sign rather than by a token: degrees, private keys.
pub fn whole_text(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    degrees(scan, hits);
    super::secret::pem(scan, hits);
}

/// `12.9716, 77.5946`: two decimals of at least four places, in range, not in a longer list.
pub fn coordinates(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let first = scan.token(at).filter(|it| it.is_number() && it.len() <= 3)?;
    let fraction =
        scan.token(at + 1).filter(|it| it.link == b'.' && it.is_number() && (4..=15).contains(&it.len()))?;
    // Words such as `lon` may stand between both.
    let mut second = at + 2;
    while second <= at + 4 && scan.token(second).is_some_and(|it| it.is_word() && it.len() <= 9) {
        second += 1;
    }
    let third = scan.token(second).filter(|it| it.is_number() && it.len() <= 3)?;
    let fourth = scan
        .token(second + 1)
        .filter(|it| it.link == b'.' && it.is_number() && (4..=15).contains(&it.len()))?;
    let between = scan.slice(fraction.end(), third.start());
    if between.len() > 24 || between.contains(&b'\n') {
        return None;
    }
    let whole = |text: &[u8]| text.iter().fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    let (latitude, longitude) = (whole(scan.text(first)), whole(scan.text(third)));
    let minus = scan.before(first.start()) == b'-';
    let start = first.start() - usize::from(minus);
    let decimal = |at: usize| {
        scan.token(at).is_some_and(|it| it.is_number() && it.link == b'.')
            && at.checked_sub(1).and_then(|it| scan.token(it)).is_some_and(|it| it.is_number())
    };
    let comma = |at: usize| matches!(scan.gap(at), b", " | b"," | b", -" | b",-" | b" " | b" -");
    let before = at >= 2 && decimal(at - 1) && comma(at);
    let after = decimal(second + 3) && comma(second + 2);
    let listed = matches!(scan.before(start), b'[' | b'.') || first.link == b'.' || before || after;
    let named = scan.near(at, second + 1, say::GEO);
    let plain = second == at + 2
        && matches!(between, b", " | b"," | b" " | b"; " | b";" | b"/" | b", -" | b",-" | b" -" | b"; -");
    if latitude > 90 || longitude > 180 || listed && !named || !plain && !named {
        return None;
    }
    hits.push(Hit {
        kind: Kind::GeoLocation,
        start,
        end: fourth.end(),
        score: if named { 920 } else { 700 },
    });
    Some(second + 2)
}

/// `12°58'17"N 77°35'41"E`.
fn degrees(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let Some(first) = memchr::memchr(DEGREE, scan.bytes) else { return };
    let mut from = 0;
    let mut sign = Some(first);
    while let Some(at) = sign {
        let begin = at
            - scan
                .bytes
                .get(from..at)
                .unwrap_or_default()
                .iter()
                .rev()
                .take_while(|it| it.is_ascii_digit() || **it == b'.')
                .count();
        let tail = scan.bytes.get(at + 1..(at + 40).min(scan.bytes.len())).unwrap_or_default();
        let allowed = |it: &u8| {
            it.is_ascii_digit()
                || matches!(it, b'\'' | b'"' | b' ' | b'.' | b',' | b'N' | b'S' | b'E' | b'W' | b'O' | b'-')
                || *it == DEGREE
        };
        let size = tail.iter().take_while(|it| allowed(it)).count();
        let run = tail.get(..size).unwrap_or_default();
        let close = run.iter().rposition(|it| matches!(it, b'E' | b'W' | b'O'));
        let both = run.contains(&DEGREE) && run.iter().any(|it| matches!(it, b'N' | b'S'));
        match close.filter(|_| both && begin < at) {
            Some(close) => {
                let end = at + 1 + close + 1;
                hits.push(Hit { kind: Kind::GeoLocation, start: begin, end, score: 930 });
                from = end;
            }
            None => from = at + 1,
        }
        sign = scan.bytes.get(from..).and_then(|rest| memchr::memchr(DEGREE, rest)).map(|it| it + from);
    }
}

/// A word for a street with a house number near: `221B Baker Street`, `Lindenstraße` is not split.
pub fn street(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let Some(token) = scan.token(at) else { return };
    let capital = |at: usize| scan.token(at).is_some_and(|it| it.is(UPPER) && it.is(LOWER) && it.is_word());
    let house = |at: usize| {
        scan.token(at).filter(|it| {
            it.is(crate::token::DIGIT)
                && it.len() <= 5
                && !(it.len() == 4 && matches!(scan.text(it), [b'1', b'9', ..] | [b'2', b'0', ..]))
        })
    };
    // Number, one to three capitalised words, street.
    for words in 1..=4 {
        let Some(number) = at.checked_sub(words + 1) else { break };
        let possessive = scan.token(at - words).is_some_and(|it| it.link == b'\'' && it.len() == 1);
        if !capital(at - words) && !possessive {
            break;
        }
        let joined = (number + 1..=at).all(|it| {
            scan.token(it).is_some_and(|it| matches!(it.link, b' ' | b'\'')) || scan.gap(it) == b", "
        });
        if let Some(first) = house(number).filter(|_| joined && scan.token(at).is_some_and(|it| it.is(UPPER)))
        {
            let named = scan.near(number, at, say::ADDRESS);
            hits.push(Hit {
                kind: Kind::PostalAddress,
                start: first.start(),
                end: token.end(),
                score: if named { 850 } else { 650 },
            });
            return;
        }
    }
    // Street, its name, number: `Calle Mayor 5`, `Rue de la Paix, 12`.
    for words in 1..=4 {
        let joined = (at + 1..=at + words).all(|it| matches!(scan.gap(it), b" " | b", " | b". "));
        if !joined {
            return;
        }
        if let Some(last) = house(at + words).filter(|_| words > 1 && capital(at + words - 1)) {
            let named = scan.near(at, at + words, say::ADDRESS);
            hits.push(Hit {
                kind: Kind::PostalAddress,
                start: token.start(),
                end: last.end(),
                score: if named { 800 } else { 450 },
            });
            return;
        }
    }
}

/// A name behind a title, `Mr`, or behind `name is`, `Name:`.
pub fn person(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let Some(token) = scan.token(at) else { return };
    let said = scan.text(token).to_ascii_lowercase();
    let title = matches!(
        said.as_slice(),
        b"mr" | b"mrs" | b"ms" | b"miss" | b"shri" | b"smt" | b"herr" | b"frau" | b"sr" | b"sra"
    );
    let mut first = at + 1;
    if !title {
        let verb = scan.token(first).map(|it| scan.text(it).to_ascii_lowercase());
        let linked =
            matches!(scan.gap(first), b": " | b":" | b" = " | b"=" | b": \"" | b":\"" | b"\": \"" | b"\":\"");
        match verb.as_deref() {
            Some(b"is" | b"ist" | b"es") => first += 1,
            _ if linked => {}
            _ => return,
        }
    }
    let name = |at: usize| {
        scan.token(at)
            .filter(|it| it.is(UPPER) && it.is_word() && (it.len() <= 3 || it.is(LOWER)) && it.word == 0)
    };
    let Some(one) = name(first) else { return };
    let mut end = one.end();
    let mut count = 1;
    while let Some(next) =
        name(first + count).filter(|_| count < 4 && matches!(scan.gap(first + count), b" " | b"-" | b"'"))
    {
        end = next.end();
        count += 1;
    }
    if count >= 2 {
        hits.push(Hit {
            kind: Kind::PersonName,
            start: one.start(),
            end,
            score: if title { 700 } else { 650 },
        });
    }
}
