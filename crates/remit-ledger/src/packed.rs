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

use crate::hash::{self, digit, unhex};
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

/// All words, ready to be met in a text.
struct Words {
    /// Those of eight bytes and more by a number made of the first eight, the longest first.
    long: Vec<Slot>,
    /// The others by a number made of the first four, the longest first.
    short: Vec<Slot>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { long: vec![Slot::new(); SLOTS], short: vec![Slot::new(); SLOTS] };
    let short = SHORT.iter().zip(FIRST..).map(|(word, code)| (*word, Code::Short(code)));
    let page = PAGE.iter().zip(0..).map(|(word, code)| (*word, Code::Page(code)));
    for (word, code) in short.chain(page) {
        let word = word.as_bytes();
        let slot = match (word.first_chunk(), word.first_chunk()) {
            (Some(eight), _) => words.long.get_mut(slot_of_eight(eight)),
            (None, Some(four)) => words.short.get_mut(slot_of_four(four)),
            (None, None) => None,
        };
        slot.into_iter().for_each(|slot| slot.push((word, code)));
    }
    for slot in words.long.iter_mut().chain(&mut words.short) {
        slot.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }
    words
});

impl Words {
    /// The longest word that a text begins with.
    fn at(&self, text: &[u8]) -> Option<(&'static [u8], Code)> {
        let among = |slot: Option<&Slot>| slot?.iter().find(|(word, _)| begins(text, word)).copied();
        let long = text.first_chunk().and_then(|eight| among(self.long.get(slot_of_eight(eight))));
        long.or_else(|| among(self.short.get(slot_of_four(text.first_chunk()?))))
    }
}

/// As `starts_with`, without a call for words that are mostly short.
fn begins(text: &[u8], word: &[u8]) -> bool {
    let Some(text) = text.get(..word.len()) else { return false };
    let ((eights, rest), (of_word, rest_of_word)) = (text.as_chunks::<8>(), word.as_chunks::<8>());
    let same = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    eights.iter().zip(of_word).all(same) && rest.iter().zip(rest_of_word).all(|(a, b)| a == b)
}

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

// Multiplied by 2 to the power of the width over the golden ratio (Knuth); the upper bits are the mixed ones.

fn slot_of_four(four: &[u8; 4]) -> usize {
    (u32::from_le_bytes(*four).wrapping_mul(0x9e37_79b1) >> 22) as usize
}

fn slot_of_eight(eight: &[u8; 8]) -> usize {
    (u64::from_le_bytes(*eight).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
}

/// Appends the short form. `quoted` says whether the text goes on behind a quotation mark.
pub(crate) fn pack(text: &[u8], quoted: bool, out: &mut Vec<u8>) {
    let words = &*WORDS;
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
            && let Some((word, code)) = words.at(rest)
        {
            match code {
                Code::Short(code) => out.push(code),
                Code::Page(number) => out.extend_from_slice(&[WORD, number]),
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
    // WHY: most values are no digits, and some of their bytes tell that sooner than all of them would.
    const TELLING: [usize; 5] = [0, 5, 16, 27, 31];
    if TELLING.iter().any(|at| text.get(*at).is_none_or(|byte| digit(*byte).is_none())) {
        return None;
    }
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
    digit(*text.last()?)?;
    unhex(text)
}

/// Whether there are no zeros that could be taken for a hole.
fn is_dense(bytes: &[u8]) -> bool {
    bytes.windows(ZEROS).all(|window| window.iter().any(|byte| *byte != 0))
}

/// Appends what a short form says, up to `most` bytes in `out`; none when it is no short form or says more.
#[must_use]
pub(crate) fn unpack(mut packed: &[u8], most: usize, out: &mut Vec<u8>) -> Option<()> {
    loop {
        let plain = plain(packed);
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

/// How many bytes a short form begins with that stand for themselves.
fn plain(packed: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let (eights, rest) = packed.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let bytes = u64::from_le_bytes(*eight);
        // The top bit of each byte below a blank; the lowest that is set is right, which is the one that counts.
        let below = bytes.wrapping_sub(ONES * u64::from(b' ')) & !bytes & (ONES * 0x80);
        if below != 0 {
            return at * 8 + below.trailing_zeros() as usize / 8;
        }
    }
    packed.len() - rest.len() + rest.iter().position(|byte| *byte < b' ').unwrap_or(rest.len())
}

fn put_digits<'p, const BYTES: usize>(packed: &'p [u8], out: &mut Vec<u8>) -> Option<&'p [u8]> {
    let (bytes, rest) = packed.split_first_chunk::<BYTES>()?;
    let mut text = [0; 64];
    text.as_chunks_mut().0.iter_mut().zip(bytes).for_each(|(text, byte)| *text = hash::digits(*byte));
    out.extend_from_slice(text.get(..BYTES * 2)?);
    Some(rest)
}

fn put_uuid<'p>(packed: &'p [u8], out: &mut Vec<u8>) -> Option<&'p [u8]> {
    let (bytes, rest) = packed.split_first_chunk::<16>()?;
    let mut text = [b'-'; 36];
    let (mut at, mut bytes) = (text.iter_mut(), bytes.iter());
    for group in [4, 2, 2, 2, 6] {
        for byte in bytes.by_ref().take(group) {
            at.by_ref().zip(hash::digits(*byte)).take(2).for_each(|(place, digit)| *place = digit);
        }
        at.next();
    }
    out.extend_from_slice(&text);
    Some(rest)
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
    fn what_stands_for_itself_ends_at_the_first_sign_wherever_it_is() {
        for length in 0..40 {
            for at in 0..=length {
                for sign in [0x00, 0x1f, 0x20, 0x7f, 0x80, 0xff] {
                    let mut text = b"\x80 a\xffz~\x7f ".repeat(5);
                    text.truncate(length);
                    text.iter_mut().skip(at).take(1).for_each(|byte| *byte = sign);
                    text.iter_mut().skip(at + 3).take(1).for_each(|byte| *byte = 0x01);
                    let expected = text.iter().position(|byte| *byte < 0x20).unwrap_or(text.len());
                    assert_eq!(plain(&text), expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn of_words_that_begin_alike_the_longest_is_taken() {
        let all: Vec<&str> = SHORT.into_iter().chain(PAGE).collect();
        for text in
            all.iter().map(|word| format!("{word}x")).chain(all.iter().map(|word| word[..4].to_owned()))
        {
            let longest = all.iter().filter(|word| text.starts_with(**word)).max_by_key(|word| word.len());
            let found = WORDS.at(text.as_bytes()).map(|(word, _)| word);
            assert_eq!(found, longest.map(|word| word.as_bytes()), "{text}");
        }
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
