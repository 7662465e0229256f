//! Literal markers: chat templates, closing tags, tool calls and rules written as code. One automaton for all.

mod marker;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, MatchKind, StartKind};

use self::marker::MARKERS;
use super::words::MARKER;
use super::{Category, Concept};
use crate::OptionsError;
use crate::scan::Scan;

/// The compiled markers.
#[derive(Debug)]
pub struct Structure {
    automaton: AhoCorasick,
    /// For each text its place in the table.
    marker: Vec<u8>,
}

/// A marker that holds.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub category: Category,
    pub weights: (u16, u16),
    pub start: usize,
    pub end: usize,
}

impl Structure {
    pub fn new() -> Result<Self, OptionsError> {
        let texts: Vec<&str> = MARKERS.iter().flat_map(|it| it.texts.iter().copied()).collect();
        let marker =
            MARKERS.iter().enumerate().flat_map(|(at, it)| it.texts.iter().map(move |_| at as u8)).collect();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .start_kind(StartKind::Anchored)
            .build(texts)
            .map_err(|error| OptionsError::Compile(error.to_string()))?;
        Ok(Self { automaton, marker })
    }

    /// Every marker that holds: looked for only where one can begin.
    pub fn find(&self, scan: &Scan<'_>, known: Concept, marks: &mut Vec<Mark>) {
        for &at in &scan.seen.signs {
            let gap = scan.gap(at as usize);
            let end = scan.tokens.get(at as usize).map_or(scan.bytes.len(), |it| it.start());
            // A marker may begin at any byte of the gap; a gap is as long as somebody made it, its signs few.
            let mut from = end - gap.len();
            while from < end {
                from = match self.at(scan, from, known, marks) {
                    Some(next) => next.max(from + 1),
                    None => from + 1,
                };
            }
        }
        for &at in &scan.seen.words {
            let Some(token) = scan.token(at as usize) else { continue };
            if scan.concept(token) & MARKER != 0 {
                self.at(scan, token.start(), known, marks);
            }
        }
        images(scan, marks);
    }
}

impl Structure {
    /// The longest marker that begins at that byte; gives its end.
    fn at(&self, scan: &Scan<'_>, from: usize, known: Concept, marks: &mut Vec<Mark>) -> Option<usize> {
        let input = Input::new(scan.bytes).span(from..scan.bytes.len()).anchored(Anchored::Yes);
        let found = self.automaton.try_find(input).ok().flatten()?;
        let at = self.marker.get(found.pattern().as_usize()).copied().unwrap_or(0);
        let marker = MARKERS.get(usize::from(at))?;
        let (start, end) = (found.start(), found.end());
        let follows = marker.then == 0 || known & marker.then != 0 && said_after(scan, end, marker.then);
        if follows && (!marker.line || begins_line(scan, start)) && !inside_word(scan, start) {
            marks.push(Mark { category: marker.category, weights: marker.weights, start, end });
        }
        Some(end)
    }
}

fn said_after(scan: &Scan<'_>, end: usize, concept: Concept) -> bool {
    let from = scan.tokens.partition_point(|it| it.start() < end);
    let tokens = scan.tokens.get(from..(from + 16).min(scan.tokens.len())).unwrap_or_default();
    // Two of them: one alone is in every text.
    tokens.iter().filter(|it| scan.concept(it) & concept != 0).count() >= 2
}

fn begins_line(scan: &Scan<'_>, start: usize) -> bool {
    let before = scan.bytes.get(..start).unwrap_or_default();
    let line = before
        .iter()
        .rev()
        .take_while(|it| matches!(it, b' ' | b'\t' | b'"' | b'\'' | b'>' | b'*' | b'#' | b'[' | b'`'))
        .count();
    matches!(scan.before(start - line), 0 | b'\n' | b'\r')
}

fn inside_word(scan: &Scan<'_>, start: usize) -> bool {
    scan.byte(start).is_ascii_alphabetic() && scan.before(start).is_ascii_alphabetic()
}

/// An image or link whose address carries data away: `![](http://…?q={…})`.
fn images(scan: &Scan<'_>, marks: &mut Vec<Mark>) {
    const LINK: &[u8] = b"](http";
    let mut from = 0;
    while let Some(at) =
        scan.bytes.get(from..).and_then(|rest| memchr::memchr(b']', rest)).map(|it| it + from)
    {
        from = at + 1;
        if !scan.slice(at, at + LINK.len()).eq_ignore_ascii_case(LINK) {
            continue;
        }
        let rest = scan.bytes.get(at..(at + 300).min(scan.bytes.len())).unwrap_or_default();
        let close = rest.iter().position(|it| *it == b')').unwrap_or(rest.len());
        let url = rest.get(..close).unwrap_or_default();
        let Some(query) = url.iter().position(|it| *it == b'?') else { continue };
        let query = url.get(query..).unwrap_or_default().to_ascii_lowercase();
        let carries = query.contains(&b'{')
            || query.contains(&b'<')
            || query.contains(&b'$')
            || query.contains(&b'[')
            || [
                &b"secret"[..],
                b"history",
                b"conversation",
                b"token=",
                b"password",
                b"data=",
                b"prompt",
                b"chat",
                b"exfil",
                b"leak",
            ]
            .iter()
            .any(|word| query.windows(word.len()).any(|it| it == *word));
        let before = scan.bytes.get(at.saturating_sub(80)..at).unwrap_or_default();
        let image = before.windows(2).any(|it| it == b"![");
        if carries {
            let weights = if image { (650, 850) } else { (350, 600) };
            marks.push(Mark { category: Category::DataExfiltration, weights, start: at, end: at + close });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::token::Tokens;

    #[test]
    fn every_marker_is_found_in_a_text_and_at_its_ends() {
        let (lexicon, structure) = (Lexicon::new(&[]), Structure::new().unwrap());
        for text in MARKERS.iter().flat_map(|it| it.texts) {
            for around in
                [text.to_string(), format!("word {text} word"), format!("a\n{text}"), text.to_uppercase()]
            {
                let mut tokens = Tokens::default();
                tokens.read(around.as_bytes(), &lexicon, 0);
                let bytes = around.as_bytes();
                let scan = Scan {
                    bytes,
                    tokens: &tokens.list,
                    seen: &tokens,
                    lexicon: &lexicon,
                    place: 0,
                    known: 0,
                };
                let places = scan.seen.signs.iter().map(|it| *it as usize).chain(0..tokens.list.len());
                let begins = around.to_lowercase().find(text).unwrap();
                let reached = places.into_iter().any(|at| {
                    let end = tokens.list.get(at).map_or(bytes.len(), |it| it.start());
                    let gap = (end - scan.gap(at).len()..end).contains(&begins)
                        && scan.seen.signs.contains(&(at as u32));
                    let word = tokens
                        .list
                        .get(at)
                        .is_some_and(|it| it.start() == begins && scan.concept(it) & MARKER != 0);
                    gap || word
                });
                assert!(reached, "{text:?} in {around:?}");
                assert!(
                    structure
                        .automaton
                        .try_find(Input::new(bytes).span(begins..bytes.len()).anchored(Anchored::Yes))
                        .unwrap()
                        .is_some()
                );
            }
        }
    }
}
