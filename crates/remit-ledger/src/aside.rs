//! What stands beside a record: the question as it was asked, what a step changed. It can be erased; the record cannot.
//!
//! A record holds only a salted commitment to it, so that erasing it breaks no hash, and nobody can find out what it was
//! by trying values. Before its record it stands in the same segment, in frames that begin with [`PACKED`], or with
//! [`MARK`] in old segments; erased, every byte of it is a blank.

use crate::hash::{LeafHash, hex};
use crate::record::Body;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The first byte of a frame that is no record; a record begins with a brace.
pub(crate) const MARK: u8 = b'@';
/// The same, where the frames together hold the short form of what stands there.
pub(crate) const PACKED: u8 = b'P';
/// What an erased byte is.
pub(crate) const BLANK: u8 = b' ';

/// Bytes that will stand beside a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside(Vec<u8>);

#[derive(Serialize)]
struct Salted<'a, T> {
    salt: &'a str,
    content: &'a T,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsalted<'a> {
    #[serde(rename = "salt")]
    _salt: &'a str,
    #[serde(borrow)]
    content: &'a RawValue,
}

impl Aside {
    /// This content under a salt, which must be random and used once.
    ///
    /// # Errors
    /// The content has no JSON form.
    pub fn new(content: &impl Serialize, salt: [u8; 16]) -> serde_json::Result<Self> {
        serde_json::to_vec(&Salted { salt: &hex(&salt), content }).map(Self)
    }

    /// SHA-256 of salt and content, in hex.
    #[must_use]
    pub fn commitment(&self) -> String {
        commitment(&self.0)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// What was found beside a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// The record names nothing.
    Nothing,
    /// What it names was erased since.
    Erased,
    /// The content, as JSON text; it is what the record commits to.
    Content(String),
}

impl Beside {
    /// Compares what stands there with what the record commits to; none when they differ.
    pub(crate) fn of(committed: Option<&str>, found: Option<&[u8]>) -> Option<Self> {
        match (committed, found) {
            (None, None) => Some(Self::Nothing),
            (Some(_), Some(found)) if is_erased(found) => Some(Self::Erased),
            (Some(committed), Some(found)) if commitment(found) == committed => {
                let text: Unsalted<'_> = serde_json::from_slice(found).ok()?;
                Some(Self::Content(text.content.get().to_owned()))
            }
            _ => None,
        }
    }
}

/// Whether what stands beside a record was erased.
pub(crate) fn is_erased(found: &[u8]) -> bool {
    found.iter().all(|byte| *byte == BLANK)
}

/// Whether a record commits to these bytes, or they were erased.
pub(crate) fn fits(committed: Option<&str>, found: Option<&[u8]>) -> bool {
    match (committed, found) {
        (None, None) => true,
        (Some(committed), Some(found)) => is_erased(found) || is_committed(committed, found),
        _ => false,
    }
}

fn is_committed(committed: &str, found: &[u8]) -> bool {
    LeafHash::parse(committed.as_bytes()).is_some_and(|it| it.0 == *Sha256::digest(found))
}

fn commitment(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A record with what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(crate) body: Body,
    pub(crate) aside: Option<Aside>,
}

impl Entry {
    /// The body is made to commit to what stands beside it.
    ///
    /// Only decisions, changes of transactions and consents, signals and reviews have something beside them; for any other body it is left out.
    #[must_use]
    pub fn new(mut body: Body, aside: Aside) -> Self {
        let place = match &mut body {
            Body::Decision(it) => &mut it.aside,
            Body::Transaction(it) => &mut it.aside,
            Body::Consent(it) => &mut it.aside,
            Body::Signal(it) => &mut it.aside,
            Body::Review(it) => &mut it.aside,
            _ => return Self { body, aside: None },
        };
        *place = Some(aside.commitment());
        Self { body, aside: Some(aside) }
    }
}

impl From<Body> for Entry {
    fn from(body: Body) -> Self {
        Self { body, aside: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commitment_holds_content_and_salt_and_outlives_erasing() {
        let aside = Aside::new(&["alice"], [7; 16]).unwrap();
        let committed = aside.commitment();
        let found = Beside::of(Some(&committed), Some(aside.0.as_slice())).unwrap();
        assert_eq!(found, Beside::Content("[\"alice\"]".to_owned()));
        assert_ne!(Aside::new(&["alice"], [8; 16]).unwrap().commitment(), committed, "the salt counts");
        let blank = vec![BLANK; aside.0.len()];
        assert_eq!(Beside::of(Some(&committed), Some(&blank)), Some(Beside::Erased));
        for (committed, found) in [
            (Some(committed.as_str()), None),
            (None, Some(aside.0.as_slice())),
            (Some("00"), Some(aside.0.as_slice())),
        ] {
            assert_eq!(Beside::of(committed, found), None);
            assert!(!fits(committed, found));
        }
    }
}
