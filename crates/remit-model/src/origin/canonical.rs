//! The canonical form of a value, in which origins are compared: what means the same is written the same. Two values
//! that may mean different things keep different forms; where that is unclear they keep them.

use super::url;
use crate::{Number, Timestamp, Value};

/// The form of any value. Texts that are a URL, an e-mail address, an IBAN, an instant or a number take the form of
/// that; every other text loses case and surplus blanks.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(it) => text(it),
        Value::Time(it) => it.to_string(),
        Value::Duration(it) => format!("{}ns", it.nanos()),
        Value::Ip(it) => it.to_string(),
        Value::Level(level, rank) => format!("level {} {rank}", level.0),
        Value::Entity(it) => text(&it.id),
        Value::Set(items) => {
            let mut items: Vec<String> = items.iter().map(|item| format!("{:?}", canonical(item))).collect();
            items.sort_unstable();
            format!("[{}]", items.join(","))
        }
        Value::Record(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key:?}:{:?}", canonical(value))).collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// The form of a text.
#[must_use]
pub fn text(of: &str) -> String {
    let trimmed = of.trim();
    url::canonical(trimmed)
        .or_else(|| email(trimmed))
        .or_else(|| iban(trimmed))
        .or_else(|| Timestamp::parse(trimmed).map(|at| at.to_string()))
        .or_else(|| number(trimmed))
        .unwrap_or_else(|| folded(trimmed))
}

/// Lower case, one blank between words.
pub(super) fn folded(of: &str) -> String {
    let mut out = String::with_capacity(of.len());
    for word in of.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}

/// `Ann <Ann@Example.org>`, `mailto:ann@example.org`: the address alone, in lower case.
fn email(of: &str) -> Option<String> {
    let bare = match of.strip_suffix('>') {
        Some(open) if open.matches('<').count() == 1 && !open.contains('>') => open.split_once('<')?.1,
        Some(_) => return None,
        None => of.strip_prefix("mailto:").unwrap_or(of),
    };
    let (local, domain) = bare.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>(),;:@\\[]?&/".contains(c);
    let host = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let sound = !local.is_empty()
        && local.chars().all(plain)
        && domain.chars().all(host)
        && domain.split('.').all(|label| !label.is_empty());
    sound.then(|| folded(bare))
}

/// Without blanks, in upper case, when the check digits are right.
pub(super) fn iban(of: &str) -> Option<String> {
    if !(15..=64).contains(&of.len()) || !of.is_char_boundary(2) {
        return None;
    }
    let bare: String = of.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
    let (head, body) = (bare.get(..4)?, bare.get(4..)?);
    let (country, check) = head.split_at(2);
    let sound = (15..=34).contains(&bare.len())
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && check.bytes().all(|b| b.is_ascii_digit())
        && body.bytes().all(|b| b.is_ascii_alphanumeric());
    let remainder = body.chars().chain(head.chars()).try_fold(0_u32, |rest, c| {
        let digit = c.to_digit(36)?;
        Some(if digit < 10 { rest * 10 + digit } else { rest * 100 + digit } % 97)
    });
    (sound && remainder == Some(1)).then_some(bare)
}

/// `1200.00` as `1200`. A text with a leading zero is a code, not a number.
fn number(of: &str) -> Option<String> {
    let digits = of.strip_prefix('-').unwrap_or(of);
    if digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.") {
        return None;
    }
    Number::parse(of).map(|it| it.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_written_the_same() {
        for (written, form) in [
            ("  Ann   Smith ", "ann smith"),
            ("Ann <Ann.Smith@Example.ORG>", "ann.smith@example.org"),
            ("mailto:ann@example.org", "ann@example.org"),
            ("gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"),
            ("1200.00", "1200"),
            ("-0.50", "-0.5"),
            ("2026-04-30T14:00:00+02:00", "2026-04-30T12:00:00Z"),
            ("2026-04-30", "2026-04-30T00:00:00Z"),
            ("HTTPS://Shop.Example:443/a/../B?q=%7e", "https://shop.example/B?q=~"),
        ] {
            assert_eq!(text(written), form, "{written}");
        }
        assert_eq!(canonical(&Value::Number(Number::from(1200))), text("1200.00"));
    }

    #[test]
    fn what_may_mean_something_else_stays_apart() {
        for (one, other) in [
            ("007", "7"),
            ("ann@example.org", "ann@example.com"),
            ("ann@example.org <bob@evil.example>", "ann@example.org"),
            ("<ann@example.org> <bob@evil.example>", "bob@evil.example"),
            ("GB82WEST12345698765432", "GB82WEST12345698765433"),
            ("https://shop.example/B", "https://shop.example/b"),
            ("https://shop.example@evil.example/", "https://shop.example/"),
            ("https://shop.example\\@evil.example", "https://shop.example/"),
            ("ann\u{200b}", "ann"),
        ] {
            assert_ne!(text(one), text(other), "{one}");
        }
    }

    #[test]
    fn forms_are_stable() {
        for written in
            ["Ann <A@b.example>", "GB82 WEST 1234 5698 7654 32", "http://A.example/%7Ex", "1.50", " A  b "]
        {
            assert_eq!(text(&text(written)), text(written), "{written}");
        }
    }
}
