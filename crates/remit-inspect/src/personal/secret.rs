//! Machine secrets: keys with a known prefix, tokens, private keys, passwords beside words that say so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Kind;
use crate::context::{self as say, Context};
use crate::scan::{Hit, Scan};
use crate::token::Token;

/// Prefixes as their issuers document them, and how many characters follow at least.
const PREFIXES: [(&[u8], usize); 46] = [
    (b"AKIA", 16),
    (b"ASIA", 16),
    (b"ABIA", 16),
    (b"ACCA", 16),
    (b"AIza", 35),
    (b"ya29.", 20),
    (b"GOCSPX-", 20),
    (b"ghp_", 30),
    (b"gho_", 30),
    (b"ghu_", 30),
    (b"ghs_", 30),
    (b"ghr_", 30),
    (b"github_pat_", 22),
    (b"glpat-", 20),
    (b"gldt-", 20),
    (b"glrt-", 20),
    (b"xoxb-", 16),
    (b"xoxp-", 16),
    (b"xoxa-", 16),
    (b"xoxe-", 16),
    (b"xoxs-", 16),
    (b"xapp-", 16),
    (b"sk_live_", 16),
    (b"sk_test_", 16),
    (b"rk_live_", 16),
    (b"pk_live_", 16),
    (b"whsec_", 16),
    (b"sk-ant-", 20),
    (b"sk-proj-", 20),
    (b"sk-", 32),
    (b"hf_", 30),
    (b"npm_", 30),
    (b"pypi-", 50),
    (b"SG.", 30),
    (b"dop_v1_", 40),
    (b"shpat_", 32),
    (b"shpss_", 32),
    (b"LTAI", 16),
    (b"EAAC", 40),
    (b"dckr_pat_", 20),
    (b"lin_api_", 30),
    (b"AGE-SECRET-KEY-1", 50),
    (b"hvs.", 24),
    (b"nvapi-", 40),
    (b"rzp_live_", 14),
    (b"gsk_", 40),
];

/// A long token: looks whether it is the tail of a key with a known prefix, or a JSON web token.
pub fn token(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let mut first = at;
    // The prefix may be tokens of its own: `sk-proj-…`.
    for _ in 0..5 {
        match scan.token(first).filter(|it| matches!(it.link, b'-' | b'_' | b'.')) {
            Some(_) if first > 0 => first -= 1,
            _ => break,
        }
    }
    for begin in first..=at {
        let Some(token) = scan.token(begin) else { return };
        let head = scan.slice(token.start(), scan.bytes.len().min(token.start() + 24));
        let Some((prefix, least)) = PREFIXES.iter().find(|(prefix, _)| head.starts_with(prefix)) else {
            if head.starts_with(b"eyJ") && json_web_token(scan, token.start(), hits) {
                return;
            }
            continue;
        };
        let end = tail(scan, token.start());
        let body = scan.slice(token.start() + prefix.len(), end);
        let telling = body.iter().any(u8::is_ascii_digit) || body.len() > 40;
        if body.len() >= *least && telling && varied(body) {
            hits.push(Hit { kind: Kind::SecretKey, start: token.start(), end, score: 960 });
            return;
        }
    }
}

/// Where the run of characters of a key ends.
fn tail(scan: &Scan<'_>, start: usize) -> usize {
    let rest = scan.bytes.get(start..).unwrap_or_default();
    let size = rest
        .iter()
        .take(512)
        .take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.' | b'+' | b'/' | b'='))
        .count();
    let run = rest.get(..size).unwrap_or_default();
    start + size - run.iter().rev().take_while(|it| matches!(it, b'.' | b'-' | b'_' | b'/')).count()
}

/// Three parts of which the first is base64url of an object with `"alg"` or `"enc"`.
fn json_web_token(scan: &Scan<'_>, start: usize, hits: &mut Vec<Hit>) -> bool {
    let rest = scan.bytes.get(start..scan.bytes.len().min(start + 16_384)).unwrap_or_default();
    let size =
        rest.iter().take_while(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.')).count();
    let run = rest.get(..size).unwrap_or_default();
    let mut parts = run.split(|it| *it == b'.');
    let (Some(head), Some(body)) = (parts.next(), parts.next()) else { return false };
    let object =
        head.get(..head.len().min(1024)).and_then(|it| URL_SAFE_NO_PAD.decode(it).ok()).unwrap_or_default();
    let header = object.windows(5).any(|it| it == b"\"alg\"" || it == b"\"enc\"" || it == b"\"typ\"");
    if !header || body.len() < 2 || parts.clone().next().is_none() {
        return false;
    }
    let end = start + size - run.iter().rev().take_while(|it| **it == b'.').count();
    hits.push(Hit { kind: Kind::Jwt, start, end, score: 980 });
    true
}

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the text.
pub fn pem(scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if scan.known & say::SECRET == 0 {
        return;
    }
    const BEGIN: &[u8] = b"-----BEGIN ";
    let mut from = 0;
    while let Some(start) = position(scan.bytes, BEGIN, from) {
        let line = scan.slice(start, scan.bytes.len().min(start + 64));
        from = start + BEGIN.len();
        if position(line, b"PRIVATE KEY", 0).is_some() {
            let close = position(scan.bytes, b"-----END ", from);
            let end = close.and_then(|it| position(scan.bytes, b"KEY", it)).map_or(scan.bytes.len(), |it| {
                let rest = scan.bytes.get(it..).unwrap_or_default();
                it + rest
                    .iter()
                    .take_while(|it| it.is_ascii_alphabetic() || **it == b' ' || **it == b'-')
                    .count()
            });
            hits.push(Hit { kind: Kind::PrivateKey, start, end, score: 990 });
            from = end;
        }
    }
}

fn position(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, needle).map(|it| it + from)
}

/// `password: …`, `api_key = …`, `Cookie: session=…`.
pub fn assigned(scan: &Scan<'_>, at: usize, meaning: Context, hits: &mut Vec<Hit>) {
    let Some(name) = scan.token(at) else { return };
    let Some(start) = value(scan, name, meaning & say::PASSWORD != 0) else {
        return;
    };
    let quote = scan.before(start);
    let rest = scan.bytes.get(start..scan.bytes.len().min(start + 256)).unwrap_or_default();
    let quoted = matches!(quote, b'"' | b'\'' | b'`');
    let ends = |it: &u8| {
        if quoted {
            *it == quote || *it == b'\n'
        } else {
            it.is_ascii_whitespace()
                || matches!(it, b'"' | b',' | b';' | b'<' | b'>' | b')' | b'\'' | b'`')
                || *it == b'&' && quote == b'='
        }
    };
    let size = rest.iter().position(ends).unwrap_or(rest.len());
    let mut text = rest.get(..size).unwrap_or_default();
    while !quoted
        && text.last().is_some_and(|it| matches!(it, b'.' | b'!' | b'?' | b':'))
        && text.len() > 1
        && text.last() != Some(&b'!')
    {
        text = text.get(..text.len() - 1).unwrap_or_default();
    }
    if empty(text) {
        return;
    }
    let end = start + text.len();
    if meaning & say::PASSWORD != 0 {
        let digit = text.iter().any(u8::is_ascii_digit);
        let sign = text.iter().any(|it| !it.is_ascii_alphanumeric());
        let strange = digit && text.iter().any(u8::is_ascii_alphabetic)
            || sign && text.len() >= 6 && !text.contains(&b' ')
            || quoted && text.len() >= 6 && !text.contains(&b' ');
        let pin = scan.text(name).eq_ignore_ascii_case(b"pin");
        let number = digit && text.iter().all(u8::is_ascii_digit) && (4..=8).contains(&text.len());
        if (4..=64).contains(&text.len()) && (strange && !pin || pin && number || number && text.len() >= 6) {
            hits.push(Hit { kind: Kind::Password, start, end, score: if strange { 850 } else { 650 } });
        }
    } else if text.len() >= 16 && key_like(text) {
        let kind = if meaning & say::COOKIE != 0 { Kind::Cookie } else { Kind::SecretKey };
        hits.push(Hit { kind, start, end, score: 800 });
    }
}

/// Tokens between a one-time code and the word that says so, when the code comes first.
const CODE_BEFORE: usize = 7;

/// `Your security code is: 204731`, `OTP 204731`, `204731 is your login code`.
pub fn one_time(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let Some(name) = scan.token(at) else { return };
    let says = !scan.text(name).eq_ignore_ascii_case(b"code") || scan.just_before(at, say::VERIFY, 2);
    if !says {
        return;
    }
    let is_code =
        |token: &Token| token.is_number() && (4..=8).contains(&token.len()) && !b".-/".contains(&token.link);
    let behind = || {
        let start = value(scan, name, true)?;
        let next = (at + 1..at + 4).filter_map(|it| scan.token(it)).find(|it| it.start() == start);
        next.filter(|it| is_code(it))
    };
    let before = || {
        let is = (at.saturating_sub(CODE_BEFORE)..at).rev();
        let mut is =
            is.filter(|it| scan.token(*it).is_some_and(|it| scan.text(it).eq_ignore_ascii_case(b"is")));
        scan.token(is.next()?.checked_sub(1)?).filter(|it| is_code(it))
    };
    if let Some(code) = behind().or_else(before) {
        hits.push(Hit { kind: Kind::Password, start: code.start(), end: code.end(), score: 800 });
    }
}

/// The first byte of what is assigned to the name, behind `:`, `=` or, for a password, `is`.
fn value(scan: &Scan<'_>, name: &Token, words: bool) -> Option<usize> {
    let mut at = name.end();
    let skip = |at: &mut usize, set: &[u8]| {
        let from = *at;
        while set.contains(&scan.byte(*at)) {
            *at += 1;
        }
        *at > from
    };
    skip(&mut at, b"\"'` ");
    let rest = scan.bytes.get(at..).unwrap_or_default();
    let verb = if !words {
        0
    } else {
        [&b"is "[..], b"was ", b"ist ", b"est ", b"es ", b"is: ", b"to "]
            .iter()
            .filter(|it| {
                rest.len() >= it.len() && rest.iter().zip(it.iter()).all(|(a, b)| a.eq_ignore_ascii_case(b))
            })
            .map(|it| it.len())
            .max()
            .unwrap_or(0)
    };
    at += verb;
    let assigned = skip(&mut at, b":=>") || verb > 0;
    if !assigned {
        return None;
    }
    skip(&mut at, b" ");
    if rest.len() >= 7 && scan.bytes.get(at..at + 7).is_some_and(|it| it.eq_ignore_ascii_case(b"bearer ")) {
        at += 7;
    }
    let _ = matches!(scan.byte(at), b'"' | b'\'' | b'`') && {
        at += 1;
        true
    };
    (at < scan.bytes.len() && scan.byte(at) != b'\n').then_some(at)
}

/// Placeholders: stars, references to a variable, names in brackets.
fn empty(text: &[u8]) -> bool {
    let mask = text.iter().all(|it| matches!(it, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'?' | b'#'));
    let reference = matches!(text.first(), Some(b'$' | b'{' | b'<' | b'[' | b'%' | b'@' | b'('))
        || text.windows(2).any(|it| it == b"()" || it == b"${" || it == b"{{" || it == b"->" || it == b"::");
    let call = text.iter().position(|it| *it == b'(').is_some_and(|it| {
        it > 2 && text.iter().take(it).all(|it| it.is_ascii_alphanumeric() || *it == b'_' || *it == b'.')
    });
    mask || reference || call
}

/// Letters and digits mixed as chance mixes them, no blank.
fn key_like(text: &[u8]) -> bool {
    let digits = text.iter().filter(|it| it.is_ascii_digit()).count();
    let letters = text.iter().filter(|it| it.is_ascii_alphabetic()).count();
    let others = text.len() - digits - letters;
    let allowed = text.iter().all(|it| {
        it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.' | b'+' | b'/' | b'=' | b'%' | b'~')
    });
    allowed && digits >= 3 && letters >= 4 && others * 4 < text.len() && varied(text)
}

/// At least a third as many different characters as there are, ten at most asked.
fn varied(text: &[u8]) -> bool {
    let mut seen = [false; 256];
    let mut count = 0;
    for byte in text {
        if let Some(cell) = seen.get_mut(usize::from(*byte))
            && !*cell
        {
            *cell = true;
            count += 1;
        }
    }
    count >= (text.len() / 3).clamp(5, 10)
}

/// A URL with a user and a password before its host: `scheme://user:password@host`. Called with the `@`'s right token.
pub fn in_url(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) -> bool {
    let Some(right) = scan.token(at) else { return false };
    let sign = right.start().saturating_sub(1);
    let from = sign.saturating_sub(160);
    let before = scan.slice(from, sign);
    let Some(scheme) = before.windows(3).rposition(|it| it == b"://") else { return false };
    let user = before.get(scheme + 3..).unwrap_or_default();
    let clean = user.iter().all(|it| !it.is_ascii_whitespace() && !matches!(it, b'/' | b'"' | b'<' | b'>'));
    let Some(colon) = user.iter().position(|it| *it == b':').filter(|_| clean) else { return false };
    let secret = user.get(colon + 1..).unwrap_or_default();
    if secret.len() < 3 || empty(secret) {
        return true;
    }
    let start = from + scheme + 3 + colon + 1;
    hits.push(Hit { kind: Kind::Password, start, end: sign, score: 900 });
    true
}
