//! The text of a head: which log, how large, which root. Pure. SPEC: c2sp.org/tlog-checkpoint.

use crate::note::{self, NoteError, Signer, Vkey};
use crate::tree::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A head of the log, believed or to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many records it holds.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The head in a signed note that one of these keys signed.
    ///
    /// # Errors
    /// When it is not believed, or not a head, or that of another log than the keys are for.
    pub fn open(note: &str, keys: &[Vkey]) -> Result<Self, NoteError> {
        let head = Self::parse(note::open(note, keys)?)?;
        if keys.iter().any(|key| key.name() == head.origin) {
            return Ok(head);
        }
        Err(NoteError::Format("it is the head of another log"))
    }

    /// The head in a note whose signatures nobody looked at.
    pub(crate) fn unverified(note: &str) -> Result<Self, NoteError> {
        Self::parse(note::text(note)?)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, NoteError> {
        let bad = NoteError::Format("its text is not a head");
        let mut lines = text.strip_suffix('\n').ok_or(bad.clone())?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(bad);
        };
        let size = number(size).ok_or(bad.clone())?;
        let root = hash(root).ok_or(bad.clone())?;
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(bad);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The three lines that are signed.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The note under the signatures of all these keys.
    pub(crate) fn sign<'a>(&self, signers: impl IntoIterator<Item = &'a Signer>) -> String {
        note::sign(&self.text(), signers)
    }
}

/// A decimal number as C2SP writes it: no sign, no leading zero.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Hashes in base64, a line each.
pub(crate) fn lines(hashes: &[Hash]) -> String {
    hashes.iter().fold(String::new(), |mut text, hash| {
        STANDARD.encode_string(hash, &mut text);
        text.push('\n');
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_from_its_note() {
        let key = Signer::new("log.example/a", [5; 32]).unwrap();
        let head = Checkpoint { origin: "log.example/a".into(), size: 70_000, root: [9; 32] };
        let note = head.sign([&key]);
        assert_eq!(Checkpoint::open(&note, &[key.vkey().clone()]), Ok(head.clone()));
        let theirs = tlog_tiles::Checkpoint::from_bytes(head.text().as_bytes()).unwrap();
        assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), ("log.example/a", 70_000, [9; 32]));
        let foreign = Checkpoint { origin: "log.example/b".into(), ..head }.sign([&key]);
        assert!(Checkpoint::open(&foreign, &[key.vkey().clone()]).is_err(), "the key speaks for another log");
    }

    #[test]
    fn only_heads_are_heads() {
        let root = STANDARD.encode([9; 32]);
        let good = format!("o\n7\n{root}\n");
        assert!(Checkpoint::parse(&good).is_ok());
        assert!(Checkpoint::parse(&format!("{good}an extension\n")).is_ok());
        for bad in [
            String::new(),
            format!("\n7\n{root}\n"),
            format!("o\n07\n{root}\n"),
            format!("o\n-7\n{root}\n"),
            format!("o\n+7\n{root}\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            format!("o\n7\n{root}"),
            format!("o\n7\n{}\n", &root[1..]),
            format!("o\n7\n{root}A\n"),
            "o\n7\n".into(),
        ] {
            assert!(Checkpoint::parse(&bad).is_err(), "{bad:?}");
        }
    }
}
