//! Policy text: quoting of what comes from elsewhere, and the way through parser, checker and formatter before anything is
//! handed out.

use std::fmt::Write as _;

use remit_lang::diagnostic::{Diagnostic, has_errors, render};
use remit_lang::source::Sources;
use remit_lang::{is_free, is_word};

/// A text between quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            _ if c.is_control() || !is_shown(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that change the order or the look of others are escaped, so that what is reviewed is what is there.
fn is_shown(c: char) -> bool {
    !matches!(u32::from(c), 0xAD | 0x061C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF
        | 0xFE00..=0xFE0F | 0xFFF9..=0xFFFB | 0xE0000..=0xE01EF)
}

/// A text between quotes in which nothing is a hole.
pub(crate) fn template(text: &str) -> String {
    quoted(&text.replace('{', "{{").replace('}', "}}"))
}

/// A name where any word can stand; quotes never hurt, and the formatter drops those that are not needed.
pub(crate) fn name(text: &str) -> String {
    if is_word(text) && is_free(text) { text.to_owned() } else { quoted(text) }
}

/// The nearest name of a rule: letters, digits and `_`.
pub(crate) fn rule_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_matches('_');
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && is_free(name) { name.to_owned() } else { format!("rule_{name}") }
}

/// Lines of a comment.
pub(crate) fn comment(text: &str, out: &mut String) {
    for line in text.trim().lines() {
        let line: String = line.chars().filter(|c| !c.is_control() && is_shown(*c)).collect();
        let _ = writeln!(out, "// {}", line.trim());
    }
}

/// The canonical form of files that pass the checker together, and what the checker warns of.
///
/// # Errors
/// What it refuses, as text.
pub(crate) fn finish(files: &[(&str, String)]) -> Result<(Vec<String>, Vec<Diagnostic>), String> {
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(*name, text.clone());
    }
    let mut canonical = Vec::new();
    for (id, _) in sources.iter() {
        let (tree, found) = remit_lang::parse(id, &sources);
        if has_errors(&found) {
            return Err(render::terminal(&found, &sources, false));
        }
        canonical.push(remit_lang::format(&tree));
    }
    let mut sources = Sources::default();
    for ((name, _), text) in files.iter().zip(&canonical) {
        sources.add(*name, text.clone());
    }
    match remit_lang::compile(&sources) {
        Ok((_, warnings)) => Ok((canonical, warnings)),
        Err(found) => Err(render::terminal(&found, &sources, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(quoted("a\"b\\c\nd\u{202e}"), r#""a\"b\\c\nd\u{202e}""#);
        assert_eq!(template("{subject}"), r#""{{subject}}""#);
        assert_eq!(
            (name("when"), name("a-b"), name("plain")),
            ("\"when\"".into(), "\"a-b\"".into(), "plain".into())
        );
    }

    #[test]
    fn rules_get_names_the_language_takes() {
        for (text, expected) in [
            ("deny-offshore PII", "deny_offshore_pii"),
            ("when", "rule_when"),
            ("1st", "rule_1st"),
            ("--", "rule_"),
        ] {
            assert_eq!(rule_name(text), expected);
        }
    }

    #[test]
    fn what_the_checker_refuses_is_not_handed_out() {
        let good = "entity user {}\naction read on user\npermit a for user to read on user".to_owned();
        assert!(finish(&[("a.ibac", good)]).is_ok());
        let bad = finish(&[("a.ibac", "permit a for usr".to_owned())]);
        assert!(bad.is_err_and(|text| text.contains("usr")));
    }
}
