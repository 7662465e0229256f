//! A proof that a record is in the log, to be kept beside it and checked without us. Pure. SPEC: c2sp.org/tlog-proof.

use crate::checkpoint::{self, Checkpoint};
use crate::limits::NOTE_BYTES;
use crate::note::{NoteError, Vkey};
use crate::tree::{self, Hash, ProofError};

const FIRST: &str = "c2sp.org/tlog-proof@v1";

/// Why a proof is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// The text is not a proof.
    #[error("this is not a proof of inclusion")]
    Format,
    /// The head in it is not believed.
    #[error("the head of the log in it: {0}")]
    Head(#[from] NoteError),
    /// It proves something else.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// A record's place, its audit path, and the signed head that vouches for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The record's place.
    pub index: u64,
    /// From the leaf's sibling up to a child of the root.
    pub path: Vec<Hash>,
    /// The signed head, as issued.
    pub head: String,
}

impl Inclusion {
    /// Reads the text of a proof.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, InclusionError> {
        let (proof, head) = text.split_once("\n\n").ok_or(InclusionError::Format)?;
        let mut lines = proof.split('\n').peekable();
        if text.len() > NOTE_BYTES || lines.next() != Some(FIRST) {
            return Err(InclusionError::Format);
        }
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| checkpoint::number(line.strip_prefix("index ")?));
        let index = index.ok_or(InclusionError::Format)?;
        let path: Option<Vec<Hash>> = lines.map(checkpoint::hash).collect();
        let path = path.filter(|path| path.len() <= 64).ok_or(InclusionError::Format)?;
        Ok(Self { index, path, head: head.to_owned() })
    }

    /// The text of the proof.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{FIRST}\nindex {}\n{}\n{}", self.index, checkpoint::lines(&self.path), self.head)
    }

    /// The head of the log that holds the record with this leaf hash, as one of these keys vouches.
    ///
    /// # Errors
    /// When that is not proved.
    pub fn verify(&self, leaf: &Hash, keys: &[Vkey]) -> Result<Checkpoint, InclusionError> {
        let head = Checkpoint::open(&self.head, keys)?;
        tree::included(leaf, self.index, head.size, &self.path, &head.root)?;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::Signer;

    #[test]
    fn a_proof_comes_back_from_its_text_and_each_changed_byte_is_refused() {
        let leaves: Vec<Hash> = (0..7_u8).map(|n| crate::LeafHash::of(&[n]).0).collect();
        let key = Signer::new("log.example/a", [5; 32]).unwrap();
        let keys = [key.vkey().clone()];
        let head = Checkpoint { origin: "log.example/a".into(), size: 7, root: tree::naive::mth(&leaves) };
        for index in 0..7 {
            let path = tree::naive::path(index, &leaves);
            let proof = Inclusion { index: index as u64, path, head: head.sign([&key]) };
            let text = proof.text();
            assert_eq!(Inclusion::parse(&text), Ok(proof.clone()));
            assert_eq!(proof.verify(&leaves[index], &keys), Ok(head.clone()));
            assert!(proof.verify(&leaves[(index + 1) % 7], &keys).is_err());
            let extra = text.replacen("index", "extra AAAA\nindex", 1);
            assert_eq!(Inclusion::parse(&extra), Ok(proof), "what is not vouched for is passed over");
            for at in 0..text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 4;
                let read = String::from_utf8(bytes).ok().and_then(|text| Inclusion::parse(&text).ok());
                assert!(
                    read.is_none_or(|it| it.verify(&leaves[index], &keys).is_err()),
                    "{index}: byte {at}"
                );
            }
        }
        let alone = Checkpoint { size: 1, root: leaves[0], ..head };
        let proof = Inclusion { index: 0, path: vec![], head: alone.sign([&key]) };
        assert_eq!(Inclusion::parse(&proof.text()).unwrap().verify(&leaves[0], &keys), Ok(alone));
    }
}
