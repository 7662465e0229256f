//! The words that begin items and clauses, and those no name may be. The grammar lists the same words; a test compares.

/// What begins an item.
pub(crate) const ITEMS: &[&str] = &[
    "package", "use", "level", "limit", "entity", "action", "context", "message", "token", "source",
    "permit", "forbid", "require", "intent", "label", "unlabel", "expect",
];

/// What begins a clause of a rule.
pub(crate) const CLAUSES: &[&str] = &[
    "for",
    "as",
    "to",
    "on",
    "when",
    "unless",
    "that",
    "because",
    "oblige",
    "advise",
    "severity",
    "via",
    "within",
    "on_request",
];

/// What begins a clause of an `expect`, where that is no clause of a rule.
pub(crate) const EXPECT_CLAUSES: &[&str] =
    &["given", "bearing", "at", "by", "obliging", "after", "consenting", "observing", "answering"];

/// What begins a part of an intent, where that is no clause of a rule.
pub(crate) const INTENT_PARTS: &[&str] = &["task", "using", "hops", "lasts"];

/// What begins a part of a source.
pub(crate) const SOURCE_PARTS: &[&str] = &["gives", "from", "timeout", "cache"];

/// What begins a clause of a task, where that is no clause of a rule.
pub(crate) const TASK_CLAUSES: &[&str] = &["after", "at", "closed"];

/// Words of expressions that no bare name may be.
pub(crate) const OPERATORS: &[&str] =
    &["and", "or", "not", "if", "then", "else", "in", "has", "is", "any", "all", "true", "false", "matches"];

/// Words that join two values and that a name may also be.
pub(crate) const SOFT_OPERATORS: &[&str] = &["starts", "ends", "contains"];

/// True when the word can stand as a bare name in an expression or a selector.
#[must_use]
pub fn is_free(word: &str) -> bool {
    !CLAUSES.contains(&word) && !OPERATORS.contains(&word)
}

/// True for a letter or `_`, then letters, digits and `_`.
#[must_use]
pub fn is_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The quoted words of a grammar rule.
    fn of_grammar(rule: &str) -> BTreeSet<&'static str> {
        let grammar = include_str!("grammar.pest");
        let (_, rest) = grammar.split_once(&format!("\n{rule} = @{{")).expect("the rule exists");
        let (body, _) = rest.split_once('}').expect("the rule ends");
        body.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_grammar_has_the_same_words() {
        assert_eq!(of_grammar("clause_word"), CLAUSES.iter().copied().collect());
        assert_eq!(of_grammar("operator_word"), OPERATORS.iter().copied().collect());
    }

    #[test]
    fn words_are_ascii_and_do_not_begin_with_a_digit() {
        assert!(is_word("_a1") && is_word("x"));
        for other in ["", "1a", "a-b", "ö", "a b"] {
            assert!(!is_word(other), "{other}");
        }
    }
}
