//! `Keyring`: which caller a credential belongs to: an API key, the claims of a verified access token, the workload of a
//! verified certificate. Knows digests only, never a key.

use std::sync::Arc;

use remit_pdp::{Allowance, Caller, Detail, Pep, Rights, Timestamp, Workload};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::config::{self, Admin, Config, KeyEntry, PepEntry, TokenEntry};
use crate::role::Role;

/// The name under which an unauthenticated caller of a loopback listener is recorded.
pub const LOOPBACK: &str = "loopback";

/// Index of no entry.
const NOBODY: u32 = u32::MAX;

/// The configured callers.
#[derive(Debug)]
pub struct Keyring {
    callers: Vec<Known>,
    keys: Vec<Key>,
    open: Option<Known>,
}

/// A configured caller.
#[derive(Debug)]
pub struct Known {
    /// Who it is, and what it may do.
    pub pep: Arc<Pep>,
    /// What it may do on the listener of people; nothing when it is a caller.
    pub roles: Vec<Role>,
    token: Option<TokenEntry>,
    spiffe_id: Option<String>,
}

#[derive(Debug)]
struct Key {
    digest: [u8; 32],
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    holder: usize,
}

impl Keyring {
    /// The callers of `config`.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let mut ring = Self { callers: Vec::new(), keys: Vec::new(), open: None };
        for entry in &config.peps {
            let known = Known {
                pep: Arc::new(pep_of(entry)),
                roles: Vec::new(),
                token: entry.token.clone(),
                spiffe_id: entry.spiffe_id.clone(),
            };
            ring.add(known, entry.key_sha256.as_deref(), &entry.keys);
        }
        let open = || Known {
            pep: Arc::new(Pep::new(LOOPBACK, Rights::all())),
            roles: Vec::new(),
            token: None,
            spiffe_id: None,
        };
        ring.open = config.insecure_loopback.then(open);
        ring
    }

    /// The people of `admin`.
    #[must_use]
    pub fn people(admin: &Admin) -> Self {
        let mut ring = Self { callers: Vec::new(), keys: Vec::new(), open: None };
        for entry in &admin.people {
            // WHY: on their listener the table of roles says what they may; this says what can be asked for there at all.
            let rights = Rights {
                evaluate: false,
                search: false,
                signals: false,
                assert_identity: false,
                ..Rights::all()
            };
            let known = Known {
                pep: Arc::new(Pep::new(entry.name.clone(), rights)),
                roles: entry.roles.clone(),
                token: entry.token.clone(),
                spiffe_id: None,
            };
            ring.add(known, entry.key_sha256.as_deref(), &entry.keys);
        }
        ring
    }

    /// A key whose digest or times are malformed is left out, so that nobody matches it.
    fn add(&mut self, known: Known, lasting: Option<&str>, keys: &[KeyEntry]) {
        let holder = self.callers.len();
        self.callers.push(known);
        let lasting = lasting.and_then(digest_of_hex);
        self.keys.extend(lasting.map(|digest| Key { digest, from: None, until: None, holder }));
        self.keys.extend(keys.iter().filter_map(|entry| key_of(entry, holder)));
    }

    /// The caller everybody is on an open loopback listener.
    #[must_use]
    pub fn open(&self) -> Option<&Known> {
        self.open.as_ref()
    }

    /// The caller that holds `key`, while the key is good. Takes the same time whichever entry matches, or none.
    #[must_use]
    pub fn holder(&self, key: &[u8], now: Timestamp) -> Option<&Known> {
        let presented: [u8; 32] = Sha256::digest(key).into();
        let mut found = NOBODY;
        for (index, key) in (0_u32..).zip(&self.keys) {
            found.conditional_assign(&index, key.digest.ct_eq(&presented));
        }
        let key = self.keys.get(usize::try_from(found).ok()?)?;
        let good = key.from.is_none_or(|from| from <= now) && key.until.is_none_or(|until| now < until);
        self.callers.get(key.holder).filter(|_| good)
    }

    /// Whether any caller may say by a token who it is; without one no token is looked at.
    #[must_use]
    pub fn takes_tokens(&self) -> bool {
        self.callers.iter().any(|known| known.token.is_some())
    }

    /// The caller that a verified access token names.
    #[must_use]
    pub fn named(&self, caller: &Caller) -> Option<&Known> {
        let client = caller.client_id.as_deref();
        self.callers.iter().find(|known| {
            known.token.as_ref().is_some_and(|entry| {
                let subject = entry.subject.as_ref().or(entry.client_id.as_ref());
                entry.issuer == caller.issuer
                    && caller.audience.contains(&entry.audience)
                    && subject == Some(&caller.subject)
                    && entry.client_id.as_deref().is_none_or(|id| client == Some(id))
            })
        })
    }

    /// The caller that is this workload.
    #[must_use]
    pub fn workload(&self, spiffe_id: &str) -> Option<&Known> {
        self.callers.iter().find(|known| known.spiffe_id.as_deref() == Some(spiffe_id))
    }
}

/// A key with its times; nothing when any of them cannot be read.
fn key_of(entry: &KeyEntry, holder: usize) -> Option<Key> {
    let time = |text: &Option<String>| match text {
        None => Some(None),
        Some(text) => Timestamp::parse(text).map(Some),
    };
    let digest = digest_of_hex(&entry.sha256)?;
    Some(Key { digest, from: time(&entry.not_before)?, until: time(&entry.expires_at)?, holder })
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
    let allowance = entry.rate.map(|rate| Allowance::new(rate, entry.burst()));
    let tenant = entry.tenant.as_deref().map(Arc::from);
    Pep { workload, tenant, allowance, ..Pep::new(entry.name.clone(), rights) }
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
            key_sha256: Some(sha256_hex(key.as_bytes())),
            search: false,
            detail: config::Detail::Reason,
            ..PepEntry::new(name)
        }
    }

    fn ring(peps: Vec<PepEntry>) -> Keyring {
        Keyring::of(&Config { peps, ..Config::default() })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).expect("a time")
    }

    fn name(known: Option<&Known>) -> Option<&str> {
        known.map(|known| &*known.pep.name)
    }

    #[test]
    fn each_key_finds_its_holder_and_no_other() {
        let ring = ring(vec![entry("gate", "k1"), entry("shop", "k2")]);
        let holder = |key: &[u8]| name(ring.holder(key, at(0)));
        assert_eq!((holder(b"k1"), holder(b"k2")), (Some("gate"), Some("shop")));
        for wrong in ["", "k3", "k1 ", sha256_hex(b"k1").as_str()] {
            assert_eq!(holder(wrong.as_bytes()), None, "{wrong}");
        }
        assert!(ring.open().is_none());
        let rights = ring.holder(b"k1", at(0)).expect("is known").pep.rights;
        assert!(rights.evaluate && !rights.search && rights.detail == Detail::Reason);
    }

    #[test]
    fn a_key_is_good_from_its_beginning_to_just_before_its_end() {
        let key = |text: &str, from: Option<&str>, until: Option<&str>| KeyEntry {
            sha256: sha256_hex(text.as_bytes()),
            not_before: from.map(str::to_owned),
            expires_at: until.map(str::to_owned),
        };
        let (from, until) = ("1970-01-01T00:01:40Z", "1970-01-01T00:03:20Z");
        let keys = vec![
            key("old", None, Some(until)),
            key("new", Some(from), None),
            key("odd", Some("yesterday"), None),
        ];
        let ring = ring(vec![PepEntry { keys, ..PepEntry::new("gate") }]);
        let good = |text: &str, seconds| ring.holder(text.as_bytes(), at(seconds)).is_some();
        let table = [("old", 199, true), ("old", 200, false), ("new", 99, false), ("new", 100, true)];
        for (text, seconds, expected) in table {
            assert_eq!(good(text, seconds), expected, "{text} at {seconds}");
        }
        assert!(!good("odd", 150), "times that mean nothing make no key");
    }

    #[test]
    fn a_token_names_the_caller_whose_entry_it_fits_in_every_part() {
        let entry = |client: Option<&str>, subject: Option<&str>| TokenEntry {
            issuer: "https://as".to_owned(),
            audience: "pdp".to_owned(),
            client_id: client.map(str::to_owned),
            subject: subject.map(str::to_owned),
        };
        let of = |pep: &str, token| PepEntry { token: Some(token), ..PepEntry::new(pep) };
        let ring = ring(vec![
            of("gate", entry(Some("gateway"), None)),
            of("shop", entry(Some("app"), Some("object-7"))),
            of("desk", entry(None, Some("carol"))),
        ]);
        let caller = |subject: &str, client: Option<&str>| Caller {
            issuer: "https://as".to_owned(),
            subject: subject.to_owned(),
            client_id: client.map(str::to_owned),
            audience: vec!["other".to_owned(), "pdp".to_owned()],
        };
        let told = |caller: &Caller| name(ring.named(caller)).map(str::to_owned);
        assert_eq!(told(&caller("gateway", Some("gateway"))).as_deref(), Some("gate"));
        assert_eq!(told(&caller("object-7", Some("app"))).as_deref(), Some("shop"));
        assert_eq!(told(&caller("carol", Some("any"))).as_deref(), Some("desk"));
        let good = caller("gateway", Some("gateway"));
        let wrong = [
            caller("gateway", None),
            caller("gateway", Some("app")),
            caller("alice", Some("gateway")),
            caller("object-7", Some("gateway")),
            Caller { issuer: "https://other".to_owned(), ..good.clone() },
            Caller { audience: vec!["other".to_owned()], ..good },
        ];
        for caller in wrong {
            assert_eq!(told(&caller), None, "{caller:?}");
        }
    }

    #[test]
    fn a_workload_is_the_caller_that_names_it() {
        let id = "spiffe://example.org/gate";
        let ring = ring(vec![PepEntry { spiffe_id: Some(id.to_owned()), ..PepEntry::new("gate") }]);
        assert_eq!(name(ring.workload(id)), Some("gate"));
        assert_eq!(name(ring.workload("spiffe://example.org/gate/x")), None);
    }

    #[test]
    fn an_empty_ring_knows_nobody() {
        let ring = Keyring::of(&Config::default());
        assert!(ring.holder(b"", at(0)).is_none() && !ring.takes_tokens());
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
