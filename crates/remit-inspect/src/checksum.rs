//! Check digits of numbers, each by its published rule. Knows digits, no text.
//!
//! Digits come as values 0 to 9. A wrong length is never valid.

/// Luhn, ISO/IEC 7812-1 annex B: payment cards, IMEI, Canadian SIN, South African id, Swedish personal numbers.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Verhoeff's dihedral scheme (1969), used by Aadhaar.
pub fn verhoeff(digits: &[u8]) -> bool {
    /// Permutation of one step; the others are its powers.
    const STEP: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (5 + a - b) % 5,
    };
    let mut check = 0;
    for (place, digit) in digits.iter().rev().enumerate() {
        let mut value = *digit;
        for _ in 0..place % 8 {
            value = STEP.get(usize::from(value)).copied().unwrap_or(0);
        }
        check = times(check, value);
    }
    check == 0
}

/// Sum of digits times weights; the shorter of both ends it.
pub fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// The digits as a number.
pub fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(*digit)))
}

/// Mod 97 over letters and digits, ISO 13616 (IBAN); `bytes` in the order of the check (country code last).
pub fn mod97(bytes: impl Iterator<Item = u8>) -> Option<u32> {
    let mut rest = 0_u32;
    for byte in bytes {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(byte - b'A') + 10,
            b'a'..=b'z' => rest * 100 + u32::from(byte - b'a') + 10,
            _ => return None,
        } % 97;
    }
    Some(rest)
}

/// ISO 7064 mod 11,10, used by the German tax id.
pub fn mod11_10(digits: &[u8]) -> bool {
    let Some((last, body)) = digits.split_last() else { return false };
    let mut product = 10;
    for digit in body {
        let sum = (u32::from(*digit) + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    (11 - product) % 10 == u32::from(*last)
}

/// Check character of an Indian GSTIN over its first 14 characters: base 36, factors 1 and 2 in turn.
pub fn gstin(code: &[u8]) -> bool {
    let value = |byte: &u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    };
    let Some((last, body)) = code.split_last() else { return false };
    let mut sum = 0;
    for (place, byte) in body.iter().enumerate() {
        let Some(value) = value(byte) else { return false };
        let product = value * if place % 2 == 0 { 1 } else { 2 };
        sum += product / 36 + product % 36;
    }
    value(last) == Some((36 - sum % 36) % 36)
}

/// Check letter of a Spanish DNI: remainder by 23 in a fixed alphabet.
pub fn dni(number: u64, letter: u8) -> bool {
    b"TRWAGMYFPDXBNJZSQVHLCKE".get((number % 23) as usize) == Some(&letter.to_ascii_uppercase())
}

/// Check letter of an Italian tax code of 16 characters (decree of 23 December 1976).
pub fn codice_fiscale(code: &[u8]) -> bool {
    /// Values of characters in odd places, by digit or letter number.
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let Some((last, body)) = code.split_last() else { return false };
    let mut sum = 0;
    for (place, byte) in body.iter().enumerate() {
        let value = match byte.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => digit - b'0',
            letter @ b'A'..=b'Z' => letter - b'A',
            _ => return false,
        };
        sum += match place % 2 {
            0 => ODD.get(usize::from(value)).copied().unwrap_or(0),
            _ => u32::from(value),
        };
    }
    u32::from(last.to_ascii_uppercase()) == sum % 26 + u32::from(b'A')
}

/// Check digit of a vehicle identification number (49 CFR 565.15): place 9 of 17.
pub fn vin(code: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if code.len() != WEIGHTS.len() {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in code.iter().zip(WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'H' => byte - b'A' + 1,
            b'J'..=b'N' => byte - b'J' + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => byte - b'S' + 2,
            _ => return false,
        };
        sum += u32::from(value) * weight;
    }
    let expected = match sum % 11 {
        10 => b'X',
        rest => b'0' + rest as u8,
    };
    code.get(8) == Some(&expected)
}

/// Bech32 and bech32m (BIP 173, BIP 350) of a whole lower-case address with the readable part `bc`.
pub fn bech32(address: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let mut check = 1_u32;
    let mut feed = |value: u32| {
        let top = check >> 25;
        check = (check & 0x1ff_ffff) << 5 ^ value;
        for (bit, factor) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                check ^= factor;
            }
        }
    };
    let Some(data) = address.strip_prefix(b"bc1") else { return false };
    for value in [3, 3, 0, 2, 3] {
        feed(value);
    }
    for byte in data {
        let Some(value) = ALPHABET.iter().position(|it| it == byte) else { return false };
        feed(value as u32);
    }
    check == 1 || check == 0x2bc8_30a3
}

/// Day, month and two or four digits of a year that a calendar can hold.
pub const fn date(day: u64, month: u64) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    1 <= day && day <= days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_digit).map(|it| it - b'0').collect()
    }

    /// Values published as examples by the owners of each scheme; the neighbour differs in one digit.
    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        type Check = fn(&str) -> bool;
        let table: &[(&str, Check, &str, &str)] = &[
            ("card", |it| luhn(&digits(it)), "4111111111111111", "4111111111111112"),
            ("imei", |it| luhn(&digits(it)), "490154203237518", "490154203237519"),
            ("verhoeff", |it| verhoeff(&digits(it)), "2363", "2364"),
            (
                "iban",
                |it| mod97(it.bytes().skip(4).chain(it.bytes().take(4))) == Some(1),
                "GB82WEST12345698765432",
                "GB82WEST12345698765433",
            ),
            ("steuer-id", |it| mod11_10(&digits(it)), "86095742719", "86095742718"),
            ("gstin", |it| gstin(it.as_bytes()), "27AAPFU0939F1ZV", "27AAPFU0939F1ZW"),
            ("dni", |it| dni(number(&digits(it)), it.as_bytes()[8]), "12345678Z", "12345678A"),
            ("codice fiscale", |it| codice_fiscale(it.as_bytes()), "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
            ("vin", |it| vin(it.as_bytes()), "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
            (
                "bech32",
                |it| bech32(it.as_bytes()),
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            ),
        ];
        for (case, check, good, bad) in table {
            assert!(check(good), "{case}: {good}");
            assert!(!check(bad), "{case}: {bad}");
        }
    }

    #[test]
    fn verhoeff_finds_every_single_error_and_every_swap() {
        let good = digits("234123412346");
        assert!(verhoeff(&good));
        for place in 0..good.len() {
            for other in 0..10 {
                let mut bad = good.clone();
                bad[place] = other;
                assert_eq!(verhoeff(&bad), other == good[place]);
            }
        }
        for place in 1..good.len() {
            let mut bad = good.clone();
            bad.swap(place - 1, place);
            assert_eq!(verhoeff(&bad), bad == good);
        }
    }

    #[test]
    fn days_fit_their_month() {
        assert!(date(29, 2) && date(31, 12) && date(30, 4));
        assert!(!date(30, 2) && !date(31, 4) && !date(0, 1) && !date(1, 13));
    }
}
