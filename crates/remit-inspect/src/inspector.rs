//! The inspector: compiled once, asked from any thread.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::context::Context;
use crate::finding::{Finding, Findings};
use crate::fold::{Folded, fold};
use crate::injection::{self, Reading, Structure};
use crate::lexicon::Lexicon;
use crate::scan::{Hit, Scan};
use crate::token::Tokens;
use crate::{Kind, Options, OptionsError, SourceTrust, personal};

/// Bytes of all keywords of a caller: the automaton grows with them.
const KEYWORDS: usize = 1 << 20;

/// All detectors, ready to look at texts.
#[derive(Debug)]
pub struct Inspector {
    options: Options,
    lexicon: Lexicon,
    structure: Structure,
    keywords: Option<AhoCorasick>,
}

impl Inspector {
    /// Compiles the detectors.
    ///
    /// # Errors
    /// The options contradict themselves or are too large.
    pub fn new(options: &Options) -> Result<Self, OptionsError> {
        if let Some(index) = options.keywords.iter().position(String::is_empty) {
            return Err(OptionsError::EmptyKeyword { index });
        }
        let count = options.keywords.iter().map(String::len).sum();
        if count > KEYWORDS {
            return Err(OptionsError::TooManyKeywords { count, most: KEYWORDS });
        }
        if options.least_score > 1000 {
            return Err(OptionsError::LeastScore { score: options.least_score });
        }
        let compile = || {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::LeftmostLongest)
                .build(&options.keywords)
                .map_err(|error| OptionsError::Compile(error.to_string()))
        };
        let keywords = if options.keywords.is_empty() { None } else { Some(compile()?) };
        Ok(Self {
            options: options.clone(),
            lexicon: Lexicon::new(&options.tools),
            structure: Structure::new()?,
            keywords,
        })
    }

    /// What the inspector looks for.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Looks at one text.
    pub fn inspect(&self, text: &str, source: SourceTrust) -> Findings {
        self.inspect_parts([("", text, source)])
    }

    /// Looks at the parts of a message: where each stands (`/context/phone`), what it says, who wrote it. The name of
    /// the place counts as a word beside the text.
    pub fn inspect_parts<'a>(
        &self,
        parts: impl IntoIterator<Item = (&'a str, &'a str, SourceTrust)>,
    ) -> Findings {
        let mut findings = Findings::default();
        let mut work = Work {
            bytes: self.options.limits.bytes,
            budget: injection::Budget::new(&self.options.limits),
            tokens: Tokens::default(),
            hits: Vec::new(),
        };
        for (number, (path, text, source)) in parts.into_iter().enumerate() {
            if number >= self.options.limits.parts || work.bytes == 0 && !text.is_empty() {
                findings.truncated = true;
                break;
            }
            self.part(number, path, text, source, &mut work, &mut findings);
        }
        findings.truncated |= work.budget.exhausted;
        findings.injection.score = injection::combine(&findings.injection.signals);
        findings
    }

    fn part(
        &self,
        number: usize,
        path: &str,
        text: &str,
        source: SourceTrust,
        work: &mut Work,
        findings: &mut Findings,
    ) {
        let (text, cut) = bounded(text, work.bytes);
        work.bytes -= text.len();
        findings.truncated |= cut;
        let folded = fold(text);
        work.hits.clear();
        work.tokens.read(&folded.bytes, &self.lexicon, personal::STARTERS);
        let place = self.place(path);
        let scan = Scan {
            bytes: &folded.bytes,
            tokens: &work.tokens.list,
            seen: &work.tokens,
            lexicon: &self.lexicon,
            place,
            known: place | work.tokens.context,
        };
        if self.options.any_kind() {
            personal::detect(&scan, &mut work.hits);
            self.report(number, &folded, &mut work.hits, findings);
            self.keywords(number, text, findings);
        }
        if self.options.injection {
            let reading =
                Reading { structure: &self.structure, trust: source, depth: self.options.limits.depth };
            for mut signal in injection::part(&scan, folded.marks, &reading, &mut work.budget) {
                (signal.start, signal.end) = folded.back(signal.start, signal.end);
                signal.part = number;
                findings.injection.signals.push(signal);
            }
        }
    }

    /// What the last two names of a path mean.
    fn place(&self, path: &str) -> Context {
        let names = path.rsplit(['/', '.']).filter(|it| !it.is_empty()).take(2);
        names.fold(0, |all, name| {
            // Most names are one word.
            if name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()) {
                return all | self.lexicon.look_up(name.as_bytes()).context;
            }
            let whole: Vec<u8> = name.bytes().filter(u8::is_ascii_alphanumeric).collect();
            let words = words(name).map(|word| self.lexicon.look_up(word.as_bytes()).context);
            words.fold(all | self.lexicon.look_up(&whole).context, |all, word| all | word)
        })
    }

    /// Settles overlaps, then reports what was asked for.
    fn report(&self, number: usize, folded: &Folded<'_>, hits: &mut Vec<Hit>, findings: &mut Findings) {
        settle(hits);
        for hit in hits.iter() {
            if !self.options.reports(hit.kind) || hit.score < self.options.least_score {
                continue;
            }
            if findings.items.len() >= self.options.limits.findings {
                findings.truncated = true;
                return;
            }
            let (start, end) = folded.back(hit.start, hit.end);
            findings.items.push(Finding { kind: hit.kind, start, end, score: hit.score, part: number });
        }
    }

    fn keywords(&self, number: usize, text: &str, findings: &mut Findings) {
        let Some(automaton) = self.keywords.as_ref().filter(|_| self.options.reports(Kind::Keyword)) else {
            return;
        };
        let before = findings.items.len();
        for found in automaton.find_iter(text) {
            let (start, end) = (found.start(), found.end());
            if !text.is_char_boundary(start) || !text.is_char_boundary(end) {
                continue;
            }
            if findings.items.len() >= self.options.limits.findings {
                findings.truncated = true;
                break;
            }
            findings.items.push(Finding { kind: Kind::Keyword, start, end, score: 1000, part: number });
        }
        if findings.items.len() > before {
            findings.items.sort_by_key(|it| (it.part, it.start, it.end, it.kind));
        }
    }
}

/// What is carried from part to part: bounds, and memory to use again.
struct Work {
    bytes: usize,
    budget: injection::Budget,
    tokens: Tokens,
    hits: Vec<Hit>,
}

/// The text up to so many bytes, cut between characters.
fn bounded(text: &str, bytes: usize) -> (&str, bool) {
    // Offsets inside are 32 bits.
    let bytes = bytes.min(u32::MAX as usize / 8);
    if text.len() <= bytes {
        return (text, false);
    }
    let end = (0..=bytes).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    (text.get(..end).unwrap_or_default(), true)
}

/// The words of a name: `cardNumber`, `card_number`, `card-number`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let bytes = name.as_bytes();
    std::iter::from_fn(move || {
        if from >= bytes.len() {
            return None;
        }
        let rest = bytes.get(from..)?;
        let ends = |at: usize, byte: &u8| {
            !byte.is_ascii_alphanumeric()
                || at > 0 && byte.is_ascii_uppercase() && rest.get(at - 1).is_some_and(u8::is_ascii_lowercase)
        };
        let size = rest.iter().enumerate().position(|(at, byte)| ends(at, byte)).unwrap_or(rest.len());
        let word = name.get(from..from + size).unwrap_or_default();
        let skip = rest.get(size).is_some_and(|it| !it.is_ascii_alphanumeric());
        from += size.max(1) + usize::from(skip && size > 0);
        Some(word)
    })
}

/// Of hits that overlap the surest stays, the longest among equals; then order of place.
fn settle(hits: &mut Vec<Hit>) {
    if hits.len() < 2 {
        return;
    }
    hits.sort_by_key(|it| (it.start, it.end, it.kind));
    let apart = hits.windows(2).all(|pair| matches!(pair, [a, b] if a.end <= b.start));
    if apart {
        return;
    }
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits.drain(..) {
        let better = |old: &Hit| (hit.score, hit.end - hit.start) > (old.score, old.end - old.start);
        match kept.last() {
            Some(last) if last.end > hit.start => {
                if better(last) {
                    while kept.last().is_some_and(|last| last.end > hit.start && better(last)) {
                        kept.pop();
                    }
                    if kept.last().is_none_or(|last| last.end <= hit.start) {
                        kept.push(hit);
                    }
                }
            }
            _ => kept.push(hit),
        }
    }
    *hits = kept;
}

#[cfg(test)]
mod tests;
