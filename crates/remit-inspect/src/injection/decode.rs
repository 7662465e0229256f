//! Hidden passages made readable: base64, hexadecimal, percent and character escapes. Each attempt costs bytes of one
//! budget, so that work stays linear. What is merely spelt otherwise is the business of `respell`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Concept;
use super::layer::{Budget, Layer};
use super::respell;
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
            let run = respell::single_letters(scan, at);
            if run >= 4 {
                seen.split.push(at);
                seen.split.push(at + run - 1);
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
        if token.is_mixed() && (3..=20).contains(&size) && respell::leet_word(scan, token) {
            seen.leet.push(at);
        }
        if matches!(token.link, b'-' | b'.' | b'_' | b'*' | b'|' | b'~' | b'+') && respell::joins(scan, at) {
            seen.joined.push(at);
        } else if matches!(token.link, b'@' | b'$' | b'!') && respell::symbol_word(scan, at) {
            seen.leet.push(at);
        }
        at += 1;
    }
    respell::layers(scan, known, &seen, &mut layers);
    escapes(scan, budget, &mut layers);
    layers
}

/// What was met on the way, by place of its token.
#[derive(Default)]
pub struct Signs {
    /// Words with digits or signs in place of letters.
    pub leet: Vec<usize>,
    /// First and last letters of runs of single ones.
    pub split: Vec<usize>,
    /// Second halves of words that are joined by a sign.
    pub joined: Vec<usize>,
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
        layers.push(Layer { text, origin: Some(origin), base: 0, whole: false });
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

/// Bytes between two escapes that belong together.
const APART: usize = 256;
/// Bytes of the text around escapes that are read with them.
const BESIDE: usize = 200;

/// An escape: where it begins and ends, what it stands for.
struct Escape {
    start: usize,
    end: usize,
    letter: char,
    /// A byte of UTF-8, not a character.
    raw: bool,
}

/// Percent escapes, `\\u0069`, `\\x69`, `&#105;`, four at least that stand near each other.
fn escapes(scan: &Scan<'_>, budget: &mut Budget, layers: &mut Vec<Layer>) {
    let bytes = scan.bytes;
    let Some(mut at) = memchr::memchr3(b'%', b'\\', b'&', bytes) else { return };
    let mut group: Vec<Escape> = Vec::new();
    while let Some(rest) = bytes.get(at..) {
        let Some(skip) = memchr::memchr3(b'%', b'\\', b'&', rest) else { break };
        let start = at + skip;
        let Some((letter, size)) = escape(bytes.get(start..).unwrap_or_default()) else {
            at = start + 1;
            continue;
        };
        if group.last().is_some_and(|last| start - last.end > APART) {
            unescape(bytes, &group, budget, layers);
            group.clear();
        }
        at = start + size;
        let raw = bytes.get(start) == Some(&b'%');
        group.push(Escape { start, end: at, letter, raw });
    }
    unescape(bytes, &group, budget, layers);
}

/// A group of escapes and what stands beside them, as text.
fn unescape(bytes: &[u8], group: &[Escape], budget: &mut Budget, layers: &mut Vec<Layer>) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    if group.len() < 4 {
        return;
    }
    let inside = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let begin = first.start.saturating_sub(BESIDE);
    let begin = (begin..first.start).find(|at| !inside(at)).unwrap_or(first.start);
    let close = (last.end + BESIDE).min(bytes.len());
    let close = (last.end..=close).rev().find(|at| !inside(at)).unwrap_or(last.end);
    let mut text = Vec::with_capacity(close - begin);
    let mut copied = begin;
    for one in group {
        text.extend_from_slice(bytes.get(copied..one.start).unwrap_or_default());
        match u8::try_from(u32::from(one.letter)) {
            Ok(raw) if one.raw => text.push(raw),
            _ => text.extend_from_slice(one.letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        copied = one.end;
    }
    text.extend_from_slice(bytes.get(copied..close).unwrap_or_default());
    if budget.spend(text.len()) {
        let origin = Some((first.start, last.end));
        let text = String::from_utf8_lossy(&text).into_owned();
        layers.push(Layer { text, origin, base: 0, whole: false });
    }
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
