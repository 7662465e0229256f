//! A text that comes piece by piece: looked at in windows that overlap, so that what is found is what would be found in
//! the whole, and memory does not grow with the text.

use crate::finding::{Finding, Findings, Signal};
use crate::{Inspector, SourceTrust, injection};

/// Bytes that are settled at a time.
const WINDOW: usize = 64 << 10;
/// Bytes that are looked at on both sides of what is settled. Longer than any one finding and the words beside it: the
/// longest are private keys, of six kilobytes.
const OVERLAP: usize = 8 << 10;

/// A text in the making. Made by [`Inspector::stream`].
///
/// Findings are those of the whole text, spans counted from its beginning. Of each category of injection the heaviest
/// sign of all windows counts; how a passage is weighed follows from its window alone. Memory is bounded by
/// window and overlap; the limits of the inspector hold for each window, its limit of findings for the whole.
#[derive(Debug)]
pub struct Stream<'i> {
    inspector: &'i Inspector,
    source: SourceTrust,
    /// What is not done with.
    held: String,
    /// Where it begins in the whole text.
    from: usize,
    /// Findings that begin before this place were told.
    settled: usize,
    findings: Findings,
}

impl Inspector {
    /// Looks at a text that comes piece by piece.
    #[must_use]
    pub fn stream(&self, source: SourceTrust) -> Stream<'_> {
        Stream {
            inspector: self,
            source,
            held: String::new(),
            from: 0,
            settled: 0,
            findings: Findings::default(),
        }
    }
}

impl Stream<'_> {
    /// Takes the next piece; gives the findings that no later piece can change.
    pub fn feed(&mut self, piece: &str) -> &[Finding] {
        let told = self.findings.items.len();
        let mut rest = piece;
        // WHY: a window at a time, so that neither memory nor the moving of what is held grows with the piece.
        while !rest.is_empty() {
            let (now, later) = rest.split_at(boundary(rest, WINDOW));
            self.held.push_str(now);
            self.settle();
            rest = later;
        }
        self.findings.items.get(told..).unwrap_or_default()
    }

    /// Looks at what is held as far as it can be settled, and lets go of what is done with.
    fn settle(&mut self) {
        // What comes before is looked at once more for the words beside what comes after.
        while self.held.len() >= (self.settled - self.from) + WINDOW + OVERLAP {
            let end = boundary(&self.held, (self.settled - self.from) + WINDOW + OVERLAP);
            let settled = boundary(&self.held, (self.settled - self.from) + WINDOW);
            self.window(end, settled);
            let gone = boundary(&self.held, settled.saturating_sub(OVERLAP));
            self.held.drain(..gone);
            self.settled = self.from + settled;
            self.from += gone;
        }
    }

    /// The text is over: everything that was found.
    pub fn finish(mut self) -> Findings {
        let end = self.held.len();
        self.window(end, end + 1);
        let Findings { injection, .. } = &mut self.findings;
        injection.signals.sort_by_key(|signal| (signal.start, signal.end, signal.category));
        injection.score = injection::combine(&injection.signals);
        self.findings
    }

    /// Looks at what is held up to `end` and takes what begins before `settled`, places counted in what is held.
    fn window(&mut self, end: usize, settled: usize) {
        let found = self.inspector.inspect(self.held.get(..end).unwrap_or_default(), self.source);
        self.findings.truncated |= found.truncated;
        let told = self.settled - self.from;
        for item in found.items.into_iter().filter(|item| (told..settled).contains(&item.start)) {
            if self.findings.items.len() >= self.inspector.options().limits.findings {
                self.findings.truncated = true;
                break;
            }
            let (start, end) = (item.start + self.from, item.end + self.from);
            self.findings.items.push(Finding { start, end, ..item });
        }
        for signal in found.injection.signals {
            let (start, end) = (signal.start + self.from, signal.end + self.from);
            self.weigh(Signal { start, end, ..signal });
        }
    }

    /// Of each category the heaviest sign is kept, the first of equals.
    fn weigh(&mut self, signal: Signal) {
        let signals = &mut self.findings.injection.signals;
        match signals.iter_mut().find(|known| known.category == signal.category) {
            Some(known) if known.weight < signal.weight => *known = signal,
            Some(_) => {}
            None => signals.push(signal),
        }
    }
}

/// The last place between two characters that is not behind this one.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    #[test]
    fn what_is_held_does_not_grow_with_the_text_nor_with_a_piece() {
        let inspector = Inspector::new(&Options::default()).unwrap();
        for piece in [1 << 10, 4 << 20] {
            let mut stream = inspector.stream(SourceTrust::User);
            let text = "word ".repeat(piece / 5);
            for _ in 0..(4 << 20) / piece {
                assert_eq!(stream.feed(&text), &[]);
                assert!(
                    stream.held.len() <= WINDOW + 2 * OVERLAP,
                    "{} of pieces of {piece}",
                    stream.held.len()
                );
            }
            assert!(stream.held.capacity() <= 4 * WINDOW, "{}", stream.held.capacity());
        }
    }
}
