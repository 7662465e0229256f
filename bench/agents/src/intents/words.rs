//! Words of a prompt, and runs of them that name a record.

/// A word in lower case, with the place of its first byte in the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In lower case.
    pub text: String,
    /// As written.
    pub written: String,
}

/// The words: runs of letters and digits.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| Word { text: word.to_lowercase(), written: word.to_owned() })
        .collect()
}

/// Words that name nothing by themselves.
const EMPTY: [&str; 32] = [
    "a", "an", "and", "are", "at", "by", "docx", "for", "from", "i", "in", "is", "it", "me", "my", "of",
    "on", "or", "our", "pdf", "please", "re", "that", "the", "them", "this", "to", "txt", "with", "xlsx",
    "you", "your",
];

fn is_full(word: &str) -> bool {
    !EMPTY.contains(&word) && !word.chars().all(|c| c.is_ascii_digit())
}

/// How a name stands in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// Full words found in a row.
    pub length: usize,
    /// Of a thousand full words of the name.
    pub coverage: usize,
    /// Where it begins, in words of the prompt.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The longest run of words of the name in the prompt. It counts when it has two full words, or is the whole name.
#[must_use]
pub fn run(prompt: &[Word], name: &str) -> Option<Run> {
    let wanted = words(name);
    let full = |words: &[Word]| words.iter().filter(|word| is_full(&word.text)).count();
    let all = full(&wanted);
    let mut best: Option<Run> = None;
    for start in 0..prompt.len() {
        for first in 0..wanted.len() {
            let same = prompt.iter().skip(start).zip(wanted.iter().skip(first));
            let count = same.take_while(|(one, other)| one.text == other.text).count();
            let length = full(prompt.get(start..start + count).unwrap_or_default());
            if length == 0 || (length < 2 && length < all) {
                continue;
            }
            let run = Run { length, coverage: length * 1_000 / all.max(1), start, end: start + count };
            best = best.max(Some(run));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(prompt: &str, name: &str) -> Option<(usize, usize)> {
        run(&words(prompt), name).map(|run| (run.length, run.coverage))
    }

    #[test]
    fn two_full_words_or_the_whole_name() {
        assert_eq!(found("add it to the grocery list please", "grocery-list-today.docx"), Some((2, 666)));
        assert_eq!(found("mail it to the client", "Client"), Some((1, 1_000)));
        assert_eq!(found("an event with Sarah", "Lunch with Sarah"), None);
        assert_eq!(found("the Weekly Sync at noon", "Weekly sync"), Some((2, 1_000)));
        assert_eq!(found("pay it", "Pay later"), None);
    }
}
