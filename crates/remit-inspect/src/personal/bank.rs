//! Bank accounts: IBAN by country length and mod 97, bank codes and account numbers beside words that say so.

use super::chain::Part;
use crate::Kind;
use crate::checksum::{mod97, weighted};
use crate::context as say;
use crate::scan::{Hit, Scan};
use crate::token::UPPER;

/// Lengths of the IBAN registry (SWIFT, release 99), country by country.
static LENGTHS: [([u8; 2], usize); 89] = [
    (*b"AD", 24),
    (*b"AE", 23),
    (*b"AL", 28),
    (*b"AT", 20),
    (*b"AZ", 28),
    (*b"BA", 20),
    (*b"BE", 16),
    (*b"BG", 22),
    (*b"BH", 22),
    (*b"BI", 27),
    (*b"BR", 29),
    (*b"BY", 28),
    (*b"CH", 21),
    (*b"CR", 22),
    (*b"CY", 28),
    (*b"CZ", 24),
    (*b"DE", 22),
    (*b"DJ", 27),
    (*b"DK", 18),
    (*b"DO", 28),
    (*b"EE", 20),
    (*b"EG", 29),
    (*b"ES", 24),
    (*b"FI", 18),
    (*b"FK", 18),
    (*b"FO", 18),
    (*b"FR", 27),
    (*b"GB", 22),
    (*b"GE", 22),
    (*b"GI", 23),
    (*b"GL", 18),
    (*b"GR", 27),
    (*b"GT", 28),
    (*b"HN", 28),
    (*b"HR", 21),
    (*b"HU", 28),
    (*b"IE", 22),
    (*b"IL", 23),
    (*b"IQ", 23),
    (*b"IS", 26),
    (*b"IT", 27),
    (*b"JO", 30),
    (*b"KW", 30),
    (*b"KZ", 20),
    (*b"LB", 28),
    (*b"LC", 32),
    (*b"LI", 21),
    (*b"LT", 20),
    (*b"LU", 20),
    (*b"LV", 21),
    (*b"LY", 25),
    (*b"MC", 27),
    (*b"MD", 24),
    (*b"ME", 22),
    (*b"MK", 19),
    (*b"MN", 20),
    (*b"MR", 27),
    (*b"MT", 31),
    (*b"MU", 30),
    (*b"NI", 28),
    (*b"NL", 18),
    (*b"NO", 15),
    (*b"OM", 23),
    (*b"PK", 24),
    (*b"PL", 28),
    (*b"PS", 29),
    (*b"PT", 25),
    (*b"QA", 29),
    (*b"RO", 24),
    (*b"RS", 22),
    (*b"RU", 33),
    (*b"SA", 24),
    (*b"SC", 31),
    (*b"SD", 18),
    (*b"SE", 24),
    (*b"SI", 19),
    (*b"SK", 24),
    (*b"SM", 27),
    (*b"SO", 23),
    (*b"ST", 25),
    (*b"SV", 28),
    (*b"TL", 23),
    (*b"TN", 24),
    (*b"TR", 26),
    (*b"UA", 29),
    (*b"VA", 22),
    (*b"VG", 24),
    (*b"XK", 20),
    (*b"YE", 30),
];

/// The IBAN that begins with this token; gives the tokens it takes.
pub fn iban(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> Option<usize> {
    let token = scan.token(at)?;
    let [a, b, c, d, ..] = *scan.text(token) else { return None };
    if !a.is_ascii_alphabetic() || !b.is_ascii_alphabetic() || !c.is_ascii_digit() || !d.is_ascii_digit() {
        return None;
    }
    let size = length(a.to_ascii_uppercase(), b.to_ascii_uppercase())?;
    let mut code = [0_u8; 34];
    let mut filled = 0;
    let mut last = at;
    loop {
        let next = scan.token(last)?;
        if last > at && !matches!(next.link, b' ' | b'-' | b'.') || last - at > 12 {
            return None;
        }
        for byte in scan.text(next) {
            *code.get_mut(filled)? = *byte;
            filled += 1;
        }
        if filled >= size {
            break;
        }
        last += 1;
    }
    let code = code.get(..filled)?;
    let turned = code.iter().skip(4).chain(code.iter().take(4)).copied();
    if filled != size || mod97(turned) != Some(1) {
        return None;
    }
    let end = scan.token(last)?.end();
    hits.push(Hit { kind: Kind::Iban, start: token.start(), end, score: 980 });
    Some(last + 1 - at)
}

fn length(a: u8, b: u8) -> Option<usize> {
    let at = LENGTHS.binary_search_by_key(&[a, b], |entry| entry.0).ok()?;
    LENGTHS.get(at).map(|entry| entry.1)
}

/// Account numbers, routing numbers and sort codes: the words decide.
pub fn account(scan: &Scan<'_>, part: &Part<'_>) -> Option<(Kind, u16)> {
    if !part.said(say::ACCOUNT | say::IFSC) || !part.whole() || scan.before(part.chain.start()) == b'$' {
        return None;
    }
    let size = part.digits.len();
    let joined = matches!(part.uniform(), Some(0 | b' ' | b'-'));
    // ABA: weights 3 7 1.
    let routing = size == 9 && weighted(part.digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10);
    let sort_code = part.shaped(&[2, 2, 2]) && part.uniform() == Some(b'-');
    let long = (8..=18).contains(&size) && part.said(say::ACNUMBER);
    let score = if part.said(say::ORDER | say::MONEY) { 480 } else { 700 };
    (joined && (routing || sort_code || long)).then_some((Kind::BankAccount, score))
}

/// A bank identifier code behind the words that announce it: ISO 9362, 8 or 11 characters.
pub fn bic(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    for next in (at + 1..at + 5).chain(at.saturating_sub(3)..at) {
        let Some(token) = scan.token(next) else { continue };
        let text = scan.text(token);
        let shaped = matches!(text.len(), 8 | 11)
            && text.iter().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
            && text.iter().take(6).all(u8::is_ascii_uppercase);
        if token.is(UPPER) && shaped && token.word == 0 {
            hits.push(Hit { kind: Kind::SwiftBic, start: token.start(), end: token.end(), score: 850 });
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_sorted_and_found() {
        assert!(LENGTHS.is_sorted_by_key(|entry| entry.0));
        assert_eq!((length(b'D', b'E'), length(b'N', b'O'), length(b'U', b'S')), (Some(22), Some(15), None));
    }
}
