//! `OutcomeKey`: compares what steps returned without knowing it. Whoever reports has the same key and sends keyed
//! hashes of canonical forms; later arguments are hashed here and compared.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};

use crate::bundle::hex;

/// A shorter key could be guessed; the hash has as many bytes.
const MIN_BYTES: usize = 32;
/// A file of more bytes is no key.
const MAX_BYTES: usize = 4_096;
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;
/// Bytes of the digest of a key that name it: enough to tell keys apart, useless to find one.
const ID_BYTES: usize = 8;

/// The key of keyed outcomes. A handle: clones share it.
#[derive(Clone)]
pub struct OutcomeKey {
    key: Arc<hmac::Key>,
    id: Arc<str>,
}

/// Why bytes are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key of outcomes has {MIN_BYTES} to {MAX_BYTES} bytes")]
pub struct NoOutcomeKey;

impl OutcomeKey {
    /// Takes the content of a key file; line ends at its end are not part of the key.
    ///
    /// # Errors
    /// Too short or too long.
    pub fn new(content: &[u8]) -> Result<Self, NoOutcomeKey> {
        let end = content.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        let bytes = content.get(..end).unwrap_or_default();
        if !(MIN_BYTES..=MAX_BYTES).contains(&bytes.len()) {
            return Err(NoOutcomeKey);
        }
        let digest = digest::digest(&digest::SHA256, bytes);
        let id = hex(digest.as_ref().get(..ID_BYTES).unwrap_or_default());
        Ok(Self { key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes)), id: id.into() })
    }

    /// Names the key: the first 16 hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// HMAC-SHA-256 of a canonical form (`remit_model::origin::canonical`), as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hash(&self, canonical: &str) -> String {
        hex(hmac::sign(&self.key, canonical.as_bytes()).as_ref())
    }
}

impl std::fmt::Debug for OutcomeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutcomeKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whether a text can be a hash of this kind.
pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    // From RFC 4231, test cases 4 (a key of 25 bytes, which is too short here) and 6 (131 bytes).
    #[test]
    fn hashes_are_those_of_the_standard() {
        let key = OutcomeKey::new(&[0xaa; 131])
            .map(|key| key.hash("Test Using Larger Than Block-Size Key - Hash Key First"));
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        assert_eq!(key.as_deref(), Ok(expected));
        assert!(is_hash(expected) && !is_hash(&expected.to_uppercase()) && !is_hash("60e4"));
    }

    #[test]
    fn a_key_is_long_enough_named_and_never_shown() {
        assert!(OutcomeKey::new(&[7; 31]).is_err() && OutcomeKey::new(&[7; 4_097]).is_err());
        let ids = [&b"0123456789abcdef0123456789abcdef"[..], b"0123456789abcdef0123456789abcdef\r\n"]
            .map(|content| OutcomeKey::new(content).map(|key| key.id().to_owned()));
        assert_eq!(ids[0], ids[1]);
        let shown = format!("{:?}", OutcomeKey::new(b"0123456789abcdef0123456789abcdef"));
        assert!(!shown.contains("0123456789abcdef01") && shown.contains("OutcomeKey"), "{shown}");
    }
}
