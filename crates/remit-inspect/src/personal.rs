//! Personal data and secrets: walks the tokens once and asks the detectors whose first sign stands there.

mod bank;
mod card;
mod chain;
mod code;
mod date;
mod email;
mod national;
mod network;
mod phone;
mod place;
mod secret;
mod special;

use crate::context::{self as say, Context};
use crate::scan::{Hit, Scan};
use crate::token::{DIGIT, LOOK};

/// Words that start a detector of their own.
pub const STARTERS: Context = say::PASSWORD
    | say::SECRET
    | say::COOKIE
    | say::ONECODE
    | say::AT
    | say::NAME
    | say::STREET
    | say::BIC
    | say::MONTH
    | special::TERMS;

/// Reports everything found, in no particular order; spans may overlap.
pub fn detect(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    place::whole_text(scan, hits);
    let mut at = 0;
    while let Some(token) = scan.token(at) {
        if !token.is(LOOK) {
            at += 1;
            continue;
        }
        at = if token.is(DIGIT) {
            from_digit(scan, at, hits)
        } else {
            if token.word != 0 {
                let meaning = scan.context(at);
                if meaning & STARTERS != 0 {
                    from_word(scan, at, meaning, hits);
                }
            }
            match token.link {
                b'@' => address(scan, at, hits),
                b':' | b'-' if token.len() <= 4 => network::hexadecimal(scan, at, hits),
                _ if token.len() >= 16 => secret::token(scan, at, hits),
                _ => {}
            }
            at + 1
        };
    }
}

fn from_word(scan: &Scan<'_>, at: usize, meaning: Context, hits: &mut Vec<Hit>) {
    if meaning & special::TERMS != 0 {
        special::detect(scan, at, meaning, hits);
    }
    if meaning & (say::PASSWORD | say::SECRET | say::COOKIE) != 0 {
        secret::assigned(scan, at, meaning, hits);
    }
    if meaning & say::ONECODE != 0 {
        secret::one_time(scan, at, hits);
    }
    if meaning & say::AT != 0 {
        email::in_words(scan, at, hits);
    }
    if meaning & say::NAME != 0 {
        place::person(scan, at, hits);
    }
    if meaning & say::STREET != 0 {
        place::street(scan, at, hits);
    }
    if meaning & say::BIC != 0 {
        bank::bic(scan, at, hits);
    }
    if meaning & say::MONTH != 0 {
        date::in_words(scan, at, hits);
    }
}

/// What stands around an `@`.
fn address(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    if !secret::in_url(scan, at, hits) {
        email::detect(scan, at, hits);
    }
}

/// A token with a digit in it; gives the place to go on from.
fn from_digit(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> usize {
    let Some(token) = scan.token(at) else { return at + 1 };
    if token.link == b'@' {
        address(scan, at, hits);
    }
    if token.len() <= 8
        && let Some(next) = network::detect(scan, at, hits)
    {
        return next;
    }
    if token.is_mixed() {
        if token.len() == 5 && scan.text(token).get(..4).is_some_and(|it| it.eq_ignore_ascii_case(b"BRCA")) {
            special::detect(scan, at, say::GENETIC, hits);
            return at + 1;
        }
        if token.len() >= 16 {
            secret::token(scan, at, hits);
        }
        return code::detect(scan, at, hits);
    }
    if let Some(next) = place::coordinates(scan, at, hits) {
        return next;
    }
    let chain = chain::Chain::build(scan, at);
    if chain.total() >= 5 {
        let meaning = scan.meanings(at, at + chain.count() - 1);
        if let Some(groups) = numbers(scan, &chain, meaning, hits) {
            return at + groups;
        }
    }
    if let Some(next) = code::from_number(scan, at, &chain, hits) {
        return next;
    }
    at + 1
}

/// All readings of a chain of numbers; gives how many groups were consumed.
fn numbers(scan: &Scan<'_>, chain: &chain::Chain, meaning: Context, hits: &mut Vec<Hit>) -> Option<usize> {
    if let Some(groups) = date::numeric(chain, meaning, hits) {
        return Some(groups);
    }
    for groups in (1..=chain.count()).rev() {
        let digits = chain.digits(groups);
        if digits.len() > 19 || digits.len() < 7 && groups == 1 || digits.len() < 6 {
            continue;
        }
        let part = chain::Part { chain, groups, digits, meaning };
        if chain.attached && groups > 1 {
            continue;
        }
        let found = card::detect(scan, &part)
            .or_else(|| national::detect(scan, &part))
            .or_else(|| bank::account(scan, &part).filter(|_| !part.said(say::PHONE)))
            .or_else(|| phone::detect(scan, &part))
            .or_else(|| bank::account(scan, &part));
        if let Some((kind, score)) = found {
            let (start, end) = phone::widen(scan, kind, chain.start(), chain.end(groups));
            hits.push(Hit { kind, start, end, score });
            return Some(groups);
        }
    }
    None
}
