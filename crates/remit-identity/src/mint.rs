//! `Mint`: an issuer of one's own, for trials. It makes a key, gives its key set and signs what it is told to; nobody believes it
//! who does not name it as an issuer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The name of its key.
const KEY: &str = "mint";

/// An issuer that lives as long as the process.
pub struct Mint(EcdsaKeyPair);

/// Shows nothing of the key.
impl std::fmt::Debug for Mint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mint").finish_non_exhaustive()
    }
}

impl Mint {
    /// With a key of its own; nothing when the system has no randomness to give.
    #[must_use]
    pub fn new() -> Option<Self> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().map(Self)
    }

    /// Its key set, as [`KeySource::Inline`](crate::KeySource::Inline) takes it.
    #[must_use]
    pub fn keys(&self) -> String {
        // An uncompressed point: one byte, then both coordinates of 32 bytes.
        let point = self.0.public_key().as_ref();
        let part = |from, to| URL_SAFE_NO_PAD.encode(point.get(from..to).unwrap_or_default());
        let (x, y) = (part(1, 33), part(33, 65));
        format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"{KEY}","x":"{x}","y":"{y}"}}]}}"#)
    }

    /// A token of this `typ` with these claims, a JSON object; nothing when signing fails.
    #[must_use]
    pub fn sign(&self, typ: &str, claims: &str) -> Option<String> {
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"ES256","typ":"{typ}","kid":"{KEY}"}}"#));
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}
