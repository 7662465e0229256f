//! Exact decimal numbers: what a JSON number may be here, and how it reads and prints.

use std::cmp::Ordering;
use std::fmt;

/// Largest magnitude: 2^53 - 1, beyond which two peers may read one text as two values (RFC 7493).
const MAX_MAGNITUDE: i128 = (1 << 53) - 1;
/// Digits of a fraction, leading zeros not counted. 17 is what a double prints at most, so every
/// number that a peer computed and printed is still accepted.
const MAX_SIGNIFICANT: u64 = 17;
/// Digits after the point; with [`MAX_SIGNIFICANT`] it keeps comparisons inside an `i128`.
const MAX_SCALE: i64 = 18;

/// A number held exactly: `coefficient * 10^-scale`, with the smallest scale that holds it.
///
/// One value has one form: `1.50` equals `1.5`, `1e2` equals `100`, `-0` equals `0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    // WHY: at most 17 significant digits, so `i64` holds it and a value of the tree stays small.
    coefficient: i64,
    scale: u8,
}

/// Why a well-formed number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// Magnitude beyond 2^53 - 1.
    #[error("number is beyond the exact range of ±9007199254740991")]
    Range,
    /// More digits than can be held for every peer alike.
    #[error("number has more than 17 significant or 18 fraction digits")]
    Precision,
}

impl Number {
    /// The digits without the point.
    pub fn coefficient(&self) -> i128 {
        self.coefficient.into()
    }

    /// How many of them stand behind the point, 0 to 18.
    pub fn scale(&self) -> u8 {
        self.scale
    }

    /// The value if it has no fraction.
    pub fn as_i64(&self) -> Option<i64> {
        (self.scale == 0).then_some(self.coefficient)
    }

    /// An integer inside the exact range.
    pub fn from_i64(value: i64) -> Option<Self> {
        (i128::from(value).abs() <= MAX_MAGNITUDE).then_some(Self { coefficient: value, scale: 0 })
    }

    /// `coefficient * 10^-scale` in its smallest form, refused by the same rules as text.
    pub fn from_parts(coefficient: i128, scale: u8) -> Result<Self, NumberFault> {
        let mut digits = Digits::default();
        let magnitude = coefficient.unsigned_abs().to_string();
        magnitude.bytes().for_each(|digit| digits.push(digit));
        digits.finish(coefficient < 0, -i64::from(scale))
    }

    /// Reads the three parts of a number whose grammar has been checked; each holds digits only.
    pub(crate) fn from_text(
        negative: bool,
        whole: &[u8],
        fraction: &[u8],
        exponent: (bool, &[u8]),
    ) -> Result<Self, NumberFault> {
        let mut digits = Digits::default();
        whole.iter().chain(fraction).for_each(|digit| digits.push(*digit));
        let (down, power) = exponent;
        let power = power
            .iter()
            .fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
        let shift = if down { power.saturating_neg() } else { power };
        let behind = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        digits.finish(negative, shift.saturating_sub(behind))
    }
}

/// Digits read so far, without leading zeros and with trailing zeros held back.
#[derive(Default)]
struct Digits {
    value: i128,
    significant: u64,
    trailing_zeros: u32,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        if digit == b'0' {
            if self.significant > 0 {
                self.trailing_zeros = self.trailing_zeros.saturating_add(1);
            }
            return;
        }
        let first = self.significant == 0;
        self.significant += if first { 1 } else { u64::from(self.trailing_zeros) + 1 };
        // Past the limit only the count matters: the number is refused whatever it is.
        if self.significant <= MAX_SIGNIFICANT {
            self.value = self.value * 10_i128.pow(self.trailing_zeros + 1) + i128::from(digit - b'0');
        }
        self.trailing_zeros = 0;
    }

    /// `power` is the power of ten of the last digit read, held-back zeros included.
    fn finish(self, negative: bool, power: i64) -> Result<Number, NumberFault> {
        if self.significant == 0 {
            return Ok(Number { coefficient: 0, scale: 0 });
        }
        let power = power.saturating_add(i64::from(self.trailing_zeros));
        let significant = i64::try_from(self.significant).unwrap_or(i64::MAX);
        if significant.saturating_add(power) > 16 {
            return Err(NumberFault::Range);
        }
        if self.significant > MAX_SIGNIFICANT || power < -MAX_SCALE {
            return Err(NumberFault::Precision);
        }
        let scale = u8::try_from(-power.min(0)).map_err(|_| NumberFault::Precision)?;
        let raise = u32::try_from(power.max(0)).map_err(|_| NumberFault::Range)?;
        let magnitude = self.value * 10_i128.pow(raise);
        if magnitude > MAX_MAGNITUDE * 10_i128.pow(scale.into()) {
            return Err(NumberFault::Range);
        }
        let signed = if negative { -magnitude } else { magnitude };
        let coefficient = i64::try_from(signed).map_err(|_| NumberFault::Range)?;
        Ok(Number { coefficient, scale })
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self { coefficient: value.into(), scale: 0 }
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self { coefficient: value.into(), scale: 0 }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value: `0.5 < 1 < 1.5`.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let raised = |number: &Self| number.coefficient() * 10_i128.pow((scale - number.scale).into());
        raised(self).cmp(&raised(other))
    }
}

/// Plain decimals without exponent: `-0.05`, `100`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.coefficient);
        }
        let unit = 10_u64.saturating_pow(self.scale.into());
        let magnitude = self.coefficient.unsigned_abs();
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let width = usize::from(self.scale);
        write!(f, "{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_form() {
        let form = |coefficient, scale| Number::from_parts(coefficient, scale).unwrap();
        assert_eq!(form(150, 2), form(15, 1));
        assert_eq!(form(100, 2), Number::from(1));
        assert_eq!(form(-5, 2).to_string(), "-0.05");
        assert_eq!(form(0, 18), Number::from(0));
        assert_eq!(form(1, 18).to_string(), "0.000000000000000001");
    }

    #[test]
    fn order_is_by_value_across_scales() {
        let half = Number::from_parts(5, 1).unwrap();
        let large = Number::from_i64(9_007_199_254_740_991).unwrap();
        let tiny = Number::from_parts(-1, 18).unwrap();
        assert!(tiny < Number::from(0) && Number::from(0) < half && half < Number::from(1));
        assert!(tiny < large && half < large);
    }

    #[test]
    fn integers_end_at_two_to_the_fifty_third() {
        assert!(Number::from_i64(9_007_199_254_740_991).is_some());
        assert!(Number::from_i64(9_007_199_254_740_992).is_none());
        assert!(Number::from_i64(i64::MIN).is_none());
        assert_eq!(Number::from_parts(i128::MAX, 0), Err(NumberFault::Range));
    }
}
