//! National numbers made of digits alone. Each country's rule stands on its own; what a rule alone cannot tell from
//! any other number needs words beside it.

use super::chain::Part;
use crate::Kind;
use crate::checksum::{date, luhn, mod11_10, verhoeff, weighted};
use crate::context as say;
use crate::scan::Scan;

type Found = Option<(Kind, u16)>;

/// What the digits are, by the words near first, then by the way they are written.
pub fn detect(scan: &Scan<'_>, part: &Part<'_>) -> Found {
    if matches!(scan.before(part.chain.start()), b'+' | b'$') || part.monotonous() {
        return None;
    }
    match part.digits.len() {
        9 => ssn(scan, part).or_else(|| nine(part)),
        10 => ten(part),
        11 => eleven(part),
        12 => twelve(part),
        13 => thirteen(part),
        15 => fifteen(part),
        8 => eight(part),
        _ => None,
    }
}

fn when(holds: bool, kind: Kind, score: u16) -> Found {
    holds.then_some((kind, score))
}

/// SSA: no area 000, 666 or 9xx, no group 00, no serial 0000; ITIN: 9xx with group 50-65, 70-88, 90-92, 94-99.
fn ssn(scan: &Scan<'_>, part: &Part<'_>) -> Found {
    let (area, group, serial) = (part.number(0, 3), part.number(3, 5), part.number(5, 9));
    let itin = area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    let valid = area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 || itin;
    // Published in advertisements: never issued to anybody.
    let example = part.digits == [0, 7, 8, 0, 5, 1, 1, 2, 0] || part.digits == [2, 1, 9, 0, 9, 9, 9, 9, 9];
    let named = part.said(say::SSN);
    let shaped = part.shaped(&[3, 2, 4]) && matches!(part.uniform(), Some(b'-' | b' ' | b'.'));
    let clean = part.whole() && !matches!(scan.before(part.chain.start()), b'_' | b'/');
    if !valid || !clean {
        return None;
    }
    match (shaped, named) {
        (true, true) => Some((Kind::Ssn, 950)),
        (true, false) if part.said(say::ORDER) || example => Some((Kind::Ssn, 400)),
        (true, false) if part.uniform() == Some(b'-') => Some((Kind::Ssn, 800)),
        (true, false) => Some((Kind::Ssn, 550)),
        (false, true) => when(part.groups == 1, Kind::Ssn, 750),
        (false, false) => None,
    }
}

fn eight(part: &Part<'_>) -> Found {
    // Chilean RUT without its check letter is an ordinary number; nothing of eight digits stands alone.
    when(part.said(say::MRN) && part.groups == 1, Kind::MedicalRecord, 800)
}

fn nine(part: &Part<'_>) -> Found {
    let sum = |weights: &[u32]| weighted(part.digits, weights);
    let thirds = part.groups == 1 || part.shaped(&[3, 3, 3]) || part.shaped(&[4, 2, 3]);
    if part.said(say::SIN) && thirds && luhn(part.digits) {
        return Some((Kind::CanadaSin, 900));
    }
    // Eleven-test: weights 9 to 2, the last digit counts -1.
    let eleven = (sum(&[9, 8, 7, 6, 5, 4, 3, 2]) + 11 - u32::from(part.digit(8))).is_multiple_of(11);
    if part.said(say::BSN) && eleven {
        return Some((Kind::DutchBsn, 920));
    }
    if part.said(say::TFN) && sum(&[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) {
        return Some((Kind::AustraliaTfn, 920));
    }
    let check = 11 - sum(&[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if check >= 10 { 0 } else { check };
    if part.said(say::NIF) && check == u32::from(part.digit(8)) {
        return Some((Kind::PortugueseNif, 900));
    }
    let grouped = part.shaped(&[3, 3, 3]) && part.uniform() == Some(b'-') && part.whole();
    when(grouped && luhn(part.digits) && part.digit(0) != 0 && !part.said(say::ORDER), Kind::CanadaSin, 600)
}

fn ten(part: &Part<'_>) -> Found {
    // Mod 11: weights 10 to 2, check digit 11 minus the rest.
    let check = (11 - weighted(part.digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    let nhs = check == u32::from(part.digit(9));
    if part.said(say::NHS) && nhs && (part.groups == 1 || part.shaped(&[3, 3, 4])) {
        return Some((Kind::NhsNumber, 930));
    }
    let medicare = weighted(part.digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(part.digit(8));
    if part.said(say::MEDICARE) && (2..=6).contains(&part.digit(0)) && medicare {
        return Some((Kind::AustraliaMedicare, 920));
    }
    let split = part.shaped(&[6, 4]) && part.uniform() == Some(b'-');
    let day_first = date(part.number(0, 2), part.number(2, 4));
    let year_first = date(part.number(4, 6) % 60, part.number(2, 4));
    let swedish = year_first && luhn(part.digits);
    if part.said(say::CPR)
        && day_first
        && (split || part.groups == 1)
        && !(part.said(say::PERSONNUMMER) && swedish)
    {
        return Some((Kind::DanishCpr, 900));
    }
    let finnish = split && day_first && finnish(part);
    if finnish && !part.said(say::PERSONNUMMER) && (part.said(say::HETU) || !swedish) {
        return Some((Kind::FinnishHetu, 800));
    }
    if swedish && (split || part.said(say::PERSONNUMMER) && part.groups == 1) {
        return Some((Kind::SwedishPersonnummer, if part.said(say::PERSONNUMMER) { 950 } else { 780 }));
    }
    when(split && day_first && part.whole() && !part.said(say::ORDER), Kind::DanishCpr, 600)
}

/// A Finnish code whose check character is a digit: rest by 31 of the birth date and serial.
fn finnish(part: &Part<'_>) -> bool {
    part.number(0, 9) % 31 == part.number(9, 10)
}

fn eleven(part: &Part<'_>) -> Found {
    let plain = part.groups == 1;
    let digit = |at| u32::from(part.digit(at));
    // CPF: two check digits, weights 10 to 2 and 11 to 2.
    let check = |weights: &[u32]| match weighted(part.digits, weights) * 10 % 11 {
        10 => 0,
        rest => rest,
    };
    let cpf = check(&[10, 9, 8, 7, 6, 5, 4, 3, 2]) == digit(9)
        && check(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == digit(10);
    let dotted = part.shaped(&[3, 3, 3, 2]);
    if cpf && (dotted || plain && part.said(say::CPF)) {
        return Some((Kind::BrazilCpf, if dotted { 950 } else { 900 }));
    }
    // Belgium: 97 minus the rest of the first nine digits, with 2 before them from the year 2000.
    let body = part.number(0, 9);
    let belgian = [body, body + 2_000_000_000].iter().any(|it| 97 - it % 97 == part.number(9, 11))
        && date(part.number(4, 6), part.number(2, 4) % 20);
    let formatted = part.shaped(&[2, 2, 2, 3, 2]);
    if belgian && (formatted || plain && part.said(say::BELGIUM)) {
        return Some((Kind::BelgianNationalNumber, if formatted { 950 } else { 850 }));
    }
    // CUIT: weights 5 4 3 2 7 6 5 4 3 2.
    let cuit = (11 - weighted(part.digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 == digit(10);
    let parted = part.shaped(&[2, 8, 1]) && part.uniform() == Some(b'-');
    if cuit
        && matches!(part.number(0, 2), 20 | 23 | 24 | 25 | 26 | 27)
        && (parted || plain && part.said(say::CUIT))
    {
        return Some((Kind::ArgentinaCuit, if parted { 920 } else { 880 }));
    }
    if tax_id(part) && (part.shaped(&[2, 3, 3, 3]) && part.whole() || plain && part.said(say::TAXID)) {
        return Some((Kind::GermanTaxId, if part.said(say::TAXID) { 950 } else { 700 }));
    }
    // PESEL: weights 1 3 7 9, months carry the century.
    let pesel = (10 - weighted(part.digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == digit(10)
        && date(part.number(4, 6), part.number(2, 4) % 20);
    if pesel && plain && part.said(say::PESEL) {
        return Some((Kind::PolishPesel, 950));
    }
    // Norway: check digits with weights 3 7 6 1 8 9 4 5 2 and 5 4 3 2 7 6 5 4 3 2.
    let first = (11 - weighted(part.digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
    let second = (11 - weighted(part.digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    let norwegian = first == digit(9) && second == digit(10) && date(part.number(0, 2), part.number(2, 4));
    if norwegian && (part.shaped(&[6, 5]) || plain && (part.said(say::NORWAY) || !part.said(say::ORDER))) {
        return Some((Kind::NorwegianFodselsnummer, if part.said(say::NORWAY) { 950 } else { 700 }));
    }
    // Turkey: tenth digit from odd and even places, eleventh from the sum.
    let odd = digit(0) + digit(2) + digit(4) + digit(6) + digit(8);
    let even = digit(1) + digit(3) + digit(5) + digit(7);
    let sum: u32 = (0..10).map(digit).sum();
    let turkish = digit(0) != 0 && (odd * 7 + 90 - even) % 10 == digit(9) && sum % 10 == digit(10);
    when(turkish && plain && part.said(say::TCKN), Kind::TurkishTckn, 930)
}

/// German tax id: no leading zero, among the first ten digits exactly one occurs two or three times, mod 11,10.
fn tax_id(part: &Part<'_>) -> bool {
    let mut counts = [0_u8; 10];
    for digit in part.digits.iter().take(10) {
        if let Some(count) = counts.get_mut(usize::from(*digit)) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|it| **it > 1).count();
    part.digit(0) != 0 && repeated == 1 && counts.iter().all(|it| *it <= 3) && mod11_10(part.digits)
}

fn twelve(part: &Part<'_>) -> Found {
    let quads = part.shaped(&[4, 4, 4]) && matches!(part.uniform(), Some(b' ' | b'-' | b'.'));
    let plain = part.groups == 1;
    // SPEC: check digit of the individual number, ordinance of 2014: weights 6 5 4 3 2 7 6 5 4 3 2.
    let rest = weighted(part.digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let japanese = if rest <= 1 { 0 } else { 11 - rest } == u32::from(part.digit(11));
    if part.said(say::MYNUMBER) && japanese && (quads || plain) && !part.said(say::AADHAAR) {
        return Some((Kind::JapanMyNumber, 850));
    }
    if part.digit(0) >= 2
        && verhoeff(part.digits)
        && (quads || plain)
        && (part.whole() || part.said(say::AADHAAR))
    {
        let score = match (quads, part.said(say::AADHAAR)) {
            (true, true) => 990,
            (false, true) => 970,
            (true, false) => {
                if part.said(say::ORDER) {
                    600
                } else {
                    850
                }
            }
            (false, false) if part.said(say::ORDER | say::MONEY | say::ACNUMBER) || part.chain.continues => {
                return None;
            }
            (false, false) => 600,
        };
        return Some((Kind::Aadhaar, score));
    }
    // A Swedish number with its century.
    let ten = part.digits.get(2..).unwrap_or_default();
    let century = matches!(part.number(0, 2), 19 | 20) && date(part.number(6, 8) % 60, part.number(4, 6));
    let swedish = century && luhn(ten);
    when(
        swedish && (part.shaped(&[8, 4]) || plain && part.said(say::PERSONNUMMER)),
        Kind::SwedishPersonnummer,
        900,
    )
}

fn thirteen(part: &Part<'_>) -> Found {
    let plain = part.groups == 1;
    // EAN-13 with the country 756.
    let weights = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1];
    let swiss = part.number(0, 3) == 756 && weighted(part.digits, &weights).is_multiple_of(10);
    if swiss && (part.shaped(&[3, 4, 4, 2]) || plain) {
        return Some((Kind::SwissAhv, 930));
    }
    // Korea: weights 2 to 9 and 2 to 5; sex and century in the seventh digit.
    let check = (11 - weighted(part.digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10;
    let korean = check == u32::from(part.digit(12))
        && date(part.number(4, 6), part.number(2, 4))
        && (1..=8).contains(&part.digit(6));
    if korean && (part.shaped(&[6, 7]) || plain && part.said(say::RRN)) {
        return Some((Kind::KoreaRrn, if part.said(say::RRN) { 950 } else { 850 }));
    }
    // South Africa: birth date, citizenship 0 or 1 (2 for refugees), Luhn.
    let african = luhn(part.digits) && date(part.number(4, 6), part.number(2, 4)) && part.digit(10) <= 2;
    let written = part.shaped(&[6, 4, 3]) || part.shaped(&[6, 4, 2, 1]);
    let named = part.said(say::ZA | say::RESIDENT);
    when(african && (written || plain && named), Kind::SouthAfricaId, if named { 900 } else { 700 })
}

fn fifteen(part: &Part<'_>) -> Found {
    if luhn(part.digits)
        && part.said(say::IMEI)
        && (part.groups == 1
            || part.shaped(&[2, 6, 6, 1])
            || part.shaped(&[6, 2, 6, 1])
            || part.shaped(&[8, 6, 1]))
    {
        return Some((Kind::Imei, 950));
    }
    // NIR: sex 1 or 2 (others for foreigners), year, month, department, commune, order, key = 97 - body mod 97.
    let key = 97 - part.number(0, 13) % 97;
    let month = matches!(part.number(3, 5), 1..=12 | 20..=42 | 50..=99);
    let french = matches!(part.digit(0), 1 | 2 | 7 | 8) && month && key == part.number(13, 15);
    let written = part.groups == 1
        || part.shaped(&[1, 2, 2, 2, 3, 3, 2])
        || part.shaped(&[13, 2])
        || part.shaped(&[1, 2, 2, 2, 3, 3, 2]);
    if french && written {
        let score = if part.said(say::NIR) {
            960
        } else if part.said(say::ORDER) {
            600
        } else {
            850
        };
        return Some((Kind::FrenchNir, score));
    }
    when(luhn(part.digits) && part.shaped(&[2, 6, 6, 1]), Kind::Imei, 700)
}
