//! Links in a text, in the form in which they are compared. Knows addresses only by their look, and no network.
//!
//! A link is `scheme://…`, `www.…`, a name of hosts with a path, a port or a query behind it (`bit.ly/x`), or one that ends in a
//! well-known top-level domain. An e-mail address is none, nor is the name of a file. Invisible characters are left out, and
//! full-width letters and dots are what they look like, since browsers read them so.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::origin;

/// Top-level domains by which a bare name of hosts is a link. Those that are English words need a path or `www.`, or the end of a
/// sentence without a blank behind it would be one.
const WELL_KNOWN: [&str; 48] = [
    "ai", "app", "au", "biz", "br", "cc", "ch", "click", "cloud", "club", "cn", "co", "com", "de", "dev",
    "edu", "eu", "example", "fr", "gd", "gl", "gov", "icu", "info", "int", "invalid", "io", "jp", "link",
    "ly", "mil", "net", "nl", "online", "org", "pl", "ru", "shop", "site", "store", "su", "tech", "tk",
    "top", "uk", "vip", "website", "xyz",
];
/// Marks that end a link wherever they stand.
const ENDS: &str = "<>\"`{}|^\\";
/// Marks that belong to the sentence when they stand last.
const LAST: &str = ".,;:!?'*_~";
/// Longest name of hosts, by RFC 1035; what is longer is no name.
const MOST_HOST: usize = 253;

/// Every link of a text in canonical form, in order: `https` where no scheme is written, RFC 3986 normalisation, and the host in
/// lower case. What has a scheme and cannot be brought into that form stands as it is written.
pub fn each(text: &str, sink: &mut dyn FnMut(String) -> ControlFlow<()>) -> ControlFlow<()> {
    let text = seen(text);
    let bytes = text.as_bytes();
    let mut at = 0;
    // Every link has one of these two before its path.
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'.', b':', rest)) {
        let mark = at + found;
        at = mark + 1;
        let found = if bytes.get(mark) == Some(&b':') { with_scheme(&text, mark) } else { bare(&text, mark) };
        if let Some((end, link)) = found {
            at = end.max(at);
            link.map_or(ControlFlow::Continue(()), &mut *sink)?;
        }
    }
    ControlFlow::Continue(())
}

/// The canonical form of a text that is one link and nothing else.
#[must_use]
pub fn whole(text: &str) -> Option<String> {
    let text = text.trim();
    let mut found = None;
    let one = each(text, &mut |link| match found.replace(link) {
        None => ControlFlow::Continue(()),
        Some(_) => ControlFlow::Break(()),
    });
    let alone = !text.contains(|c: char| c.is_whitespace() || ENDS.contains(c));
    found.filter(|_| one.is_continue() && alone)
}

/// The host of a canonical link, without its port; of what is no URL the whole.
#[must_use]
pub fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The text as it is seen.
fn seen(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match c {
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => None,
        '\u{3002}' | '\u{ff0e}' | '\u{ff61}' => Some('.'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        other => Some(other),
    };
    Cow::Owned(text.chars().filter_map(shown).collect())
}

/// Where to go on, and the link when there is one.
type Found = Option<(usize, Option<String>)>;

fn with_scheme(text: &str, colon: usize) -> Found {
    let behind = text.get(colon..)?.strip_prefix("://")?;
    let before = text.get(..colon)?;
    let length = before.bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count();
    let scheme = before.get(before.len() - length..)?.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    if scheme.is_empty() {
        return None;
    }
    let tail = extent(behind);
    if tail.is_empty() {
        return None;
    }
    let end = text.len() - behind.len() + tail.len();
    Some((end, Some(origin::text(&format!("{scheme}://{tail}")))))
}

/// A link without scheme: the dot stands between two labels of its host.
fn bare(text: &str, dot: usize) -> Found {
    let label = |c: char| c.is_alphanumeric() || c == '-';
    let (before, behind) = (text.get(..dot)?, text.get(dot..)?);
    if !before.ends_with(label) || !behind.get(1..)?.starts_with(label) {
        return None;
    }
    let outside = |c: char| !label(c) && c != '.';
    let first = before.rfind(outside).map_or(0, |at| at + width(before, at));
    let past = dot + behind.find(outside).unwrap_or(behind.len());
    let host = text.get(first..past)?.trim_end_matches('.');
    let (left, rest) = (text.get(..first)?, text.get(first + host.len()..)?);
    let has_path = rest.starts_with(['/', '?']) || port(rest);
    let is_part = left.ends_with('/') && !left.ends_with("//") && !left.ends_with(":/")
        || left.ends_with('@') && !has_path
        || rest.starts_with('@');
    if is_part || !is_host(host, has_path) {
        return Some((past, None));
    }
    let tail = if has_path { extent(rest) } else { "" };
    let end = first + host.len() + tail.len();
    Some((end, Some(origin::text(&format!("https://{host}{tail}")))))
}

/// Is a run of labels and dots a host that a link may have.
fn is_host(host: &str, has_path: bool) -> bool {
    if host.len() > MOST_HOST || host.split('.').any(str::is_empty) {
        return false;
    }
    let top = host.rsplit('.').next().unwrap_or_default();
    let foreign = starts_with(top, "xn--");
    let named = foreign || top.len() >= 2 && top.chars().all(char::is_alphabetic);
    let numbers = host.split('.').count() == 4 && host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let known = || WELL_KNOWN.iter().any(|it| it.eq_ignore_ascii_case(top));
    has_path && (named || numbers) || named && (foreign || starts_with(host, "www.") || known())
}

fn width(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// `:8080` with nothing but a path behind it: `Re:12` is a sentence.
fn port(rest: &str) -> bool {
    let Some(digits) = rest.strip_prefix(':') else { return false };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    (2..=5).contains(&count) && digits.get(count..).is_some_and(|tail| tail.starts_with('/'))
}

/// How much of what follows belongs to the link: up to a blank or a mark, without what ends the sentence and without closing
/// brackets that were opened before the link.
fn extent(rest: &str) -> &str {
    let stops = |c: char| c.is_whitespace() || c.is_control() || ENDS.contains(c);
    let mut link = rest.get(..rest.find(stops).unwrap_or(rest.len())).unwrap_or_default();
    // `[https://a](https://b)` is two of them.
    link = link.split("](").next().unwrap_or_default();
    let count = |mark: char| link.matches(mark).count();
    let (mut round, mut square) =
        (count(')').saturating_sub(count('(')), count(']').saturating_sub(count('[')));
    while let Some((at, last)) = link.char_indices().next_back() {
        let surplus = match last {
            ')' => round > 0,
            ']' => square > 0,
            other => LAST.contains(other),
        };
        if !surplus {
            break;
        }
        round -= usize::from(last == ')');
        square -= usize::from(last == ']');
        link = link.get(..at).unwrap_or_default();
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let _whole = each(text, &mut |link| {
            found.push(link);
            ControlFlow::Continue(())
        });
        found
    }

    #[test]
    fn links_are_found_however_they_are_written() {
        for (text, link) in [
            ("see https://Files.example/Plan?x=1.", "https://files.example/Plan?x=1"),
            ("(see http://files.example/a_(b))", "http://files.example/a_(b)"),
            ("notes: bit.ly/aB3, thanks", "https://bit.ly/aB3"),
            ("[here](https://files.example/x)", "https://files.example/x"),
            ("go to www.harbour.museum!", "https://www.harbour.museum/"),
            ("on Harbour.COM, of course", "https://harbour.com/"),
            ("<a href='ftp://files.example/x'>", "ftp://files.example/x"),
            ("at files.example:8080/x", "https://files.example:8080/x"),
            ("at 192.0.2.7/x", "https://192.0.2.7/x"),
            ("http://localhost/x", "http://localhost/x"),
            ("https:/files.example/x", "https://files.example/x"),
            ("fi\u{200b}les.exam\u{200b}ple/x", "https://files.example/x"),
            ("ｆｉｌｅｓ。example／x", "https://files.example/x"),
            ("me@files.example/x", "https://files.example/x"),
            ("http://files.example:port/x", "http://files.example:port/x"),
            ("xn--mller-kva.xn--p1ai", "https://xn--mller-kva.xn--p1ai/"),
        ] {
            assert_eq!(links(text), [link], "{text}");
        }
        let two = links("[https://good.example/a](https://evil.example/b)");
        assert_eq!(two, ["https://good.example/a", "https://evil.example/b"]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "mail ann@files.example or ann.b@files.example.",
            "read notes.docx and q1/q2.docx; v1.2.3, 12.50/month",
            "It is done.Then we went, e.g. there: 10:30",
            "2024.05.15/16 and a ://b and :// alone",
            "",
        ] {
            assert_eq!(links(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_link_alone_has_a_form_and_a_host() {
        assert_eq!(whole(" HTTPS://Files.example ").as_deref(), Some("https://files.example/"));
        assert_eq!(whole("bit.ly/x").as_deref(), Some("https://bit.ly/x"));
        for other in ["", "two bit.ly/x", "bit.ly/x bit.ly/y", "word", "bit.ly/x|"] {
            assert_eq!(whole(other), None, "{other}");
        }
        assert_eq!(host("https://good.example@evil.example:8080/x"), "evil.example");
        assert_eq!(host("https://[2001:db8::1]/x"), "[2001:db8::1]");
    }

    /// The shortest of three, so that somebody else's load counts little.
    #[expect(clippy::disallowed_methods, reason = "a test may look at a clock")]
    fn time(text: &str) -> std::time::Duration {
        let once = || {
            let began = std::time::Instant::now();
            std::hint::black_box(links(text));
            began.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap()
    }

    #[test]
    fn twice_the_hostile_text_takes_about_twice_as_long() {
        for (head, unit) in [("", "a."), ("", ")"), ("https://a.example/", ")"), ("", "://"), ("", "a.a@")] {
            let text = |times: usize| format!("{head}{}", unit.repeat(times));
            let (half, whole) = (time(&text(1 << 16)), time(&text(1 << 17)));
            assert!(whole < half * 4 + std::time::Duration::from_millis(20), "{unit}: {half:?}, {whole:?}");
        }
    }
}
