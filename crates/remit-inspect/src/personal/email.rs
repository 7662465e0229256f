//! E-mail addresses, plain and in words, and Indian payment handles, which look alike.

use crate::Kind;
use crate::context as say;
use crate::scan::{Hit, Scan};
use crate::token::Token;

/// Handles of Indian payment providers, as their apps show them.
const HANDLES: [&str; 48] = [
    "okaxis",
    "okhdfcbank",
    "okicici",
    "oksbi",
    "ybl",
    "ibl",
    "axl",
    "paytm",
    "ptaxis",
    "ptsbi",
    "pthdfc",
    "ptyes",
    "upi",
    "apl",
    "yapl",
    "rapl",
    "axisbank",
    "axisb",
    "hdfcbank",
    "icici",
    "sbi",
    "kotak",
    "yesbank",
    "yesbankltd",
    "idfcbank",
    "idfcfirst",
    "indus",
    "federal",
    "fbl",
    "barodampay",
    "pnb",
    "unionbank",
    "cnrb",
    "aubank",
    "rbl",
    "dbs",
    "hsbc",
    "citi",
    "jupiteraxis",
    "freecharge",
    "airtel",
    "postbank",
    "kbl",
    "sib",
    "boi",
    "mahb",
    "naviaxis",
    "superyes",
];

/// The token right of an `@`.
pub fn detect(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let (Some(left), Some(right)) = (at.checked_sub(1).and_then(|it| scan.token(it)), scan.token(at)) else {
        return;
    };
    let joined = |token: &Token, links: &[u8]| links.contains(&token.link);
    let mut start = left.start();
    let mut first = at - 1;
    while let Some(token) = scan.token(first).filter(|it| joined(it, b"._%+-")) {
        let Some(before) = first.checked_sub(1).and_then(|it| scan.token(it)) else { break };
        if token.link == b'-' && at - first > 8 || at - first > 16 {
            break;
        }
        start = before.start();
        first -= 1;
    }
    let mut end = right.end();
    let mut last = at;
    let mut dots = 0;
    while let Some(token) = scan.token(last + 1).filter(|it| joined(it, b".-") && last - at < 16) {
        let top = token.link == b'.';
        // A sentence may go on right behind the address: `a@b.com.Then` is not worth a rule, `a@b.c-1` is.
        dots += usize::from(top);
        end = token.end();
        last += 1;
    }
    let top = scan.token(last);
    let proper = top.is_some_and(|it| it.is_word() && it.len() >= 2 || scan.text(it).starts_with(b"xn"));
    if dots > 0 && proper {
        let remote = scan.text(left) == b"git" && scan.byte(end) == b':';
        let user = scan.before(start) == b'/' || scan.before(start) == b':' && scan.byte(end) == b':';
        let score = if remote {
            300
        } else if user {
            700
        } else {
            950
        };
        hits.push(Hit { kind: Kind::Email, start, end, score });
    } else if dots == 0 {
        let handle = scan.slice(right.start(), end).to_ascii_lowercase();
        let known = HANDLES.iter().any(|it| it.as_bytes() == handle);
        let named = scan.near(first, last, say::UPIWORD);
        if (known || named && right.is_word()) && end - start >= 5 {
            hits.push(Hit { kind: Kind::Upi, start, end, score: if named { 920 } else { 850 } });
        }
    }
}

/// The word `at` of `name at example dot com`, or the `at` of `name [at] example.com`.
pub fn in_words(scan: &Scan<'_>, at: usize, hits: &mut Vec<Hit>) {
    let (Some(left), Some(host)) = (at.checked_sub(1).and_then(|it| scan.token(it)), scan.token(at + 1))
    else {
        return;
    };
    let bracketed = {
        let open = scan.gap(at).last().copied().unwrap_or(0);
        let close = scan.gap(at + 1).first().copied().unwrap_or(0);
        matches!(
            (open, close),
            (b'[', b']') | (b'(', b')') | (b'{', b'}') | (b'<', b'>') | (b'_', b'_') | (b'-', b'-')
        )
    };
    let near =
        |at: usize| scan.gap(at).iter().all(|it| b" [](){}<>_-.".contains(it)) && scan.gap(at).len() <= 4;
    if !near(at) || !near(at + 1) {
        return;
    }
    let mut last = at + 1;
    let mut dots = 0;
    while let Some(next) = scan.token(last + 1) {
        let dotted = next.link == b'.';
        let spelled = scan.context(last + 1) & say::DOT != 0
            && near(last + 1)
            && near(last + 2)
            && scan.token(last + 2).is_some();
        if !dotted && !spelled || last - at > 10 {
            break;
        }
        last += if dotted { 1 } else { 2 };
        dots += usize::from(spelled);
    }
    let top = scan.context(last) & say::TLD != 0;
    if last == at + 1 || !top || dots == 0 && !bracketed {
        return;
    }
    let mut first = at - 1;
    let mut start = left.start();
    // `first dot last at …`
    while first >= 2
        && (scan.context(first - 1) & say::DOT != 0
            || matches!(scan.token(first).map(|it| it.link), Some(b'.' | b'_' | b'-')))
    {
        let step = if scan.context(first - 1) & say::DOT != 0 { 2 } else { 1 };
        first -= step;
        start = scan.token(first).map_or(start, Token::start);
        if at - first > 8 {
            break;
        }
    }
    let end = scan.token(last).map_or(host.end(), Token::end);
    let score = if bracketed { 850 } else { 700 };
    hits.push(Hit { kind: Kind::EmailObfuscated, start, end, score });
}
