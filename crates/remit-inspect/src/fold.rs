//! One text in the form the detectors read, and the way back to the text as given.
//!
//! Folding keeps ASCII as it is and turns the rest into what it looks like: compatibility forms (NFKD without
//! accents), look-alikes of Latin letters, digits of other scripts, odd blanks, quotes and dashes. Characters that
//! cannot be seen (zero width, direction marks) vanish; tag characters become the ASCII they hide. What is done is
//! counted in [`Marks`]. Text of ASCII alone is borrowed: it needs no folding and no map.

mod table;

use std::borrow::Cow;

use unicode_normalization::char::decompose_compatible;

/// Stands for a degree sign.
pub const DEGREE: u8 = 0x1d;

/// What folding met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Invisible characters between two letters.
    pub hidden: u32,
    /// Characters that turn the direction of writing by force.
    pub bidi: u32,
    /// Tag characters: ASCII that is not shown.
    pub tags: u32,
    /// Words that mix ASCII letters with look-alikes from other scripts.
    pub mixed: u32,
    /// Letters in mathematical, enclosed or full-width disguise.
    pub disguised: u32,
    /// Combining marks piled on a letter.
    pub piled: u32,
}

/// A folded text and its map.
#[derive(Debug)]
pub struct Folded<'t> {
    /// What the detectors read: ASCII with its case, other letters in lower case. Valid UTF-8.
    pub bytes: Cow<'t, [u8]>,
    /// What folding met.
    pub marks: Marks,
    /// Runs; empty when the text is its own folding.
    runs: Vec<Run>,
}

/// Bytes of the folded text that stem from one place.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// Where it begins in the folded text.
    folded: u32,
    /// Where it begins in the text as given.
    given: u32,
    /// 0: byte for byte the same; else all of it stems from one character of so many bytes.
    width: u32,
}

impl Folded<'_> {
    /// The place in the text as given where the folded span begins and ends.
    pub fn back(&self, start: usize, end: usize) -> (usize, usize) {
        if self.runs.is_empty() || end <= start {
            return (start, end);
        }
        let first = self.run(start);
        let last = self.run(end - 1);
        let begin = match first.width {
            0 => first.given as usize + (start - first.folded as usize),
            _ => first.given as usize,
        };
        let close = match last.width {
            0 => last.given as usize + (end - last.folded as usize),
            width => (last.given + width) as usize,
        };
        (begin, close)
    }

    fn run(&self, at: usize) -> Run {
        let after = self.runs.partition_point(|run| run.folded as usize <= at);
        let none = Run { folded: 0, given: 0, width: 0 };
        self.runs.get(after.saturating_sub(1)).copied().unwrap_or(none)
    }
}

/// Folds a text.
pub fn fold(text: &str) -> Folded<'_> {
    if text.is_ascii() {
        let bytes = Cow::Borrowed(text.as_bytes());
        return Folded { bytes, marks: Marks::default(), runs: Vec::new() };
    }
    let mut folder = Folder::new(text.len());
    let mut rest = text;
    let mut at = 0;
    while !rest.is_empty() {
        let plain = plain_run(rest.as_bytes());
        if plain > 0 {
            folder.plain(rest.get(..plain).unwrap_or_default(), at);
            at += plain;
            rest = rest.get(plain..).unwrap_or_default();
        }
        let mut letters = rest.chars();
        if let Some(letter) = letters.next() {
            folder.letter(letter, at);
            at += letter.len_utf8();
            rest = letters.as_str();
        }
    }
    folder.finish()
}

/// Bytes before the first that is not ASCII.
fn plain_run(bytes: &[u8]) -> usize {
    const STEP: usize = 32;
    let whole = bytes.chunks_exact(STEP).take_while(|it| it.is_ascii()).count() * STEP;
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|it| it.is_ascii()).count()
}

struct Folder {
    bytes: Vec<u8>,
    runs: Vec<Run>,
    marks: Marks,
    /// Of the word that is being written: ASCII letters, look-alikes, invisible characters since its last letter.
    latin: bool,
    alike: bool,
    pending: u32,
    combining: u32,
}

impl Folder {
    fn new(size: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(size),
            runs: Vec::new(),
            marks: Marks::default(),
            latin: false,
            alike: false,
            pending: 0,
            combining: 0,
        }
    }

    fn plain(&mut self, text: &str, at: usize) {
        let bytes = text.as_bytes();
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
        match bytes.iter().position(|it| !it.is_ascii_alphanumeric()) {
            None => {
                self.meets_letter(bytes.first().is_some_and(is_letter));
                self.latin |= bytes.iter().any(is_letter);
            }
            Some(end) => {
                if end > 0 {
                    self.meets_letter(bytes.first().is_some_and(is_letter));
                    self.latin |= bytes.iter().take(end).any(is_letter);
                }
                self.word_ends();
                let tail = bytes.iter().rev().take_while(|it| it.is_ascii_alphanumeric());
                self.latin = tail.filter(|it| is_letter(it)).count() > 0;
            }
        }
        self.runs.push(Run { folded: self.bytes.len() as u32, given: at as u32, width: 0 });
        self.bytes.extend_from_slice(bytes);
    }

    fn meets_letter(&mut self, letter: bool) {
        if letter && self.latin | self.alike {
            self.marks.hidden += self.pending;
        }
        self.pending = 0;
        self.combining = 0;
    }

    fn word_ends(&mut self) {
        self.marks.mixed += u32::from(self.latin && self.alike);
        (self.latin, self.alike, self.pending, self.combining) = (false, false, 0, 0);
    }

    fn letter(&mut self, letter: char, at: usize) {
        let run = Run { folded: self.bytes.len() as u32, given: at as u32, width: letter.len_utf8() as u32 };
        match letter {
            '\u{300}'..='\u{34e}'
            | '\u{350}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20f0}'
            | '\u{fe20}'..='\u{fe2f}' => {
                self.combining += 1;
                self.marks.piled += u32::from(self.combining > 1);
                return;
            }
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                self.marks.bidi += 1;
                self.pending += 1;
                return;
            }
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}' => {
                self.pending += 1;
                return;
            }
            '\u{e0020}'..='\u{e007e}' => {
                self.marks.tags += 1;
                self.bytes.push((letter as u32 - 0xe0000) as u8);
                self.runs.push(run);
                return;
            }
            '\u{e0000}'..='\u{e007f}' => return,
            _ => {}
        }
        if let Some(sign) = table::sign(letter) {
            self.word_ends();
            self.bytes.extend_from_slice(sign.as_bytes());
        } else if let Some(alike) = table::look_alike(letter) {
            self.meets_letter(true);
            self.alike = true;
            self.bytes.extend_from_slice(alike.as_bytes());
        } else {
            self.decomposed(letter);
        }
        self.runs.push(run);
    }

    fn decomposed(&mut self, letter: char) {
        let disguise = matches!(letter, '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}' | '\u{ff01}'..='\u{ff5e}'
            | '\u{1d400}'..='\u{1d7ff}' | '\u{1f130}'..='\u{1f189}' | '\u{1d00}'..='\u{1dbf}' | '\u{2070}'..='\u{209f}');
        let begin = self.bytes.len();
        let bytes = &mut self.bytes;
        let mut other_script = false;
        decompose_compatible(letter, |part| {
            if matches!(part, '\u{300}'..='\u{36f}') {
                return;
            }
            if let Some(digit) = table::digit(part) {
                bytes.push(digit);
            } else if let Some(alike) = table::look_alike(part) {
                other_script = true;
                bytes.extend_from_slice(alike.as_bytes());
            } else if let Some(plain) = table::ordinary(part) {
                bytes.extend_from_slice(plain.as_bytes());
            } else if part.is_ascii() {
                bytes.push(part as u8);
            } else if part.is_alphanumeric() || table::is_mark(part) {
                let mut buffer = [0; 4];
                for lower in part.to_lowercase() {
                    bytes.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
                }
            } else {
                bytes.push(b' ');
            }
        });
        let added = self.bytes.get(begin..).unwrap_or_default();
        let letter = added.iter().any(|it| it.is_ascii_alphabetic() || *it >= 0x80);
        let ascii = added.iter().any(u8::is_ascii_alphabetic);
        if letter {
            self.meets_letter(true);
            self.latin |= ascii && !other_script;
            self.alike |= other_script;
            self.marks.disguised += u32::from(disguise && ascii && !other_script);
        } else if !added.iter().all(u8::is_ascii_digit) {
            self.word_ends();
        }
    }

    fn finish(mut self) -> Folded<'static> {
        self.word_ends();
        Folded { bytes: Cow::Owned(self.bytes), marks: self.marks, runs: self.runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        String::from_utf8(fold(text).bytes.into_owned()).unwrap()
    }

    #[test]
    fn what_looks_like_ascii_becomes_ascii() {
        let table = [
            ("plain Text 12", "plain Text 12"),
            ("４１１１\u{a0}１１１１", "4111 1111"),
            ("٠١٢٣ ०१२३ ۴۵", "0123 0123 45"),
            ("іgnоre", "ignore"),
            ("in\u{200b}struc\u{2060}tions", "instructions"),
            ("“quoted” – it’s", "\"quoted\" - it's"),
            ("ignoré Über straße", "ignore Uber strasse"),
            ("𝗂𝗀𝗇𝗈𝗋𝖾 ⓐⓑ", "ignore ab"),
            ("निर्देश", "निर्देश"),
        ];
        for (given, expected) in table {
            assert_eq!(folded(given), expected, "{given}");
        }
        let tagged: String = "hi".chars().filter_map(|it| char::from_u32(it as u32 + 0xe0000)).collect();
        assert_eq!(folded(&tagged), "hi");
    }

    #[test]
    fn spans_lead_back_to_whole_characters() {
        let text = "a“é\u{200b}b½c";
        let folded = fold(text);
        let bytes = String::from_utf8(folded.bytes.to_vec()).unwrap();
        let at = bytes.find('b').unwrap();
        let (start, end) = folded.back(at, at + 1);
        assert_eq!(&text[start..end], "b");
        let at = bytes.find('e').unwrap();
        let (start, end) = folded.back(at, at + 1);
        assert_eq!(&text[start..end], "é");
        let (start, end) = folded.back(0, bytes.len());
        assert_eq!(&text[start..end], text);
    }

    #[test]
    fn tricks_are_counted_and_honest_text_has_none() {
        assert_eq!(fold("i\u{200b}g\u{200b}nore").marks.hidden, 2);
        assert_eq!(fold("іgnore the ruleѕ").marks.mixed, 2);
        assert_eq!(fold("\u{202e}abc").marks.bidi, 1);
        assert_eq!(fold("𝗂𝗀").marks.disguised, 2);
        for honest in [
            "Привет, мир, hello",
            "Ελληνικά and English",
            "naïve café – “so”",
            "नमस्ते दुनिया",
            "emoji 👩\u{200d}💻 ok",
        ] {
            assert_eq!(fold(honest).marks, Marks::default(), "{honest}");
        }
    }
}
