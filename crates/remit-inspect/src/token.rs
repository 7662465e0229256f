//! Folded text to tokens: runs of letters and digits, what stands before each, which known word each is.

use crate::lexicon::Lexicon;

/// Token holds a digit.
pub const DIGIT: u8 = 1;
/// Token holds a small ASCII letter.
pub const LOWER: u8 = 2;
/// Token holds a capital ASCII letter.
pub const UPPER: u8 = 4;
/// Token holds a letter beyond ASCII.
pub const WIDE: u8 = 8;
/// A sentence or line ended between the token before and this one.
pub const BREAK: u8 = 16;

/// A sentence ended before this token: a full stop, question or exclamation mark, then a blank.
pub const STOP: u8 = 64;

const LETTERS: u8 = LOWER | UPPER | WIDE;

/// A run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte in the folded text.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// Its entry in the lexicon, 0 if it is no known word.
    pub word: u16,
    /// What it is made of.
    pub flags: u8,
    /// The byte before it if exactly one byte parts it from the token before, 0 otherwise.
    pub link: u8,
}

impl Token {
    pub const fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub const fn start(&self) -> usize {
        self.start as usize
    }

    pub const fn end(&self) -> usize {
        self.end as usize
    }

    pub const fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub const fn is_number(&self) -> bool {
        self.flags & (DIGIT | LETTERS) == DIGIT
    }

    pub const fn is_word(&self) -> bool {
        self.flags & DIGIT == 0
    }

    pub const fn is_mixed(&self) -> bool {
        self.flags & DIGIT != 0 && self.flags & LETTERS != 0
    }
}

/// What each byte is: the flags above, 0 for a separator, 32 for one that ends a sentence.
#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            0x80.. => WIDE,
            b'.' | b'!' | b'?' | b'\n' | b';' => ENDS,
            _ => 0,
        };
        byte += 1;
    }
    table
};

const ENDS: u8 = 32;
const MEMBER: u8 = DIGIT | LETTERS;

#[expect(clippy::indexing_slicing, reason = "a table of 256 entries, indexed by a byte")]
fn class(byte: u8) -> u8 {
    CLASS[usize::from(byte)]
}

/// Splits a text; tokens are appended.
pub fn tokenize(bytes: &[u8], lexicon: &Lexicon, tokens: &mut Vec<Token>) {
    tokens.reserve(bytes.len() / 5 + 4);
    let mut at = 0;
    let mut link = 0;
    let mut ended = BREAK;
    while at < bytes.len() {
        let mut seen = 0;
        let rest = bytes.get(at..).unwrap_or_default();
        let size = rest
            .iter()
            .position(|byte| {
                let class = class(*byte);
                if class & MEMBER != 0 {
                    seen |= class;
                }
                class & MEMBER == 0
            })
            .unwrap_or(rest.len());
        if size > 0 {
            let word = if seen & DIGIT == 0 { lexicon.find(bytes, at, size) } else { 0 };
            let (start, end) = (at as u32, (at + size) as u32);
            tokens.push(Token { start, end, word, flags: seen | ended, link });
            at += size;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let mut ends = 0;
        let gap = rest
            .iter()
            .position(|byte| {
                let class = class(*byte);
                ends |= class;
                class & MEMBER != 0
            })
            .unwrap_or(rest.len());
        link = if gap == 1 { rest.first().copied().unwrap_or(0) } else { 0 };
        let broken = ends & ENDS != 0 && (gap > 1 || link == b'\n');
        let stopped = broken && gap > 1 && matches!(rest.first(), Some(b'.' | b'!' | b'?'));
        ended = if broken { BREAK } else { 0 } | if stopped { STOP } else { 0 };
        at += gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_know_what_they_are_and_what_stands_before_them() {
        let mut tokens = Vec::new();
        let lexicon = Lexicon::new(&[]);
        tokenize(b"Ab1-22 c. D", &lexicon, &mut tokens);
        let short: Vec<_> = tokens.iter().map(|it| (it.start, it.end, it.flags, it.link)).collect();
        assert_eq!(
            short,
            [
                (0, 3, UPPER | LOWER | DIGIT | BREAK, 0),
                (4, 6, DIGIT, b'-'),
                (7, 8, LOWER, b' '),
                (10, 11, UPPER | BREAK | STOP, 0),
            ]
        );
    }
}
