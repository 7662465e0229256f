//! Every diagnostic code with its meaning, one table per stage. A published code is never reused.

mod check;
mod parse;

/// A code and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `stage/what-is-wrong`
    pub code: &'static str,
    /// One line for the documentation.
    pub meaning: &'static str,
}

/// The whole table, stage by stage.
pub fn all() -> impl Iterator<Item = &'static Code> {
    parse::CODES.iter().chain(check::CODES)
}

/// The entry of a code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    all().find(|entry| entry.code == code)
}

/// Short form of an entry, for the tables.
const fn entry(code: &'static str, meaning: &'static str) -> Code {
    Code { code, meaning }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for Code { code, meaning } in all() {
            assert!(seen.insert(*code), "`{code}` stands twice");
            let (stage, rest) = code.split_once('/').expect("a code has a stage");
            assert!(["parse", "check"].contains(&stage), "{code}");
            assert!(!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{code}");
        }
    }
}
