//! Bank accounts: IBAN by country length and mod 97, bank codes and account numbers beside words that say so.

use super::chain::Part;
use crate::Kind;
use crate::checksum::{mod97, weighted};
use crate::context as say;
use crate::scan::{Hit, Scan};
use crate::token::UPPER;

/// Lengths of the IBAN registry (SWIFT, release 99), country by country.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 \
    EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 \
    LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 \
    QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

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
    let entry = LENGTHS.split_whitespace().find(|it| it.as_bytes().starts_with(&[a, b]))?;
    entry.get(2..)?.parse().ok()
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
