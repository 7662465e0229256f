//! Hidden passages made readable: base64, hexadecimal, percent and character escapes, rot13, reversal, leet
//! spelling, split words. Each attempt costs bytes of one budget, so that work stays linear.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Concept;
use super::layer::{Budget, Layer};
use super::words::HIDDEN;
use crate::scan::Scan;
use crate::token::{DIGIT, HIDE, Token, WIDE};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Shortest base64 worth decoding: a dozen letters.
const BASE64: usize = 16;
/// Shortest hexadecimal worth decoding.
const HEX: usize = 24;

/// Everything hidden in this text.
pub fn layers(scan: &Scan<'_>, known: Concept, budget: &mut Budget) -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut seen = Signs::default();
    let mut at = 0;
    while let Some(token) = scan.token(at) {
        if !token.is(HIDE) {
            at += 1;
            continue;
        }
        let size = token.len();
        if size >= BASE64 && seen.packed_to <= token.start() {
            packed(scan, token, &mut seen, budget, &mut layers);
        } else if size == 1 {
            // The mark stands at the second of a run.
            let run = single_letters(scan, at);
            if run >= 4 {
                seen.split += 1;
                at += run;
                continue;
            }
        } else if size == 2 && token.flags & WIDE == 0 {
            let run = pairs(scan, at);
            if run >= 10 {
                hex_pairs(scan, at, run, budget, &mut layers);
                at += run;
                continue;
            }
        }
        if token.is_mixed() && (3..=20).contains(&size) && leet_word(scan, token) {
            seen.leet += 1;
        }
        if matches!(token.link, b'-' | b'.' | b'_' | b'*' | b'|' | b'~' | b'+') && joins(scan, at) {
            seen.joined += 1;
        } else if matches!(token.link, b'@' | b'$' | b'!') && symbol_word(scan, at) {
            seen.leet += 1;
        }
        at += 1;
    }
    if seen.leet >= 2 {
        leet(scan, budget, &mut layers);
    }
    if seen.split > 0 || seen.joined >= 2 {
        rejoin(scan, budget, &mut layers);
    }
    if known & HIDDEN != 0 {
        turned(scan, budget, &mut layers);
    }
    escapes(scan, budget, &mut layers);
    layers
}

#[derive(Default)]
struct Signs {
    leet: u32,
    split: u32,
    joined: u32,
    /// End of the last passage that was tried as base64 or hexadecimal.
    packed_to: usize,
}

/// A long token: hexadecimal, or base64 with what is joined to it.
fn packed(scan: &Scan<'_>, token: &Token, seen: &mut Signs, budget: &mut Budget, layers: &mut Vec<Layer>) {
    let text = scan.text(token);
    if text.len() >= HEX && text.iter().all(u8::is_ascii_hexdigit) && token.flags & DIGIT != 0 {
        seen.packed_to = token.end();
        let bytes: Vec<u8> = text.chunks_exact(2).filter_map(hex_byte).collect();
        keep(bytes, (token.start(), token.end()), budget, layers);
        return;
    }
    let letter = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'-' | b'_');
    let back = scan
        .bytes
        .get(seen.packed_to..token.start())
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|it| letter(it))
        .count();
    let ahead = scan.bytes.get(token.end()..).unwrap_or_default().iter().take_while(|it| letter(it)).count();
    let (start, end) = (token.start() - back, token.end() + ahead);
    seen.packed_to = end;
    let run = scan.slice(start, end);
    let upper = run.iter().any(u8::is_ascii_uppercase);
    let lower = run.iter().any(u8::is_ascii_lowercase);
    if !upper || !lower || token.flags & WIDE != 0 {
        return;
    }
    let engine = if run.iter().any(|it| matches!(it, b'-' | b'_')) { &URL_SAFE } else { &STANDARD };
    let whole = run.len() - usize::from(run.len() % 4 == 1);
    if let Ok(bytes) = engine.decode(run.get(..whole).unwrap_or_default()) {
        keep(bytes, (start, end), budget, layers);
    }
}

/// Keeps decoded bytes if they read as text.
fn keep(bytes: Vec<u8>, origin: (usize, usize), budget: &mut Budget, layers: &mut Vec<Layer>) {
    let Ok(text) = String::from_utf8(bytes) else { return };
    let letters = text.chars().filter(|it| it.is_alphabetic() || *it == ' ').count();
    let control = text.chars().any(|it| it.is_control() && !it.is_whitespace());
    if control || letters * 4 < text.chars().count() * 3 || text.len() < 8 {
        return;
    }
    if budget.spend(text.len()) {
        layers.push(Layer { text, origin: Some(origin), whole: false });
    }
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let [high, low] = *pair else { return None };
    let value = |byte: u8| char::from(byte).to_digit(16);
    Some((value(high)? * 16 + value(low)?) as u8)
}

/// How many pairs of hexadecimal digits follow each other from here.
fn pairs(scan: &Scan<'_>, at: usize) -> usize {
    let pair = |token: &&Token| token.len() == 2 && scan.text(token).iter().all(u8::is_ascii_hexdigit);
    scan.tokens.get(at..).unwrap_or_default().iter().take(4096).take_while(pair).count()
}

fn hex_pairs(scan: &Scan<'_>, at: usize, run: usize, budget: &mut Budget, layers: &mut Vec<Layer>) {
    let tokens = scan.tokens.get(at..at + run).unwrap_or_default();
    let bytes: Vec<u8> = tokens.iter().filter_map(|it| hex_byte(scan.text(it))).collect();
    if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
        keep(bytes, (first.start(), last.end()), budget, layers);
    }
}

/// How many single letters follow each other from here.
fn single_letters(scan: &Scan<'_>, at: usize) -> usize {
    let one = |token: &&Token| token.len() == 1 && token.is_word();
    scan.tokens.get(at..).unwrap_or_default().iter().take(4096).take_while(one).count()
}

/// What digits and signs pass for.
const fn plain(byte: u8, one: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'|' => one,
        b'!' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' | b'+' => b't',
        b'8' => b'b',
        b'9' | b'6' => b'g',
        other => other,
    }
}

/// Whether a word with digits in it is a known one in disguise.
fn leet_word(scan: &Scan<'_>, token: &Token) -> bool {
    let mut buffer = [0; 20];
    let text = scan.text(token);
    [b'i', b'l'].iter().any(|one| {
        let Some(word) = buffer.get_mut(..text.len()) else { return false };
        for (to, byte) in word.iter_mut().zip(text) {
            *to = plain(*byte, *one);
        }
        scan.lexicon.look_up(word).concept != 0
    })
}

/// `@ll`, `$ystem`, `prev!ous`: a word around a sign.
fn symbol_word(scan: &Scan<'_>, at: usize) -> bool {
    let Some(token) = scan.token(at) else { return false };
    let sign = token.start().saturating_sub(1);
    let before = at.checked_sub(1).and_then(|it| scan.token(it)).filter(|it| it.end() == sign);
    let start = before.map_or(sign, Token::start);
    let text = scan.slice(start, token.end());
    if text.len() > 20 || before.is_some_and(|it| it.word != 0) && token.word != 0 {
        return false;
    }
    let word: Vec<u8> = text.iter().map(|it| plain(*it, b'i')).collect();
    scan.lexicon.look_up(&word).concept != 0
}

fn leet(scan: &Scan<'_>, budget: &mut Budget, layers: &mut Vec<Layer>) {
    for one in [b'i', b'l'] {
        if one == b'l' && !scan.bytes.iter().any(|it| matches!(it, b'1' | b'|')) {
            continue;
        }
        if budget.spend(scan.bytes.len()) {
            let bytes: Vec<u8> = scan.bytes.iter().map(|it| plain(*it, one)).collect();
            layers.push(Layer {
                text: String::from_utf8_lossy(&bytes).into_owned(),
                origin: None,
                whole: true,
            });
        }
    }
}

/// Whether this token and the one before are pieces of a known word.
fn joins(scan: &Scan<'_>, at: usize) -> bool {
    let (Some(token), Some(before)) = (scan.token(at), at.checked_sub(1).and_then(|it| scan.token(it)))
    else {
        return false;
    };
    if token.word != 0 && before.word != 0
        || !token.is_word()
        || !before.is_word()
        || token.len() + before.len() > 20
    {
        return false;
    }
    let pair = [scan.text(before), scan.text(token)].concat();
    if scan.lexicon.look_up(&pair).concept != 0 {
        return true;
    }
    let Some(third) = scan.token(at + 1).filter(|it| it.link == token.link && it.is_word() && it.len() < 12)
    else {
        return false;
    };
    scan.lexicon.look_up(&[pair.as_slice(), scan.text(third)].concat()).concept != 0
}

/// The text with its pieces put together: single letters to words, joined halves to words.
fn rejoin(scan: &Scan<'_>, budget: &mut Budget, layers: &mut Vec<Layer>) {
    if !budget.spend(scan.bytes.len()) {
        return;
    }
    let mut text = Vec::with_capacity(scan.bytes.len());
    let mut at = 0;
    while let Some(token) = scan.token(at) {
        let run = single_letters(scan, at);
        if run >= 5 {
            let narrow = (at + 1..at + run).map(|it| scan.gap(it).len()).min().unwrap_or(1);
            let mut word = Vec::new();
            let mut spaced = false;
            for next in at..at + run {
                if next > at && scan.gap(next).len() > narrow {
                    word.push(b' ');
                    spaced = true;
                }
                word.extend_from_slice(scan.token(next).map(|it| scan.text(it)).unwrap_or_default());
            }
            text.push(b' ');
            if spaced {
                text.extend_from_slice(&word);
            } else {
                segment(scan, &word, &mut text);
            }
            at += run;
            continue;
        }
        let joined =
            at > 0 && matches!(token.link, b'-' | b'.' | b'_' | b'*' | b'|' | b'~' | b'+') && token.is_word();
        if !joined {
            text.extend_from_slice(scan.gap(at));
        }
        text.extend_from_slice(scan.text(token));
        at += 1;
    }
    layers.push(Layer {
        text: String::from_utf8_lossy(&text).into_owned(),
        origin: Some((0, scan.bytes.len())),
        whole: true,
    });
}

/// Words without blanks cut into known ones, the longest first.
pub fn segment(scan: &Scan<'_>, letters: &[u8], text: &mut Vec<u8>) {
    let mut at = 0;
    while at < letters.len() {
        let most = (letters.len() - at).min(20);
        let known = |size: &usize| {
            let word = letters.get(at..at + size).unwrap_or_default();
            scan.lexicon.look_up(word).concept != 0
        };
        let size = (2..=most).rev().find(known);
        match size {
            Some(size) => {
                text.push(b' ');
                text.extend_from_slice(letters.get(at..at + size).unwrap_or_default());
                text.push(b' ');
                at += size;
            }
            None => {
                text.extend_from_slice(letters.get(at..at + 1).unwrap_or_default());
                at += 1;
            }
        }
    }
}

/// Rot13 and reversal of the whole text.
fn turned(scan: &Scan<'_>, budget: &mut Budget, layers: &mut Vec<Layer>) {
    let size = scan.bytes.len();
    let turn = |byte: &u8| match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        other => *other,
    };
    if budget.spend(size) {
        let text: Vec<u8> = scan.bytes.iter().map(turn).collect();
        layers.push(Layer { text: String::from_utf8_lossy(&text).into_owned(), origin: None, whole: true });
    }
    if budget.spend(size) {
        let text: String = String::from_utf8_lossy(scan.bytes).chars().rev().collect();
        layers.push(Layer { text, origin: Some((0, size)), whole: true });
    }
}

/// Percent escapes, `\u0069`, `\x69`, `&#105;`.
fn escapes(scan: &Scan<'_>, budget: &mut Budget, layers: &mut Vec<Layer>) {
    let bytes = scan.bytes;
    let Some(start) = memchr::memchr3(b'%', b'\\', b'&', bytes) else { return };
    let mut text = Vec::new();
    let mut count = 0;
    let mut first = None;
    let mut last = 0;
    let mut at = start;
    let mut copied = 0;
    while let Some(byte) = bytes.get(at) {
        let found = matches!(byte, b'%' | b'\\' | b'&')
            .then(|| escape(bytes.get(at..).unwrap_or_default()))
            .flatten();
        if let Some((letter, size)) = found {
            text.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
            match u8::try_from(u32::from(letter)) {
                Ok(raw) if *byte == b'%' => text.push(raw),
                _ => text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            count += 1;
            first.get_or_insert(at);
            at += size;
            copied = at;
            last = at;
        } else {
            at += 1;
        }
    }
    if count < 4 || !budget.spend(text.len() + bytes.len() - copied) {
        return;
    }
    text.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    let origin = Some((first.unwrap_or(0), last));
    layers.push(Layer { text: String::from_utf8_lossy(&text).into_owned(), origin, whole: false });
}

/// One escape at the beginning, and how many bytes it takes.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let hex = |from: usize, size: usize| {
        let digits = bytes.get(from..from + size)?;
        let text =
            std::str::from_utf8(digits).ok().filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()))?;
        u32::from_str_radix(text, 16).ok()
    };
    let (code, size) = match bytes {
        [b'%', ..] => (hex(1, 2)?, 3),
        [b'\\', b'u', ..] => (hex(2, 4)?, 6),
        [b'\\', b'x', ..] => (hex(2, 2)?, 4),
        [b'&', b'#', b'x' | b'X', ..] => {
            let size = bytes.iter().skip(3).take(6).take_while(|it| it.is_ascii_hexdigit()).count();
            (hex(3, size)?, 3 + size + usize::from(bytes.get(3 + size) == Some(&b';')))
        }
        [b'&', b'#', ..] => {
            let digits = bytes.iter().skip(2).take(7).take_while(|it| it.is_ascii_digit()).count();
            let text = std::str::from_utf8(bytes.get(2..2 + digits)?).ok()?;
            (text.parse().ok()?, 2 + digits + usize::from(bytes.get(2 + digits) == Some(&b';')))
        }
        _ => return None,
    };
    Some((char::from_u32(code)?, size))
}
