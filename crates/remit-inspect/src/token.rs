//! Folded text to tokens: runs of letters and digits, what stands before each, which known word each is.
//!
//! Edges of tokens are found sixty-four bytes at a time without a branch for each byte; what most of a text is (small
//! letters, single blanks) takes no further look, the rest is classified byte by byte.

use crate::context::Context;
use crate::injection::Concept;
use crate::lexicon::Lexicon;

/// Token holds a digit.
pub const DIGIT: u16 = 1;
/// Token holds a small ASCII letter.
pub const LOWER: u16 = 2;
/// Token holds a capital ASCII letter.
pub const UPPER: u16 = 4;
/// Token holds a letter beyond ASCII.
pub const WIDE: u16 = 8;
/// A sentence or line ended between the token before and this one.
pub const BREAK: u16 = 16;
/// A sentence ended before this token: a full stop, question or exclamation mark, then a blank.
pub const STOP: u16 = 64;
/// A detector of personal data may begin here.
pub const LOOK: u16 = 128;
/// A hidden passage may begin here.
pub const HIDE: u16 = 256;

const LETTERS: u16 = LOWER | UPPER | WIDE;
/// A byte that ends a sentence.
const ENDS: u16 = 32;
/// A byte that a literal marker may begin with.
const SIGN: u16 = 512;

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
    pub flags: u16,
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

    pub const fn is(&self, flag: u16) -> bool {
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

/// The tokens of a text and what was seen on the way.
#[derive(Debug, Default)]
pub struct Tokens {
    pub list: Vec<Token>,
    /// Places of tokens that are known words.
    pub words: Vec<u32>,
    /// Places of tokens that begin a sentence.
    pub stops: Vec<u32>,
    /// Places of tokens behind a byte that a literal marker may begin with; the number of tokens stands for the end.
    pub signs: Vec<u32>,
    /// All meanings of all known words.
    pub context: Context,
    pub concept: Concept,
    edges: Vec<u32>,
    lower: Vec<u64>,
}

/// What each byte is.
#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const CLASS: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            0x80.. => WIDE,
            b'.' | b'!' | b'?' | b'\n' | b';' => ENDS,
            b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'`' | b'~' | b'*' | b'#' | b'='
            | b'-' => SIGN,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[expect(clippy::indexing_slicing, reason = "a table of 256 entries, indexed by a byte")]
fn class(byte: u8) -> u16 {
    CLASS[usize::from(byte)]
}

impl Tokens {
    /// Splits a text, forgetting what was there before. Words with one of the meanings `starters` are marked.
    pub fn read(&mut self, bytes: &[u8], lexicon: &Lexicon, starters: Context) {
        self.list.clear();
        self.stops.clear();
        self.signs.clear();
        self.edges(bytes);
        let count = self.edges.len() / 2;
        self.list.reserve(count);
        self.words.clear();
        self.words.resize(count + 1, 0);
        let mut candidates = 0;
        let mut before = 0;
        let mut ended = BREAK;
        let edges = std::mem::take(&mut self.edges);
        for (at, edge) in edges.chunks_exact(2).enumerate() {
            let [start, end] = *edge else { break };
            let (from, to) = (start as usize, end as usize);
            let size = to - from;
            let mut flags = LOWER;
            if !all_lower(&self.lower, from, size) {
                flags =
                    bytes.get(from..to).unwrap_or_default().iter().fold(0, |all, byte| all | class(*byte));
            }
            let mut link = 0;
            if from - before == 1 {
                link = bytes.get(before).copied().unwrap_or(0);
                if link != b' ' {
                    flags |= self.single(at, link, size, flags);
                }
            } else {
                flags |= self.gap(at, bytes.get(before..from).unwrap_or_default());
            }
            flags |= ended;
            ended = 0;
            let odd = flags & DIGIT != 0 || size >= 16 || size == 1;
            if odd {
                flags |= self.odd(size, flags);
            }
            self.list.push(Token { start, end, word: 0, flags, link });
            before = to;
            if let Some(free) = self.words.get_mut(candidates) {
                *free = at as u32;
            }
            candidates += usize::from(flags & DIGIT == 0 && lexicon.maybe(bytes, from, size));
        }
        self.edges = edges;
        let rest = bytes.get(before..).unwrap_or_default();
        if rest.iter().any(|byte| class(*byte) & SIGN != 0) {
            self.signs.push(count as u32);
        }
        self.words.truncate(candidates);
        self.settle(bytes, lexicon, starters);
    }

    /// Looks the candidates up.
    fn settle(&mut self, bytes: &[u8], lexicon: &Lexicon, starters: Context) {
        let (mut context, mut concept) = (0, 0);
        let list = &mut self.list;
        self.words.retain(|at| {
            let Some(token) = list.get_mut(*at as usize) else { return false };
            let word = lexicon.find(bytes, token.start(), token.len());
            if word == 0 {
                return false;
            }
            token.word = word;
            let meaning = lexicon.context(word);
            context |= meaning;
            concept |= lexicon.concept(word);
            token.flags |= if meaning & starters != 0 { LOOK } else { 0 };
            true
        });
        (self.context, self.concept) = (context, concept);
    }

    /// What one byte before a token, no blank, says.
    fn single(&mut self, at: usize, link: u8, size: usize, flags: u16) -> u16 {
        if class(link) & SIGN != 0 && (at == 0 || !matches!(link, b'-' | b'\'')) {
            self.signs.push(at as u32);
        }
        match link {
            b'\n' => BREAK,
            b'@' => LOOK | HIDE,
            b':' if size <= 4 => LOOK,
            b'-' if size <= 4 && flags & WIDE == 0 => LOOK | HIDE,
            b'-' | b'.' | b'_' | b'*' | b'|' | b'~' | b'+' | b'$' | b'!' => HIDE,
            _ => 0,
        }
    }

    /// What several bytes before a token say.
    fn gap(&mut self, at: usize, gap: &[u8]) -> u16 {
        let all = gap.iter().fold(0, |all, byte| all | class(*byte));
        if all & SIGN != 0 {
            self.signs.push(at as u32);
        }
        if all & ENDS == 0 {
            return 0;
        }
        let stops = gap.len() > 1 && matches!(gap.first(), Some(b'.' | b'!' | b'?'));
        if stops {
            self.stops.push(at as u32);
        }
        if gap.len() > 1 { BREAK | if stops { STOP } else { 0 } } else { 0 }
    }

    /// What an unusual token says: digits, one letter, great length.
    fn odd(&self, size: usize, flags: u16) -> u16 {
        let digit = flags & DIGIT != 0;
        let look = if digit || size >= 16 { LOOK } else { 0 };
        let twice = size == 1 && self.list.last().is_some_and(|it| it.len() == 1);
        let hide = digit && (size == 2 || flags & LETTERS != 0) || size >= 16 || twice;
        look | if hide { HIDE } else { 0 }
    }

    /// Where tokens begin and end, in turn.
    fn edges(&mut self, bytes: &[u8]) {
        self.edges.clear();
        self.lower.clear();
        self.edges.reserve(bytes.len() / 2 + 4);
        let mut carry = 0;
        let mut base = 0;
        let (blocks, rest) = bytes.as_chunks::<64>();
        let mut last = [b' '; 64];
        for (to, byte) in last.iter_mut().zip(rest) {
            *to = *byte;
        }
        for block in blocks.iter().chain((!rest.is_empty()).then_some(&last)) {
            let (member, lower) = masks(block);
            self.lower.push(lower);
            let mut edges = member ^ (member << 1 | carry);
            carry = member >> 63;
            while edges != 0 {
                self.edges.push(base + edges.trailing_zeros());
                edges &= edges - 1;
            }
            base += 64;
        }
        if self.edges.len() % 2 == 1 {
            self.edges.push(bytes.len() as u32);
        }
    }
}

/// Of sixty-four bytes: which belong to tokens, which are small ASCII letters.
fn masks(block: &[u8; 64]) -> (u64, u64) {
    let mut member = [0; 64];
    let mut lower = [0; 64];
    for ((byte, member), lower) in block.iter().zip(&mut member).zip(&mut lower) {
        let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        let digit = u8::from(byte.wrapping_sub(b'0') < 10);
        *member = letter | digit | byte >> 7;
        *lower = u8::from(byte.wrapping_sub(b'a') < 26);
    }
    (pack(&member), pack(&lower))
}

/// Sixty-four bytes of 0 and 1 to as many bits.
fn pack(flags: &[u8; 64]) -> u64 {
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |bits, word| {
        // The product gathers the lowest bit of each byte in its top byte.
        bits << 8 | u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Whether so many bytes from there are all small ASCII letters.
fn all_lower(lower: &[u64], from: usize, size: usize) -> bool {
    let (block, shift) = (from / 64, from % 64);
    let here = lower.get(block).copied().unwrap_or(0) >> shift;
    let next = lower.get(block + 1).copied().unwrap_or(0);
    let bits = if shift == 0 { here } else { here | next << (64 - shift) };
    bits.trailing_ones() as usize >= size
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBER: u16 = DIGIT | LETTERS;

    fn read(text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.read(text.as_bytes(), &Lexicon::new(&[]), 0);
        tokens
    }

    #[test]
    fn tokens_know_what_they_are_and_what_stands_before_them() {
        let tokens = read("Ab1-22 c. D");
        let made = MEMBER | BREAK | STOP;
        let short: Vec<_> =
            tokens.list.iter().map(|it| (it.start, it.end, it.flags & made, it.link)).collect();
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

    #[test]
    fn edges_are_those_of_a_plain_loop_for_every_length_around_a_block() {
        for size in 0..200 {
            for step in 1..7 {
                let text: String =
                    (0..size)
                        .map(|it| {
                            if it % (step + 2) == 0 { ' ' } else { char::from(b'A' + (it * step % 57) as u8) }
                        })
                        .collect();
                let mut plain = Vec::new();
                let mut inside = false;
                for (at, byte) in text.bytes().enumerate() {
                    let member = class(byte) & MEMBER != 0;
                    if member != inside {
                        plain.push(at);
                    }
                    inside = member;
                }
                if inside {
                    plain.push(text.len());
                }
                let found: Vec<usize> =
                    read(&text).list.iter().flat_map(|it| [it.start(), it.end()]).collect();
                assert_eq!(found, plain, "{text:?}");
            }
        }
    }
}
