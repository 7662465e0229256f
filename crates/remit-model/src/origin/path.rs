//! Paths of reported fields, and the patterns that name them.

/// True when the pattern names the path: `items[*].sku` names `items[3].sku`, the empty pattern names every path.
/// Between patterns it says that the second is inside the first.
#[must_use]
pub fn path_matches(pattern: &str, path: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let (mut wanted, mut found) = (parts(pattern), parts(path));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if part_matches(one, other) => {}
            _ => return false,
        }
    }
}

/// `items[3].sku` as `items`, `[3]`, `sku`. A dot and a bracket both begin a part.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').flat_map(|member| {
        let mut rest = Some(member);
        std::iter::from_fn(move || {
            let text = rest?;
            let next = text.char_indices().skip(1).find(|(_, c)| *c == '[').map(|(at, _)| at);
            let (part, after) = next.map_or((text, ""), |at| text.split_at(at));
            rest = (!after.is_empty()).then_some(after);
            Some(part)
        })
    })
}

fn part_matches(pattern: &str, part: &str) -> bool {
    pattern == part || (pattern == "[*]" && is_index(part))
}

fn is_index(part: &str) -> bool {
    let digits = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::path_matches;

    #[test]
    fn a_star_is_any_item_and_nothing_else() {
        for (pattern, path) in [
            ("iban", "iban"),
            ("invoice.iban", "invoice.iban"),
            ("items[*].sku", "items[12].sku"),
            ("[*].sku", "[0].sku"),
            ("a[*][*]", "a[1][2]"),
            ("items[*].sku", "items[*].sku"),
            ("", "anything[0]"),
        ] {
            assert!(path_matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("iban", "invoice.iban"),
            ("invoice", "invoice.iban"),
            ("items[*].sku", "items.sku"),
            ("items[*].sku", "items[x].sku"),
            ("items[0].sku", "items[*].sku"),
            ("items[*]", "items[1].sku"),
            ("iban", ""),
        ] {
            assert!(!path_matches(pattern, path), "{pattern} {path}");
        }
    }
}
