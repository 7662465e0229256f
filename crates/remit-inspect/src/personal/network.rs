//! Addresses of networks and devices: IPv4, IPv6, hardware addresses; identifiers in the form of a UUID.

use crate::Kind;
use crate::context as say;
use crate::scan::{Hit, Scan};
use crate::token::Token;

/// A token with a digit that may begin an address; gives the place to go on from when it is one, or a UUID.
pub fn detect(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let token = scan.token(at)?;
    let next = scan.token(at + 1)?;
    match next.link {
        b'.' if token.is_number() && token.len() <= 3 => {
            ipv4(scan, at, hits).or_else(|| dotted_hardware(scan, at, hits))
        }
        b'.' if token.len() == 4 => dotted_hardware(scan, at, hits),
        b':' | b'-' | 0 if !matches!(token.link, b':' | b'-') || scan.gap(at).len() > 1 => {
            begins(scan, at, hits)
        }
        _ => None,
    }
}

/// A token without a digit, behind a colon or dash: looks at the address only if it began there.
pub fn hexadecimal(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let Some(first) = at.checked_sub(1) else { return };
    let Some(before) = scan.token(first) else { return };
    let begins_here = before.is_word() && !matches!(before.link, b':' | b'-') && hex(scan, before);
    if begins_here {
        begins(scan, first, hits);
    }
}

fn begins(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    uuid(scan, at, hits).or_else(|| hardware(scan, at, hits)).or_else(|| ipv6(scan, at, hits))
}

fn hex(scan: &Scan<'_>, token: &Token) -> bool {
    scan.text(token).iter().all(u8::is_ascii_hexdigit)
}

fn ipv4(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let mut parts = [0_u32; 4];
    for (number, part) in parts.iter_mut().enumerate() {
        let token = scan
            .token(at + number)
            .filter(|it| it.is_number() && it.len() <= 3 && (number == 0 || it.link == b'.'))?;
        let text = scan.text(token);
        if text.len() > 1 && text.first() == Some(&b'0') {
            return None;
        }
        *part = text.iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
        if *part > 255 {
            return None;
        }
    }
    let first = scan.token(at)?;
    let end = scan.token(at + 3)?.end();
    let longer = scan.token(at + 4).is_some_and(|it| it.link == b'.' && it.is_number());
    if first.link == b'.' || longer || matches!(scan.before(first.start()), b'.' | b'$' | b'_') {
        return None;
    }
    let [a, _, _, d] = parts;
    let nobody = a == 0 || a == 127 || a >= 224 || d == 0 && scan.byte(end) == b'/' || parts == [255; 4];
    let version = scan.just_before(at, say::VERSION | say::ORDER, 4) && !scan.near(at, at + 3, say::IP);
    let score = match (nobody, version) {
        (true, _) => 200,
        (false, true) => 300,
        (false, false) => 900,
    };
    hits.push(Hit { kind: Kind::IpAddress, start: first.start(), end, score });
    Some(at + 4)
}

/// Six pairs with colons or dashes.
fn hardware(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let link = scan.token(at + 1)?.link;
    let mut same = true;
    let first = scan.token(at)?;
    for number in 0..6 {
        let token = scan.token(at + number).filter(|it| it.len() == 2 && hex(scan, it))?;
        if number > 0 && token.link != link {
            return None;
        }
        same &= scan.text(token).eq_ignore_ascii_case(scan.text(first));
    }
    let longer = scan.token(at + 6).is_some_and(|it| it.link == link && it.len() == 2 && hex(scan, it));
    if longer || same || first.link == link || !matches!(link, b':' | b'-') {
        return None;
    }
    let end = scan.token(at + 5)?.end();
    hits.push(Hit { kind: Kind::MacAddress, start: first.start(), end, score: 920 });
    Some(at + 6)
}

/// Three groups of four: `001b.4411.3ab7`.
fn dotted_hardware(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let group = |number: usize| {
        scan.token(at + number)
            .filter(|it| it.len() == 4 && hex(scan, it) && (number == 0 || it.link == b'.'))
    };
    let (first, second, third) = (group(0)?, group(1)?, group(2)?);
    let letters = !(first.is_number() && second.is_number() && third.is_number());
    let longer = scan.token(at + 3).is_some_and(|it| it.link == b'.');
    if !letters || longer || first.link == b'.' {
        return None;
    }
    hits.push(Hit { kind: Kind::MacAddress, start: first.start(), end: third.end(), score: 800 });
    Some(at + 3)
}

fn ipv6(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let first = scan.token(at).filter(|it| it.len() <= 4 && hex(scan, it))?;
    let mut groups = 1;
    let mut doubled = false;
    let mut count = 1;
    while let Some(token) = scan.token(at + count).filter(|it| it.len() <= 4 && hex(scan, it)) {
        match (token.link, scan.gap(at + count)) {
            (b':', _) => {}
            (_, b"::") if !doubled => doubled = true,
            _ => break,
        }
        groups += 1;
        count += 1;
        if groups == 8 {
            break;
        }
    }
    let end = scan.token(at + count - 1)?.end();
    let digit = scan.slice(first.start(), end).iter().any(u8::is_ascii_digit);
    let wide = first.len() >= 3;
    if !digit
        || !(groups == 8 && !doubled || doubled && (groups >= 3 || wide && groups >= 2))
        || scan.before(first.start()) == b':' && !doubled
    {
        return None;
    }
    hits.push(Hit { kind: Kind::IpAddress, start: first.start(), end, score: 850 });
    Some(at + count)
}

/// A UUID is consumed whole, so that nothing is read into its digits; beside the right words it names a device.
fn uuid(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    for (number, size) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        scan.token(at + number)
            .filter(|it| it.len() == size && hex(scan, it) && (number == 0 || it.link == b'-'))?;
    }
    if scan.near(at, at + 4, say::DEVICE) {
        let (start, end) = (scan.token(at)?.start(), scan.token(at + 4)?.end());
        hits.push(Hit { kind: Kind::DeviceId, start, end, score: 850 });
    }
    Some(at + 5)
}
