//! The short form in which JSON stands in a segment, and back: exact, of any bytes. Pure.
//!
//! JSON has no byte below a blank inside, so those are free to stand for something longer:
//!
//! ```text
//! 01 32 bytes   64 digits of lower-case hexadecimal       04 number   a word of the second page
//! 02 16 bytes   32 of them                                05 … 1c     a word of the first page
//! 03 16 bytes   a UUID in lower case                      1f byte     this byte
//! ```
//!
//! What a packed text says is the text; nothing is ever hashed, signed or compared in this form.

mod words;

use std::sync::LazyLock;
use words::{PAGE, SHORT};

const DIGITS_64: u8 = 0x01;
const DIGITS_32: u8 = 0x02;
const UUID: u8 = 0x03;
const WORD: u8 = 0x04;
const FIRST: u8 = 0x05;
const PLAIN: u8 = 0x1f;

/// What a packed record begins with: the word that opens every record.
pub(crate) const RECORD: u8 = FIRST;
/// What a plain record begins with, which is the same word.
pub(crate) const OPENING: &str = SHORT[0];

/// Zero bytes in a row that no packed text holds: more of them are what a lost sector looks like.
const ZEROS: usize = 4;

/// Words by a number made of their first four bytes, the longest first.
static FOUND: LazyLock<Vec<Slot>> = LazyLock::new(|| {
    let mut found = vec![Slot::new(); SLOTS];
    let short = SHORT.iter().zip(FIRST..).map(|(word, code)| (*word, Code::Short(code)));
    let page = PAGE.iter().zip(0..).map(|(word, code)| (*word, Code::Page(code)));
    for (word, code) in short.chain(page) {
        let slot = word.as_bytes().first_chunk().map(slot);
        if let Some(slot) = slot.and_then(|slot| found.get_mut(slot)) {
            slot.push((word.as_bytes(), code));
        }
    }
    found.iter_mut().for_each(|words| words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len())));
    found
});

/// The bytes at which something short may begin or that need a sign before them; runs of others are copied as they are.
#[expect(clippy::indexing_slicing, reason = "worked out by the compiler")]
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = byte < 0x20 || matches!(byte as u8, b'"' | b',' | b'{' | b'}' | b']' | b'.');
        byte += 1;
    }
    special
};

const SLOTS: usize = 1 << 10;

/// The words that begin alike.
type Slot = Vec<(&'static [u8], Code)>;

#[derive(Clone, Copy)]
enum Code {
    Short(u8),
    Page(u8),
}

fn slot(four: &[u8; 4]) -> usize {
    // A multiplier of Knuth's; the upper bits are the mixed ones.
    (u32::from_le_bytes(*four).wrapping_mul(2_654_435_761) >> 22) as usize
}

/// Appends the short form. `quoted` says whether the text goes on behind a quotation mark.
pub(crate) fn pack(text: &[u8], quoted: bool, out: &mut Vec<u8>) {
    let found = &*FOUND;
    let mut rest = text;
    let mut value = quoted;
    while let Some((byte, after)) = rest.split_first() {
        if value && let Some((length, packed)) = digits(rest) {
            packed.put(out);
            rest = rest.get(length..).unwrap_or_default();
            value = false;
            continue;
        }
        let run = rest
            .iter()
            .position(|byte| SPECIAL.get(usize::from(*byte)).is_none_or(|special| *special))
            .unwrap_or(rest.len());
        if run > 0 {
            let (plain, after) = rest.split_at(run);
            out.extend_from_slice(plain);
            value = false;
            rest = after;
            continue;
        }
        if matches!(byte, b'"' | b',' | b'{' | b'}' | b']')
            && let Some(words) = rest.first_chunk().and_then(|four| found.get(slot(four)))
            && let Some((word, code)) = words.iter().find(|(word, _)| rest.starts_with(word))
        {
            match code {
                Code::Short(code) => out.push(*code),
                Code::Page(number) => out.extend_from_slice(&[WORD, *number]),
            }
            rest = rest.get(word.len()..).unwrap_or_default();
            value = word.ends_with(b"\"");
            continue;
        }
        if *byte < b' ' {
            out.push(PLAIN);
        }
        out.push(*byte);
        value = matches!(byte, b'"' | b'.');
        rest = after;
    }
}

enum Packed {
    Long([u8; 32]),
    Half([u8; 16]),
    Uuid([u8; 16]),
}

impl Packed {
    fn put(&self, out: &mut Vec<u8>) {
        let (code, bytes): (u8, &[u8]) = match self {
            Self::Long(bytes) => (DIGITS_64, bytes),
            Self::Half(bytes) => (DIGITS_32, bytes),
            Self::Uuid(bytes) => (UUID, bytes),
        };
        out.push(code);
        out.extend_from_slice(bytes);
    }
}

/// The digits that a text begins with, when they have a short form: how many bytes they are.
fn digits(text: &[u8]) -> Option<(usize, Packed)> {
    let long = text.first_chunk::<64>().and_then(bytes::<64, 32>);
    if let Some(bytes) = long.filter(|bytes| is_dense(bytes)) {
        return Some((64, Packed::Long(bytes)));
    }
    let half = text.first_chunk::<32>().and_then(bytes::<32, 16>);
    if let Some(bytes) = half.filter(|bytes| is_dense(bytes)) {
        return Some((32, Packed::Half(bytes)));
    }
    let uuid = text.first_chunk::<36>()?;
    if uuid.get(8) != Some(&b'-') {
        return None;
    }
    let mut plain = [0; 32];
    let mut kept =
        uuid.iter().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23)).map(|(_, byte)| *byte);
    let dashes = [8, 13, 18, 23].iter().all(|at| uuid.get(*at) == Some(&b'-'));
    plain.iter_mut().for_each(|byte| *byte = kept.next().unwrap_or_default());
    let bytes = bytes::<32, 16>(&plain).filter(|bytes| dashes && is_dense(bytes))?;
    Some((36, Packed::Uuid(bytes)))
}

/// What lower-case digits say; none when one of them is something else.
fn bytes<const DIGITS: usize, const BYTES: usize>(text: &[u8; DIGITS]) -> Option<[u8; BYTES]> {
    let mut out = [0; BYTES];
    // Most of what is looked at is no digits: the last of them tells sooner than the first.
    digit(*text.last()?)?;
    for (byte, pair) in out.iter_mut().zip(text.as_chunks::<2>().0) {
        let [high, low] = *pair;
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(out)
}

fn digit(of: u8) -> Option<u8> {
    match of {
        b'0'..=b'9' => Some(of - b'0'),
        b'a'..=b'f' => Some(of - b'a' + 10),
        _ => None,
    }
}

/// Whether there are no zeros that could be taken for a hole.
fn is_dense(bytes: &[u8]) -> bool {
    bytes.windows(ZEROS).all(|window| window.iter().any(|byte| *byte != 0))
}

/// Appends what a short form says, up to `most` bytes in `out`; none when it is no short form or says more.
#[must_use]
pub(crate) fn unpack(mut packed: &[u8], most: usize, out: &mut Vec<u8>) -> Option<()> {
    loop {
        let plain = packed.iter().position(|byte| *byte < b' ').unwrap_or(packed.len());
        let (text, rest) = packed.split_at_checked(plain)?;
        out.extend_from_slice(text);
        let Some((code, rest)) = rest.split_first() else { break };
        packed = match *code {
            DIGITS_64 => put_digits::<32>(rest, out)?,
            DIGITS_32 => put_digits::<16>(rest, out)?,
            UUID => put_uuid(rest, out)?,
            WORD => {
                let (number, rest) = rest.split_first()?;
                out.extend_from_slice(PAGE.get(usize::from(*number))?.as_bytes());
                rest
            }
            PLAIN => {
                let (byte, rest) = rest.split_first()?;
                out.push(*byte);
                rest
            }
            code => {
                out.extend_from_slice(SHORT.get(usize::from(code.checked_sub(FIRST)?))?.as_bytes());
                rest
            }
        };
        if out.len() > most {
            return None;
        }
    }
    (out.len() <= most).then_some(())
}

fn put_digits<'p, const BYTES: usize>(packed: &'p [u8], out: &mut Vec<u8>) -> Option<&'p [u8]> {
    let (bytes, rest) = packed.split_first_chunk::<BYTES>()?;
    let mut text = [0; 64];
    text.as_chunks_mut().0.iter_mut().zip(bytes).for_each(|(text, byte)| *text = pair(*byte));
    out.extend_from_slice(text.get(..BYTES * 2)?);
    Some(rest)
}

fn put_uuid<'p>(packed: &'p [u8], out: &mut Vec<u8>) -> Option<&'p [u8]> {
    let (bytes, rest) = packed.split_first_chunk::<16>()?;
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(&pair(*byte));
    }
    Some(rest)
}

/// The two digits of a byte.
fn pair(byte: u8) -> [u8; 2] {
    let digit = |four: u8| if four < 10 { b'0' + four } else { b'a' - 10 + four };
    [digit(byte >> 4), digit(byte & 0x0f)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        pack(text, false, &mut out);
        out
    }

    fn back(packed: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        unpack(packed, 1 << 20, &mut out).map(|()| out)
    }

    #[test]
    fn every_text_comes_back_and_no_json_gets_longer() {
        let hex = |byte: &str, times: usize| byte.repeat(times);
        let texts = [
            String::new(),
            "{\"body\":{\"action\":\"read\",\"aside\":\"".to_owned() + &hex("9f", 32) + "\"}}",
            "\"".to_owned() + &hex("00", 32) + "\"",
            "\"".to_owned() + &hex("10", 16) + "00000000" + &hex("0a", 12) + "\"",
            "\"".to_owned()
                + &hex("AB", 32)
                + "\" and \""
                + &hex("ab", 17)
                + "\" and \""
                + &hex("ab", 31)
                + "a",
            "\"01a21679-d0db-767a-bddf-70b9d57a987d\",\"01a21679-d0db-767a-bddf-70b9d57a987\"".to_owned(),
            "\"01a21679d0db-767a-bddf-70b9d57a987dd\" \"01A21679-d0db-767a-bddf-70b9d57a987d\"".to_owned(),
            "\"~1.bfa60fb38d1bff93e041281af816c099\",\"Grüße, 東京, 🦀\"".to_owned(),
        ];
        for text in texts {
            let short = packed(text.as_bytes());
            assert_eq!(back(&short).unwrap(), text.as_bytes(), "{text}");
            assert!(short.len() <= text.len(), "{text}");
        }
        for text in [&b"\n\t \x00\x01\x1f"[..], &[0xff, 0xfe, b'"', 0x05], &[b'"'; 9]] {
            assert_eq!(back(&packed(text)).unwrap(), text);
        }
    }

    #[test]
    fn values_and_words_are_short() {
        assert_eq!(packed(format!("\"{}\"", "ab".repeat(32)).as_bytes()).len(), 35);
        assert_eq!(packed(format!("~1.{}", "ab".repeat(16)).as_bytes()).len(), 20);
        assert_eq!(packed(b"\"01a21679-d0db-767a-bddf-70b9d57a987d\"").len(), 19);
        for word in SHORT {
            assert_eq!(packed(word.as_bytes()).len(), 1, "{word}");
        }
        for word in PAGE {
            assert!(packed(word.as_bytes()).len() <= 2, "{word}");
        }
        let words: BTreeSet<_> = SHORT.iter().chain(&PAGE).collect();
        assert_eq!(words.len(), SHORT.len() + PAGE.len(), "each once");
        assert!(words.iter().all(|word| word.len() >= 4 && word.is_ascii()));
        assert!(usize::from(FIRST) + SHORT.len() <= usize::from(PLAIN) && PAGE.len() <= 256);
        assert_eq!(packed(OPENING.as_bytes()), [RECORD]);
    }

    #[test]
    fn no_short_form_holds_what_looks_like_a_hole() {
        let mut state = 0x5eed_u64;
        for _ in 0..2_000 {
            let digits: String = (0..64)
                .map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    if state >> 60 < 13 { '0' } else { '1' }
                })
                .collect();
            let text = format!("\"{digits}\",\"{digits}\"");
            let short = packed(text.as_bytes());
            assert_eq!(back(&short).unwrap(), text.as_bytes());
            assert!(short.windows(4).all(|window| window.iter().any(|byte| *byte != 0)), "{digits}");
        }
    }

    #[test]
    fn what_is_no_short_form_is_refused_and_nothing_grows_beyond_bounds() {
        for bad in
            [&[0x00][..], &[0x1d], &[0x1e], &[PLAIN], &[WORD], &[WORD, 255], &[DIGITS_64, 1], &[UUID; 9]]
        {
            assert_eq!(back(bad), None, "{bad:?}");
        }
        let bomb = vec![RECORD; 1_000];
        let mut out = Vec::new();
        assert_eq!(unpack(&bomb, 7_999, &mut out), None);
        assert!(out.len() < 8_100);
        out.clear();
        assert_eq!(unpack(&bomb, 8_000, &mut out), Some(()));
    }
}
