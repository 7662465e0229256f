//! `Keyring`: which caller a presented API key belongs to. Knows digests only, never a key.

use std::sync::Arc;

use remit_pdp::{Detail, Pep, Rights, Workload};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::config::{self, Config, PepEntry};

/// The name under which an unauthenticated caller of a loopback listener is recorded.
pub const LOOPBACK: &str = "loopback";

/// Index of no entry.
const NOBODY: u32 = u32::MAX;

/// The configured callers.
#[derive(Debug)]
pub struct Keyring {
    entries: Vec<Entry>,
    open: Option<Arc<Pep>>,
}

#[derive(Debug)]
struct Entry {
    digest: [u8; 32],
    pep: Arc<Pep>,
}

impl Keyring {
    /// The callers of `config`. An entry whose digest is malformed is left out, so that nobody matches it.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let entries = config.peps.iter().filter_map(|entry| {
            let digest = digest_of_hex(&entry.key_sha256)?;
            Some(Entry { digest, pep: Arc::new(pep_of(entry)) })
        });
        let open = config.insecure_loopback.then(|| Arc::new(Pep::new(LOOPBACK, Rights::all())));
        Self { entries: entries.collect(), open }
    }

    /// The caller everybody is on an open loopback listener.
    #[must_use]
    pub fn open(&self) -> Option<&Arc<Pep>> {
        self.open.as_ref()
    }

    /// The caller that holds `key`. Takes the same time whichever entry matches, or none.
    #[must_use]
    pub fn holder(&self, key: &[u8]) -> Option<&Arc<Pep>> {
        let presented: [u8; 32] = Sha256::digest(key).into();
        let mut found = NOBODY;
        for (index, entry) in (0_u32..).zip(&self.entries) {
            found.conditional_assign(&index, entry.digest.ct_eq(&presented));
        }
        self.entries.get(usize::try_from(found).ok()?).map(|entry| &entry.pep)
    }
}

fn pep_of(entry: &PepEntry) -> Pep {
    let detail = match entry.detail {
        config::Detail::Minimal => Detail::Minimal,
        config::Detail::Reason => Detail::Reason,
        config::Detail::Full => Detail::Full,
    };
    let PepEntry { evaluate, search, governance, audit, admin, consents, signals, assert_identity, .. } =
        *entry;
    let rights =
        Rights { evaluate, search, detail, governance, audit, admin, consents, signals, assert_identity };
    let workload = if entry.workload { Workload::Demanded } else { Workload::Unasked };
    Pep { workload, ..Pep::new(entry.name.clone(), rights) }
}

/// A fresh API key and the digest that goes into the configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key; shown once, stored nowhere.
    pub key: String,
    /// Its SHA-256 in hexadecimal, for `peps.key_sha256`.
    pub sha256: String,
}

impl NewKey {
    /// Makes a key from 256 random bits: long enough that a plain digest of it cannot be guessed back.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<Self, NoRandomness> {
        use base64::Engine as _;
        let mut bits = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut bits).map_err(|_| NoRandomness)?;
        let key = format!("remit_{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bits));
        let sha256 = sha256_hex(key.as_bytes());
        Ok(Self { key, sha256 })
    }
}

/// The system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system has no randomness to give")]
pub struct NoRandomness;

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // INVARIANT: writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The 32 bytes that 64 hexadecimal digits stand for.
pub(crate) fn digest_of_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect::<Option<_>>()?;
    let mut digest = [0_u8; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |value, digit| value << 4 | digit);
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, key: &str) -> PepEntry {
        PepEntry {
            name: name.to_owned(),
            key_sha256: sha256_hex(key.as_bytes()),
            evaluate: true,
            search: false,
            detail: config::Detail::Reason,
            governance: false,
            audit: false,
            admin: false,
            consents: false,
            signals: false,
            assert_identity: false,
            workload: false,
        }
    }

    #[test]
    fn each_key_finds_its_holder_and_no_other() {
        let ring = Keyring::of(&Config {
            peps: vec![entry("gate", "k1"), entry("shop", "k2")],
            ..Config::default()
        });
        assert_eq!(ring.holder(b"k1").map(|pep| pep.name.as_str()), Some("gate"));
        assert_eq!(ring.holder(b"k2").map(|pep| pep.name.as_str()), Some("shop"));
        for wrong in ["", "k3", "k1 ", sha256_hex(b"k1").as_str()] {
            assert_eq!(ring.holder(wrong.as_bytes()), None, "{wrong}");
        }
        assert!(ring.open().is_none());
        let rights = ring.holder(b"k1").expect("is known").rights;
        assert!(rights.evaluate && !rights.search && rights.detail == Detail::Reason);
    }

    #[test]
    fn an_empty_ring_knows_nobody() {
        assert_eq!(Keyring::of(&Config::default()).holder(b""), None);
    }

    #[test]
    fn digests_are_64_hexadecimal_digits() {
        assert_eq!(digest_of_hex(&sha256_hex(b"x")), Some(Sha256::digest(b"x").into()));
        for wrong in ["", "00", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            assert_eq!(digest_of_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn generated_keys_differ_and_match_their_digest() {
        let (one, two) = (NewKey::generate().expect("random"), NewKey::generate().expect("random"));
        assert_ne!(one.key, two.key);
        assert_eq!(one.sha256, sha256_hex(one.key.as_bytes()));
    }
}
