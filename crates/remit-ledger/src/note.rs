//! Signed notes: a text and signatures under it. Pure. SPEC: c2sp.org/signed-note.

use crate::limits::{NOTE_BYTES, NOTE_SIGNATURES};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};

/// The signature type of plain Ed25519.
const ED25519_TYPE: u8 = 1;
const SIGNER: &str = "PRIVATE+KEY+";
const DASH: &str = "\u{2014} ";

/// Why a note is not believed, or a key not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It does not have the shape of a note.
    #[error("this is not a signed note: {0}")]
    Format(&'static str),
    /// No known key signed it.
    #[error("no known key signed it")]
    Unsigned,
    /// A known key is named and did not sign it.
    #[error("the signature of `{0}` does not fit")]
    Signature(String),
    /// The text is not a key.
    #[error("this is not a key: {0}")]
    Key(&'static str),
}

/// A public key with its name, as auditors pin it: `name+id+base64`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Vkey {
    name: String,
    public: [u8; 32],
}

impl Vkey {
    /// Reads `name+id+base64`.
    ///
    /// # Errors
    /// When it is none, or of another algorithm than Ed25519, or its id is not the one of its key.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = key_parts(text)?;
        let public = seed(&bytes)?;
        let key = Self { name: name.to_owned(), public };
        if id == key.id() { Ok(key) } else { Err(NoteError::Key("the id is not the one of the key")) }
    }

    /// The name, which is also the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The four bytes that name this key in signatures.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, &self.public)
    }

    /// The 32 bytes of the public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text, signature).is_ok()
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[ED25519_TYPE][..], &self.public].concat();
        write!(f, "{}+{}+{}", self.name, hex(self.id()), STANDARD.encode(bytes))
    }
}

impl fmt::Debug for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vkey({self})")
    }
}

/// A private key with its name.
pub(crate) struct Signer {
    vkey: Vkey,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl Signer {
    /// The key made from these 32 secret bytes.
    pub(crate) fn new(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key("a name is not empty and holds no space, plus or control character"));
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| NoteError::Key("the secret makes no key"))?;
        let public = pair.public_key().as_ref().try_into();
        let public = public.map_err(|_| NoteError::Key("the secret makes no key"))?;
        Ok(Self { vkey: Vkey { name: name.to_owned(), public }, seed, pair })
    }

    /// Reads `PRIVATE+KEY+name+id+base64`.
    pub(crate) fn parse(text: &str) -> Result<Self, NoteError> {
        let rest =
            text.strip_prefix(SIGNER).ok_or(NoteError::Key("it does not begin with `PRIVATE+KEY+`"))?;
        let (name, id, bytes) = key_parts(rest)?;
        let key = Self::new(name, seed(&bytes)?)?;
        if id == key.vkey.id() { Ok(key) } else { Err(NoteError::Key("the id is not the one of the key")) }
    }

    /// As [`Signer::parse`] reads it. A secret.
    pub(crate) fn secret_text(&self) -> String {
        let bytes = [&[ED25519_TYPE][..], &self.seed].concat();
        format!("{SIGNER}{}+{}+{}", self.vkey.name, hex(self.vkey.id()), STANDARD.encode(bytes))
    }

    pub(crate) fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.pair.sign(text).as_ref());
        bytes
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.vkey)
    }
}

/// The note of a text, which ends with a line break, under the signatures of all these keys.
pub(crate) fn sign<'a>(text: &str, signers: impl IntoIterator<Item = &'a Signer>) -> String {
    let mut note = format!("{text}\n");
    for signer in signers {
        let bytes = [&signer.vkey.id()[..], &signer.sign(text.as_bytes())].concat();
        // INVARIANT: writing to a String cannot fail.
        let _ = writeln!(note, "{DASH}{} {}", signer.vkey.name, STANDARD.encode(bytes));
    }
    note
}

/// The text of a note, without a look at its signatures.
pub(crate) fn text(note: &str) -> Result<&str, NoteError> {
    split(note).map(|(text, _)| text)
}

/// The text of a note that at least one of these keys signed, and none of them wrongly.
///
/// # Errors
/// When that is not so.
pub fn open<'a>(note: &'a str, keys: &[Vkey]) -> Result<&'a str, NoteError> {
    let (text, signatures) = split(note)?;
    let mut signed = false;
    for (name, id, signature) in signatures {
        let Some(key) = keys.iter().find(|key| key.name == name && key.id() == id) else { continue };
        if !key.verify(text.as_bytes(), &signature) {
            return Err(NoteError::Signature(name.to_owned()));
        }
        signed = true;
    }
    if signed { Ok(text) } else { Err(NoteError::Unsigned) }
}

type Signature<'a> = (&'a str, [u8; 4], Vec<u8>);

fn split(note: &str) -> Result<(&str, Vec<Signature<'_>>), NoteError> {
    if note.len() > NOTE_BYTES {
        return Err(NoteError::Format("it is too long"));
    }
    if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::Format("it holds a control character"));
    }
    let at = note.rfind("\n\n").ok_or(NoteError::Format("no blank line stands before the signatures"))?;
    let (text, rest) = (note.get(..=at), note.get(at + 2..));
    let (Some(text), Some(rest)) = (text, rest) else { return Err(NoteError::Format("it is cut")) };
    let lines = rest.strip_suffix('\n').ok_or(NoteError::Format("its last line does not end"))?;
    let signatures: Option<Vec<_>> = lines.split('\n').map(signature).collect();
    match signatures {
        Some(found) if found.len() <= NOTE_SIGNATURES => Ok((text, found)),
        Some(_) => Err(NoteError::Format("it has too many signatures")),
        None => Err(NoteError::Format("a line below the text is not a signature")),
    }
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (id, signature) = bytes.split_first_chunk()?;
    (is_name(name) && !signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|it| it.is_whitespace() || it.is_control() || it == '+')
}

fn key_parts(text: &str) -> Result<(&str, [u8; 4], Vec<u8>), NoteError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteError::Key("it is not `name+id+base64`"));
    };
    if !is_name(name) {
        return Err(NoteError::Key("a name is not empty and holds no space, plus or control character"));
    }
    let number = (id.len() == 8 && id.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')))
        .then(|| u32::from_str_radix(id, 16).ok());
    let id = number.flatten().ok_or(NoteError::Key("the id is not eight hexadecimal digits"))?;
    let bytes = STANDARD.decode(bytes).map_err(|_| NoteError::Key("its last part is not base64"))?;
    Ok((name, id.to_be_bytes(), bytes))
}

fn seed(bytes: &[u8]) -> Result<[u8; 32], NoteError> {
    match bytes.split_first() {
        Some((&ED25519_TYPE, rest)) => rest.try_into().map_err(|_| NoteError::Key("it is not 32 bytes long")),
        _ => Err(NoteError::Key("it is not an Ed25519 key")),
    }
}

fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut state = Sha256::new();
    state.update(name);
    state.update([b'\n', ED25519_TYPE]);
    state.update(public);
    let digest: [u8; 32] = state.finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

#[cfg(test)]
mod tests;
