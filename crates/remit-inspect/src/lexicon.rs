//! The known words: one look-up a token gives what the word means beside a number and inside an instruction.

use std::collections::HashMap;

use crate::context::{self, Context};
use crate::injection::{self, Concept};

/// What a word means.
#[derive(Debug, Clone, Copy, Default)]
pub struct Word {
    /// What it says of numbers and names near it.
    pub context: Context,
    /// What it means inside an instruction.
    pub concept: Concept,
}

/// All known words, compiled once.
#[derive(Debug)]
pub struct Lexicon {
    /// Two bits a word: most words of a text are refused by one look.
    filter: Vec<u64>,
    /// Open addressing, linear; 0 is free, else a place in `words`.
    slots: Vec<u16>,
    /// Entry 0 is the unknown word.
    keys: Vec<Key>,
    contexts: Vec<Context>,
    concepts: Vec<Concept>,
    longest: usize,
}

/// A word for comparison: its bytes with bit 0x20 set, so that ASCII case is gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    size: u32,
    head: u64,
    tail: u64,
    middle: Box<[u8]>,
}

const SLOTS: usize = 1 << 13;
const FILTER: usize = 1 << 10;

impl Lexicon {
    /// The built-in words, and parts of the names of the caller's tools.
    pub fn new(tools: &[String]) -> Self {
        let mut all: HashMap<Vec<u8>, Word> = HashMap::new();
        for (context, words) in context::WORDS {
            for word in words.split_whitespace() {
                all.entry(folded(word)).or_default().context |= context;
            }
        }
        for (list, language) in injection::words::LISTS {
            for (concept, words) in list {
                for word in words.split_whitespace() {
                    all.entry(folded(word)).or_default().concept |= concept | language;
                }
            }
        }
        for tool in tools {
            for word in tool.split(|it: char| !it.is_alphanumeric()).filter(|it| it.len() > 2) {
                all.entry(folded(word)).or_default().concept |= injection::words::TOOLNAME;
            }
        }
        let mut sorted: Vec<(Vec<u8>, Word)> = all.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted.truncate(SLOTS / 2);
        let mut lexicon = Self {
            filter: vec![0; FILTER],
            slots: vec![0; SLOTS],
            keys: vec![Key { size: 0, head: 0, tail: 0, middle: Box::default() }],
            contexts: vec![0],
            concepts: vec![0],
            longest: sorted.iter().map(|it| it.0.len()).max().unwrap_or(0),
        };
        for (bytes, word) in sorted {
            lexicon.add(&bytes, word);
        }
        lexicon
    }

    fn add(&mut self, bytes: &[u8], word: Word) {
        let (head, tail) = ends(bytes, 0, bytes.len());
        let hash = hash(head, tail, bytes.len());
        // WHY: words such as `and` only matter before an order. They are the commonest of all and are looked up there,
        // not at every place.
        let common = word.context == 0 && word.concept & !injection::words::LEAD == 0;
        let (at, bit) = filter_place(hash);
        if let Some(cell) = self.filter.get_mut(at).filter(|_| !common) {
            *cell |= bit;
        }
        let mut slot = slot_place(hash);
        while self.slots.get(slot).is_some_and(|it| *it != 0) {
            slot = (slot + 1) % SLOTS;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = self.contexts.len() as u16;
        }
        let middle = bytes.iter().map(|it| it | 0x20).collect();
        self.keys.push(Key { size: bytes.len() as u32, head, tail, middle });
        self.contexts.push(word.context);
        self.concepts.push(word.concept);
    }

    /// Whether there may be a word at that place: wrong for a few, never where there is one.
    #[inline]
    pub fn maybe(&self, text: &[u8], at: usize, size: usize) -> bool {
        let (head, tail) = ends(text, at, size);
        let (cell, bit) = filter_place(hash(head, tail, size));
        self.filter.get(cell).is_some_and(|it| it & bit != 0)
    }

    /// The entry of the word at that place, 0 if there is none.
    pub fn find(&self, text: &[u8], at: usize, size: usize) -> u16 {
        if size > self.longest {
            return 0;
        }
        let (head, tail) = ends(text, at, size);
        let hash = hash(head, tail, size);
        let mut slot = slot_place(hash);
        while let Some(&entry) = self.slots.get(slot) {
            if entry == 0 {
                break;
            }
            if self.keys.get(usize::from(entry)).is_some_and(|key| key.is(text, at, size, head, tail)) {
                return entry;
            }
            slot = (slot + 1) % SLOTS;
        }
        0
    }

    /// What the word says of what stands near it.
    pub fn context(&self, entry: u16) -> Context {
        self.contexts.get(usize::from(entry)).copied().unwrap_or(0)
    }

    /// What the word means inside an instruction.
    pub fn concept(&self, entry: u16) -> Concept {
        self.concepts.get(usize::from(entry)).copied().unwrap_or(0)
    }

    /// What a word that stands alone means.
    pub fn look_up(&self, word: &[u8]) -> Word {
        let entry = self.find(word, 0, word.len());
        Word { context: self.context(entry), concept: self.concept(entry) }
    }
}

impl Key {
    fn is(&self, text: &[u8], at: usize, size: usize, head: u64, tail: u64) -> bool {
        let same = self.size as usize == size && self.head == head && self.tail == tail;
        let all = || {
            let bytes = text.get(at..at + size).unwrap_or_default();
            bytes.iter().map(|it| it | 0x20).eq(self.middle.iter().copied())
        };
        same && (size <= 16 || all())
    }
}

fn folded(word: &str) -> Vec<u8> {
    crate::fold::fold(word).bytes.to_ascii_lowercase()
}

/// The first and the last eight bytes of a word, its case gone.
#[inline]
fn ends(text: &[u8], at: usize, size: usize) -> (u64, u64) {
    const CASE: u64 = 0x2020_2020_2020_2020;
    let load = |from: usize| match text.get(from..from + 8).and_then(|it| it.first_chunk::<8>()) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => {
            let mut chunk = [0; 8];
            for (to, byte) in chunk.iter_mut().zip(text.get(from..).unwrap_or_default()) {
                *to = *byte;
            }
            u64::from_le_bytes(chunk)
        }
    };
    let first = load(at) | CASE;
    if size < 8 { (first & ((1 << (size * 8)) - 1), 0) } else { (first, load(at + size - 8) | CASE) }
}

#[inline]
fn hash(head: u64, tail: u64, size: usize) -> u64 {
    let mixed = (head ^ tail.rotate_left(29) ^ size as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

fn filter_place(hash: u64) -> (usize, u64) {
    ((hash >> 8) as usize % FILTER, 1 << (hash >> 58))
}

fn slot_place(hash: u64) -> usize {
    (hash >> 20) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_in_any_case_and_inside_a_text_and_no_other() {
        let lexicon = Lexicon::new(&["wire_transfer".to_owned()]);
        for (_, words) in context::WORDS {
            for word in words.split_whitespace() {
                let bytes = folded(word);
                assert_ne!(lexicon.find(&bytes, 0, bytes.len()), 0, "{word}");
                let upper = bytes.to_ascii_uppercase();
                assert_ne!(lexicon.find(&upper, 0, upper.len()), 0, "{word}");
            }
        }
        let text = b"xx Transfer of the remaining words";
        assert_ne!(lexicon.look_up(b"transfer").concept & injection::words::TOOLNAME, 0);
        assert_ne!(lexicon.find(text, 3, 8), 0);
        assert_eq!(lexicon.find(text, 3, 7), 0);
        assert_eq!(lexicon.find(b"qzxv", 0, 4), 0);
        assert!(lexicon.contexts.len() < SLOTS / 2);
    }
}
