//! Does a value stand in a text. Whole words only: a piece of an address is not the address.

use super::canonical::{folded, iban, text};

/// True when the canonical `value` is the text, or stands in it between blanks or marks. `inside` is canonical too.
pub(crate) fn occurs(value: &str, inside: &str) -> bool {
    if value == inside {
        return true;
    }
    let value_folded = folded(value);
    if value_folded.is_empty() {
        return false;
    }
    stands_alone(&value_folded, inside) || is_a_word(&value_folded, inside) || is_spaced_iban(value, inside)
}

/// Found as written, with a boundary on both sides.
fn stands_alone(value: &str, inside: &str) -> bool {
    inside.match_indices(value).any(|(at, found)| {
        let before = inside.get(..at).and_then(|head| head.chars().next_back());
        let mut after = inside.get(at + found.len()..).unwrap_or_default().chars();
        let opens = before.is_none_or(|c| c.is_whitespace() || "\"'`([{<,;=".contains(c));
        let closes = match after.next() {
            None => true,
            Some(c) if c.is_whitespace() || "\"'`)]}>,;!?".contains(c) => true,
            Some('.' | ':') => after.next().is_none_or(char::is_whitespace),
            Some(_) => false,
        };
        opens && closes
    })
}

/// A word of the text has the same canonical form: `$1200.00,` is `1200`.
fn is_a_word(value: &str, inside: &str) -> bool {
    let marks = |c: char| "\"'`()[]{}<>,;:!?.$€£".contains(c);
    inside.split(' ').any(|word| {
        let bare = word.trim_matches(marks);
        !bare.is_empty() && folded(&text(bare)) == value
    })
}

/// An account number that the text writes in groups.
fn is_spaced_iban(value: &str, inside: &str) -> bool {
    iban(value).is_some_and(|bare| {
        let squeezed: String = inside.chars().filter(|c| *c != ' ').collect();
        squeezed.contains(&bare.to_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_stand_in_a_text() {
        let bill = text(
            "Please pay $1,200.00 (or 98.50) to Ann Smith <ann@shop.example>, GB82 WEST 1234 5698 7654 32. See https://Shop.example/Pay?x=1.",
        );
        for value in [
            "98.5",
            "Ann Smith",
            "ann@shop.example",
            "gb82west12345698765432",
            "https://shop.example/Pay?x=1",
        ] {
            assert!(occurs(&text(value), &bill), "{value}");
        }
        for piece in ["shop.example", "98", "nn Smith", "GB82WEST12345698765433", "smith bob", "", "5"] {
            assert!(!occurs(&text(piece), &bill), "{piece}");
        }
    }
}
