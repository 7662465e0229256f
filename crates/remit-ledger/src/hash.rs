//! The leaf hash of a record: what chains records now and what a Merkle tree over them will hold.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of a zero byte and the record's bytes, which is the leaf hash of RFC 6962.
///
/// The zero byte costs nothing today and makes `prev`, receipts and the leaves of a later tree one and the
/// same number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeafHash(pub [u8; 32]);

impl LeafHash {
    /// What the first record names as its predecessor.
    pub const ZERO: Self = Self([0; 32]);

    /// The leaf hash of these record bytes.
    #[must_use]
    pub fn of(record: &[u8]) -> Self {
        let mut state = Self::begin();
        state.update(record);
        Self(state.finalize().into())
    }

    /// A hasher that stands at the beginning of a leaf.
    pub(crate) fn begin() -> Sha256 {
        let mut state = Sha256::new();
        state.update([0_u8]);
        state
    }

    /// The 64 lower-case digits.
    #[must_use]
    pub fn hex(&self) -> [u8; 64] {
        let mut text = [b'0'; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&digits(byte));
        }
        text
    }

    /// Reads exactly 64 lower-case digits.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        unhex::<64, 32>(text.try_into().ok()?).map(Self)
    }
}

/// What stands in [`VALUE`] for a byte that is no digit.
const NONE: u8 = 0xff;
/// What each byte is as a lower-case hexadecimal digit.
#[expect(clippy::indexing_slicing, reason = "worked out by the compiler")]
static VALUE: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        table[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    table
};
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The two lower-case digits of a byte.
pub(crate) fn digits(byte: u8) -> [u8; 2] {
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    [digit(byte >> 4), digit(byte)]
}

/// The value of one lower-case digit.
pub(crate) fn digit(of: u8) -> Option<u8> {
    VALUE.get(usize::from(of)).copied().filter(|value| *value != NONE)
}

/// What lower-case digits say; none when one of them is something else.
pub(crate) fn unhex<const TEXT: usize, const BYTES: usize>(text: &[u8; TEXT]) -> Option<[u8; BYTES]> {
    let value = |of: u8| VALUE.get(usize::from(of)).copied().unwrap_or(NONE);
    let (mut bytes, mut all) = ([0; BYTES], 0);
    // WHY: no way out in between, which would cost more than it saves.
    for (byte, [high, low]) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        let (high, low) = (value(*high), value(*low));
        all |= high | low;
        *byte = high << 4 | low & 0x0f;
    }
    (TEXT == BYTES * 2 && all < 16).then_some(bytes)
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| text.extend_from_slice(&digits(*byte)));
    // Digits are text.
    String::from_utf8(text).unwrap_or_default()
}

impl fmt::Display for LeafHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.hex()))
    }
}

impl fmt::Debug for LeafHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeafHash({self})")
    }
}

impl Serialize for LeafHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LeafHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(text.as_bytes()).ok_or_else(|| serde::de::Error::custom("not 64 lower-case hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_leaf_is_the_one_of_rfc_6962() {
        // The well-known hash of an empty leaf in Certificate Transparency.
        let known = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(LeafHash::of(b"").to_string(), known);
        assert_eq!(LeafHash::parse(known.as_bytes()), Some(LeafHash::of(b"")));
    }

    #[test]
    fn only_sixty_four_lower_case_digits_are_a_hash() {
        let good = LeafHash::of(b"x").to_string();
        for bad in
            [good.to_uppercase(), good[1..].to_owned(), format!("{good}0"), good.replacen(&good[..1], "g", 1)]
        {
            assert_eq!(LeafHash::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
