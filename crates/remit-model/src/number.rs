//! Exact decimal numbers: what cannot be held exactly is refused, never rounded.

use std::fmt;

/// Fraction digits held.
pub const SCALE: u32 = 18;
const ONE: i128 = 10_i128.pow(SCALE);

/// A decimal with 18 fraction digits in 128 bits; integers up to about 1.7 * 10^20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Number(i128);

impl Number {
    /// `coefficient * 10^-scale`, or nothing when that cannot be held exactly.
    #[must_use]
    pub fn from_parts(coefficient: i128, scale: u32) -> Option<Self> {
        let (mut coefficient, mut scale) = (coefficient, scale);
        while scale > SCALE && coefficient % 10 == 0 && coefficient != 0 {
            coefficient /= 10;
            scale -= 1;
        }
        if coefficient == 0 {
            return Some(Self(0));
        }
        let up = SCALE.checked_sub(scale)?;
        coefficient.checked_mul(10_i128.pow(up)).map(Self)
    }

    /// Parses `-?digits[.digits]`; underscores are the language's business, not ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let dotted = digits.contains('.');
        if whole.is_empty() || (dotted && fraction.is_empty()) || whole.len() + fraction.len() > 38 {
            return None;
        }
        let mut coefficient: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            coefficient = coefficient.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        let signed = if negative { -coefficient } else { coefficient };
        Self::from_parts(signed, u32::try_from(fraction.len()).ok()?)
    }

    /// True when there is no fraction.
    #[must_use]
    pub fn is_integral(self) -> bool {
        self.0 % ONE == 0
    }

    /// The value as an integer, when it is one that fits.
    #[must_use]
    pub fn to_i64(self) -> Option<i64> {
        if self.is_integral() { i64::try_from(self.0 / ONE).ok() } else { None }
    }

    /// Exact sum, or nothing on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Exact difference, or nothing on overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Exact product, or nothing when it overflows or has more than [`SCALE`] fraction digits.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let (a, a_scale) = self.stripped();
        let (b, b_scale) = other.stripped();
        Self::from_parts(a.checked_mul(b)?, a_scale + b_scale)
    }

    /// Coefficient without trailing zeros, and its scale.
    fn stripped(self) -> (i128, u32) {
        let (mut coefficient, mut scale) = (self.0, SCALE);
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        (coefficient, scale)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(i128::from(value) * ONE)
    }
}

/// Shortest exact decimal: `50000`, `0.75`, `-1.5`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (coefficient, scale) = self.stripped();
        let digits = coefficient.unsigned_abs().to_string();
        let sign = if coefficient < 0 { "-" } else { "" };
        let scale = scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn prints_what_it_parsed() {
        for text in ["0", "1", "-1", "50000", "0.75", "-1.5", "0.000000000000000001", "9223372036854775807"] {
            assert_eq!(n(text).to_string(), text);
        }
        assert_eq!(n("1.50"), n("1.5"));
        assert_eq!(n("-0"), n("0"));
    }

    #[test]
    fn refuses_what_cannot_be_held() {
        for bad in ["", "-", ".5", "1.", "1e3", "0.0000000000000000001", "999999999999999999999999", "1_000"]
        {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
        assert!(Number::parse("0.1000000000000000000000").is_some(), "trailing zeros lose nothing");
    }

    #[test]
    fn arithmetic_is_exact_or_nothing() {
        assert_eq!(n("0.1").checked_add(n("0.2")), Some(n("0.3")));
        assert_eq!(n("1234.5").checked_mul(n("2.5")), Some(n("3086.25")));
        assert_eq!(n("0.0000000001").checked_mul(n("0.0000000001")), None);
        assert_eq!(n("99999999999").checked_mul(n("99999999999")), None);
        assert_eq!(n("100000000000000000000").checked_add(n("100000000000000000000")), None);
        assert_eq!(n("3").checked_sub(n("5")), Some(n("-2")));
    }

    #[test]
    fn integers() {
        assert_eq!(n("42").to_i64(), Some(42));
        assert_eq!(n("42.5").to_i64(), None);
        assert!(Number::from(7).is_integral());
        assert_eq!(Number::from(i64::MIN).to_i64(), Some(i64::MIN));
    }
}
