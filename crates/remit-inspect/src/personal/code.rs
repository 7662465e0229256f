//! Codes of letters and digits: tax codes, licences, passports, handles of the state for one person.

use super::chain::{Chain, Part};
use crate::Kind;
use crate::checksum::{codice_fiscale, date, dni, gstin, number, vin, weighted};
use crate::context::{self as say, Context};
use crate::scan::{Hit, Scan};
use crate::token::Token;

/// A token of letters and digits; gives the place to go on from.
pub fn detect(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> usize {
    let Some(token) = scan.token(at) else { return at + 1 };
    if let Some(tokens) = super::bank::iban(scan, at, hits) {
        return at + tokens;
    }
    if !(4..=42).contains(&token.len()) {
        return at + 1;
    }
    let text = scan.text(token);
    if let Some((kind, score)) = single(scan, at, text) {
        hits.push(Hit { kind, start: token.start(), end: token.end(), score });
        return at + 1;
    }
    joined(scan, at, token, hits).unwrap_or(at + 1)
}

/// One token by itself.
fn single(scan: &Scan<'_>, at: usize, text: &[u8]) -> Option<(Kind, u16)> {
    let mut upper = [0_u8; 42];
    let code = upper.get_mut(..text.len())?;
    for (to, byte) in code.iter_mut().zip(text) {
        *to = byte.to_ascii_uppercase();
    }
    let shouted = !text.iter().any(u8::is_ascii_lowercase);
    let shape = shape(code);
    let near = |meaning: Context| scan.near(at, at, meaning);
    match (text.len(), shape.as_slice()) {
        (10, [(A, 5), (N, 4), (A, 1)]) if b"PCHFATBLJG".contains(code.get(3)?) => {
            let named = near(say::TAX);
            let score = if named {
                950
            } else if shouted {
                800
            } else {
                300
            };
            return Some((Kind::Pan, score));
        }
        (10, [(A, 3), (N, 7)]) => {
            let voter = near(say::VOTER);
            let passport = near(say::PASSPORT);
            return (voter || passport).then_some((if voter { Kind::VoterId } else { Kind::Passport }, 900));
        }
        (15, _) if gstin(code) && code.get(13) == Some(&b'Z') => return Some((Kind::Gstin, 970)),
        (11, _) if ifsc(code) && shouted => {
            let score = if near(say::IFSC | say::ACCOUNT) {
                950
            } else if known_bank(code) {
                780
            } else {
                350
            };
            return Some((Kind::Ifsc, score));
        }
        (11, [(N, 6), (A, 1), ..]) if hetu(code.get(..6)?, code.get(7..)?) => {
            return Some((Kind::FinnishHetu, 900));
        }
        (9, [(N, 8), (A, 1)]) if dni(digits(code, 0, 8), *code.last()?) => {
            return Some((Kind::SpanishDni, if near(say::DNI) { 960 } else { 780 }));
        }
        (9, [(A, 1), (N, 7), (A, 1)]) => {
            let first = *code.first()?;
            let foreign = b"XYZ".iter().position(|it| *it == first);
            if foreign.is_some_and(|it| {
                dni(it as u64 * 10_000_000 + digits(code, 1, 8), *code.last().unwrap_or(&0))
            }) {
                return Some((Kind::SpanishDni, if near(say::DNI) { 960 } else { 800 }));
            }
            if nric(code) {
                return Some((Kind::SingaporeNric, if near(say::NRIC) { 960 } else { 750 }));
            }
        }
        (9, [(A, 2), (N, 6), (A, 1)]) if nino(code) => {
            return Some((Kind::UkNino, if near(say::NINO) { 960 } else { 800 }));
        }
        (16, [(A, 6), (N, 2), (A, 1), (N, 2), (A, 1), (N, 3), (A, 1)]) if codice_fiscale(code) => {
            return Some((Kind::ItalianCodiceFiscale, 970));
        }
        (16, _) if british_licence(code) => return Some((Kind::DrivingLicence, 880)),
        (18, [(N, 17), (A, 1)]) if chinese(code) => return Some((Kind::ChinaResidentId, 970)),
        (18, _) if curp(code) => return Some((Kind::MexicoCurp, 950)),
        (13, [(A, 4), (N, 6), ..]) if date(digits(code, 8, 10), digits(code, 6, 8)) && shouted => {
            return Some((Kind::MexicoCurp, if near(say::CURP) { 900 } else { 600 }));
        }
        (15, [(A, 2), (N, 13)]) if indian_licence(code) => return Some((Kind::DrivingLicence, 900)),
        (17, _) if shouted && vin(code) => {
            return Some((Kind::VehicleVin, if near(say::VIN) { 950 } else { 700 }));
        }
        (42, _) if text.starts_with(b"0x") && text.iter().skip(2).all(u8::is_ascii_hexdigit) => {
            return Some((Kind::CryptoWallet, if near(say::CODEWORD) { 450 } else { 750 }));
        }
        (42, _) if crate::checksum::bech32(&text.to_ascii_lowercase()) => {
            return Some((Kind::CryptoWallet, 970));
        }
        _ => {}
    }
    named(scan, at, text, &shape)
}

/// Shapes that only words beside them make meaningful.
fn named(scan: &Scan<'_>, at: usize, text: &[u8], shape: &Shape) -> Option<(Kind, u16)> {
    let count = text.iter().filter(|it| it.is_ascii_digit()).count();
    if !(6..=18).contains(&text.len()) || count < 4 || scan.before(scan.token(at)?.start()) == b'_' {
        return None;
    }
    let near = |meaning: Context| scan.near(at, at, meaning);
    let upper = !text.iter().any(u8::is_ascii_lowercase);
    if near(say::PASSPORT) && text.len() <= 10 && count >= 5 {
        return Some((Kind::Passport, if upper { 900 } else { 700 }));
    }
    if near(say::VOTER) && matches!(shape.as_slice(), [(A, 2..=3), (N, 6..=8)]) {
        return Some((Kind::VoterId, 850));
    }
    if near(say::LICENCE) && text.len() >= 7 && upper && scan.near(at, at, say::LICENCE) {
        return Some((Kind::DrivingLicence, 750));
    }
    (near(say::MRN) && !near(say::VERSION)).then_some((Kind::MedicalRecord, 800))
}

/// Codes that begin in a number: `12345678-Z`, `131052-308T`, `12.345.678-K`, `AB 12 34 56 C`, passports of digits.
pub fn from_number(scan: &Scan<'_>, at: usize, chain: &Chain, hits: &mut Vec<Hit>) -> Option<usize> {
    let groups = chain.count();
    let next = scan.token(at + groups);
    let part = Part { chain, groups, digits: chain.digits(groups), meaning: 0 };
    let mut push = |kind, start, end, score, tokens| {
        hits.push(Hit { kind, start, end, score });
        Some(at + tokens)
    };
    if let Some(letter) = next.filter(|it| it.len() == 1 && it.is_word() && matches!(it.link, b'-' | b' ')) {
        let byte = *scan.text(letter).first()?;
        if part.digits.len() == 8
            && dni(number(part.digits), byte)
            && (groups == 1 || part.shaped(&[2, 3, 3]))
        {
            return push(Kind::SpanishDni, chain.start(), letter.end(), 850, groups + 1);
        }
        if byte.eq_ignore_ascii_case(&b'K') && letter.link == b'-' && rut(part.digits) == Some(10) {
            return push(Kind::ChileRut, chain.start(), letter.end(), 900, groups + 1);
        }
        // National insurance number in pairs, its two letters stand before the digits.
        let prefix = at.checked_sub(1).and_then(|it| scan.token(it));
        if let Some(prefix) = prefix.filter(|it| it.is_word() && it.len() == 2 && part.shaped(&[2, 2, 2])) {
            let code: Vec<u8> =
                [scan.text(prefix), &part.digits.iter().map(|it| it + b'0').collect::<Vec<_>>(), &[byte]]
                    .concat();
            if nino(&code.to_ascii_uppercase()) {
                return push(Kind::UkNino, prefix.start(), letter.end(), 950, groups + 1);
            }
        }
    }
    if groups >= 2
        && (8..=9).contains(&part.digits.len())
        && chain.separator(groups - 1) == b'-'
        && chain.group(groups - 1).len() == 1
    {
        let (check, body) = part.digits.split_last()?;
        let written = part.shaped(&[2, 3, 3, 1]) || part.shaped(&[1, 3, 3, 1]) || groups == 2;
        if written && rut(body) == Some(u32::from(*check)) {
            let score = if groups == 4 || scan.near(at, at, say::RUT) { 900 } else { 450 };
            return push(Kind::ChileRut, chain.start(), chain.end(groups), score, groups);
        }
    }
    let first = scan.token(at)?;
    if let Some(tail) =
        scan.token(at + 1).filter(|it| it.is_mixed() && it.len() == 4 && matches!(it.link, b'-' | b'+'))
        && first.len() == 6
        && hetu(scan.text(first), scan.text(tail))
    {
        return push(Kind::FinnishHetu, first.start(), tail.end(), 930, 2);
    }
    if groups == 1 && first.len() == 18 && chinese(scan.text(first)) {
        return push(Kind::ChinaResidentId, first.start(), first.end(), 950, 1);
    }
    if (7..=9).contains(&first.len()) && groups == 1 && scan.near(at, at, say::PASSPORT) {
        return push(Kind::Passport, first.start(), first.end(), 850, 1);
    }
    if (7..=16).contains(&first.len()) && groups == 1 && scan.just_before(at, say::LICENCE, 4) {
        return push(Kind::DrivingLicence, first.start(), first.end(), 750, 1);
    }
    let record = (5..=12).contains(&first.len()) && groups == 1 && scan.near(at, at, say::MRN);
    if record {
        return push(Kind::MedicalRecord, first.start(), first.end(), 850, 1);
    }
    None
}

/// A mixed token and what is joined to it: `KA01 20110012345`, `X-1234567-L`, `B123 4567 8901`.
fn joined(scan: &Scan<'_>, at: usize, token: &Token, hits: &mut Vec<Hit>) -> Option<usize> {
    let mut code = [0_u8; 24];
    let mut filled = 0;
    for steps in 0..5 {
        let next = scan.token(at + steps)?;
        if steps > 0 && !matches!(next.link, b' ' | b'-' | b'/') {
            return None;
        }
        for byte in scan.text(next) {
            *code.get_mut(filled)? = byte.to_ascii_uppercase();
            filled += 1;
        }
        let code = code.get(..filled)?;
        let found = match (steps, filled) {
            (1..=3, 15) if indian_licence(code) => Some((Kind::DrivingLicence, 900)),
            (1..=3, 8..=16)
                if shape(code).as_slice().len() == 2
                    && scan.just_before(at, say::LICENCE, 4)
                    && next.is_number() =>
            {
                let more =
                    scan.token(at + steps + 1).is_some_and(|it| it.is_number() && it.link == next.link);
                (!more).then_some((Kind::DrivingLicence, 780))
            }
            _ => None,
        };
        if let Some((kind, score)) = found {
            hits.push(Hit { kind, start: token.start(), end: next.end(), score });
            return Some(at + steps + 1);
        }
    }
    None
}

/// A letter.
const A: u8 = b'A';
/// A digit.
const N: u8 = b'9';

/// Runs of letters and digits with their lengths; at most eight, the rest is cut.
struct Shape {
    runs: [(u8, u8); 8],
    count: usize,
}

impl Shape {
    fn as_slice(&self) -> &[(u8, u8)] {
        self.runs.get(..self.count).unwrap_or_default()
    }
}

fn shape(code: &[u8]) -> Shape {
    let mut shape = Shape { runs: [(0, 0); 8], count: 0 };
    for byte in code {
        let kind = if byte.is_ascii_digit() { N } else { A };
        match shape.count.checked_sub(1).and_then(|last| shape.runs.get_mut(last)) {
            Some((of, size)) if *of == kind => *size += 1,
            _ => {
                if let Some(run) = shape.runs.get_mut(shape.count) {
                    *run = (kind, 1);
                    shape.count += 1;
                }
            }
        }
    }
    shape
}

fn digits(code: &[u8], from: usize, to: usize) -> u64 {
    let part = code.get(from..to).unwrap_or_default();
    part.iter().fold(0, |sum, byte| sum * 10 + u64::from(byte.wrapping_sub(b'0') % 10))
}

/// Reserve Bank of India: four letters, a zero, six letters or digits.
fn ifsc(code: &[u8]) -> bool {
    code.iter().take(4).all(u8::is_ascii_uppercase) && code.get(4) == Some(&b'0')
}

fn known_bank(code: &[u8]) -> bool {
    const BANKS: &str = "SBIN HDFC ICIC UTIB PUNB BARB CNRB UBIN BKID IOBA IDIB MAHB CBIN UCBA PSIB KKBK YESB INDB IDFB FDRL \
        RATN SIBL KARB KVBL TMBL DCBL CSBK JAKA DBSS SCBL CITI HSBC DEUT BDBL AUBL AIRP PYTM IPOS IBKL NKGS SVCB COSB ESFB UJVN";
    code.get(..4).is_some_and(|bank| BANKS.split_whitespace().any(|it| it.as_bytes() == bank))
}

/// HMRC: prefixes D F I Q U V never in front, O never second; not BG GB KN NK NT TN ZZ; suffix A to D.
fn nino(code: &[u8]) -> bool {
    let [a, b, middle @ .., last] = code else { return false };
    let letters = a.is_ascii_uppercase() && b.is_ascii_uppercase();
    let prefix = !b"DFIQUV".contains(a) && !b"DFIQUVO".contains(b);
    let reserved = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&[*a, *b]);
    letters
        && prefix
        && !reserved
        && middle.len() == 6
        && middle.iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(last)
}

/// Singapore: weights 2 7 6 5 4 3 2, offset by series, one alphabet for citizens and one for foreigners.
fn nric(code: &[u8]) -> bool {
    let [series, middle @ .., last] = code else { return false };
    let values: Vec<u8> = middle.iter().map(|it| it.wrapping_sub(b'0')).collect();
    let sum = weighted(&values, &[2, 7, 6, 5, 4, 3, 2]);
    let (offset, alphabet) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"KLJNPQRTUWX"),
        _ => return false,
    };
    let place = (sum + offset) as usize % 11;
    let place = if *series == b'M' { 10 - place } else { place };
    alphabet.get(place) == Some(last)
}

/// DVLA: five letters of the name, decade, month (plus 50 for women), day, year, initials, two characters.
fn british_licence(code: &[u8]) -> bool {
    let name = code.iter().take(5).all(|it| it.is_ascii_uppercase() || *it == b'9')
        && code.first().is_some_and(u8::is_ascii_uppercase);
    let middle = code.get(5..11).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
    let month = digits(code, 6, 8) % 50;
    let initials =
        code.get(11..13).is_some_and(|it| it.iter().all(|it| it.is_ascii_uppercase() || *it == b'9'));
    let tail = code.get(13).is_some_and(|it| it.is_ascii_digit() || it.is_ascii_uppercase())
        && code.get(14..).is_some_and(|it| it.iter().all(u8::is_ascii_uppercase));
    name && middle && date(digits(code, 8, 10), month) && initials && tail
}

/// Ministry of road transport: state, office, year, seven digits.
fn indian_licence(code: &[u8]) -> bool {
    const STATES: &str = "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS UK UP UA WB";
    let state = code.get(..2).is_some_and(|it| STATES.split(' ').any(|state| state.as_bytes() == it));
    let rest = code.get(2..).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
    state && rest && (1950..=2099).contains(&digits(code, 4, 8))
}

/// ISO 7064 mod 11-2 with a birth date in the middle (GB 11643).
fn chinese(code: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if code.len() != 18
        || !code.iter().take(17).all(u8::is_ascii_digit)
        || !(1880..=2100).contains(&digits(code, 6, 10))
    {
        return false;
    }
    let values: Vec<u8> = code.iter().take(17).map(|it| it - b'0').collect();
    let check = b"10X98765432".get(weighted(&values, &WEIGHTS) as usize % 11);
    date(digits(code, 12, 14), digits(code, 10, 12))
        && check == code.last().map(u8::to_ascii_uppercase).as_ref()
}

/// RENAPO: four letters, birth date, sex, state, three consonants, two characters.
fn curp(code: &[u8]) -> bool {
    let letters =
        |from: usize, to: usize| code.get(from..to).is_some_and(|it| it.iter().all(u8::is_ascii_uppercase));
    let numbers = code.get(4..10).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
    letters(0, 4)
        && numbers
        && date(digits(code, 8, 10), digits(code, 6, 8))
        && matches!(code.get(10), Some(b'H' | b'M' | b'X'))
        && letters(11, 16)
        && code.get(17).is_some_and(u8::is_ascii_digit)
}

/// Finland: number of birth date and serial, rest by 31 in a fixed alphabet.
fn hetu(birth: &[u8], tail: &[u8]) -> bool {
    let serial = tail.get(..3).unwrap_or_default();
    if !serial.iter().all(u8::is_ascii_digit) || !date(digits(birth, 0, 2), digits(birth, 2, 4)) {
        return false;
    }
    let body = digits(birth, 0, 6) * 1000 + digits(serial, 0, 3);
    b"0123456789ABCDEFHJKLMNPRSTUVWXY".get((body % 31) as usize)
        == tail.last().map(u8::to_ascii_uppercase).as_ref()
}

/// Chile: weights 2 to 7 from the right; 10 stands for K.
fn rut(body: &[u8]) -> Option<u32> {
    if !(7..=8).contains(&body.len()) {
        return None;
    }
    let sum: u32 = body
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7].iter().cycle())
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    Some((11 - sum % 11) % 11)
}
