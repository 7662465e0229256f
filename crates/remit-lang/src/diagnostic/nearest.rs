//! "Did you mean": the candidate nearest to a misspelt name. Knows nothing of what the names stand for.

/// Longer names are not compared: the table is quadratic, and nobody misspells by a few letters there.
const MAX_COMPARED_CHARS: usize = 64;

/// The candidate with the fewest insertions, deletions, replacements and swaps of neighbours, ignoring case, when
/// there are at most a third as many as the name has characters (at least one is allowed). Among equally near
/// ones the alphabetically first.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let allowed = (wanted.len() / 3).max(1);
    if wanted.is_empty() || wanted.len() > MAX_COMPARED_CHARS {
        return None;
    }
    candidates
        .filter(|candidate| *candidate != name)
        .filter_map(|candidate| {
            let other: Vec<char> = candidate.to_lowercase().chars().collect();
            let near = other.len() <= MAX_COMPARED_CHARS && other.len().abs_diff(wanted.len()) <= allowed;
            let edits = if near { distance(&wanted, &other) } else { usize::MAX };
            // WHY: one edit in a name of one letter would make every other letter a suggestion.
            (edits <= allowed && edits < wanted.len().max(other.len())).then_some((edits, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Damerau-Levenshtein distance in its restricted form: no part is edited twice.
#[expect(clippy::indexing_slicing, reason = "rows have b.len() + 1 cells and i, j stay within a and b")]
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits_and_swaps() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, expected) in [
            ("", "abc", 3),
            ("same", "same", 0),
            ("transfer", "tranfser", 1),
            ("owner", "onwers", 2),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(&chars(a), &chars(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn suggests_only_what_is_near() {
        let names = ["account", "agent", "group", "user", "x"];
        let suggest = |name| nearest(name, names.iter().copied());
        assert_eq!(suggest("acount").as_deref(), Some("account"));
        assert_eq!(suggest("User").as_deref(), Some("user"));
        assert_eq!(suggest("gruop").as_deref(), Some("group"));
        assert_eq!(suggest("invoice"), None);
        assert_eq!(suggest("y"), None, "one letter is not near to another");
        assert_eq!(suggest(""), None);
        assert_eq!(nearest("cat", ["bat", "rat", "bat"].into_iter()).as_deref(), Some("bat"));
    }
}
