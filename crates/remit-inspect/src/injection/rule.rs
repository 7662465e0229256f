//! Sequences of concepts that make an instruction to a model.

mod table;

use self::table::{RULES, Rule};
use super::words::*;
use super::{Category, Concept};
use crate::scan::Scan;
use crate::token::BREAK;

/// A token that means something inside instructions.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub token: u32,
    /// Number of its sentence; what is cut into one or two words is one sentence all the same.
    pub sentence: u32,
    pub concept: Concept,
}

/// A rule that holds.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    pub category: Category,
    pub weights: (u16, u16),
    /// First and last token.
    pub first: usize,
    pub last: usize,
    /// How many words are of another language.
    pub foreign: u32,
    /// It is said as an order.
    pub imperative: bool,
}

/// Concepts that are orders only where an order can stand: `she forgot to print` orders nothing.
const VERBS: Concept =
    OVERRIDE | REVEAL | REPEAT | ACT | FOLLOW | CALL | SEND | DISABLE | PERMIT | OPEN | DECODE | CONCEAL;

/// Concepts that any rule asks for.
#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const ASKED: Concept = {
    let mut all = 0;
    let mut at = 0;
    while at < RULES.len() {
        all |= RULES[at].near;
        let mut slot = 0;
        while slot < RULES[at].slots.len() {
            all |= RULES[at].slots[slot].0;
            slot += 1;
        }
        at += 1;
    }
    all
};

/// For each concept the rules that begin with it, as a set of their numbers.
#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
static BEGINNING: [u128; 128] = {
    let mut table = [0; 128];
    let mut at = 0;
    while at < RULES.len() {
        if let [(first, _), ..] = RULES[at].slots {
            let mut bit = 0;
            while bit < 128 {
                if *first >> bit & 1 == 1 {
                    table[bit] |= 1 << at;
                }
                bit += 1;
            }
        }
        at += 1;
    }
    table
};

/// Finds every rule that holds, at every place it begins.
pub fn find(scan: &Scan<'_>, spots: &[Spot], known: Concept, matches: &mut Vec<Match>) {
    let mut active = 0_u128;
    let mut first = 0;
    for number in places(beginning(spots.iter().fold(0, |all, it| all | it.concept))) {
        let Some(rule) = RULES.get(number) else { continue };
        let possible = (rule.near == 0 || known & rule.near != 0)
            && rule.slots.iter().all(|(concept, _)| known & concept != 0);
        if possible {
            active |= 1 << number;
            first |= rule.slots.first().map_or(0, |slot| slot.0);
        }
    }
    if active == 0 {
        return;
    }
    for (at, spot) in spots.iter().enumerate() {
        for number in places(beginning(spot.concept & first) & active) {
            if let Some(found) = RULES.get(number).and_then(|rule| rule.at(scan, spots, at)) {
                matches.push(found);
            }
        }
    }
}

/// The rules that begin with one of these concepts, as a set of their numbers.
fn beginning(concepts: Concept) -> u128 {
    let of = |concept| BEGINNING.get(concept).copied().unwrap_or(0);
    places(concepts).fold(0, |all, concept| all | of(concept))
}

/// The places of the bits that are set, lowest first.
fn places(mut bits: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (place < 128).then_some(place)
    })
}

impl Rule {
    fn at(&self, scan: &Scan<'_>, spots: &[Spot], begin: usize) -> Option<Match> {
        let mut last = begin;
        for (concept, gap) in self.slots.iter().skip(1) {
            let Spot { token: from, sentence, .. } = *spots.get(last)?;
            let mut next = last + 1;
            loop {
                let spot = spots.get(next)?;
                if spot.token > from + u32::from(*gap) || spot.sentence != sentence {
                    return None;
                }
                if spot.concept & concept != 0 {
                    break;
                }
                next += 1;
            }
            last = next;
        }
        let (first, end) = (spots.get(begin)?.token, spots.get(last)?.token);
        let authority = self.category == Category::AuthorityUrgency;
        let reach = if authority { 14 } else { 4 };
        let sentence = spots.get(begin)?.sentence;
        let wide = matches!(
            self.category,
            Category::AuthorityUrgency | Category::MultiTurn | Category::IndirectCarrier
        );
        let around = spots.get(begin.saturating_sub(16)..(last + 7).min(spots.len())).unwrap_or_default();
        let around = around.iter().filter(|it| {
            it.token + reach >= first && it.token <= end + 6 && (wide || it.sentence == sentence)
        });
        let own = |it: &Spot| it.token == first || it.token == end;
        let near = around.clone().filter(|it| !own(it)).fold(0, |all, it| all | it.concept);
        let double = spots.get(begin)?.concept | spots.get(last)?.concept;
        if self.near != 0 && (near & self.near == 0 && (double & self.near == 0 || self.near & LANG == 0)) {
            return None;
        }
        let foreign =
            around.filter(|it| it.concept & LANG != 0 && it.token >= first && it.token <= end).count();
        let (first, last) = (first as usize, end as usize);
        let verb = spots.get(begin).is_some_and(|it| it.concept & VERBS != 0);
        let imperative = !verb || foreign > 0 || imperative(scan, first);
        Some(Match {
            category: self.category,
            weights: self.weights,
            first,
            last,
            foreign: foreign as u32,
            imperative,
        })
    }
}

/// Whether the token there may begin an order: first of a sentence or clause, or behind a word that leads one in.
pub fn imperative(scan: &Scan<'_>, at: usize) -> bool {
    let Some(token) = scan.token(at) else { return false };
    if at == 0 || token.is(BREAK) {
        return true;
    }
    let gap = scan.gap(at);
    if gap.iter().any(|it| {
        matches!(
            it,
            b',' | b':'
                | b';'
                | b'"'
                | b'\''
                | b'-'
                | b'('
                | b'*'
                | b'>'
                | b'#'
                | b'`'
                | b'['
                | b'='
                | b'/'
                | b'\n'
                | b'_'
                | b'|'
        )
    }) {
        return true;
    }
    let concept = |at: usize| scan.token(at).map_or(0, |it| scan.lexicon.look_up(scan.text(it)).concept);
    let before = concept(at - 1);
    if before & (LEAD | MUST) != 0 {
        return true;
    }
    before & TO != 0 && at >= 2 && concept(at - 2) & (YOU | MUST | AI) != 0
}

/// The tokens that mean something to a rule.
pub fn spots(scan: &Scan<'_>) -> Vec<Spot> {
    let mut found = Vec::with_capacity(scan.seen.words.len());
    let (mut sentence, mut began) = (0, 0);
    let mut stops = scan.seen.stops.iter().copied().peekable();
    for &at in &scan.seen.words {
        while let Some(stop) = stops.next_if(|stop| *stop <= at) {
            sentence += u32::from(stop - began >= 3);
            began = stop;
        }
        let concept = scan.tokens.get(at as usize).map_or(0, |it| scan.concept(it));
        if concept & ASKED != 0 {
            found.push(Spot { token: at, sentence, concept });
        }
    }
    found
}
