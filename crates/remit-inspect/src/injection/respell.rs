//! Passages that are spelt otherwise: rot13, reversal, leet spelling, split words. Each is read in its own spelling as
//! far as rules reach around the place that gave it away; such pieces do not overlap and are not decoded again, so that all of
//! it is linear in the text and costs no budget.

use super::Concept;
use super::decode::Signs;
use super::layer::Layer;
use super::words::HIDDEN;
use crate::scan::Scan;
use crate::token::Token;

/// Tokens on both sides of a place that are read with it: longer than any rule with what must stand near it.
const REACH: usize = 40;

/// Letters of the longest word that is looked for among letters without blanks.
const LONGEST: usize = 20;

/// Everything that is spelt otherwise in this text.
pub fn layers(scan: &Scan<'_>, known: Concept, seen: &Signs, layers: &mut Vec<Layer>) {
    if seen.leet.len() >= 2 {
        pieces(scan, seen.leet.iter().copied()).iter().for_each(|piece| leet(scan, piece, layers));
    }
    if !seen.split.is_empty() || seen.joined.len() >= 2 {
        let mut places: Vec<usize> = seen.split.iter().chain(&seen.joined).copied().collect();
        places.sort_unstable();
        let runs = seen.split.chunks_exact(2).flat_map(|run| match run {
            [first, last] => (*first..*last).step_by(REACH),
            _ => (0..0).step_by(REACH),
        });
        places.extend(runs);
        places.sort_unstable();
        pieces(scan, places.into_iter()).iter().for_each(|piece| rejoin(scan, piece, layers));
    }
    if known & HIDDEN != 0 {
        let words = scan.seen.words.iter().map(|at| *at as usize);
        let hidden = words.filter(|at| scan.token(*at).is_some_and(|it| scan.concept(it) & HIDDEN != 0));
        pieces(scan, hidden).iter().for_each(|piece| turned(scan, piece, layers));
    }
}

/// A run of tokens and the bytes they stand in, with the gap before the first.
struct Piece {
    from: usize,
    to: usize,
    start: usize,
    end: usize,
}

impl Piece {
    /// A spelling byte for byte in the same place.
    fn same(&self, text: &[u8]) -> Layer {
        let text = String::from_utf8_lossy(text).into_owned();
        Layer { text, origin: None, base: self.start, whole: true }
    }

    /// A spelling of another length.
    fn other(&self, text: String) -> Layer {
        Layer { text, origin: Some((self.start, self.end)), base: self.start, whole: true }
    }
}

/// The tokens around these places, which come in order; what touches is one piece.
fn pieces(scan: &Scan<'_>, places: impl Iterator<Item = usize>) -> Vec<Piece> {
    let count = scan.tokens.len();
    let mut pieces: Vec<Piece> = Vec::new();
    for place in places {
        let (from, to) = (place.saturating_sub(REACH), (place + REACH + 1).min(count));
        match pieces.last_mut() {
            Some(last) if from <= last.to => last.to = last.to.max(to),
            _ => pieces.push(Piece { from, to, start: 0, end: 0 }),
        }
    }
    for piece in &mut pieces {
        let before = piece.from.checked_sub(1).and_then(|at| scan.tokens.get(at));
        piece.start = before.map_or(0, Token::end);
        piece.end = scan.tokens.get(piece.to).map_or(scan.bytes.len(), Token::start);
    }
    pieces
}

/// How many single letters follow each other from here.
pub fn single_letters(scan: &Scan<'_>, at: usize) -> usize {
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
pub fn leet_word(scan: &Scan<'_>, token: &Token) -> bool {
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
pub fn symbol_word(scan: &Scan<'_>, at: usize) -> bool {
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

fn leet(scan: &Scan<'_>, piece: &Piece, layers: &mut Vec<Layer>) {
    let bytes = scan.slice(piece.start, piece.end);
    for one in [b'i', b'l'] {
        if one == b'l' && !bytes.iter().any(|it| matches!(it, b'1' | b'|')) {
            continue;
        }
        let text: Vec<u8> = bytes.iter().map(|it| plain(*it, one)).collect();
        layers.push(piece.same(&text));
    }
}

/// Whether this token and the one before are pieces of a known word.
pub fn joins(scan: &Scan<'_>, at: usize) -> bool {
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
fn rejoin(scan: &Scan<'_>, piece: &Piece, layers: &mut Vec<Layer>) {
    let mut text = Vec::with_capacity(piece.end - piece.start);
    let mut at = piece.from;
    while let Some(token) = scan.token(at).filter(|_| at < piece.to) {
        let run = single_letters(scan, at).min(piece.to - at);
        if run >= 5 {
            let narrow = (at + 1..at + run).map(|it| scan.gap(it).len()).min().unwrap_or(1);
            let mut word: Vec<u8> = Vec::new();
            let mut spaced = false;
            for next in at..at + run {
                if next > at && scan.gap(next).len() > narrow {
                    word.push(b' ');
                    spaced = true;
                }
                word.extend_from_slice(scan.token(next).map(|it| scan.text(it)).unwrap_or_default());
            }
            text.push(b' ');
            for word in word.split(|byte| *byte == b' ') {
                // What is longer than any word is several.
                if spaced && word.len() <= LONGEST {
                    text.extend_from_slice(word);
                } else {
                    segment(scan, word, &mut text);
                }
                text.push(b' ');
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
    layers.push(piece.other(String::from_utf8_lossy(&text).into_owned()));
}

/// Words without blanks cut into known ones, the longest first.
pub fn segment(scan: &Scan<'_>, letters: &[u8], text: &mut Vec<u8>) {
    let mut at = 0;
    while at < letters.len() {
        let most = (letters.len() - at).min(LONGEST);
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

/// Rot13 and reversal.
fn turned(scan: &Scan<'_>, piece: &Piece, layers: &mut Vec<Layer>) {
    let bytes = scan.slice(piece.start, piece.end);
    let turn = |byte: &u8| match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        other => *other,
    };
    layers.push(piece.same(&bytes.iter().map(turn).collect::<Vec<u8>>()));
    layers.push(piece.other(String::from_utf8_lossy(bytes).chars().rev().collect()));
}
