//! From rules that hold to one score: trust in the source, quotation and talk about attacks, encodings.

use super::decode;
use super::layer::Budget;
use super::rule::{self, Match, Spot};
use super::structure::{Mark, Structure};
use super::words::*;
use super::{Category, Concept};
use crate::fold::{Marks, fold};
use crate::scan::Scan;
use crate::token::{BREAK, Tokens};
use crate::{Signal, SourceTrust};

/// What reading a part for signs needs.
pub struct Reading<'a> {
    pub structure: &'a Structure,
    pub trust: SourceTrust,
    pub depth: usize,
}

/// All signs of one part; spans in its folded text. Of each category the heaviest is kept.
pub fn part(scan: &Scan<'_>, marks: Marks, reading: &Reading<'_>, budget: &mut Budget) -> Vec<Signal> {
    let (spots, known) = (rule::spots(scan), scan.seen.concept);
    let mut signals = Vec::new();
    let found = read(scan, &spots, known, reading, &mut signals);
    hidden_marks(scan, marks, found, &mut signals);
    layers(scan, known, reading, budget, &mut signals);
    strongest(&mut signals);
    signals
}

/// Rules and markers of a text that stands there plainly; gives the heaviest weight.
fn read(
    scan: &Scan<'_>,
    spots: &[Spot],
    known: Concept,
    reading: &Reading<'_>,
    signals: &mut Vec<Signal>,
) -> u16 {
    let before = signals.len();
    let mut matches = Vec::new();
    rule::find(scan, spots, known, &mut matches);
    // `call_tool` is a name, no order.
    let named = |at: usize| scan.token(at).is_some_and(|it| it.link == b'_');
    matches.retain(|it| it.category != Category::ToolSmuggling || !named(it.first) && !named(it.first + 1));
    tool_calls(scan, spots, known, &mut matches);
    for found in &matches {
        let (Some(first), Some(last)) = (scan.token(found.first), scan.token(found.last)) else { continue };
        let allowed = allowance(
            scan,
            first.start(),
            last.end(),
            found.first,
            found.last,
            known,
            Some(found.imperative),
            reading.trust,
        );
        let allowed =
            described(scan, found.category, (found.first, found.last), known, reading.trust, allowed);
        let weight = weight(found.weights, reading.trust, allowed);
        let mut push = |category, weight| {
            signals.push(Signal { category, weight, start: first.start(), end: last.end(), part: 0 })
        };
        push(found.category, weight);
        if found.foreign >= 2 {
            push(Category::OtherLanguage, weight / 2);
        }
    }
    let mut marks: Vec<Mark> = Vec::new();
    reading.structure.find(scan, known, &mut marks);
    for mark in &marks {
        let token = scan.tokens.partition_point(|it| it.start() < mark.start);
        let allowed = allowance(scan, mark.start, mark.end, token, token, known, None, reading.trust);
        let allowed = described(scan, mark.category, (token, token), known, reading.trust, allowed);
        let weight = weight(mark.weights, reading.trust, allowed);
        signals.push(Signal { category: mark.category, weight, start: mark.start, end: mark.end, part: 0 });
    }
    signals.iter().skip(before).map(|it| it.weight).max().unwrap_or(0)
}

/// `call the wire_transfer tool`, `run transfer_funds with …`: an order to use an identifier.
fn tool_calls(scan: &Scan<'_>, spots: &[Spot], known: Concept, matches: &mut Vec<Match>) {
    if known & CALL == 0 {
        return;
    }
    for spot in spots.iter().filter(|it| it.concept & CALL != 0) {
        let at = spot.token as usize;
        let identifier =
            (at + 1..at + 5).find(|it| scan.token(*it).is_some_and(|it| it.link == b'_') || camel(scan, *it));
        let Some(last) = identifier else { continue };
        // `use_case`, `call.inner_name`, `call, self.other_name` are code, not orders.
        let spoken = (at + 1..=last).enumerate().all(|(step, it)| {
            let gap = scan.gap(it);
            let inside = step > 0 && gap == b"_";
            inside
                || gap.first() == Some(&b' ') && gap.iter().all(|it| b" `\"'*".contains(it))
                || gap == b": "
        });
        if !spoken {
            continue;
        }
        if (at + 1..=last).any(|it| scan.token(it).is_some_and(|it| it.is(BREAK))) {
            continue;
        }
        let tail =
            (last + 1..last + 4).any(|it| scan.token(it).is_some_and(|it| scan.concept(it) & TOOL != 0));
        let after = scan.token(last).map_or(0, |it| scan.byte(it.end()));
        let imported = scan.token(at).is_some_and(|it| scan.text(it).eq_ignore_ascii_case(b"use"));
        let weights = match (tail, after) {
            (true, _) => (450, 850),
            (false, b'(') => (400, 800),
            (false, _) if imported => continue,
            (false, _) => (300, 650),
        };
        // `the next step is to run …` orders as well.
        let led = at > 0 && scan.token(at - 1).is_some_and(|it| scan.concept(it) & TO != 0);
        let imperative = led || rule::imperative(scan, at);
        matches.push(Match {
            category: Category::ToolSmuggling,
            weights,
            first: at,
            last,
            foreign: 0,
            imperative,
        });
    }
}

/// `transferFunds`: a small letter and then a capital one.
fn camel(scan: &Scan<'_>, at: usize) -> bool {
    scan.token(at).is_some_and(|token| {
        let text = scan.text(token);
        text.first().is_some_and(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase)
    })
}

/// Weight by the source, lowered by the allowance (per mille).
fn weight((user, foreign): (u16, u16), trust: SourceTrust, allowance: u16) -> u16 {
    let base = match trust {
        SourceTrust::Operator => user / 2,
        SourceTrust::User => user,
        SourceTrust::Document | SourceTrust::ToolOutput => foreign,
        SourceTrust::ToolDescription => foreign + (1000 - foreign) / 3,
    };
    (u32::from(base) * u32::from(allowance) / 1000) as u16
}

/// What is left of a weight, per mille, when the passage is quoted, discussed, or told of instead of ordered.
#[expect(clippy::too_many_arguments, reason = "one question about one passage")]
fn allowance(
    scan: &Scan<'_>,
    start: usize,
    end: usize,
    first: usize,
    last: usize,
    known: Concept,
    imperative: Option<bool>,
    trust: SourceTrust,
) -> u16 {
    let talk = if known & DISCUSS == 0 { 0 } else { discussed(scan, first, last) };
    // A question may begin before the quotation: its end counts.
    let tail = scan.token(last).map_or(start, |it| it.start().max(start));
    let quoted = talk > 0 && quoted(scan, tail, end);
    let followed = talk > 0 && obeyed(scan, last);
    // (operator or user, document, tool output, tool description)
    let of = |row: [u16; 4]| match (trust, row) {
        (SourceTrust::Operator | SourceTrust::User, [it, _, _, _]) => it,
        (SourceTrust::Document, [_, it, _, _]) => it,
        (SourceTrust::ToolOutput, [_, _, it, _]) => it,
        (SourceTrust::ToolDescription, [_, _, _, it]) => it,
    };
    let told = if imperative == Some(false) { of([450, 500, 600, 1000]) } else { 1000 };
    let talked = match (followed, quoted, talk, imperative) {
        (true, ..) => 1000,
        (false, true, ..) => of([200, 300, 500, 1000]),
        (false, false, 2.., Some(false)) => of([400, 500, 700, 1000]),
        (false, false, 3.., _) => of([450, 500, 700, 1000]),
        _ => 1000,
    };
    (u32::from(told) * u32::from(talked) / 1000) as u16
}

/// Different words of manuals around rules of access, from which on the text describes them.
const DESCRIBES: usize = 3;

/// What is left of the weight of rules of access where a text describes them, as manuals of an interface do.
fn described(
    scan: &Scan<'_>,
    category: Category,
    (first, last): (usize, usize),
    known: Concept,
    trust: SourceTrust,
    allowed: u16,
) -> u16 {
    if category != Category::PolicyInjection || known & DOCUMENTS == 0 {
        return allowed;
    }
    let mut words: Vec<u16> = Vec::new();
    for token in
        scan.tokens.get(first.saturating_sub(24)..(last + 25).min(scan.tokens.len())).into_iter().flatten()
    {
        if scan.concept(token) & DOCUMENTS != 0 && !words.contains(&token.word) {
            words.push(token.word);
        }
    }
    let left = match trust {
        _ if words.len() < DESCRIBES => 1000,
        SourceTrust::Operator | SourceTrust::User => 450,
        SourceTrust::Document => 550,
        SourceTrust::ToolOutput => 650,
        SourceTrust::ToolDescription => 1000,
    };
    (u32::from(allowed) * left / 1000) as u16
}

/// How many words about attacks stand around.
fn discussed(scan: &Scan<'_>, first: usize, last: usize) -> usize {
    let range = |from: usize, to: usize| scan.tokens.get(from..to.min(scan.tokens.len())).unwrap_or_default();
    let says = |concept: Concept| {
        move |token: &&crate::token::Token| token.word != 0 && scan.lexicon.concept(token.word) & concept != 0
    };
    let before = range(first.saturating_sub(24), first);
    let after = range(last + 1, last + 25);
    before.iter().filter(says(DISCUSS)).count() + after.iter().filter(says(DISCUSS)).count()
}

/// Whether the passage lies within quotation marks.
fn quoted(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    let before = scan.bytes.get(start.saturating_sub(200)..start).unwrap_or_default();
    let after = scan.bytes.get(end..(end + 200).min(scan.bytes.len())).unwrap_or_default();
    b"\"`'".iter().any(|mark| {
        let opens = |at: usize| {
            // An apostrophe inside a word opens nothing.
            let left = at.checked_sub(1).and_then(|it| before.get(it)).copied().unwrap_or(b' ');
            !left.is_ascii_alphanumeric()
        };
        let open = before.iter().enumerate().filter(|(at, byte)| **byte == *mark && opens(*at)).count();
        let close = before
            .iter()
            .enumerate()
            .filter(|(at, byte)| {
                **byte == *mark && !opens(*at) && !before.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
            })
            .count();
        let ends = after
            .iter()
            .enumerate()
            .any(|(at, byte)| *byte == *mark && !after.get(at + 1).is_some_and(u8::is_ascii_alphanumeric));
        open > close && ends
    })
}

/// Whether the text goes on to order that the passage be carried out.
fn obeyed(scan: &Scan<'_>, last: usize) -> bool {
    let tokens = scan.tokens.get(last + 1..(last + 22).min(scan.tokens.len())).unwrap_or_default();
    tokens.windows(2).any(|pair| {
        let [one, two] = pair else { return false };
        let concept = |token: &crate::token::Token| scan.concept(token);
        let it = matches!(
            scan.text(two).to_ascii_lowercase().as_slice(),
            b"it" | b"that" | b"this" | b"them" | b"so" | b"exactly" | b"those"
        );
        let does = concept(one) & (FOLLOW | CALL) != 0 || scan.text(one).eq_ignore_ascii_case(b"do");
        does && it
    })
}

/// What folding met: hidden characters and look-alikes, heavy when the text also gives orders.
fn hidden_marks(scan: &Scan<'_>, marks: Marks, found: u16, signals: &mut Vec<Signal>) {
    let disguise = marks.hidden + marks.mixed + marks.disguised + marks.piled;
    let weight = match found {
        300.. if disguise + marks.bidi + marks.tags > 0 => 700,
        _ if marks.tags >= 4 => 700,
        _ if marks.bidi > 0 => 300,
        _ if marks.hidden >= 3 => 300,
        _ if marks.mixed >= 3 => 300,
        _ => return,
    };
    signals.push(Signal {
        category: Category::Obfuscation,
        weight,
        start: 0,
        end: scan.bytes.len(),
        part: 0,
    });
}

/// Decoded passages are read like texts; what they order counts in full and as obfuscation too.
fn layers(
    scan: &Scan<'_>,
    known: Concept,
    reading: &Reading<'_>,
    budget: &mut Budget,
    signals: &mut Vec<Signal>,
) {
    let Some(depth) = reading.depth.checked_sub(1) else { return };
    for layer in decode::layers(scan, known, budget) {
        let folded = fold(&layer.text);
        let mut tokens = Tokens::default();
        tokens.read(&folded.bytes, scan.lexicon, 0);
        let inner = Scan {
            bytes: &folded.bytes,
            tokens: &tokens.list,
            seen: &tokens,
            lexicon: scan.lexicon,
            place: 0,
            known: 0,
        };
        let depth = if layer.whole { 0 } else { depth };
        let reading = Reading { structure: reading.structure, trust: SourceTrust::ToolOutput, depth };
        let found = part(&inner, folded.marks, &reading, budget);
        let heaviest = found.iter().map(|it| it.weight).max().unwrap_or(0);
        for signal in found {
            let (start, end) = layer.origin.unwrap_or((signal.start + layer.base, signal.end + layer.base));
            signals.push(Signal { start, end, ..signal });
        }
        if heaviest >= 400 {
            let (start, end) = layer.origin.unwrap_or((layer.base, layer.base + layer.text.len()));
            signals.push(Signal { category: Category::Obfuscation, weight: 700, start, end, part: 0 });
        }
    }
}

/// Of each category the heaviest sign, the earliest among equals.
fn strongest(signals: &mut Vec<Signal>) {
    signals.retain(|it| it.weight > 0);
    signals.sort_by_key(|it| (it.category, std::cmp::Reverse(it.weight), it.start, it.end));
    signals.dedup_by_key(|it| it.category);
}

/// All signs as one score: `1 - (1 - w1)(1 - w2)…` over the heaviest sign of each category, per mille.
pub fn combine(signals: &[Signal]) -> u16 {
    let mut rest = 1_000_000_u64;
    for category in Category::ALL {
        let of = signals.iter().filter(|it| it.category == category);
        let weight = of.map(|it| u64::from(it.weight)).max().unwrap_or(0).min(1000);
        rest = rest * (1000 - weight) / 1000;
    }
    ((1_000_000 - rest) / 1000) as u16
}
